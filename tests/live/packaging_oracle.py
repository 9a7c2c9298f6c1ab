"""Makes questions about versions, specifiers, markers, requirements, tags, requirements files,
METADATA, requires.txt and RECORD, and answers them by the library `packaging`, by pip and by the
standard library: a line of JSON [question, answer] each.

    python packaging_oracle.py FOLDER-OF-PACKAGING COUNT

Always the same questions: the seed is fixed. Run by test_packaging_oracle.py with the interpreter
of the environment that has pip.
"""

import contextlib
import csv
import io
import json
import random
import re
import sys
from email.parser import HeaderParser
from importlib.metadata import Distribution

sys.path.insert(0, sys.argv[1])

from packaging import _manylinux, _musllinux, tags  # noqa: E402
from packaging.markers import (InvalidMarker, Marker, UndefinedComparison,  # noqa: E402
                               UndefinedEnvironmentName)
from packaging.requirements import InvalidRequirement, Requirement  # noqa: E402
from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: E402
from packaging.utils import canonicalize_name  # noqa: E402
from packaging.version import InvalidVersion, Version  # noqa: E402
from pip._internal.req import req_file  # noqa: E402
from pip._internal.req.constructors import _looks_like_path  # noqa: E402
from pip._internal.utils.filetypes import is_archive_file  # noqa: E402
from pip._internal.vcs import is_url  # noqa: E402

rng = random.Random(440)
NUMBERS = ["0", "1", "2", "3", "10", "00", "01", "11", "123456789012345678901234567890"]
SEPARATORS = ["", "", ".", "-", "_"]
OPERATORS = ["==", "!=", "<=", ">=", "<", ">", "~=", "==="]


def maybe(chance, make):
    return make() if rng.random() < chance else ""


def number():
    return rng.choice(NUMBERS[:6] if rng.random() < 0.9 else NUMBERS)


def word(words):
    return (rng.choice(SEPARATORS) + case(rng.choice(words)) + rng.choice(SEPARATORS)
            + maybe(0.8, number))


def case(text):
    return text.upper() if rng.random() < 0.1 else text


def release():
    return ".".join(number() for _ in range(rng.choice([1, 1, 2, 2, 2, 3, 4])))


def local():
    return "+" + rng.choice(SEPARATORS[2:]).join(
        rng.choice(["abc", "Ab", "1", "01", "2", "ubuntu", "1a"]) for _ in range(rng.choice([1, 2])))


def version(with_local=0.15):
    text = (maybe(0.05, lambda: "v") + maybe(0.1, lambda: number() + "!") + release()
            + maybe(0.25, lambda: word(["a", "b", "c", "rc", "alpha", "beta", "pre", "preview"]))
            + maybe(0.2, lambda: rng.choice([word(["post", "rev", "r"]), "-" + number()]))
            + maybe(0.2, lambda: word(["dev"])) + maybe(with_local, local))
    return damaged(text) if rng.random() < 0.06 else text


def damaged(text):
    """One byte is gone, is doubled, or is another."""
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(["", text[at:at + 1] * 2, *" .-_+*!,;()[]<>=~'\"@xd1\t"]) + text[
        at + 1:]


def specifier():
    operator = rng.choice(OPERATORS)
    text = operator + maybe(0.2, lambda: " ") + version(0.1 if operator in ("==", "!=") else 0.01)
    if operator in ("==", "!=") and rng.random() < 0.35:
        text = operator + release() + ".*"
    if operator == "~=" and rng.random() < 0.7:
        text = operator + release() + "." + number()
    return damaged(text) if rng.random() < 0.03 else text


def specifiers():
    return rng.choice([",", ", ", " ,"]).join(specifier() for _ in range(rng.choice([0, 1, 1, 2, 3])))


def near(specifier_list):
    """A version near those of the specifiers: equal ones matter most."""
    versions = [part.strip(" <>=!~") for part in specifier_list.split(",")]
    text = rng.choice(versions).removesuffix(".*") + maybe(0.5, lambda: rng.choice(
        [".0", ".1", ".post1", "a1", "rc1", ".dev0", ".dev1", "+abc", "+1", "-1", ".0.post1.dev2"]))
    return text or version()


