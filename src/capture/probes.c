/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/probes.h"
#include "thaw/recording.h"

#define RECORDS THAW_PROBE_RECORDS
#define AUDITS THAW_PROBE_AUDITS

#define TRACEPOINT(name, program, target, uses, required, without)                                 \
    {                                                                                              \
        name, program, target, THAW_PROBE_TRACEPOINT, required, without, 0, 0, false, false, uses  \
    }
#define FUNCTION(name, program, function, uses, returns, without)                                  \
    {                                                                                              \
        name, program, NULL, THAW_PROBE_INTERPRETER, false, without, function, 0, returns,         \
            (function) == THAW_PYTHON_FIND, uses                                                   \
    }
#define LIBRARY(name, program, function, returns, without)                                         \
    {                                                                                              \
        name, program, function, THAW_PROBE_LIBRARY, false, without, 0, 0, returns, false, RECORDS \
    }

static const struct thaw_probe_row rows[] = {
    TRACEPOINT("process.fork", "process_fork", "sched_process_fork", RECORDS | AUDITS, true,
               "processes started by the command"),
    TRACEPOINT("process.exec", "process_exec", "sched_process_exec", RECORDS | AUDITS, true,
               "which programs run, and which of them are workers"),
    TRACEPOINT("process.exit", "process_exit", "sched_process_exit", RECORDS | AUDITS, true,
               "when processes end, and how"),
    TRACEPOINT("wire.send", "syscalls_enter", "sys_enter", RECORDS, false,
               "messages the worker sends: most phases, and when the first reply was given"),
    TRACEPOINT("server.reply", "syscalls_enter", "sys_enter", RECORDS, false,
               "when a server of any kind gave its first reply"),
    TRACEPOINT(
        "server.listen", "syscalls_exit", "sys_exit", RECORDS, false,
        "that a process listens, the first connections it accepts, and what files tell of a host's "
        "start"),
    TRACEPOINT("files.open", "syscalls_exit", "sys_exit", RECORDS, false,
               "files opened by imports, and messages on the platform's link"),
    TRACEPOINT(THAW_PROBE_EFFECTS, "syscalls_exit", "sys_exit", RECORDS, false,
               "what modules do beside defining names: threads, processes, sockets, files written"),
    TRACEPOINT("thread.waits", "sched_switch", "sched_switch", RECORDS, false,
               "how long imports waited: disk wait, run queue, sleep"),
    TRACEPOINT("files.disk", "sched_disk", "mm_filemap_add_to_page_cache", RECORDS, false,
               "how many bytes imports brought from the disk"),
    TRACEPOINT("socket.send", "sockets_sent", "sock_send_length", AUDITS, false,
               "messages the worker sends, first replies of servers, and what they were asked"),
    TRACEPOINT("socket.receive", "sockets_received", "sock_recv_length", AUDITS, false,
               "messages on the platform's link, and what servers were asked"),
    TRACEPOINT("socket.state", "sockets_state", "inet_sock_set_state", AUDITS, false,
               "that a process listens, and which connections are over"),
    FUNCTION("python.find", "python_find", THAW_PYTHON_FIND, RECORDS | AUDITS, true,
             "imports by statement, with their parents and times"),
    FUNCTION("python.body", "python_body", THAW_PYTHON_BODY, RECORDS | AUDITS, true,
             "when a module's own code begins, and imports by importlib.import_module"),
    FUNCTION("python.init", "python_init", THAW_PYTHON_INIT, RECORDS, true,
             "extension and builtin modules that importlib.import_module asked for"),
    FUNCTION("python.create", "python_create", THAW_PYTHON_CREATE, RECORDS, false,
             "single-phase extension modules that importlib.import_module asked for"),
    FUNCTION("python.made", "python_made", THAW_PYTHON_MADE, RECORDS, false,
             "the ends of single-phase extension modules that importlib.import_module asked for"),
    FUNCTION("python.lazy", "python_lazy", THAW_PYTHON_LAZY, RECORDS, true,
             "which imports were lazy ones that came true"),
    {"python.unmarshal", "python_unmarshal", "marshal.loads", THAW_PROBE_METHOD, false,
     "when a module's bytecode is read and becomes code objects", 0, THAW_PYTHON_UNMARSHAL, false,
     false, RECORDS},
    {"python.marshal", "python_marshal", "marshal.dumps", THAW_PROBE_METHOD, false,
     "when a module is compiled and becomes bytecode to be written", 0, THAW_PYTHON_MARSHAL, false,
     false, RECORDS},
    {"python.gc", "python_gc", "garbage collection", THAW_PROBE_COLLECTOR, false,
     "garbage collections during imports: their time stays in the modules they happened in", 0, 0,
     true, false, RECORDS},
    LIBRARY("loader.dlopen", "loader_dlopen", "dlopen", true,
            "time spent loading extension modules and their libraries"),
    LIBRARY("effects.getaddrinfo", "effects_lookup", "getaddrinfo", false,
            "names of hosts that modules look up"),
    LIBRARY("effects.gethostbyname", "effects_lookup", "gethostbyname_r", false,
            "names of hosts that modules look up the old way"),
    LIBRARY("effects.gethostbyname2", "effects_lookup", "gethostbyname2_r", false,
            "names of hosts that modules look up the old way"),
    LIBRARY("effects.getnameinfo", "effects_lookup_address", "getnameinfo", false,
            "addresses whose names modules look up"),
    LIBRARY("effects.setenv", "effects_set", "setenv", false,
            "environment variables that modules set"),
    LIBRARY("effects.putenv", "effects_set", "putenv", false,
            "environment variables that modules set (Python up to 3.8)"),
    LIBRARY("effects.unsetenv", "effects_unset", "unsetenv", false,
            "environment variables that modules remove"),
    {"native.sample", "sample_tick", "cpu-clock", THAW_PROBE_CLOCK, false,
     "the time that imports spent in each shared library and function", 0, 0, false, false,
     RECORDS},
    {"vm.ports", "vm_port", "kvm_pio", THAW_PROBE_VM, false,
     "marks that guests write to ports, and how often they access any", 0, 0, false, false,
     RECORDS},
    {"vm.exits", "vm_left", "kvm_userspace_exit", THAW_PROBE_VM, false,
     "when guests halt or stop, and how often they come back to their monitor", 0, 0, false, false,
     RECORDS},
};

const struct thaw_probe_row *thaw_probes(size_t *ret_count)
{
    *ret_count = sizeof(rows) / sizeof(rows[0]);
    return rows;
}
