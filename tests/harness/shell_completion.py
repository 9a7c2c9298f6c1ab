"""What shells offer when Tab is pressed behind a command line, by their own completion: bash and zsh on
a terminal of their own, fish by `complete -C`.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

READY, DONE = "READY> ", "<DONE>"
SECONDS = 60
COLUMNS = 200


class Terminal:
    """A program on a terminal, without the user's settings."""

    def __init__(self, arguments, folder, columns=COLUMNS):
        self.process, self.descriptor = pty.fork()
        if not self.process:
            os.chdir(folder)
            os.execve(arguments[0], arguments, {
                "TERM": "dumb", "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                "HOME": str(folder), "TZ": "UTC"})
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self.text = ""

    def send(self, text):
        os.write(self.descriptor, text.encode())

    def until(self, mark):
        """What it writes up to the mark, which is passed over."""
        deadline = time.monotonic() + SECONDS
        while mark not in self.text:
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self.descriptor], [], [], left)[0]:
                raise TimeoutError(f"{mark!r} does not come; so far: {self.text!r}")
            self.text += os.read(self.descriptor, 65536).decode(errors="replace")
        text, _, self.text = self.text.partition(mark)
        return text.replace("\r", "")

    def rest(self):
        """All that it writes until it ends."""
        with contextlib.suppress(OSError):  # EIO: the other side is closed
            while part := os.read(self.descriptor, 65536):
                self.text += part.decode(errors="replace")
        return self.text.replace("\r", "")

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.descriptor)


class LineEditor:
    """A shell whose Tab key lists what fits and inserts nothing."""

    def __init__(self, arguments, settings, folder):
        self.terminal = Terminal(arguments, folder)
        # its own echo must not look like a prompt
        self.terminal.send("; ".join(["PS1=READ''Y'> '", *settings]) + "\n")
        self.terminal.until(READY)

    def offered(self, line):
        """The words offered behind it. The line is cleared then, and never run."""
        self.terminal.send(f"{line}\t\x15echo '<DO''NE>'\n")
        text = self.terminal.until(DONE).removeprefix(line)
        self.terminal.until(READY)
        if text.startswith("\n"):
            return set(self.words(text[1:].partition(READY)[0]))
        # readline inserts the only match behind a Tab that found nothing, whatever the key is bound to
        inserted = re.split(r"\x08|READY>|echo '", text)[0].strip()
        return {re.split("[ =]", line)[-1] + inserted} if inserted else set()

    def close(self):
        self.terminal.close()


class Bash(LineEditor):
    def __init__(self, script, folder):
        super().__init__(["/bin/bash", "--norc", "--noprofile"], [
            *(f"bind 'set {setting}'" for setting in (
                "completion-display-width 0", "completion-query-items 0", "page-completions off",
                "bell-style none", "enable-bracketed-paste off")),
            r"""bind '"\t": possible-completions'""", f". '{script}'"], folder)

    @staticmethod
    def words(listed):
        return [line.strip() for line in listed.splitlines() if line.strip()]


class Zsh(LineEditor):
    """script is to be a file called _thaw."""

    def __init__(self, script, folder):
        super().__init__(["/usr/bin/zsh", "-f"], [
            "unsetopt prompt_sp prompt_cr beep list_beep", "unset zle_bracketed_paste",
            f"fpath=('{script.parent}' $fpath)", "autoload -U compinit", "compinit -u -D",
            "LISTMAX=100000", "bindkey '^I' list-choices"], folder)

    @staticmethod
    def words(listed):
        for line in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", listed).splitlines():
            yield from (word.rstrip("/*@") for word in line.partition(" -- ")[0].split())


class Fish:
    def __init__(self, script, folder):
        self.script, self.folder = script, folder

    def offered(self, line):
        code = f"source '{self.script}'; complete -C $argv[1]"
        result = subprocess.run(["/usr/bin/fish", "--no-config", "-c", code, line],
                                cwd=self.folder, env={"HOME": str(self.folder), "TERM": "dumb",
                                                      "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                                capture_output=True, text=True, timeout=SECONDS)
        if result.returncode or result.stderr:
            raise RuntimeError(result.stderr or f"fish exited with {result.returncode}")
        return {row.partition("\t")[0] for row in result.stdout.splitlines()}

    def close(self):
        pass
