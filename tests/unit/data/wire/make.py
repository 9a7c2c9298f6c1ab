# SPDX-License-Identifier: Apache-2.0
"""Remakes the byte logs of this folder: real cold starts between a worker and a host, over gRPC.

    python3.11 -m venv /tmp/thaw-wire/venv
    /tmp/thaw-wire/venv/bin/pip install --only-binary=:all: 'azure-functions<2' \\
        azurefunctions-extensions-base grpcio==1.59.5 protobuf==3.20.3
    /tmp/thaw-wire/venv/bin/pip install --no-deps --ignore-requires-python \\
        azure-functions-runtime==1.3.0 azure-functions-runtime-v1==1.2.0 azure-functions-worker==1.1.9
    /tmp/thaw-wire/venv/bin/python tests/unit/data/wire/make.py

For each case a host (this script), a worker and a relay between them run on loopback. Workers are
azure-functions-worker 1.1.9 as it is, and azure-functions-runtime 1.3.0 behind the thin gRPC client
below. The relay writes what passes to CASE.wire; the host writes what it meant to CASE.txt, as
Google's protobuf library reads it, which is what our decoder is held against.

CASE.wire: one byte, 0 (the connection is seen from its start) or 1 (joined in the middle); then for
each piece one byte (bit 0: sent by the worker; bit 1: the next two bytes count 256 bytes each), two
bytes of hole length, two bytes of data length (little-endian), the data. The pieces are those in
which the relay received them. Fuzz inputs have the same form or are single messages
(tests/fuzz/fuzz_wire.c); the seeds in tests/fuzz/corpus/wire are written here too.
"""

import asyncio
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from tests.protos import FunctionRpc_pb2 as protos  # from azure-functions-runtime-v1

FOLDER = Path(__file__).resolve().parent
WORK = Path("/tmp/thaw-wire")  # fixed, since its length is in the logs
PATH = "/AzureFunctionsRpcMessages.FunctionRpc/EventStream"
WORKER_ID = "11111111-2222-4333-8444-555555555555"
REQUEST_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
PIECE_BYTES = 16384

V2_APP = '''
import azure.functions as func
app = func.FunctionApp()

@app.route(route="hello", auth_level=func.AuthLevel.ANONYMOUS)
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("hello " + "x" * int(req.params.get("size", "0")))

@app.timer_trigger(schedule="0 0 * * * *", arg_name="timer")
def nightly(timer: func.TimerRequest) -> None:
    pass

@app.route(route="broken")
def broken(req: func.HttpRequest) -> func.HttpResponse:
    raise LookupError("password=not-a-secret")

@app.generic_trigger(arg_name="context", type="orchestrationTrigger")
def chain(context) -> None:
    pass

@app.generic_trigger(arg_name="name", type="activityTrigger")
def step(name) -> str:
    return name
'''
MISSING_APP = "import azure.functions as func\nimport a_module_that_does_not_exist\n"
V1_SCRIPT = '''
import logging
import azure.functions as func

def main(req: func.HttpRequest) -> func.HttpResponse:
    logging.info("one line")
    return func.HttpResponse("hello")
'''


# --- worker: StartStream, then an answer to every request ---------------------------------------


async def thin_worker(port):
    from types import SimpleNamespace

    import azure_functions_runtime as runtime

    handlers = {
        "worker_init_request": (runtime.worker_init_request, "worker_init_response"),
        "functions_metadata_request": (runtime.functions_metadata_request,
                                       "function_metadata_response"),
        "function_load_request": (runtime.function_load_request, "function_load_response"),
        "invocation_request": (runtime.invocation_request, "invocation_response"),
        "function_environment_reload_request": (runtime.function_environment_reload_request,
                                                "function_environment_reload_response"),
    }
    if hasattr(runtime, "start_threadpool_executor"):
        runtime.start_threadpool_executor()
    answers = asyncio.Queue()
    answers.put_nowait(protos.StreamingMessage(
        request_id=REQUEST_ID, start_stream=protos.StartStream(worker_id=WORKER_ID)))

    async def send():
        while True:
            yield (await answers.get()).SerializeToString()

    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.stream_stream(PATH)(send())
        async for data in call:
            message = protos.StreamingMessage.FromString(data)
            kind = message.WhichOneof("content")
            if kind == "worker_terminate":
                return
            if kind == "worker_status_request":
                answers.put_nowait(protos.StreamingMessage(
                    request_id=message.request_id,
                    worker_status_response=protos.WorkerStatusResponse()))
                continue
            if kind == "worker_init_request":
                sys.path.append(message.worker_init_request.function_app_directory)
            handler, name = handlers[kind]
            request = SimpleNamespace(request=message,
                                      properties={"protos": protos, "host": "127.0.0.1"})
            answer = await handler(request)
            answers.put_nowait(protos.StreamingMessage(request_id=message.request_id,
                                                       **{name: answer}))


