/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "audit/rights.h"
#include "base/text.h"
#include "capture/kernel.h"
#include "capture/privilege.h"
#include "capture/probes.h"
#include "capture/sampler.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "native/calls.h"
#include "python/interpreter.h"

#define NAME "doctor"

struct doctor_options {
    bool json;
};

static const struct thaw_option options[] = {
    {THAW_FLAG(struct doctor_options, json), .name = "json",
     .help = "write the findings as JSON to standard output"},
    {0},
};

#define AS_ROOT "run as root (sudo thaw …)"

/* A feature of the kernel: what it is for, and what to do where it is missing. works is null where
 * it could not be tried. */
static json_t *feature(const char *name, bool tried, bool works, const char *without,
                       const char *remedy)
{
    const char *untried = "not known: it is tried where tracing programs load";

    return json_pack("{ss so ss ss}", "name", name, "works",
                     tried ? json_boolean(works) : json_null(), "without",
                     works   ? ""
                     : tried ? without
                             : untried,
                     "remedy", works || !tried ? "" : remedy);
}

static json_t *kernel_features(const struct thaw_kernel_support *support)
{
    bool loads = support->load == 0;
    const char *refusal = thaw_sampler_refusal();

    return json_pack(
        "[o o o o o o o]",
        feature("type information (BTF)", true, support->btf, "no recording with eBPF",
                "a kernel built with CONFIG_DEBUG_INFO_BTF, as Debian's are"),
        feature("tracing programs", true, loads, "no recording with eBPF",
                AS_ROOT ", or from Linux 6.6 on: setcap cap_bpf,cap_perfmon+ep on thaw; in a "
                        "container: outside of it"),
        feature("uprobe multi links", loads, support->multi,
                "attaching to interpreters takes CAP_SYS_ADMIN; CAP_BPF and CAP_PERFMON are not "
                "enough",
                "Linux 6.6 or later"),
        feature("perf uprobes", loads, support->perf,
                support->multi ? "nothing: uprobe multi links work" : "no recording with eBPF",
                support->multi ? "CAP_SYS_ADMIN; not needed here"
                               : AS_ROOT ", or Linux 6.6 or later"),
        feature("socket tracepoints", support->btf, support->sockets,
                "`thaw audit` sees no messages of a platform, no first replies of servers and "
                "counts no requests; `thaw record` sees all of them",
                "Linux 6.3 or later"),
        feature("clock events of all CPUs", loads, !refusal,
                "no CPU time by shared library and function", refusal ? refusal : ""),
        feature("disassembler (capstone)", true, thaw_calls_are_readable(),
                "no recording of imports with eBPF", "Debian's libcapstone4"));
}

static json_t *held_capabilities(void)
{
    size_t count;
    const struct thaw_capability *rows = thaw_capabilities(&count);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{ss sb ss}", "name", rows[i].name, "held",
                                              rows[i].held, "purpose", rows[i].purpose));
    return list;
}

/* What a hit of its probes costs, in words; facts: imports.md Q4. */
static const char *probe_cost(const struct thaw_interpreter_info *info)
{
    if (!info->row)
        return "";
    if (info->instructions[THAW_PYTHON_FIND] == THAW_INSTRUCTION_SINGLE_STEPPED ||
        info->instructions[THAW_PYTHON_BODY] == THAW_INSTRUCTION_SINGLE_STEPPED)
        return "10-20 us a hit (single-stepped)";
    return "about 1 us a hit";
}

static json_t *sanitised(struct thaw_arena *arena, const char *text)
{
    const char *safe = thaw_text_for_json(arena, text);

    return safe ? json_string(safe) : NULL;
}

static json_t *interpreter(struct thaw_arena *arena, const struct thaw_interpreter_info *info)
{
    return json_pack("{so so so sb so ss}", "executable", sanitised(arena, info->executable),
                     "library", sanitised(arena, info->library), "version",
                     sanitised(arena, info->version), "works", info->row != NULL, "reason",
                     sanitised(arena, info->reason), "cost", probe_cost(info));
}

static json_t *found_interpreters(void)
{
    struct thaw_interpreter_list found = {0};
    struct thaw_arena arena = {0};
    const char *path = getenv("PATH"), *home = getenv("HOME");
    json_t *list = json_array();

    thaw_interpreters_discover(NULL, path ? path : "", home ? home : "", &arena, &found, NULL);
    for (size_t i = 0; i < found.count; i++)
        json_array_append_new(list, interpreter(&arena, &found.items[i]));
    thaw_array_free(&found);
    thaw_arena_free(&arena);
    return list;
}

/* What `thaw audit` may do here with the rights that this process has. */
static json_t *audit_rights(const struct thaw_kernel_support *support)
{
    size_t count;
    const struct thaw_right *rows = thaw_rights(support->way != THAW_UPROBE_MULTI, &count);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list,
                              json_pack("{ss sb ss}", "name", rows[i].name, "held", rows[i].held,
                                        "without", rows[i].held ? "" : rows[i].without));
    return list;
}

