"""Parcels and their tariffs. Each import of this app has a reason to stay where it is."""
import json

import azure.functions as func

import contracts
import registrations
import settings
import telemetry
from mailing import bp as mailing
from pricing import bp as pricing
from tariffs import TARIFFS

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(pricing)
app.register_functions(mailing)


@app.route(route="tariffs", methods=["GET"])
def tariffs(req: func.HttpRequest) -> "contracts.Reply":
    """The tariffs of this region."""
    telemetry.count("tariffs")
    return contracts.Reply(json.dumps({"region": settings.REGION, "tariffs": sorted(TARIFFS)}))
