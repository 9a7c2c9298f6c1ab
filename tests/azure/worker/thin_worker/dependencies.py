# SPDX-License-Identifier: Apache-2.0
"""Keeps the worker's packages and the user's apart, the way Azure's worker does it.

Until the app is known only the worker's packages are on sys.path. Then every module that came
from the worker's folder is dropped from sys.modules and the user's packages are put in front, so
that user code that imports grpc or google.protobuf gets its own copy, or a second import of the
worker's. PYTHON_ISOLATE_WORKER_DEPENDENCIES=0 only puts the paths in order and drops nothing.
"""
import os
import re
import sys

SCRIPT_ROOT = "AzureWebJobsScriptRoot"
ISOLATE = "PYTHON_ISOLATE_WORKER_DEPENDENCIES"

# azure-functions-host/workers/python/3.11/LINUX/X64
_WORKER_FOLDER = re.compile(r".*python/\d+\.\d+/LINUX\b")


def is_true(name):
    return os.environ.get(name, "").strip().lower() in ("1", "true", "t", "yes", "y")


def is_false(name):
    return os.environ.get(name, "").strip().lower() in ("0", "false", "f", "no", "n")


def in_consumption():
    return "CONTAINER_NAME" in os.environ


def is_placeholder():
    """A started worker in the pool that has no customer yet."""
    return in_consumption() and is_true("WEBSITE_PLACEHOLDER_MODE")


def _find_worker_folder():
    return next((path for path in sys.path if _WORKER_FOLDER.match(path)),
                os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _find_user_packages():
    packages = [path for path in sys.path if "site-packages" in path]
    root = os.environ.get(SCRIPT_ROOT)
    below_root = [path for path in packages if root and path.startswith(root)]
    return next(iter(below_root or packages), "")


# Fixed at start: later the paths are no longer on sys.path.
_worker_folder = _find_worker_folder()
_user_packages = _find_user_packages()


def use_worker_packages():
    """Before the app is known: the worker's packages only."""
    _remove(_user_packages)
    _remove(os.environ.get(SCRIPT_ROOT, ""))
    if _worker_folder not in sys.path:
        sys.path.insert(0, _worker_folder)


def use_user_packages(app_directory=""):
    """The app is known: its packages first, then the worker's, the app's own folder last."""
    app_directory = app_directory or os.environ.get(SCRIPT_ROOT, "")
    _remove(_worker_folder)
    sys.path.insert(0, _worker_folder)
    if _user_packages and _user_packages not in sys.path:
        sys.path.insert(0, _user_packages)
    if app_directory and app_directory not in sys.path:
        sys.path.append(app_directory)
    if not is_false(ISOLATE):
        _forget_modules(_worker_folder)
        _forget_modules(_user_packages)


def _remove(path):
    sys.path[:] = [entry for entry in sys.path if not path or entry != path]
    sys.path_importer_cache.pop(path, None)


def _forget_modules(folder):
    """Drops what was imported from `folder`, except ourselves: the next import loads it again."""
    if not folder:
        return
    # Found first, dropped then: a namespace package's __path__ needs its parent in sys.modules.
    found = [name for name, module in list(sys.modules.items())
             if name.partition(".")[0] not in (__package__, "__main__")
             and any(path.startswith(folder + os.sep) for path in _paths_of(module))]
    for name in found:
        del sys.modules[name]


def _paths_of(module):
    return [*(getattr(module, "__path__", None) or ()), getattr(module, "__file__", None) or ""]
