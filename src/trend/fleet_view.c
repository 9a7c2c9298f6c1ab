/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "trend/fleet.h"
#include "trend/fleet_view.h"

#define NARROW 0.4 /* an interval, of the share: it is of so many that it need not be said */

enum { usual_rows = 20, reasons_shown = 3, unknown_shown = 3 };

/* --- parts --- */

struct thaw_fleet_section *thaw_fleet_section_add(struct thaw_fleet_page *page, const char *title,
                                                  const struct thaw_fleet_column *columns,
                                                  size_t count)
{
    struct thaw_fleet_section *section = thaw_array_add(&page->sections);

    page->summary.failed |= !section;
    if (section)
        *section =
            (struct thaw_fleet_section){.title = title, .columns = columns, .column_count = count};
    return section;
}

void thaw_fleet_row_add(struct thaw_fleet_page *page, struct thaw_fleet_section *section,
                        enum thaw_fleet_row_style style, const char *const *cells)
{
    size_t size = section ? section->column_count * sizeof(*cells) : 0;
    const char **copy = section ? thaw_arena_bytes(&page->summary.arena, size) : NULL;
    struct thaw_fleet_row *row = copy ? thaw_array_add(&section->rows) : NULL;

    page->summary.failed |= !row;
    if (!row)
        return;
    memcpy((void *)copy, (const void *)cells, size);
    *row = (struct thaw_fleet_row){copy, style};
}

void thaw_fleet_sentence_add(struct thaw_fleet_page *page, struct thaw_fleet_section *section,
                             enum thaw_fleet_row_style style, const char *text)
{
    struct thaw_fleet_sentence *sentence = section ? thaw_array_add(&section->sentences) : NULL;

    page->summary.failed |= !sentence;
    if (sentence)
        *sentence = (struct thaw_fleet_sentence){text, style};
}

static void add_note(struct thaw_fleet_page *page, enum thaw_fleet_row_style style,
                     const char *text)
{
    struct thaw_fleet_sentence *note = thaw_array_add(&page->notes);

    page->summary.failed |= !note;
    if (note)
        *note = (struct thaw_fleet_sentence){text, style};
}

/* --- words --- */

double thaw_fleet_real(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

const char *thaw_fleet_ns_cell(struct thaw_fleet_page *page, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value)
               ? thaw_summary_duration(&page->summary, thaw_summary_number(object, key))
               : "-";
}

const char *thaw_fleet_long_cell(struct thaw_fleet_page *page, const json_t *object,
                                 const char *key)
{
    static const struct {
        double least, unit;
        const char *name;
    } rows[] = {{172800, 86400, "d"}, {7200, 3600, "h"}, {300, 60, "min"}};
    double seconds = thaw_fleet_real(object, key) / 1e9;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (seconds >= rows[i].least)
            return thaw_summary_format(&page->summary, "%.1f %s", seconds / rows[i].unit,
                                       rows[i].name);
    }
    return thaw_fleet_ns_cell(page, object, key);
}

const char *thaw_fleet_count_cell(struct thaw_fleet_page *page, const json_t *object,
                                  const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value)
               ? thaw_summary_count(&page->summary, thaw_summary_number(object, key))
               : "-";
}

/* Two digits that count, where there are not more before the point. */
static const char *percent_figure(struct thaw_fleet_page *page, double share)
{
    double percent = share * 100;
    int digits = percent == 0 || percent == 100 ? 0
                 : percent > 99                 ? 2
                 : percent >= 10                ? 0
                 : percent >= 1                 ? 1
                 : percent >= 0.1               ? 2
                                                : 3;

    return thaw_summary_format(&page->summary, "%.*f", digits, percent);
}

const char *thaw_fleet_percent(struct thaw_fleet_page *page, double share)
{
    return thaw_summary_format(&page->summary, "%s %%", percent_figure(page, share));
}

