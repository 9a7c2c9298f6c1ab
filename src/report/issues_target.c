/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/issues.h"
#include "report/keys.h"
#include "report/summary_parts.h"
#include "report/target_view.h"
#include "thaw/analysis.h"

/* What does not fit in a target. Errors are what keeps something from being installed, imported or
 * deployed, and what `thaw deps --check` complains of. */

#define NEEDS "a target (thaw deps)"

enum kind {
    DAMAGED_FILE,
    EDITABLE_OUTSIDE,
    FOREIGN_FILE,
    INSTALLED_TWICE,
    MISSING_LIBRARY,
    MISSING_REQUIREMENT,
    OWNED_TWICE,
    SIZE_LIMIT,
    UNPINNED_REQUIREMENT,
    UNREADABLE_REQUIREMENT,
    VERSION_CONFLICT,
    KINDS,
};

static const struct thaw_finding_kind kinds[KINDS] = {
    [DAMAGED_FILE] = {"damaged-file", "error", "a folder or shared object can't be read", NEEDS,
                      "A folder that can't be read, or a file that is named as a shared object and "
                      "is none, or is cut short: what is in it can't be imported."},
    [EDITABLE_OUTSIDE] = {"editable-outside", "error", "an editable package's source is elsewhere",
                          NEEDS,
                          "What is installed only leads to a folder outside of the target. It does "
                          "not go where the target goes.\n\n"
                          "How to change it: install it as a wheel."},
    [FOREIGN_FILE] = {"foreign-file", "error", "a compiled file is for another Python or machine",
                      NEEDS,
                      "The file's name or its ELF header says what it was built for, and that is "
                      "not the target's Python, C library or machine: it can't be imported.\n\n"
                      "How to change it: install for the platform it goes to (pip install "
                      "--platform, --python-version, --only-binary=:all:)."},
    [INSTALLED_TWICE] = {"installed-twice", "warning", "a package is installed in two versions",
                         NEEDS,
                         "Python imports the first one on its path; the other one is sent and "
                         "unpacked for nothing, or is the one that was meant."},
    [MISSING_LIBRARY] = {"missing-library", "error", "a shared object needs one that is not found",
                         NEEDS,
                         "The dynamic loader would look for it where RPATH, RUNPATH and its cache "
                         "tell it to, and it is not there: the import fails."},
    [MISSING_REQUIREMENT] = {"missing-requirement", "error", "something required is not installed",
                             NEEDS,
                             "A requirements file or an installed package asks for a package that "
                             "is not there, in an environment like the target's."},
    [OWNED_TWICE] = {"owned-twice", "warning", "two packages own the same file", NEEDS,
                     "Of two packages that bring the same file the one installed last has written "
                     "it: the other one may run with a file that is not its own."},
    [SIZE_LIMIT] = {"size-limit", "error", "the target is larger than a platform allows", NEEDS,
                    "Platforms refuse packages above a limit, or have no room to unpack them. What "
                    "is only recommended is a note."},
    [UNPINNED_REQUIREMENT] = {"unpinned-requirement", "note",
                              "a requirement is not pinned to one version", NEEDS,
                              "The next installation may be another version, which starts faster, "
                              "slower or not at all.\n\n"
                              "How to change it: pin it (==), best by a tool that also writes "
                              "hashes (pip-compile, uv pip compile)."},
    [UNREADABLE_REQUIREMENT] = {"unreadable-requirement", "warning",
                                "a line of a requirements file is no requirement", NEEDS,
                                "It is not as PEP 508 has it: an installer would refuse it, and "
                                "nothing was compared with it."},
    [VERSION_CONFLICT] = {"version-conflict", "error", "what is installed is not what is required",
                          NEEDS,
                          "A requirements file or an installed package asks for versions that the "
                          "installed one is not among. Installers warn of it, and go on."},
};

const struct thaw_finding_kind *thaw_issue_target_kinds(size_t *ret_count)
{
    *ret_count = KINDS;
    return kinds;
}

static struct thaw_issue *add(struct thaw_summary *summary, struct thaw_issues *issues,
                              enum kind kind, const char *text)
{
    struct thaw_issue *issue = thaw_array_add(&issues->list);

