/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over files that are deployed and of no use there. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lint/code.h"
#include "lint/deployed.h"
#include "lint/rules.h"

/* Less than that is not worth a word, in bytes and as a part of what is deployed. */
#define LEAST_BYTES 1000000u
#define LEAST_SHARE 0.05
#define LEAST_DOCS_BYTES 100000u

enum dead {
    DEAD_TESTS,
    DEAD_DOCS,
    DEAD_STUBS,
    DEAD_HEADERS,
    DEAD_DEBUG,
    DEAD_NOTEBOOKS,
    DEAD_CACHES,
    DEAD_HIDDEN, /* .github, .vscode … */
    DEAD_KINDS,
    DEAD_NONE = DEAD_KINDS,
};

static const char *const dead_words[DEAD_KINDS] = {
    "tests",           "documentation", "type stubs",      "C headers",
    "debugging files", "notebooks",     "caches of tools", "hidden folders",
};

struct dead_sum {
    uint64_t files, bytes;
    uint64_t largest;
    const char *example;
};

/* Is one of the path's folders the name? */
static bool has_folder(const char *path, const char *name)
{
    size_t length = strlen(name);

    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (!strncmp(part, name, length) && part[length] == '/')
            return true;
    }
    return false;
}

static bool is_cache(const char *path)
{
    static const char *const names[] = {".pytest_cache",      ".mypy_cache", ".ruff_cache",
                                        ".ipynb_checkpoints", ".tox",        ".nox",
                                        ".hypothesis"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (has_folder(path, names[i]))
            return true;
    return false;
}

/* .python_packages is where packages are deployed in; __pycache__ is of use. */
static bool is_hidden(const char *path)
{
    return *path == '.' && strchr(path, '/') && strncmp(path, ".python_packages/", 17) != 0;
}

static enum dead dead_kind(const struct thaw_shipped_file *file)
{
    static const enum dead of[THAW_FILE_KINDS] = {
        [THAW_FILE_PYTHON] = DEAD_NONE, [THAW_FILE_BYTECODE] = DEAD_NONE,
        [THAW_FILE_NATIVE] = DEAD_NONE, [THAW_FILE_DATA] = DEAD_NONE,
        [THAW_FILE_TESTS] = DEAD_TESTS, [THAW_FILE_DOCS] = DEAD_DOCS,
        [THAW_FILE_STUBS] = DEAD_STUBS, [THAW_FILE_HEADERS] = DEAD_HEADERS,
        [THAW_FILE_DEBUG] = DEAD_DEBUG, [THAW_FILE_METADATA] = DEAD_NONE,
    };

    if (is_cache(file->path))
        return DEAD_CACHES;
    if (is_hidden(file->path))
        return DEAD_HIDDEN;
    if (thaw_text_ends_with(file->path, ".ipynb"))
        return DEAD_NOTEBOOKS;
    return file->kind < THAW_FILE_KINDS ? of[file->kind] : DEAD_NONE;
}

static void add(struct dead_sum *sum, const struct thaw_shipped_file *file)
{
    sum->files++;
    sum->bytes += file->bytes;
    if (!sum->example || file->bytes > sum->largest) {
        sum->largest = file->bytes;
        sum->example = file->path;
    }
}

/* own: files of no distribution only, which .funcignore is for. */
static struct dead_sum sum_dead(const struct thaw_lint *lint, bool own,
                                struct dead_sum sums[DEAD_KINDS])
{
    const struct thaw_shipped *shipped = lint->project->shipped;
    struct dead_sum all = {0};

    for (size_t i = 0; i < shipped->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];
        enum dead kind;

        /* First what costs least to tell: most files are of a virtual environment. */
        if (!thaw_lint_file_is_deployed(lint, i) ||
            (own && file->distribution != THAW_SHIPPED_NONE))
            continue;
        kind = dead_kind(file);
        if (kind == DEAD_NONE)
            continue;
        add(&sums[kind], file);
        add(&all, file);
    }
    return all;
}

static void tell_sums(struct thaw_lint *lint, struct thaw_lint_finding *finding,
                      const struct dead_sum sums[DEAD_KINDS])
{
    for (size_t i = 0; i < DEAD_KINDS; i++)
        if (sums[i].files)
            thaw_lint_evidence(lint, finding, "%s: %llu file%s, %s; the largest is %s",
                               dead_words[i], (unsigned long long)sums[i].files,
                               sums[i].files == 1 ? "" : "s",
                               thaw_lint_size_text(lint, sums[i].bytes), sums[i].example);
}

static bool is_much(const struct thaw_lint *lint, uint64_t bytes)
{
    return bytes >= LEAST_BYTES &&
           (double)bytes >= LEAST_SHARE * (double)lint->project->deployed.bytes;
}

