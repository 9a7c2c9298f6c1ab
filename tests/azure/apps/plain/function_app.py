import os

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="hello")
def hello(req: func.HttpRequest) -> func.HttpResponse:
    greeting = os.environ.get("GREETING", "Hi")
    name = req.get_body().decode("utf-8").strip()
    if len(name) > 100:
        return func.HttpResponse(f"{len(req.get_body())} bytes is no name", status_code=400)
    return func.HttpResponse(f"{greeting}, {name or 'world'}!")


@app.route(route="version")
def version(req: func.HttpRequest) -> str:
    return func.__version__
