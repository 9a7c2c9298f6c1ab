# SPDX-License-Identifier: Apache-2.0
"""Reads the command line that the Functions host gives every worker, then connects."""
import argparse
import asyncio
import sys

CONNECT_TIMEOUT_SECONDS = 5.0
EXIT_NOT_CONNECTED = 1


def parse_arguments(arguments):
    """Both generations of flags; the host passes both, an older or newer one might pass either."""
    parser = argparse.ArgumentParser(prog="thin worker", allow_abbrev=False)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--workerId", dest="worker_id")
    parser.add_argument("--requestId", dest="request_id")
    parser.add_argument("--grpcMaxMessageLength", dest="max_message_bytes", type=int)
    parser.add_argument("--functions-uri", dest="uri")
    parser.add_argument("--functions-worker-id", dest="worker_id_2")
    parser.add_argument("--functions-request-id", dest="request_id_2")
    parser.add_argument("--functions-grpc-max-message-length", dest="max_message_bytes_2", type=int)
    options = parser.parse_args(arguments)
    if options.uri and not (options.host and options.port):
        authority = options.uri.split("://")[-1].strip("/")
        options.host, _, port = authority.rpartition(":")
        options.port = int(port) if port.isdigit() else None
    options.worker_id = options.worker_id or options.worker_id_2
    options.request_id = options.request_id or options.request_id_2 or ""
    options.max_message_bytes = options.max_message_bytes or options.max_message_bytes_2 or -1
    if not (options.host and options.port and options.worker_id):
        parser.error("needs --host, --port and --workerId (or --functions-uri and "
                     "--functions-worker-id)")
    return options


def start(arguments=None):
    """Runs until the host ends the stream. Returns the exit status."""
    from . import dependencies
    dependencies.use_worker_packages()
    options = parse_arguments(arguments)
    return asyncio.run(serve(options))


async def serve(options):
    from . import dispatcher
    try:
        await dispatcher.Dispatcher(options, asyncio.get_running_loop()).run(
            CONNECT_TIMEOUT_SECONDS)
    except dispatcher.NotConnected as error:
        print(f"thin worker: {error}", file=sys.stderr)
        return EXIT_NOT_CONNECTED
    return 0
