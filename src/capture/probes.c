/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/probes.h"

static const struct thaw_probe_row rows[] = {
    {"process.fork", "process_fork", "sched_process_fork", THAW_PROBE_TRACEPOINT, true,
     "processes started by the command"},
    {"process.exec", "process_exec", "sched_process_exec", THAW_PROBE_TRACEPOINT, true,
     "which programs run, and which of them are workers"},
    {"process.exit", "process_exit", "sched_process_exit", THAW_PROBE_TRACEPOINT, true,
     "when processes end, and how"},
    {"wire.send", "syscalls_enter", "sys_enter", THAW_PROBE_TRACEPOINT, false,
     "messages the worker sends: most phases, and when the first reply was given"},
    {"files.open", "syscalls_exit", "sys_exit", THAW_PROBE_TRACEPOINT, false,
     "files opened by imports, and messages on the platform's link"},
    {"python.find", "python_find", NULL, THAW_PROBE_INTERPRETER, false,
     "imports by statement, with their parents and times"},
    {"python.body", "python_body", NULL, THAW_PROBE_INTERPRETER, false,
     "when a module's own code begins, and imports by importlib.import_module"},
    {"python.gc", "python_gc", "garbage collection", THAW_PROBE_COLLECTOR, false,
     "garbage collections during imports: their time stays in the modules they happened in"},
    {"loader.dlopen", "loader_dlopen", "dlopen", THAW_PROBE_LIBRARY, false,
     "time spent loading extension modules and their libraries"},
};

const struct thaw_probe_row *thaw_probes(size_t *ret_count)
{
    *ret_count = sizeof(rows) / sizeof(rows[0]);
    return rows;
}
