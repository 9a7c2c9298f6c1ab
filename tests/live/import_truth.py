"""What a program really imports, told by itself: the truth for what thaw saw from outside.

The recorded program loads this first. It wraps importlib's _find_and_load, which both the
interpreter (after a look into sys.modules) and importlib.import_module call by that name, and
writes one line for each begin and end to the file that THAW_TRUTH names, at once: nothing is lost
when the process is killed. tests/harness/truth_comparison.py reads it.

    begin ID NAME PARENT[|PARENT…] TID     (tabs between; any of the parents is right, - is none)
    end ID loaded|failed|notfound TYPE-OF-EXCEPTION
"""

import _thread
import itertools
import os
import sys
import time
from importlib import _bootstrap

NONE = "-"
original = _bootstrap._find_and_load
descriptor = os.open(os.environ["THAW_TRUTH"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
numbers = itertools.count()
installed = time.monotonic_ns()  # makes the ids of several interpreters and program images differ
stacks = {}  # (thread, greenlet) -> open loads


class Load:
    """One load, from its begin to its end."""

    def __init__(self, name):
        self.id = f"{os.getpid()}.{installed}.{next(numbers)}"
        self.name = name
        self.open = True


def write(*words):
    os.write(descriptor, ("\t".join(words) + "\n").encode("utf-8", "backslashreplace"))


def current_greenlet():
    """None for a thread's main greenlet, and where greenlets are not in use."""
    getcurrent = getattr(sys.modules.get("greenlet"), "getcurrent", None)
    current = getcurrent and getcurrent()
    return current if current and current.parent else None


def key(greenlet):
    return _thread.get_ident(), greenlet and id(greenlet)


def note_start(event, greenlets):
    """A trace function of greenlet's: remembers the import in which a greenlet was started."""
    origin, target = greenlets
    if target.parent and not hasattr(target, "started_in"):
        below = stacks.get(key(origin if origin.parent else None))
        target.started_in = below[-1] if below else None


def right_parents(stack, greenlet):
    if stack:
        return [stack[-1].name]
    started_in = getattr(greenlet, "started_in", None)
    return [NONE, started_in.name] if started_in and started_in.open else [NONE]


def is_no_load(name, import_):
    """The interpreter asks only for what sys.modules lacks; import_module asks always."""
    return import_ is _bootstrap._gcd_import and sys.modules.get(name) is not None


def find_and_load(name, import_, **options):
    if is_no_load(name, import_):
        return original(name, import_, **options)
    greenlet = current_greenlet()
    stack = stacks.setdefault(key(greenlet), [])
    load = Load(name)
    write("begin", load.id, name, "|".join(right_parents(stack, greenlet)),
          str(_thread.get_native_id()))
    stack.append(load)
    outcome, exception = "failed", NONE
    try:
        module = original(name, import_, **options)
        outcome = "loaded" if module is not None else "notfound"  # None: a lazy name is no module
        return module
    except BaseException as error:
        exception = type(error).__name__
        if isinstance(error, ModuleNotFoundError) and error.name == name:
            outcome = "notfound"
        raise
    finally:
        stack.pop()
        load.open = False
        if not stack:
            del stacks[key(greenlet)]
        write("end", load.id, outcome, exception)
        if name == "greenlet" and outcome == "loaded":
            sys.modules["greenlet"].settrace(note_start)


_bootstrap._find_and_load = find_and_load
