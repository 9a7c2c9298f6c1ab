"""Short links, without any package but azure-functions."""
import base64
import hashlib
import json
import logging
import re
from urllib.parse import quote, urlsplit

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

ALIAS = re.compile(r"[a-z0-9-]{3,20}")


def short(url):
    digest = hashlib.sha256(url.encode("utf-8")).digest()
    return base64.urlsafe_b64encode(digest[:6]).decode("ascii")


@app.route(route="shorten", methods=["POST"])
@app.queue_output(arg_name="made", queue_name="links", connection="AzureWebJobsStorage")
def shorten(req: func.HttpRequest, made: func.Out[str]) -> func.HttpResponse:
    """A short link for the URL in the body, or the alias that is asked for."""
    url = req.get_body().decode("utf-8").strip()
    if urlsplit(url).scheme not in ("http", "https"):
        return func.HttpResponse("no such URL", status_code=400)
    alias = req.params.get("alias") or short(url)
    if "alias" in req.params and not ALIAS.fullmatch(alias):
        return func.HttpResponse("no such alias", status_code=400)
    made.set(json.dumps({"alias": alias, "url": url}))
    logging.info("made %s", alias)
    return func.HttpResponse(json.dumps({"link": f"/go/{quote(alias)}"}),
                             mimetype="application/json")


@app.route(route="ping", methods=["GET"])
def ping(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("pong")
