/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/view.h"
#include "report/keys.h"

/* The checks that are told of, in which order, and which of them together. */

static bool is_status(const json_t *check, const char *status)
{
    return !strcmp(thaw_key_string(check, "status"), status);
}

enum { rank_of_worst = 6 };

/* The worst first; 0: nothing is to be said of it. */
static int rank_of(const json_t *check)
{
    bool counts = !json_is_false(json_object_get(check, "counts"));

    if (is_status(check, "fail"))
        return rank_of_worst;
    if (is_status(check, "unmeasured"))
        return counts ? 5 : 2;
    if (is_status(check, "inconclusive"))
        return 4;
    if (is_status(check, "warn"))
        return 3;
    return is_status(check, "pass") ? 0 : 1;
}

static bool are_alike(struct thaw_summary *summary, const json_t *check, const json_t *other)
{
    return is_status(check, "unmeasured") && is_status(other, "unmeasured") &&
           rank_of(check) == rank_of(other) &&
           !strcmp(thaw_gate_view_reason(summary, check), thaw_gate_view_reason(summary, other));
}

/* Those that could not be measured for one reason follow one another. */
static void put_together(struct thaw_summary *summary, const json_t **told, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t end = i + 1;

        for (size_t k = end; k < count; k++) {
            const json_t *check = told[k];

            if (!are_alike(summary, told[i], check))
                continue;
            memmove(&told[end + 1], &told[end], (k - end) * sizeof(*told));
            told[end++] = check;
        }
        i = end - 1;
    }
}

const json_t *const *thaw_gate_view_told(struct thaw_summary *summary)
{
    static const json_t *const none[] = {NULL};
    const json_t *checks = json_object_get(summary->report, "checks"), *check;
    const json_t **told =
        thaw_arena_allocate(&summary->arena, (json_array_size(checks) + 1) * sizeof(*told));
    size_t count = 0, i;

    summary->failed |= !told;
    if (!told)
        return none;
    for (int rank = rank_of_worst; rank; rank--) {
        json_array_foreach(checks, i, check)
        {
            if (rank_of(check) == rank)
                told[count++] = check;
        }
    }
    put_together(summary, told, count);
    return told;
}

size_t thaw_gate_view_alike(struct thaw_summary *summary, const json_t *const *told)
{
    size_t count = 1;

    while (told[count] && are_alike(summary, told[0], told[count]))
        count++;
    return count;
}

const char *thaw_gate_view_titles(struct thaw_summary *summary, const json_t *const *told,
                                  size_t count)
{
    const char *text = thaw_gate_view_title(summary, told[0]);

    for (size_t i = 1; i < count; i++)
        text = thaw_summary_format(summary, "%s, %s", text, thaw_gate_view_title(summary, told[i]));
    return text;
}