const char *thaw_fleet_share_cell(struct thaw_fleet_page *page, const json_t *proportion)
{
    double share = thaw_fleet_real(proportion, "share"),
           width = thaw_fleet_real(proportion, "high") - thaw_fleet_real(proportion, "low");

    if (!json_is_object(proportion))
        return "unknown";
    if (width < share * NARROW)
        return thaw_fleet_percent(page, share);
    return thaw_summary_format(&page->summary, "%s %% (%s-%s)", percent_figure(page, share),
                               percent_figure(page, thaw_fleet_real(proportion, "low")),
                               percent_figure(page, thaw_fleet_real(proportion, "high")));
}

static const char *local_time(struct thaw_fleet_page *page, int64_t unix_ns, const char *format)
{
    time_t seconds = (time_t)(unix_ns / 1000000000);
    struct tm parts;
    char text[64] = "";

    if (localtime_r(&seconds, &parts))
        strftime(text, sizeof(text), format, &parts);
    return thaw_summary_format(&page->summary, "%s", text);
}

const char *thaw_fleet_minute(struct thaw_fleet_page *page, int64_t unix_ns)
{
    return local_time(page, unix_ns, "%Y-%m-%d %H:%M");
}

const char *thaw_fleet_date(struct thaw_fleet_page *page, int64_t unix_ns)
{
    return local_time(page, unix_ns, "%Y-%m-%d");
}

const char *thaw_fleet_name(struct thaw_fleet_page *page, const json_t *object, const char *key)
{
    const char *name = thaw_summary_text(&page->summary, object, key);

    return *name ? name : "(none)";
}

const char *thaw_fleet_counted(struct thaw_fleet_page *page, uint64_t count, const char *one,
                               const char *several)
{
    return thaw_summary_format(&page->summary, "%s %s", thaw_summary_count(&page->summary, count),
                               count == 1 ? one : several);
}

/* --- the head --- */

/* "2026-10-30 to 2026-11-29", "2026-11-29 05:06 to 05:38" */
static const char *range_of(struct thaw_fleet_page *page)
{
    int64_t first = json_integer_value(json_object_get(page->fleet, "first_ns")),
            last = json_integer_value(json_object_get(page->fleet, "last_ns"));
    const char *date = thaw_fleet_date(page, first), *last_date = thaw_fleet_date(page, last);

    if (strcmp(date, last_date) != 0)
        return thaw_summary_format(&page->summary, "%s to %s", date, last_date);
    return thaw_summary_format(&page->summary, "%s to %s", thaw_fleet_minute(page, first),
                               local_time(page, last, "%H:%M"));
}

static const char *head_of(struct thaw_fleet_page *page)
{
    size_t apps = json_array_size(json_object_get(page->fleet, "apps"));
    uint64_t starts = thaw_summary_number(json_object_get(page->fleet, "starts"), "seen");

    if (!apps)
        return "no cold start, and no request, as far as it was asked for";
    return thaw_summary_format(&page->summary, "%s of %s, %s",
                               thaw_fleet_counted(page, starts, "cold start", "cold starts"),
                               thaw_fleet_counted(page, apps, "app", "apps"), range_of(page));
}

/* Adds those of an app to sums. */
static void add_reasons(struct thaw_fleet_page *page, json_t *sums, const json_t *reasons)
{
    const json_t *count;
    const char *reason;

    json_object_foreach((json_t *)reasons, reason, count)
    {
        json_int_t sum =
            json_integer_value(count) + json_integer_value(json_object_get(sums, reason));

        page->summary.failed |= json_object_set_new(sums, reason, json_integer(sum)) != 0;
    }
}

