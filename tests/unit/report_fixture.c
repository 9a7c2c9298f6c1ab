/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_fixture.h"

#define TEN "abcdefghij"
#define SIXTY TEN TEN TEN TEN TEN TEN

const char *const report_fixture_hostile[] = {
    "bad\xFF\xC3(name",             /* not UTF-8 */
    "cut\xE2\x82",                  /* half a character at the end */
    "two\nlines\r\tand\ttabs",      /**/
    "</script><img src=x onerror>", /* leaves a data block */
    "\033[31mred\033[0m\a",         /* ANSI escapes */
    "\xC2\x9B"
    "31mred",                 /* the same as one C1 character */
    "evil\xE2\x80\xAEgnp.py", /* right-to-left override */
    "a\xE2\x80\xA8"
    "b",                            /* line separator: ends a line in JavaScript */
    "50% \"quoted\" \\x1b",         /* marks of the forms used here */
    "\xE6\xBC\xA2\xE5\xAD\x97",     /* wide characters */
    SIXTY SIXTY SIXTY SIXTY,        /* 240 characters */
    SIXTY "\xFF" SIXTY SIXTY SIXTY, /**/
    NULL,
};

static const uint64_t base_ns = 91000000000;

uint64_t report_fixture_ms(uint64_t ms)
{
    return base_ns + ms * 1000000;
}

struct thaw_event *report_fixture_event(struct report_fixture *fixture, enum thaw_event_kind kind)
{
    struct thaw_event *event = &fixture->events[fixture->recording.count++];

    assert_true(fixture->recording.count <= sizeof(fixture->events) / sizeof(fixture->events[0]));
    *event = (struct thaw_event){
        .kind = (uint16_t)kind,
        .time_ns = report_fixture_ms(700),
        .pid = 4117,
        .tid = 4117,
    };
    return event;
}

static void fill_run(struct report_fixture *fixture)
{
    static const char *command[] = {"test-host", "--app", "tests/azure/apps/analyze"};
    static const char *signs[] = {"cpuid:KVMKVMKVM"};

    fixture->session = (struct thaw_session_begin){
        .tool_version = "0.1.0",
        .backend = "ebpf",
        .kernel = "6.1.0-44-amd64",
        .arch = "x86_64",
        .cpus = 2,
        .realtime_ns = 1795402800123456789,
        .command = {command, 3},
        .directory = "/home/user/clone",
        .until = "first-reply",
        .platform = "auto",
    };
    fixture->machine = (struct thaw_machine_event){
        .container = "",
        .kernel_log = "",
        .cpu_limit_millis = 100,
        .memory_limit_bytes = 1610612736,
        .hypervisor = "kvm",
        .signs = {signs, 1},
    };
    fixture->cost = (struct thaw_cost){2100000, 3300000, 4100000, 18211, 5100000, 2600000};
}

static void fill_processes(struct report_fixture *fixture)
{
    fixture->execs[0] = report_fixture_ms(0) + 400000;
    fixture->execs[1] = report_fixture_ms(6) + 300000;
    fixture->processes[0] = (struct thaw_timeline_process){
        .id = 1,
        .pid = 4100,
        .role = "host",
        .platform = "azure_functions",
        .executable = "/opt/host/test-host",
        .python = "",
        .coverage = "",
        .directory = "",
        .start_ns = report_fixture_ms(0),
        .execs = &fixture->execs[0],
        .exec_count = 1,
        .exit_code = -1,
    };
    fixture->processes[1] = (struct thaw_timeline_process){
        .id = 2,
        .pid = 4117,
        .parent = 1,
        .role = "worker",
        .platform = "azure_functions",
        .executable = "/usr/bin/python3.11",
        .python = "3.11.2",
        .coverage = "from start",
        .directory = "/opt/worker",
        .start_ns = report_fixture_ms(6),
        .execs = &fixture->execs[1],
        .exec_count = 1,
        .exit_code = -1,
    };
}

