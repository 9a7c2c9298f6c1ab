import os

import azure.functions as func
import requests

import helpers

bp = func.Blueprint()


@bp.route(route="stock/{product}", methods=["GET"])
def stock(req: func.HttpRequest) -> func.HttpResponse:
    """How much there is of a product, by the warehouse's own service."""
    url = f"{os.environ['STOCK_URL']}/{req.route_params['product']}"
    try:
        with helpers.patient_session(tries=2) as session:
            return helpers.json_reply(session.get(url, timeout=5).json())
    except requests.RequestException as error:
        return helpers.json_reply({"error": type(error).__name__}, 502)
