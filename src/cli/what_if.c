/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/command.h"
#include "cli/what_if.h"
#include "thaw/analysis.h"

#define KIND "lazy="
#define NS_PER_MS 1e6

struct names {
    const char **items;
    size_t count;
    size_t capacity;
};

/* Takes text (which is cut up) apart at its commas; false when memory is short. */
static bool split(char *text, struct names *ret)
{
    char *rest = NULL;

    for (char *name = strtok_r(text, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        const char **slot = thaw_array_add(ret);

        if (!slot)
            return false;
        *slot = name;
    }
    return true;
}

/* Own times of all imports of the process that the saving is about. */
static uint64_t imports_ns(const struct thaw_timeline *timeline)
{
    const struct thaw_track *track = thaw_timeline_headline(timeline);
    uint64_t sum = 0;

    for (size_t i = 0; track && i < timeline->module_count; i++)
        sum += timeline->modules[i].process == track->process ? timeline->modules[i].self_ns : 0;
    return sum;
}

static int print_json(const char *names, const struct thaw_saving *saving, bool needed,
                      uint64_t whole_ns)
{
    json_t *object =
        json_pack("{ss sI sI sI sI sf sb ss}", "lazy", names, "ns", (json_int_t)saving->ns,
                  "low_ns", (json_int_t)saving->low_ns, "high_ns", (json_int_t)saving->high_ns,
                  "imports_ns", (json_int_t)whole_ns, "share", saving->share,
                  "needed_by_first_reply", needed, "proof", saving->proof);
    int failed = object ? json_dumpf(object, stdout, JSON_INDENT(2)) : -1;

    json_decref(object);
    putchar('\n');
    return failed ? THAW_EXIT_FAILED : THAW_EXIT_OK;
}

static int print_words(const char *names, const struct thaw_saving *saving, bool needed,
                       uint64_t whole_ns)
{
    printf("Deferring %s takes %.1f ms (%.1f to %.1f ms) out of what is imported before the first "
           "call: %.1f %% of the total, %.1f %% of all imports; %s.\n",
           names, (double)saving->ns / NS_PER_MS, (double)saving->low_ns / NS_PER_MS,
           (double)saving->high_ns / NS_PER_MS, saving->share * 100,
           whole_ns ? 100.0 * (double)saving->ns / (double)whole_ns : 0.0, saving->proof);
    if (!saving->ns)
        printf("Everything it loads is needed by something else that is imported.\n");
    else if (needed)
        printf(
            "But the first reply needs some of it: there the time moves into the first call, and "
            "only cold starts answered by other functions gain.\n");
    return THAW_EXIT_OK;
}

int thaw_what_if(const char *command, const char *question, const struct thaw_timeline *timeline,
                 bool json)
{
    struct thaw_error error = {0};
    struct thaw_saving saving;
    bool needed = false;
    struct names names = {0};
    char *text;
    int code;

    if (strncmp(question, KIND, strlen(KIND)) || !question[strlen(KIND)]) {
        thaw_complain(command, "--what-if takes lazy=NAME,NAME..., not '%s'", question);
        return THAW_EXIT_USAGE;
    }
    text = strdup(question + strlen(KIND));
    if (!text || !split(text, &names))
        code = thaw_error_memory(&error);
    else
        code = thaw_analysis_defer(timeline, names.items, names.count, &saving, &needed, &error);
    if (code)
        code = thaw_fail(command, &error, THAW_EXIT_USAGE);
    else
        code = (json ? print_json : print_words)(question + strlen(KIND), &saving, needed,
                                                 imports_ns(timeline));
    thaw_array_free(&names);
    free(text);
    return code;
}
