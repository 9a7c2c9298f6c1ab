import azure.functions as func
import numpy as np

import helpers

bp = func.Blueprint()


class Percentiles:
    """Of a column of numbers."""

    wanted = (50, 90)

    def __init__(self, values):
        self.values = values

    def as_dict(self):
        return {f"p{wanted}": float(np.percentile(self.values, wanted)) for wanted in self.wanted}


@bp.route(route="reports/waiting", methods=["POST"])
def waiting(req: func.HttpRequest) -> func.HttpResponse:
    """Percentiles of the minutes in a CSV."""
    return helpers.json_reply(Percentiles(helpers.frame_of(req)["minutes"]).as_dict())


@bp.queue_trigger(arg_name="message", queue_name="waiting", connection="AzureWebJobsStorage")
def collect(message: func.QueueMessage) -> None:
    values = np.fromstring(message.get_body().decode("ascii"), sep=" ")
    if not np.isfinite(values).all():
        raise ValueError("not a number")