# --- host ---------------------------------------------------------------------------------------


class Host:
    """Serves one worker; everything that passes is noted in `messages` as (outgoing, bytes)."""

    def __init__(self):
        self.messages, self.requests, self.answers = [], queue.Queue(), queue.Queue()
        self.server = grpc.server(ThreadPoolExecutor(4))
        handler = grpc.stream_stream_rpc_method_handler(self.event_stream)
        service, method = PATH.strip("/").split("/")
        self.server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(service, {method: handler})])
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def event_stream(self, incoming, _context):
        def receive():
            try:
                for data in incoming:
                    self.messages.append((True, data))
                    self.answers.put(protos.StreamingMessage.FromString(data))
            except grpc.RpcError:
                pass  # the worker was ended

        threading.Thread(target=receive, daemon=True).start()
        while (request := self.requests.get()) is not None:
            yield request

    def send(self, **content):
        data = protos.StreamingMessage(**content).SerializeToString()
        self.messages.append((False, data))
        self.requests.put(data)

    def wait(self, kind):
        while True:
            answer = self.answers.get(timeout=60)
            if answer.WhichOneof("content") == kind:
                return getattr(answer, kind)

    def ask(self, answer_kind, **content):
        self.send(**content)
        return self.wait(answer_kind)


class Relay(threading.Thread):
    """Passes one connection through and keeps its pieces as (outgoing, bytes)."""

    def __init__(self, host_port):
        super().__init__(daemon=True)
        self.pieces, self.host_port, self.lock = [], host_port, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        worker, _ = self.listener.accept()
        host = socket.create_connection(("127.0.0.1", self.host_port))
        back = threading.Thread(target=self.copy, args=(host, worker, False), daemon=True)
        back.start()
        self.copy(worker, host, True)
        back.join()

    def copy(self, source, target, outgoing):
        try:
            while data := source.recv(PIECE_BYTES):
                with self.lock:
                    self.pieces.append((outgoing, data))
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other side was ended


def invocation(number, function_id, size=0, body=b""):
    return protos.InvocationRequest(
        invocation_id=f"00000000-0000-4000-8000-{number:012}", function_id=function_id,
        input_data=[protos.ParameterBinding(name="req", data=protos.TypedData(http=protos.RpcHttp(
            method="POST", url="http://localhost/api/hello", query={"size": str(size)},
            body=protos.TypedData(bytes=body))))],
        trace_context=protos.RpcTraceContext(trace_parent="00-" + "1" * 32 + "-" + "2" * 16 + "-01"))


def init_request(directory):
    return protos.WorkerInitRequest(
        host_version="4.1037.0.0", worker_directory="/srv/worker", function_app_directory=directory,
        capabilities={"MultiStream": "true"})


def load_and_invoke(host, app, invocations=((0, b""), (0, b"b" * 3000))):
    """What a host does once the worker knows the application. The real one sends no request ids."""
    host.ask("worker_status_response", request_id=REQUEST_ID,
             worker_status_request=protos.WorkerStatusRequest())
    indexed = host.ask("function_metadata_response",
                       functions_metadata_request=protos.FunctionsMetadataRequest(
                           function_app_directory=app))
    functions = list(indexed.function_metadata_results)
    for function in functions:
        host.ask("function_load_response", function_load_request=protos.FunctionLoadRequest(
            function_id=function.function_id, metadata=function))
    ids = {function.name: function.function_id for function in functions}
    if ids:
        for number, (size, body) in enumerate(invocations):
            host.ask("invocation_response",
                     invocation_request=invocation(number, ids["hello"], size, body))
        host.ask("invocation_response", invocation_request=invocation(9, ids["broken"]))


