/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/target_view.h"

/* Bytecode, .pth files, what could not be read, and limits of platforms. */

enum { near_percent = 80 };

static uint64_t state_files(const json_t *states, const char *state)
{
    return thaw_summary_number(json_object_get(states, state), "files");
}

static void write_states(struct thaw_summary *summary, const json_t *health)
{
    static const char *const names[] = {"FILES", "SOURCES", "BYTECODE"};
    const json_t *states = json_object_get(health, "states");
    struct libscols_table *table = thaw_summary_table(summary, true);
    const char *state;
    json_t *one;

    for (size_t i = 0; i < 3; i++)
        thaw_summary_column(summary, table, names[i], i < 2);
    json_object_foreach((json_t *)states, state, one)
    {
        const char *cells[] = {
            thaw_summary_count(summary, thaw_summary_number(one, "files")),
            thaw_summary_size(summary, thaw_summary_number(one, "source_bytes")),
            state,
        };

        if (thaw_summary_number(one, "files"))
            thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, 3);
    }
    thaw_summary_print(summary, table);
}

static void write_notes(struct thaw_summary *summary, const json_t *health, size_t most)
{
    uint64_t by_time = thaw_summary_number(health, "by_time");
    uint64_t unwritable = thaw_summary_number(health, "unwritable");
    size_t examples = json_array_size(json_object_get(health, "examples"));

    if (by_time)
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(summary,
                                "%s are valid by their sources' times: a deployment that changes "
                                "those loses them (compileall --invalidation-mode "
                                "unchecked-hash keeps them)",
                                thaw_summary_count(summary, by_time)));
    if (unwritable)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary,
                                                "in %s none can be written: these sources "
                                                "are compiled at every start",
                                                thaw_view_many(summary, unwritable, "folder",
                                                               "folders")));
    for (size_t i = 0; i < examples && i < most; i++)
        thaw_summary_bullet(summary, THAW_STYLE_FAINT,
                            thaw_summary_format(summary, "without: %s",
                                                thaw_summary_item(summary, health, "examples", i)));
}

bool thaw_target_has_sources(const struct thaw_summary *summary)
{
    const json_t *health = json_object_get(summary->report, "bytecode_health");
    const char *state;
    json_t *one;

    json_object_foreach(json_object_get(health, "states"), state, one)
    {
        if (thaw_summary_number(one, "files"))
            return true;
    }
    return false;
}

void thaw_target_bytecode(struct thaw_summary *summary, size_t most)
{
    const json_t *health = json_object_get(summary->report, "bytecode_health");
    const json_t *states = json_object_get(health, "states");
    uint64_t fresh = state_files(states, "fresh"), all = 0;
    const char *state;
    json_t *one;

    json_object_foreach((json_t *)states, state, one) all += thaw_summary_number(one, "files");
    if (!thaw_target_has_sources(summary))
        return;
    thaw_summary_title(
        summary,
        thaw_summary_format(summary,
                            "Bytecode: %s of %s sources have it (headers read: %s; tests not "
                            "counted)",
                            thaw_summary_count(summary, fresh), thaw_summary_count(summary, all),
                            thaw_summary_count(summary, thaw_summary_number(health, "checked"))));
    if (fresh < all)
        write_states(summary, health);
    write_notes(summary, health, most);
}

void thaw_target_path_files(struct thaw_summary *summary, size_t most)
{
    const json_t *list = json_object_get(summary->report, "path_files"), *file;
    size_t i;

    if (!json_array_size(list))
        return;
    thaw_summary_title(summary, "Files read at every start of the interpreter (.pth)");
    json_array_foreach(list, i, file)
    {
        uint64_t code = thaw_summary_number(file, "code");

        if (i == most)
            break;
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(
                summary, "%s: adds %s, executes %s", thaw_summary_text(summary, file, "path"),
                thaw_view_many(summary, thaw_summary_number(file, "folders"), "folder", "folders"),
                thaw_view_many(summary, code, "line", "lines")));
    }
    thaw_view_rest(summary, most, json_array_size(list), ".pth files");
}

void thaw_target_faults(struct thaw_summary *summary, size_t most)
{
    const json_t *list = json_object_get(summary->report, "faults"), *fault;
    uint64_t more = thaw_summary_number(summary->report, "faults_more");
    size_t count = json_array_size(list), i;

    if (!count)
        return;
    thaw_summary_title(summary, "Not read, or not as it should be");
    json_array_foreach(list, i, fault)
    {
        if (i == most)
            break;
        thaw_summary_bullet(
            summary, THAW_STYLE_BAD,
            thaw_summary_format(summary, "%s: %s%s", thaw_view_path(summary, fault, "path"),
                                thaw_summary_text(summary, fault, "what"),
                                thaw_summary_is(fault, "unread") ? " (not all in the figures)"
                                                                 : ""));
    }
    if (count > most)
        thaw_summary_bullet(summary, THAW_STYLE_BAD,
                            thaw_summary_format(summary, "%s more: --view faults",
                                                thaw_summary_count(summary, count - most + more)));
    else if (more)
        thaw_summary_bullet(summary, THAW_STYLE_BAD,
                            thaw_summary_format(summary, "%s more were only counted",
                                                thaw_summary_count(summary, more)));
}

static bool is_near(const json_t *limit)
{
    uint64_t most = thaw_summary_number(limit, "limit_bytes");

    return thaw_summary_is(limit, "exceeded") ||
           thaw_summary_number(limit, "bytes") / near_percent >= most / 100;
}

/* Platforms count in MiB and call them MB: 250 MB are 262,144,000 bytes. */
static const char *limit_size(struct thaw_summary *summary, uint64_t bytes, uint64_t limit)
{
    static const uint64_t mebi = 1048576;
    uint64_t tenths = bytes / mebi * 10 + (bytes % mebi * 10 + mebi / 2) / mebi;

    if (limit % mebi)
        return thaw_summary_size(summary, bytes);
    return thaw_summary_format(summary, "%llu.%llu MiB", (unsigned long long)(tenths / 10),
                               (unsigned long long)(tenths % 10));
}

static enum thaw_style limit_style(const json_t *limit)
{
    if (thaw_summary_is(limit, "exceeded"))
        return THAW_STYLE_BAD;
    return is_near(limit) ? THAW_STYLE_PLAIN : THAW_STYLE_FAINT;
}

void thaw_target_limits(struct thaw_summary *summary, bool all)
{
    const json_t *list = json_object_get(summary->report, "limits"), *limit;
    bool begun = false;
    size_t i;

    json_array_foreach(list, i, limit)
    {
        uint64_t bytes = thaw_summary_number(limit, "bytes");
        uint64_t most = thaw_summary_number(limit, "limit_bytes");

        if (!all && !is_near(limit))
            continue;
        if (!begun)
            thaw_summary_title(summary, "Limits");
        begun = true;
        thaw_summary_bullet(
            summary, limit_style(limit),
            thaw_summary_format(summary, "%s: %s of %s, %s%s%s",
                                thaw_summary_text(summary, limit, "what"),
                                limit_size(summary, bytes, most), limit_size(summary, most, most),
                                thaw_summary_share(summary, bytes, most),
                                thaw_summary_is(limit, "exceeded")
                                    ? thaw_summary_is(limit, "hard") ? ": refused" : ": too much"
                                    : "",
                                thaw_summary_format(summary, " (%s, %s)",
                                                    thaw_summary_text(summary, limit, "source"),
                                                    thaw_summary_text(summary, limit, "dated"))));
    }
}
