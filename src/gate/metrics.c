/* SPDX-License-Identifier: Apache-2.0 */
#include <fnmatch.h>
#include <string.h>

#include "gate/readers.h"

enum {
    modules = THAW_GATE_BY_MODULE,
    distributions = THAW_GATE_BY_DISTRIBUTION,
    phases = THAW_GATE_BY_PHASE,
};

#define ROW(metric, words, kind, of, from, by)                                                     \
    {                                                                                              \
        .name = #metric, .title = words, .class = kind, .unit = of, .source = from, .parts = by,   \
        .read = thaw_gate_read_##metric,                                                           \
    }
#define TARGET(metric, words, of, by) ROW(metric, words, THAW_GATE_EXACT, of, THAW_GATE_TARGET, by)
#define START(metric, words, kind, of, by) ROW(metric, words, kind, of, THAW_GATE_COLD_START, by)
#define COUNTS(metric, words, kind, of, by) ROW(metric, words, kind, of, THAW_GATE_COUNTS, by)

static const struct thaw_gate_metric rows[] = {
    TARGET(shipped_disk_bytes, "space on the disk", THAW_GATE_BYTES, distributions),
    TARGET(shipped_bytes, "bytes shipped", THAW_GATE_BYTES, distributions),
    TARGET(shipped_files, "files shipped", THAW_GATE_COUNT, distributions),
    TARGET(distributions, "distributions shipped", THAW_GATE_COUNT, 0),
    TARGET(libraries, "shared objects shipped", THAW_GATE_COUNT, distributions),
    TARGET(relocations, "relocations of shared objects shipped", THAW_GATE_COUNT, distributions),
    TARGET(duplicate_bytes, "bytes of duplicate shared objects", THAW_GATE_BYTES, 0),
    TARGET(conflicts, "conflicts between distributions", THAW_GATE_COUNT, 0),
    TARGET(bytecode_stale, "sources with unusable bytecode", THAW_GATE_COUNT, 0),
    TARGET(bytecode_missing, "sources without bytecode", THAW_GATE_COUNT, 0),

    START(modules, "modules loaded", THAW_GATE_EXACT, THAW_GATE_COUNT, modules | distributions),
    START(failed_imports, "imports that failed", THAW_GATE_EXACT, THAW_GATE_COUNT, modules),
    START(compiled_modules, "modules compiled at start", THAW_GATE_EXACT, THAW_GATE_COUNT,
          modules | distributions),
    COUNTS(libraries_mapped, "libraries mapped", THAW_GATE_EXACT, THAW_GATE_COUNT, distributions),
    START(mapped_relocations, "relocations of libraries mapped", THAW_GATE_EXACT, THAW_GATE_COUNT,
          distributions),
    COUNTS(files_opened, "files opened", THAW_GATE_EXACT, THAW_GATE_COUNT, 0),
    COUNTS(failed_lookups, "look-ups in vain", THAW_GATE_EXACT, THAW_GATE_COUNT, 0),
    COUNTS(system_calls, "system calls", THAW_GATE_COUNTED, THAW_GATE_COUNT, 0),
    COUNTS(read_bytes, "bytes read", THAW_GATE_COUNTED, THAW_GATE_BYTES, 0),
    COUNTS(threads, "threads started", THAW_GATE_COUNTED, THAW_GATE_COUNT, 0),
    ROW(instructions, "instructions", THAW_GATE_COUNTED, THAW_GATE_COUNT, THAW_GATE_INSTRUCTIONS,
        0),

    START(total_time, "cold start", THAW_GATE_TIMED, THAW_GATE_NS, 0),
    START(phase_time, "time of a phase", THAW_GATE_TIMED, THAW_GATE_NS, phases),
    START(import_time, "import time", THAW_GATE_TIMED, THAW_GATE_NS, modules | distributions),
    START(cpu_time, "CPU time", THAW_GATE_TIMED, THAW_GATE_NS, 0),
};

enum { row_count = sizeof(rows) / sizeof(rows[0]) };

const struct thaw_gate_metric *thaw_gate_metrics(size_t *ret_count)
{
    if (ret_count)
        *ret_count = row_count;
    return rows;
}

const struct thaw_gate_metric *thaw_gate_metric_find(const char *name)
{
    for (size_t i = 0; i < row_count; i++)
        if (!strcmp(rows[i].name, name))
            return &rows[i];
    return NULL;
}

const char *thaw_gate_class_name(enum thaw_gate_class class)
{
    static const char *const names[] = {
        [THAW_GATE_EXACT] = "exact",
        [THAW_GATE_COUNTED] = "counted",
        [THAW_GATE_TIMED] = "timed",
    };

    return names[class];
}

const char *thaw_gate_unit_name(enum thaw_gate_unit unit)
{
    static const char *const names[] = {
        [THAW_GATE_COUNT] = "count",
        [THAW_GATE_BYTES] = "bytes",
        [THAW_GATE_NS] = "ns",
    };

    return names[unit];
}

bool thaw_gate_module_matches(const char *pattern, const char *name)
{
    size_t length = strlen(pattern);

    if (pattern[strcspn(pattern, "*?[")])
        return fnmatch(pattern, name, FNM_NOESCAPE) == 0;
    return length && !strncmp(name, pattern, length) && (!name[length] || name[length] == '.');
}

/* By the number of the bit. */
static const char *const key_names[THAW_GATE_KEY_PARTS] = {
    "interpreter", "architecture", "lock_file", "kernel", "machine", "backend",
};

const char *thaw_gate_key_name(unsigned part)
{
    for (size_t i = 0; i < THAW_GATE_KEY_PARTS; i++)
        if (part == 1u << i)
            return key_names[i];
    return NULL;
}

unsigned thaw_gate_key_find(const char *name)
{
    for (size_t i = 0; i < THAW_GATE_KEY_PARTS; i++)
        if (!strcmp(key_names[i], name))
            return 1u << i;
    return 0;
}
