# SPDX-License-Identifier: Apache-2.0
"""`thaw lint` on folders made to hurt: each fault has its line, it ends within bounds of memory and
time with the code that is documented, and nothing that it writes acts where it is read.

TABLE has the folders: each is the corpus' good app with something done to it, the code that lint ends
with, and all files that are complained of, with the kind of the problem and a part of its words.
"""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import unittest
import warnings
import zipfile
from pathlib import Path

import lint_outputs
from lint_outputs import FAILED, FINDING, INCOMPLETE, OK, USAGE

MIB = 1 << 20
WANTED = ("host.json", "local.settings.json", "requirements.txt", "function_app.py")
JSON = WANTED[:2]
SECRET = "swordfish-8c1f0e"
NAMES = ("\x1b[31m", "a\nb", "'\"`", "</script><script>", "| a | **b**", "::error::x", "%0A::error::y",
         "\x01\x0b", "\u202e\u2028\x85\x9b", "a" * 200, "]]>", "&#0;", "::error file=a,title=b::c", "@x",
         "\ufffe\uffff", "--", "a\tb")
ARM = ('{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",'
       '"variables":%s,"resources":[{"type":"Microsoft.Web/sites","kind":"functionapp,linux",'
       '"name":"[variables(\'a\')]","properties":{"siteConfig":{"appSettings":%s}}}]}')
NESTED = ('{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",'
          '"resources":[{"type":"Microsoft.Resources/deployments","properties":{"template":')
SITE = "resource s 'Microsoft.Web/sites@2024-04-01' = {\n  name: "
SAM = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources: "
DEEP = {"too-large": "nested too deeply", "cut": "too deep or too large"}


# --- what is done to an app ---------------------------------------------------------------------

def write(*names, content):
    """Files with that content in place of the app's."""
    def make(app):
        for name in names:
            path = app / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return make


def broken(content):
    """Source that no Python compiles, of an app that doesn't say its own: a newer one might."""
    def make(app):
        write("function_app.py", content=content)(app)
        template = app / "infra/main.bicep"
        template.write_text(template.read_text().replace("version: '3.13'", "version: runtimeVersion"))
    return make


def special(how):
    """Something else in place of each file that is looked for by its name."""
    def make(app):
        for name in WANTED:
            (app / name).unlink()
            how(app / name)
    return make


def sparse(app):
    for name in WANTED:
        with open(app / name, "wb") as file:
            file.write(b" ")
            file.truncate(100 * MIB)


def bind(path):
    """A socket; its path may be too long for one, its name is not."""
    here = os.open(".", os.O_RDONLY)
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.fchdir(here)
        os.close(here)


def include_each_other(app):
    (app / "requirements.txt").write_text("-r a.txt\n-r requirements.txt\n")
    (app / "a.txt").write_text("-r requirements.txt\n-r a.txt\n-c a.txt\nflask==3.1.0\n")


def name_modules(app):
    for number in range(100):
        (app / f"m{number}.bicep").write_text("".join(
            f"module {one} 'm{number + 1}.bicep' = {{ name: '{one}' }}\n" for one in "ab"))


def name_functions(app):
    text = "import azure.functions as func\nimport os, time\napp = func.FunctionApp()\n"
    for number, name in enumerate(NAMES):
        text += f"""
@app.function_name({name!r})
@app.route(route={name!r}, methods=[{name!r}], auth_level={name!r})
@app.queue_output(arg_name={name!r}, queue_name={name!r}, connection={name!r})
async def f{number}(req):
    time.sleep(1)
    return os.environ[{name!r}]
"""
    (app / "function_app.py").write_text(text)


def name_bindings(app):
    (app / "function_app.py").unlink()
    for number, name in enumerate(NAMES):
        folder = app / f"f{number}"
        folder.mkdir()
        (folder / "function.json").write_text(json.dumps(
            {"scriptFile": name, "entryPoint": name, name: name, "retry": {"strategy": name},
             "bindings": [{"type": kind, "name": name, "route": name, "connection": name,
                           "authLevel": name, "schedule": name, "queueName": name,
                           "direction": "in"} for kind in ("httpTrigger", "timerTrigger", name)]}))