def answered(function, *errors):
    try:
        return function()
    except errors:
        return None


def question_valid():
    text = version()
    return ["valid", text], answered(lambda: bool(Version(text)), InvalidVersion) is not None


def question_compare():
    one = version()
    other = near(one) if rng.random() < 0.5 else version()
    left, right = (answered(lambda text=text: Version(text), InvalidVersion) for text in (one, other))
    if left is None or right is None:
        return None
    return ["compare", one, other], (left > right) - (left < right)


def question_fits():
    wanted = specifiers()
    text = near(wanted) if rng.random() < 0.7 else version()
    return ["fits", text, wanted], answered(
        lambda: SpecifierSet(wanted).contains(text, installed=True), InvalidSpecifier)


def name():
    return "".join(rng.choice(["a", "B", "foo", "1", "-", "_", ".", "--", "._"])
                   for _ in range(rng.choice([1, 2, 3, 4])))


def good_name():
    return rng.choice(["numpy", "A", "zope.interface", "a_b-c.D", "x1", "foo_"])


def question_normalise():
    text = name()
    return ["normalise", text], canonicalize_name(text)


def question_same():
    one = name()
    other = one.replace("-", rng.choice("_.-")).upper() if rng.random() < 0.5 else name()
    return ["same", one, other], canonicalize_name(one) == canonicalize_name(other)


VERSION_VARIABLES = ["python_version", "python_full_version", "implementation_version",
                     "platform_release"]
TEXT_VARIABLES = ["os_name", "os.name", "sys_platform", "sys.platform", "platform_machine",
                  "platform.machine", "platform_system", "platform_version", "platform.version",
                  "platform_python_implementation", "platform.python_implementation",
                  "python_implementation", "implementation_name"]
TEXTS = ["posix", "nt", "linux", "win32", "darwin", "x86_64", "aarch64", "Linux", "Windows",
         "CPython", "PyPy", "cpython", "linux2", "", "lin", "linux darwin", "x86_64 i686"]
PYTHONS = ["3", "3.8", "3.9", "3.10", "3.11", "3.11.7", "3.12", "3.11.0rc1", "3.9,3.11", "3.11.*",
           "2.7 3.11", "x", ""]
EXTRAS = ["test", "Test", "a_b", "A-b", "a.b", "", "docs"]


def quoted(text):
    quote = rng.choice("'\"")
    return quote + text + quote


def comparison():
    kind = rng.random()
    if kind < 0.4:
        left, right = rng.choice(VERSION_VARIABLES), quoted(rng.choice(PYTHONS))
        operator = rng.choice([*OPERATORS, "in", "not in"])
    elif kind < 0.7:
        left, right = rng.choice(TEXT_VARIABLES), quoted(rng.choice(TEXTS))
        operator = rng.choice(["==", "!=", "in", "not in", "<", "<=", ">", ">=", "==", "!=", "~=",
                               "==="] if rng.random() < 0.2 else ["==", "!=", "in", "not in"])
    elif kind < 0.95:
        left, right, operator = "extra", quoted(rng.choice(EXTRAS)), rng.choice(
            ["==", "==", "==", "!=", "in", "not in"])
    else:
        left, right = rng.choice(["extras", "dependency_groups", "os_name", quoted("os_name"),
                                  quoted("x\\y"), quoted("\\'")]), rng.choice(
            ["sys_platform", quoted("posix"), quoted("python_version")])
        operator = rng.choice([*OPERATORS, "in"])
    if rng.random() < 0.3:
        left, right = right, left
    space = rng.choice(["", " ", " ", " ", "\t"])
    inner = " " if operator in ("in", "not in") and space == "" and rng.random() < 0.9 else space
    return left + inner + operator + inner + right


def marker(depth=0):
    parts = [f"({marker(depth + 1)})" if depth < 3 and rng.random() < 0.2 else comparison()
             for _ in range(rng.choice([1, 1, 1, 2, 2, 3]))]
    text = parts[0]
    for part in parts[1:]:
        text += rng.choice([" and ", " or ", "  and\t", ")or(" if rng.random() < 0.02 else " or ",
                            "and" if rng.random() < 0.1 else " and "]) + part
    return damaged(text) if depth == 0 and rng.random() < 0.05 else text


