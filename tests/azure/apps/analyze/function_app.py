import io
import json
import logging
import os

import azure.functions as func
import numpy as np
import pandas as pd
import requests

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

REGION = os.environ.get("SALES_REGION", "all")

SAMPLE = """\
product,month,units,price
tea,2026-01,120,3.20
tea,2026-02,135,3.20
tea,2026-03,160,3.40
coffee,2026-01,310,7.90
coffee,2026-02,295,7.90
coffee,2026-03,330,8.10
cocoa,2026-01,80,5.50
cocoa,2026-02,95,5.50
cocoa,2026-03,70,5.60
"""


def summarise(sales: pd.DataFrame) -> dict:
    sales["revenue"] = sales["units"] * sales["price"]
    by_product = sales.groupby("product")["revenue"].sum().sort_values(ascending=False)
    monthly = sales.groupby("month")["revenue"].sum().to_numpy()
    trend = np.polyfit(np.arange(len(monthly)), monthly, 1)[0] if len(monthly) > 1 else 0.0
    return {
        "region": REGION,
        "rows": len(sales),
        "revenue": {name: round(float(value), 2) for name, value in by_product.items()},
        "trend_per_month": round(float(trend), 2),
    }


@app.route(route="analyze", methods=["POST"])
def analyze(req: func.HttpRequest) -> func.HttpResponse:
    """Revenue by product and its monthly trend, from a CSV in the body or the sample."""
    text = req.get_body().decode("utf-8").strip() or SAMPLE
    try:
        sales = pd.read_csv(io.StringIO(text))
        result = summarise(sales)
    except (ValueError, KeyError) as error:
        return func.HttpResponse(f"can't read this CSV: {error}", status_code=400)
    logging.info("analyzed %d rows", result["rows"])
    return func.HttpResponse(json.dumps(result), mimetype="application/json")


@app.route(route="fetch", methods=["POST"])
def fetch(req: func.HttpRequest) -> func.HttpResponse:
    """The same for the CSV that SALES_FEED_URL serves."""
    reply = requests.get(os.environ["SALES_FEED_URL"], timeout=10)
    reply.raise_for_status()
    sales = pd.read_csv(io.StringIO(reply.text))
    return func.HttpResponse(json.dumps(summarise(sales)), mimetype="application/json")
