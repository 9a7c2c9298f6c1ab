import os
import subprocess
import sys
import unittest

# How the app starts is what these tests are about: each in a process of its own. They come last,
# being the slow ones.
APP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
START = """
import logging, sys
sys.path[:0] = [%r]
import function_app
logging.basicConfig(stream=sys.stdout, format="%%(message)s")
logging.getLogger("parcels").warning("sent to ada@localhost")
logging.getLogger("parcels").warning("sent")
""" % APP


def start(**settings):
    environment = {name: value for name, value in os.environ.items() if name != "TARIFF_REGION"}
    return subprocess.run([sys.executable, "-B", "-c", START], env={**environment, **settings},
                          capture_output=True, text=True)


class Start(unittest.TestCase):
    def test_no_address_is_logged_before_the_first_call(self):
        self.assertEqual(start(TARIFF_REGION="north").stdout, "sent\n")

    def test_a_missing_setting_is_noticed(self):
        self.assertIn("KeyError: 'TARIFF_REGION'", start().stderr)


class Remote(unittest.TestCase):
    def test_a_request(self):
        """Others of these tests may have loaded urllib.request already."""
        program = "import remote; print(remote.prepared('http://localhost/').get_header('Accept'))"
        result = subprocess.run([sys.executable, "-B", "-c", program], cwd=APP,
                                capture_output=True, text=True)
        self.assertEqual(result.stdout, "text/plain\n", result.stderr)
