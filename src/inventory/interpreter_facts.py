"""Prints, as one line of ASCII JSON, what an interpreter alone knows of itself. Run by thaw as
`python -I -S -B -c SCRIPT`, on any CPython from 3.8: no site-packages, no .pth file and no code of
the user's is executed. Folders that are no UTF-8 are left out: JSON has no way to write them."""
import os
import site
import sys

SETTINGS_BYTES = 65536


def environment_settings(folder):
    """The settings of a virtual environment (PEP 405), None when the folder is none."""
    try:
        with open(os.path.join(folder, "pyvenv.cfg"), encoding="utf-8", errors="replace") as file:
            lines = file.read(SETTINGS_BYTES).splitlines()
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines)
    return {key.strip().lower(): value.strip().lower() for key, _, value in pairs}


def prefixes_and_system():
    """Where site would look, and whether what belongs to the system and the user counts too."""
    program = os.path.dirname(os.path.abspath(sys.executable))
    for folder in (program, os.path.dirname(program)):
        settings = environment_settings(folder)
        if settings is not None:
            system = settings.get("include-system-site-packages") == "true"
            return [folder] + ([sys.base_prefix] if system else []), system
    return [sys.prefix], True


def site_folders():
    prefixes, system = prefixes_and_system()
    folders = []
    for prefix in prefixes:
        sys.prefix = sys.exec_prefix = prefix  # Debian's site tells environments by it
        folders += site.getsitepackages([prefix])
    if system:
        try:
            folders.append(site.getusersitepackages())
        except Exception:  # a user without a home folder
            pass
    return filter(os.path.isdir, folders)


def text(value):
    """A JSON string; the json module would double this script's run time."""
    plain = ""
    for character in value:
        code = ord(character)
        if character in '"\\':
            plain += "\\" + character
        elif 32 <= code < 127:
            plain += character
        elif code < 0x10000:
            plain += "\\u%04x" % code
        else:
            code -= 0x10000
            plain += "\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))
    return '"' + plain + '"'


def texts(values):
    kept = []
    for value in values:
        is_utf8 = not any(0xD800 <= ord(character) < 0xE000 for character in value)
        if is_utf8 and value not in kept:
            kept.append(value)
    return "[" + ",".join(map(text, kept)) + "]"


standard = [folder for folder in sys.path if folder and os.path.exists(folder)]
print('{"version":%s,"implementation":%s,"builtins":%s,"stdlib":%s,"sites":%s}' % (
    text(sys.version.split()[0]), text(sys.implementation.name),
    texts(sys.builtin_module_names), texts(standard), texts(site_folders())))
