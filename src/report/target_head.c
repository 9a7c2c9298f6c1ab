/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/target_view.h"

/* What a target is, how large it is, and what for. */

enum { most_items = 12 };

static const char *kind_words(const char *kind)
{
    static const struct {
        const char *kind, *words;
    } rows[] = {
        {"virtual-environment", "a virtual environment"},
        {"app", "an app's folder"},
        {"layer", "a layer"},
        {"zip", "a zip"},
        {"container-root", "a container's root folder"},
        {"process", "the folders of a running process"},
        {"recording", "the folders of a recording"},
        {"folder", "a folder"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!strcmp(rows[i].kind, kind))
            return rows[i].words;
    return kind;
}

/* "CPython 3.11.7 on x86_64 (pyvenv.cfg)" */
static const char *python_words(struct thaw_summary *summary, const json_t *python)
{
    const char *full = thaw_summary_text(summary, python, "full_version");
    const char *version = *full ? full : thaw_summary_text(summary, python, "version");
    const char *name = thaw_summary_text(summary, python, "implementation");
    const char *evidence = thaw_summary_text(summary, python, "evidence");
    bool is_told = !thaw_summary_is(python, "machine_assumed");
    const char *machine = is_told ? thaw_summary_text(summary, python, "machine") : "";
    const char *by = !strcmp(evidence, "as asked for") ? " (" : " (by ";

    if (!*version)
        return thaw_summary_format(summary, "an unknown Python%s%s", *machine ? " on " : "",
                                   machine);
    return thaw_summary_format(summary, "%s %s%s%s%s%s%s",
                               !strcmp(name, "cpython") ? "CPython" : name, version,
                               *machine ? " on " : "", machine, *evidence ? by : "", evidence,
                               *evidence ? ")" : "");
}

static void write_sizes(struct thaw_summary *summary, const json_t *totals)
{
    uint64_t links = thaw_summary_number(totals, "links");
    uint64_t special = thaw_summary_number(totals, "special");
    const char *more = "";

    if (links)
        more =
            thaw_summary_format(summary, ", %s",
                                thaw_view_many(summary, links, "symbolic link", "symbolic links"));
    if (special)
        more = thaw_summary_format(summary, "%s, FIFOs, sockets or devices: %s", more,
                                   thaw_summary_count(summary, special));
    thaw_summary_paragraph(
        summary, THAW_STYLE_STRONG, "",
        thaw_summary_format(summary, "%s on the disk: %s in %s, %s%s",
                            thaw_summary_size(summary, thaw_summary_number(totals, "disk_bytes")),
                            thaw_summary_size(summary, thaw_summary_number(totals, "bytes")),
                            thaw_view_many(summary, thaw_summary_number(totals, "files"), "file",
                                           "files"),
                            thaw_view_many(summary, thaw_summary_number(totals, "directories"),
                                           "folder", "folders"),
                            more));
}

void thaw_target_head(struct thaw_summary *summary)
{
    const json_t *target = json_object_get(summary->report, "target");
    const char *signs = thaw_summary_joined(summary, target, "signs", most_items);
    const char *folders = thaw_summary_joined(summary, target, "folders_read", most_items);

    thaw_summary_paragraph(
        summary, THAW_STYLE_STRONG, "",
        thaw_summary_format(summary, "%s: %s for %s", thaw_summary_text(summary, target, "path"),
                            kind_words(thaw_summary_text(summary, target, "kind")),
                            python_words(summary, json_object_get(target, "python"))));
    if (*signs)
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "told by ", signs);
    if (*folders)
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "read: ", folders);
    write_sizes(summary, json_object_get(summary->report, "totals"));
}

static void add_amount(struct thaw_summary *summary, struct libscols_table *table, const char *name,
                       const json_t *amount, uint64_t whole)
{
    uint64_t disk = thaw_summary_number(amount, "disk_bytes");
    const char *cells[] = {
        thaw_summary_size(summary, disk),
        thaw_summary_share(summary, disk, whole),
        thaw_summary_size(summary, thaw_summary_number(amount, "bytes")),
        thaw_summary_count(summary, thaw_summary_number(amount, "files")),
        name,
    };

    thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, 5);
}

void thaw_target_kinds(struct thaw_summary *summary)
{
    static const char *const names[] = {"ON DISK", "SHARE", "SIZE", "FILES", "KIND"};
    const json_t *totals = json_object_get(summary->report, "totals");
    uint64_t whole = thaw_summary_number(totals, "disk_bytes");
    struct libscols_table *table;
    const char *key;
    json_t *amount;

    if (!json_object_size(json_object_get(totals, "kinds")))
        return;
    thaw_summary_title(summary, "What for");
    table = thaw_summary_table(summary, true);
    for (size_t i = 0; i < 5; i++)
        thaw_summary_column(summary, table, names[i], i < 4);
    json_object_foreach(json_object_get(totals, "kinds"), key, amount)
        add_amount(summary, table, key, amount, whole);
    thaw_summary_print(summary, table);
}
