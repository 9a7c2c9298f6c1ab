"""What strace saw of a run, in the words of thaw's effects: the truth they are held against.

The command under strace marks where its imports begin and end (MARKED); what lies between counts,
of all threads and processes. strace tells a call's begin and its end apart when others come in
between; here a call counts where it ends, as in thaw, but for those that start something.
"""

import re
from collections import Counter

BEGIN, END = "/thaw-effects-begin", "/thaw-effects-end"

CALLS = ("access,faccessat,faccessat2,clone,clone3,fork,vfork,socket,socketpair,bind,listen,connect,"
         "open,openat,openat2,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,"
         "link,linkat,symlink,symlinkat,nanosleep,clock_nanosleep,select,pselect6,poll,ppoll,"
         "rt_sigaction")

# A program for `python -c`: it imports its arguments between the marks.
MARKED = ("import os, sys, importlib; os.access({begin!r}, 0)\n"
          "for name in sys.argv[1:]: {how}\n"
          "os.access({end!r}, 0)")

LINE = re.compile(r"^(\d+) +(.*)$")
UNFINISHED = re.compile(r"^(\w+)\((.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
CALL = re.compile(r"^(\w+)\((.*)\) += (-?\d+|\?)(.*)$")
BYTECODE = re.compile(r'\.pyc\.\d+"|__pycache__"')

NAMES = {"socket": "socket", "socketpair": "socket", "bind": "bind", "listen": "listen",
         "connect": "connect", "rename": "rename", "renameat": "rename", "renameat2": "rename",
         "unlink": "remove", "mkdir": "mkdir", "mkdirat": "mkdir", "rmdir": "rmdir",
         "link": "link", "linkat": "link", "symlink": "link", "symlinkat": "link",
         "nanosleep": "sleep", "clock_nanosleep": "sleep"}
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE")


def marked(how='__import__(name)'):
    return MARKED.format(begin=BEGIN, end=END, how=how)


def command(output, *words):
    """words run under strace."""
    return ["strace", "-f", "-qq", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(output),
            *map(str, words)]


def whole_calls(text):
    """(pid, name, arguments, result) of each call, where it ended."""
    begun = {}
    for line in text.splitlines():
        matched = LINE.match(line)
        if not matched:
            continue
        pid, rest = matched.groups()
        unfinished, resumed = UNFINISHED.match(rest), RESUMED.match(rest)
        if unfinished:
            begun[pid] = unfinished.groups()
            continue
        if resumed:
            name, before = begun.pop(pid, (resumed[1], ""))
            rest = f"{name}({before}{resumed[2]}"
        call = CALL.match(rest)
        if call:
            yield pid, call[1], call[2], call[3]


def kind_of(name, arguments, result):
    """The effect that a call is, None: it is none."""
    if name in ("clone", "clone3", "fork", "vfork"):
        if result == "?" or int(result) <= 0:
            return None
        return "thread" if "CLONE_THREAD" in arguments else "process"
    if name in ("open", "openat", "openat2", "creat"):
        return "write" if name == "creat" or WRITING.search(arguments) else None
    if name == "unlinkat":
        return "rmdir" if "AT_REMOVEDIR" in arguments else "remove"
    if name == "rt_sigaction":
        return "signal" if arguments.split(", ")[1] != "NULL" and result == "0" else None
    if name in ("select", "pselect6"):
        return "sleep" if arguments.startswith("0, ") else None
    if name in ("poll", "ppoll"):
        return "sleep" if re.match(r"(NULL|\[\]|0x[0-9a-f]+), 0, ", arguments) else None
    return NAMES.get(name)


def effects(text):
    """[(kind, arguments)] between the marks, less what importing itself writes."""
    found, inside = [], False
    for _, name, arguments, result in whole_calls(text):
        if BEGIN in arguments:
            inside = True
        elif END in arguments:
            inside = False
        kind = kind_of(name, arguments, result) if inside else None
        if kind and not (kind in ("write", "rename", "remove", "mkdir")
                         and BYTECODE.search(arguments)):
            found.append((kind, arguments))
    return found


# What system calls do not tell is not strace's, and neither is what was executed.
UNCOUNTED = {"lookup", "environment", "program"}


def counts(found):
    return Counter(kind for kind, _ in found)


def counts_of_report(report, names):
    """The same of the modules of those names, and of all that they imported."""
    modules = {module["id"]: module for module in report["modules"]}

    def root(module):
        return root(modules[module["parent"]]) if module["parent"] else module["name"]
    return Counter(effect["kind"] for module in report["modules"] if root(module) in names
                   for effect in module["effects"] if effect["kind"] not in UNCOUNTED)
