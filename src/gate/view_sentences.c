/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/view.h"
#include "report/keys.h"

#define DO_WITHOUT "Do without it (thaw deps --why NAME tells who wants it), or raise the limit"

static bool is(const json_t *check, const char *key, const char *word)
{
    return !strcmp(thaw_key_string(check, key), word);
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
                summary, "The runs take %.2f times as long as before (%.2f to %.2f, p = %.2g).",
                json_number_value(json_object_get(ratio, "middle")),
                json_number_value(json_object_get(ratio, "low")),
                json_number_value(json_object_get(ratio, "high")),
                json_number_value(json_object_get(test, "probability")));
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

/* What is to be done about a budget that is broken, or nearly, by what its metric begins with. */
static const char *budget_advice(const json_t *check)
{
    static const char *const rows[][2] = {
        {"bytecode_", "Compile what is shipped anew (python3 -m compileall), or raise the limit"},
        {"conflicts", "Solve them (thaw deps --check lists them), or raise the limit"},
        {"libraries_mapped", "Import it in the function that needs it, or raise the limit"},
        {"shipped_", DO_WITHOUT},
        {"distributions", DO_WITHOUT},
        {"libraries", DO_WITHOUT},
        {"relocations", DO_WITHOUT},
        {"duplicate_", DO_WITHOUT},
    };
    const char *metric = thaw_key_string(check, "metric");

    if (is(check, "class", "timed"))
        return "Look at where the time goes (thaw report, thaw diff), or raise the limit";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!strncmp(metric, rows[i][0], strlen(rows[i][0])))
            return rows[i][1];
    return "Import it in the function that needs it, do without it, or raise the limit";
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
        advice =
            json_is_false(json_object_get(check, "counts"))
                ? "It is no pass: thaw.json takes it for a warning"
                : "Measure it where it can be, or let \"unmeasured\" below \"gate\" be a warning";
    else if (is(check, "kind", "forbidden"))
        advice = "Import it in the function that needs it, or allow it with a reason";
    else
        advice = budget_advice(check);
    return thaw_summary_format(summary, "%s%s%s%s.", advice, *place ? " (" : "", place,
                               *place ? ")" : "");
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
    return thaw_summary_format(summary, "noise: %s differs by %.0f %% from run to run%s",
                               thaw_summary_text(summary, noise, "metric"),
                               json_number_value(json_object_get(noise, "spread")) * 100,
                               thaw_summary_is(noise, "too_noisy")
                                   ? ": this machine is too noisy to tell times"
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
