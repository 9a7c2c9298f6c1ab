"""What a Python interpreter needs in the guest to start there as it starts here.

The interpreter itself is asked: its standard library with its byte code (so that the emulated
CPU compiles nothing), and from the site directories only the .pth files and the modules that
its start loads. Whole site directories are for the caller to add.
"""

import json
import subprocess
from pathlib import Path

# Unused by any program under test; so is the static library beside the build configuration.
EXCLUDED = {"test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip",
            "pydoc_data", "site-packages", "dist-packages"}

QUESTION = """
import sys
loaded = [module for name, module in sys.modules.items() if name != "__main__"]
import json, os, sysconfig
files = []
for module in loaded:
    spec = getattr(module, "__spec__", None)
    files += [getattr(spec, "origin", None), getattr(spec, "cached", None)]
print(json.dumps({
    "executable": os.path.realpath(sys.executable),
    "libraries": sorted({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}),
    "config": os.path.basename(sysconfig.get_config_var("LIBPL") or ""),
    "path": [directory for directory in sys.path if os.path.isdir(directory)],
    "files": sorted({file for file in files if file and os.path.isfile(file)})}))
"""


def add_python(archive, interpreter="/usr/bin/python3.11"):
    """Adds the interpreter at its own path; its shared libraries come with add_libraries()."""
    facts = ask(interpreter)
    archive.add(facts["executable"])
    if Path(interpreter).is_symlink():
        archive.add_link(interpreter, facts["executable"])
    libraries = [Path(directory) for directory in facts["libraries"]]
    for library in libraries:
        archive.add(library, exclude=EXCLUDED | {facts["config"]})
    for directory in map(Path, facts["path"]):
        if directory not in libraries:
            archive.add_directory(directory)
            for path_file in directory.glob("*.pth"):
                archive.add(path_file)
    for file in facts["files"]:
        if file not in archive:
            archive.add(file)


def ask(interpreter):
    """Facts about the interpreter, from itself, started without our environment as in the guest."""
    result = subprocess.run([interpreter, "-c", QUESTION], capture_output=True, text=True,
                            env={}, cwd="/", check=True)
    return json.loads(result.stdout)
