import unittest

import remote


class Remote(unittest.TestCase):
    def test_pool(self):
        pools, version = remote.pools()
        self.assertEqual(len(pools), 0)
        self.assertTrue(version)

    def test_tidy(self):
        self.assertEqual(remote.tidy("http://a/b c"), "http://a/b%20c")
