# SPDX-License-Identifier: Apache-2.0
"""The function apps that thaw's advice is measured on (apps/advice-*), and what is true of them.

For every import that an app executes while it loads: may it wait for the functions that use it?
Written down by a person from the source; test_advice_apps.py holds it against what happens when the
statement is moved all the same. `verdict` is the most that a suggestion may claim:

  SAFE  nothing changes but when it is loaded: the functions in `into` may import it themselves
  LOOK  only with the reason beside it: a plain move changes what somebody sees
  NO    it must not be suggested

Whether it is worth it is another matter: tests/bench/results/advice-truth.json has the numbers.
"""
import json
import os
from dataclasses import dataclass, field

import advice_moves
import demo

SAFE, LOOK, NO = "safe", "needs a look", "no"

# Why not. Up to "star": where the name is used, or what else binds it, while the module loads.
MODULE, DECORATOR, BASE, CLASS_BODY = "module", "decorator", "base", "class-body"
DEFAULT, ANNOTATION, COMPREHENSION, LAMBDA = "default", "annotation", "comprehension", "lambda"
CONDITIONAL, TYPE_CHECKING, STAR = "conditional", "type-checking", "star"
REBOUND = "rebound"        # a function assigns the name, as global
LOOKED_UP = "looked-up"    # by globals()
TAKEN = "taken"            # another file imports the name from this module
PATCHED = "patched"        # the app's tests put something else in its place
CLIENT = "client"          # built while the module loads
SUBMODULE = "submodule"    # another file's attribute chain works thanks to this import only
SETTING = "setting"        # a missing one is noticed at start, or else at the first call
EFFECT = "effect"          # what the module does while it loads is needed before the first call
UNUSED = "unused"          # or imported for its effect
ASYNC = "async"            # the first call of an async handler would hold up all others


@dataclass(frozen=True)
class Import:
    file: str
    statement: str       # as ast.unparse writes it
    verdict: str
    why: str = ""        # not SAFE
    into: tuple = ()     # outermost functions that use what it binds
    breaks: str = ""     # a plain move: "import" or "index" fails, or "tests", or it can't be seen
    way: str = advice_moves.PLAIN  # how it is moved for the truth

    def line(self, app):
        """Where it stands in the app's file, from 1."""
        with open(os.path.join(app.folder, self.file), encoding="utf-8") as file:
            return advice_moves.find_statement(file.read(), self.statement).lineno


@dataclass(frozen=True)
class App:
    name: str            # folder below apps/
    lock: str            # requirements/NAME.txt
    functions: dict      # {name: its bindings' types, trigger first, then in order}
    call: tuple          # (function, body, first line of the answer): of the first route
    imports: tuple
    sets: dict = field(default_factory=dict)  # {name: (imports)} that are moved together

    @property
    def folder(self):
        return os.path.join(demo.HERE, "apps", self.name)

    @property
    def packages(self):
        """Once it has been placed (demo.place_own(name, lock))."""
        start = "wwwroot" if self.lock == "app" else f"packages/{self.lock}"
        return os.path.join(demo.DEMO, start, demo.USER_PACKAGES)

    @property
    def settings(self):
        with open(os.path.join(self.folder, "local.settings.json"), encoding="utf-8") as file:
            return json.load(file)["Values"]

    def safe(self):
        return tuple(one for one in self.imports if one.verdict == SAFE)

    def at(self, file, line):
        """The import that begins there, or None."""
        return next((one for one in self.imports
                     if (one.file, one.line(self)) == (file, line)), None)

    def of(self, *statements):
        """The imports that read so; "FILE: …" where several files have it."""
        chosen = tuple(one for one in self.imports if one.statement in statements
                       or f"{one.file}: {one.statement}" in statements)
        if len(chosen) != len(statements):
            raise advice_moves.NotThere(f"{self.name}: {statements}")
        return chosen


def in_file(file, *rows):
    """Imports of one file: (statement, verdict, …)."""
    return tuple(Import(file, *row) for row in rows)


HTTP = ["httpTrigger", "http"]
FUNC = ("import azure.functions as func", NO, DECORATOR, (), "import")

