# SPDX-License-Identifier: Apache-2.0
"""Peers for tests of the link that no ordinary cold start has: both ends are ours, gRPC is real.

    wire_peers.py CASE TRUTH        a host, which starts the case's worker with a worker's command line

Each line of TRUTH is a JSON list: "to-host" or "to-worker", type, bytes of a message that passed.
"""
import argparse
import http.client
import http.server
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, "protocol"))

import grpc
from function_rpc import EVENT_STREAM, protos

MEGABYTE = 1 << 20
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
LIMITS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
CONNECTIONS, TINY_FRAMES = 10000, 100000
ANNOUNCED_SECONDS = 2  # thaw reads what the kernel tells it ten times a second


def frame(kind, payload=b"", stream=0, flags=0, length=None):
    length = len(payload) if length is None else length
    return length.to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


# --- the host ---


def serve_stream(messages, _context):
    """Calls the worker as often, with what and how large, as its StartStream's request id says."""
    for raw in messages:
        message = protos.StreamingMessage.FromString(raw)
        if not message.HasField("start_stream"):
            continue
        calls, what, size = message.request_id.split()
        for number in range(int(calls)):
            yield protos.StreamingMessage(invocation_request=protos.InvocationRequest(
                invocation_id=f"call-{number}", function_id="echo",
                input_data=[protos.ParameterBinding(
                    name="req", data=DATA[what](int(size)))])).SerializeToString()


def http_request(size):
    return protos.TypedData(http=protos.RpcHttp(
        method="POST", body=protos.TypedData(bytes=os.urandom(size))))


def orchestration(size):
    """As the Durable Functions extension has it: the instance stands behind its history."""
    history = [{"EventType": 5, "Result": "x" * size}]
    return protos.TypedData(string=json.dumps(
        {"history": history, "instanceId": "instance-1", "isReplaying": False}))


DATA = {"http": http_request, "orchestration": orchestration}


def listen():
    server = grpc.server(ThreadPoolExecutor(8), options=LIMITS)
    service, method = EVENT_STREAM.strip("/").split("/")
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(
        service, {method: grpc.stream_stream_rpc_method_handler(serve_stream)})])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def start_worker(case, truth, port):
    return subprocess.Popen(
        [sys.executable, os.path.abspath(__file__), case, truth, "--host", "127.0.0.1", "--port",
         str(port), "--workerId", "peer-1", "--requestId", "r", "--grpcMaxMessageLength", "-1"])


# --- the worker ---


class Link:
    """A stream of its own on the channel: calls are answered with the body they came with."""

    def __init__(self, truth, channel):
        self.truth, self.outgoing = truth, queue.SimpleQueue()
        self.stream = channel.stream_stream(EVENT_STREAM)(iter(self.outgoing.get, None))

    def note(self, direction, raw, kind):
        self.truth.write(json.dumps([direction, kind, len(raw)]) + "\n")

    def send(self, message, kind):
        raw = message.SerializeToString()
        self.note("to-host", raw, kind)
        self.outgoing.put(raw)

    def start(self, calls, size, what="http"):
        self.send(protos.StreamingMessage(
            request_id=f"{calls} {what} {size}",
            start_stream=protos.StartStream(worker_id="peer-1")), "StartStream")
        return self

    def answer(self, calls):
        """So many calls; then the host has nothing more to say."""
        for _ in range(calls):
            raw = next(self.stream)
            self.note("to-worker", raw, "InvocationRequest")
            request = protos.StreamingMessage.FromString(raw).invocation_request
            self.send(protos.StreamingMessage(invocation_response=protos.InvocationResponse(
                invocation_id=request.invocation_id,
                result=protos.StatusResult(status=protos.StatusResult.Success),
                return_value=request.input_data[0].data)), "InvocationResponse")
        return self

    def end(self):
        self.outgoing.put(None)
        for _ in self.stream:
            pass


def channel_to(port, number=0):
    """Channels with different options don't share a connection."""
    return grpc.insecure_channel(f"127.0.0.1:{port}", [*LIMITS, ("number", number)])


def whole_link(truth, port, calls=3, size=100):
    Link(truth, channel_to(port)).start(calls, size).answer(calls).end()


def case_megabytes(truth, port):
    whole_link(truth, port, 3, MEGABYTE)


