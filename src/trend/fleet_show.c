/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "trend/fleet_view.h"

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof((columns)[0])
#define DAY_NS 86400e9

/* --- what a deploy changed --- */

/* "+50 %", "-12 %". */
static const char *change_of(struct thaw_fleet_page *page, double ratio)
{
    double percent = (ratio - 1) * 100;

    return thaw_summary_format(&page->summary, "%+.*f %%", fabs(percent) < 10 ? 1 : 0, percent);
}

static const char *probability_of(struct thaw_fleet_page *page, const json_t *comparison)
{
    double probability = thaw_fleet_real(comparison, "corrected_probability");

    return probability < 0.0001 ? "p < 0.0001"
                                : thaw_summary_format(&page->summary, "p = %.4f", probability);
}

static bool is_verdict(const json_t *comparison, const char *verdict)
{
    const char *own = json_string_value(json_object_get(comparison, "verdict"));

    return own && !strcmp(own, verdict);
}

static bool is_changed(const json_t *comparison)
{
    return is_verdict(comparison, "slower") || is_verdict(comparison, "faster");
}

/* "import 1.30 s, was 620.0 ms" */
static const char *before_after(struct thaw_fleet_page *page, const json_t *comparison)
{
    return thaw_summary_format(
        &page->summary, "%s, was %s",
        thaw_fleet_ns_cell(page, json_object_get(comparison, "after"), "median_ns"),
        thaw_fleet_ns_cell(page, json_object_get(comparison, "before"), "median_ns"));
}

/* The phases that changed; "" none. */
static const char *phases_of(struct thaw_fleet_page *page, const json_t *deploy)
{
    const json_t *comparison;
    const char *text = "";
    size_t i;

    json_array_foreach(json_object_get(deploy, "comparisons"), i, comparison)
    {
        if (json_is_string(json_object_get(comparison, "phase")) && is_changed(comparison))
            text = thaw_summary_format(&page->summary, "%s%s%s %s", text, *text ? "; " : ": ",
                                       thaw_summary_text(&page->summary, comparison, "phase"),
                                       before_after(page, comparison));
    }
    return text;
}

static const char *sentence_of(struct thaw_fleet_page *page, const json_t *app,
                               const json_t *deploy, const json_t *total)
{
    const json_t *ratio = json_object_get(total, "ratio");
    struct thaw_summary *summary = &page->summary;
    const char *interval =
        json_is_object(ratio)
            ? thaw_summary_format(summary, "%s, %s to %s; ",
                                  change_of(page, thaw_fleet_real(ratio, "middle")),
                                  change_of(page, thaw_fleet_real(ratio, "low")),
                                  change_of(page, thaw_fleet_real(ratio, "high")))
            : "";

    return thaw_summary_format(
        summary, "%s %s since %s: p50 %s (%s%s against %s, %s)%s",
        thaw_fleet_name(page, app, "name"),
        is_verdict(total, "slower")   ? "is slower"
        : is_verdict(total, "faster") ? "is faster"
                                      : "shows no difference as a whole, but in phases,",
        thaw_fleet_minute(page, json_integer_value(json_object_get(deploy, "first_start_ns"))),
        before_after(page, total), interval,
        thaw_fleet_counted(page, thaw_summary_number(json_object_get(total, "after"), "count"),
                           "start", "starts"),
        thaw_summary_count(summary, thaw_summary_number(json_object_get(total, "before"), "count")),
        probability_of(page, total), phases_of(page, deploy));
}

struct deploys {
    size_t changed, alike, too_few;
};

/* Where its verdict is this one. */
static void show_deploy(struct thaw_fleet_page *page, struct thaw_fleet_section *section,
                        const json_t *app, const char *verdict, struct deploys *counts)
{
    const json_t *deploy = json_object_get(app, "deploy");
    const json_t *total = json_array_get(json_object_get(deploy, "comparisons"), 0);

    if (!total)
        return;
    if (is_verdict(total, "too_few")) {
        counts->too_few += !strcmp(verdict, "slower"); /* once */
    } else if (!is_verdict(total, verdict)) {
        return;
    } else if (!is_changed(total) && !*phases_of(page, deploy)) {
        counts->alike++;
    } else {
        counts->changed++;
        thaw_fleet_sentence_add(page, section,
                                is_verdict(total, "slower")   ? THAW_FLEET_BAD
                                : is_verdict(total, "faster") ? THAW_FLEET_GOOD
                                                              : THAW_FLEET_PLAIN,
                                sentence_of(page, app, deploy, total));
    }
}

/* The rest, in a line. */
static const char *rest_of(struct thaw_fleet_page *page, const struct deploys *counts)
{
    struct thaw_summary *summary = &page->summary;
    const char *few =
        thaw_summary_format(summary,
                            "%s too few starts before or after to be tested (each takes 8)",
                            thaw_fleet_counted(page, counts->too_few, "app that was deployed has",
                                               "apps that were deployed have"));
    const char *alike =
        thaw_summary_format(summary, "Of %s a test shows no difference",
                            thaw_fleet_counted(page, counts->alike, "app that was deployed",
                                               "apps that were deployed"));

    if (counts->alike && counts->too_few)
        return thaw_summary_format(summary, "%s; %s.", alike, few);
    return thaw_summary_format(summary, "%s.", counts->alike ? alike : few);
}

