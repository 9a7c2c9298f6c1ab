/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "gate/gate_parts.h"
#include "report/keys.h"

/* Was it measured on the same? */

static const char *part_of(const struct thaw_gate_side *side, unsigned part)
{
    const char *text = side->key.parts[__builtin_ctz(part)];

    return text ? text : "";
}

/* What is not known on a side does not differ. */
static bool differs(const char *left, const char *right)
{
    return *left && *right && strcmp(left, right) != 0;
}

/* "AMD EPYC 7763, 2 CPUs" has the model of the CPU, "2 CPUs" has not. */
static bool has_model(const char *machine)
{
    return machine[strspn(machine, "0123456789")] != ' ';
}

static const char *cpus_of(const char *machine)
{
    const char *comma = strrchr(machine, ',');

    return comma && comma[1] == ' ' ? comma + 2 : machine;
}

/* Only what both sides know is compared. */
static bool part_differs(const struct thaw_gate_judge *judge, unsigned part)
{
    const char *here = part_of(&judge->head, part), *there = part_of(&judge->before, part);

    if (part == THAW_GATE_KEY_MACHINE && *here && *there && !(has_model(here) && has_model(there)))
        return differs(cpus_of(here), cpus_of(there));
    return differs(here, there);
}

static unsigned across(const struct thaw_gate_judge *judge)
{
    return judge->question->across | judge->question->budgets->settings.across;
}

static bool fits(const struct thaw_gate_judge *judge, const json_t *entry, unsigned parts)
{
    const json_t *key = json_object_get(entry, "key");

    for (unsigned part = 1; part < 1u << THAW_GATE_KEY_PARTS; part <<= 1)
        if (parts & part &&
            differs(part_of(&judge->head, part), thaw_key_string(key, thaw_gate_key_name(part))))
            return false;
    return true;
}

/* Of several that fit: the one that was recorded in the same way, or, if that may differ or nobody
 * knows, any. */
int thaw_gate_choose_entry(struct thaw_gate_judge *judge, const json_t **ret,
                           struct thaw_error *error)
{
    const unsigned kinds = THAW_GATE_KEY_INTERPRETER | THAW_GATE_KEY_ARCHITECTURE;
    const unsigned asked[] = {kinds, kinds | THAW_GATE_KEY_BACKEND, kinds, kinds & ~across(judge)};
    const char *backend = part_of(&judge->head, THAW_GATE_KEY_BACKEND);
    const json_t *entries = json_object_get(judge->question->baseline, "entries"), *entry;
    size_t i;

    for (size_t round = 0; round < sizeof(asked) / sizeof(asked[0]); round++)
        json_array_foreach(entries, i, entry)
        {
            const char *own = thaw_key_string(json_object_get(entry, "key"), "backend");

            if ((round || !strcmp(own, backend)) && fits(judge, entry, asked[round])) {
                *ret = entry;
                return 0;
            }
        }
    return thaw_error_set(error, -ENODATA,
                          "%s has nothing of CPython %s on %s: add it with thaw gate --update",
                          judge->question->baseline_name,
                          part_of(&judge->head, THAW_GATE_KEY_INTERPRETER),
                          part_of(&judge->head, THAW_GATE_KEY_ARCHITECTURE));
}

static int refuse(const struct thaw_gate_judge *judge, unsigned part, struct thaw_error *error)
{
    const char *name = thaw_gate_key_name(part);

    return thaw_error_set(error, -EXDEV,
                          "%s differs: %s here, %s in %s; compare nevertheless with --across %s "
                          "(or \"across\" in %s)%s",
                          name, part_of(&judge->head, part), part_of(&judge->before, part),
                          judge->before.name, name, judge->question->budgets_name,
                          judge->same_job ? "" : ", or renew the baseline with --update");
}

static void find_other_machine(struct thaw_gate_judge *judge)
{
    const char *here = part_of(&judge->head, THAW_GATE_KEY_MACHINE);
    const char *there = part_of(&judge->before, THAW_GATE_KEY_MACHINE);

    if (judge->same_job)
        return;
    if (!*here || !has_model(here) || strcmp(here, there) != 0)
        judge->other_machine = thaw_summary_format(
            &judge->words,
            "%s was made on %s machine (%s; here: %s), so that times can't be compared: measure "
            "the merge base in the same job (--base)",
            thaw_gate_shown(judge, judge->before.name),
            judge->differing & THAW_GATE_KEY_MACHINE ? "another" : "what may be another",
            *there ? thaw_gate_shown(judge, there) : "not known",
            *here ? thaw_gate_shown(judge, here) : "not known");
    if (!judge->head.key.cpus || judge->head.key.cpus != judge->before.key.cpus)
        judge->other_cpus = "threads follow the number of CPUs, which is not known to be the same "
                            "as before";
}

int thaw_gate_compare_keys(struct thaw_gate_judge *judge, struct thaw_error *error)
{
    unsigned allowed = across(judge) | THAW_GATE_KEY_MACHINE; /* it is about times alone */

    /* What is pinned is what a change changes: between both sides of one job it may differ. */
    if (judge->same_job)
        allowed |= THAW_GATE_KEY_LOCK_FILE;
    for (unsigned part = 1; part < 1u << THAW_GATE_KEY_PARTS; part <<= 1) {
        if (!part_differs(judge, part))
            continue;
        if (!(allowed & part))
            return refuse(judge, part, error);
        judge->differing |= part;
    }
    find_other_machine(judge);
    return 0;
}

json_t *thaw_gate_key_json(struct thaw_gate_judge *judge, const struct thaw_gate_side *side)
{
    json_t *object = thaw_values_object(&judge->values);

    for (unsigned part = 1; part < 1u << THAW_GATE_KEY_PARTS; part <<= 1)
        thaw_values_set_name(&judge->values, object, thaw_gate_key_name(part), part_of(side, part));
    return object;
}