/* A zip is what a tool made of the folder, and an image has a .dockerignore. */
static bool is_folder(const struct thaw_lint *lint)
{
    return lint->project->shipped && !lint->project->is_zip;
}

static void check_funcignore(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct dead_sum sums[DEAD_KINDS] = {0}, all;
    struct thaw_lint_finding *finding;

    if (lint->project->has_funcignore || !strcmp(lint->project->packaging.value, "container"))
        return;
    all = sum_dead(lint, true, sums);
    /* A README and the like are harmless, and small. */
    if (all.files == sums[DEAD_DOCS].files && all.bytes < LEAST_DOCS_BYTES)
        return;
    finding = thaw_lint_add(lint, rule, NULL, ".funcignore",
                            "there is no .funcignore, and %s in %llu file%s is deployed for "
                            "nothing",
                            thaw_lint_size_text(lint, all.bytes), (unsigned long long)all.files,
                            all.files == 1 ? "" : "s");
    tell_sums(lint, finding, sums);
    thaw_lint_fix(lint, finding,
                  "write a .funcignore with a line each, such as: .venv/, tests/, "
                  ".git*, .vscode/, *.ipynb, local.settings.json");
    if (finding && is_much(lint, all.bytes))
        finding->severity = "warning";
}

static void check_dead_weight(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct dead_sum sums[DEAD_KINDS] = {0}, all = sum_dead(lint, false, sums);
    struct thaw_lint_finding *finding;

    if (!is_much(lint, all.bytes))
        return;
    finding = thaw_lint_add(lint, rule, NULL, "dead-weight",
                            "%s of the %s that are deployed is never used there",
                            thaw_lint_size_text(lint, all.bytes),
                            thaw_lint_size_text(lint, lint->project->deployed.bytes));
    tell_sums(lint, finding, sums);
    thaw_lint_fix(lint, finding,
                  "leave it out: by .funcignore (zip -x, .dockerignore), in "
                  "packages by deleting it after installing");
    if (finding)
        finding->confidence = "medium"; /* an app may read what looks like documentation */
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_funcignore_missing = {
    .kind =
        {
            .id = "funcignore-missing",
            .severity = "note",
            .title = "nothing is left out of the deployment",
            .needs = "what the app ships, as a folder",
            .explanation =
                ".funcignore says what of the folder is not deployed, in the form of a "
                ".gitignore. Without one the tools leave out what they know by themselves (.git, "
                "local.settings.json) and take all else: tests, notebooks, the settings of the "
                "editor, the caches of test runners.\n"
                "\n"
                "It costs time with each deployment and each cold start that fetches the "
                "package, and publishes files that were not meant to be: tests with data from "
                "production are the usual case.\n"
                "\n"
                "It is told where there is something of that kind, other than documentation of "
                "less than 100 kB; a warning where it is at least 1 MB and a twentieth of the "
                "package.\n"
                "\n"
                "How to change it: a .funcignore beside host.json, with .venv/, tests/, .git*, "
                ".vscode/, .github/, *.ipynb, local.settings.json, one on a line.\n"
                "\n"
                "What may go wrong: a pattern that is too wide leaves out a module of the app. "
                "thaw lint, run again, says what is deployed then.",
        },
    .area = "deployment",
    .platforms = THAW_LINT_AZURE,
    .can_check = is_folder,
    .check = check_funcignore,
};

const struct thaw_lint_rule thaw_rule_dead_weight_shipped = {
    .kind =
        {
            .id = "dead-weight-shipped",
            .severity = "warning",
            .title = "files that are never used are deployed",
            .needs = "what the app ships",
            .explanation =
                "Tests of packages, documentation, type stubs, C headers, separate debugging "
                "files, notebooks, caches of tools: nothing reads them when the app runs. Here "
                "they are at least 1 MB and a twentieth of what is deployed.\n"
                "\n"
                "Each cold start may have to fetch and unpack them. On a file share more files "
                "also make each look-up of a module slower.\n"
                "\n"
                "How to change it: own files by .funcignore; in packages that are deployed with "
                "the app, after installing: find .python_packages -name tests -type d -exec rm "
                "-r {} +. thaw deps shows them by package.\n"
                "\n"
                "What may go wrong: some packages import their tests' helpers (numpy.testing is "
                "one that is kept), and some apps read a README at run time. A recording tells "
                "what is really read: thaw deps with --recording.",
        },
    .area = "deployment",
    .platforms = THAW_LINT_ANY,
    .can_check = thaw_lint_has_shipped,
    .check = check_dead_weight,
};
