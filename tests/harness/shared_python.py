"""A Python whose code lies in libpython3.X.so, as conda's, pyenv's and Fedora's do.

Debian's own program is static, but there is a package with the library: three lines of C make the
interpreter. It finds the same standard library as /usr/bin/python3.X.
"""

import subprocess
import unittest
from pathlib import Path

SOURCE = "int Py_BytesMain(int, char **);\nint main(int c, char **v) { return Py_BytesMain(c, v); }\n"


def make(folder, version="3.11", libraries=None):
    """Builds FOLDER/pythonVERSION and returns its path; SkipTest where its library is missing.

    `libraries` is the folder of the library if it isn't this machine's; what it needs itself may
    then be newer than what is here.
    """
    program = Path(folder, f"python{version}")
    link = [f"-lpython{version}"]
    if libraries is not None:
        link = [Path(libraries, f"libpython{version}.so.1.0"), "-Wl,--allow-shlib-undefined"]
    built = subprocess.run(["gcc", "-x", "c", "-", "-o", program, "-x", "none", *link],
                           input=SOURCE, text=True, stderr=subprocess.PIPE)
    if built.returncode:
        raise unittest.SkipTest(f"no libpython{version} to link with (python{version}-dev)")
    return program
