# SPDX-License-Identifier: Apache-2.0
"""The probe: imports an app as its worker would, and tells what that took and brought.

Run by the app's own interpreter (3.8 to 3.15) inside of a sandbox, as `-c` with the words of a task
as arguments (src/trial/probe.c). It loads nothing before the app's import but what every
interpreter has built in, so that what the app loads first is counted for the app. After the point
(src/trial/run.h) one JSON object follows:

  "cpu_ns", "wall_ns"  of the import; CPU time of the thread that imports, since others (OpenBLAS')
                       spin while they wait for work, which holds up nobody
  "modules"            names of what it loaded, each once, whatever else sys.modules calls it
  "module_files"       how many files these came from
  "files"              those of them in the app's folder, packages' left out
  "missing"            what was to be there before and could not be imported
  "functions"          what the platform makes of the app, if asked: [name, [binding, ...], hints]
  "described"          who told that, "" nobody could
  "failed"             how that failed, "" it did not
  "call_cpu_ns", "call_modules"  of the imports of a first call, if asked: time, names they loaded
"""
import sys

import _frozen_importlib
import _frozen_importlib_external
import posix

SCRIPT = "__thaw_script__"  # anything but __main__: what is guarded by that isn't run
PACKAGES = ("site-packages", "dist-packages", ".python_packages")


def built_in(name):
    """A module that only the probe needs: as if it had not been imported."""
    there = name in sys.modules
    module = __import__(name)
    if not there:
        del sys.modules[name]
    return module


gc = built_in("gc")
time = built_in("time")


class Task:
    def __init__(self, words):
        self.folder = self.original = self.script = self.call_file = ""
        self.earlier, self.paths, self.preloaded = [], [], []
        self.entries, self.call = [], []
        self.describes = False
        for word in words:
            self.take(word[:1], word[1:])

    def take(self, kind, value):
        if kind in "fosc":
            name = {"f": "folder", "o": "original", "s": "script", "c": "call_file"}[kind]
            setattr(self, name, value)
        elif kind in "bpm":
            {"b": self.earlier, "p": self.paths, "m": self.preloaded}[kind].append(value)
        elif kind == "d":
            self.describes = True
        elif kind in "ei":  # an entry, an import of the call
            (self.entries if kind == "e" else self.call).append([value])
        elif kind == "E":  # the entry's file
            self.entries[-1].append(value)
        elif kind in "nl":  # the import's name, its level
            self.call[-1].append(value)


def is_package_folder(path):
    return path.rstrip("/").rpartition("/")[2] in PACKAGES


def use_paths(paths, own):
    sys.path[:] = list(paths) + [path for path in own if path not in paths]


def keep_bytecode_inside(folder):
    """Nothing is written outside of the app's folder, which is the sandbox's."""
    loader = _frozen_importlib_external.SourceFileLoader
    write = loader.set_data

    def set_data(self, path, data, **more):
        if path.startswith(folder + "/"):
            write(self, path, data, **more)

    loader.set_data = set_data


def preload(names):
    missing = []
    for name in names:
        if name in sys.modules:
            continue
        try:
            __import__(name)
        except BaseException as error:  # SystemExit, too: it is not the app's
            missing.append("%s: %s" % (name, type(error).__name__))
    return missing


def base_of(file, name):
    """Where the file lies on the import path when its module is called that, and how many of the
    name's parts the path has."""
    path = file[:-len("/__init__.py")] if file.endswith("/__init__.py") else file.rpartition(".")[0]
    parts = name.split(".")
    held = 0
    while held < len(parts) and path.rpartition("/")[2] == parts[-1 - held]:
        path = path.rpartition("/")[0]
        held += 1
    return path, len(parts) - held


def make_parent(name, folder):
    """A package that has no folder of its own name: a worker makes such ones (`__app__`)."""
    if name in sys.modules:
        return
    module = _frozen_importlib.module_from_spec(_frozen_importlib.ModuleSpec(name, None,
                                                                             is_package=True))
    module.__path__ = [folder]
    sys.modules[name] = module


def load_entry(name, file):
    if name in sys.modules:
        return
    folder, strange = base_of(file, name)
    parts = name.split(".")
    if strange == len(parts):
        external = _frozen_importlib_external
        _frozen_importlib._load(external.spec_from_file_location(name, file))
        return
    for count in range(1, strange + 1):
        make_parent(".".join(parts[:count]), folder)
    __import__(name)


