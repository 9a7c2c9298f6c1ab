/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "trend/fleet_view.h"

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof((columns)[0])

enum { days_shown = 14, functions_shown = 10, modules_shown = 10 };

/* --- phases --- */

static const struct thaw_fleet_column phase_columns[] = {
    {.name = "phase", .fit = 30},    {.name = "starts", .right = true},
    {.name = "p50", .right = true},  {.name = "p95", .right = true},
    {.name = "p99", .right = true},  {.name = "most", .right = true},
    {.name = "share", .right = true}};

static void show_times(struct thaw_fleet_page *page, struct thaw_fleet_section *section,
                       const char *name, const json_t *time, const char *share)
{
    const char *const cells[] = {name,
                                 thaw_fleet_count_cell(page, time, "count"),
                                 thaw_fleet_ns_cell(page, time, "p50_ns"),
                                 thaw_fleet_ns_cell(page, time, "p95_ns"),
                                 thaw_fleet_ns_cell(page, time, "p99_ns"),
                                 thaw_fleet_ns_cell(page, time, "max_ns"),
                                 share};

    if (thaw_summary_number(time, "count"))
        thaw_fleet_row_add(page, section, THAW_FLEET_PLAIN, cells);
}

static void show_phases(struct thaw_fleet_page *page, const json_t *app)
{
    struct thaw_fleet_section *section =
        thaw_fleet_section_add(page, "Where the time goes", COLUMNS(phase_columns));
    const json_t *phase;
    size_t i;

    json_array_foreach(json_object_get(app, "phases"), i, phase)
    {
        bool counted = thaw_summary_is(phase, "counted");
        const char *name = thaw_summary_text(&page->summary, phase, "name");

        show_times(page, section,
                   counted ? name : thaw_summary_format(&page->summary, "%s (not counted)", name),
                   json_object_get(phase, "time"),
                   counted ? thaw_fleet_percent(page, thaw_fleet_real(phase, "share")) : "");
    }
    show_times(page, section, "all of it", json_object_get(app, "total"), "");
    show_times(page, section, "further workers", json_object_get(app, "further_total"), "");
}

/* --- a deploy --- */

static const struct thaw_fleet_column deploy_columns[] = {{.name = "phase", .fit = 30},
                                                          {.name = "before", .right = true},
                                                          {.name = "after", .right = true},
                                                          {.name = "ratio, 95 %", .right = true},
                                                          {.name = "starts", .right = true},
                                                          {.name = "p", .right = true},
                                                          {.name = "difference"}};

static const char *ratio_of(struct thaw_fleet_page *page, const json_t *comparison)
{
    const json_t *ratio = json_object_get(comparison, "ratio");

    return json_is_object(ratio)
               ? thaw_summary_format(&page->summary, "%.2f (%.2f-%.2f)",
                                     thaw_fleet_real(ratio, "middle"),
                                     thaw_fleet_real(ratio, "low"), thaw_fleet_real(ratio, "high"))
               : "-";
}

static const char *probability_of(struct thaw_fleet_page *page, const json_t *comparison)
{
    const json_t *probability = json_object_get(comparison, "corrected_probability");

    return !json_is_number(probability) ? "-"
           : json_number_value(probability) < 0.0001
               ? "<0.0001"
               : thaw_summary_format(&page->summary, "%.4f", json_number_value(probability));
}

static void show_comparison(struct thaw_fleet_page *page, struct thaw_fleet_section *section,
                            const json_t *comparison)
{
    static const struct {
        const char *verdict, *words;
        enum thaw_fleet_row_style style;
    } rows[] = {{"slower", "slower", THAW_FLEET_BAD},
                {"faster", "faster", THAW_FLEET_GOOD},
                {"no_difference_shown", "none shown", THAW_FLEET_PLAIN},
                {"too_few", "too few", THAW_FLEET_FAINT}};
    const json_t *before = json_object_get(comparison, "before"),
                 *after = json_object_get(comparison, "after");
    const char *phase = thaw_summary_text(&page->summary, comparison, "phase"),
               *verdict = thaw_summary_text(&page->summary, comparison, "verdict");
    size_t i = 0;

    while (i < 3 && strcmp(rows[i].verdict, verdict) != 0)
        i++;
    thaw_fleet_row_add(page, section, rows[i].style,
                       (const char *const[]){
                           *phase ? phase : "all of it",
                           thaw_fleet_ns_cell(page, before, "median_ns"),
                           thaw_fleet_ns_cell(page, after, "median_ns"), ratio_of(page, comparison),
                           thaw_summary_format(&page->summary, "%s, %s",
                                               thaw_fleet_count_cell(page, before, "count"),
                                               thaw_fleet_count_cell(page, after, "count")),
                           probability_of(page, comparison), rows[i].words});
}