def name_files(app):
    for name in (*NAMES, "\udcff", "\udc9b31m"):
        name = name.replace("/", "_")
        (app / f"{name}.py").write_text("def f(:\n")
        (app / name).mkdir()
        (app / name / "function.json").write_text("{")


def name_settings(app):
    values = {name: name for name in NAMES}
    values.update({f"{name}__fullyQualifiedNamespace": name for name in NAMES})
    values.update(FUNCTIONS_WORKER_RUNTIME="\x1b[31m", FUNCTIONS_EXTENSION_VERSION="\n::error::x",
                  WEBSITE_RUN_FROM_PACKAGE="</script>\x1b", PYTHON_THREADPOOL_THREAD_COUNT="9" * 500)
    (app / "local.settings.json").write_text(json.dumps({"IsEncrypted": False, "Values": values}))
    (app / "azuredeploy.json").write_text(ARM % ('{"a":"x"}', json.dumps(
        [{"name": name, "value": value} for name, value in values.items()])))


def doubled(first, each, statement):
    """Bicep whose value is twice as large with each line."""
    return (f"var v0 = {first}\n" + "".join(f"var v{one} = " + each.replace("V", f"v{one - 1}") + "\n"
                                            for one in range(1, 64)) + statement)


def many_files(app):
    for number in range(3000):
        if number % 100 == 0:
            folder = app / f"data{number}"
            folder.mkdir()
        (folder / f"{number}.txt").touch()


def slow_list(app):
    """A list of a pattern that is gone through again for each character of each name."""
    (app / ".funcignore").write_text("*[" + "a" * (MIB - 10) + "]\n")
    for number in range(100):
        (app / f"{'z' * 20}{number}.txt").touch()


def too_deep(app):
    for _ in range(70):
        app /= "d"
        app.mkdir()
    (app / "x.py").write_text("def f(:\n")


def all_of(kind, words, files=WANTED):
    return {name: (kind, words) for name in files}


