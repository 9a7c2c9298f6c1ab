# SPDX-License-Identifier: Apache-2.0
"""The corpus of `thaw lint`: small apps, each a change of one app that is as it should be.

tests/lint/base.txt is that app. tests/lint/cases/RULE.txt has the cases of a rule: where it has to
speak, and near misses where it has to keep silent. A case begins with a line "case NAME"; then
    use KIT              first what tests/lint/kits/KIT.txt has, which looks as what follows here
    options WORD…        further words of the command (files are relative to the app)
    expect RULE [WHERE]  a finding, at FILE:LINE or in FILE; WHERE may be left out
    allow RULE           may be said as well: another rule speaks of the same, with reason
    build WORD…          what no text can be, made by one of builders() below, in this order
    target FILE          what `thaw lint` is given: the app's folder, unless said
and then files, each with a headline, relative to the app's folder:
    -- FILE --           its content, up to the next headline or case
    -- FILE remove --    it is not there
    -- FILE append --    further lines
    -- FILE change --    lines with "-" are replaced by those with "+" (white space at the ends of a
                         line does not count); several such blocks are apart by an empty line
    -- FILE merge --     a JSON merge patch (RFC 7396); it is written with two spaces a level
Whatever is found and neither expected nor allowed is a false alarm.
"""

import json
import re
import shlex
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

LINT = Path(__file__).resolve().parent.parent / "lint"
HEADLINE = re.compile(r"-- (\S+)(?: (remove|append|change|merge))? --$")


@dataclass
class Case:
    rule: str
    name: str
    options: list = field(default_factory=list)
    expected: list = field(default_factory=list)  # (rule, file, line): "" and 0 anywhere
    allowed: set = field(default_factory=set)
    parts: list = field(default_factory=list)  # (file, how, lines)
    builds: list = field(default_factory=list)
    target: str = "."

    @property
    def speaks(self):
        return any(rule == self.rule for rule, _, _ in self.expected)

    def __str__(self):
        return f"{self.rule}: {self.name}"

    def make(self, folder):
        """Writes the app below a folder that is there."""
        files = dict(base_files())
        for name, how, lines in self.parts:
            change(files, name, how, lines, self)
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for word, arguments in self.builds:
            builders()[word](folder, *arguments)


def cases(rule=None):
    """All cases, by rule; or those of one."""
    paths = sorted((LINT / "cases").glob("*.txt"))
    return [case for path in paths if rule in (None, path.stem)
            for case in parse(path.stem, path.read_text())]


def base_files():
    _, parts = read_parts(Path(LINT, "base.txt").read_text().splitlines())
    return {name: "\n".join(lines) + "\n" for name, _, lines in parts}


def read_parts(lines):
    """The lines before the first headline, and what follows as (file, how, lines)."""
    head, parts = [], []
    for line in lines:
        found = HEADLINE.match(line)
        if found:
            parts.append((found[1], found[2], []))
        else:
            (parts[-1][2] if parts else head).append(line)
    return head, parts


def parse(rule, text):
    found = []
    for block in re.split(r"^case ", text, flags=re.MULTILINE)[1:]:
        lines = block.rstrip("\n").split("\n")
        head, parts = read_parts(lines[1:])
        case = Case(rule, lines[0].strip(), parts=[(n, h, strip_end(p)) for n, h, p in parts])
        for line in filter(None, map(str.strip, head)):
            take(case, line)
        found.append(case)
    return found


