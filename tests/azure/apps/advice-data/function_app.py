"""Sales figures: tables by pandas, a trend by numpy, exchange rates by requests."""
import io
import json
import logging
import os

import azure.functions as func
import numpy as np
import pandas as pd
import requests

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

RATES_URL = os.environ.get("RATES_URL", "http://localhost/rates.json")


def reply(value, status_code=200):
    return func.HttpResponse(json.dumps(value), status_code=status_code,
                             mimetype="application/json")


def revenue_by_product(text):
    """{product: revenue}, dearest first, from a CSV."""
    sales = pd.read_csv(io.StringIO(text))
    sales["revenue"] = sales["units"] * sales["price"]
    totals = sales.groupby("product")["revenue"].sum().sort_values(ascending=False)
    return {name: round(float(value), 2) for name, value in totals.items()}


@app.route(route="revenue", methods=["POST"])
def revenue(req: func.HttpRequest) -> func.HttpResponse:
    """Revenue by product of the CSV in the body."""
    try:
        return reply(revenue_by_product(req.get_body().decode("utf-8")))
    except (ValueError, KeyError) as error:
        return reply({"error": str(error)}, 400)


@app.route(route="monthly", methods=["POST"])
def monthly(req: func.HttpRequest) -> func.HttpResponse:
    """Mean and trend of each column of a CSV of months."""
    table = pd.read_csv(io.StringIO(req.get_body().decode("utf-8")), index_col="month")

    def slope(column):
        values = column.to_numpy()
        return float(np.polyfit(np.arange(len(values)), values, 1)[0])

    return reply({name: {"mean": float(table[name].mean()), "trend": round(slope(table[name]), 6)}
                  for name in table.columns})


@app.route(route="trend", methods=["POST"])
def trend(req: func.HttpRequest) -> func.HttpResponse:
    """Slope of a list of numbers."""
    values = np.asarray(req.get_json(), dtype=float)
    slope = np.polyfit(np.arange(len(values)), values, 1)[0]
    return reply({"slope": round(float(slope), 6)})


@app.route(route="convert", methods=["GET"])
def convert(req: func.HttpRequest) -> func.HttpResponse:
    """An amount in another currency, by the rates that RATES_URL serves."""
    try:
        answer = requests.get(RATES_URL, timeout=5)
        answer.raise_for_status()
        rate = answer.json()[req.params["to"]]
    except requests.RequestException as error:
        logging.warning("no rates: %s", error)
        return reply({"error": "no rates"}, 502)
    return reply({"amount": round(float(req.params["amount"]) * rate, 2)})


@app.timer_trigger(schedule="0 0 5 * * *", arg_name="timer")
@app.blob_output(arg_name="totals", path="reports/totals.json", connection="AzureWebJobsStorage")
@app.blob_input(arg_name="sales", path="sales/today.csv", connection="AzureWebJobsStorage")
def nightly(timer: func.TimerRequest, sales: str, totals: func.Out[str]) -> None:
    """Yesterday's revenue as a blob."""
    totals.set(json.dumps(revenue_by_product(sales)))


@app.route(route="health", methods=["GET"])
def health(req: func.HttpRequest) -> func.HttpResponse:
    return reply({"status": "ok"})
