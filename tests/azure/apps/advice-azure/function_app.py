"""Orders in Cosmos DB, their receipts in blobs, both by the app's managed identity."""
import functools
import json
import logging
import os

import azure.functions as func
from azure.core.exceptions import ResourceNotFoundError
from azure.cosmos import CosmosClient
from azure.identity import DefaultAzureCredential
from azure.storage.blob import (
    BlobServiceClient,
    ContentSettings,  # the receipt's type, for browsers
)

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@functools.lru_cache(maxsize=None)
def credential():
    return DefaultAzureCredential()


@functools.lru_cache(maxsize=None)
def orders():
    """The container of orders."""
    client = CosmosClient(os.environ["ORDERS_ACCOUNT"], credential())
    return client.get_database_client("shop").get_container_client("orders")


@functools.lru_cache(maxsize=None)
def receipts():
    """The container of receipts."""
    service = BlobServiceClient(os.environ["RECEIPTS_ACCOUNT"], credential())
    return service.get_container_client("receipts")


def as_text(order):
    lines = [f"Receipt {order['id']}"]
    lines += [f"{item['units']} x {item['name']}" for item in order["items"]]
    return "\n".join(lines) + "\n"


@app.route(route="orders/{id}", methods=["GET"])
def order(req: func.HttpRequest) -> func.HttpResponse:
    """One order as JSON."""
    number = req.route_params["id"]
    try:
        found = orders().read_item(number, partition_key=number)
    except ResourceNotFoundError:
        return func.HttpResponse(f"no order {number}", status_code=404)
    return func.HttpResponse(json.dumps(found), mimetype="application/json")


@app.route(route="orders/{id}/receipt", methods=["POST"])
def receipt(req: func.HttpRequest) -> func.HttpResponse:
    """Writes the receipt of the order in the body."""
    body = req.get_json()
    receipts().upload_blob(f"{body['id']}.txt", as_text(body), overwrite=True,
                           content_settings=ContentSettings(content_type="text/plain"))
    logging.info("receipt %s", body["id"])
    return func.HttpResponse(status_code=201)


@app.blob_trigger(arg_name="uploaded", path="uploads/{name}", connection="AzureWebJobsStorage")
def keep(uploaded: func.InputStream) -> None:
    """A copy of whatever is uploaded, which a blob output could write as well."""
    receipts().upload_blob(uploaded.name, uploaded.read(), overwrite=True)


@app.route(route="version", methods=["GET"])
def version(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("3")
