"""Customers and what they owe, from a database."""
import functools
import json
import os
from decimal import Decimal

import azure.functions as func
from sqlalchemy import create_engine, func as sql, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from models import Base, Customer, Order

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@functools.lru_cache(maxsize=None)
def engine():
    """The database of the settings, with its tables."""
    url = os.environ.get("DATABASE_URL", "sqlite://")
    options = {}
    if url == "sqlite://":  # in memory: one connection, or each has a database of its own
        options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    made = create_engine(url, **options)
    Base.metadata.create_all(made)
    return made


def reply(value, status_code=200):
    return func.HttpResponse(json.dumps(value), status_code=status_code,
                             mimetype="application/json")


@app.route(route="customers", methods=["POST"])
def add_customer(req: func.HttpRequest) -> func.HttpResponse:
    """A new customer, with the orders in the body."""
    body = req.get_json()
    with Session(engine()) as session:
        session.add(Customer(id=body["id"], name=body["name"],
                             orders=[Order(total=Decimal(total)) for total in body["orders"]]))
        try:
            session.commit()
        except IntegrityError:
            return reply({"error": "there is such a customer"}, 409)
    return reply({"id": body["id"]}, 201)


@app.route(route="debts", methods=["GET"])
def debts(req: func.HttpRequest) -> func.HttpResponse:
    """What each customer owes."""
    owed = (select(Customer.name, sql.sum(Order.total)).join(Customer.orders)
            .where(Order.paid.is_(None)).group_by(Customer.name).order_by(Customer.name))
    with Session(engine()) as session:
        return reply({name: str(total) for name, total in session.execute(owed)})


@app.route(route="status", methods=["GET"])
def status(req: func.HttpRequest) -> func.HttpResponse:
    return reply({"status": "ok"})
