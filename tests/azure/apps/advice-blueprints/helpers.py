"""What the blueprints share; orders.py takes pandas from here, too."""
import io
import json

import azure.functions as func
import pandas as pd
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry


def json_reply(value, status_code=200):
    return func.HttpResponse(json.dumps(value), status_code=status_code,
                             mimetype="application/json")


def frame_of(req):
    """The CSV in a request's body as a table."""
    return pd.read_csv(io.StringIO(req.get_body().decode("utf-8")))


def patient_session(tries):
    """A session that asks again when a server is busy."""
    session = requests.Session()
    adapter = HTTPAdapter(max_retries=Retry(total=tries, backoff_factor=0,
                                            status_forcelist=(502, 503)))
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
