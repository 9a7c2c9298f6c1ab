import azure.functions as func

from helpers import frame_of, json_reply
from helpers import pd

bp = func.Blueprint()


@bp.route(route="orders/late", methods=["POST"])
def late(req: func.HttpRequest) -> func.HttpResponse:
    """The orders that came after they were due."""
    table = frame_of(req)
    days = (pd.to_datetime(table["came"]) - pd.to_datetime(table["due"])).dt.days
    return json_reply({str(order): int(by) for order, by in zip(table["order"], days) if by > 0})


@bp.route(route="orders/check", methods=["POST"])
def check(req: func.HttpRequest) -> func.HttpResponse:
    """Whether an order has all that it needs."""
    missing = {"order", "due"} - set(req.get_json())
    return json_reply({"missing": sorted(missing)}, 400 if missing else 200)
