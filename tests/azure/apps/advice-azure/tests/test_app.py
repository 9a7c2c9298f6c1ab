import json
import os
import unittest
from unittest import mock

import azure.functions as func
import function_app

ORDER = {"id": "17", "items": [{"name": "tea", "units": 2}]}


def request(body=b"", **route):
    return func.HttpRequest("GET", "/api", body=body, route_params=route)


class Orders(unittest.TestCase):
    def test_found(self):
        with mock.patch("function_app.orders") as orders:
            orders().read_item.return_value = ORDER
            response = function_app.order(request(id="17"))
        self.assertEqual(json.loads(response.get_body()), ORDER)

    def test_not_found(self):
        from azure.cosmos.exceptions import CosmosResourceNotFoundError
        with mock.patch("function_app.orders") as orders:
            orders().read_item.side_effect = CosmosResourceNotFoundError(message="no")
            self.assertEqual(function_app.order(request(id="18")).status_code, 404)


class Receipts(unittest.TestCase):
    def test_text_and_type(self):
        with mock.patch("function_app.receipts") as receipts:
            body = json.dumps(ORDER).encode()
            self.assertEqual(function_app.receipt(request(body)).status_code, 201)
        (name, text), options = receipts().upload_blob.call_args
        self.assertEqual((name, text), ("17.txt", "Receipt 17\n2 x tea\n"))
        self.assertEqual(options["content_settings"].content_type, "text/plain")

    def test_keep(self):
        with mock.patch("function_app.receipts") as receipts:
            function_app.keep(mock.Mock(**{"read.return_value": b"data"}))
        self.assertEqual(receipts().upload_blob.call_args[0][1], b"data")


class Clients(unittest.TestCase):
    """They are made without a word to anybody."""

    def test_they_are_made_of_the_settings(self):
        settings = {"ORDERS_ACCOUNT": "https://orders.invalid",
                    "RECEIPTS_ACCOUNT": "https://receipts.invalid"}
        with mock.patch.dict(os.environ, settings):
            self.assertEqual(function_app.receipts().url, "https://receipts.invalid/receipts")
        self.assertIs(function_app.receipts(), function_app.receipts())
        self.assertEqual(type(function_app.credential()).__name__, "DefaultAzureCredential")

    def test_orders_are_where_the_settings_say(self):
        """Its client reads the account when it is made: where to is all that can be seen here."""
        with mock.patch.dict(os.environ, {"ORDERS_ACCOUNT": "https://orders.invalid"}), \
                mock.patch("azure.cosmos.CosmosClient.__init__", return_value=None) as made, \
                mock.patch("azure.cosmos.CosmosClient.get_database_client") as database:
            container = function_app.orders.__wrapped__()
        self.assertEqual(made.call_args[0][0], "https://orders.invalid")
        self.assertIs(container, database("shop").get_container_client("orders"))

    def test_version(self):
        self.assertEqual(function_app.version(request()).get_body(), b"3")
