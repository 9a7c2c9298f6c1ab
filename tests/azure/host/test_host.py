# SPDX-License-Identifier: Apache-2.0
"""The test host: starts Python workers as the Azure Functions host does and calls an app.

It speaks the host's protocol in the host's order and writes down when it did what. It is not
the Functions host: that is a .NET program whose own start takes longer.
"""
import time

MAIN_NS = time.clock_gettime_ns(time.CLOCK_BOOTTIME)

import argparse
import json
import os
import queue
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True  # nothing is written beside the sources
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../protocol"))

import conversation
import durable
import event_log
import worker_process

EXIT_WORKER_ENDED, EXIT_REJECTED, EXIT_TIMEOUT, EXIT_INVOCATION_FAILED = 3, 4, 5, 6
EPILOG = """exit status:
  0  all calls were answered, and the host was told to end (or --once)
  2  usage, or a file is missing
  3  a worker could not be started or ended by itself
  4  the worker rejected the app
  5  no answer within --timeout
  6  a call failed, or its HTTP status was 500 or more"""


class Failure(Exception):
    """Ends the host: one line for the user and the exit status."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def parse_arguments():
    # `prepare.py --build DIR` puts the venv we run in, the workers and the app side by side.
    build = os.path.dirname(sys.prefix)
    worker = "azure-functions-host/workers/python/3.11/LINUX/X64/worker.py"
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], epilog=EPILOG, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--app", default=os.path.join(build, "wwwroot"), help="folder with function_app.py, or of functions")
    add("--worker", default=os.path.join(build, worker), help="the worker's worker.py")
    add("--python", default=os.path.realpath(sys.executable), help="the workers' interpreter")
    add("--standby", default=os.path.join(build, "standby/wwwroot"),
        help="the app folder of a worker that has no customer yet")
    add("--mode", choices=("v2", "placeholder"), default="v2",
        help="placeholder: start without an app, then FunctionEnvironmentReloadRequest")
    add("--environment", choices=("azure", "local"), default="azure",
        help="azure: worker.py starts the interpreter a second time, in the same process")
    add("--invoke", metavar="NAME", help="function to call (default: the first with HTTP trigger)")
    add("--body", default="", help="request body")
    add("--large", type=int, default=0, metavar="BYTES", help="fill the body up with newlines")
    add("--workers", type=int, default=1, metavar="N", help="number of worker processes")
    add("--threads", type=int, default=0, metavar="N", help="PYTHON_THREADPOOL_THREAD_COUNT")
    add("--invocations", type=int, metavar="K", help="calls in all (default: one per worker)")
    add("--at-once", type=int, default=1, metavar="N", help="calls in flight per worker")
    add("--together", action="store_true", help="no calls until all workers are ready")
    add("--durable", metavar="NAME", help="run this orchestrator instead of calls of a function")
    add("--orchestrations", type=int, default=1, metavar="N", help="durable: instances of it")
    add("--storage-ms", type=float, default=0, metavar="MS",
        help="durable: what queues and tables would take between an answer and what it leads to")
    add("--pool-seconds", type=float, default=0, help="placeholder: wait for the customer")
    add("--restarts", type=int, default=0, metavar="N",
        help="start a worker that ended by itself anew, so many times in all")
    add("--status", action="store_true", help="send a WorkerStatusRequest after each reply")
    add("--once", action="store_true", help="end the workers and exit when all calls are answered")
    add("--timeout", type=float, default=60, metavar="SECONDS", help="for all calls together")
    add("--log", metavar="FILE", help="write what happened when, one JSON object a line")
    options = parser.parse_args()
    if options.workers < 1 or options.at_once < 1:
        parser.error("--workers and --at-once need at least 1")
    if options.invocations is None:
        options.invocations = options.workers
    return options


def check_files(options):
    for name in ("app", "worker", "standby", "python"):
        path = getattr(options, name)
        if not os.path.exists(path):
            raise Failure(2, f"no such file: {path} (prepare.py makes it, or give --{name})")
    options.app = os.path.realpath(options.app)
    options.standby = os.path.realpath(options.standby)
    options.worker = os.path.realpath(options.worker)
    options.worker_directory = os.path.dirname(options.worker)


def read_route_prefix(app):
    """Of the app's URLs, as its host.json has it: extensions.http.routePrefix, "api" by default."""
    try:
        with open(os.path.join(app, "host.json"), encoding="utf-8") as file:
            http = json.load(file).get("extensions", {}).get("http", {})
            return http.get("routePrefix", "api")
    except FileNotFoundError:
        return "api"
    except (OSError, ValueError, AttributeError) as error:
        raise Failure(2, f"cannot read the app's host.json: {error}")