def environment_of(python, full, machine):
    return {"python_version": python, "python_full_version": full or python + ".0",
            "os_name": "posix", "sys_platform": "linux", "platform_machine": machine,
            "platform_system": "Linux", "platform_release": "", "platform_version": "",
            "platform_python_implementation": "CPython", "implementation_name": "cpython",
            "implementation_version": full or python + ".0"}


def question_marker():
    text = marker()
    python, full = rng.choice([("3.11", "3.11.7"), ("3.11", ""), ("3.8", "3.8.20"),
                               ("3.14", "3.14.0rc1"), ("3.13", "3.13.0+")])
    machine = rng.choice(["x86_64", "aarch64"])
    extras = rng.sample(EXTRAS, rng.choice([0, 0, 1, 2]))

    def holds():  # as pip asks: for each extra
        parsed = Marker(text)
        environment = environment_of(python, full, machine)
        return any([parsed.evaluate({**environment, "extra": extra}) for extra in extras or [""]])

    if text.strip() != text or not text:
        return None  # white space around it is nothing to src/packaging, and none is no marker
    return ["marker", text, python, full, machine, *extras], answered(
        holds, InvalidMarker, UndefinedComparison, UndefinedEnvironmentName)


def question_requirement():
    space = rng.choice(["", " ", "  ", "\t"])
    named = name if rng.random() < 0.1 else good_name
    text = named() + maybe(0.3, lambda: space + "[" + ",".join(
        space + named() + space for _ in range(rng.choice([0, 1, 2]))) + "]") + space
    wanted = specifiers() + maybe(0.05, lambda: ",")
    url = ""
    if rng.random() < 0.15:
        url = rng.choice(["https://h/x.whl", "git+https://h/r@v1#egg=x", "./p", "file:///a;b"])
        text += "@" + space + url + maybe(0.8, lambda: " ")
    else:
        text += f"({space}{wanted}{space})" if rng.random() < 0.15 else wanted
    text += space + maybe(0.4, lambda: ";" + space + marker())
    text = damaged(text) if rng.random() < 0.1 else text
    if text.strip() != text or "===" in text and re.search(r",\s*,", text):
        return None  # the library lets an empty item through when it is behind "==="
    parsed = answered(lambda: Requirement(text), InvalidRequirement, InvalidSpecifier)
    if parsed is None:
        return ["requirement", text], None
    return ["requirement", text], {"name": parsed.name, "extras": sorted(parsed.extras),
                                   "specifiers": ",".join(map(str, parsed.specifier)),
                                   "url": parsed.url or "",
                                   "marker": str(parsed.marker or "")}


ARCHITECTURES = ["x86_64", "aarch64", "i686", "armv7l"]
C_LIBRARIES = ["glibc 2.36", "glibc 2.17", "glibc 2.12", "musl 1.2", "musl 1.1"]
SUPPORTED = {}


def platforms_of(machine, c_library):
    """As the library would say them where such a C library runs."""
    kind, _, version = c_library.partition(" ")
    major, minor = map(int, version.split("."))
    _manylinux._have_compatible_abi = lambda *_: True
    _manylinux._get_glibc_version = lambda: (major, minor) if kind == "glibc" else (-1, -1)
    _musllinux._get_musl_version = lambda _: (_musllinux._MuslVersion(major, minor)
                                              if kind == "musl" else None)
    return [*_manylinux.platform_tags([machine]), *_musllinux.platform_tags([machine]),
            f"linux_{machine}"]


def supported(python, machine, c_library):
    """All tags that CPython of a version takes on Linux with that C library."""
    key = python, machine, c_library
    if key not in SUPPORTED:
        minor = int(python.partition(".")[2])
        platforms = platforms_of(machine, c_library)
        abi = f"cp3{minor}" + ("m" if minor < 8 else "")
        SUPPORTED[key] = {*tags.cpython_tags((3, minor), [abi], platforms),
                          *tags.compatible_tags((3, minor), f"cp3{minor}", platforms)}
    return SUPPORTED[key]


