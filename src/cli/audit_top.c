/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/closest.h"
#include "cli/audit_top.h"
#include "cli/command.h"
#include "cli/moment.h"
#include "cli/rows.h"
#include "store/starts.h"
#include "trend/arrivals_file.h"
#include "trend/fleet.h"

#define SUMMARY_FORMAT "summary"

static bool format_word(size_t index, struct thaw_word *ret)
{
    return thaw_rows_word(thaw_fleet_formats(), index, ret);
}

const struct thaw_offer thaw_audit_top_formats = {.word = format_word};

const char *thaw_audit_top_given(const struct thaw_audit_top *values)
{
    return values->app        ? "--app"
           : values->since    ? "--since"
           : values->until    ? "--until"
           : values->deploy   ? "--deploy"
           : values->arrivals ? "--arrivals"
           : values->idle_ns  ? "--idle"
           : values->rows     ? "--rows"
           : values->json     ? "--json"
           : values->format   ? "--format"
           : values->output   ? "--output"
           : values->color    ? "--color"
           : values->width    ? "--width"
                              : NULL;
}

/* false after a complaint. */
static bool take_moment(const char *command, const char *option, const char *text, int64_t *ret)
{
    int64_t now = (int64_t)thaw_clock_realtime_ns();

    *ret = 0;
    if (!text || thaw_moment_parse(text, now, ret) == 0)
        return true;
    thaw_complain(command,
                  "--%s takes a time such as 7d, 12h, 2026-11-28 or '2026-11-28 23:14', not '%s'",
                  option, text);
    return false;
}

static bool take_times(const struct thaw_audit_top *values, const char *command,
                       struct thaw_fleet_rules *rules)
{
    if (!take_moment(command, "since", values->since, &rules->since_unix_ns) ||
        !take_moment(command, "until", values->until, &rules->until_unix_ns) ||
        !take_moment(command, "deploy", values->deploy, &rules->deploy_unix_ns))
        return false;
    if (rules->until_unix_ns && rules->until_unix_ns <= rules->since_unix_ns) {
        thaw_complain(command, "--until %s is not after --since %s", values->until, values->since);
        return false;
    }
    return true;
}

/* NULL after a complaint. */
static const struct thaw_report_format *choose(const struct thaw_audit_top *values,
                                               const char *command, const char *name)
{
    const struct thaw_report_format *row = thaw_rows_find(thaw_fleet_formats(), name);

    if (values->json && strcmp(name, "json") != 0) {
        thaw_complain(command, "--json and -f %s exclude each other", name);
        return NULL;
    }
    if (!row)
        thaw_rows_complain(command, thaw_fleet_formats(), NULL, name, "format", "-f");
    return row;
}

/* An app that no start is of is rather one that was mistyped. */
static int refuse_unknown(struct thaw_database *database, const struct thaw_fleet_rules *rules,
                          struct thaw_error *error)
{
    struct thaw_closest closest = {.typed = rules->app};
    struct thaw_arena arena = {0};
    struct thaw_texts apps = {0};
    int code = thaw_starts_apps(database, &arena, &apps, error);

    if (!code && !thaw_texts_hold(&apps, rules->app)) {
        for (size_t i = 0; i < apps.count; i++)
            thaw_closest_offer(&closest, apps.items[i]);
        code = thaw_error_set(
            error, -EINVAL,
            "%.200s has no starts of '%.200s'%s%.200s%s; without --app all are shown", rules->file,
            rules->app, closest.name ? " (did you mean '" : "", closest.name ? closest.name : "",
            closest.name ? "'?)" : "");
    }
    thaw_arena_free(&arena);
    return code;
}