/* "events were lost (42)": the most frequent one, which is taken out. */
static const char *take_reason(struct thaw_fleet_page *page, json_t *sums)
{
    const json_t *count;
    const char *reason, *most = NULL, *text, *plain;
    json_int_t of_most = 0;

    json_object_foreach(sums, reason, count)
    {
        if (json_integer_value(count) > of_most) {
            most = reason;
            of_most = json_integer_value(count);
        }
    }
    if (!most)
        return NULL;
    plain = thaw_text_for_terminal(&page->summary.arena, most);
    page->summary.failed |= !plain;
    text = thaw_summary_format(&page->summary, "%s (%" JSON_INTEGER_FORMAT ")",
                               plain && *plain ? plain : "not said", of_most);
    json_object_del(sums, most);
    return text;
}

/* Why starts are incomplete, or had no reply, of all apps. */
static const char *reasons_of(struct thaw_fleet_page *page, const char *key)
{
    json_t *sums = json_object();
    const char *text = "", *reason;
    const json_t *app;
    size_t i;

    page->summary.failed |= !sums;
    json_array_foreach(json_object_get(page->fleet, "apps"), i, app)
        add_reasons(page, sums, json_object_get(app, key));
    for (i = 0; i < reasons_shown && (reason = take_reason(page, sums)); i++)
        text = thaw_summary_format(&page->summary, "%s%s%s", text, i ? "; " : "", reason);
    json_decref(sums);
    return text;
}

static void note_watched(struct thaw_fleet_page *page)
{
    const json_t *watched = json_object_get(page->fleet, "watched");

    if (json_is_object(watched))
        add_note(page, THAW_FLEET_PLAIN,
                 thaw_summary_format(&page->summary, "thaw watched for %s of %s",
                                     thaw_fleet_long_cell(page, watched, "ns"),
                                     thaw_fleet_long_cell(page, watched, "of_ns")));
}

static void note_completeness(struct thaw_fleet_page *page)
{
    const json_t *starts = json_object_get(page->fleet, "starts");
    uint64_t incomplete = thaw_summary_number(starts, "incomplete"),
             unanswered =
                 thaw_summary_number(starts, "seen") - thaw_summary_number(starts, "answered"),
             lost = thaw_summary_number(json_object_get(page->fleet, "watched"), "events_lost");

    if (lost)
        add_note(page, THAW_FLEET_BAD,
                 thaw_summary_format(&page->summary, "%s lost: starts may be missing or incomplete",
                                     thaw_fleet_counted(page, lost, "event was", "events were")));
    if (incomplete)
        add_note(page, THAW_FLEET_PLAIN,
                 thaw_summary_format(
                     &page->summary, "%s not seen as a whole, and counted, but not timed: %s",
                     thaw_fleet_counted(page, incomplete, "start was", "starts were"),
                     reasons_of(page, "incomplete_reasons")));
    if (unanswered)
        add_note(
            page, THAW_FLEET_PLAIN,
            thaw_summary_format(&page->summary, "%s no first reply, and counted, but not timed: %s",
                                thaw_fleet_counted(page, unanswered, "start had", "starts had"),
                                reasons_of(page, "unanswered_reasons")));
}

static void note_bounds(struct thaw_fleet_page *page)
{
    uint64_t removed = thaw_summary_number(json_object_get(page->fleet, "removed"), "starts"),
             left = thaw_summary_number(page->fleet, "left_out");

    if (left)
        add_note(page, THAW_FLEET_BAD,
                 thaw_summary_format(&page->summary,
                                     "the latest only: %s earlier, which --until shows",
                                     thaw_fleet_counted(page, left, "start is", "starts are")));
    if (removed)
        add_note(page, THAW_FLEET_FAINT,
                 thaw_summary_format(&page->summary, "the store is full: %s no longer kept",
                                     thaw_fleet_counted(page, removed, "earlier start is",
                                                        "earlier starts are")));
    if (json_is_integer(json_object_get(page->fleet, "requests_from_ns")))
        add_note(
            page, THAW_FLEET_FAINT,
            thaw_summary_format(&page->summary, "the store is full: requests are kept from %s on",
                                thaw_fleet_minute(page, json_integer_value(json_object_get(
                                                            page->fleet, "requests_from_ns")))));
}