static void fill_track(struct report_fixture *fixture)
{
    static const struct {
        const char *name;
        uint64_t start_ms, end_ms;
        const char *within, *first, *last;
    } rows[] = {
        {"host", 0, 6, "", "exec 4100", "fork 4117"},
        {"worker", 6, 268, "", "fork 4117", "execute function_app"},
        {"import", 268, 637, "WorkerInitRequest..WorkerInitResponse", "execute function_app",
         "return"},
        {"ready", 637, 639, "", "import end", "InvocationRequest"},
        {"first-invocation", 639, 754, "", "InvocationRequest", "InvocationResponse"},
    };
    static const char *const children[] = {"worker.interpreter", "worker.imports",
                                           "worker.connect"};
    static const uint64_t edges[] = {6, 19, 163, 166};

    for (size_t i = 0; i < 5; i++)
        fixture->phases[i] = (struct thaw_phase){
            .name = rows[i].name,
            .start_ns = report_fixture_ms(rows[i].start_ms),
            .end_ns = report_fixture_ms(rows[i].end_ms),
            .counted = true,
            .within = rows[i].within,
            .evidence = {rows[i].first, rows[i].last},
        };
    for (size_t i = 0; i < 3; i++)
        fixture->children[i] = (struct thaw_phase){
            .name = children[i],
            .start_ns = report_fixture_ms(edges[i]),
            .end_ns = report_fixture_ms(edges[i + 1]),
            .counted = true,
            .within = "",
            .confidence = i ? THAW_OBSERVED : THAW_DERIVED,
            .evidence = {"a", "b", "c"},
        };
    fixture->phases[1].children = fixture->children;
    fixture->phases[1].child_count = 3;
    fixture->tracks[0] = (struct thaw_track){
        .id = 1,
        .process = 2,
        .headline = true,
        .answered = true,
        .start_ns = report_fixture_ms(0),
        .end_ns = report_fixture_ms(755),
        .total_ns = 755000000,
        .unattributed_ns = 1000000,
        .phases = fixture->phases,
        .phase_count = 5,
    };
    fixture->invocations[0] = (struct thaw_invocation){
        .track = 1,
        .function = "analyze",
        .kind = "http",
        .invocation_id = "7f",
        .start_ns = report_fixture_ms(639),
        .end_ns = report_fixture_ms(754),
        .status = "success",
        .cold = true,
    };
}

/* Names, owners and times in ms of the modules; self is total less the children's. */
static const struct {
    const char *name, *file, *distribution, *owner, *kind;
    uint64_t parent, start_ms, total_ms, self_ms;
} modules[] = {
    {"grpc", "grpc/__init__.py", "grpcio", "worker", "bytecode", 0, 20, 100, 100},
    {"function_app", "function_app.py", "", "app", "source", 0, 268, 369, 4},
    {"pandas", "pandas/__init__.py", "pandas", "package", "bytecode", 2, 270, 290, 10},
    {"numpy", "numpy/__init__.py", "numpy", "package", "bytecode", 3, 271, 80, 80},
    {"pandas.core.api", "pandas/core/api.py", "pandas", "package", "bytecode", 3, 352, 200, 200},
    {"requests", "requests/__init__.py", "requests", "package", "bytecode", 2, 561, 70, 40},
    {"json", "json/__init__.py", "", "stdlib", "bytecode", 6, 562, 5, 5},
    {"urllib3", "urllib3/__init__.py", "urllib3", "package", "bytecode", 6, 568, 25, 25},
    {"helpers", "helpers.py", "", "app", "source", 2, 632, 5, 2},
    {"idna", "idna/__init__.py", "idna", "package", "bytecode", 9, 633, 3, 3},
};

static void fill_modules(struct report_fixture *fixture)
{
    fixture->timeline.module_count = sizeof(modules) / sizeof(modules[0]);
    for (size_t i = 0; i < fixture->timeline.module_count; i++)
        fixture->modules[i] = (struct thaw_module){
            .id = (uint32_t)i + 1,
            .parent = (uint32_t)modules[i].parent,
            .process = 2,
            .tid = 4117,
            .name = modules[i].name,
            .kind = modules[i].kind,
            .via = "statement",
            .file = "",
            .short_file = modules[i].file,
            .distribution = modules[i].distribution,
            .owner = modules[i].owner,
            .status = THAW_MODULE_LOADED,
            .timed = true,
            .start_ns = report_fixture_ms(modules[i].start_ms),
            .body_ns = report_fixture_ms(modules[i].start_ms) + 900000,
            .total_ns = modules[i].total_ms * 1000000,
            .self_ns = modules[i].self_ms * 1000000,
            .parts = {[THAW_PART_EXECUTE] = {.ns = 1100000},
                      [THAW_PART_UNKNOWN] = {.ns = modules[i].self_ms * 1000000 - 1100000}},
        };
    fixture->modules[1].file = "/home/user/clone/tests/azure/apps/analyze/function_app.py";
    fixture->modules[1].via = "import_module";
}