static void show_deploy(struct thaw_fleet_page *page, const json_t *app)
{
    const json_t *deploy = json_object_get(app, "deploy"), *comparison;
    struct thaw_fleet_section *section;
    size_t i;

    if (!json_is_object(deploy))
        return;
    section = thaw_fleet_section_add(
        page,
        thaw_summary_format(
            &page->summary, "Medians before and after the deploy of %s",
            thaw_fleet_minute(page, json_integer_value(json_object_get(deploy, "first_start_ns")))),
        COLUMNS(deploy_columns));
    json_array_foreach(json_object_get(deploy, "comparisons"), i, comparison)
        show_comparison(page, section, comparison);
    thaw_fleet_sentence_add(page, section, THAW_FLEET_FAINT,
                            "Mann and Whitney's test, corrected for all that was tested (Holm): "
                            "slower or faster below 0.01. It compares two times: what else changed "
                            "between them is in it, too.");
}

/* --- functions --- */

static const struct thaw_fleet_column function_columns[] = {{.name = "asked first", .fit = 30},
                                                            {.name = "starts", .right = true},
                                                            {.name = "p50", .right = true},
                                                            {.name = "p95", .right = true},
                                                            {.name = "most", .right = true}};

static void show_functions(struct thaw_fleet_page *page, const json_t *app)
{
    const json_t *functions = json_object_get(app, "functions"), *function;
    struct thaw_fleet_section *section;
    size_t i;

    if (!json_array_size(functions))
        return;
    section = thaw_fleet_section_add(page, "By the function that was asked first",
                                     COLUMNS(function_columns));
    json_array_foreach(functions, i, function)
    {
        const json_t *total = json_object_get(function, "total");

        if (i < functions_shown)
            thaw_fleet_row_add(page, section, THAW_FLEET_PLAIN,
                               (const char *const[]){thaw_fleet_name(page, function, "name"),
                                                     thaw_fleet_count_cell(page, function,
                                                                           "starts"),
                                                     thaw_fleet_ns_cell(page, total, "p50_ns"),
                                                     thaw_fleet_ns_cell(page, total, "p95_ns"),
                                                     thaw_fleet_ns_cell(page, total, "max_ns")});
    }
    if (i > functions_shown)
        thaw_fleet_sentence_add(page, section, THAW_FLEET_FAINT,
                                thaw_summary_format(&page->summary, "and %zu more",
                                                    i - functions_shown));
}

/* --- days --- */

static const struct thaw_fleet_column day_columns[] = {{.name = "day"},
                                                       {.name = "starts", .right = true},
                                                       {.name = "p50", .right = true},
                                                       {.name = "p95", .right = true},
                                                       {.name = "requests", .right = true},
                                                       {.name = "cold", .right = true}};
static const struct thaw_fleet_column watched_columns[] = {{.name = "day"},
                                                           {.name = "starts", .right = true},
                                                           {.name = "p50", .right = true},
                                                           {.name = "p95", .right = true},
                                                           {.name = "requests", .right = true},
                                                           {.name = "cold", .right = true},
                                                           {.name = "watched", .right = true}};

