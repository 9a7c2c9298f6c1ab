"""What each imported module's time went into, told by the program itself: the truth for the split.

The recorded program loads this first (a sitecustomize imports it). One clock per thread is switched
from part to part where importlib's own functions begin and end; nested imports and collections take
their time out of what they fell into. What is known at the end of the program goes to the file that
THAW_SPLIT_TRUTH names, with what the switching itself costs. A subprocess does not do it again.

With THAW_SPLIT_USAGE=1 each load also has the CPU time and the page faults of its thread, for one
system call more at its begin and end. tests/harness/split_comparison.py reads it all.
"""

import _imp
import _thread
import atexit
import gc
import os
import sys
import time
import zipimport
from importlib import _bootstrap, _bootstrap_external

# find is find_spec and set_up together: set_up is all that no function below is at work in, before
# the module's code runs; after is what importlib still does when it has run.
PARTS = ("find_spec", "set_up", "read", "unmarshal", "compile", "dump", "write", "create",
         "exec_extension", "builtin", "execute", "after", "gc")
BODY = "execute"
COUNTERS = ("minor_faults", "major_faults", "cpu_ns", "runqueue_ns", "read_bytes", "disk_bytes")
BATCH, BATCHES = 500, 9

clock = time.perf_counter_ns  # CLOCK_MONOTONIC, as the library of dlopen_audit.c
get_ident = _thread.get_ident
path = os.environ.pop("THAW_SPLIT_TRUTH")
usage_wanted = os.environ.pop("THAW_SPLIT_USAGE", "") == "1"
accounts = {}  # thread -> Account
loads = []
calls = dict.fromkeys(PARTS, 0)
patched = []  # (owner, name, original)


class Load:
    """One load; at the bottom of each thread there is one for what is outside of all imports."""
    __slots__ = ("name", "above", "asked", "tid", "start", "end", "part", "parts", "gc_in",
                 "creates", "usage", "bytecode")

    def __init__(self, name, above, asked):
        self.name, self.above, self.asked = name, above, asked
        self.tid = above.tid if above else _thread.get_native_id()
        self.part = "set_up" if above else BODY
        self.parts = dict.fromkeys(PARTS, 0)
        self.gc_in = self.creates = self.usage = self.end = None


class Account:
    """A thread's clock: everything since `last` belongs to the load's part."""
    __slots__ = ("load", "last")

    def __init__(self):
        self.load, self.last = Load("__main__", None, None), clock()

    def switch(self, part):
        """From now on it is another part; returns the one before."""
        load, now = self.load, clock()
        before = load.part
        load.parts[before] += now - self.last
        self.last, load.part = now, part
        return before

    def enter(self, load, now):
        above = self.load
        above.parts[above.part] += now - self.last
        self.load, self.last, load.start = load, now, now

    def leave(self):
        load, now = self.load, clock()
        load.parts[load.part] += now - self.last
        self.load, self.last, load.end = load.above, now, now


def account_here():
    account = accounts.get(get_ident())
    if account is None:
        account = accounts[get_ident()] = Account()
    return account


def no_usage():
    """Stands for thread_usage() where nobody asked for that."""


def thread_usage():
    now = resource.getrusage(resource.RUSAGE_THREAD)
    return now.ru_utime + now.ru_stime, now.ru_minflt, now.ru_majflt


usage_now = no_usage
if usage_wanted:
    import resource
    usage_now = thread_usage


def loading(original):
    def find_and_load(name, import_, **options):
        now = clock()  # what follows is this load's, as seen from outside
        asked = "import_module" if import_ is _bootstrap._gcd_import else "statement"
        if asked == "import_module" and sys.modules.get(name) is not None:
            return original(name, import_, **options)  # the interpreter asks for new ones only
        account = account_here()
        load = Load(name, account.load, asked)
        loads.append(load)
        account.enter(load, now)
        before = usage_now()
        try:
            return original(name, import_, **options)
        finally:
            if before:
                load.usage = tuple(now - then for now, then in zip(usage_now(), before))
            account.leave()
    return find_and_load


def timed(part, original):
    """What importlib calls on behalf of the innermost load, unless a module's own code does."""
    def wrapper(*arguments, **options):
        account = account_here()
        if account.load.part == BODY:
            return original(*arguments, **options)
        before = account.switch(part)
        calls[part] += 1
        try:
            return original(*arguments, **options)
        finally:
            account.switch(before)
    return wrapper


def reading(original):
    """A file that can't be opened was looked for, not read."""
    def get_data(self, name):
        account = account_here()
        load = account.load
        if load.part == BODY:
            return original(self, name)
        before, already = account.switch("read"), load.parts["read"]
        calls["read"] += 1
        try:
            data = original(self, name)
        except OSError:
            account.switch(before)
            load.parts[before] += load.parts["read"] - already
            load.parts["read"] = already
            raise
        account.switch(before)
        return data
    return get_data


def creating(original):
    """dlopen and PyInit, with when: dlopen_audit.c tells what was which."""
    def create_dynamic(*arguments, **options):
        account = account_here()
        load = account.load
        if load.part == BODY:
            return original(*arguments, **options)
        before = account.switch("create")
        calls["create"] += 1
        begin = account.last
        try:
            return original(*arguments, **options)
        finally:
            account.switch(before)
            if load.creates is None:
                load.creates = []
            load.creates.append((begin, account.last))
    return create_dynamic


def coding(original):
    """What gives the code that is then executed; there is no frame of ours below the code itself:
    one more for each import makes CPython 3.11 and later get and give back stack memory all the
    time, at a cost beyond all else here."""
    def get_code(*arguments, **options):
        account = account_here()
        if account.load.part == BODY:
            return original(*arguments, **options)
        code = original(*arguments, **options)
        account.switch(BODY)
        calls[BODY] += 1
        return code
    return get_code


