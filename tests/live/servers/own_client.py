# SPDX-License-Identifier: Apache-2.0
"""Tests that bring a server of their own, as many do; run by pytest, which finds it by its name."""
import threading
import urllib.request
from http.server import HTTPServer, SimpleHTTPRequestHandler

import truth

truth.say("import-begin")


def test_of_a_server():
    truth.say("test")
    server = HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/", timeout=30) as answer:
        assert answer.status == 200
    thread.join()
    server.server_close()


truth.say("import-end")
