"""Manual pages, completions of shells, lists, and where `make install` puts what: all of it is made of
the tables of commands and options, as --help is, against which it is held here.
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from program import BUILD, REPOSITORY, THAW, run_thaw
from shell_completion import Bash, Fish, Terminal, Zsh

OK, USAGE = 0, 2
SECONDS = 60
OPTION = re.compile(r"^ {2}(?:-(.), | {4})--([a-z-]+)(?: (\S+))?(?: {2,}|\n {10,})((?:.+\n)(?: {10,}.*\n)*)",
                    re.MULTILINE)


def names():
    return run_thaw("help", "commands").stdout.split()


def words(text):
    """The text without its layout and quotes."""
    return " ".join(text.replace("`", "").split())


class Option:
    def __init__(self, found):
        self.letter, self.name, self.argument, self.help = found[1], found[2], found[3], words(found[4])

    def spellings(self):
        return {f"--{self.name}", *({f"-{self.letter}"} if self.letter else ())}


def options(command):
    """Those that its --help shows."""
    return [Option(found) for found in OPTION.finditer(run_thaw(command, "--help").stdout)]


def listed(*arguments):
    """The first words of a list."""
    return {line.split()[0] for line in run_thaw(*arguments).stdout.splitlines()}


def run(*arguments, **more):
    return subprocess.run(arguments, capture_output=True, text=True, timeout=SECONDS,
                          stdin=subprocess.DEVNULL, **more)


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.pages, cls.texts = {}, {}
        for name in ("", *names()):
            page = cls.folder / ("-".join(filter(None, ("thaw", name))) + ".1")
            page.write_bytes(run_thaw("help", "man", *filter(None, [name]), text=False).stdout)
            cls.pages[name] = page

    def read(self, name):
        """As a reader sees it, in one long line each paragraph."""
        if name not in self.texts:
            self.texts[name] = self.render(name)
        return self.texts[name]

    def render(self, name):
        result = run("man", "--no-hyphenation", "--no-justification", "-E", "ascii", "-l",
                     str(self.pages[name]),
                     env={**os.environ, "MANWIDTH": "1000", "MAN_KEEP_FORMATTING": "", "PAGER": "cat"})
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return re.sub(r".\x08", "", result.stdout)

    def faults(self, page):
        """What three readers of roff have against it."""
        lint = run("mandoc", "-T", "lint", "-W", "style", str(page))
        groff = run("groff", "-ww", "-man", "-T", "utf8", str(page))
        man = run("man", "--warnings", "-E", "UTF-8", "-l", str(page))
        return (lint.stdout + lint.stderr, groff.stderr, man.stderr,
                lint.returncode or groff.returncode or man.returncode)

    def test_readers_of_roff_have_nothing_against_them(self):
        for name, page in self.pages.items():
            with self.subTest(name):
                page.read_bytes().decode("ascii")
                self.assertEqual(self.faults(page), ("", "", "", 0))

    def test_those_readers_do_tell_what_is_wrong(self):
        broken = self.folder / "broken.1"
        broken.write_text(self.pages["report"].read_text() + ".TP\n.undefined\nx \\[nothing]\n")
        lint, groff, man, code = self.faults(broken)
        self.assertIn("undefined", lint)
        self.assertIn("nothing", groff)
        self.assertTrue(man and code)

    def test_whatis_finds_name_and_summary(self):
        for name, page in self.pages.items():
            with self.subTest(name):
                title = "-".join(filter(None, ("thaw", name)))
                self.assertRegex(run("lexgrog", str(page)).stdout, rf'"{title} - \S.*"')

    def test_sections(self):
        for name in names():
            with self.subTest(name):
                titles = re.findall(r"^[A-Z][A-Z ]+$", self.read(name), re.MULTILINE)
                self.assertLess({"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS",
                                 "SEE ALSO"} - set(titles), {"-"})
                self.assertEqual(titles, [title for title in (
                    "NAME", "SYNOPSIS", "DESCRIPTION", "ARGUMENTS", "OPTIONS", "EXIT STATUS", "FILES",
                    "EXAMPLES", "SEE ALSO") if title in titles])

    def test_every_option_is_told_as_help_tells_it(self):
        for name in names():
            text = words(self.read(name))
            told = options(name)
            self.assertEqual(len(told), run_thaw(name, "--help").stdout.count("\n  -")
                             + run_thaw(name, "--help").stdout.count("\n      --"), name)
            for option in told:
                with self.subTest(f"{name} --{option.name}"):
                    letter = f"-{option.letter}, " if option.letter else ""
                    argument = f" {option.argument}" if option.argument else ""
                    self.assertIn(f" {letter}--{option.name}{argument} {option.help}", text)

    def test_text_and_examples_are_those_of_help(self):
        for name in names():
            with self.subTest(name):
                page = self.read(name)
                _, _, below = run_thaw(name, "--help").stdout.partition("show this text and do nothing else\n")
                details, _, examples = below.partition("\nExamples:\n")
                for paragraph in filter(None, re.split(r"\n\n(?:Exit codes:\n)?", "\n" + details)):
                    self.assertIn(words(paragraph), words(page))
                for example in examples.splitlines():
                    self.assertRegex(page, rf"(?m)^ +{re.escape(example.strip())}$")

    def test_words_that_an_option_takes_are_listed(self):
        for arguments in (("report", "-f"), ("report", "--view"), ("deps", "-f"), ("deps", "--view"),
                          ("deps", "--sort"), ("report", "--sort")):
            for line in run_thaw(*arguments, "list").stdout.splitlines():
                with self.subTest(line):
                    self.assertIn(words(line), words(self.read(arguments[0])))

    def test_exit_codes(self):
        documented = re.findall(r"(?m)^ +(\d+)  (.*)$", run_thaw("help", "exit-codes").stdout)
        self.assertGreater(len(documented), 5)
        page = words(self.read(""))
        for code, text in documented:
            self.assertIn(f" {code} {text} ", page)

    def test_references_lead_to_pages(self):
        titles = {page.stem for page in self.pages.values()}
        self.assertEqual(titles, set(re.findall(r"[a-z-]+(?=\(1\))", words(self.read("")))) - {"env"}
                         | {"thaw"})
        for name in names():
            references = set(re.findall(r"([a-z-]+)\(1\)", self.read(name).partition("SEE ALSO")[2]))
            self.assertIn("thaw", references)
            self.assertLessEqual(references, titles)

    def test_wrong_usage(self):
        for arguments in (("man", "reprot"), ("man", "report", "x"), ("completion",),
                          ("completion", "tcsh"), ("report", "x"), ("commands", "x")):
            with self.subTest(arguments):
                result = run_thaw("help", *arguments)
                self.assertEqual((result.returncode, result.stdout), (USAGE, ""))
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)


class Completes:
    """What every shell must do; files of its folder are report.thaw, 'two words' and inner/."""

    AFTER_OPTIONS = "thaw record --until exit cat -u re"

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        for name in ("report.thaw", "two words"):
            (cls.folder / name).touch()
        (cls.folder / "inner").mkdir()
        script = Path(cls.enterClassContext(tempfile.TemporaryDirectory())) / "_thaw"
        script.write_text(run_thaw("help", "completion", cls.NAME).stdout)
        cls.shell = cls.SHELL(script, cls.folder)
        cls.addClassCleanup(cls.shell.close)

    def offered(self, line):
        """Without what stands before the value in the same word, where the shell gives it back."""
        return {word.removeprefix(line.split()[-1].partition("=")[0] + "=") if "=" in line else word
                for word in self.shell.offered(line)}

    def test_commands(self):
        self.assertEqual(self.offered("thaw re"), {name for name in names() if name.startswith("re")})
        self.assertLessEqual(set(names()), self.offered("thaw "))
        self.assertEqual(self.offered("thaw nothing"), set())
        self.assertEqual(self.offered("thaw --v"), {"--version"})

    def test_options(self):
        for name in names():
            with self.subTest(name):
                long = {f"--{option.name}" for option in options(name)}
                self.assertEqual({word for word in self.offered(f"thaw {name} --")
                                  if word.startswith("--")}, long)

    def test_short_options(self):
        letters = {f"-{option.letter}" for option in options("report") if option.letter}
        self.assertEqual({word for word in self.offered("thaw report -") if len(word) == 2}, letters)

    def test_words_of_options(self):
        for command, option in (("report", "-f"), ("report", "--format"), ("report", "--view"),
                                ("deps", "-f"), ("deps", "--view"), ("deps", "--sort")):
            with self.subTest(f"{command} {option}"):
                self.assertEqual(self.offered(f"thaw {command} {option} "),
                                 listed(command, option, "list"))
        self.assertEqual(self.offered("thaw report report.thaw --format=js"), {"json"})
        self.assertEqual(self.offered("thaw record --color "), {"auto", "always", "never"})
        self.assertEqual(self.offered("thaw record --until "), {"first-reply", "exit"})
        self.assertIn("aarch64", self.offered("thaw deps --machine "))
        self.assertEqual(self.offered("thaw record --backend e"), {"ebpf"})

    def test_no_words_where_none_are_known(self):
        for line in ("thaw report --what-if ", "thaw deps --why ", "thaw report --width "):
            with self.subTest(line):
                self.assertEqual(self.offered(line), set())

    def test_files_and_folders(self):
        for line in ("thaw report re", "thaw report --json -o re", "thaw diff inner re"):
            with self.subTest(line):
                self.assertEqual(self.offered(line), {"report.thaw"})
        self.assertEqual({word.rstrip("/") for word in self.offered("thaw fix --root ")}, {"inner"})
        self.assertTrue(self.offered("thaw report tw"))

    def test_processes(self):
        offered = [word for word in self.offered("thaw deps --pid ") if word.isdigit()]
        self.assertTrue(offered)  # zsh offers those of its own terminal
        self.assertIn(True, [Path("/proc", word).exists() for word in offered])

    def test_operands(self):
        self.assertEqual(self.offered("thaw schema "), {
            path.name.split("-")[1] for path in REPOSITORY.glob("reports/schema/thaw-*.schema.json")})
        self.assertEqual(self.offered("thaw explain lazy"), {
            word for word in listed("explain", "list") if word.startswith("lazy")})
        self.assertEqual(self.offered("thaw help completion "), {"bash", "zsh", "fish"})
        self.assertEqual(self.offered("thaw help man "), set(names()))
        self.assertLess(set(names()), self.offered("thaw help "))

    def test_a_command_to_record(self):
        for line in ("thaw record setpr", "thaw record -- setpr", "thaw record -o x --json -- setpr"):
            with self.subTest(line):
                self.assertIn("setpriv", self.offered(line))
        for line in ("thaw record -- cat re", self.AFTER_OPTIONS):
            with self.subTest(line):
                self.assertEqual(self.offered(line), {"report.thaw"})

    def test_a_command_behind_operands(self):
        self.assertIn("setpriv", self.offered("thaw gate inner --runs 3 -- setpr"))
        for line in ("thaw gate re", "thaw gate inner -- cat re", "thaw gate -- cat -u re"):
            with self.subTest(line):
                self.assertEqual(self.offered(line), {"report.thaw"})
        self.assertNotIn("--runs", self.offered("thaw gate -- cat --"))

    def test_what_is_typed_is_not_run(self):
        for typed in ("$(touch ran)", "`touch ran`", "'$(touch ran)", "a;touch ran;", '"$(touch ran)'):
            for line in (f"thaw {typed}", f"thaw report -f {typed}", f"thaw explain {typed}"):
                with self.subTest(line):
                    self.offered(line)
                    self.assertFalse((self.folder / "ran").exists())


class InBash(Completes, unittest.TestCase):
    NAME, SHELL = "bash", Bash


class InZsh(Completes, unittest.TestCase):
    NAME, SHELL = "zsh", Zsh


class InFish(Completes, unittest.TestCase):
    NAME, SHELL = "fish", Fish
    # fish takes what looks like an option for thaw's own, unless "--" is before it
    AFTER_OPTIONS = "thaw record --until exit -- cat -u re"


class Lists(unittest.TestCase):
    LISTS = (("report", "-f"), ("report", "--view"), ("report", "--sort"), ("deps", "-f"),
             ("deps", "--view"), ("deps", "--sort"))

    def test_one_line_each_in_two_columns(self):
        for arguments in self.LISTS:
            with self.subTest(arguments):
                rows = [re.fullmatch(r"(\S+) {2,}(\S.*)", line)
                        for line in run_thaw(*arguments, "list").stdout.splitlines()]
                self.assertTrue(all(rows))
                self.assertEqual(len({row.start(2) for row in rows}), 1)

    def test_wrapped_to_a_terminal(self):
        for arguments in self.LISTS:
            with self.subTest(arguments):
                terminal = Terminal([THAW, *arguments, "list"], "/", columns=80)
                self.addCleanup(terminal.close)
                lines = terminal.rest().splitlines()
                self.assertLessEqual(max(map(len, lines)), 80)
                column = re.match(r"\S+ +", lines[0]).end()
                self.assertEqual({line[column - 1] for line in lines}, {" "})
                self.assertEqual({line[column] for line in lines} & {" "}, set())


class Install(unittest.TestCase):
    """The program is there already: make is told that it is up to date."""

    def make(self, *goals):
        result = run("make", "--no-print-directory", "-C", str(REPOSITORY), "-o", THAW, f"BUILD={BUILD}",
                     f"installed={self.folder / 'made'}", f"DESTDIR={self.folder / 'root'}",
                     "PREFIX=/usr", "DEPS=skip", *goals,
                     env={name: value for name, value in os.environ.items()
                          if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")} | {"THAW_OWNER": "none"})
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def files(self):
        root = self.folder / "root/usr"
        return {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}

    def test_everything_comes_and_goes(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.make("install")
        files = self.files()
        shipped = {"schema": "reports/schema/*.json", "fleet": "reports/fleet/*"}
        self.assertEqual(set(files), {
            "bin/thaw", "share/man/man1/thaw.1",
            *(f"share/man/man1/thaw-{name}.1" for name in names()),
            *(f"share/thaw/{folder}/{path.name}" for folder, pattern in shipped.items()
              for path in REPOSITORY.glob(pattern)),
            "share/bash-completion/completions/thaw", "share/zsh/site-functions/_thaw",
            "share/fish/vendor_completions.d/thaw.fish"})
        for name, path in files.items():
            self.assertEqual(path.stat().st_mode & 0o777, 0o755 if name == "bin/thaw" else 0o644, name)
        self.assertEqual(files["bin/thaw"].read_bytes(), Path(THAW).read_bytes())
        self.assertEqual(files["share/man/man1/thaw-report.1"].read_text(),
                         run_thaw("help", "man", "report").stdout)
        self.assertEqual(files["share/zsh/site-functions/_thaw"].read_text(),
                         run_thaw("help", "completion", "zsh").stdout)
        stranger = files["bin/thaw"].with_name("stranger")
        shutil.copy(files["share/man/man1/thaw.1"], stranger)
        self.make("uninstall")
        self.assertEqual(set(self.files()), {"bin/stranger"})
        self.assertFalse((self.folder / "root/usr/share/thaw").exists())


if __name__ == "__main__":
    unittest.main()