def telling(original):
    """importlib's words for -v: these are its first ones when a module's code has run."""
    def verbose_message(message, *arguments, **options):
        if message == "import {!r} # {!r}":
            account_here().switch("after")
        return original(message, *arguments, **options)
    return verbose_message


class Collections:
    """gc.callbacks: a collection belongs to the load it fell into, beside its parts."""

    def __init__(self):
        self.open = {}  # thread -> (part, when)

    def __call__(self, phase, _info):
        account = account_here()
        if phase == "start":
            before = account.switch("gc")
            self.open[get_ident()] = before, account.last
        elif get_ident() in self.open:
            before, start = self.open.pop(get_ident())
            account.switch(before)
            calls["gc"] += 1
            load = account.load
            load.gc_in = load.gc_in or {}
            load.gc_in[before] = load.gc_in.get(before, 0) + account.last - start


class Marshal:
    """Stands for the module marshal inside importlib."""
    loads = staticmethod(timed("unmarshal", _bootstrap_external.marshal.loads))
    dumps = staticmethod(timed("dump", _bootstrap_external.marshal.dumps))


def patch(owner, name, wrap, *part):
    original = vars(owner)[name]
    patched.append((owner, name, original))
    setattr(owner, name, wrap(*part, original))


def install():
    external = _bootstrap_external
    patch(_bootstrap, "_find_and_load", loading)
    patch(_bootstrap, "_find_spec", timed, "find_spec")
    patch(external.FileLoader, "get_data", reading)
    patch(external.SourceLoader, "source_to_code", timed, "compile")
    patch(external.SourceFileLoader, "_cache_bytecode", timed, "write")
    patch(external, "marshal", lambda _: Marshal)
    for loader in external.SourceLoader, external.SourcelessFileLoader, zipimport.zipimporter:
        patch(loader, "get_code", coding)
    patch(_imp, "get_frozen_object", coding)
    patch(_bootstrap, "_verbose_message", telling)
    patch(_imp, "create_dynamic", creating)
    patch(_imp, "exec_dynamic", timed, "exec_extension")
    patch(_imp, "create_builtin", timed, "builtin")
    patch(_imp, "exec_builtin", timed, "builtin")


def remove():
    while patched:
        setattr(*patched.pop())


def read_text(name):
    """Empty where the kernel has no such file, or denies it."""
    try:
        with open(name, encoding="ascii") as file:
            return file.read()
    except OSError:
        return ""


def process_counters():
    """{name: value} of the whole process (the queue: of its first thread), None if untold."""
    import resource
    usage = resource.getrusage(resource.RUSAGE_SELF)
    schedule = read_text("/proc/self/schedstat").split()
    files = dict(line.split(": ") for line in read_text("/proc/self/io").splitlines())
    return dict(zip(COUNTERS, (
        usage.ru_minflt, usage.ru_majflt, time.process_time_ns(),
        int(schedule[1]) if schedule else None,
        int(files["rchar"]) if files else None, int(files["read_bytes"]) if files else None)))


def nothing(*_arguments):
    return None


def fastest(function, *arguments):
    """ns of one call, in the fastest of some batches."""
    best = None
    for _ in range(BATCHES):
        begin = clock()
        for _ in range(BATCH):
            function(*arguments)
        spent = (clock() - begin) / BATCH
        best = spent if best is None else min(best, spent)
    return best


def overhead():
    """What the switching costs, in ns a call: within the part it tells, and in all."""
    plain = fastest(nothing, None, None)
    account = accounts[get_ident()] = Account()
    account.load = load = Load("overhead", account.load, None)
    result = {}
    for name, part, wrapped in (("timed", "unmarshal", timed("unmarshal", nothing)),
                                ("read", "read", reading(nothing)),
                                ("create", "create", creating(nothing))):
        load.creates = None
        load.parts[part] = 0
        whole = fastest(wrapped, None, None)
        inside = load.parts[part] / (BATCH * BATCHES)
        result[name] = {"inside_ns": inside - plain, "whole_ns": whole - plain}
    load.part = "set_up"
    result["message"] = {"whole_ns": fastest(telling(nothing), "", None) - plain}
    # A load is asked for as by the interpreter, so that it is never a look into sys.modules.
    result["load"] = {"whole_ns": fastest(loading(nothing), "overhead", None) - plain}
    collections = Collections()
    result["gc"] = {"whole_ns": fastest(lambda: (collections("start", None),
                                                 collections("stop", None))) - plain}
    return result


def described(load):
    start, end = load.start, load.end
    entry = {"name": load.name, "parent": load.above.name if load.above.above else None,
             "asked": load.asked, "tid": load.tid, "start_ns": start, "end_ns": end,
             "parts": {part: spent for part, spent in load.parts.items() if spent},
             "gc_in": load.gc_in or {}, "creates": load.creates or []}
    if load.usage:
        cpu, minor, major = load.usage
        entry["usage"] = {"cpu_ns": round(cpu * 1e9), "minor": minor, "major": major}
    return entry


def write_all(process, begin):
    if os.getpid() != process:
        return  # a fork
    gc.callbacks.remove(collections)
    remove()
    end = process_counters()
    told = [described(load) for load in loads]
    totals = {part: sum(entry["parts"].get(part, 0) for entry in told) for part in PARTS}
    number = len(loads)
    import json
    with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
        json.dump({"python": sys.version.split()[0], "installed_ns": installed, "pid": process,
                   "loads": told, "totals": totals, "calls": dict(calls, load=number),
                   "overhead": overhead(), "process": {"begin": begin, "end": end}}, file)


collections = Collections()
atexit.register(write_all, os.getpid(), process_counters())
install()
gc.callbacks.append(collections)
installed = clock()
