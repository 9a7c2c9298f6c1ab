# SPDX-License-Identifier: Apache-2.0
# Manifests and lock files: compiled and run only where there are such files.
def read_toml(index, data):
    try:
        import tomllib
    except ImportError:
        problem(index, "cut", 0, 0, "TOML is read by Python 3.11 or later, and this is "
                f"{sys.version_info[0]}.{sys.version_info[1]}: name a newer one")
        return None
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError:
        problem(index, "malformed", 0, 0, "it is not UTF-8: no TOML")
    except tomllib.TOMLDecodeError as error:
        line = column = 0
        text = str(error)  # its end may be "(at line 3, column 7)"
        words = text.rpartition("(at line ")[2].rstrip(")").split(", column ")
        if len(words) == 2 and words[0].isdigit() and words[1].isdigit():
            line, column = int(words[0]), int(words[1])
        problem(index, "malformed", line, column, "it is no TOML from here on")
    except RecursionError:
        problem(index, "cut", 0, 0, "nested too deeply to be read")
    return None


def table(value, *keys):
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def of_pyproject(root):
    poetry = table(root, "tool", "poetry", "dependencies")
    listed = table(root, "project", "dependencies")
    python = table(root, "project", "requires-python")
    if isinstance(listed, list):
        count = len(listed)
    else:
        count = len([key for key in poetry if key != "python"]) if isinstance(poetry, dict) else 0
    if not isinstance(python, str):
        python = table(poetry, "python")
    return python, count


def of_lock(root):
    packages = table(root, "package")
    python = table(root, "requires-python") or table(root, "metadata", "python-versions")
    return python, len(packages) if isinstance(packages, list) else 0


def of_pipfile(root):
    packages = table(root, "packages")
    python = table(root, "requires", "python_version")
    python = python if isinstance(python, str) else None
    return python and "==" + python + ".*", len(packages) if isinstance(packages, dict) else 0


def read_pipfile_lock(index, data):
    from _json import scanstring  # noqa: F401  what json is made of is there
    import json
    try:
        root = json.loads(data.decode())
    except (ValueError, RecursionError):
        problem(index, "malformed", 0, 0, "it is no JSON")
        return None
    return {"packages": table(root, "default"),
            "requires": table(root, "_meta", "requires")}


def read_manifest(index, name, data):
    base = name.rpartition("/")[2]
    reader, is_lock = {"pyproject.toml": (of_pyproject, False), "uv.lock": (of_lock, True),
                       "poetry.lock": (of_lock, True), "Pipfile": (of_pipfile, False),
                       "Pipfile.lock": (of_pipfile, True)}[base]
    root = read_pipfile_lock(index, data) if base == "Pipfile.lock" else read_toml(index, data)
    python, count = reader(root) if root is not None else (None, 0)
    row("manifest", index, is_lock, python if isinstance(python, str) else "", count)
