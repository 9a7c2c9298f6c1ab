# SPDX-License-Identifier: Apache-2.0
"""One app for both kinds of servers: it answers with its pid, and says when it was imported."""
import truth

truth.say("import-begin")

import decimal  # noqa: E402
import os  # noqa: E402
import statistics  # noqa: E402, F401

TEXT = [("content-type", "text/plain")]


def body():
    return b"%d %s" % (os.getpid(), str(decimal.Decimal(1)).encode())


def wsgi(_environment, start_response):
    truth.say("request")
    start_response("200 OK", TEXT)
    return [body()]


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            truth.say("startup")
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    truth.say("request")
    await send({"type": "http.response.start", "status": 200,
                "headers": [(key.encode(), value.encode()) for key, value in TEXT]})
    await send({"type": "http.response.body", "body": body()})


truth.say("import-end")