DATA = App(
    "advice-data", "app",
    {"revenue": HTTP, "monthly": HTTP, "trend": HTTP, "convert": HTTP, "health": HTTP,
     "nightly": ["timerTrigger", "blob", "blob"]},
    ("revenue", "product,month,units,price\ntea,1,2,2.5\n", '{"tea": 5.0}'),
    in_file(
        "function_app.py", FUNC,
        ("import io", SAFE, "", ("revenue_by_product", "monthly")),
        ("import json", SAFE, "", ("reply", "nightly")),
        ("import logging", SAFE, "", ("convert",)),
        ("import os", NO, MODULE, (), "import"),
        ("import numpy as np", SAFE, "", ("monthly", "trend")),
        ("import pandas as pd", SAFE, "", ("revenue_by_product", "monthly")),
        ("import requests", SAFE, "", ("convert",))),
    {"numpy": ("import numpy as np",),
     "pandas": ("import pandas as pd",),
     "requests": ("import requests",),
     "pandas+numpy": ("import pandas as pd", "import numpy as np"),
     "pandas+numpy+requests": ("import pandas as pd", "import numpy as np", "import requests")})

BLOB = "from azure.storage.blob import BlobServiceClient, ContentSettings"
COSMOS = "from azure.cosmos import CosmosClient"
IDENTITY = "from azure.identity import DefaultAzureCredential"
CORE = "from azure.core.exceptions import ResourceNotFoundError"
AZURE = App(
    "advice-azure", "advice-azure",
    {"order": HTTP, "receipt": HTTP, "keep": ["blobTrigger"], "version": HTTP},
    ("version", "", "3"),
    in_file(
        "function_app.py", FUNC,
        ("import functools", NO, DECORATOR, ("credential",), "import"),
        ("import json", SAFE, "", ("order",)),
        ("import logging", SAFE, "", ("receipt",)),
        ("import os", SAFE, "", ("orders", "receipts")),
        (CORE, SAFE, "", ("order",)),
        (COSMOS, SAFE, "", ("orders",)),
        (IDENTITY, SAFE, "", ("credential",)),
        (BLOB, SAFE, "", ("receipts", "receipt"))),
    {"cosmos": (COSMOS,), "identity": (IDENTITY,), "blob": (BLOB,),
     "cosmos+identity": (COSMOS, IDENTITY), "cosmos+blob": (COSMOS, BLOB),
     "blob+identity": (BLOB, IDENTITY),
     "all": (COSMOS, IDENTITY, BLOB, CORE)})

OPENAI = ("from openai import APIError", "from openai import AsyncOpenAI",
          "from openai import OpenAI")
AI = App(
    "advice-ai", "advice-ai",
    {"answer": HTTP, "label": HTTP, "labels": HTTP},
    ("labels", "", '["praise", "complaint", "question"]'),
    in_file(
        "function_app.py", FUNC,
        ("import functools", NO, DECORATOR, ("client",), "import"),
        ("import json", SAFE, "", ("label", "labels")),
        ("import logging", SAFE, "", ("answer",)),
        (OPENAI[0], SAFE, "", ("answer",)),
        (OPENAI[1], LOOK, ASYNC, ("label",)),
        (OPENAI[2], SAFE, "", ("client",)),
        ("from pydantic import BaseModel, ValidationError", NO, BASE, ("answer",), "import")),
    {"OpenAI": OPENAI[2:], "APIError": OPENAI[:1], "openai": OPENAI})

ALCHEMY = ("from sqlalchemy import create_engine, func as sql, select",
           "from sqlalchemy.exc import IntegrityError", "from sqlalchemy.orm import Session",
           "from sqlalchemy.pool import StaticPool")
MODELS = "from models import Base, Customer, Order"
ORM = App(
    "advice-orm", "advice-orm",
    {"add_customer": HTTP, "debts": HTTP, "status": HTTP},
    ("debts", "", "{}"),
    in_file(
        "function_app.py", FUNC,
        ("import functools", NO, DECORATOR, ("engine",), "import"),
        ("import json", SAFE, "", ("reply",)),
        ("import os", SAFE, "", ("engine",)),
        ("from decimal import Decimal", SAFE, "", ("add_customer",)),
        (ALCHEMY[0], SAFE, "", ("engine", "debts")),
        (ALCHEMY[1], SAFE, "", ("add_customer",)),
        (ALCHEMY[2], SAFE, "", ("add_customer", "debts")),
        (ALCHEMY[3], SAFE, "", ("engine",)),
        (MODELS, SAFE, "", ("engine", "add_customer", "debts")))
    + in_file(
        "models.py",
        ("from datetime import datetime", NO, ANNOTATION, (), "import"),
        ("from decimal import Decimal", NO, ANNOTATION, (), "import"),
        ("from typing import List, Optional", NO, ANNOTATION, (), "import"),
        ("from sqlalchemy import ForeignKey, Numeric, String", NO, CLASS_BODY, (), "import"),
        ("from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship",
         NO, BASE, (), "import")),
    {"create_engine": ALCHEMY[:1], "models": (MODELS,), "sqlalchemy": ALCHEMY,
     "sqlalchemy+models": (*ALCHEMY, MODELS)})

