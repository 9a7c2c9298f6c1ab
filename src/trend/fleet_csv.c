/* SPDX-License-Identifier: Apache-2.0 */
#include "report/csv_text.h"
#include "trend/fleet.h"
#include "trend/fleet_view.h"

/* A row for each app and day, numbers as JSON has them; what is not known is empty. */
static const char header[] =
    "date,app,platform,python,starts,answered,incomplete,further,timed,p50_ns,p95_ns,p99_ns,max_ns,"
    "requests,cold_requests,cold_share,cold_share_low,cold_share_high,requests_from\r\n";

static void write_text(struct thaw_summary *summary, const json_t *object, const char *key)
{
    thaw_csv_text(thaw_summary_text(summary, object, key), summary->stream);
    fputc(',', summary->stream);
}

static void write_number(struct thaw_summary *summary, const json_t *object, const char *key,
                         const char *behind)
{
    const json_t *value = json_object_get(object, key);

    if (json_is_integer(value))
        fprintf(summary->stream, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        fprintf(summary->stream, "%.6f", json_real_value(value));
    fputs(behind, summary->stream);
}

static void write_day(struct thaw_summary *summary, const json_t *app, const json_t *day)
{
    static const char *const counts[] = {"starts", "answered", "incomplete", "further"};
    static const char *const times[] = {"count", "p50_ns", "p95_ns", "p99_ns", "max_ns"};
    const json_t *share = json_object_get(day, "cold_share");

    write_text(summary, day, "date");
    write_text(summary, app, "name");
    write_text(summary, app, "platform");
    write_text(summary, app, "python");
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        write_number(summary, day, counts[i], ",");
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        write_number(summary, json_object_get(day, "total"), times[i], ",");
    write_number(summary, day, "requests", ",");
    write_number(summary, day, "cold", ",");
    write_number(summary, share, "share", ",");
    write_number(summary, share, "low", ",");
    write_number(summary, share, "high", ",");
    thaw_csv_text(thaw_summary_text(summary, json_object_get(app, "requests"), "source"),
                  summary->stream);
    fputs("\r\n", summary->stream);
}

int thaw_write_fleet_csv(const json_t *fleet, const struct thaw_report_options *options,
                         FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    const json_t *app, *day;
    size_t i, j;

    (void)options;
    thaw_summary_begin_texts(&summary, fleet, stream);
    fputs(header, stream);
    json_array_foreach(json_object_get(fleet, "apps"), i, app)
    {
        json_array_foreach(json_object_get(app, "days"), j, day) write_day(&summary, app, day);
    }
    return thaw_summary_end(&summary, error);
}
