"""The rewriter for tests: its text as it is embedded, asked as thaw asks it, and a recording that
suggests imports of an app."""

import json
import os
import re
import shutil

from source_helper import REPOSITORY, ROOM, ask as ask_helper, run_isolated

RECORDING = """thaw-recording-text 1
1_000_000_000 session.begin tool_version="0.1.0" backend="ebpf" cpus=2 command=["server"] \
directory={folder} until="exit" platform="auto"
1_011_000_000 process.exec pid=11 tid=11 executable={python}
1_011_200_000 probe name="effects.calls" target={python} status="attached"
1_011_500_000 interpreter pid=11 tid=11 executable={python} version="3.11.2" coverage="from start"
1_040_000_000 import.begin pid=11 tid=11 name="awslambdaric" stack=8000
1_041_000_000 body.begin pid=11 tid=11 name="awslambdaric" \
file="/opt/site-packages/awslambdaric/__init__.py" stack=7900
1_060_000_000 import.end pid=11 tid=11 stack=8000
{modules}1_972_000_000 connect pid=11 tid=11 port=9001 result=-115 connection=1
1_975_000_000 message pid=11 tid=11 type="GET /runtime/invocation/next" outgoing=1 \
last_ns=1_975_000_000 connection=1
1_980_000_000 message pid=11 tid=11 type="200 /runtime/invocation/next" last_ns=1_981_000_000 \
bytes=2 connection=1 function_id="handler" invocation_id="id-1"
1_981_000_000 function pid=11 tid=11 function_id="handler" name="handler"
1_990_000_000 message pid=11 tid=11 type="POST /runtime/invocation/ID/response" outgoing=1 \
last_ns=1_991_000_000 bytes=4 connection=1 invocation_id="id-1" status="success"
{facts}1_999_000_000 session.end reason="exit" exit_status=0
"""


def parts():
    listing = (ROOM / "rewrite_script.S").read_text(encoding="utf-8")
    return [REPOSITORY / name for name in re.findall(r'\.incbin "(.*)"', listing)]


def script():
    return "".join(part.read_text(encoding="utf-8") for part in parts())


def question(form, root, files, inside=lambda path: path):
    """files: {path: [(line, module, name)]}; inside: a path as the interpreter sees it."""
    asked = f"{form}\0".encode() + os.fsencode(root) + b"\0"
    for path, imports in files.items():
        data = path.read_bytes()
        asked += b"f\0" + os.fsencode(inside(path)) + f"\0{len(data)}\0".encode() + data
        asked += b"".join(f"n\0{line}\0{module}\0{name}\0".encode()
                          for line, module, name in imports)
    return asked


class Rewritten:
    """An answer: moved {(path, line, name): (form, functions, note)}, refused {…: (kind, detail,
    line)}, getters {…: text}, changed {path: (bytes, diff)}."""

    def __init__(self, output, paths):
        self.rows = [json.loads(line) for line in output.splitlines()]
        self.moved, self.refused, self.getters, self.changed = {}, {}, {}, {}
        for kind, *row in self.rows[:-1]:
            path, key = paths[row[0]], (paths[row[0]], *row[1:3])
            if kind == "changed":
                self.changed[path] = tuple(text.encode("latin-1") for text in row[1:])
            elif kind == "getter":
                self.getters[key] = row[3]
            else:
                {"moved": self.moved, "refused": self.refused}[kind][key] = tuple(row[3:])

    @staticmethod
    def of(rows, path):
        """{name: what} of one file."""
        return {name: what for (at, _, name), what in rows.items() if at == path}


def rewrite_by(command, inside, root, files, form):
    """Asks an interpreter that may have another root."""
    found = shutil.which(command[0], path=os.environ["PATH"] + ":/usr/sbin")
    output = run_isolated([found, *command[1:]], script(), question(form, root, files, inside))
    answer = Rewritten(output, list(files))
    if answer.rows[-1:] != [["end"]]:
        raise AssertionError(f"no end: {answer.rows}")
    return answer


def rewrite(executable, root, files, form="auto"):
    return rewrite_by([executable], lambda path: path, root, files, form)


def quoted(text):
    return json.dumps(str(text), ensure_ascii=False)


def fact_rows(path, answer, file):
    for (level, module, names), line in sorted(answer.imports(file).items(), key=lambda row: row[1]):
        yield f"inventory.import file={quoted(path)} line={line} level={level} " \
              f"module={quoted(module)} names={json.dumps(list(names))}"
    for one in answer.statements(file).values():
        yield f"inventory.statement file={quoted(path)} line={one.line} end_line={one.end_line} " \
              f"level={one.level} module={quoted(one.module)} name={quoted(one.name)} " \
              f"bound={quoted(one.bound)} use={quoted(one.use)} " \
              f"functions={json.dumps(one.functions)} detail={quoted(one.detail)}"
    for name, (line, kind, references, decorators, dynamic, bare) in answer.definitions(file).items():
        yield f"inventory.definition file={quoted(path)} line={line} name={quoted(name)} " \
              f"references={json.dumps(references)} decorators={json.dumps(decorators)} " \
              f"dynamic={dynamic} kind={quoted(kind)} bare={json.dumps(bare)}"


def module_rows(name, path, inner, stack, starts_thread=False):
    """The events of one import with what happens in it."""
    if starts_thread:
        inner = [f'effect pid=11 tid=11 stack={stack - 200} what="thread" started=77', *inner]
    return [f"import.begin pid=11 tid=11 name={quoted(name)} stack={stack}",
            f"body.begin pid=11 tid=11 name={quoted(name)} file={quoted(path)} stack={stack - 100}",
            *inner, f"import.end pid=11 tid=11 stack={stack}"]


def write_recording(target, folder, python, loaded, starting=()):
    """The text form of a recording of an app below folder, at 5 ms for each step. loaded: {path of
    a file of it: names of the modules it imports}, the first of them imports all others as well;
    its handler() gave the first answer. starting: modules that start a thread."""
    facts = [f'inventory.interpreter executable={quoted(python)} version="3.11.2" '
             'implementation="cpython"']
    answer = ask_helper(python, loaded)
    for file, path in enumerate(loaded):
        status = os.stat(path)
        facts.append(f"inventory.file path={quoted(path)} bytes={status.st_size} "
                     f"mtime_ns={status.st_mtime_ns}")
        facts += fact_rows(path, answer, file)
    main, steps = next(iter(loaded)), []
    for path, names in loaded.items():
        inner = [row for name in names for row in module_rows(
            name, f"/opt/site-packages/{name}/__init__.py", [], 5000, name in starting)]
        name = ".".join(path.relative_to(folder).with_suffix("").parts)
        steps += inner if path == main else module_rows(name, path, inner, 6000)
    steps = [f"body.begin pid=11 tid=11 name={quoted(main.stem)} file={quoted(main)} stack=7000 "
             "own=1", *steps, "body.end pid=11 tid=11 stack=7000"]
    modules = [f"{1_070_000_000 + 5_000_000 * at} {row}\n" for at, row in enumerate(steps)]
    target.write_text(RECORDING.format(
        folder=quoted(folder), python=quoted(python), modules="".join(modules),
        facts="".join(f"1_998_000_000 {row}\n" for row in facts)), encoding="utf-8")
    return target
