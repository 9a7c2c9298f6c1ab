import json
import unittest

import azure.functions as func
import function_app


def call(handler, value=None):
    body = b"" if value is None else json.dumps(value).encode()
    response = handler(func.HttpRequest("POST", "/api", body=body))
    return response.status_code, json.loads(response.get_body())


class Debts(unittest.TestCase):
    def setUp(self):
        function_app.engine.cache_clear()  # another database in memory

    def test_no_customers(self):
        self.assertEqual(call(function_app.debts), (200, {}))

    def test_they_are_summed_up(self):
        for number, name, orders in ((1, "Ada", ["10.25", "4.50"]), (2, "Bo", ["1"])):
            self.assertEqual(call(function_app.add_customer,
                                  {"id": number, "name": name, "orders": orders})[0], 201)
        self.assertEqual(call(function_app.debts), (200, {"Ada": "14.75", "Bo": "1.00"}))

    def test_a_customer_is_added_once(self):
        customer = {"id": 1, "name": "Ada", "orders": []}
        self.assertEqual(call(function_app.add_customer, customer)[0], 201)
        self.assertEqual(call(function_app.add_customer, customer)[0], 409)

    def test_status(self):
        self.assertEqual(call(function_app.status), (200, {"status": "ok"}))
