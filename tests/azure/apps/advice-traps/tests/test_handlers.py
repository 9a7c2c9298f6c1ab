import json
import os
import unittest
from unittest import mock

import azure.functions as func


class Handlers(unittest.TestCase):
    def setUp(self):
        with mock.patch.dict(os.environ, {"TARIFF_REGION": "north"}):
            import function_app
            self.app = function_app

    def test_tariffs(self):
        response = self.app.tariffs(func.HttpRequest("GET", "/api", body=b""))
        self.assertEqual(json.loads(response.get_body()),
                         {"region": "north", "tariffs": ["letter", "parcel"]})

    def test_price(self):
        import pricing
        request = func.HttpRequest("GET", "/api", body=b"", params={"prices": "100,200"})
        response = pricing.price(request)
        self.assertEqual(json.loads(response.get_body()), {"total": 357.0})
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_tidy(self):
        import pricing
        request = func.HttpRequest("GET", "/api", body=b"", params={"url": "http://a/b c"})
        self.assertEqual(pricing.tidy(request).get_body(), b"http://a/b%20c")