def case_indexed(host):
    host.ask("worker_init_response", worker_init_request=init_request(str(WORK / "v2")))
    load_and_invoke(host, str(WORK / "v2"))


def case_large(host):
    host.ask("worker_init_response", worker_init_request=init_request(str(WORK / "v2")))
    load_and_invoke(host, str(WORK / "v2"), [(40000, b""), (0, b"c" * 60000), (0, b"")])


def case_missing_module(host):
    host.ask("worker_init_response", worker_init_request=init_request(str(WORK / "missing")))
    load_and_invoke(host, str(WORK / "missing"))


def case_placeholder(host):
    host.ask("worker_init_response", worker_init_request=init_request(str(WORK / "placeholder")))
    settings = {f"SETTING_NUMBER_{i}": "a harmless value of some length " * 2 for i in range(80)}
    host.ask("function_environment_reload_response",
             function_environment_reload_request=protos.FunctionEnvironmentReloadRequest(
                 environment_variables=settings, function_app_directory=str(WORK / "v2")))
    load_and_invoke(host, str(WORK / "v2"))


def case_worker_1_1_9(host):
    host.ask("worker_init_response", worker_init_request=init_request(str(WORK / "v1")))
    bindings = {"req": protos.BindingInfo(type="httpTrigger", direction=0),
                "$return": protos.BindingInfo(type="http", direction=1)}
    for name, script in (("hello", "__init__.py"), ("absent", "absent.py")):
        host.ask("function_load_response", function_load_request=protos.FunctionLoadRequest(
            function_id=name + "-id", metadata=protos.RpcFunctionMetadata(
                name=name, directory=str(WORK / "v1" / name),
                script_file=str(WORK / "v1" / name / script), bindings=bindings)))
    for number in range(3):
        host.ask("invocation_response", invocation_request=invocation(number, "hello-id"))


CASES = {
    "indexed": (case_indexed, False),
    "large": (case_large, False),
    "missing_module": (case_missing_module, False),
    "placeholder": (case_placeholder, False),
    "worker_1_1_9": (case_worker_1_1_9, True),
}


# --- what is expected ---------------------------------------------------------------------------

TYPE_NAMES = {"functions_metadata_request": "FunctionsMetadataRequest"}
STATUS = {0: "failure", 1: "success", 2: "cancelled"}


def trigger_of(metadata):
    kinds = [binding.type for binding in metadata.bindings.values()]
    kinds += [json.loads(raw)["type"] for raw in metadata.raw_bindings]
    return next((kind for kind in kinds if kind.lower().endswith("trigger")), "")


def functions_of(kind, content):
    if kind == "function_metadata_response":
        return list(content.function_metadata_results)
    if kind == "function_load_request":
        return [content.metadata]
    return []


def describe(outgoing, data):
    """One message in the words of the test's own rendering (tests/unit/wire_log.h)."""
    message = protos.StreamingMessage.FromString(data)
    kind = message.WhichOneof("content")
    content = getattr(message, kind)
    functions = functions_of(kind, content)
    words = ["out" if outgoing else "in", type(content).__name__, f"bytes={len(data)}"]

    def add(name, value):
        if value:
            words.append(f"{name}={value}")

    add("request_id", message.request_id)
    for name in ("worker_id", "function_id", "invocation_id"):
        add(name, getattr(content, name, ""))
    add("directory", getattr(content, "function_app_directory", "")
        or (functions[0].directory if functions else ""))
    if hasattr(content, "result"):
        add("status", STATUS[content.result.status])
        add("exception", content.result.exception.message.partition(": ")[0])
    lines = [" ".join(words)]
    for function in functions:
        function_id = function.function_id or getattr(content, "function_id", "")
        words = ["  function"]
        add("name", function.name)
        add("function_id", function_id)
        add("directory", function.directory)
        add("script", function.script_file)
        add("trigger", trigger_of(function))
        lines.append(" ".join(words))
    return lines


# --- running ------------------------------------------------------------------------------------