HELPERS_PANDAS, ORDERS_PANDAS = "import pandas as pd", "from helpers import pd"
RETRIES = ("helpers.py: import requests", "stock.py: import requests",
           "from requests.adapters import HTTPAdapter", "from urllib3.util.retry import Retry")
BLUEPRINTS = App(
    "advice-blueprints", "app",
    {"late": HTTP, "check": HTTP, "waiting": HTTP, "collect": ["queueTrigger"], "stock": HTTP},
    ("late", "order,due,came\n1,2026-01-02,2026-01-05\n", '{"1": 3}'),
    in_file(
        "function_app.py", (*FUNC[:2], MODULE, (), "import"),
        ("from orders import bp as orders", NO, MODULE, (), "import"),
        ("from reports import bp as reports", NO, MODULE, (), "import"),
        ("from stock import bp as stock", NO, MODULE, (), "import"))
    + in_file(
        "helpers.py",
        ("import io", SAFE, "", ("frame_of",)),
        ("import json", SAFE, "", ("json_reply",)),
        ("import azure.functions as func", SAFE, "", ("json_reply",)),
        (HELPERS_PANDAS, LOOK, TAKEN, ("frame_of",), "import", advice_moves.ATTRIBUTE),
        ("import requests", SAFE, "", ("patient_session",)),
        (RETRIES[2], SAFE, "", ("patient_session",)),
        (RETRIES[3], SAFE, "", ("patient_session",)))
    + in_file(
        "orders.py", FUNC,
        ("from helpers import frame_of, json_reply", SAFE, "", ("late", "check")),
        (ORDERS_PANDAS, SAFE, "", ("late",)))
    + in_file(
        "reports.py", FUNC,
        ("import numpy as np", SAFE, "", ("Percentiles.as_dict", "collect")),
        ("import helpers", SAFE, "", ("waiting",)))
    + in_file(
        "stock.py", FUNC,
        ("import os", SAFE, "", ("stock",)),
        ("import requests", SAFE, "", ("stock",)),
        ("import helpers", SAFE, "", ("stock",))),
    {"numpy": ("import numpy as np",), "requests": RETRIES[:2], "retries": RETRIES,
     "pandas": (HELPERS_PANDAS, ORDERS_PANDAS),
     "pandas+numpy": (HELPERS_PANDAS, ORDERS_PANDAS, "import numpy as np"),
     "all": (HELPERS_PANDAS, ORDERS_PANDAS, "import numpy as np", *RETRIES)})