    summary->failed |= !issue;
    if (!issue)
        return NULL;
    *issue = (struct thaw_issue){.id = kinds[kind].id, .kind = &kinds[kind], .text = text};
    issue->level = !strcmp(kinds[kind].severity, "error")     ? THAW_ISSUE_ERROR
                   : !strcmp(kinds[kind].severity, "warning") ? THAW_ISSUE_WARNING
                                                              : THAW_ISSUE_NOTE;
    issue->path = "";
    return issue;
}

static void at_path(struct thaw_issues *issues, struct thaw_issue *issue, const char *path)
{
    if (issue && issues->places)
        issue->path = thaw_places_target_path(issues->places, path);
}

/* Where a distribution is asked for. */
static void at_package(struct thaw_summary *summary, struct thaw_issues *issues,
                       struct thaw_issue *issue, const json_t *object, const char *key)
{
    const char *name = thaw_key_name(&summary->arena, object, key);

    summary->failed |= !name;
    if (issue && name && issues->places)
        thaw_places_requirement(issues->places, name, issue);
}

/* "requirements.txt:3" */
static void at_where(struct thaw_summary *summary, struct thaw_issues *issues,
                     struct thaw_issue *issue, const char *where)
{
    const char *colon = strrchr(where, ':');

    if (!colon || colon[1 + strspn(colon + 1, "0123456789")] || !colon[1]) {
        at_path(issues, issue, where);
        return;
    }
    at_path(issues, issue, thaw_summary_format(summary, "%.*s", (int)(colon - where), where));
    if (issue)
        issue->line = strtoull(colon + 1, NULL, 10);
}

static void find_conflict(struct thaw_summary *summary, struct thaw_issues *issues,
                          const json_t *conflict)
{
    const char *kind = thaw_key_string(conflict, "kind");
    const char *where = thaw_summary_text(summary, conflict, "where");
    const char *asks = *where ? where : thaw_summary_text(summary, conflict, "distribution");
    const char *what = thaw_summary_text(summary, conflict, "what");
    const char *other = thaw_summary_text(summary, conflict, "other");
    struct thaw_issue *issue;

    if (!strcmp(kind, "missing"))
        issue =
            add(summary, issues, MISSING_REQUIREMENT,
                thaw_summary_format(summary, "%s wants %s, which is not installed", asks, what));
    else if (!strcmp(kind, "version"))
        issue = add(summary, issues, VERSION_CONFLICT,
                    thaw_summary_format(summary,
                                        "%s wants %s, which does not fit what is installed: %s %s",
                                        asks, what, other,
                                        thaw_summary_text(summary, conflict, "installed")));
    else if (!strcmp(kind, "twice"))
        issue = add(summary, issues, INSTALLED_TWICE,
                    thaw_summary_format(summary, "%s is installed twice, in two versions", what));
    else
        issue = add(summary, issues, OWNED_TWICE,
                    thaw_summary_format(summary, "%s and %s both own %s", asks, other, what));
    if (*where)
        at_where(summary, issues, issue, thaw_summary_raw(summary, conflict, "where"));
    else
        at_package(summary, issues, issue, conflict,
                   strcmp(kind, "twice") != 0 ? "distribution" : "what");
}

static void find_conflicts(struct thaw_summary *summary, struct thaw_issues *issues)
{
    const json_t *conflict;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "conflicts"), i, conflict)
        find_conflict(summary, issues, conflict);
}

static void find_foreign(struct thaw_summary *summary, struct thaw_issues *issues)
{
    const json_t *foreign;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "foreign"), i, foreign) at_path(
        issues,
        add(summary, issues, FOREIGN_FILE,
            thaw_summary_format(summary, "%s is %s", thaw_summary_text(summary, foreign, "path"),
                                thaw_summary_text(summary, foreign, "why"))),
        thaw_summary_raw(summary, foreign, "path"));
}

/* Also what a library of the system wants: without it the target's own one would not load. */
static void find_missing_libraries(struct thaw_summary *summary, struct thaw_issues *issues)
{
    const json_t *library, *needed;
    size_t i, j;

    json_array_foreach(json_object_get(summary->report, "libraries"), i, library)
    {
        if (json_is_false(json_object_get(library, "loaded")))
            continue;
        json_array_foreach(json_object_get(library, "needed"), j, needed)
        {
            const char *loader = thaw_summary_text(summary, needed, "missing_by");

            if (!thaw_key_is_missing(needed))
                continue;
            at_path(issues,
                    add(summary, issues, MISSING_LIBRARY,
                        thaw_summary_format(summary, "%s wants %s, which is not found%s%s",
                                            thaw_summary_text(summary, library, "path"),
                                            thaw_summary_text(summary, needed, "name"),
                                            *loader ? " when loaded by " : "", loader)),
                    thaw_summary_raw(summary, library, "path"));
        }
    }
}