def load_script(file):
    module = type(sys)(SCRIPT)
    module.__file__ = file
    sys.modules[SCRIPT] = module
    with open(file, "rb") as stream:
        source = stream.read()
    exec(compile(source, file, "exec"), module.__dict__)


def own_names(key, module):
    """Its name and file without asking the module itself, which might load something for that."""
    try:
        names = object.__getattribute__(module, "__dict__")
        name = getattr(names.get("__spec__"), "name", None)
        file = names.get("__file__")
    except Exception:
        name = file = None
    return (name if isinstance(name, str) else key, file if isinstance(file, str) else "")


def loaded():
    return dict(own_names(key, module) for key, module in list(sys.modules.items())
                if isinstance(key, str))


def is_own(task, file):
    for folder in (task.folder, task.original):
        if file.startswith(folder + "/"):
            return not any("/%s/" % name in file[len(folder):] for name in PACKAGES)
    return False


def import_app(task, report):
    before = loaded()
    gc.collect()
    wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
    for name, file in task.entries:
        load_entry(name, file)
    if task.script:
        load_script(task.script)
    cpu, wall = time.thread_time_ns() - cpu, time.perf_counter_ns() - wall
    after = loaded()
    names = sorted(set(after) - set(before) - {SCRIPT})
    files = {after[name] for name in names if after[name]}
    report.update(cpu_ns=cpu, wall_ns=wall, modules=names, module_files=len(files),
                  files=sorted(file for file in files if is_own(task, file)))


def names_of(file):
    """Those of the module that came from the file, which relative imports go by."""
    for module in list(sys.modules.values()):
        if own_names("", module)[1] == file:
            return module.__dict__
    return {}


def call(task, report):
    """What a function's first call does before anything else: exactly these imports."""
    before = loaded()
    cpu = 0
    for module, name, level in task.call:
        names = names_of(task.call_file)
        gc.collect()
        begun = time.thread_time_ns()
        found = __import__(module, names, {}, [name] if name else None, int(level))
        if name and name != "*":
            getattr(found, name, None)
        cpu += time.thread_time_ns() - begun
    report.update(call_cpu_ns=cpu, call_modules=sorted(set(loaded()) - set(before)))


def describe_app(task, report, own):
    """By the text behind this one, which is the platform's."""
    report.update(functions=[], described="", failed="")
    use_paths(task.paths + task.earlier, own)
    try:
        report["described"], functions = describe(  # noqa: F821
            [name for name, _ in task.entries], task.folder)
        import re

        address = re.compile(r" at 0x[0-9a-f]+")
        report["functions"] = sorted([name, sorted(bindings), address.sub("", hints)]
                                     for name, bindings, hints in functions)
    except Exception as error:
        report["failed"] = "%s: %s" % (type(error).__name__, error)


def plain(value):
    """As JSON for readers that know no half characters."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def hand_over(descriptor, report, own):
    """The standard library's json, also where the app has a module of that name."""
    for name in [name for name in sys.modules if name == "json" or name.startswith("json.")]:
        del sys.modules[name]
    sys.path[:] = own
    import json

    data = json.dumps({key: plain(value) for key, value in report.items()}).encode()
    while data:
        data = data[posix.write(descriptor, data):]


def main():
    descriptor = int(posix.environ[b"THAW_TRIAL_FD"])
    posix.set_inheritable(descriptor, False)
    if "os" in sys.modules:
        sys.modules["os"].environ.pop("THAW_TRIAL_FD", None)
    task = Task(sys.argv[1:])
    sys.argv[:] = [task.script]
    own = [path for path in sys.path if path and not is_package_folder(path)]
    keep_bytecode_inside(task.folder)
    use_paths(task.earlier, own)
    report = {"missing": preload(task.preloaded)}
    use_paths(task.paths, own)
    import_app(task, report)
    if task.call:
        call(task, report)
    posix.write(descriptor, b".")
    posix.read(descriptor, 1)
    if task.describes:
        describe_app(task, report, own)
    hand_over(descriptor, report, own)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    posix._exit(0)
