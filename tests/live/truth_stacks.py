"""Imports on more than one stack: deep ones, threads, sub-interpreters, greenlets."""

from truth_run import TruthCase

LOADED = "loaded"
DEPTH = 300
DEPTH_3_12 = 250  # its limit of nested calls in C can't be raised
THREADED = ["json", "email.mime.text", "xml.dom.minidom", "unittest", "http.server"]

AT_ONCE = """
import sys, threading
barrier = threading.Barrier(len(sys.argv) - 1)
def load(name):
    barrier.wait()
    __import__(name)
threads = [threading.Thread(target=load, args=(name,)) for name in sys.argv[1:]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""

# Whichever module this version has: concurrent.interpreters (3.14), _interpreters (3.13), or
# _xxsubinterpreters.
IN_ANOTHER = """
import sys
sys.path.extend(sys.argv[1:])
code = "import sys; sys.path[:] = " + repr(sys.path) + "; import import_truth, wave, inner"
try:
    from concurrent import interpreters
except ImportError:
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
import import_truth_pause
interpreter = interpreters.create()
if hasattr(interpreter, "exec"):
    interpreter.exec(code)
    interpreter.close()
else:
    interpreters.run_string(interpreter, code)
    interpreters.destroy(interpreter)
import colorsys
"""

# A greenlet gives way in the middle of every module; main resumes them in turn. call_deep() makes
# stack in C, which Python's own calls do not since 3.11.
GREENLETS = """
import sys, greenlet
def give_way():
    greenlet.getcurrent().parent.switch()
def call_deep(depth, name):
    if depth:
        list(map(lambda _: call_deep(depth - 1, name), [0]))
    else:
        __import__(name)
sys.give_way = give_way
def started(depth, name):
    task = greenlet.greenlet(call_deep)
    task.switch(depth, name)
    return task
"""
IN_TURN = GREENLETS + """
waiting = [started(int(depth), name) for depth, name in (word.split(":") for word in sys.argv[1:])]
while any(waiting):
    for task in waiting:
        if task:
            __import__("wave" if "wave" not in sys.modules else "colorsys")
            task.switch()
"""
HAND_OVER = GREENLETS + """
def other():
    return second if greenlet.getcurrent() is first else first
def hand_over():
    if other():
        other().switch()
first, second = (greenlet.greenlet(lambda name=name: __import__(name)) for name in sys.argv[1:])
def begin_second():
    sys.give_way = hand_over
    second.switch()
sys.give_way = begin_second
first.switch()
while first or second:
    (first or second).switch()
"""
STARTED_IN_AN_IMPORT = GREENLETS + """
sys.started = started
import starts
while sys.task:
    sys.task.switch()
"""
RANDOM = GREENLETS + """
import random
order = random.Random(20261123)
tasks = [started(order.randrange(40), f"{name}0") for name in "abcdefgh"]
while any(tasks):
    task = order.choice([task for task in tasks if task])
    if order.random() < 0.5:
        task.switch()
    else:
        list(map(lambda _: task.switch(), [0]))
"""


def chain(letter, length):
    """Modules of which each imports the next, and gives way before and after."""
    files = {}
    for number in range(length):
        follow = f"import {letter}{number + 1}\n" if number + 1 < length else ""
        files[f"app/{letter}{number}.py"] = f"import sys\nsys.give_way()\n{follow}sys.give_way()\n"
    return files


def chained(letters, length):
    return {f"{letter}{number}": LOADED for letter in letters for number in range(length)}


class Stacks(TruthCase):
    def test_deep_chain(self):
        depth = DEPTH_3_12 if self.python.minor == 12 else DEPTH
        self.write({f"app/deep/m{number}.py": f"import deep.m{number + 1}\n"
                    for number in range(depth)})
        self.write({f"app/deep/m{depth}.py": "import wave\n"})
        code = "import sys; sys.setrecursionlimit(100000); import deep.m0"
        self.assert_true("-c", code, outcomes={f"deep.m{number}": LOADED
                                               for number in range(depth + 1)})

    def test_threads(self):
        self.assert_true("-c", AT_ONCE, *THREADED, outcomes={"unittest": LOADED})

    def test_threads_that_want_the_same(self):
        self.write({"app/slow.py": "import time\ntime.sleep(0.2)\nimport wave\n"})
        self.assert_true("-c", AT_ONCE, *["slow"] * 5, outcomes={"wave": LOADED})

    def test_thread_started_in_an_import(self):
        self.write({"app/starts.py": "import threading\ndef load():\n    import json\n"
                                     "thread = threading.Thread(target=load)\n"
                                     "thread.start()\nthread.join()\nimport wave\n"})
        self.assert_true("-c", "import starts", outcomes={"starts": LOADED, "json": LOADED})

    def test_sub_interpreter(self):
        self.write({"app/inner.py": "import json\n"})
        self.assert_true("-c", IN_ANOTHER, outcomes={"inner": LOADED, "wave": LOADED,
                                                     "colorsys": LOADED})

    def assert_greenlets(self, code, *arguments, outcomes):
        self.assert_true("-c", code, *arguments, outcomes=outcomes, with_packages=["greenlet"])

    def test_greenlets_in_turn(self):
        self.write({**chain("a", 4), **chain("b", 6)})
        self.assert_greenlets(IN_TURN, "0:a0", "0:b0",
                              outcomes={**chained("a", 4), **chained("b", 6), "wave": LOADED})

    def test_greenlets_at_different_depths(self):
        self.write({**chain("a", 3), **chain("b", 5), **chain("c", 4)})
        self.assert_greenlets(IN_TURN, "30:a0", "0:b0", "7:c0",
                              outcomes={**chained("a", 3), **chained("b", 5), **chained("c", 4)})

    def test_many_greenlets_in_any_order(self):
        self.write({name: text for letter in "abcdefgh" for name, text in chain(letter, 5).items()})
        self.assert_greenlets(RANDOM, outcomes=chained("abcdefgh", 5))

    def test_greenlets_that_hand_over(self):
        self.write({**chain("a", 4), **chain("b", 6)})
        self.assert_greenlets(HAND_OVER, "a0", "b0",
                              outcomes={**chained("a", 4), **chained("b", 6)})

    def test_greenlet_that_yields_once(self):
        self.write(chain("a", 1))
        self.assert_greenlets(IN_TURN, "0:a0", outcomes={"a0": LOADED, "wave": LOADED})

    def test_greenlet_started_in_an_import(self):
        self.write({"app/starts.py": "import sys\nsys.task = sys.started(0, 'a0')\nimport wave\n"
                                     "sys.task.switch()\nimport colorsys\n", **chain("a", 3)})
        self.assert_greenlets(STARTED_IN_AN_IMPORT,
                              outcomes={"starts": LOADED, "wave": LOADED, **chained("a", 3)})