def strip_end(lines):
    """Without the empty lines that stand before the next case."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def take(case, line):
    word, *rest = shlex.split(line)
    if word == "use":
        head, parts = read_parts(Path(LINT, "kits", rest[0] + ".txt").read_text().splitlines())
        for further in filter(None, map(str.strip, head)):
            take(case, further)
        case.parts[:0] = [(name, how, strip_end(part)) for name, how, part in parts]
    elif word == "options":
        case.options += rest
    elif word == "expect":
        file, _, number = (rest[1] if len(rest) > 1 else "").partition(":")
        case.expected.append((rest[0], file, int(number or 0)))
    elif word == "allow":
        case.allowed.update(rest)
    elif word == "build":
        case.builds.append((rest[0], rest[1:]))
    elif word == "target":
        case.target = rest[0]
    else:
        raise ValueError(f"{case}: unknown word {word}")


def change(files, name, how, lines, case):
    if how == "remove":
        del files[name]
    elif how == "append":
        files[name] = files.get(name, "") + "\n".join(lines) + "\n"
    elif how == "change":
        files[name] = changed(files[name], lines, f"{case}, {name}")
    elif how == "merge":
        patch = json.loads("\n".join(lines))
        files[name] = json.dumps(merged(json.loads(files[name]), patch), indent=2) + "\n"
    else:
        files[name] = "\n".join(lines) + "\n"


def changed(text, lines, where):
    for block in re.split(r"\n\s*\n", "\n".join(lines).strip("\n")):
        old = [line[1:].strip() for line in block.split("\n") if line.startswith("-")]
        new = [line[1:] for line in block.split("\n") if line.startswith("+")]
        there = text.split("\n")
        places = [i for i in range(len(there) - len(old) + 1)
                  if [line.strip() for line in there[i:i + len(old)]] == old]
        if not old or not places:
            raise ValueError(f"{where}: lines to be changed are not there: {old}")
        there[places[0]:places[0] + len(old)] = new
        text = "\n".join(there)
    return text


def merged(value, patch):
    if not isinstance(patch, dict):
        return patch
    value = dict(value) if isinstance(value, dict) else {}
    for key, part in patch.items():
        if part is None:
            value.pop(key, None)
        else:
            value[key] = merged(value.get(key), part)
    return value


# --- what no text can be ---

def builders():
    return {"git": git, "big": big, "elf": elf, "bytes": raw_bytes, "many": many, "zip": pack,
            "text-in-place": text_in_place}


def git(folder, *tracked):
    """A repository in which these files are tracked."""
    import subprocess
    run = ["git", "-c", "init.defaultBranch=main", "-C", str(folder)]
    subprocess.run([*run, "init", "-q"], check=True)
    if tracked:
        subprocess.run([*run, "add", "-f", *tracked], check=True)


def big(folder, name, megabytes):
    """A file of that size, of which nothing is written."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab") as file:
        file.truncate(int(megabytes) << 20)


def elf(folder, name, machine="x86_64"):
    """The first 64 bytes of a shared object for a machine (gABI; numbers of EM_ names)."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    number = {"x86_64": 62, "aarch64": 183}[machine]
    path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(9) + (3).to_bytes(2, "little")
                     + number.to_bytes(2, "little") + (1).to_bytes(4, "little") + bytes(28)
                     + (64).to_bytes(2, "little") + bytes(10))


def raw_bytes(folder, name, text):
    """Bytes, written in hexadecimal."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes.fromhex(text))


def pack(folder, name, *without):
    """A zip of all files that are there, but those."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    with zipfile.ZipFile(folder / name, "w") as package:
        for path in files:
            inside = path.relative_to(folder).as_posix()
            if inside not in without:
                package.write(path, inside)


def text_in_place(folder, name, word, length):
    """A word of a file replaced by so many characters."""
    path = folder / name
    path.write_text(path.read_text().replace(word, "x" * int(length)))


def many(folder, name, count):
    """That many small files below a folder."""
    path = folder / name
    path.mkdir(parents=True, exist_ok=True)
    for number in range(int(count)):
        (path / f"file{number}.txt").write_text("x" * 1000)


# --- judging ---

def findings_of(case, folder):
    """What `thaw lint` says of a case that was made: [(rule, file, line)]."""
    from program import run_thaw
    ended = run_thaw("lint", case.target, "--json", "--fail-on", "never", *case.options, cwd=folder)
    if ended.returncode not in (0, 3):  # 3: a file could not be read, which is a finding
        raise RuntimeError(f"{case}: exit {ended.returncode}: {ended.stderr}")
    return [(finding["id"], (finding["location"] or {}).get("file", ""),
             (finding["location"] or {}).get("line", 0))
            for finding in json.loads(ended.stdout)["findings"]]


def give_settings(case, folder):
    """Puts settings of a file that is given by an option into local.settings.json as well, for
    those who can read nothing else."""
    if "--settings" not in case.options:
        return
    given = json.loads((folder / case.options[case.options.index("--settings") + 1]).read_text())
    if isinstance(given, list):
        given = {one["name"]: one["value"] for one in given}
    (folder / "local.settings.json").write_text(json.dumps({"IsEncrypted": False, "Values": given}))


def judge(case, findings):
    """(missed, false alarms) of findings (rule, file, line)."""
    missed = [wanted for wanted in case.expected
              if not any(fits(wanted, finding) for finding in findings)]
    told = {rule for rule, _, _ in case.expected} | case.allowed
    return missed, [finding for finding in findings if finding[0] not in told]


def fits(wanted, finding):
    return wanted[0] == finding[0] and wanted[1] in ("", finding[1]) \
        and wanted[2] in (0, finding[2])