static void find_limits(struct thaw_summary *summary, struct thaw_issues *issues)
{
    const json_t *limit;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "limits"), i, limit)
    {
        struct thaw_issue *issue;

        if (!thaw_summary_is(limit, "exceeded"))
            continue;
        issue = add(summary, issues, SIZE_LIMIT,
                    thaw_summary_format(summary, "%s: %" PRIu64 " bytes, %" PRIu64 " are allowed",
                                        thaw_summary_text(summary, limit, "what"),
                                        thaw_summary_number(limit, "bytes"),
                                        thaw_summary_number(limit, "limit_bytes")));
        if (issue && !thaw_summary_is(limit, "hard"))
            issue->level = THAW_ISSUE_NOTE;
    }
}

/* "x.so", "libx.so.1" */
static bool is_named_library(const char *path)
{
    const char *name = thaw_key_last_part(path);
    size_t length = strlen(name);

    return (length > 3 && !strcmp(name + length - 3, ".so")) || strstr(name, ".so.");
}

/*
 * Folders that can't be read, and files named as shared objects that are cut short or otherwise
 * damaged, or none at all: no ELF, a FIFO. What else is said of a shared object, such as where its
 * RUNPATH leads, keeps it from nothing.
 */
static void find_damaged(struct thaw_summary *summary, struct thaw_issues *issues)
{
    struct thaw_view_index libraries;
    const json_t *fault;
    size_t i;

    if (!thaw_view_index_libraries(summary, &libraries))
        return;
    json_array_foreach(json_object_get(summary->report, "faults"), i, fault)
    {
        const char *path = thaw_key_string(fault, "path");
        bool is_damaged =
            thaw_summary_is(fault, "folder") ||
            (is_named_library(path) && (thaw_summary_is(fault, "unread") ||
                                        thaw_view_find(summary, &libraries, path) == SIZE_MAX));

        if (is_damaged)
            at_path(issues,
                    add(summary, issues, DAMAGED_FILE,
                        thaw_summary_format(summary, "%s: %s",
                                            thaw_view_path(summary, fault, "path"),
                                            thaw_summary_text(summary, fault, "what"))),
                    thaw_summary_raw(summary, fault, "path"));
    }
}

/* What is installed leads to a folder that does not go where the target goes. */
static void find_editables(struct thaw_summary *summary, struct thaw_issues *issues)
{
    const json_t *package;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "distributions"), i, package)
    {
        if (thaw_summary_is(package, "editable_outside"))
            at_package(summary, issues,
                       add(summary, issues, EDITABLE_OUTSIDE,
                           thaw_summary_format(
                               summary, "%s is editable: its source is %s, outside of the target",
                               thaw_summary_text(summary, package, "name"),
                               thaw_summary_text(summary, package, "editable"))),
                       package, "name");
    }
}

static void find_requirements(struct thaw_summary *summary, struct thaw_issues *issues)
{
    const json_t *line;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "requirements"), i, line)
    {
        const char *text = thaw_summary_text(summary, line, "text");
        struct thaw_issue *issue = NULL;

        if (thaw_summary_is(line, "unreadable"))
            issue = add(summary, issues, UNREADABLE_REQUIREMENT,
                        thaw_summary_format(summary, "%s is no requirement", text));
        else if (thaw_summary_is(line, "applies") && !thaw_summary_is(line, "pinned") &&
                 !thaw_summary_is(line, "constraint"))
            issue = add(summary, issues, UNPINNED_REQUIREMENT,
                        thaw_summary_format(summary, "%s is not pinned to one version", text));
        at_path(issues, issue, thaw_summary_raw(summary, line, "file"));
        if (issue)
            issue->line = thaw_summary_number(line, "line");
    }
}

bool thaw_issues_of_target(struct thaw_summary *summary, struct thaw_issues *issues)
{
    if (!json_is_object(json_object_get(summary->report, "target")))
        return !summary->failed;
    find_conflicts(summary, issues);
    find_foreign(summary, issues);
    find_missing_libraries(summary, issues);
    find_limits(summary, issues);
    find_damaged(summary, issues);
    find_editables(summary, issues);
    find_requirements(summary, issues);
    return !summary->failed;
}