void thaw_fleet_show_days(struct thaw_fleet_page *page, const json_t *from)
{
    const json_t *days = json_object_get(from, "days"), *day;
    bool all = from == page->fleet;
    struct thaw_fleet_section *section =
        all ? thaw_fleet_section_add(page, "The latest days", COLUMNS(watched_columns))
            : thaw_fleet_section_add(page, "The latest days", COLUMNS(day_columns));
    size_t i, count = json_array_size(days);

    json_array_foreach(days, i, day)
    {
        const json_t *total = json_object_get(day, "total");

        if (i + days_shown >= count)
            thaw_fleet_row_add(page, section, THAW_FLEET_PLAIN,
                               (const char *const[]){
                                   thaw_summary_text(&page->summary, day, "date"),
                                   thaw_fleet_count_cell(page, day, "starts"),
                                   thaw_fleet_ns_cell(page, total, "p50_ns"),
                                   thaw_fleet_ns_cell(page, total, "p95_ns"),
                                   json_is_integer(json_object_get(day, "requests"))
                                       ? thaw_fleet_count_cell(page, day, "requests")
                                       : "unknown",
                                   thaw_fleet_share_cell(page, json_object_get(day, "cold_share")),
                                   json_is_integer(json_object_get(day, "watched_ns"))
                                       ? thaw_fleet_long_cell(page, day, "watched_ns")
                                   : all ? "unknown"
                                         : ""});
    }
    if (count > days_shown)
        thaw_fleet_sentence_add(
            page, section, THAW_FLEET_FAINT,
            thaw_summary_format(&page->summary, "and %s before, which -f csv and -f json have",
                                thaw_fleet_counted(page, count - days_shown, "day", "days")));
}

/* --- modules --- */

static const struct thaw_fleet_column module_columns[] = {
    {.name = "module", .fit = 30},
    {.name = "starts", .right = true},
    {.name = "median", .right = true},
    {.name = "in all", .right = true},
    {.name = "share", .right = true},
    {.name = "apps", .right = true},
    {.name = "mostly asked for by", .fit = 24, .wide = true}};
static const struct thaw_fleet_column app_module_columns[] = {
    {.name = "module", .fit = 30},     {.name = "starts", .right = true},
    {.name = "median", .right = true}, {.name = "in all", .right = true},
    {.name = "share", .right = true},  {.name = "mostly asked for by", .fit = 24}};

static void show_module(struct thaw_fleet_page *page, struct thaw_fleet_section *section,
                        const json_t *module, bool fleet)
{
    const json_t *total = json_object_get(module, "total");
    const char *by = thaw_summary_text(&page->summary, module, "imported_by");
    const char *cells[7] = {thaw_fleet_name(page, module, "name"),
                            thaw_fleet_count_cell(page, total, "count"),
                            thaw_fleet_ns_cell(page, total, "p50_ns"),
                            thaw_fleet_long_cell(page, module, "sum_ns"),
                            json_is_number(json_object_get(module, "share"))
                                ? thaw_fleet_percent(page, thaw_fleet_real(module, "share"))
                                : "-"};
    size_t used = 5;

    if (fleet)
        cells[used++] = thaw_fleet_count_cell(page, module, "apps");
    cells[used] = *by ? by : "-";
    thaw_fleet_row_add(page, section, THAW_FLEET_PLAIN, cells);
}

void thaw_fleet_show_modules(struct thaw_fleet_page *page, const json_t *from, bool fleet)
{
    const json_t *modules = json_object_get(from, "modules"), *module;
    struct thaw_fleet_section *section;
    size_t i;

    if (!json_array_size(modules))
        return;
    section = fleet ? thaw_fleet_section_add(page, "Imports that took the most time",
                                             COLUMNS(module_columns))
                    : thaw_fleet_section_add(page, "Imports that took the most time",
                                             COLUMNS(app_module_columns));
    json_array_foreach(modules, i, module)
    {
        if (i < modules_shown)
            show_module(page, section, module, fleet);
    }
    thaw_fleet_sentence_add(page, section, THAW_FLEET_FAINT,
                            "Each with what it was the first to import, so they are in one "
                            "another; without one of them less is saved where others want the "
                            "same. What would be, only a recording says (thaw record).");
}

void thaw_fleet_show_app(struct thaw_fleet_page *page, const json_t *app)
{
    show_deploy(page, app);
    show_phases(page, app);
    thaw_fleet_show_days(page, app);
    show_functions(page, app);
    thaw_fleet_show_modules(page, app, false);
}
