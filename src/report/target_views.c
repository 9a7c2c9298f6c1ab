/* SPDX-License-Identifier: Apache-2.0 */
#include "report/target_view.h"
#include "report/writers.h"

/* The views of a target, and those of them that are sections of the summary written whole. */

enum { few = 10, fewest = 3 };

static int write_target(const json_t *report, const struct thaw_report_options *options,
                        FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    size_t most;

    thaw_summary_begin(&summary, report, options, stream);
    most = thaw_view_rows(&summary, few);
    thaw_target_head(&summary);
    thaw_target_stages(&summary);
    thaw_target_kinds(&summary);
    thaw_target_packages(&summary);
    thaw_target_libraries(&summary);
    thaw_target_misfits(&summary, most);
    thaw_target_requirements(&summary, most);
    thaw_target_records(&summary, thaw_view_rows(&summary, fewest));
    thaw_target_bytecode(&summary, thaw_view_rows(&summary, fewest));
    thaw_target_path_files(&summary, most);
    thaw_target_limits(&summary, false);
    thaw_target_faults(&summary, most);
    return thaw_summary_end(&summary, error);
}

/* Sections begin with an empty line: a view of them begins with what it is about. */
static size_t begin(struct thaw_summary *summary, const json_t *report,
                    const struct thaw_report_options *options, FILE *stream)
{
    thaw_summary_begin(summary, report, options, stream);
    thaw_target_head(summary);
    return thaw_view_rows(summary, SIZE_MAX);
}

/* A view without anything in it says so. */
static void write_nothing(struct thaw_summary *summary, const char *words)
{
    thaw_summary_paragraph(summary, THAW_STYLE_GOOD, "", words);
}

static bool has_some(const json_t *report, const char *key)
{
    return json_array_size(json_object_get(report, key)) > 0;
}

static int write_conflicts(const json_t *report, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    size_t most = begin(&summary, report, options, stream);

    thaw_target_misfits(&summary, most);
    thaw_target_requirements(&summary, most);
    if (!thaw_target_records(&summary, most) && !has_some(report, "conflicts") &&
        !has_some(report, "foreign") && !has_some(report, "requirements"))
        write_nothing(&summary,
                      "No conflicts, nothing for another platform, all RECORDs are right.");
    return thaw_summary_end(&summary, error);
}

static int write_bytecode(const json_t *report, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    size_t most = begin(&summary, report, options, stream);

    thaw_target_bytecode(&summary, most);
    thaw_target_path_files(&summary, most);
    if (!thaw_target_has_sources(&summary) && !has_some(report, "path_files"))
        write_nothing(&summary,
                      "There are no sources that bytecode is made of, and no .pth files.");
    return thaw_summary_end(&summary, error);
}

static int write_faults(const json_t *report, const struct thaw_report_options *options,
                        FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;

    thaw_target_faults(&summary, begin(&summary, report, options, stream));
    if (!has_some(report, "faults"))
        write_nothing(&summary, "All of it was read, and is as it should be.");
    return thaw_summary_end(&summary, error);
}

static int write_limits(const json_t *report, const struct thaw_report_options *options,
                        FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;

    begin(&summary, report, options, stream);
    thaw_target_limits(&summary, true);
    if (!has_some(report, "limits"))
        write_nothing(&summary, "No platform's limits of size are about it.");
    return thaw_summary_end(&summary, error);
}

static int write_use(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                     struct thaw_error *error)
{
    struct thaw_summary summary;
    size_t most = begin(&summary, report, options, stream);

    if (json_object_get(report, "use"))
        thaw_target_use(&summary, most);
    else
        thaw_summary_paragraph(&summary, THAW_STYLE_PLAIN, "",
                               "No recording was given: --recording RECORDING tells what of this "
                               "is used.");
    return thaw_summary_end(&summary, error);
}

static const struct thaw_report_format views[] = {
    {"summary", "sizes, largest packages, libraries, what does not fit", write_target, 0},
    {"packages", "all packages: sizes, what only they bring, who asks for them",
     thaw_write_packages, 0},
    {"tree", "packages as a tree, below what asks for them", thaw_write_requirement_tree, 0},
    {"files", "folders by the space they take", thaw_write_folders, 0},
    {"libraries", "what each shared object needs, where it is found and why there",
     thaw_write_closures, 0},
    {"objects", "shared objects: sections, what strip would save, relocations", thaw_write_objects,
     THAW_REPORT_SECTIONS},
    {"duplicates", "shared objects that are there several times", thaw_write_duplicates, 0},
    {"conflicts", "what does not fit: versions, platforms, requirements, RECORDs", write_conflicts,
     0},
    {"bytecode", "state of the bytecode, .pth files", write_bytecode, 0},
    {"limits", "size limits of platforms, with their sources", write_limits, 0},
    {"faults", "what could not be read, or is not as it should be", write_faults, 0},
    {"use", "with recordings: what of it was opened, mapped, used, and what that cost", write_use,
     0},
    {"why", "who asks for a package or wants a library: `--why NAME`", thaw_write_why, 0},
    {"reverse", "who asks for a package, up to the requirements: `--reverse NAME`",
     thaw_write_reverse, 0},
    {0},
};

const struct thaw_report_format *thaw_report_target_views(void)
{
    return views;
}
