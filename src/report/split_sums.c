/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/split_sums.h"

static const struct {
    const char *key;  /* in split; gc stands beside it */
    const char *wait; /* in waits */
} parts[thaw_split_part_count] = {
    {"find_ns", "find"},
    {"read_ns", "read"},
    {"unmarshal_ns", "unmarshal"},
    {"compile_ns", "compile"},
    {"write_ns", "write"},
    {"map_ns", "map"},
    {"constructors_ns", "constructors"},
    {"dlopen_ns", "dlopen"},
    {"init_ns", "init"},
    {"execute_ns", "execute"},
    {"gc_ns", "gc"},
    {"unattributed_ns", "unattributed"},
};

static const char *const waits[thaw_split_wait_count] = {"io_ns", "runqueue_ns", "sleep_ns"};

static const char *title_of(struct thaw_summary *summary, const json_t *schema, const char *object,
                            const char *key)
{
    const json_t *definition = json_object_get(json_object_get(schema, "$defs"), object);
    const json_t *members = json_object_get(definition, "properties");

    return thaw_summary_text(summary, json_object_get(members, key), "title");
}

/* The schema's titles: the page, which is made from it too (reports/types.mjs), says the same. */
static void set_names(struct thaw_summary *summary, struct thaw_split_sums *sums)
{
    size_t length;
    const char *text = thaw_report_schema(&length);
    json_t *schema = json_loadb(text, length, 0, NULL);

    summary->failed |= !schema;
    for (size_t i = 0; i < thaw_split_part_count; i++)
        sums->names[i] = title_of(summary, schema, "waits", parts[i].wait);
    for (size_t i = 0; i < thaw_split_wait_count; i++)
        sums->wait_names[i] = title_of(summary, schema, "wait", waits[i]);
    json_decref(schema);
}

struct thaw_split_sum thaw_split_part_of(const json_t *module, size_t part)
{
    const json_t *waits = json_object_get(json_object_get(module, "waits"), parts[part].wait);
    const json_t *times = json_object_get(module, "split");

    if (!strcmp(parts[part].key, "gc_ns"))
        times = module;
    return (struct thaw_split_sum){
        .ns = thaw_summary_number(times, parts[part].key),
        .io_ns = thaw_summary_number(waits, "io_ns"),
        .runqueue_ns = thaw_summary_number(waits, "runqueue_ns"),
        .sleep_ns = thaw_summary_number(waits, "sleep_ns"),
        .minor_faults = thaw_summary_number(waits, "minor_faults"),
        .major_faults = thaw_summary_number(waits, "major_faults"),
    };
}

static void add(struct thaw_split_sum *sum, const struct thaw_split_sum *more)
{
    sum->ns += more->ns;
    sum->io_ns += more->io_ns;
    sum->runqueue_ns += more->runqueue_ns;
    sum->sleep_ns += more->sleep_ns;
    sum->minor_faults += more->minor_faults;
    sum->major_faults += more->major_faults;
}

static void add_bytecode(struct thaw_split_sums *sums, const json_t *module)
{
    const json_t *bytecode = json_object_get(module, "bytecode");
    const char *status = json_string_value(json_object_get(bytecode, "status"));

    if (!thaw_summary_number(json_object_get(module, "split"), "compile_ns"))
        return;
    sums->compiled++;
    sums->unwritten += !thaw_summary_is(bytecode, "written");
    if (!status)
        return;
    sums->missing += !strcmp(status, "missing");
    sums->stale += !strcmp(status, "stale");
    sums->rejected += !strcmp(status, "rejected");
    sums->unreadable += !strcmp(status, "unreadable");
}

static void add_module(struct thaw_split_sums *sums, const json_t *module)
{
    for (size_t i = 0; i < thaw_split_part_count; i++) {
        const struct thaw_split_sum part = thaw_split_part_of(module, i);

        add(&sums->parts[i], &part);
        add(&sums->all, &part);
    }
    add_bytecode(sums, module);
    sums->modules++;
    sums->split |= json_object_get(module, "opened_bytes") != NULL;
    sums->waits |= json_object_get(module, "cpu_ns") != NULL;
    sums->failed_lookups += thaw_summary_number(json_object_get(module, "lookups"), "failed");
}

void thaw_split_sums_make(struct thaw_summary *summary, struct thaw_split_sums *ret)
{
    const json_t *module;
    size_t i;

    memset(ret, 0, sizeof(*ret));
    set_names(summary, ret);
    json_array_foreach(json_object_get(summary->report, "modules"), i,
                       module) if (thaw_summary_is_counted(summary, module))
        add_module(ret, module);
}
