from __future__ import annotations

import azure.functions as func

import definitions
import remote
import wire
from contracts import Reply

bp = func.Blueprint()

LIGHTEST = definitions.TYPICAL_KG / 10
FORMATS = {"json": wire.as_text, "csv": wire.as_csv}
tidied = remote.tidy


@bp.route(route="price", methods=["GET"])
def price(req: func.HttpRequest) -> Reply:
    """The price of some parcels, with duty."""
    prices = [float(part) for part in req.params["prices"].split(",")]
    return Reply(FORMATS["json"]({"total": round(definitions.total(prices), 2)}))


@bp.route(route="tidy", methods=["GET"])
def tidy(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(tidied(req.params["url"]))
