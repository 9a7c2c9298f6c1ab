"""How prices are written down for others: names that come and go as the program says."""
import csv
import io
import plistlib
import sys
from typing import TYPE_CHECKING

from defaults import *

try:
    import orjson as codec
except ImportError:
    import json as codec

if TYPE_CHECKING:
    import sqlite3

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = None


def unpacked(text):
    return list(rpc.loads(text)[0])


def as_text(values):
    return codec.dumps(values)


def from_table(connection: "sqlite3.Connection"):
    return [price for price, in connection.execute("select price from tariff order by price")]


def from_toml(text):
    return tomllib.loads(text)["prices"] if tomllib else None


def use_semicolons():
    """From now on: what spreadsheets of this region expect."""
    global csv
    import semicolons as csv


def as_csv(values):
    target = io.StringIO()
    csv.writer(target).writerow(values)
    return target.getvalue()


def as_any(format_name, values):
    return globals()[format_name].dumps(values)