class TestHost:
    """The server, its workers and what all conversations share."""

    def __init__(self, options, log):
        from function_rpc import EVENT_STREAM, protos
        self.options = options
        self.log = log
        self.protos = protos
        self.method = EVENT_STREAM
        self.events = queue.SimpleQueue()  # (what, value): from every thread to the main one
        self.stop = threading.Event()
        self.workers = {}
        self.conversations = {}
        self.function = None
        self.orchestrations = durable.Orchestrations(self) if options.durable else None
        self.ready = []
        self.lock = threading.Lock()
        self.route_prefix = read_route_prefix(options.app)
        body = options.body.encode()
        self.body = body + b"\n" * (options.large - len(body))

    def tell(self, what, value=None):
        self.events.put((what, value))

    # --- the server ---

    def listen(self):
        import grpc
        limit = worker_process.MAX_MESSAGE_BYTES
        # gRPC calls these next to its reads and writes, the first one in its own reading thread:
        # bytes are stamped as near to the socket as Python gets, and parsed later.
        handler = grpc.stream_stream_rpc_method_handler(
            self.serve, request_deserializer=lambda raw: (raw, event_log.now_ns()),
            response_serializer=stamp)
        service, method = self.method.strip("/").split("/")
        self.server = grpc.server(
            ThreadPoolExecutor(max_workers=self.options.workers + 1),
            handlers=[grpc.method_handlers_generic_handler(service, {method: handler})],
            options=[("grpc.max_receive_message_length", limit),
                     ("grpc.max_send_message_length", limit)])
        port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()
        self.log.write("listening", port=port)
        return port

    def serve(self, messages, context):
        """One worker's stream, in a thread of its own: yields what to send."""
        talk = None
        inbox = Inbox(messages) if self.options.together or self.orchestrations else None
        try:
            for item in inbox or messages:
                if callable(item):
                    yield from item()
                    continue
                raw, time_ns = item
                talk = talk or self.find_conversation(raw)
                if not talk:
                    return  # not one of ours
                talk.inbox = inbox
                yield from talk.take(raw, time_ns)
        except (conversation.Rejected, Failure) as error:
            self.tell("failure", (getattr(error, "status", EXIT_REJECTED), str(error)))
            self.stop.wait()
        except Exception as error:
            # A stream that broke is no news: its worker's end is seen by the one who waits for it.
            if context.is_active():
                self.tell("failure", (EXIT_WORKER_ENDED, f"{type(error).__name__}: {error}"))

    def find_conversation(self, raw):
        message = self.protos.StreamingMessage.FromString(raw)
        return self.conversations.get(message.start_stream.worker_id)

    # --- workers ---

    def start_worker(self, port, function_list):
        """Calls are dealt out evenly; the first workers get what is left over."""
        share, rest = divmod(self.options.invocations, self.options.workers)
        share += len(self.workers) < rest
        worker_id = worker_process.new_id()
        # Before the worker can connect.
        self.conversations[worker_id] = conversation.Conversation(
            self, worker_id, function_list, share, len(self.workers))
        try:
            self.workers[worker_id] = worker_process.WorkerProcess(
                worker_id, self.options, port, self.log, lambda ended: self.tell("exited", ended))
        except OSError as error:
            raise Failure(EXIT_WORKER_ENDED, f"cannot start {self.options.python}: {error}")

    def worker_ready(self, talk):
        """With --together; from the workers' threads."""
        with self.lock:
            self.ready.append(talk)
            everyone = self.ready if len(self.ready) == self.options.workers else []
        for one in everyone:
            one.begin()

    def take_functions(self, functions):
        """Chooses the one to call, self.function."""
        if self.orchestrations:
            try:
                self.orchestrations.take_functions(functions)
            except LookupError as error:
                raise Failure(EXIT_REJECTED, str(error))
            return
        wanted = self.options.invoke
        with_trigger = [f for f in functions if conversation.http_trigger(f)]
        named = [f for f in with_trigger if not wanted or f.name == wanted]
        if not named:
            names = ", ".join(f.name for f in with_trigger) or "none"
            which = f" {wanted}" if wanted else ""
            raise Failure(EXIT_REJECTED,
                          f"the app has no HTTP function{which}; HTTP functions: {names}")
        self.function = named[0]

    # --- the main thread ---

    def run(self):
        """Until every call is answered and, without --once, until a signal."""
        port = self.listen()
        self.start_worker(port, None)
        deadline = time.monotonic() + self.options.timeout
        unfinished = 1 if self.orchestrations else self.options.workers
        restarts, replies = self.options.restarts, 0
        while unfinished or not self.options.once:
            what, value = self.next_event(deadline if unfinished else None)
            if what == "signal":
                return f"signal {value}"
            if what == "failure":
                raise Failure(*value)
            if what == "exited" and restarts:
                restarts -= 1
                talk = self.conversations[value.id]
                talk.waiting_for = None
                self.start_worker(port, talk.function_list)
            elif what == "exited":
                self.report_early_end(value)
            elif what == "functions":
                for _ in range(1, self.options.workers):
                    self.start_worker(port, value)
            elif what == "done":
                unfinished -= 1
            elif what == "output":
                print(*value, flush=True)
            elif what == "reply":
                self.show_reply(*value, first=not replies)
                replies += 1
        return "all calls answered"

    def next_event(self, deadline):
        try:
            return self.events.get(timeout=deadline and max(0, deadline - time.monotonic()))
        except queue.Empty:
            waiting = "; ".join(f"worker {self.workers[key].pid} owes {talk.waiting_for}"
                                for key, talk in self.conversations.items() if talk.waiting_for)
            raise Failure(EXIT_TIMEOUT, f"no answer within {self.options.timeout:g} s: {waiting}")

    def report_early_end(self, worker):
        talk = self.conversations[worker.id]
        when = f" before {talk.waiting_for}" if talk.waiting_for else ""
        raise Failure(EXIT_WORKER_ENDED,
                      f"the worker (pid {worker.pid}) {worker.describe_end()}{when}")

    def show_reply(self, worker_id, response, first):
        if first:
            self.log.write("first-reply", worker=worker_id, invocation_id=response.invocation_id)
        if response.result.status != self.protos.StatusResult.Success:
            text = conversation.shorten(response.result.exception.message)
            name = self.function.name if self.function else "a durable function"
            raise Failure(EXIT_INVOCATION_FAILED, f"{name} failed: {text}")
        if self.orchestrations:
            return
        status, body = http_reply(response.return_value)
        sys.stdout.buffer.write(b"HTTP %d\n%s\n" % (status, body))
        sys.stdout.buffer.flush()
        if status >= 500:
            raise Failure(EXIT_INVOCATION_FAILED,
                          f"{self.function.name} answered with HTTP status {status}")

    def close(self, reason):
        self.log.write("stopping", reason=reason)
        self.stop.set()
        for worker in self.workers.values():
            worker.stop()
        if hasattr(self, "server"):
            self.server.stop(grace=None).wait()