void thaw_fleet_show_deploys(struct thaw_fleet_page *page)
{
    struct thaw_fleet_section *section =
        thaw_fleet_section_add(page, "Before and after the last deploy", NULL, 0);
    static const char *const passes[] = {"slower", "no_difference_shown", "faster"};
    struct deploys counts = {0};
    const json_t *app;
    size_t i;

    for (size_t pass = 0; pass < 3; pass++) {
        json_array_foreach(json_object_get(page->fleet, "apps"), i, app)
            show_deploy(page, section, app, passes[pass], &counts);
    }
    if (!counts.changed && !counts.alike && !counts.too_few)
        thaw_fleet_sentence_add(page, section, THAW_FLEET_FAINT,
                                "No app was deployed, as far as its files tell; --deploy TIME "
                                "compares what was before and after it.");
    else if (counts.alike || counts.too_few)
        thaw_fleet_sentence_add(page, section, THAW_FLEET_FAINT, rest_of(page, &counts));
}

/* --- apps --- */

static const struct thaw_fleet_column app_columns[] = {{.name = "app", .fit = 24},
                                                       {.name = "starts", .right = true},
                                                       {.name = "a day", .right = true},
                                                       {.name = "p50", .right = true},
                                                       {.name = "p95", .right = true},
                                                       {.name = "p99", .right = true, .wide = true},
                                                       {.name = "cold requests", .right = true},
                                                       {.name = "longest phase", .fit = 24}};

/* Of the time that was watched, or else from the first to the last. */
static const char *rate_of(struct thaw_fleet_page *page, const json_t *app)
{
    const json_t *watched = json_object_get(page->fleet, "watched");
    double ns = json_is_object(watched) ? thaw_fleet_real(watched, "ns")
                                        : thaw_fleet_real(page->fleet, "last_ns") -
                                              thaw_fleet_real(page->fleet, "first_ns");
    double starts = thaw_fleet_real(json_object_get(app, "starts"), "seen");
    double rate = ns > 0 ? starts / ns * DAY_NS : 0;

    if (ns < DAY_NS / 24)
        return "-";
    return thaw_summary_format(&page->summary, "%.*f", rate < 10 ? 1 : 0, rate);
}

/* "import 61 %" */
static const char *longest_phase(struct thaw_fleet_page *page, const json_t *app)
{
    const json_t *phase, *longest = NULL;
    size_t i;

    json_array_foreach(json_object_get(app, "phases"), i, phase)
    {
        if (!longest || thaw_fleet_real(phase, "share") > thaw_fleet_real(longest, "share"))
            longest = phase;
    }
    if (!longest)
        return "-";
    return thaw_summary_format(&page->summary, "%s %s",
                               thaw_summary_text(&page->summary, longest, "name"),
                               thaw_fleet_percent(page, thaw_fleet_real(longest, "share")));
}

static void show_app_row(struct thaw_fleet_page *page, struct thaw_fleet_section *section,
                         const json_t *app)
{
    const json_t *total = json_object_get(app, "total");
    const char *const cells[] = {
        thaw_fleet_name(page, app, "name"),
        thaw_fleet_count_cell(page, json_object_get(app, "starts"), "seen"),
        rate_of(page, app),
        thaw_fleet_ns_cell(page, total, "p50_ns"),
        thaw_fleet_ns_cell(page, total, "p95_ns"),
        thaw_fleet_ns_cell(page, total, "p99_ns"),
        thaw_fleet_share_cell(page,
                              json_object_get(json_object_get(app, "requests"), "cold_share")),
        longest_phase(page, app)};

    thaw_fleet_row_add(page, section, THAW_FLEET_PLAIN, cells);
}

void thaw_fleet_show_apps(struct thaw_fleet_page *page)
{
    struct thaw_fleet_section *section =
        thaw_fleet_section_add(page,
                               "Cold starts by app, those first that took the most time in all",
                               COLUMNS(app_columns));
    const json_t *apps = json_object_get(page->fleet, "apps"), *app;
    size_t i, count = json_array_size(apps);

    json_array_foreach(apps, i, app)
    {
        if (i < page->most)
            show_app_row(page, section, app);
    }
    if (count > page->most)
        thaw_fleet_sentence_add(page, section, THAW_FLEET_FAINT,
                                thaw_summary_format(&page->summary,
                                                    "and %zu more, which --rows shows",
                                                    count - page->most));
    thaw_fleet_sentence_add(
        page, section, THAW_FLEET_FAINT,
        "--app NAME shows the phases, functions and days of one. \"-\": too few "
        "starts (p95 takes 20, p99 100) or none that was timed.");
}
