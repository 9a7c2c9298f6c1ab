/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "compare/diff_cold.h"
#include "report/keys.h"

/*
 * The phases of the headlines' tracks in one list, the time in none of them and that of all
 * imports, which are tested together; and further workers.
 */

enum { most_levels = 8, most_phases = 500, most_tracks = 200 }; /* real ones have a tenth of that */

struct row {
    const json_t *phase; /* the first that was found, after before before */
    const char *key;
    size_t level;
    size_t next; /* place of the one behind it, THAW_COLD_NONE: none */
    uint64_t *values[2];
    struct thaw_cold_measure measure;
};

struct phases {
    struct thaw_cold *cold;
    struct row rows[most_phases];
    size_t count;
    size_t first; /* THAW_COLD_NONE: none */
};

static uint64_t *absent_values(struct thaw_cold *cold, int side)
{
    uint64_t *values = thaw_cold_allocate(cold, cold->counts[side], sizeof(*values));

    for (size_t i = 0; values && i < cold->counts[side]; i++)
        values[i] = THAW_COLD_ABSENT;
    return values;
}

static uint64_t duration(const json_t *phase)
{
    json_int_t start = json_integer_value(json_object_get(phase, "start_ns"));
    json_int_t end = json_integer_value(json_object_get(phase, "end_ns")), ns;

    return !__builtin_sub_overflow(end, start, &ns) && ns > 0 ? (uint64_t)ns : 0;
}

static struct row *find(struct phases *phases, const char *key)
{
    for (size_t i = 0; i < phases->count; i++)
        if (!strcmp(phases->rows[i].key, key))
            return &phases->rows[i];
    return NULL;
}

/* Behind the row before, and what is below that: THAW_COLD_NONE is the beginning. */
static struct row *insert(struct phases *phases, const json_t *phase, const char *key, size_t level,
                          size_t before)
{
    struct row *row = &phases->rows[phases->count];
    size_t *link = before == THAW_COLD_NONE ? &phases->first : &phases->rows[before].next;

    if (phases->count == most_phases)
        return NULL;
    while (*link != THAW_COLD_NONE && phases->rows[*link].level > level)
        link = &phases->rows[*link].next;
    *row = (struct row){
        .phase = phase,
        .key = key,
        .level = level,
        .next = *link,
        .values = {absent_values(phases->cold, 0), absent_values(phases->cold, 1)},
    };
    *link = phases->count++;
    return row;
}

/* Of phases of one name in one list the first is the first of the others, and so on. */
static const char *key_of(struct phases *phases, const json_t *list, size_t number,
                          const char *above)
{
    const char *name =
        thaw_key_raw(thaw_cold_arena(phases->cold), json_array_get(list, number), "name");
    size_t same = 0;

    for (size_t i = 0; name && i < number; i++) {
        const char *other =
            thaw_key_string(json_array_get(list, i), "name"); /* names are of this program */

        same += !strcmp(other, name);
    }
    return thaw_differ_keep(phases->cold->differ,
                            thaw_arena_format(thaw_cold_arena(phases->cold), "%s\n%zu %s", above,
                                              same, name ? name : ""));
}

/* The phases of one list of a run; returns the row of the last one. */
static size_t add_list(struct phases *phases, int side, size_t run, const json_t *list,
                       const char *above, size_t level, size_t before)
{
    for (size_t i = 0; i < json_array_size(list) && i < most_phases; i++) {
        const json_t *phase = json_array_get(list, i);
        const char *key = key_of(phases, list, i, above);
        struct row *row = find(phases, key);

        if (thaw_cold_failed(phases->cold))
            return before;
        if (!row)
            row = insert(phases, phase, key, level, before);
        if (!row || thaw_cold_failed(phases->cold))
            return before;
        row->values[side][run] = duration(phase);
        before = (size_t)(row - phases->rows);
        if (level + 1 < most_levels)
            add_list(phases, side, run, json_object_get(phase, "children"), key, level + 1, before);
    }
    return before;
}

static json_t *row_object(struct thaw_cold *cold, const struct row *row)
{
    struct thaw_values *values = thaw_cold_values(cold);
    json_t *object = thaw_values_object(values);
    bool there[2] = {false, false};

    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < cold->counts[side]; i++)
            there[side] |= row->values[side][i] != THAW_COLD_ABSENT;
    thaw_values_set_text(values, object, "change",
                         there[0] && there[1] ? "same"
                         : there[1]           ? "came"
                                              : "went");
    thaw_differ_copy(cold->differ, object, row->phase, "name");
    thaw_values_set_number(values, object, "level", row->level);
    thaw_values_set_boolean(values, object, "counted",
                            !json_is_false(json_object_get(row->phase, "counted")));
    thaw_values_set(values, object, "ns", thaw_cold_measure_object(cold, &row->measure));
    return object;
}

/* Own times of all modules of the headline's worker; absent where there is no import. */
static uint64_t imports_of(const struct thaw_cold *cold, const struct thaw_cold_run *run)
{
    uint64_t ns = 0;

    for (size_t i = 0; i < run->tree.count; i++)
        if (run->nodes[i] != THAW_COLD_NONE &&
            thaw_cold_is_headline(cold, cold->nodes.items[run->nodes[i]].role))
            ns += run->tree.nodes[i].self_ns;
    return run->tree.count ? ns : THAW_COLD_ABSENT;
}

