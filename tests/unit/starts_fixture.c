/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "starts_fixture.h"

static const struct thaw_start_phase phases[] = {
    {"host", 0, 100000000, true},
    {"pool", 100000000, 5000000000, false},
    {"worker", 5100000000, 250000000, true},
    {"import", 5350000000, 600000001, true},
};

static const struct thaw_start_import imports[] = {
    {"function_app", 5350000000, 500000000, 1000, 0, false},
    {"pandas", 5350001000, 400000000, 300000000, 1, false},
    {"caf\xe9 <b>'; DROP TABLE start; --", 5350002000, 7, 7, 2, true},
};

struct thaw_start starts_start_at(const char *app, int64_t second)
{
    return (struct thaw_start){
        .identity = {.app = app,
                     .function = "GetOrders",
                     .platform = "azure_functions",
                     .worker = "0b2c5ab6-6ba2-4b1c-8a1d-0d3a5c5e5d11",
                     .python = "3.11.2",
                     .program = "/usr/bin/python3.11",
                     .control_group = "/kubepods.slice/cri-containerd-0.scope",
                     .container = "c",
                     .pod = "p",
                     .unit = "u",
                     .host_name = "orders-7d9f8b6c5d-x2x1z",
                     .deployment = "d1"},
        .process = 4711,
        .begin_unix_ns = STARTS_BEGIN + (second - 6) * STARTS_SECOND,
        .end_unix_ns = STARTS_BEGIN + second * STARTS_SECOND,
        .total_ns = 1000000000,
        .unattributed_ns = 49999999,
        .answered = true,
        .complete = true,
        .incomplete = "",
        .ended = "",
        .phases = phases,
        .phase_count = sizeof(phases) / sizeof(phases[0]),
        .imports = imports,
        .import_count = sizeof(imports) / sizeof(imports[0]),
        .modules = 311,
        .modules_failed = 2,
        .imports_ns = 500000000,
        .other_imports_ns = 12,
        .trace = "4bf92f3577b34da6a3ce929d0e0e4736",
        .span = "00f067aa0ba902b7",
    };
}

struct thaw_arrivals starts_arrivals_at(const char *app, int64_t second)
{
    return (struct thaw_arrivals){.app = app,
                                  .from_unix_ns = STARTS_BEGIN + second * STARTS_SECOND,
                                  .requests = 17,
                                  .cold = 2,
                                  .busy_ns = 123456789,
                                  .most_at_once = 3,
                                  .most_all = 5,
                                  .processes = 2,
                                  .limit_looks = 10,
                                  .at_limit = 1,
                                  .measured = true};
}

void starts_add(struct thaw_database *database, const struct thaw_start *start)
{
    struct thaw_error error = {0};

    if (thaw_starts_add(database, start, &error) != 0)
        fail_msg("%s", error.message);
}

void starts_add_arrivals(struct thaw_database *database, const struct thaw_arrivals *arrivals)
{
    struct thaw_error error = {0};

    if (thaw_arrivals_add(database, arrivals, &error) != 0)
        fail_msg("%s", error.message);
}

struct thaw_stored_starts starts_asked(struct thaw_database *database,
                                       const struct thaw_starts_question *question)
{
    struct thaw_stored_starts stored = {0};
    struct thaw_error error = {0};

    if (thaw_starts_read(database, question, &stored, &error) != 0)
        fail_msg("%s", error.message);
    return stored;
}

static void check_identity(const struct thaw_start_identity *identity,
                           const struct thaw_start_identity *expected)
{
    assert_string_equal(identity->app, expected->app);
    assert_string_equal(identity->function, expected->function);
    assert_string_equal(identity->platform, expected->platform);
    assert_string_equal(identity->worker, expected->worker);
    assert_string_equal(identity->python, expected->python);
    assert_string_equal(identity->program, expected->program);
    assert_string_equal(identity->control_group, expected->control_group);
    assert_string_equal(identity->container, expected->container);
    assert_string_equal(identity->pod, expected->pod);
    assert_string_equal(identity->unit, expected->unit);
    assert_string_equal(identity->host_name, expected->host_name);
    assert_string_equal(identity->deployment, expected->deployment);
}

static void check_phases(const struct thaw_start *start, const struct thaw_start *expected)
{
    assert_int_equal(start->phase_count, expected->phase_count);
    for (size_t i = 0; i < expected->phase_count; i++) {
        assert_string_equal(start->phases[i].name, expected->phases[i].name);
        assert_int_equal(start->phases[i].begin_ns, expected->phases[i].begin_ns);
        assert_int_equal(start->phases[i].ns, expected->phases[i].ns);
        assert_int_equal(start->phases[i].counted, expected->phases[i].counted);
    }
}

static void check_imports(const struct thaw_start *start, const struct thaw_start *expected)
{
    assert_int_equal(start->import_count, expected->import_count);
    for (size_t i = 0; i < expected->import_count; i++) {
        assert_string_equal(start->imports[i].name, expected->imports[i].name);
        assert_int_equal(start->imports[i].begin_ns, expected->imports[i].begin_ns);
        assert_int_equal(start->imports[i].total_ns, expected->imports[i].total_ns);
        assert_int_equal(start->imports[i].self_ns, expected->imports[i].self_ns);
        assert_int_equal(start->imports[i].parent, expected->imports[i].parent);
        assert_int_equal(start->imports[i].failed, expected->imports[i].failed);
    }
}

void starts_check_equal(const struct thaw_start *start, const struct thaw_start *expected)
{
    check_identity(&start->identity, &expected->identity);
    assert_int_equal(start->process, expected->process);
    assert_int_equal(start->begin_unix_ns, expected->begin_unix_ns);
    assert_int_equal(start->end_unix_ns, expected->end_unix_ns);
    assert_int_equal(start->total_ns, expected->total_ns);
    assert_int_equal(start->unattributed_ns, expected->unattributed_ns);
    assert_int_equal(start->answered, expected->answered);
    assert_int_equal(start->further, expected->further);
    assert_int_equal(start->complete, expected->complete);
    assert_string_equal(start->incomplete, expected->incomplete);
    assert_string_equal(start->ended, expected->ended);
    check_phases(start, expected);
    check_imports(start, expected);
    assert_int_equal(start->modules, expected->modules);
    assert_int_equal(start->modules_failed, expected->modules_failed);
    assert_int_equal(start->imports_ns, expected->imports_ns);
    assert_int_equal(start->other_imports_ns, expected->other_imports_ns);
    assert_string_equal(start->trace, expected->trace);
    assert_string_equal(start->span, expected->span);
}
