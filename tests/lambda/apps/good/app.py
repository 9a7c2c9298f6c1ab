"""A handler that answers, and a module of its own that it imports."""
import prices


def handler(event, context):
    return {"total": prices.total(event.get("items", [])), "request": context.aws_request_id}