static json_t *examine(void)
{
    struct thaw_kernel_support support;
    struct utsname system = {0};
    const char *refusal;

    uname(&system);
    thaw_kernel_probe(true, &support);
    refusal = thaw_kernel_refusal(&support);
    return json_pack("{ss ss sb ss ss so so so so}", "kernel", system.release, "arch",
                     system.machine, "ebpf", refusal == NULL, "refusal", refusal ? refusal : "",
                     "way", thaw_uprobe_way_name(support.way), "features",
                     kernel_features(&support), "capabilities", held_capabilities(), "audit",
                     audit_rights(&support), "interpreters", found_interpreters());
}

/* One column of a table: its title and the member of the objects it shows. */
struct column {
    const char *title;
    const char *member;
    const char *yes; /* for truth values */
    const char *no;
};

static void fill_cell(struct libscols_line *line, size_t index, const struct column *column,
                      const json_t *object)
{
    const json_t *value = json_object_get(object, column->member);
    struct thaw_arena arena = {0};
    const char *text = json_is_string(value) ? json_string_value(value)
                       : json_is_true(value) ? column->yes
                       : json_is_null(value) ? "not tried"
                                             : column->no;

    text = thaw_text_for_terminal(&arena, text);
    scols_line_set_data(line, index, text ? text : "");
    thaw_arena_free(&arena);
}

static int print_table(const char *title, const json_t *list, const struct column *columns,
                       size_t count)
{
    struct libscols_table *table = scols_new_table();
    const json_t *object;
    size_t row;

    if (!table)
        return -1;
    for (size_t i = 0; i < count; i++)
        scols_table_new_column(table, columns[i].title, 0, SCOLS_FL_WRAP);
    json_array_foreach(list, row, object)
    {
        struct libscols_line *line = scols_table_new_line(table, NULL);

        for (size_t i = 0; line && i < count; i++)
            fill_cell(line, i, &columns[i], object);
    }
    printf("\n%s\n", title);
    scols_print_table(table);
    scols_unref_table(table);
    return 0;
}

#define TABLE(title, list, columns)                                                                \
    print_table(title, list, columns, sizeof(columns) / sizeof((columns)[0]))

static int print_words(const json_t *findings)
{
    static const struct column features[] = {{"KERNEL", "name", NULL, NULL},
                                             {"", "works", "works", "missing"},
                                             {"WITHOUT IT", "without", NULL, NULL},
                                             {"HOW TO GET IT", "remedy", NULL, NULL}};
    static const struct column capabilities[] = {{"CAPABILITY", "name", NULL, NULL},
                                                 {"", "held", "held", "missing"},
                                                 {"NEEDED TO", "purpose", NULL, NULL}};
    static const struct column audit[] = {{"RIGHT", "name", NULL, NULL},
                                          {"", "held", "held", "missing"},
                                          {"WITHOUT IT", "without", NULL, NULL}};
    static const struct column interpreters[] = {{"PYTHON", "version", NULL, NULL},
                                                 {"", "works", "works", "refused"},
                                                 {"PROBED FILE", "library", NULL, NULL},
                                                 {"PROBES COST", "cost", NULL, NULL},
                                                 {"WHY NOT", "reason", NULL, NULL}};
    const char *refusal = json_string_value(json_object_get(findings, "refusal"));

    if (*refusal)
        printf("eBPF can't be used here: %s.\nWhat still works: thaw record --backend importtime "
               "(the import tree and process times).\n",
               refusal);
    else
        printf("Recording with eBPF works here (kernel %s, by %s).\n",
               json_string_value(json_object_get(findings, "kernel")),
               json_string_value(json_object_get(findings, "way")));
    return TABLE("Kernel", json_object_get(findings, "features"), features) ||
           TABLE("Privileges of this process", json_object_get(findings, "capabilities"),
                 capabilities) ||
           TABLE("Rights that `thaw audit` keeps while it runs", json_object_get(findings, "audit"),
                 audit) ||
           TABLE("Interpreters found", json_object_get(findings, "interpreters"), interpreters);
}

static int run_doctor(const void *all_values, int count, char **operands)
{
    const struct doctor_options *values = all_values;
    struct thaw_error error = {0};
    json_t *findings = examine();
    int failed;

    (void)count;
    (void)operands;
    if (!findings) {
        thaw_error_memory(&error);
        return thaw_fail(NAME, &error, THAW_EXIT_FAILED);
    }
    failed = values->json ? json_dumpf(findings, stdout, JSON_INDENT(2)) : print_words(findings);
    if (!failed && values->json)
        putchar('\n');
    json_decref(findings);
    return failed ? THAW_EXIT_FAILED : THAW_EXIT_OK;
}

const struct thaw_command thaw_command_doctor = {
    .name = NAME,
    .summary = "say what works on this machine, what is missing, and how to get it",
    .operands = "",
    .details = "Everything is tried, not guessed from versions; nothing is changed. Run it with "
               "the privileges you would record with (sudo thaw doctor).",
    .options = options,
    .size = sizeof(struct doctor_options),
    .run = run_doctor,
};
