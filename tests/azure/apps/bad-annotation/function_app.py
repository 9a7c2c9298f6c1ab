from __future__ import annotations

from typing import TYPE_CHECKING

import azure.functions as func

if TYPE_CHECKING:
    import pandas as pd

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="good")
def good(req: func.HttpRequest) -> str:
    return "never served: the other function takes the whole app down"


@app.route(route="report")
def report(req: func.HttpRequest, table: pd.DataFrame = None) -> str:
    return "the worker evaluates annotations, and there is no pd when it does"
