"""A root as a CI container has one: a Python with pip, git, a shell and a few programs; thaw with the
templates of reports/ci; wheels to install from. Entered by a plain user without any right.
"""

import os
import shutil
import subprocess
from pathlib import Path

import locked_environments
import other_root
from cpio_archive import shared_libraries
from program import REPOSITORY, THAW

USER = 65534  # nobody
PROGRAMS = ("dash", "bash", "git", "env", "mkdir", "rm", "cat", "cp", "mktemp", "dirname", "od", "tr",
            "sed", "head", "touch", "ls", "ln", "mv")
LATE_LIBRARIES = ("libcapstone.so.4", "libzip.so.4", "libsqlite3.so.0")
LINKS = {"usr/bin/sh": "dash", "usr/bin/python3": "python3.11", "usr/bin/git-upload-pack": "git",
         "usr/lib/git-core/git": "../../bin/git",
         "usr/lib/git-core/git-upload-pack": "../../bin/git"}
PYTHON_WHEELS = "/usr/share/python-wheels"  # what Debian's ensurepip installs pip from
IDENTITY = {name: value for kind in ("AUTHOR", "COMMITTER") for name, value in (
    (f"GIT_{kind}_NAME", "Ada"), (f"GIT_{kind}_EMAIL", "ada@example.org"))}
# What a job is given and may not show.
SECRETS = {"GH_TOKEN": "secret-of-gh", "GITHUB_TOKEN": "secret-of-github",
           "CI_JOB_TOKEN": "secret-of-gitlab"}
ENTER = ('mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; root=$1; shift; '
         f'exec setpriv --no-new-privs chroot --userspec={USER}:{USER} --groups= "$root" '
         'env -i "$@"')
SECONDS = 200


def library_of(name):
    """Where a library is on this machine, None where it is not."""
    return next((path for folder in ("/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu")
                 if (path := Path(folder, name)).exists()), None)


def copy_with_libraries(root, program, inside):
    """A program at a path in the root, and the shared libraries that it needs."""
    target = root / inside
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(os.path.realpath(program), target)
    late = [path for name in LATE_LIBRARIES if (path := library_of(name))]
    for library in {*shared_libraries([Path(os.path.realpath(program)), *late]), *map(str, late)}:
        copy = root / os.path.normpath(library)[1:]
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, copy)


def make(folder, lock_file):
    """Fills FOLDER with a root."""
    root = other_root.make(folder)
    shutil.copytree(other_root.STANDARD_LIBRARY + "/ensurepip",
                    root / other_root.STANDARD_LIBRARY[1:] / "ensurepip")
    shutil.copytree(PYTHON_WHEELS, root / PYTHON_WHEELS[1:])
    for name in PROGRAMS:
        copy_with_libraries(root, shutil.which(name), f"usr/bin/{name}")
    copy_with_libraries(root, THAW, "opt/thaw/build/thaw")
    shutil.copytree(REPOSITORY / "reports/ci", root / "opt/thaw/reports/ci")
    shutil.copytree(locked_environments.wheels(lock_file), root / "opt/wheels")
    for path, target in LINKS.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(target)
    for name in ("job", "tmp"):
        (root / name).mkdir(exist_ok=True)
        (root / name).chmod(0o1777)
    return root


def why_not():
    """Why a root can't be entered here, None where it can."""
    if os.geteuid():
        return "makes roots and mounts"
    missing = next((name for name in (*PROGRAMS, "unshare", "setpriv", "chroot")
                    if shutil.which(name) is None), None)
    if missing:
        return f"no {missing} here"
    if not Path(PYTHON_WHEELS).exists():
        return "no wheels of pip here (python3.11-venv)"
    probe = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--propagation", "private", "sh",
                            "-ec", "mount -t tmpfs none /mnt"], stdin=subprocess.DEVNULL,
                           capture_output=True, text=True, timeout=SECONDS, check=False)
    return f"mounts are refused: {probe.stderr.strip()[-200:]}" if probe.returncode else None


def run(root, words, environment, directory="/job", timeout=SECONDS):
    """Runs words in the root as the plain user; nothing of the caller's environment is there."""
    variables = {"PATH": "/usr/bin:/bin", "HOME": "/job", "LC_ALL": "C", "PIP_NO_INDEX": "1",
                 "PIP_FIND_LINKS": "/opt/wheels", **IDENTITY, **SECRETS, **environment}
    return subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--propagation", "private", "sh", "-ec", ENTER, "sh",
         str(root), *(f"{name}={value}" for name, value in variables.items()),
         "sh", "-c", 'cd "$0" && exec "$@"', directory, *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False)
