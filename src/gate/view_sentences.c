/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/view.h"
#include "report/keys.h"

#define DO_WITHOUT "Do without it (thaw deps --why NAME tells who wants it), or raise the limit"

static bool is(const json_t *check, const char *key, const char *word)
{
    return !strcmp(thaw_key_string(check, key), word);
}

/* As the check's reason has it. */
static const char *probability_words(struct thaw_summary *summary, double probability)
{
    return probability < 0.0001 ? "p < 0.0001"
                                : thaw_summary_format(summary, "p = %.2g", probability);
}

const char *thaw_gate_view_test(struct thaw_summary *summary, const json_t *check)
{
    const json_t *limit;
    size_t i;

    json_array_foreach(json_object_get(check, "limits"), i, limit)
    {
        const json_t *test = json_object_get(limit, "test"),
                     *ratio = json_object_get(test, "ratio");

        if (json_is_object(ratio))
            return thaw_summary_format(
                summary, "The runs take %.2f times as long as before (%.2f to %.2f, %s).",
                json_number_value(json_object_get(ratio, "middle")),
                json_number_value(json_object_get(ratio, "low")),
                json_number_value(json_object_get(ratio, "high")),
                probability_words(summary,
                                  json_number_value(json_object_get(test, "probability"))));
    }
    return "";
}

const char *thaw_gate_view_exception(struct thaw_summary *summary, const json_t *check)
{
    const json_t *allowed = json_object_get(check, "allowed");
    const char *until = thaw_summary_text(summary, allowed, "until");
    const char *reason = thaw_summary_text(summary, allowed, "reason");

    if (!json_is_object(allowed))
        return "";
    if (thaw_summary_is(allowed, "expired"))
        return thaw_summary_format(summary, "The exception for it ended on %s: %s.", until, reason);
    return thaw_summary_format(summary, "Allowed%s%s: %s.", *until ? " until " : "", until, reason);
}

/* The place of the user's import that brought the first offender: what can be changed. "" not
 * known, or not by an import. */
static const char *cause(struct thaw_summary *summary, const json_t *check)
{
    const json_t *offender = json_array_get(json_object_get(check, "offenders"), 0);
    const char *file = thaw_key_string(offender, "file");
    size_t length = strlen(file);

    if (!is(check, "status", "fail") && !is(check, "status", "warn"))
        return "";
    return length > 3 && !strcmp(file + length - 3, ".py") ? thaw_gate_view_place(summary, offender)
                                                           : "";
}

/* "import pandas in the function that needs it (function_app.py:9)": what stands there is the link
 * behind that file's module, if the chain begins there; else the offender's own name will do. */
static const char *import_later(struct thaw_summary *summary, const json_t *check)
{
    const json_t *offender = json_array_get(json_object_get(check, "offenders"), 0);
    const char *place = cause(summary, check), *name, *chain;
    size_t length = strlen(place);

    if (!length)
        return "Import it in the function that needs it";
    name = thaw_summary_text(summary, offender, "name");
    chain = thaw_summary_text(summary, offender, "chain");
    if (!strncmp(chain, place, length) && !strncmp(chain + length, " > ", 3)) {
        chain = strstr(chain + length + 3, " > ");
        name = chain ? chain + 3 : name;
    }
    return thaw_summary_format(summary, "Import %.*s in the function that needs it (%s)",
                               (int)(strcspn(name, " ")), name, place);
}

/* What is to be done about a budget that is broken, or nearly, by what its metric begins with. */
static const char *budget_advice(struct thaw_summary *summary, const json_t *check)
{
    static const char *const rows[][2] = {
        {"bytecode_", "Compile what is shipped anew (python3 -m compileall), or raise the limit"},
        {"conflicts", "Solve them (thaw deps --check lists them), or raise the limit"},
        {"libraries_mapped", NULL},
        {"shipped_", DO_WITHOUT},
        {"distributions", DO_WITHOUT},
        {"libraries", DO_WITHOUT},
        {"relocations", DO_WITHOUT},
        {"duplicate_", DO_WITHOUT},
    };
    const char *metric = thaw_key_string(check, "metric"), *words = NULL;

    if (is(check, "class", "timed") && !*cause(summary, check))
        return "Look at where the time goes (thaw report, thaw diff), or raise the limit";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strncmp(metric, rows[i][0], strlen(rows[i][0])) != 0)
            continue;
        words = rows[i][1];
        break;
    }
    return words ? words
                 : thaw_summary_format(summary, "%s, do without it, or raise the limit",
                                       import_later(summary, check));
}

