import json
import logging

import azure.functions as func
import requests

from . import prices


def print_receipt(order: func.QueueMessage) -> None:
    total = prices.total(json.loads(order.get_body()))
    prepared = requests.Request("POST", "http://printer.invalid/", data=str(total)).prepare()
    logging.info("receipt of %s for %s", prepared.body, prepared.url)
