"""Drives Debian's Chromium through its chromedriver: W3C WebDriver over loopback, nothing else.

    with webdriver.Browser() as browser:      # SkipTest where there is no Chromium
        browser.open(path)                    # a file
        browser.run("return document.title")  # JavaScript
"""

import base64
import json
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

START_SECONDS = 60  # a first start on a busy machine
CALL_SECONDS = 60
STARTED = re.compile(r"started successfully on port (\d+)")
CONSOLE, NETWORK = "browser", "performance"

# No sandbox: tests may run as root. The rest keeps Chromium from talking to anybody by itself.
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb"]
# For pages of others: they find nobody but this machine.
ALONE = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",)

KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Space": " ", "Tab": "\ue004",
        "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015",
        "Home": "\ue011", "End": "\ue010"}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # W3C WebDriver section 12.2.1


class WebDriverError(Exception):
    """What chromedriver answered instead of a result."""


def programs_or_skip():
    found = [shutil.which(name, path="/usr/bin:/usr/lib/chromium:/usr/local/bin")
             for name in ("chromedriver", "chromium")]
    for name, path, package in zip(("chromedriver", "chromium"), found,
                                   ("chromium-driver", "chromium")):
        if path is None:
            raise unittest.SkipTest(f"no {name} (Debian: {package})")
    return found


class Browser:
    """One Chromium with a profile of its own, which is gone after close()."""

    def __init__(self, width=1280, height=900, flags=()):
        driver, chromium = programs_or_skip()
        self._profile = tempfile.TemporaryDirectory(prefix="thaw-browser-", ignore_cleanup_errors=True)
        self._log = Path(self._profile.name, "driver.log")
        self._driver = self._session = None
        self._flags = [*FLAGS, *flags]
        try:
            self._driver = subprocess.Popen([driver, "--port=0", f"--log-path={self._log}"],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=subprocess.STDOUT, text=True)
            self._base = f"http://127.0.0.1:{self._port()}/session"
            self._session = self._call("POST", "", self._capabilities(chromium))["sessionId"]
            self._post("url", {"url": "about:blank"})  # not Chromium's own first page
            self.requests()
            self.resize(width, height)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the browser and the driver, these two and no other."""
        if self._session:
            try:
                self._call("DELETE", f"/{self._session}")
            except (WebDriverError, OSError):
                pass  # the driver's end ends it too
        if self._driver:
            self._driver.terminate()
            try:
                self._driver.wait(10)
            except subprocess.TimeoutExpired:
                self._driver.kill()
                self._driver.wait()
            self._driver.stdout.close()
        self._session = self._driver = None
        self._profile.cleanup()

    def _port(self):
        for line in self._driver.stdout:
            found = STARTED.search(line)
            if found:
                return int(found[1])
        raise WebDriverError(f"chromedriver did not start: {self._driver.wait()}")

    def _capabilities(self, chromium):
        options = {"binary": chromium, "args": [*self._flags, f"--user-data-dir={self._profile.name}/user"]}
        return {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options,
            "goog:loggingPrefs": {CONSOLE: "ALL", NETWORK: "ALL"}}}}

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        seconds = CALL_SECONDS if self._session else START_SECONDS
        try:
            with opener.open(request, timeout=seconds) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise WebDriverError(f"{value['error']}: {value['message'].splitlines()[0]}") from None

    def _post(self, path, body):
        return self._call("POST", f"/{self._session}/{path}", body)

    # --- pages ---

    def open(self, path, fragment=""):
        """Loads a file anew, also when it is the one that is open."""
        self._post("url", {"url": "about:blank"})
        self._post("url", {"url": Path(path).resolve().as_uri() + fragment})

    def open_address(self, address):
        """The same for an address of this machine."""
        self._post("url", {"url": address})

    def run(self, script, *arguments):
        """The value of `return …` in a function body; `arguments` are its arguments."""
        return self._post("execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script, *arguments, seconds=20):
        """Runs until the script returns something true, looked at once for each frame."""
        body = f"""const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);
            const look = function() {{ {script} }}, end = performance.now() + {seconds * 1000};
            (function again() {{
                const value = look.apply(null, given);
                if (value || performance.now() > end) done(value || null);
                else requestAnimationFrame(again);
            }})();"""
        value = self._post("execute/async", {"script": body, "args": list(arguments)})
        if not value:
            raise WebDriverError(f"did not come true in {seconds} s: {script}")
        return value

    def run_async(self, script, *arguments):
        """The value of `return await …` in a function body."""
        body = f"""const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);
            (async function() {{ {script} }}).apply(null, given).then(
                (value) => done({{value}}), (error) => done({{error: String(error)}}));"""
        answer = self._post("execute/async", {"script": body, "args": list(arguments)})
        if "error" in answer:
            raise WebDriverError(answer["error"])
        return answer["value"]

    def find(self, selector):
        """A reference to the first element; usable as an argument of run()."""
        return self._post("element", {"using": "css selector", "value": selector})

    def click(self, selector):
        self._post(f"element/{self.find(selector)[ELEMENT]}/click", {})

    def press(self, *keys):
        """Presses keys, by name or character, one after the other."""
        actions = [{"type": kind, "value": KEYS.get(key, key)}
                   for key in keys for kind in ("keyDown", "keyUp")]
        self._post("actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    # --- the window ---

    def command(self, name, **parameters):
        """A command of the DevTools protocol."""
        return self._post("goog/cdp/execute", {"cmd": name, "params": parameters})

    def resize(self, width, height):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=False)

    def prefer(self, scheme):
        """"light" or "dark", as the system would say it."""
        self.command("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self):
        """The window's contents as PNG."""
        return base64.b64decode(self.command("Page.captureScreenshot", format="png")["data"])

    # --- what it logged since the last look ---

    def console(self):
        """Lines of the console: errors of scripts, refusals of the policy."""
        return [f"{line['level']}: {line['message']}"
                for line in self._post("se/log", {"type": CONSOLE})]

    def requests(self):
        """Addresses that were asked for."""
        messages = [json.loads(line["message"])["message"]
                    for line in self._post("se/log", {"type": NETWORK})]
        return [message["params"]["request"]["url"] for message in messages
                if message["method"] == "Network.requestWillBeSent"]


def for_module(flags=()):
    """A browser and a folder for all tests of a module, from its setUpModule."""
    browser = Browser(flags=flags)
    unittest.addModuleCleanup(browser.close)
    scratch = Path(tempfile.mkdtemp(prefix="thaw-page-"))
    unittest.addModuleCleanup(shutil.rmtree, scratch)
    return browser, scratch
