/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/diff_trials.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/analysed.h"
#include "cli/command.h"
#include "gate/trials.h"
#include "report/read_report.h"
#include "trial/proof_file.h"

enum { most_runs = 200 };

int thaw_diff_recording(const char *path, json_t **ret, struct thaw_error *error)
{
    struct thaw_analysed analysed = {0};
    int code = thaw_analysed_load(path, &analysed, error);

    if (!code)
        code = thaw_report_json(analysed.analysis, ret, error);
    thaw_analysed_free(&analysed);
    return code;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);

    return length > tail && !strcmp(name + length - tail, ending);
}

/* What lies beside recordings, and says something of them. */
static bool is_about_runs(const char *name)
{
    return ends_with(name, THAW_PROOF_FILE_ENDING) || !strcmp(name, THAW_TRIALS_NAME);
}

static bool is_run(const char *name)
{
    return ends_with(name, ".thaw") || (ends_with(name, ".json") && !is_about_runs(name));
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* What is never compared is let go: a report of ten thousand modules is large, and there may be
 * many. */
static void slim(json_t *report)
{
    static const char *const members[] = {"native",  "findings",    "suppressed",
                                          "durable", "concurrency", "invocations",
                                          "probes",  "failures",    "not_visible"};
    static const char *const of_modules[] = {"effects", "waits",  "wait",
                                             "split",   "faults", "importers"};
    json_t *module;
    size_t i;

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        json_object_del(report, members[i]);
    json_array_foreach(json_object_get(report, "modules"), i, module)
    {
        for (size_t j = 0; j < sizeof(of_modules) / sizeof(of_modules[0]); j++)
            json_object_del(module, of_modules[j]);
    }
}

/* Takes path. */
static int add_run(char *path, struct thaw_diff_operand *ret, struct thaw_error *error)
{
    struct thaw_diff_run *run;
    json_t *report = NULL;
    int code = ends_with(path, ".thaw") ? thaw_diff_recording(path, &report, error)
                                        : thaw_report_read_file(path, &report, error);

    if (!code && !thaw_diff_is_recording(report))
        code = thaw_error_set(error, -EINVAL,
                              "%s is the report of a target, no recording of a cold start", path);
    run = code ? NULL : thaw_array_add(&ret->runs);
    if (!code && !run)
        code = thaw_error_memory(error);
    if (code) {
        json_decref(report);
        free(path);
        return code;
    }
    slim(report);
    *run = (struct thaw_diff_run){path, report};
    return 0;
}

/* Names of a folder, and what they tell of it. */
struct listing {
    struct dirent **entries;
    int count;
    int recordings; /* *.thaw */
    int reports;    /* *.json */
    bool others;
};

static int list(const char *path, struct listing *ret, struct thaw_error *error)
{
    ret->count = scandir(path, &ret->entries, is_shown, versionsort);
    if (ret->count < 0)
        return thaw_error_system(error, -errno, "%s can't be read", path);
    for (int i = 0; i < ret->count; i++) {
        const char *name = ret->entries[i]->d_name;

        if (!is_run(name))
            ret->others |= !is_about_runs(name);
        else if (ends_with(name, ".thaw"))
            ret->recordings++;
        else
            ret->reports++;
    }
    return 0;
}

static void end_listing(struct listing *listing)
{
    for (int i = 0; i < listing->count; i++)
        free(listing->entries[i]);
    free(listing->entries);
}

/* Is a file of that name in the folder what it is called? */
static bool is_report(const char *folder, const char *name)
{
    json_t *report = NULL;
    char *path;
    int code;

    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return false;
    code = thaw_report_read_file(path, &report, NULL);
    free(path);
    json_decref(report);
    return code == 0;
}

/* Is it a set of trials? Of JSON files alone only where the first is one of thaw's reports. */
static bool is_set(const char *command, const char *path, const struct listing *listing)
{
    if (listing->others && listing->recordings)
        thaw_complain(command,
                      "%s holds recordings and other files: it is compared as a target; --trials "
                      "compares its recordings",
                      path);
    if (listing->others || !(listing->recordings + listing->reports))
        return false;
    for (int i = 0; i < listing->count && !listing->recordings; i++)
        if (is_run(listing->entries[i]->d_name))
            return is_report(path, listing->entries[i]->d_name);
    return true;
}

static int read_all(const char *folder, bool forced, const struct listing *listing,
                    struct thaw_diff_operand *ret, struct thaw_error *error)
{
    int code = 0;

    for (int i = 0; i < listing->count && !code; i++) {
        const char *name = listing->entries[i]->d_name;
        char *path;

        if (!is_run(name) || (forced && !ends_with(name, ".thaw") && !is_report(folder, name)))
            continue;
        if (ret->runs.count == most_runs)
            return thaw_error_set(error, -E2BIG, "%s holds more than %d recordings", folder,
                                  most_runs);
        if (asprintf(&path, "%s/%s", folder, name) < 0)
            return thaw_error_memory(error);
        code = add_run(path, ret, error);
    }
    if (!code && !ret->runs.count)
        code = thaw_error_set(error, -ENOENT,
                              "%s holds no recordings (*.thaw) and no reports of recordings "
                              "(*.json)",
                              folder);
    return code;
}

int thaw_diff_trials(const char *command, const char *path, bool forced,
                     struct thaw_diff_operand *ret, struct thaw_error *error)
{
    struct listing listing = {0};
    struct stat status;
    int code;

    if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
        return 0;
    code = list(path, &listing, error);
    if (!code && (forced || is_set(command, path, &listing))) {
        code = read_all(path, forced, &listing, ret, error);
        code = code ? code : 1;
    }
    end_listing(&listing);
    return code;
}