def write_apps():
    for name, text in (("v2", V2_APP), ("missing", MISSING_APP), ("placeholder", None)):
        shutil.rmtree(WORK / name, ignore_errors=True)
        (WORK / name).mkdir(parents=True)
        if text:
            (WORK / name / "function_app.py").write_text(text)
    shutil.rmtree(WORK / "v1", ignore_errors=True)
    for name in ("hello", "absent"):
        (WORK / "v1" / name).mkdir(parents=True)
    (WORK / "v1" / "hello" / "__init__.py").write_text(V1_SCRIPT)
    (WORK / "site").mkdir(exist_ok=True)  # tracebacks would quote other people's code
    (WORK / "site" / "sitecustomize.py").write_text("import sys\nsys.tracebacklimit = 0\n")


def worker_command(port, real_worker):
    if not real_worker:
        script = shutil.copy(__file__, WORK)  # its folder is in sys.path, and that in error messages
        return [sys.executable, script, "--worker", str(port)]
    return [sys.executable, "-m", "azure_functions_worker", "--host", "127.0.0.1", "--port", str(port),
            "--workerId", WORKER_ID, "--requestId", REQUEST_ID,
            "--grpcMaxMessageLength", "2147483647"]


def run_case(name, play, real_worker):
    host = Host()
    relay = Relay(host.port)
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(WORK / "site"),
                   "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"}
    worker = subprocess.Popen(worker_command(relay.port, real_worker), env=environment, cwd="/",
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        host.wait("start_stream")
        play(host)
        host.send(worker_terminate=protos.WorkerTerminate())
        if real_worker:  # it knows no such message, and logs that
            host.wait("rpc_log")
        else:
            worker.wait(timeout=60)
    finally:
        worker.kill()
        worker.wait()
    relay.join(timeout=60)
    host.requests.put(None)
    host.server.stop(0).wait()
    write_case(name, relay.pieces, host.messages)


def encode_log(first, pieces, most=65535):
    """The pieces in the form of a .wire file, with at most so many bytes of each copied."""
    log = bytearray([first])
    for outgoing, data in pieces:
        kept = data[:most]
        hole = len(data) - len(kept)
        log += bytes([outgoing]) + hole.to_bytes(2, "little") + len(kept).to_bytes(2, "little") + kept
    return bytes(log)


def write_case(name, pieces, messages):
    log = encode_log(0, pieces)
    (FOLDER / f"{name}.wire").write_bytes(log)
    lines = [line for outgoing, data in messages for line in describe(outgoing, data)]
    (FOLDER / f"{name}.txt").write_text("\n".join(lines) + "\n")
    print(f"{name}: {len(pieces)} pieces, {len(log)} bytes, {len(messages)} messages")
    write_seeds(name, pieces, messages)


def write_seeds(name, pieces, messages):
    corpus = FOLDER.parents[2] / "fuzz" / "corpus" / "wire"
    corpus.mkdir(parents=True, exist_ok=True)
    for outgoing, data in messages:
        kept = data[:1500]
        missing = min(len(data) - len(kept), 65535).to_bytes(2, "little")
        (corpus / f"message-{describe(outgoing, data)[0].split()[1]}").write_bytes(
            b"\2" + missing + kept)
    (corpus / f"{name}-holes").write_bytes(encode_log(0, pieces, 128))
    if name in ("missing_module", "worker_1_1_9"):
        (corpus / f"{name}-whole").write_bytes(encode_log(0, pieces))
        (corpus / f"{name}-joined").write_bytes(encode_log(1, pieces[7:]))
        (corpus / f"{name}-calls-joined").write_bytes(
            bytes([4, 4]) + encode_log(0, pieces[7:])[1:])
        for how, words in ((8, "calls"), (1, "calls-sparing")):
            (corpus / f"{name}-{words}").write_bytes(bytes([3, how]) + encode_log(0, pieces)[1:])


def main():
    if sys.argv[1:2] == ["--worker"]:
        return asyncio.run(thin_worker(int(sys.argv[2])))
    write_apps()
    for name, (play, real_worker) in CASES.items():
        run_case(name, play, real_worker)


if __name__ == "__main__":
    main()
