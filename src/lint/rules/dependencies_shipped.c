/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over packages that lie in what is deployed: do they fit the platform, are they too large.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path_table.h"
#include "lint/deployed.h"
#include "lint/rules.h"

/* --- foreign-platform-library --- */

struct foreign {
    struct thaw_path_table table; /* of shipped->foreign's paths, with their numbers */
    bool *deployed;               /* of each */
};

/* A library of .NET: extensions of the host have theirs in bin/, and they run on any system. One of
 * a Python package is in its record. */
static bool is_of_host(const struct thaw_shipped_file *file)
{
    size_t length = strlen(file->path);

    return file->distribution == THAW_SHIPPED_NONE && length > 4 &&
           !strcasecmp(file->path + length - 4, ".dll") &&
           strncmp(file->path, ".python_packages/", 17) != 0;
}

static void mark(const struct thaw_lint *lint, struct foreign *foreign, const char *path)
{
    size_t number = thaw_path_table_find(&foreign->table, path, strlen(path));

    if (number < lint->project->shipped->foreign_count)
        foreign->deployed[number] = true;
}

/* A foreign path is a file, or the folder of a distribution's metadata. */
static bool find_foreign(struct thaw_lint *lint, struct foreign *foreign)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    foreign->deployed = calloc(shipped->foreign_count, sizeof(*foreign->deployed));
    if (!foreign->deployed)
        return false;
    for (size_t i = 0; i < shipped->foreign_count; i++)
        if (thaw_path_table_add(&foreign->table, &lint->arena, shipped->foreign[i].path,
                                strlen(shipped->foreign[i].path), i) < 0)
            return false;
    for (size_t i = 0; i < shipped->file_count; i++) {
        if (!thaw_lint_file_is_deployed(lint, i) || is_of_host(&shipped->files[i]))
            continue;
        mark(lint, foreign, shipped->files[i].path);
        if (shipped->files[i].folder < shipped->folder_count)
            mark(lint, foreign, shipped->folders[shipped->files[i].folder].path);
    }
    return true;
}

static void tell_foreign(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                         const struct foreign *foreign)
{
    const struct thaw_shipped *shipped = lint->project->shipped;
    struct thaw_lint_finding *finding;
    struct thaw_project_place place = {.file = ""};
    size_t count = 0, first = 0;

    for (size_t i = shipped->foreign_count; i-- > 0;)
        if (foreign->deployed[i]) {
            count++;
            first = i;
        }
    if (!count)
        return;
    place.file = shipped->foreign[first].path;
    finding = thaw_lint_add(lint, rule, &place, "foreign",
                            "%zu deployed file%s can't be loaded there: %s", count,
                            count == 1 ? "" : "s", shipped->foreign[first].why);
    for (size_t i = first; i < shipped->foreign_count; i++)
        if (foreign->deployed[i])
            thaw_lint_evidence(lint, finding, "%s: %s", shipped->foreign[i].path,
                               shipped->foreign[i].why);
    thaw_lint_source(lint, finding,
                     thaw_lint_fact(lint->facts, "azure_functions", "behaviours",
                                    "local-build-platform"));
    thaw_lint_fix(lint, finding,
                  "let the platform build, or install on Linux with Python %s: pip install "
                  "--platform manylinux2014_x86_64 --only-binary=:all: --python-version %s "
                  "--target .python_packages/lib/site-packages -r requirements.txt",
                  *shipped->python.version ? shipped->python.version : "of the app",
                  *shipped->python.version ? shipped->python.version : "…");
    /* What machine or version it is deployed to may be told by nothing in the folder. */
    if (finding && (shipped->python.is_machine_assumed || !*shipped->python.version ||
                    !strcmp(shipped->python.evidence, "assumed")))
        finding->confidence = "medium";
}

static void check_foreign(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct foreign foreign = {0};

    if (!lint->project->shipped->foreign_count)
        return;
    if (find_foreign(lint, &foreign))
        tell_foreign(lint, rule, &foreign);
    else
        lint->failed = true;
    free(foreign.deployed);
    thaw_path_table_clear(&foreign.table);
}

/* --- native-without-remote-build --- */

/* "cp311-cp311-linux_x86_64": made by pip on some Linux, for the libraries of that one. */
static bool is_built_locally(const struct thaw_shipped_distribution *distribution)
{
    for (uint64_t i = 0; i < distribution->tags.count; i++) {
        const char *platform = strrchr(distribution->tags.items[i], '-');

        if (platform && !strncmp(platform + 1, "linux_", 6))
            return true;
    }
    return false;
}

static void check_native(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_shipped *shipped = lint->project->shipped;
    uint64_t *bytes = thaw_lint_deployed_bytes(lint);

    for (size_t i = 0; bytes && i < shipped->distribution_count; i++) {
        const struct thaw_shipped_distribution *distribution = &shipped->distributions[i];
        struct thaw_project_place place = {.file = distribution->info};
        struct thaw_lint_finding *finding;

        if (!bytes[i] || !is_built_locally(distribution) ||
            !distribution->kinds[THAW_FILE_NATIVE].files)
            continue;
        finding =
            thaw_lint_add(lint, rule, &place, distribution->name,
                          "%s was compiled on the machine it was installed on", distribution->name);
        thaw_lint_evidence(lint, finding, "its wheel: %s", distribution->tags.items[0]);
        thaw_lint_evidence(lint, finding, "%llu native file%s of it",
                           (unsigned long long)distribution->kinds[THAW_FILE_NATIVE].files,
                           distribution->kinds[THAW_FILE_NATIVE].files == 1 ? "" : "s");
        thaw_lint_fix(lint, finding,
                      "build it in the platform's image, or take a version that "
                      "has a manylinux wheel");
        if (finding)
            finding->confidence = "medium"; /* that machine may be just like the platform's */
    }
    free(bytes);
}