TRAPS = App(
    "advice-traps", "app",
    {"tariffs": HTTP, "price": HTTP, "tidy": HTTP, "mail": ["queueTrigger"]},
    ("tariffs", "", '{"region": "north", "tariffs": ["letter", "parcel"]}'),
    in_file(
        "function_app.py", FUNC,
        ("import json", SAFE, "", ("tariffs",)),
        ("import contracts", NO, ANNOTATION, ("tariffs",), "index"),
        ("import registrations", NO, UNUSED, (), "tests"),
        ("import settings", LOOK, SETTING, ("tariffs",), "tests"),
        ("import telemetry", LOOK, EFFECT, ("tariffs",), "tests"),
        ("from mailing import bp as mailing", NO, MODULE, (), "import"),
        ("from pricing import bp as pricing", NO, MODULE, (), "import"),
        ("from tariffs import TARIFFS", SAFE, "", ("tariffs",)))
    + in_file("contracts.py", (*FUNC[:2], BASE, (), "import"))
    + in_file(
        "definitions.py",
        ("import colorsys", NO, COMPREHENSION, ("nearest_colour",), "import"),
        ("import configparser", NO, BASE, ("read_tariff",), "import"),
        ("import decimal", NO, CLASS_BODY, ("Parcel.rounded",), "import"),
        ("import difflib", NO, LAMBDA, (), "tests"),
        ("import statistics", NO, MODULE, ("spread",), "import"),
        ("import tarfile", NO, CLASS_BODY, ("is_archive",), "import"),
        ("import uuid", NO, COMPREHENSION, ("label",), "import"),
        ("import zoneinfo", NO, DEFAULT, ("known_zone",), "import"),
        ("from dataclasses import dataclass", NO, DECORATOR, (), "import"),
        ("from fractions import Fraction", NO, ANNOTATION, ("shares",), "import"),
        ("import numpy as np", NO, DECORATOR, ("total",), "import"))
    + in_file("defaults.py", ("import xmlrpc.client as rpc", NO, TAKEN, ("packed",), "tests"))
    + in_file(
        "mailing.py",
        ("import ftplib", LOOK, PATCHED, ("keep",), "tests", advice_moves.ATTRIBUTE),
        ("import smtplib", LOOK, PATCHED, ("send",), "tests", advice_moves.ATTRIBUTE), FUNC)
    + in_file(
        "pricing.py", ("from __future__ import annotations", NO, MODULE), FUNC,
        ("import definitions", NO, MODULE, ("price",), "import"),
        ("import remote", NO, MODULE, (), "import"),
        ("import wire", NO, MODULE, (), "import"),
        ("from contracts import Reply", NO, ANNOTATION, ("price",), "index"))
    + in_file("registrations.py", ("from tariffs import register", NO, MODULE, (), "import"))
    + in_file(
        "remote.py",
        ("import urllib", LOOK, SUBMODULE, ("prepared",)),
        ("import requests", NO, SUBMODULE, ("tidy",), "tests"),
        ("import urllib3", NO, CLIENT, ("pools",), "import"))
    + in_file("semicolons.py", ("import csv", SAFE, "", ("writer",)))
    + in_file("settings.py", ("import os", NO, MODULE, (), "import"))
    + in_file(
        "telemetry.py",
        ("import collections", NO, MODULE, (), "import"),
        ("import logging", NO, MODULE, (), "import"))
    + in_file(
        "wire.py",
        ("import csv", NO, REBOUND, ("as_csv",), "tests"),
        ("import io", SAFE, "", ("as_csv",)),
        ("import plistlib", NO, LOOKED_UP, ("as_any",), "tests"),
        ("import sys", NO, MODULE, (), "import"),
        ("from typing import TYPE_CHECKING", NO, MODULE, (), "import"),
        ("from defaults import *", NO, STAR, (), "tests"),
        ("import orjson as codec", NO, CONDITIONAL, (), "tests"),
        ("import json as codec", NO, CONDITIONAL, ("as_text",)),
        ("import sqlite3", NO, TYPE_CHECKING),
        ("import tomllib", NO, CONDITIONAL, ("from_toml",))))

NOTHING = App(
    "advice-nothing", "app",
    {"shorten": ["httpTrigger", "http", "queue"], "ping": HTTP},
    ("shorten", "https://example.org", '{"link": "/go/UNepBeME"}'),
    in_file(
        "function_app.py", FUNC,
        ("import base64", SAFE, "", ("short",)),
        ("import hashlib", SAFE, "", ("short",)),
        ("import json", SAFE, "", ("shorten",)),
        ("import logging", SAFE, "", ("shorten",)),
        ("import re", NO, MODULE, (), "import"),
        ("from urllib.parse import quote, urlsplit", SAFE, "", ("shorten",))),
    {"all": ("import base64", "import hashlib", "import json", "import logging",
             "from urllib.parse import quote, urlsplit")})

APPS = (DATA, AZURE, AI, ORM, BLUEPRINTS, TRAPS, NOTHING)


def claims_too_much(app, suggestions):
    """A text for each suggestion to let an import wait that says more than is true. A suggestion is
    (file in the app's folder, line of the statement, "safe" or "needs a look")."""
    problems = []
    for file, line, claim in suggestions:
        one = app.at(file, line)
        if one is None:
            problems.append(f"{file}:{line}: no import is there")
        elif one.verdict == NO or (one.verdict == LOOK and claim == SAFE):
            problems.append(f"{file}:{line}: {one.statement}: {claim}, "
                            f"but {one.verdict}: {one.why}")
    return problems
