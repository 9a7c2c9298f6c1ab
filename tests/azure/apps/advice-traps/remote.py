"""Clients: one that is there from the start, and one that works only thanks to another's import."""
import urllib

import requests
import urllib3

pool = urllib3.PoolManager(num_pools=2, retries=urllib3.Retry(1))


def tidy(url):
    return requests.utils.requote_uri(url)


def prepared(url):
    """Nothing here imports urllib.request: requests does."""
    return urllib.request.Request(url, headers={"Accept": "text/plain"})


def pools():
    return pool.pools, urllib3.__version__
