"""Counts calls; all of the app's log goes through its filter from the start."""
import collections
import logging

CALLS = collections.Counter()


def without_addresses(record):
    return "@" not in record.getMessage()


logging.getLogger("parcels").addFilter(without_addresses)


def count(name):
    CALLS[name] += 1
