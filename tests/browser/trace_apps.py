"""speedscope and Perfetto in a browser: what each makes of a file that it opens."""

import base64
import functools
import http.server
import json
import threading

import locked_environments
import npm_package
from webdriver import WebDriverError

# speedscope's file in its own form, as its button "Export" writes it.
EXPORT = """
const button = [...document.querySelectorAll("div")].filter(
    (one) => one.textContent.endsWith("Export") && one.children.length === 1).pop();
let exported;
const make = URL.createObjectURL, press = HTMLAnchorElement.prototype.click;
URL.createObjectURL = (blob) => { exported = blob; return "about:blank"; };
HTMLAnchorElement.prototype.click = function() {};
try {
    button.click();
    for (let i = 0; !exported && i < 1000; i++) await new Promise((go) => setTimeout(go, 10));
} finally {
    URL.createObjectURL = make;
    HTMLAnchorElement.prototype.click = press;
}
return await exported.text();
"""

# A trace of this page's origin in Perfetto, and rows of queries of its trace processor.
QUERY = """
const [address, queries] = arguments, before = app.trace;
const buffer = await (await fetch(address)).arrayBuffer();
app.openTraceFromBuffer({buffer, title: address, fileName: address});
for (let i = 0; !(app.trace && app.trace !== before && app.trace.engine); i++) {
    if (i === 2000) throw new Error("the trace was not opened");
    await new Promise((go) => setTimeout(go, 10));
}
const tables = {};
for (const [name, query] of Object.entries(queries)) {
    const result = await app.trace.engine.query(query), columns = result.columns(), rows = [];
    for (const at = result.iter({}); at.valid(); at.next())
        rows.push(columns.map((column) => {
            const value = at.get(column);
            return typeof value === "bigint" ? Number(value) : value;
        }));
    tables[name] = rows;
}
return tables;
"""


class Speedscope:
    """Its page, opened as its own command-line program does: with a script that holds the file."""

    def __init__(self, browser, scratch):
        self.browser, self.scratch = browser, scratch
        self.page = npm_package.speedscope() / "index.html"
        self.schema = json.loads((self.page.parent / "file-format-schema.json").read_text())
        browser.console(), browser.requests()  # what others left

    def read(self, path):
        """(its own form of the file, what it said on the console)"""
        data = base64.b64encode(path.read_bytes()).decode()
        script = self.scratch / "loads.js"
        script.write_text(f"speedscope.loadFileFromBase64({json.dumps(path.name)}, {json.dumps(data)})")
        self.browser.open(self.page, f"#localProfilePath={script}")
        self.browser.wait("return document.body.innerText.includes('Export')")
        exported = json.loads(self.browser.run_async(EXPORT))
        return exported, [line for line in self.browser.console() if is_of_page(line)]


def is_of_page(line):
    """Not of the browser, about its way to draw without a graphics card."""
    return "WebGL" not in line and line.split(":")[0] in ("WARNING", "SEVERE")


class Handler(http.server.SimpleHTTPRequestHandler):
    traces = {}

    def do_GET(self):
        body = self.traces.get(self.path)
        if body is None:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Perfetto:
    """Its user interface, served from a port of this machine alone, with the traces beside it."""

    def __init__(self, browser):
        self.browser = browser
        self.handler = type("Own", (Handler,), {"traces": {}})
        folder = str(locked_environments.perfetto())
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(self.handler, directory=folder))
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        browser.open_address(f"http://127.0.0.1:{self.server.server_address[1]}/index.html")
        browser.wait("return Boolean(window.app && app.openTraceFromBuffer)", seconds=45)

    def close(self):
        self.browser.open_address("about:blank")
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def query(self, text, **queries):
        """{name: rows} of the queries of a trace."""
        address = f"/trace{len(self.handler.traces)}.json"
        self.handler.traces[address] = text.encode("utf-8")
        try:
            tables = self.browser.run_async(QUERY, address, queries)
        except WebDriverError as error:
            raise AssertionError(f"Perfetto: {error}") from None
        return {name: [[unescaped(value) for value in row] for row in rows]
                for name, rows in tables.items()}


def unescaped(value):
    """Its parser leaves a backslash of JSON's texts as the two that stand there."""
    return value.replace("\\\\", "\\") if isinstance(value, str) else value
