"""Two functions of the programming model v2: no more is imported than both of them need."""

import json

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="greet", methods=["GET"])
def greet(request: func.HttpRequest) -> func.HttpResponse:
    name = request.params.get("name")
    if not name:
        return func.HttpResponse("who?", status_code=400)
    return func.HttpResponse(f"Hello, {name}.")


@app.route(route="total", methods=["POST"])
def total(request: func.HttpRequest) -> func.HttpResponse:
    prices = request.get_json()
    return func.HttpResponse(json.dumps({"total": sum(prices)}), mimetype="application/json")