/* --- package-too-large --- */

/* The limits of one plan only are told for that plan. */
static bool is_about(const struct thaw_lint *lint, const struct thaw_shipped_limit *limit)
{
    if (*limit->platform && strcmp(limit->platform, lint->project->platform.value) != 0)
        return false;
    return !strstr(limit->id, "consumption") || thaw_lint_plan_is(lint, "consumption");
}

static void check_size(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project *project = lint->project;

    for (size_t i = 0; i < project->shipped->limit_count; i++) {
        const struct thaw_shipped_limit *limit = &project->shipped->limits[i];
        /* What a folder has is more than what is deployed of it. */
        uint64_t bytes = project->is_zip ? limit->bytes : project->deployed.bytes;
        struct thaw_lint_finding *finding;

        if (!is_about(lint, limit) || bytes <= limit->limit_bytes)
            continue;
        finding = thaw_lint_add(lint, rule, NULL, limit->id, "%s is deployed, the limit is %s",
                                thaw_lint_size_text(lint, bytes),
                                thaw_lint_size_text(lint, limit->limit_bytes));
        thaw_lint_evidence(lint, finding, "%s", limit->what);
        thaw_lint_evidence(lint, finding, "%s (read %s)", limit->source, limit->dated);
        thaw_lint_fix(lint, finding,
                      "thaw deps %s shows what is largest and why it is there; "
                      "else deploy a container image",
                      project->path);
        if (finding && !limit->is_hard)
            finding->severity = "warning";
    }
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_foreign_platform_library = {
    .kind =
        {
            .id = "foreign-platform-library",
            .severity = "error",
            .title = "deployed packages are for another platform",
            .needs = "what the app ships",
            .explanation =
                "Wheels with compiled code are for one operating system, one kind of processor "
                "and one version of Python. Packages installed on Windows, on a Mac or with "
                "another Python lie in the app's folder and are deployed as they are; on the "
                "instance the import of their compiled part fails: No module named "
                "numpy.core._multiarray_umath, or invalid ELF header.\n"
                "\n"
                "It is told from the tags that the installer wrote beside each package, and from "
                "the names of extension modules. What .funcignore leaves out isn't looked at.\n"
                "\n"
                "How to change it: let the platform build (func azure functionapp publish builds "
                "remotely unless told otherwise); or install in the pipeline on Linux, with the "
                "app's version of Python; or let pip fetch for it: pip install --platform "
                "manylinux2014_x86_64 --only-binary=:all: --target "
                ".python_packages/lib/site-packages.\n"
                "\n"
                "What may go wrong: a package without a wheel for that platform can't be fetched "
                "so. Build it in the platform's image.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_ANY,
    .can_check = thaw_lint_has_shipped,
    .check = check_foreign,
};

const struct thaw_lint_rule thaw_rule_native_without_remote_build = {
    .kind =
        {
            .id = "native-without-remote-build",
            .severity = "note",
            .title = "a deployed package was compiled on the machine it was installed on",
            .needs = "what the app ships",
            .explanation =
                "Wheels from the index carry a tag such as manylinux_2_17: what they need of the "
                "system is known, and bundled where it isn't there everywhere. One that pip "
                "compiled itself has the tag linux_x86_64: it needs the C library, and all "
                "others, of the machine it was compiled on, in these versions or newer ones.\n"
                "\n"
                "If that machine is newer than the platform's image the import fails there: "
                "version GLIBC_2.38 not found. If it needs a library that you once installed by "
                "hand, it fails too.\n"
                "\n"
                "How to change it: build in a container of the platform's image, or remotely, or "
                "take a version for which there is a manylinux wheel. pip install "
                "--only-binary=:all: refuses to compile.\n"
                "\n"
                "Confidence is medium: the machine may have been just like the platform's.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_ANY,
    .can_check = thaw_lint_has_shipped,
    .check = check_native,
};

const struct thaw_lint_rule thaw_rule_package_too_large = {
    .kind =
        {
            .id = "package-too-large",
            .severity = "error",
            .title = "what is deployed is larger than the platform takes",
            .needs = "what the app ships",
            .explanation =
                "Platforms limit what a deployment may have; which limits there are is shown "
                "with each, with the page it is from. Beyond a hard one the deployment is "
                "refused, or the instance has no room to unpack it.\n"
                "\n"
                "Long before that, size is time: each cold start fetches the package, or reads "
                "it over a network share, and an import of many files waits for each.\n"
                "\n"
                "What is counted is what is deployed: without what .funcignore leaves out. A "
                "package that is built remotely isn't here to be counted.\n"
                "\n"
                "How to change it: thaw deps shows each package's size, what brought it in, and "
                "what of it is tests, documentation and debugging symbols. What has to stay and "
                "is large may go into a container image, whose limits are others.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_ANY,
    .can_check = thaw_lint_has_shipped,
    .check = check_size,
};
