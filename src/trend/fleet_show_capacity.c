/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "trend/fleet_view.h"

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof((columns)[0])

enum { ready_shown = 4, names_shown = 6 };

/* --- instances kept warm --- */

static const struct thaw_fleet_column warm_columns[] = {
    {.name = "app", .fit = 24},
    {.name = "seen", .right = true},
    {.name = "modelled", .right = true},
    {.name = "1 ready", .right = true},
    {.name = "2 ready", .right = true},
    {.name = "3 ready", .right = true, .wide = true},
    {.name = "4 ready", .right = true, .wide = true}};

/* "78 %, 12.9 min" */
static const char *avoided(struct thaw_fleet_page *page, const json_t *ready)
{
    if (!ready)
        return "";
    return thaw_summary_format(&page->summary, "%s, %s",
                               thaw_fleet_percent(page, thaw_fleet_real(ready, "avoided_share")),
                               thaw_fleet_long_cell(page, ready, "waiting_avoided_ns"));
}

static void show_warm_row(struct thaw_fleet_page *page, struct thaw_fleet_section *section,
                          const json_t *app, const json_t *warm)
{
    const json_t *ready = json_object_get(warm, "ready");
    const char *cells[3 + ready_shown] = {thaw_fleet_name(page, app, "name"),
                                          thaw_fleet_count_cell(page, warm, "seen"),
                                          thaw_fleet_count_cell(page, warm, "modelled")};

    for (size_t i = 0; i < ready_shown; i++)
        cells[3 + i] = avoided(page, json_array_get(ready, i));
    thaw_fleet_row_add(page, section, THAW_FLEET_PLAIN, cells);
}

/* Names of apps: "a, b and 4 more". */
struct names {
    size_t count;
    const char *text;
};

static void add_name(struct thaw_fleet_page *page, struct names *names, const json_t *app)
{
    if (names->count++ < names_shown)
        names->text =
            thaw_summary_format(&page->summary, "%s%s%s", names->count > 1 ? names->text : "",
                                names->count > 1 ? ", " : "", thaw_fleet_name(page, app, "name"));
}

static const char *all_names(struct thaw_fleet_page *page, const struct names *names)
{
    return names->count <= names_shown
               ? names->text
               : thaw_summary_format(&page->summary, "%s and %zu more", names->text,
                                     names->count - names_shown);
}

static void name_those(struct thaw_fleet_page *page, struct thaw_fleet_section *section,
                       const char *words, const struct names *names)
{
    if (names->count)
        thaw_fleet_sentence_add(page, section, THAW_FLEET_PLAIN,
                                thaw_summary_format(&page->summary, "%s: %s.", words,
                                                    all_names(page, names)));
}

static const char *assumptions(struct thaw_fleet_page *page)
{
    return thaw_summary_format(
        &page->summary,
        "A model: requests as they came, 10 s by 10 s; an instance takes as many at once as fits "
        "the starts seen best, and goes when it was not needed for %s (--idle). \"modelled\" is "
        "without any that is ready: the nearer to \"seen\", the better it fits. Waiting is of one "
        "request for each start. What a plan costs is not in it.",
        thaw_fleet_long_cell(page, json_object_get(page->fleet, "asked"), "idle_ns"));
}

void thaw_fleet_show_warm(struct thaw_fleet_page *page)
{
    struct thaw_fleet_section *section = thaw_fleet_section_add(
        page, "Starts, and waiting, that instances always ready would have avoided",
        COLUMNS(warm_columns));
    struct names unmeasured = {0}, unlike = {0}, none = {0};
    const json_t *app;
    size_t i, shown = 0;

    json_array_foreach(json_object_get(page->fleet, "apps"), i, app)
    {
        const json_t *warm = json_object_get(app, "keep_warm");

        if (!thaw_summary_is(warm, "simulated"))
            add_name(page, &unmeasured, app);
        else if (!thaw_summary_number(warm, "seen") && !thaw_summary_number(warm, "modelled"))
            add_name(page, &none, app);
        else if (!thaw_summary_is(warm, "fits"))
            add_name(page, &unlike, app);
        else if (shown++ < page->most)
            show_warm_row(page, section, app, warm);
    }
    name_those(page, section,
               "The model does not fit (it is not within two thirds and one and a half of the "
               "starts seen)",
               &unlike);
    name_those(page, section, "Not simulated, as requests or starts were not measured",
               &unmeasured);
    name_those(page, section, "No start in the time that counts", &none);
    if (shown)
        thaw_fleet_sentence_add(page, section, THAW_FLEET_FAINT, assumptions(page));
}

/* --- were there ever too few threads or workers? --- */

static const char *limit_of(struct thaw_fleet_page *page, const json_t *app, const json_t *limit)
{
    const json_t *day = json_object_get(limit, "worst_day");
    double looks = thaw_fleet_real(limit, "looks");

    return thaw_summary_format(
        &page->summary,
        "%s: at %s of %s looks a request waited for a thread (%s), most on %s (%s of %s); %s at "
        "once in one process",
        thaw_fleet_name(page, app, "name"), thaw_fleet_count_cell(page, limit, "at_limit"),
        thaw_fleet_count_cell(page, limit, "looks"),
        thaw_fleet_percent(page, looks > 0 ? thaw_fleet_real(limit, "at_limit") / looks : 0),
        thaw_summary_text(&page->summary, day, "date"),
        thaw_fleet_count_cell(page, day, "at_limit"), thaw_fleet_count_cell(page, day, "looks"),
        thaw_fleet_counted(page, thaw_summary_number(limit, "most_in_process"), "request",
                           "requests"));
}

void thaw_fleet_show_limits(struct thaw_fleet_page *page)
{
    struct thaw_fleet_section *section =
        thaw_fleet_section_add(page, "Were threads or workers ever too few?", NULL, 0);
    struct names never = {0}, unknown = {0};
    const json_t *app;
    size_t i, seen = 0;

    json_array_foreach(json_object_get(page->fleet, "apps"), i, app)
    {
        const json_t *limit = json_object_get(app, "limit");
        const char *verdict = thaw_summary_text(&page->summary, limit, "verdict");

        if (!strcmp(verdict, "never"))
            add_name(page, &never, app);
        else if (strcmp(verdict, "seen") != 0)
            add_name(page, &unknown, app);
        else if (seen++ < page->most)
            thaw_fleet_sentence_add(page, section, THAW_FLEET_BAD, limit_of(page, app, limit));
    }
    if (seen)
        thaw_fleet_sentence_add(page, section, THAW_FLEET_FAINT,
                                "More threads (PYTHON_THREADPOOL_THREAD_COUNT) or workers "
                                "(FUNCTIONS_WORKER_PROCESS_COUNT) would have taken them: threads "
                                "where requests wait, workers where they compute.");
    name_those(page, section, "Never seen, at one look a second", &never);
    name_those(page, section, "Not known", &unknown);
}
