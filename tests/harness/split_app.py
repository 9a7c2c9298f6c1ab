"""An app of modules whose split is known beforehand: how each got its code, where it was looked
for, and what its own code waits for. tests/live/test_split.py records it.
"""

import os
import shutil
import subprocess
import unittest
from pathlib import Path

import cold

MS = 1_000_000
SLEEP_NS, BURN_NS, CONSTRUCTOR_NS, EXEC_NS = 50 * MS, 50 * MS, 20 * MS, 10 * MS
COLD_BYTES, KEPT_BYTES, FRESH_PAGES = 8 << 20, 20 << 20, 1000
RELOCATIONS = 20000
BUILTIN = "_symtable"
OVERRIDES = "-dac_override,-dac_read_search"  # root's rights to any file

# Its constructor sleeps and its table has to be relocated; Py_mod_exec sleeps too.
KNOWN = """
#include <Python.h>
#include <time.h>
static void rest(long ns) { struct timespec t = {0, ns}; while (nanosleep(&t, &t)) {} }
__attribute__((constructor)) static void construct(void) { rest(CONSTRUCTOR_NS); }
static int execute(PyObject *module) { (void)module; rest(EXEC_NS); return 0; }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "known", .m_slots = slots};
PyMODINIT_FUNC PyInit_known(void) { return PyModuleDef_Init(&definition); }
"""

COMPILE = """
import importlib.util, os, py_compile, sys
from py_compile import PycInvalidationMode as mode
os.chdir(sys.argv[1])
cached = importlib.util.cache_from_source
for name in ("fresh", "stale", "rejected", "denied"):
    py_compile.compile(name + ".py")
py_compile.compile("hashed.py", invalidation_mode=mode.UNCHECKED_HASH)
for name in ("hash_checked", "hash_stale"):
    py_compile.compile(name + ".py", invalidation_mode=mode.CHECKED_HASH)
with open(cached("rejected.py"), "r+b") as file:
    file.write(b"\\x01\\x02\\r\\n")
os.utime("stale.py", (1, 1))
with open("hash_stale.py", "a") as file:
    file.write("MORE = 1\\n")
os.chmod(cached("denied.py"), 0)
os.mkdir(cached("folder_instead.py"))
"""

MODULES = {name: f"NAME = {name!r}\n" * 20 for name in (
    "fresh", "stale", "rejected", "hashed", "hash_checked", "hash_stale", "missing", "unwritten",
    "folder_instead", "denied", "read_only/in_read_only", "third/found_late")}
MODULES.update({
    "sleeping": f"import time\ntime.sleep({SLEEP_NS / 1e9})\n",
    "outer": "import sleeping\n",
    "failing": f"import time\ntime.sleep({SLEEP_NS / 1e9})\nraise OSError('as it is meant to')\n",
    "in_thread": f"import time\ntime.sleep({SLEEP_NS / 1e9})\n",
    "joining": "import threading\n"
               "thread = threading.Thread(target=lambda: __import__('in_thread'))\n"
               "thread.start()\nthread.join()\n",
    "burning": f"import time\nend = time.thread_time_ns() + {BURN_NS}\n"
               "while time.thread_time_ns() < end:\n    pass\n",
    "reading": "with open('cold.bin', 'rb', 0) as file:\n    data = file.read()\ndel data\n",
    "touching": "import mmap\nview = mmap.mmap(-1, NUMBER * mmap.PAGESIZE)\n"
                "for page in range(NUMBER):\n    view[page * mmap.PAGESIZE] = 1\nview.close()\n"
                .replace("NUMBER", str(FRESH_PAGES)),
    "keeping": f"KEPT = b'x' * {KEPT_BYTES}\n",
})

# time, mmap and threading are loaded beforehand, so that what comes later is the modules' own.
MAIN = f"""
import os, sys, time, mmap, threading
os.chdir(os.path.dirname(os.path.abspath(__file__)))
import cold
print("left", cold.evict("cold.bin")[0])
import fresh, stale, rejected, hashed, hash_checked, hash_stale, missing
import folder_instead, denied, in_read_only
sys.dont_write_bytecode = True
import unwritten
sys.dont_write_bytecode = False
import found_late
import {BUILTIN}
import outer, joining, burning, reading, touching, keeping
try:
    import failing
except OSError:
    pass
try:
    import nowhere
except ImportError:
    pass
try:
    import known
except ImportError:
    print("no known")
"""


def build_known(python, folder, relocations=RELOCATIONS):
    """The extension `known`; SkipTest without a compiler or the interpreter's headers."""
    include = subprocess.run([*python.command, "-c", "import sysconfig; "
                              "print(sysconfig.get_path('include'))"], capture_output=True,
                             text=True, check=True).stdout.strip()
    names = [f"filler_{number}" for number in range(relocations)]
    source = KNOWN.replace("CONSTRUCTOR_NS", str(CONSTRUCTOR_NS)).replace("EXEC_NS", str(EXEC_NS))
    source += "".join(f"int {name};\n" for name in names)
    source += f"int *table[] = {{{', '.join('&' + name for name in names)}}};\n"
    built = subprocess.run(["gcc", "-x", "c", "-", "-shared", "-fPIC", "-I", include, "-o",
                            Path(folder, "known.so")], input=source, text=True,
                           stderr=subprocess.PIPE, check=False)
    if built.returncode:
        raise unittest.SkipTest(f"no extension can be built for {python}: {built.stderr[-200:]}")


def make(python, folder):
    """Writes the app; why the extension is not part of it, or None."""
    folder = Path(folder)
    for name, text in {**MODULES, "main": MAIN}.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copy(cold.__file__, folder)
    # A folder of that name, with no __init__ in it, is looked into before the module is found.
    (folder / "first/found_late").mkdir(parents=True)
    (folder / "second").mkdir()
    (folder / "cold.bin").write_bytes(os.urandom(COLD_BYTES))
    subprocess.run([*python.command, "-I", "-c", COMPILE, str(folder)], check=True)
    (folder / "read_only").chmod(0o555)
    try:
        build_known(python, folder)
    except unittest.SkipTest as skip:
        return str(skip)
    return None


def search_path(folder):
    return [str(Path(folder, name)) for name in ("first", "second", "read_only", "third")]


def without_override(command):
    """The command such that root, too, is refused what a file's mode refuses."""
    if os.geteuid() != 0:
        return command
    if shutil.which("setpriv") is None:
        raise unittest.SkipTest("needs setpriv (util-linux)")
    return ["setpriv", f"--bounding-set={OVERRIDES}", f"--inh-caps={OVERRIDES}", *command]