/* The two that are no phases. */
static void begin_others(struct thaw_cold *cold, struct thaw_cold_measure *unattributed,
                         struct thaw_cold_measure *imports)
{
    uint64_t *values[2][2];

    for (int side = 0; side < 2; side++) {
        values[0][side] = absent_values(cold, side);
        values[1][side] = absent_values(cold, side);
        for (size_t i = 0; i < cold->counts[side] && !thaw_cold_failed(cold); i++) {
            const struct thaw_cold_run *run = &cold->runs[side][i];

            if (run->summary.track)
                values[0][side][i] = thaw_summary_number(run->summary.track, "unattributed_ns");
            values[1][side][i] = imports_of(cold, run);
        }
    }
    if (thaw_cold_failed(cold))
        return;
    thaw_cold_measure_begin(cold, unattributed, values[0][0], values[0][1]);
    thaw_cold_measure_begin(cold, imports, values[1][0], values[1][1]);
}

static void write(struct phases *phases, json_t *object)
{
    struct thaw_cold *cold = phases->cold;
    struct thaw_values *values = thaw_cold_values(cold);
    struct thaw_cold_measure *tested[most_phases + 2], unattributed, imports;
    json_t *list = thaw_values_array(values);
    size_t count = 0;

    begin_others(cold, &unattributed, &imports);
    for (size_t i = 0; i < phases->count && !thaw_cold_failed(cold); i++) {
        struct row *row = &phases->rows[i];

        thaw_cold_measure_begin(cold, &row->measure, row->values[0], row->values[1]);
        tested[count++] = &row->measure;
    }
    if (!thaw_cold_failed(cold)) {
        tested[count++] = &unattributed;
        tested[count++] = &imports;
        cold->tested[THAW_COLD_PHASES] = thaw_cold_measure_test(cold, tested, count);
        thaw_values_set(values, object, "unattributed_ns",
                        thaw_cold_measure_object(cold, &unattributed));
        thaw_values_set(values, object, "imports_ns", thaw_cold_measure_object(cold, &imports));
    }
    for (size_t i = phases->first; i != THAW_COLD_NONE && !thaw_cold_failed(cold);
         i = phases->rows[i].next)
        thaw_values_append(values, list, row_object(cold, &phases->rows[i]));
    thaw_values_set(values, object, "phases", list);
}

void thaw_cold_phases(struct thaw_cold *cold, json_t *object)
{
    struct phases *phases = calloc(1, sizeof(*phases));

    cold->differ->values.failed |= !phases;
    if (!phases)
        return;
    phases->cold = cold;
    phases->first = THAW_COLD_NONE;
    for (int side = 1; side >= 0; side--) /* their order is that after */
        for (size_t i = 0; i < cold->counts[side] && !thaw_cold_failed(cold); i++)
            add_list(phases, side, i, json_object_get(cold->runs[side][i].summary.track, "phases"),
                     "", 0, THAW_COLD_NONE);
    if (!thaw_cold_failed(cold))
        write(phases, object);
    free(phases);
}

/* Of a run's further tracks number, from 0. */
static uint64_t further_total(const struct thaw_cold_run *run, size_t number)
{
    const json_t *track;
    size_t i;

    json_array_foreach(json_object_get(run->report, "tracks"), i, track)
    {
        if (track != run->summary.track && !number--)
            return thaw_summary_number(track, "total_ns");
    }
    return THAW_COLD_ABSENT;
}

static json_t *track_object(struct thaw_cold *cold, size_t number, bool *ret_any)
{
    struct thaw_values *values = thaw_cold_values(cold);
    struct thaw_cold_measure measure;
    uint64_t *totals[2] = {absent_values(cold, 0), absent_values(cold, 1)};
    bool there[2] = {false, false};
    json_t *object;

    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < cold->counts[side] && !thaw_cold_failed(cold); i++) {
            totals[side][i] = further_total(&cold->runs[side][i], number);
            there[side] |= totals[side][i] != THAW_COLD_ABSENT;
        }
    *ret_any = there[0] || there[1];
    if (!*ret_any || thaw_cold_failed(cold))
        return NULL;
    thaw_cold_measure_begin(cold, &measure, totals[0], totals[1]);
    object = thaw_values_object(values);
    thaw_values_set_text(values, object, "change",
                         there[0] && there[1] ? "same"
                         : there[1]           ? "came"
                                              : "went");
    thaw_values_set_number(values, object, "number", number + 1);
    thaw_values_set(values, object, "total_ns", thaw_cold_measure_object(cold, &measure));
    return object;
}

void thaw_cold_tracks(struct thaw_cold *cold, json_t *object)
{
    json_t *list = thaw_values_array(thaw_cold_values(cold));
    bool any = true;

    for (size_t i = 0; any && i < most_tracks && !thaw_cold_failed(cold); i++) {
        json_t *track = track_object(cold, i, &any);

        if (track)
            thaw_values_append(thaw_cold_values(cold), list, track);
    }
    thaw_values_set(thaw_cold_values(cold), object, "tracks", list);
}
