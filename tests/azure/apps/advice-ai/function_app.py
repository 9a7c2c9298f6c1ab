"""Answers and labels by a language model that speaks OpenAI's protocol."""
import functools
import json
import logging

import azure.functions as func
from openai import APIError
from openai import AsyncOpenAI
from openai import OpenAI
from pydantic import BaseModel, ValidationError

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

MODEL = "gpt-4o-mini"
LABELS = ("praise", "complaint", "question")


class Ticket(BaseModel):
    subject: str
    text: str


@functools.lru_cache(maxsize=None)
def client():
    return OpenAI(max_retries=0, timeout=30)


def prompt(task, ticket):
    return [{"role": "system", "content": task},
            {"role": "user", "content": f"{ticket.subject}\n\n{ticket.text}"}]


@app.route(route="answer", methods=["POST"])
def answer(req: func.HttpRequest) -> func.HttpResponse:
    """A draft of an answer to the ticket in the body."""
    try:
        ticket = Ticket.model_validate_json(req.get_body())
        reply = client().chat.completions.create(
            model=MODEL, messages=prompt("Answer politely.", ticket))
    except ValidationError as error:
        return func.HttpResponse(error.json(include_url=False), status_code=400)
    except APIError as error:
        logging.warning("no answer: %s", error)
        return func.HttpResponse("no answer", status_code=502)
    return func.HttpResponse(reply.choices[0].message.content)


@app.route(route="label", methods=["POST"])
async def label(req: func.HttpRequest) -> func.HttpResponse:
    """One of LABELS for the ticket in the body."""
    ticket = Ticket.model_validate_json(req.get_body())
    async with AsyncOpenAI(max_retries=0) as asynchronous:
        reply = await asynchronous.chat.completions.create(
            model=MODEL, messages=prompt(f"Say one of {', '.join(LABELS)}.", ticket))
    word = reply.choices[0].message.content.strip().lower()
    return func.HttpResponse(json.dumps({"label": word if word in LABELS else None}),
                             mimetype="application/json")


@app.route(route="labels", methods=["GET"])
def labels(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(LABELS), mimetype="application/json")
