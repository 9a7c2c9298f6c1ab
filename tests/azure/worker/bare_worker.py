# SPDX-License-Identifier: Apache-2.0
"""The bare worker is a gRPC client and nothing else: it says what a worker says, and runs no app.

So that a thousand cold starts of a real client fit into minutes. Its answers are made up here; what
they are sent with is real. Where $WIRE_STAMPS names the library made of tests/bench/wire_stamps.c, it starts
itself a second time, in the same process, with that library loaded.
"""
import argparse
import json
import os
import queue
import sys

STAMPS = os.environ.get("WIRE_STAMPS")
if STAMPS and "LD_PRELOAD" not in os.environ:
    os.environ["LD_PRELOAD"] = STAMPS
    os.execv(sys.executable, [sys.executable, *sys.argv])

sys.path[:0] = [os.environ["BARE_WORKER_PACKAGES"],
                os.path.join(os.path.dirname(os.path.abspath(__file__)), "../protocol")]

import grpc
from function_rpc import EVENT_STREAM, protos

FUNCTION_ID = "00000000-0000-4000-8000-000000000001"


def answer(message):
    """The content of the answer to a request."""
    success = protos.StatusResult(status=protos.StatusResult.Success)
    content = message.WhichOneof("content")
    if content == "worker_init_request":
        return {"worker_init_response": protos.WorkerInitResponse(result=success)}
    if content == "functions_metadata_request":
        function = protos.RpcFunctionMetadata(
            name="echo", function_id=FUNCTION_ID, script_file="function_app.py",
            raw_bindings=[json.dumps({"name": "req", "type": "httpTrigger", "direction": "in"})])
        return {"function_metadata_response": protos.FunctionMetadataResponse(
            function_metadata_results=[function], result=success)}
    if content == "function_load_request":
        return {"function_load_response": protos.FunctionLoadResponse(
            function_id=FUNCTION_ID, result=success)}
    request = message.invocation_request
    return {"invocation_response": protos.InvocationResponse(
        invocation_id=request.invocation_id, result=success,
        return_value=protos.TypedData(bytes=request.input_data[0].data.http.body.bytes))}


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("--port", "--workerId", "--functions-worker-id"):
        parser.add_argument(name, dest=name.strip("-").replace("-", "_"))
    options, _ = parser.parse_known_args()
    outgoing = queue.SimpleQueue()
    outgoing.put(protos.StreamingMessage(
        start_stream=protos.StartStream(worker_id=options.workerId)))
    limits = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    channel = grpc.insecure_channel(f"127.0.0.1:{options.port}", limits)
    stream = channel.stream_stream(
        EVENT_STREAM, request_serializer=protos.StreamingMessage.SerializeToString,
        response_deserializer=protos.StreamingMessage.FromString)
    for message in stream(iter(outgoing.get, None)):
        outgoing.put(protos.StreamingMessage(**answer(message)))
    outgoing.put(None)


if __name__ == "__main__":
    main()