# (what, how, code, {file: (kind, words)}); None for the files: those are any.
TABLE = [
    ("folders", special(Path.mkdir), INCOMPLETE, all_of("unreadable", "a folder")),
    ("FIFOs", special(os.mkfifo), INCOMPLETE, all_of("unreadable", "never opened")),
    ("sockets", special(bind), INCOMPLETE, all_of("unreadable", "never opened")),
    ("links to devices", special(lambda path: path.symlink_to("/dev/zero")), INCOMPLETE,
     all_of("unreadable", "symbolic link")),
    ("links to themselves", special(lambda path: path.symlink_to(path.name)), INCOMPLETE,
     all_of("unreadable", "symbolic link")),
    ("links out of it", special(lambda path: path.symlink_to("/etc/hostname")), INCOMPLETE,
     all_of("unreadable", "symbolic link")),
    ("100 MB", sparse, INCOMPLETE, all_of("too-large", "not read")),
    # JSON
    ("nothing", write(*JSON, content=b""), FINDING, all_of("malformed", "empty", JSON)),
    ("a mark alone", write(*JSON, content=b"\xef\xbb\xbf"), FINDING, all_of("malformed", "empty", JSON)),
    ("a mark", write(*JSON, content=b"\xef\xbb\xbf{// x\n}"), FINDING, {}),  # host.json has no version
    ("UTF-16", write(*WANTED, content='{"a": "b"}'.encode("utf-16")), FINDING,
     {**all_of("malformed", "UTF-16", JSON), **all_of("malformed", "NUL", WANTED[2:])}),
    ("Latin-1", write(*JSON, content=b'{"a": "\xe4"}'), FINDING, all_of("malformed", "UTF-8", JSON)),
    ("NULs", write(*WANTED, content=bytes(1000)), FINDING, all_of("malformed", "NUL")),
    ("bytes of all kinds", write(*WANTED, content=bytes(range(256)) * 100), FINDING,
     all_of("malformed", "NUL")),
    ("15 MB of brackets", write(*JSON, content=b"[" * (15 * MIB)), INCOMPLETE,
     all_of("too-large", "nested too deeply", JSON)),
    ("100,000 levels", write(*JSON, content=b'{"a":' * 100_000 + b"1" + b"}" * 100_000), INCOMPLETE,
     all_of("too-large", "nested too deeply", JSON)),
    ("200,000 keys", write("host.json", content="{" + ",".join(
        f'"k{number}":1' for number in range(200_000)) + "}"), INCOMPLETE,
     {"host.json": ("too-large", "more than 10000 values")}),
    ("a key 100 times", write(*JSON, content="{" + ",".join(['"k":1'] * 100) + "}"), FINDING,
     all_of("duplicate-key", "again", JSON)),
    ("large numbers", write(*JSON, content='{"version": ' + "9" * 100_000 + "}"), FINDING,
     all_of("malformed", "number is too large", JSON)),
    ("1e999", write(*JSON, content='{"version": 1e999}'), FINDING,
     all_of("malformed", "number is too large", JSON)),
    ("NUL in keys", write(*JSON, content='{"a\\u0000b": "\\u0000", "Values": {"a\\u0000": "b"}}'), FINDING,
     all_of("malformed", "NUL", JSON)),
    ("half a pair", write(*JSON, content='{"a": "\\ud800", "\\udc00": 1}'), FINDING,
     all_of("malformed", "no JSON", JSON)),
    ("keys by escapes", write("local.settings.json", content='{"Values": {"A": "1", "\\u0041": "2"}}'), OK,
     {"local.settings.json": ("duplicate-key", "again")}),
    ("escapes as they are", write(*JSON, content='{"\x1b[31m": "\x1b"}'), FINDING,
     all_of("malformed", "no JSON", JSON)),
    ("a secret that is cut off", write("local.settings.json", content='{"Values": {"A": "' + SECRET), FINDING,
     {"local.settings.json": ("malformed", "no JSON")}),
    ("a secret without quotes", write("local.settings.json", content='{"Values": {"A": ' + SECRET + "}}"),
     FINDING, {"local.settings.json": ("malformed", "no JSON")}),
    ("a secret and a wrong escape", write("local.settings.json", content='{"Values": {"A": "\\q' + SECRET + '"}}'),
     FINDING, {"local.settings.json": ("malformed", "no JSON")}),
    ("settings that are a text", write("local.settings.json", content='{"Values": "' + SECRET + '"}'), OK,
     {"local.settings.json": ("type", "")}),
    ("settings that are the file", write("local.settings.json", content='"' + SECRET + '"'), FINDING,
     {"local.settings.json": ("malformed", "an object")}),
    # requirements
    ("includes that go round", include_each_other, OK, {}),
    ("includes out of it", write("requirements.txt", content="-r ../../../../etc/passwd\n-c /dev/zero\n"
                                 f"-r https://user:{SECRET}@a.example/b\n"), INCOMPLETE,
     {"requirements.txt": (None, "")}),
    ("a long line", write("requirements.txt", content=b"a" * (3 * MIB)), INCOMPLETE,
     {"requirements.txt": ("cut", "longer than")}),
    ("a longer line", write("requirements.txt", content=b"a" * (10 * MIB)), INCOMPLETE,
     {"requirements.txt": ("too-large", "not read")}),
    ("a line of lines", write("requirements.txt", content=b"\\\n" * MIB), OK, {}),
    ("a list of packages", write("requirements.txt", content="a==1\n" * 200_000), INCOMPLETE,
     {"requirements.txt": ("cut", "the rest is not read")}),
    ("escapes in a list", write("requirements.txt", content="\x1b[31mflask==1\n::error::x\n</script>==1\n"),
     FINDING, {"requirements.txt": ("malformed", "no requirement")}),
    # source
    ("30 MB of source", write("function_app.py", content=b"x = 1\n" * (5 * MIB)), INCOMPLETE,
     {"function_app.py": ("too-large", "not read")}),
    ("10,000 parentheses", broken("x = " + "(" * 10_000 + ")" * 10_000), FINDING,
     {"function_app.py": ("syntax", "too many nested")}),
    ("100,000 attributes", write("function_app.py", content="x = a" + ".b" * 100_000 + "\n"), INCOMPLETE,
     {"function_app.py": ("cut", "nested too deeply")}),
    ("100,000 signs", write("function_app.py", content="x = " + "-" * 100_000 + "1\n"), INCOMPLETE,
     {"function_app.py": ("cut", "nested too deeply")}),
    ("an annotation of 1,500 terms", write("function_app.py", content=(
        "import azure.functions as func\napp = func.FunctionApp()\n@app.route(route='a')\ndef f(req: "
        + "|".join(["A"] * 1500) + "):\n    pass\n")), None, {"function_app.py": ("cut", "nested too deeply")}),
    ("50,000 calls", write("function_app.py", content=(
        "import azure.functions as func\nimport time\napp = func.FunctionApp()\n@app.route(route='a')\n"
        "def f(req):\n" + "    time.time()\n" * 50_000)), None, {"function_app.py": ("cut", "more than 40000 calls")}),
    ("50,000 imports", write("function_app.py", content="import time\n" * 50_000), None, {}),
    ("powers", write("function_app.py", content="x = 9**9**9**9\ny = 'a' * 10**10\n"), OK, {}),
    ("an encoding that is none", broken(b"# coding: hex\n7a7a\n"), FINDING,
     {"function_app.py": ("syntax", "not a text encoding")}),
    ("an encoding with a path", broken(b"# coding: ../../x\nx = 1\n"), FINDING,
     {"function_app.py": ("syntax", "")}),
    ("Latin-1 in source", write("function_app.py", content=b"x = '\xe4'\n"), FINDING,
     {"function_app.py": ("malformed", "UTF-8")}),
    ("a secret in what does not compile", broken(f"key = '{SECRET}\n"), FINDING,
     {"function_app.py": ("syntax", "")}),
    ("names in decorators", name_functions, None, {}),
    ("names in bindings", name_bindings, FINDING, None),
    ("names of files", name_files, FINDING, None),
    ("names of settings", name_settings, None, None),
    # manifests
    ("TOML of brackets", write("pyproject.toml", content="a = " + "[" * 100_000), INCOMPLETE,
     {"pyproject.toml": ("cut", "nested too deeply")}),
    ("TOML that is none", write("pyproject.toml", content="[project]\nname='\x1b[31m\n"), FINDING,
     {"pyproject.toml": ("malformed", "no TOML")}),
    ("a version that is none", write(".python-version", "runtime.txt", content="3.\x1b[31m\n" + "3" * 60_000),
     OK, {}),
    ("patterns made to be slow", write(".funcignore", content=("*a" * 500 + "/**/") * 4 + "\n" +
                                       "**/" * 1000 + "b\n" + "[" * 1000 + "\n\\\n!\n"), OK, {}),
    ("a list made to be slow", slow_list, INCOMPLETE, {".funcignore": ("cut", "too many for so many files")}),
    # templates
    ("Bicep of braces", write("main.bicep", content=SITE + "{" * 10_000), OK, {}),
    ("Bicep of quotes", write("main.bicep", content=SITE + "'''" * 9_999), OK, {}),
    ("Bicep of interpolations", write("main.bicep", content=SITE + "'${" * 10_000), INCOMPLETE,
     {"main.bicep": ("cut", DEEP["cut"])}),
    ("Bicep of parentheses", write("main.bicep", content=SITE + "(" * 100_000), INCOMPLETE,
     {"main.bicep": ("cut", DEEP["cut"])}),
    ("Bicep that refers to itself", write("main.bicep", content="var a = b\nvar b = a\nvar c = c\n" + SITE +
                                          "a\n  kind: c\n}\n"), OK, {}),
    ("Bicep that doubles texts", write("main.bicep", content=doubled("'x'", "'${V}${V}'", SITE + "v63\n"
                                       "  kind: v63\n}\n")),
     INCOMPLETE, {"main.bicep": ("cut", DEEP["cut"])}),
    ("Bicep that doubles lists", write("main.bicep", content=doubled("[1]", "concat(V, V)", SITE + "'a'\n"
                                       "  properties: { siteConfig: { appSettings: v63 } }\n}\n")),
     INCOMPLETE, {"main.bicep": ("cut", DEEP["cut"])}),
    ("Bicep of 20,000 apps", write("main.bicep", content=(SITE + "'a'\n}\n") * 20_000), INCOMPLETE,
     {"main.bicep": ("cut", DEEP["cut"])}),
    ("modules of modules", name_modules, OK, {}),
    ("modules elsewhere", write("main.bicep", content="module a '../../../../etc/passwd' = { name: 'a' }\n"
                                "module b 'main.bicep' = { name: 'b' }\nmodule c 'br:x/y:z' = {}\n"), OK, {}),
    ("ARM that refers to itself", write("azuredeploy.json", content=ARM % (
        '{"a":"[variables(\'b\')]","b":"[concat(variables(\'a\'),variables(\'a\'))]"}',
        '[{"name":"[variables(\'a\')]","value":"[variables(\'b\')]"}]')), OK, {}),
    ("ARM 1,000 deep", write("azuredeploy.json", content=NESTED * 1000 + "{}" + "}}]}" * 1000), INCOMPLETE,
     {"azuredeploy.json": ("too-large", DEEP["too-large"])}),
    ("ARM 300 deep", write("azuredeploy.json", content=NESTED * 300 + "{}" + "}}]}" * 300), INCOMPLETE,
     {"azuredeploy.json": ("cut", DEEP["cut"])}),
    ("ARM of expressions", write("azuredeploy.json", content=ARM % (
        '{"a":"[' + "concat(" * 100_000 + ']"}', "[]")), INCOMPLETE,
     {"azuredeploy.json": ("cut", DEEP["cut"])}),
    ("YAML that multiplies", write("template.yaml", content=SAM + "\n  a0: &a0 [x, x]\n" + "".join(
        f"  a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 9)}]\n" for one in range(1, 40))), INCOMPLETE,
     {"template.yaml": ("cut", DEEP["cut"])}),
    ("YAML in itself", write("template.yaml", content=SAM + "&r\n  F: *r\n  G: {<<: *r}\n"), OK, {}),
    ("YAML of brackets", write("template.yaml", content=SAM + "[" * 100_000), INCOMPLETE,
     {"template.yaml": ("cut", DEEP["cut"])}),
    ("a plan of modules", write("plan.json", content='{"format_version":"1.2","planned_values":{"root_module":'
                                + '{"child_modules":[' * 900 + "{}" + "]}" * 900 + "}}"), INCOMPLETE,
     {"plan.json": ("cut", DEEP["cut"])}),
    ("a Dockerfile of variables", write("Dockerfile", content="FROM a\n" + "RUN \\\n" * 100_000 + "ENV A=" +
                                        "${A}" * 10_000 + "\nFROM $A\nCMD [\""), OK, {}),
    # folders
    ("3,000 files", many_files, OK, {}),
    ("70 folders deep", too_deep, INCOMPLETE, None),
]