def case_streams(truth, port):
    """Three streams on one connection, with large messages that take turns."""
    channel = channel_to(port)
    links = [Link(truth, channel).start(2, 300000) for _ in range(3)]
    threads = [threading.Thread(target=link.answer, args=(2,)) for link in links]
    for step in (threading.Thread.start, threading.Thread.join):
        for thread in threads:
            step(thread)
    for link in links:
        link.end()


def announce(truth, port, trigger, what):
    """Tells of a function with that trigger; calls with long bodies come when thaw knows of it."""
    link = Link(truth, channel_to(port)).start(0, 0)
    function = protos.RpcFunctionMetadata(
        name="echo", function_id="echo", raw_bindings=[json.dumps({"type": trigger})])
    link.send(protos.StreamingMessage(function_metadata_response=protos.FunctionMetadataResponse(
        function_metadata_results=[function])), "FunctionMetadataResponse")
    time.sleep(ANNOUNCED_SECONDS)
    for _ in range(20):
        link.start(1, 40000, what).answer(1)
    link.end()


def case_orchestrations(truth, port):
    announce(truth, port, "orchestrationTrigger", "orchestration")


def case_activities(truth, port):
    announce(truth, port, "activityTrigger", "http")


def case_connects_twice(truth, port):
    for number in range(2):
        channel = channel_to(port, number)
        Link(truth, channel).start(2, 100).answer(2).end()
        channel.close()


def case_bodies_beside(truth, port):
    """http_v2: bodies come by HTTP/1.1, over a connection of their own, from the host."""
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            received.append(len(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    link = Link(truth, channel_to(port)).start(4, 5000)
    # In the real thing the host is the client; a client in a process of its own stands in for it.
    client = http.client.HTTPConnection(*server.server_address)
    for _ in range(2):
        client.request("POST", "/", b"P" * MEGABYTE)
        client.getresponse().read()
        link.answer(2)
    link.end()
    assert received == [MEGABYTE] * 2


def garbage(port, *parts):
    """Opens HTTP/2 towards the host's port, and goes on with these bytes as long as it may."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        try:
            for part in (PREFACE, *parts):
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except OSError:
            pass  # the host has had enough


def case_garbage(truth, port):
    link = Link(truth, channel_to(port)).start(4, 100).answer(2)
    headers = frame(4) + frame(1, b"\x82", 1, 4)
    garbage(port, os.urandom(300000))
    garbage(port, frame(4), os.urandom(300000))
    garbage(port, headers, frame(0, b"\0\xff\xff\xff\xff" + bytes(1000), 1))
    garbage(port, headers, frame(0, b"\0\x7f\xff\xff\xff" + bytes(16000), 1) * 20)
    garbage(port, headers, frame(0, bytes(100), 1, length=0xffffff))
    garbage(port, frame(4), frame(6, bytes(8), flags=1) * TINY_FRAMES)
    link.answer(2).end()


def case_connections(truth, port):
    """A flood of connections that open as the link does, and say nothing more."""
    link = Link(truth, channel_to(port)).start(4, 100).answer(2)
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as sink:
        for _ in range(CONNECTIONS):
            with socket.create_connection(sink.getsockname()) as connection:
                connection.sendall(PREFACE)
                sink.accept()[0].close()
    link.answer(2).end()


def case_host_killed(truth, port):
    """A call that came is left without an answer; what was said before it has reached the host."""
    link = Link(truth, channel_to(port)).start(1, MEGABYTE).answer(1).start(1, MEGABYTE)
    link.note("to-worker", next(link.stream), "InvocationRequest")
    os.kill(os.getppid(), signal.SIGKILL)
    try:
        next(link.stream)
    except (grpc.RpcError, StopIteration):
        pass


def case_never_connects(_truth, _port):
    pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case")
    parser.add_argument("truth")
    parser.add_argument("--port", type=int)
    options, _ = parser.parse_known_args()
    if options.port:
        with open(options.truth, "w", encoding="utf-8", buffering=1) as truth:
            globals()["case_" + options.case](truth, options.port)
        return 0
    server, port = listen()
    status = start_worker(options.case, options.truth, port).wait()
    server.stop(None).wait()
    return status


if __name__ == "__main__":
    sys.exit(main())
