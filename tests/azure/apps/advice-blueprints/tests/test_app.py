import http.server
import json
import os
import threading
import unittest
from unittest import mock

import azure.functions as func
import orders
import reports
import stock


def call(handler, body=b"", **route):
    response = handler(func.HttpRequest("POST", "/api", body=body, route_params=route))
    return response.status_code, json.loads(response.get_body())


class Warehouse(http.server.BaseHTTPRequestHandler):
    busy = 1

    def do_GET(self):
        self.send_response(503 if Warehouse.busy else 200)
        Warehouse.busy = max(0, Warehouse.busy - 1)
        self.end_headers()
        self.wfile.write(b'{"units": 3}')

    def log_message(self, *_):
        pass


class Orders(unittest.TestCase):
    def test_late(self):
        body = b"order,due,came\n1,2026-01-02,2026-01-05\n2,2026-01-02,2026-01-01\n"
        self.assertEqual(call(orders.late, body), (200, {"1": 3}))

    def test_check(self):
        self.assertEqual(call(orders.check, b'{"order": 1}'), (400, {"missing": ["due"]}))


class Reports(unittest.TestCase):
    def test_waiting(self):
        self.assertEqual(call(reports.waiting, b"minutes\n1\n2\n3\n"),
                         (200, {"p50": 2.0, "p90": 2.8}))

    def test_collect(self):
        reports.collect(func.QueueMessage(body=b"1 2 3"))
        with self.assertRaises(ValueError):
            reports.collect(func.QueueMessage(body=b"1 nan"))


class Stock(unittest.TestCase):
    def test_a_busy_warehouse_is_asked_again(self):
        server = http.server.HTTPServer(("127.0.0.1", 0), Warehouse)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}"
        with mock.patch.dict(os.environ, {"STOCK_URL": url}):
            self.assertEqual(call(stock.stock, product="tea"), (200, {"units": 3}))

    def test_no_warehouse(self):
        with mock.patch.dict(os.environ, {"STOCK_URL": "http://127.0.0.1:9"}):
            self.assertEqual(call(stock.stock, product="tea"), (502, {"error": "ConnectionError"}))