void report_fixture_fill(struct report_fixture *fixture)
{
    *fixture = (struct report_fixture){0};
    fill_run(fixture);
    fill_processes(fixture);
    fill_track(fixture);
    fixture->not_visible[0] =
        (struct thaw_not_visible){"allocation of the VM by the platform",
                                  "happens before this machine exists", 200000000,
                                  "typical of a published measurement"};
    fixture->recording = (struct thaw_recording){.events = fixture->events, .finished = true};
    fixture->timeline = (struct thaw_timeline){
        .recording = &fixture->recording,
        .session = &fixture->session,
        .session_start_ns = report_fixture_ms(0),
        .session_end_ns = report_fixture_ms(760),
        .end_reason = "first-reply",
        .platform = "azure_functions",
        .complete = true,
        .machine = &fixture->machine,
        .cost = &fixture->cost,
        .processes = fixture->processes,
        .process_count = 2,
        .modules = fixture->modules,
        .effects = fixture->effects,
        .tracks = fixture->tracks,
        .track_count = 1,
        .invocations = fixture->invocations,
        .invocation_count = 1,
        .failures = fixture->failures,
        .losses = fixture->losses,
        .not_visible = fixture->not_visible,
        .not_visible_count = 1,
    };
    fill_modules(fixture);
}

static void put_into_events(struct report_fixture *fixture, const char **name)
{
    report_fixture_event(fixture, THAW_EVENT_PROBE)->probe =
        (struct thaw_probe){*name, *name, "failed", *name, *name, *name};
    report_fixture_event(fixture, THAW_EVENT_INTERPRETER)->interpreter =
        (struct thaw_interpreter){*name, *name, *name, "late", *name, 0};
    report_fixture_event(fixture, THAW_EVENT_INVENTORY_DISTRIBUTION)->inventory_distribution =
        (struct thaw_inventory_distribution){.name = *name,
                                             .version = *name,
                                             .location = *name,
                                             .installer = *name,
                                             .requires = {name, 1}};
}

void report_fixture_put_everywhere(struct report_fixture *fixture, const char **name)
{
    put_into_events(fixture, name);
    snprintf(fixture->recording.defect, sizeof(fixture->recording.defect), "%.150s", *name);
    fixture->session.command = (struct thaw_texts){name, 1};
    fixture->session.kernel = fixture->session.backend = *name;
    fixture->timeline.platform = *name;
    for (size_t i = 0; i < 3; i++) {
        fixture->modules[i].name = fixture->modules[i].short_file = *name;
        fixture->modules[i].file = fixture->modules[i].distribution = *name;
    }
    for (size_t i = 0; i < 2; i++) {
        fixture->processes[i].executable = fixture->processes[i].directory = *name;
        fixture->processes[i].python = *name;
    }
    fixture->effects[0] = (struct thaw_timeline_effect){1, 1, 1, *name, *name, 1, 0, 0, false, 0};
    fixture->timeline.effects_observed = true;
    fixture->timeline.effect_count = 1;
    fixture->phases[0].name = fixture->children[0].name = *name;
    fixture->phases[0].within = fixture->phases[0].evidence[0] = *name;
    fixture->invocations[0].function = fixture->invocations[0].kind = *name;
    fixture->failures[0] = (struct thaw_failure){.message = *name,
                                                 .status = *name,
                                                 .exception = *name,
                                                 .function = *name,
                                                 .module = 1,
                                                 .words = *name};
    fixture->timeline.failure_count = 1;
    fixture->losses[0] = (struct thaw_loss){*name, 1, *name, 1};
    fixture->timeline.loss_count = 1;
    fixture->timeline.complete = false;
    fixture->not_visible[0] = (struct thaw_not_visible){*name, *name, 1, *name};
}

json_t *report_fixture_report(const struct report_fixture *fixture)
{
    struct thaw_error error = {0};
    json_t *report = NULL;

    assert_int_equal(thaw_report_json(&(struct thaw_analysis){.timeline = &fixture->timeline},
                                      &report, &error),
                     0);
    assert_non_null(report);
    return report;
}

static const struct thaw_report_format *find_format(const char *name)
{
    const struct thaw_report_format *row = thaw_report_formats();

    while (row->name && strcmp(row->name, name))
        row++;
    if (!row->name)
        for (row = thaw_report_views(); row->name && strcmp(row->name, name);)
            row++;
    assert_non_null(row->name);
    return row;
}

char *report_fixture_write(const struct report_fixture *fixture, const char *format,
                           const struct thaw_report_options *options)
{
    json_t *report = report_fixture_report(fixture);
    struct thaw_error error = {0};
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    assert_int_equal(find_format(format)->write(report, options, stream, &error), 0);
    fclose(stream);
    json_decref(report);
    return text;
}

static ssize_t refuse(void *cookie, const char *bytes, size_t length)
{
    (void)cookie, (void)bytes, (void)length;
    errno = ENOSPC;
    return 0; /* fopencookie(3): 0 is the error, -1 is not */
}

FILE *report_fixture_full_disk(void)
{
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = refuse});

    assert_non_null(stream);
    return stream;
}