class Inbox(queue.SimpleQueue):
    """A worker's messages, and between them what others put: functions that yield what to send."""

    def __init__(self, messages):
        super().__init__()
        self.messages = messages
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        try:
            for message in self.messages:
                self.put(message)
        except Exception:
            pass  # the stream broke: its worker's end is seen by the one who waits for it
        self.put(None)

    def __iter__(self):
        return iter(self.get, None)


def stamp(outgoing):
    outgoing.time_ns = event_log.now_ns()
    return outgoing.raw


def http_reply(value):
    """(status, body) that a client gets for a function's return value: text alone means 200."""
    if value.WhichOneof("data") != "http":
        return 200, data_bytes(value)
    return int(value.http.status_code or 200), data_bytes(value.http.body)


def data_bytes(value):
    kind = value.WhichOneof("data")
    data = getattr(value, kind) if kind else b""
    return data if isinstance(data, bytes) else str(data).encode()


def main():
    options = parse_arguments()
    host = None
    status = 0
    try:
        check_files(options)
        log = event_log.EventLog(options.log)
        log.write_process_start()
        log.write("main", MAIN_NS)
        host = TestHost(options, log)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: host.tell("signal", number))
        reason = host.run()
    except ImportError as error:
        reason, status = f"{error}; run it by the venv that prepare.py makes", 2
        print(f"test host: {reason}", file=sys.stderr)
    except (Failure, OSError) as error:
        reason, status = str(error), getattr(error, "status", 2)
        print(f"test host: {reason}", file=sys.stderr)
    if host:
        host.close(reason)
    return status


if __name__ == "__main__":
    sys.exit(main())
