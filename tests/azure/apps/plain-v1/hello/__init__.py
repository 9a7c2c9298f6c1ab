import os

import azure.functions as func


def main(req: func.HttpRequest) -> func.HttpResponse:
    greeting = os.environ.get("GREETING", "Hi")
    name = req.get_body().decode("utf-8").strip()
    return func.HttpResponse(f"{greeting}, {name or 'world'}!")