/* "a, b and 3 more": apps that the store has nothing of. */
static const char *unknown_apps(struct thaw_fleet_page *page, const json_t *file, uint64_t count)
{
    const json_t *names = json_object_get(file, "unknown"), *name;
    const char *text = "", *plain;
    size_t i;

    json_array_foreach(names, i, name)
    {
        if (i == unknown_shown)
            break;
        plain = thaw_text_for_terminal(&page->summary.arena, json_string_value(name));
        page->summary.failed |= !plain;
        text =
            thaw_summary_format(&page->summary, "%s%s%s", text, i ? ", " : "", plain ? plain : "");
    }
    return count > unknown_shown
               ? thaw_summary_format(&page->summary, "%s and %s more", text,
                                     thaw_summary_count(&page->summary, count - unknown_shown))
               : text;
}

static void note_file(struct thaw_fleet_page *page)
{
    const json_t *file = json_object_get(page->fleet, "arrivals_file");
    const char *name = thaw_summary_text(&page->summary, file, "file");
    uint64_t apps = thaw_summary_number(file, "apps_taken"),
             left = thaw_summary_number(file, "requests_left_out"),
             unknown = thaw_summary_number(file, "unknown_apps");

    if (!json_is_object(file))
        return;
    add_note(page, apps ? THAW_FLEET_PLAIN : THAW_FLEET_BAD,
             thaw_summary_format(
                 &page->summary,
                 "requests of %s are those of %s: %s while thaw watched%s; as many are taken to be "
                 "cold as starts were answered then",
                 thaw_fleet_counted(page, apps, "app", "apps"), name,
                 thaw_fleet_count_cell(page, file, "requests_taken"),
                 left
                     ? thaw_summary_format(&page->summary, ", %s left out",
                                           thaw_fleet_counted(page, left, "other is", "others are"))
                     : ""));
    if (unknown)
        add_note(page, THAW_FLEET_BAD,
                 thaw_summary_format(&page->summary,
                                     "%s names %s of which the store has nothing: %s; it takes "
                                     "the names that --top shows",
                                     name, thaw_fleet_counted(page, unknown, "app", "apps"),
                                     unknown_apps(page, file, unknown)));
}

/* --- all of it --- */

void thaw_fleet_page_begin(struct thaw_fleet_page *page, const json_t *fleet,
                           const struct thaw_report_options *options, FILE *stream)
{
    const json_t *apps = json_object_get(fleet, "apps");

    *page = (struct thaw_fleet_page){.fleet = fleet, .most = usual_rows};
    if (options)
        thaw_summary_begin(&page->summary, fleet, options, stream);
    else
        thaw_summary_begin_texts(&page->summary, fleet, stream);
    if (options && options->view.top)
        page->most = options->view.top;
    tzset();
    page->head =
        thaw_summary_format(&page->summary, "%s: %s",
                            thaw_summary_text(&page->summary, fleet, "file"), head_of(page));
    note_watched(page);
    note_completeness(page);
    note_bounds(page);
    note_file(page);
    if (json_array_size(apps) == 1) {
        thaw_fleet_show_app(page, json_array_get(apps, 0));
    } else if (json_array_size(apps)) {
        thaw_fleet_show_deploys(page);
        thaw_fleet_show_apps(page);
        thaw_fleet_show_days(page, fleet);
        thaw_fleet_show_modules(page, fleet, true);
    }
    if (json_array_size(apps)) {
        thaw_fleet_show_warm(page);
        thaw_fleet_show_limits(page);
    }
}

int thaw_fleet_page_end(struct thaw_fleet_page *page, struct thaw_error *error)
{
    for (size_t i = 0; i < page->sections.count; i++) {
        thaw_array_free(&page->sections.items[i].rows);
        thaw_array_free(&page->sections.items[i].sentences);
    }
    thaw_array_free(&page->sections);
    thaw_array_free(&page->notes);
    return thaw_summary_end(&page->summary, error);
}
