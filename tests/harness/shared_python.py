"""A Python whose code lies in libpython3.11.so, as conda's, pyenv's and Fedora's do.

Debian's own program is static, but its python3.11-dev has the library: three lines of C make the
interpreter. It finds the same standard library as /usr/bin/python3.11.
"""

import subprocess
import unittest
from pathlib import Path

SOURCE = "int Py_BytesMain(int, char **);\nint main(int c, char **v) { return Py_BytesMain(c, v); }\n"


def make(folder):
    """Builds FOLDER/python3.11 and returns its path; SkipTest where python3.11-dev is missing."""
    program = Path(folder, "python3.11")
    built = subprocess.run(["gcc", "-x", "c", "-", "-o", program, "-lpython3.11"], input=SOURCE,
                           text=True, stderr=subprocess.PIPE)
    if built.returncode:
        raise unittest.SkipTest("no libpython3.11 to link with (python3.11-dev)")
    return program
