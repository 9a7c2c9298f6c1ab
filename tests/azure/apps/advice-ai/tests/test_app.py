import asyncio
import http.server
import json
import os
import threading
import unittest
from unittest import mock

import azure.functions as func
import function_app

TICKET = b'{"subject": "Tea", "text": "It was cold."}'


class Model(http.server.BaseHTTPRequestHandler):
    """Says what `words` is to whoever asks; answers 500 where there is none."""
    words = None

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200 if self.words else 500)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        message = {"role": "assistant", "content": self.words}
        self.wfile.write(json.dumps({
            "id": "1", "object": "chat.completion", "created": 0, "model": asked["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}).encode())

    def log_message(self, *_):
        pass


class Tickets(unittest.TestCase):
    def setUp(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        settings = mock.patch.dict(os.environ, {
            "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": f"http://127.0.0.1:{server.server_port}"})
        settings.start()
        self.addCleanup(settings.stop)
        function_app.client.cache_clear()

    def post(self, handler, body, words=None):
        with mock.patch.object(Model, "words", words):
            response = handler(func.HttpRequest("POST", "/api", body=body))
            return asyncio.run(response) if asyncio.iscoroutine(response) else response

    def test_answer(self):
        response = self.post(function_app.answer, TICKET, "We are sorry.")
        self.assertEqual(response.get_body(), b"We are sorry.")

    def test_no_answer(self):
        with self.assertLogs(level="WARNING"):
            self.assertEqual(self.post(function_app.answer, TICKET).status_code, 502)

    def test_no_ticket(self):
        response = self.post(function_app.answer, b'{"subject": "Tea"}')
        self.assertEqual(response.status_code, 400)
        self.assertEqual(json.loads(response.get_body())[0]["loc"], ["text"])

    def test_label(self):
        for words, expected in ((" Complaint\n", "complaint"), ("perhaps", None)):
            response = self.post(function_app.label, TICKET, words)
            self.assertEqual(json.loads(response.get_body()), {"label": expected})

    def test_labels(self):
        response = function_app.labels(func.HttpRequest("GET", "/api", body=b""))
        self.assertEqual(json.loads(response.get_body()), list(function_app.LABELS))