class Hostile(lint_outputs.Judged):
    secrets = (SECRET,)

    def test_table(self):
        for name, how, code, told in TABLE:
            with self.subTest(name):
                self.check(self.make(how), code, told)
        self.judge()


class Zips(lint_outputs.Judged):
    """What is wrong with a zip, and where in it: told as of a folder."""

    def zip(self, name, members, kind=zipfile.ZIP_DEFLATED):
        path = self.scratch / name
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w", kind) as package:
            warnings.simplefilter("ignore")  # of names that stand twice
            for member, content in members:
                package.writestr(member, content)
        return path

    def good(self, name):
        return self.zip(name, sorted(self.files.items()))

    def test_names_that_lead_elsewhere(self):
        names = ("../../a.py", "/b.py", "c/../../d.py", "..\\e.py")
        path = self.zip("names.zip", [*self.files.items(), *((name, "def f(:\n") for name in names),
                                      ("\x1b[31m.py", "x = 1\n"), ("f//g.py", "x = 1\n")])
        result = self.check(path, INCOMPLETE, {name: ("unreadable", "passed over") for name in names})
        self.assertLessEqual({"\x1b[31m.py", "f/g.py"}, set(result.document["read"]))
        self.judge()

    def test_nothing_in_it(self):
        document = self.check(self.zip("empty.zip", []), FINDING, {}).document
        self.assertIsNone(document["app"]["platform"]["value"])
        self.assertEqual(["no-app-found"], [finding["id"] for finding in document["findings"]])

    def test_more_than_there_should_be(self):
        path = self.zip("bomb.zip", [("host.json", bytes(200 * MIB)), ("function_app.py", bytes(50 * MIB))])
        self.assertLess(path.stat().st_size, MIB)
        self.check(path, INCOMPLETE, all_of("too-large", "not read", ("host.json", "function_app.py")))
        path = self.zip("many.zip", [*self.files.items(), *((f"data/{one}", "") for one in range(30_000))],
                        zipfile.ZIP_STORED)
        self.check(path, None, {})

    def test_beginnings_of_what_may_be_templates(self):
        names = [f"data/{one:04}.json" for one in range(4100)]
        path = self.zip("beginnings.zip", [*self.files.items(), *((name, bytes(1 << 16)) for name in names)])
        little = self.scratch / "little"  # of memory: none of them is kept
        limit = "unlimited" if lint_outputs.is_sanitized() else 200 << 10
        little.write_text(f'#!/bin/bash\nulimit -v {limit}\nexec {shlex.quote(str(lint_outputs.THAW))} "$@"\n')
        little.chmod(0o700)
        self.check(path, INCOMPLETE, {names[4096]: ("cut", "not looked at")}, program=little)

    def test_what_cannot_be_read_in_it(self):
        whole = bytearray(self.good("good.zip").read_bytes())
        path = self.scratch / "encrypted.zip"
        for match in re.finditer(b"PK\x01\x02", bytes(whole)):
            whole[match.start() + 8] |= 1
        path.write_bytes(whole)
        result = self.check(path, None)
        self.assertIn("host.json", {file for file, _, _ in result.problems})
        for _, kind, what in result.problems:
            self.assertEqual((kind, "without a password" in what), ("unreadable", True))
        link = zipfile.ZipInfo("host.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        self.check(self.zip("link.zip", [(link, "/etc/hostname")]), INCOMPLETE,
                   {"host.json": ("unreadable", "symbolic link")})

    def test_what_is_no_zip_any_more(self):
        whole = self.good("whole.zip").read_bytes()
        for name, content in (("cut.zip", whole[:len(whole) // 2]), ("tail.zip", whole[:-10]),
                              ("no.zip", b""), ("text.zip", b"\x1b[31m")):
            with self.subTest(name):
                (self.scratch / name).write_bytes(content)
                self.check(self.scratch / name, USAGE)


class Places(lint_outputs.Judged):
    """Where an app is, who looks, and where to the words go."""

    def test_paths(self):
        app = self.make(lambda app: None, "a b\n\x1b[31m::error::%0A")
        (self.scratch / "link").symlink_to(app)
        findings = []
        for path in (app, self.scratch / "link", f"{app}///", f"{app}/./../{app.name}", os.fsencode(app)):
            with self.subTest(path):
                document = self.check(path, OK, {}).document
                findings.append([one["fingerprint"] for one in document["findings"]])
                self.assertIn("function_app.py", document["read"])
        self.assertEqual([one for one in findings if one != findings[0]], [])
        for path in (self.scratch / "nothing\x1b[31m", "/dev/null", "", app / "host.json",
                     app / "host.json" / "x"):
            with self.subTest(path):
                self.check(path, USAGE)
        self.judge()

    def test_without_the_right_to_read(self):
        """Root may read everything: another user is asked then."""
        def close(app):
            (app / "infra").chmod(0)
            (app / "host.json").chmod(0)
            (app / "local.settings.json").chmod(0)

        app = self.make(close)
        self.addCleanup((app / "infra").chmod, 0o700)
        program = self.scratch / "thaw"
        shutil.copy(lint_outputs.THAW, program)
        other = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        for folder, mode in ((self.scratch, 0o755), (self.outputs, 0o777), (app.parent, 0o755), (app, 0o755)):
            folder.chmod(mode)
        closed = ("infra", "host.json", "local.settings.json")
        self.check(app, INCOMPLETE, all_of("unreadable", "", closed), program=program, **other)
        app.chmod(0)
        self.addCleanup(app.chmod, 0o700)
        self.check(app, USAGE, program=program, **other)

    def test_pipes_that_are_named(self):
        """One that the user typed is read; one that thaw.json names has perhaps no writer."""
        app = self.make(lambda app: os.mkfifo(app / "pipe"))
        for named in ("settings", "templates"):
            with self.subTest(named):
                (app / "thaw.json").write_text(json.dumps({"lint": {named: ["pipe"]}}))
                self.assertIn("no regular file", self.check(app, USAGE, cwd=app).words)
        (app / "thaw.json").unlink()
        reader, writer = os.pipe()
        os.write(writer, b'{"A": "b"}')
        os.close(writer)
        document = self.check(app, None, None, "--settings", f"/dev/fd/{reader}", pass_fds=(reader,)).document
        os.close(reader)
        self.assertIn(f"/dev/fd/{reader}", document["read"])

    def test_files_of_one_name(self):
        """The app's main.bicep is not the one of that name where the user is."""
        site = SITE + "'a'\n  kind: 'functionapp,linux'\n  properties: { siteConfig: { appSettings: [\n"
        text = "    { name: 'A_%s', value: 'ghp_" + "Ab1" * 12 + "' }\n  ] } }\n}\n"
        app = self.make(write("main.bicep", content=site + text % "OWN"))
        (app.parent / "main.bicep").write_text("\n\n" + site + text % "NAMED")
        document = self.check(Path(app.name), None, None, "--template", "main.bicep", cwd=app.parent).document
        named = {one["subject"]: (one["location"]["file"], one["location"]["line"], one["location"]["named"])
                 for one in document["findings"] if one["id"] == "secret-in-settings"}
        self.assertEqual(named, {"A_OWN": ("main.bicep", 5, False), "A_NAMED": ("main.bicep", 7, True)})

    def ended(self, app, *options, **run):
        """(code, what was said) of a run that has no place to write to."""
        result = subprocess.run([lint_outputs.THAW, "lint", *options, app], stderr=subprocess.PIPE, text=True,
                                timeout=60, check=False, **{"stdin": subprocess.DEVNULL, **run})
        return result.returncode, result.stderr.splitlines()

    def test_streams(self):
        app = self.make(lambda app: None)
        with open("/dev/full", "w", encoding="utf-8") as full:
            for options in ((), ("--json",), ("-f", "sarif"), ("-f", "json", "-o", "/dev/full", "-q")):
                with self.subTest(options):
                    code, words = self.ended(app, *options, stdout=full)
                    self.assertEqual((code, len(words)), (FAILED, 1))
                    self.assertIn("No space left on device", words[0])
        closed = self.ended(app, stdout=subprocess.DEVNULL, stdin=None, preexec_fn=lambda: os.close(0))
        self.assertEqual(closed, (OK, []))
        reader, writer = os.pipe()
        os.close(reader)
        code, words = self.ended(app, "--json", stdout=writer)
        os.close(writer)
        self.assertEqual((code, words), (-signal.SIGPIPE, []))


if __name__ == "__main__":
    unittest.main()
