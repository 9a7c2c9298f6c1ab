/* SPDX-License-Identifier: Apache-2.0 */
#include "thaw/what_if.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/closest.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/what_if.h"

#define LAZY "lazy="
#define DROP "drop="
#define NS_PER_MS 1e6
#define NEEDERS_SHOWN 10
#define CALLS_SHOWN 5

struct names {
    const char **items;
    size_t count;
    size_t capacity;
};

struct question {
    char *text; /* cut up at its commas */
    struct names lazy;
    struct names drop;
    bool wrong;
};

static bool add(struct names *names, const char *name)
{
    const char **slot = thaw_array_add(names);

    if (slot)
        *slot = name;
    return slot != NULL;
}

/* "lazy=pandas,numpy,drop=requests"; false when memory is short. */
static bool parse(const char *asked, struct question *ret)
{
    struct names *names = NULL;
    char *rest = NULL;

    ret->text = strdup(asked);
    if (!ret->text)
        return false;
    for (char *name = strtok_r(ret->text, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        if (strncmp(name, LAZY, strlen(LAZY)) == 0)
            names = &ret->lazy;
        else if (strncmp(name, DROP, strlen(DROP)) == 0)
            names = &ret->drop;
        if (strncmp(name, LAZY, strlen(LAZY)) == 0 || strncmp(name, DROP, strlen(DROP)) == 0)
            name += strlen(LAZY);
        if (!names || !*name || strchr(name, '='))
            ret->wrong = true;
        else if (!add(names, name))
            return false;
    }
    ret->wrong |= !ret->lazy.count && !ret->drop.count;
    return true;
}

/* --- JSON --- */

static json_t *text_value(struct thaw_arena *arena, const char *text)
{
    const char *valid = thaw_text_for_json(arena, text);

    return valid ? json_string(valid) : NULL;
}

static json_t *texts_value(struct thaw_arena *arena, const char *const *texts, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < count; i++) {
        if (json_array_append_new(array, text_value(arena, texts[i])) < 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *calls_value(struct thaw_arena *arena, const struct thaw_what_if_answer *answer)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < answer->first_call_count; i++) {
        const struct thaw_first_call *call = &answer->first_calls[i];
        json_t *object =
            json_pack("{so so sI sI sI}", "function", text_value(arena, call->function), "file",
                      text_value(arena, call->file), "line", (json_int_t)call->line, "ns",
                      (json_int_t)call->ns, "modules", (json_int_t)call->modules);

        if (json_array_append_new(array, object) < 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *needers_value(struct thaw_arena *arena, const struct thaw_what_if_answer *answer)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < answer->needer_count; i++) {
        const struct thaw_what_if_needer *needer = &answer->needers[i];
        json_t *object =
            json_pack("{so so so so sI sb}", "module", text_value(arena, needer->module), "needs",
                      text_value(arena, needer->needs), "distribution",
                      text_value(arena, needer->distribution), "file",
                      text_value(arena, needer->file), "line", (json_int_t)needer->line, "own",
                      needer->own);

        if (json_array_append_new(array, object) < 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static int print_json(const struct question *question, const struct thaw_what_if_answer *answer,
                      struct thaw_arena *arena)
{
    const struct thaw_saving *saving = &answer->saving;
    json_t *object =
        json_pack("{so so sI sI sI sI sI sI sf sI sf sb ss so so so so}", "lazy",
                  texts_value(arena, question->lazy.items, question->lazy.count), "drop",
                  texts_value(arena, question->drop.items, question->drop.count), "ns",
                  (json_int_t)saving->ns, "low_ns", (json_int_t)saving->low_ns, "high_ns",
                  (json_int_t)saving->high_ns, "gc_ns", (json_int_t)saving->gc_ns, "modules",
                  (json_int_t)saving->modules, "imports_ns", (json_int_t)answer->imports_ns,
                  "share", saving->share, "import_cpu_ns", (json_int_t)answer->import_cpu_ns,
                  "import_share", answer->import_share, "needed_by_first_reply", answer->needed,
                  "proof", saving->proof, "first_calls", calls_value(arena, answer), "vanished",
                  texts_value(arena, answer->vanished, answer->vanished_count), "dropped",
                  texts_value(arena, answer->dropped, answer->dropped_count), "broken",
                  needers_value(arena, answer));
    int failed = object ? json_dumpf(object, stdout, JSON_INDENT(2)) : -1;

    json_decref(object);
    putchar('\n');
    return failed ? THAW_EXIT_FAILED : THAW_EXIT_OK;
}

/* --- words --- */

static const char *shown(struct thaw_arena *arena, const char *text)
{
    const char *safe = thaw_text_for_terminal(arena, text);

    return safe ? safe : "?";
}

static void print_names(struct thaw_arena *arena, const char *verb, const struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        printf("%s%s%s", i ? ", " : verb, i ? "" : " ", shown(arena, names->items[i]));
}

static void print_saving(const struct thaw_what_if_answer *answer)
{
    const struct thaw_saving *saving = &answer->saving;

    printf(" takes %.1f ms (%.1f to %.1f ms) and %llu module%s out of what is imported before the "
           "first call: %.1f %% of the total, %.1f %% of all imports, %.1f %% of the CPU time of "
           "the app's own; %s.\n",
           (double)saving->ns / NS_PER_MS, (double)saving->low_ns / NS_PER_MS,
           (double)saving->high_ns / NS_PER_MS, (unsigned long long)saving->modules,
           saving->modules == 1 ? "" : "s", saving->share * 100,
           answer->imports_ns ? 100.0 * (double)saving->ns / (double)answer->imports_ns : 0.0,
           answer->import_share * 100, saving->proof);
    if (saving->gc_ns)
        printf("The upper end includes one full garbage collection (%.1f ms), which may go with "
               "it.\n",
               (double)saving->gc_ns / NS_PER_MS);
}

static void print_calls(struct thaw_arena *arena, const struct thaw_what_if_answer *answer)
{
    for (size_t i = 0; i < answer->first_call_count && i < CALLS_SHOWN; i++)
        printf("The first call of %s() then pays %.1f ms.\n",
               shown(arena, answer->first_calls[i].function),
               (double)answer->first_calls[i].ns / NS_PER_MS);
    if (answer->first_call_count > CALLS_SHOWN)
        printf("%zu more functions pay as much or less.\n", answer->first_call_count - CALLS_SHOWN);
}

static void print_needers(struct thaw_arena *arena, const struct thaw_what_if_answer *answer)
{
    if (!answer->needer_count)
        return;
    printf("These import what is dropped, and would have to do without:\n");
    for (size_t i = 0; i < answer->needer_count && i < NEEDERS_SHOWN; i++) {
        const struct thaw_what_if_needer *needer = &answer->needers[i];
        const char *distribution = needer->distribution;

        printf("  %s%s%s%s imports %s", shown(arena, needer->module), *distribution ? " (" : "",
               shown(arena, distribution), *distribution ? ")" : "", shown(arena, needer->needs));
        if (*needer->file && needer->line)
            printf(" in %s line %llu", shown(arena, needer->file),
                   (unsigned long long)needer->line);
        printf("\n");
    }
    if (answer->needer_count > NEEDERS_SHOWN)
        printf("  and %zu more\n", answer->needer_count - NEEDERS_SHOWN);
}

static int print_words(const struct question *question, const struct thaw_what_if_answer *answer,
                       struct thaw_arena *arena)
{
    print_names(arena, "Deferring", &question->lazy);
    print_names(arena, question->lazy.count ? " and dropping" : "Dropping", &question->drop);
    print_saving(answer);
    if (!answer->saving.ns)
        printf("Everything it loads is needed by something else that is imported.\n");
    else if (answer->needed)
        printf(
            "But the first reply needs some of it: there the time moves into the first call, and "
            "only cold starts answered by other functions gain.\n");
    print_calls(arena, answer);
    print_needers(arena, answer);
    return THAW_EXIT_OK;
}

/* --- the command --- */

static int complain(const char *command, const struct thaw_what_if_answer *answer,
                    struct thaw_error *error)
{
    struct thaw_closest closest = {.typed = answer->unknown};

    for (size_t i = 0; answer->unknown && i < answer->offered_count; i++)
        thaw_closest_offer(&closest, answer->offered[i]);
    if (!closest.name)
        return thaw_fail(command, error, THAW_EXIT_USAGE);
    thaw_complain(command, "%s (did you mean '%s'?)", error->message, closest.name);
    return THAW_EXIT_USAGE;
}

static int ask(const char *command, const struct question *question,
               const struct thaw_timeline *timeline, bool json)
{
    const struct thaw_what_if asked = {
        .lazy = question->lazy.items,
        .lazy_count = question->lazy.count,
        .drop = question->drop.items,
        .drop_count = question->drop.count,
    };
    struct thaw_error error = {0};
    struct thaw_what_if_answer answer;
    struct thaw_arena arena = {0};
    int code = thaw_analysis_what_if(timeline, &asked, &answer, &error);

    if (code)
        code = complain(command, &answer, &error);
    else
        code = (json ? print_json : print_words)(question, &answer, &arena);
    thaw_what_if_answer_free(&answer);
    thaw_arena_free(&arena);
    return code;
}

int thaw_what_if(const char *command, const char *question, const struct thaw_timeline *timeline,
                 bool json)
{
    struct thaw_error error = {0};
    struct question parsed = {0};
    int code;

    if (!parse(question, &parsed)) {
        thaw_error_memory(&error);
        code = thaw_fail(command, &error, THAW_EXIT_FAILED);
    } else if (parsed.wrong) {
        thaw_complain(command, "--what-if takes lazy=NAME,... or drop=NAME,... or both, not '%s'",
                      question);
        code = THAW_EXIT_USAGE;
    } else {
        code = ask(command, &parsed, timeline, json);
    }
    thaw_array_free(&parsed.lazy);
    thaw_array_free(&parsed.drop);
    free(parsed.text);
    return code;
}