def question_tag():
    platform = rng.choice(["manylinux_2_17", "manylinux_2_28", "manylinux1", "manylinux2010",
                           "manylinux2014", "linux", "musllinux_1_1", "musllinux_1_2",
                           "macosx_11_0", "win"])
    platforms = f"{platform}_{rng.choice(ARCHITECTURES)}"
    if rng.random() < 0.2:
        platforms += f".manylinux2014_{rng.choice(ARCHITECTURES)}"
    if rng.random() < 0.1:
        platforms = rng.choice(["win32", "win_amd64", "musllinux_1_1_x86_64", "freebsd_13_amd64"])
    versions = ["37", "38", "39", "310", "311", "312", "313", "32", "31", "3", "2", "27", "30"]
    pythons = ".".join(sorted({rng.choice(["cp", "cp", "py", "py", "pp", "graalpy"])
                               + rng.choice(versions) for _ in range(rng.choice([1, 1, 1, 2]))}))
    abis = ".".join(sorted({rng.choice(["none", "none", "abi3", "abi3", "abi3t", "cp37m", "cp311",
                                        "cp311t", "cp38", "cp310", "cp312", "cp313t", "cp311d",
                                        "pypy39_pp73"]) for _ in range(rng.choice([1, 1, 1, 2]))}))
    if rng.random() < 0.15:
        abis, platforms = "none", "any"
    if rng.random() < 0.2:
        pythons = abis = rng.choice(["cp37", "cp38", "cp310", "cp311", "cp312"])
    python, machine = rng.choice(["3.7", "3.8", "3.11", "3.12"]), rng.choice(ARCHITECTURES)
    if rng.random() < 0.5:  # else the machine would hide the rest too often
        machine = re.sub(r".*?(x86_64|aarch64|i686|armv7l).*|.*", r"\1", platforms) or machine
    c_library = rng.choice(C_LIBRARIES)
    if abis != "none" and platforms == "any":
        return None  # pip takes none; to src/packaging it is of any platform, as it says
    if machine in ("aarch64", "armv7l") and re.search("manylinux(1|2010)_", platforms):
        return None  # there were none for these machines: the library does not know such tags
    text = f"{pythons}-{abis}-{platforms}"
    return ["tag", text, python, machine, c_library], not tags.parse_tag(text).isdisjoint(
        supported(python, machine, c_library))


FILE_LINES = ["numpy==1.26.4", "requests[socks] >= 2 ; python_version < '3.12'", "# a comment",
              "   # another", "a==1 # behind", "b#c", "", "   ", "-r other.txt", "-rother.txt",
              "--requirement=sub/x.txt", "--requirement  y.txt", "-c constraints.txt",
              "--constraint c.txt", "-e .", "-e ./lib[extra]", "--editable=git+https://h/r#egg=x",
              "--index-url https://user:secret@h/simple", "--extra-index-url=https://h/simple",
              "-i https://h", "--pre", "--no-binary :all:", "--require-hashes", "./local/dir",
              "../x.whl", "x-1.0-py3-none-any.whl", "sub/dir[extra]", "https://h/x.zip", "x.tar.gz",
              "git+ssh://h/r@main#egg=y", "name @ https://h/x.whl", "name @ file:///x ; os_name=='nt'",
              "pip==23 --hash=sha256:00 --hash=sha256:11", "six --hash sha256:00",
              "cont==1 \\", "  --hash=sha256:aa \\", "    --hash=sha256:bb", "tail \\", "a\\b",
              "-r 'with space.txt'", '-r "q.txt"', "idna>=2.5,<4;extra=='x'", "z --config-settings a=b",
              "-f https://h/links", "--trusted-host h", "-i https://h -r i.txt", "-c c.txt -r r.txt", "\\", "back\\\\", "tab\t# c", "x\t--pre"]