const char *thaw_gate_view_advice(struct thaw_summary *summary, const json_t *check)
{
    const char *place = thaw_gate_view_place(summary, json_object_get(check, "location"));
    const char *advice;

    if (is(check, "status", "allowed") || is(check, "status", "pass"))
        return "";
    if (is(check, "status", "inconclusive"))
        return "That is neither a pass nor a failure.";
    if (is(check, "status", "unmeasured"))
        advice = json_is_false(json_object_get(check, "counts"))
                     ? "It is no pass: thaw.json takes it for a warning"
                     : "Measure it where it can be, or let \"unmeasured\" below \"gate\" be a "
                       "warning";
    else if (is(check, "kind", "forbidden"))
        advice = thaw_summary_format(summary, "%s, or allow it with a reason",
                                     import_later(summary, check));
    else
        advice = budget_advice(summary, check);
    return thaw_summary_format(summary, "%s%s%s%s.", advice, *place ? " (" : "", place,
                               *place ? ")" : "");
}

const char *thaw_gate_view_next_advice(struct thaw_summary *summary, const json_t *const *told,
                                       size_t number)
{
    const char *why = cause(summary, told[number]);
    const char *place = thaw_gate_view_place(summary, json_object_get(told[number], "location"));

    for (size_t i = 0; *why && *place && i < number; i++)
        if (!strcmp(cause(summary, told[i]), why) &&
            !strcmp(import_later(summary, told[i]), import_later(summary, told[number])))
            return thaw_summary_format(summary, "By the same import as above; the limit is at %s.",
                                       place);
    return thaw_gate_view_advice(summary, told[number]);
}

/* --- notes --- */

static void add_note(const char **notes, size_t *count, const char *text)
{
    if (*text)
        notes[(*count)++] = text;
    notes[*count] = NULL;
}

static const char *noise_note(struct thaw_summary *summary)
{
    const json_t *noise = json_object_get(summary->report, "noise");

    if (!json_is_object(noise))
        return "";
    return thaw_summary_format(
        summary, "noise: %s differs by %.0f %% from run to run%s",
        thaw_summary_text(summary, noise, "metric"),
        json_number_value(json_object_get(noise, "spread")) * 100,
        thaw_summary_is(noise, "too_noisy")
            ? ": take more runs, or a quieter machine, to tell smaller differences of times"
            : "");
}

static const char *problem_note(struct thaw_summary *summary, const json_t *problem)
{
    const char *text = thaw_summary_text(summary, problem, "what");
    size_t length = strlen(text);

    length -= length && text[length - 1] == '.';
    return thaw_summary_format(summary, "%.*s", (int)length, text);
}

const char *const *thaw_gate_view_notes(struct thaw_summary *summary)
{
    static const char *const none[] = {NULL}, *const levels[] = {"warning", "note"};
    const json_t *problems = json_object_get(summary->report, "problems"), *problem;
    size_t size = (json_array_size(problems) + 3) * sizeof(char *), count = 0, i;
    const char **notes = thaw_arena_allocate(&summary->arena, size);

    summary->failed |= !notes;
    if (!notes)
        return none;
    notes[0] = NULL;
    for (size_t level = 0; level < 2; level++) {
        json_array_foreach(problems, i, problem)
        {
            if (is(problem, "level", levels[level]))
                add_note(notes, &count, problem_note(summary, problem));
        }
    }
    add_note(notes, &count, noise_note(summary));
    return notes;
}
