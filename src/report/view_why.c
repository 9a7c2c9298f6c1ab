/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "packaging/library_name.h"
#include "packaging/name.h"
#include "report/keys.h"
#include "report/target_view.h"
#include "report/writers.h"

/*
 * `--why NAME`: of a distribution a chain from each that asks for it, each the shortest; of a
 * shared object (its file's name, its SONAME, also without the hash that auditwheel puts in, or the
 * end of its path) who wants it, and why it is found.
 */

enum { usual_lines = 20 };

static const char *arrow(const struct thaw_summary *summary)
{
    return summary->utf8 ? " \xE2\x86\x92 " : " -> ";
}

/* "requirements.txt:2 -> pandas -> numpy", by way of the one at this place of required_by. */
static const char *chain_by(struct thaw_summary *summary, const struct thaw_view_index *index,
                            const json_t *package, size_t number)
{
    const json_t *asks = json_array_get(json_object_get(package, "required_by"), number);
    size_t place = thaw_view_find(summary, index, json_string_value(asks));
    const json_t *above = json_array_get(json_object_get(summary->report, "distributions"), place);
    size_t count = json_array_size(json_object_get(above, "why"));
    const char *text = "";

    for (size_t i = 0; i < count; i++)
        text = thaw_summary_format(summary, "%s%s%s", text,
                                   thaw_summary_item(summary, above, "why", i), arrow(summary));
    if (!count) /* it is no distribution, or nothing asks for that one */
        text = thaw_summary_format(summary, "%s%s", thaw_view_asker(summary, package, number),
                                   arrow(summary));
    return thaw_summary_format(summary, "%s%s", text, thaw_summary_text(summary, package, "name"));
}

static void write_package(struct thaw_summary *summary, const struct thaw_view_index *index,
                          const json_t *package)
{
    size_t count = json_array_size(json_object_get(package, "required_by"));
    size_t most = thaw_view_rows(summary, usual_lines);

    const char *words = thaw_view_why(summary, package);

    if (count)
        words = thaw_summary_format(summary, "asked for %sby %zu",
                                    thaw_view_is_top(package) ? "directly, and " : "", count);
    thaw_summary_paragraph(summary, THAW_STYLE_STRONG, "",
                           thaw_summary_format(summary, "%s: %s",
                                               thaw_view_package(summary, package), words));
    for (size_t i = 0; i < count && i < most; i++)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN, chain_by(summary, index, package, i));
    thaw_view_rest(summary, most, count, "ones that ask for it");
}

/* Every one that is installed under the name: two versions of one are there. */
static size_t write_packages(struct thaw_summary *summary, const char *name)
{
    const json_t *list = json_object_get(summary->report, "distributions"), *package;
    struct thaw_view_index index;
    size_t found = 0, i;

    if (!thaw_view_index_packages(summary, &index))
        return 1;
    json_array_foreach(list, i, package)
    {
        if (!thaw_name_is_same(thaw_key_string(package, "name"), name))
            continue;
        write_package(summary, &index, package);
        found++;
    }
    return found;
}

static bool ends_with(const char *path, const char *name)
{
    size_t length = strlen(path), tail = strlen(name);

    return tail && length >= tail && !strcmp(path + length - tail, name) &&
           (length == tail || path[length - tail - 1] == '/');
}

/* Bytes that are not UTF-8 can't be typed by those who read the JSON's form: it is enough. */
static bool is_called(struct thaw_summary *summary, const json_t *library, const char *name)
{
    const char *soname = thaw_key_string(library, "soname");
    const char *plain = thaw_key_last_part(thaw_key_string(library, "path"));

    if (ends_with(thaw_key_string(library, "path"), name) || !strcmp(soname, name))
        return true;
    plain = thaw_library_plain_name(&summary->arena, *soname ? soname : plain);
    summary->failed |= !plain;
    return plain && *name && !strcmp(plain, name);
}

static bool leads_to(const json_t *needed, const char *path, const char *name)
{
    const char *resolved = thaw_key_string(needed, "resolved");

    return *resolved ? *path && !strcmp(resolved, path)
                     : !*path && !strcmp(thaw_key_string(needed, "name"), name);
}

static void write_reason(struct thaw_summary *summary, const json_t *library, const json_t *needed)
{
    const char *loader = thaw_summary_text(summary, needed, "missing_by");
    bool missing = thaw_key_is_missing(needed);

    if (*loader) {
        thaw_summary_bullet(summary, THAW_STYLE_BAD,
                            thaw_summary_format(summary, "%s: not found when loaded by %s",
                                                thaw_summary_text(summary, library, "path"),
                                                loader));
        return;
    }
    thaw_summary_bullet(
        summary, missing ? THAW_STYLE_BAD : THAW_STYLE_PLAIN,
        thaw_summary_format(summary, "%s: %s", thaw_summary_text(summary, library, "path"),
                            missing ? "not found" : thaw_summary_text(summary, needed, "reason")));
}

/* Who needs the library at path; path "": the one of that name that is not there. */
static size_t write_wanting(struct thaw_summary *summary, const char *path, const char *name)
{
    const json_t *list = json_object_get(summary->report, "libraries"), *library, *needed;
    size_t most = thaw_view_rows(summary, usual_lines), found = 0, i, j;

    json_array_foreach(list, i, library)
    {
        json_array_foreach(json_object_get(library, "needed"), j, needed)
        {
            if (!leads_to(needed, path, name) || found++ >= most)
                continue;
            write_reason(summary, library, needed);
        }
    }
    thaw_view_rest(summary, most, found, "ones that want it");
    return found;
}

static size_t write_libraries(struct thaw_summary *summary, const char *name)
{
    const json_t *list = json_object_get(summary->report, "libraries"), *library;
    size_t most = thaw_view_rows(summary, usual_lines), found = 0, i;

    json_array_foreach(list, i, library)
    {
        if (!is_called(summary, library, name))
            continue;
        if (found++ >= most) /* each is looked for in all of them */
            continue;
        thaw_summary_paragraph(
            summary, THAW_STYLE_STRONG, "",
            thaw_summary_format(summary, "%s, %s, is wanted by:",
                                thaw_summary_text(summary, library, "path"),
                                thaw_summary_size(summary, thaw_summary_number(library, "bytes"))));
        if (!write_wanting(summary, thaw_key_string(library, "path"), name))
            thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                                "no shared object: by Python, or by nothing");
    }
    thaw_view_rest(summary, most, found, "ones that are called so");
    return found ? found : write_wanting(summary, "", name);
}

int thaw_write_why(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                   struct thaw_error *error)
{
    const char *name = options && options->view.name ? options->view.name : "";
    struct thaw_summary summary;
    size_t found;

    thaw_summary_begin(&summary, report, options, stream);
    found = *name ? write_packages(&summary, name) : 0;
    if (!found && *name)
        found = write_libraries(&summary, name);
    if (!found && !summary.failed) {
        thaw_arena_free(&summary.arena);
        return thaw_error_set(error, -ESRCH,
                              json_is_array(json_object_get(report, "libraries"))
                                  ? "there is no package and no shared object '%s' in the target"
                                  : "there is no package '%s' in the target, and shared objects "
                                    "were not looked at",
                              name);
    }
    return thaw_summary_end(&summary, error);
}
