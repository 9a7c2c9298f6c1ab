"""A request in, a response out: neither host nor network. Run by `python -m unittest`."""

import json
import unittest

import azure.functions as func

import function_app


def call(function, method="GET", params=None, body=b""):
    """What a decorated function answers."""
    handler = function.build().get_user_function()
    return handler(func.HttpRequest(method=method, url="/api/x", params=params or {}, body=body))


class Functions(unittest.TestCase):
    def test_greet(self):
        response = call(function_app.greet, params={"name": "Ada"})
        self.assertEqual((response.status_code, response.get_body()), (200, b"Hello, Ada."))

    def test_greet_without_a_name(self):
        self.assertEqual(call(function_app.greet).status_code, 400)

    def test_total(self):
        response = call(function_app.total, "POST", body=b"[1, 2, 3]")
        self.assertEqual(json.loads(response.get_body()), {"total": 6})
        self.assertEqual(response.mimetype, "application/json")


if __name__ == "__main__":
    unittest.main()
