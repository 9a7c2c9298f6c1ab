import http.server
import json
import threading
import unittest
from unittest import mock

import azure.functions as func
import function_app

SALES = "product,month,units,price\ntea,1,10,2.5\ncocoa,1,4,10\ntea,2,2,2.5\n"


def request(body=b"", method="POST", **params):
    return func.HttpRequest(method, "/api", body=body, params=params)


def answer(response):
    return response.status_code, json.loads(response.get_body())


class Rates(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"EUR": 0.5}')

    def log_message(self, *_):
        pass


class Sales(unittest.TestCase):
    def test_revenue(self):
        self.assertEqual(answer(function_app.revenue(request(SALES.encode()))),
                         (200, {"cocoa": 40.0, "tea": 30.0}))
        self.assertEqual(answer(function_app.revenue(request(b"a\n1\n")))[0], 400)

    def test_monthly(self):
        body = b"month,tea\n2026-01,1\n2026-02,3\n2026-03,5\n"
        self.assertEqual(answer(function_app.monthly(request(body))),
                         (200, {"tea": {"mean": 3.0, "trend": 2.0}}))

    def test_trend(self):
        self.assertEqual(answer(function_app.trend(request(b"[1, 2, 3]"))), (200, {"slope": 1.0}))

    def test_nightly(self):
        totals = mock.Mock()
        function_app.nightly(None, SALES, totals)
        totals.set.assert_called_once_with('{"cocoa": 40.0, "tea": 30.0}')

    def test_health(self):
        self.assertEqual(answer(function_app.health(request())), (200, {"status": "ok"}))


class Convert(unittest.TestCase):
    def test_by_a_server_on_this_machine(self):
        server = http.server.HTTPServer(("127.0.0.1", 0), Rates)
        self.addCleanup(server.server_close)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        self.addCleanup(thread.join)
        url = f"http://127.0.0.1:{server.server_port}/"
        with mock.patch.object(function_app, "RATES_URL", url):
            response = function_app.convert(request(method="GET", to="EUR", amount="12"))
        self.assertEqual(answer(response), (200, {"amount": 6.0}))

    def test_without_a_server(self):
        with mock.patch.object(function_app, "RATES_URL", "http://127.0.0.1:9/"), \
                self.assertLogs(level="WARNING"):
            response = function_app.convert(request(method="GET", to="EUR", amount="12"))
        self.assertEqual(answer(response), (502, {"error": "no rates"}))