def file_line(number, line, parser):
    arguments, options = parser(line)
    if arguments:
        head = arguments.split("; " if is_url(arguments) else ";")[0].strip()
        before, at, _ = head.partition("@")
        bare = head.partition("[")[0] if head.endswith("]") else head
        named = at and not _looks_like_path(before) and not is_url(head)
        path = is_url(head) or not named and (_looks_like_path(head) or is_archive_file(bare))
        return ["path" if path else "requirement", number, arguments.strip(), bool(options.hashes)]
    for kind, found in (("editable", options.editables), ("file", options.requirements),
                        ("constraints", options.constraints)):
        if found:
            return [kind, number, found[0], bool(options.hashes)]
    return ["option", number, line.split()[0].partition("=")[0][:2 if line[1] != "-" else None],
            bool(options.hashes)]


def question_file():
    lines = [rng.choice(FILE_LINES) for _ in range(rng.choice([1, 3, 6]))]
    text = rng.choice(["\n", "\n", "\r\n"]).join(lines) + maybe(0.7, lambda: "\n")
    parser = req_file.get_line_parser(None)
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # optparse prints its usage
            return ["file", text], [file_line(number, line, parser)
                                    for number, line in req_file.preprocess(text)]
    except req_file.OptionParsingError:
        return None


def question_metadata():
    """By the parser that importlib.metadata uses."""
    fields = {"Name": lambda: rng.choice(["foo", "Foo.Bar", ""]), "Version": version,
              "Requires-Python": lambda: ">=3.9, <4", "License": lambda: rng.choice(
                  ["MIT", "BSD", "x" * 80, "y" * 81, "UNKNOWN", "Text\n        \n        of it"]),
              "License-Expression": lambda: rng.choice(["MIT", "Apache-2.0 OR MIT"]),
              "Requires-Dist": lambda: good_name() + specifiers() + maybe(0.5, lambda: " ; " + marker()),
              "Provides-Extra": lambda: rng.choice(EXTRAS[:5]), "Classifier": lambda: "A :: B"}
    lines = [f"{case(key)}: {fields[key]()}" for key in rng.choices([*fields], k=rng.randrange(12))]
    text = "\n".join(lines) + maybe(0.8, lambda: "\n\nRequires-Dist: body\n")
    found = HeaderParser().parsestr(text)

    def first(key):
        return next((value.strip() for value in found.get_all(key, []) if value.strip()), "")

    licenses = [value for value in found.get_all("License", []) if "\n" not in value
                and len(value) <= 80 and value != "UNKNOWN"]
    return ["metadata", text], [
        first("Name"), first("Version"), first("License-Expression") or next(iter(licenses), ""),
        first("Requires-Python"), [each.strip() for each in found.get_all("Requires-Dist", [])],
        found.get_all("Provides-Extra", [])]


def question_egg():
    lines = [rng.choice([lambda: good_name() + specifiers(), lambda: "x@ https://h/x", lambda: "",
                         lambda: "# comment", lambda: f"[{rng.choice(EXTRAS[:5])}]",
                         lambda: f"[:{comparison()}]", lambda: "  spaced  ",
                         lambda: f"[{rng.choice(EXTRAS[:5])}:{comparison()}]"])()
             for _ in range(rng.randrange(10))]
    text = "\n".join(lines)
    found = map(str.strip, Distribution._deps_from_requires_text(text))
    return ["egg", text], [each for each in found if not each.startswith("#")]


def question_record():
    names = ["a/b.py", "with, comma", 'a "quote"', "new\nline", "../bin/x", "é.py", " spaced "]
    rows = [[rng.choice(names), rng.choice(["", "sha256=x", "a,b"]),
             rng.choice(["", "0", "12", "18446744073709551616", "x", "-1"])]
            for _ in range(rng.randrange(5))]
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=rng.choice(["\n", "\r\n"])).writerows(rows)
    return ["record", file.getvalue()], [
        [name, int(size) if size.isdigit() and int(size) < 2 ** 63 else None]
        for name, _, size in rows]


def main():
    count = int(sys.argv[2])
    for make, share in ((question_valid, 2), (question_compare, 3), (question_fits, 6),
                        (question_normalise, 1), (question_same, 1), (question_marker, 5),
                        (question_requirement, 3), (question_tag, 3), (question_file, 2),
                        (question_metadata, 1), (question_egg, 1), (question_record, 1)):
        made = 0
        while made < count * share:
            found = make()
            if found is not None:
                print(json.dumps(found))
                made += 1


main()
