import json
import unittest
from unittest import mock

import azure.functions as func
import function_app


def shorten(body, **params):
    made = mock.Mock()
    request = func.HttpRequest("POST", "/api", body=body, params=params)
    response = function_app.shorten(request, made)
    return response, made.set


class Shorten(unittest.TestCase):
    def test_a_link(self):
        response, made = shorten(b"https://example.org/a\n")
        link = json.loads(response.get_body())["link"]
        self.assertRegex(link, r"^/go/[\w-]{8}$")
        self.assertEqual(json.loads(made.call_args[0][0]),
                         {"alias": link[4:], "url": "https://example.org/a"})

    def test_an_alias(self):
        response, _ = shorten(b"http://example.org", alias="tea-time")
        self.assertEqual(json.loads(response.get_body()), {"link": "/go/tea-time"})

    def test_refused(self):
        for body, params in ((b"file:///etc", {}), (b"http://example.org", {"alias": "T!"})):
            response, made = shorten(body, **params)
            self.assertEqual(response.status_code, 400)
            made.assert_not_called()

    def test_ping(self):
        response = function_app.ping(func.HttpRequest("GET", "/api", body=b""))
        self.assertEqual(response.get_body(), b"pong")
