"""Its init is fine, and each call raises."""


def handler(event, context):
    raise ValueError("canary-in-the-error-5d20")