static int read_fleet(const struct thaw_fleet_rules *rules, json_t **ret, struct thaw_error *error)
{
    const struct thaw_starts_question question = {.app = rules->app,
                                                  .since_unix_ns = rules->since_unix_ns,
                                                  .until_unix_ns = rules->until_unix_ns};
    struct thaw_database *database = NULL;
    struct thaw_stored_starts stored = {0};
    int code = thaw_database_open(rules->file, false, &database, error);

    if (!code)
        code = thaw_starts_read(database, &question, &stored, error);
    if (!code && rules->app && !stored.starts.count)
        code = refuse_unknown(database, rules, error);
    thaw_database_close(database);
    if (!code)
        code = thaw_fleet_build(&stored, rules, ret, error);
    thaw_stored_starts_free(&stored);
    return code;
}

static int read_arrivals(const char *path, struct thaw_arrivals_file *ret, struct thaw_error *error)
{
    int fd, code;

    if (!strcmp(path, "-"))
        return thaw_arrivals_file_read(STDIN_FILENO, "standard input", ret, error);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return thaw_error_system(error, -errno, "%.100s", path);
    code = thaw_arrivals_file_read(fd, path, ret, error);
    close(fd);
    return code;
}

static int write_fleet(const struct thaw_audit_top *values, const char *command,
                       const struct thaw_report_format *format, const json_t *fleet)
{
    struct thaw_error error = {0};

    if (thaw_output_write(&(struct thaw_output_content){.path = values->output,
                                                        .color = values->color,
                                                        .width = values->width,
                                                        .view = {.top = (size_t)values->rows},
                                                        .write = format->write,
                                                        .report = fleet},
                          1, &error) != 0)
        return thaw_fail(command, &error, THAW_EXIT_FAILED);
    return THAW_EXIT_OK;
}

static bool would_overwrite(const struct thaw_audit_top *values, const char *command,
                            const struct thaw_fleet_rules *rules)
{
    const char *what = thaw_output_is_same(values->output, rules->file) ? "the store"
                       : values->arrivals && thaw_output_is_same(values->output, values->arrivals)
                           ? "the file of requests"
                           : NULL;

    if (what)
        thaw_complain(command, "-o %s would overwrite %s; give it another name", values->output,
                      what);
    return what;
}

static int show(const struct thaw_audit_top *values, const char *command,
                const struct thaw_report_format *format, struct thaw_fleet_rules *rules)
{
    struct thaw_arrivals_file arrivals = {0};
    struct thaw_error error = {0};
    json_t *fleet = NULL;
    int code = 0;

    if (would_overwrite(values, command, rules))
        return THAW_EXIT_USAGE;
    if (values->arrivals) {
        code = read_arrivals(values->arrivals, &arrivals, &error);
        rules->arrivals = &arrivals;
    }
    if (code) {
        thaw_arrivals_file_free(&arrivals);
        return thaw_fail(command, &error, THAW_EXIT_USAGE);
    }
    code = read_fleet(rules, &fleet, &error);
    thaw_arrivals_file_free(&arrivals);
    if (code == -ENOENT) {
        thaw_complain(command, "%s: there is no store; `thaw audit --store %s` keeps one",
                      rules->file, rules->file);
        return THAW_EXIT_USAGE;
    }
    if (code)
        return thaw_fail(command, &error, THAW_EXIT_USAGE);
    code = write_fleet(values, command, format, fleet);
    json_decref(fleet);
    return code;
}

int thaw_audit_top(const struct thaw_audit_top *values, const char *store, const char *command)
{
    struct thaw_fleet_rules rules = {.file = store ? store : THAW_AUDIT_STORE,
                                     .app = values->app,
                                     .idle_ns = values->idle_ns};
    const char *name = values->format ? values->format : values->json ? "json" : SUMMARY_FORMAT;
    const struct thaw_report_format *format;

    if (!strcmp(name, "list")) {
        thaw_offer_list(&thaw_audit_top_formats);
        return THAW_EXIT_OK;
    }
    format = choose(values, command, name);
    if (!format || !take_times(values, command, &rules))
        return THAW_EXIT_USAGE;
    return show(values, command, format, &rules);
}
