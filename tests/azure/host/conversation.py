# SPDX-License-Identifier: Apache-2.0
"""What the host says to one worker, in the order of the Functions host.

StartStream -> WorkerInitRequest -> [pool -> FunctionEnvironmentReloadRequest] ->
FunctionsMetadataRequest (first worker only) -> one FunctionLoadRequest per function ->
InvocationRequests. Further workers are given the first one's functions, without asking them. A
worker of the programming model v1 answers that the host shall find the functions itself.
"""
import json

import function_files
from worker_process import environment, new_id

HOST_VERSION = "4.0.0-test-host"


class Rejected(Exception):
    """The worker said that it can't serve this app."""


class Outgoing:
    """A serialized message. `time_ns` is set by whoever hands it to gRPC, as late as can be."""

    def __init__(self, raw):
        self.raw = raw
        self.time_ns = None


class Conversation:
    """One worker's side of it. take() yields an Outgoing for each message to send.

    `shared` belongs to all workers: options, log, protos, stop event, function, body, events.
    """

    def __init__(self, shared, worker_id, function_list, invocations, number=0):
        self.shared = shared
        self.number = number  # of the worker, in order of start
        self.inbox = None     # where others than the worker put what is to be sent
        self.protos = shared.protos
        self.worker_id = worker_id
        self.function_list = function_list  # None: ask the worker
        self.invocations_left = invocations
        self.in_flight = 0
        self.loading = set()
        self.not_loaded = {}  # function_id: why
        self.waiting_for = "StartStream"  # None when all is said
        self.steps = {
            "start_stream": self.after_start,
            "worker_init_response": self.after_init,
            "function_environment_reload_response": self.after_reload,
            "function_metadata_response": self.after_metadata,
            "function_load_response": self.after_load,
            "invocation_response": self.after_invocation,
        }

    def take(self, raw, time_ns):
        """One message from the worker, with its time; yields the answers. Rejected on failure."""
        message = self.protos.StreamingMessage.FromString(raw)
        content = message.WhichOneof("content")
        body = getattr(message, content) if content else None
        self.log(time_ns, "to-host", message, content, len(raw))
        if content in self.steps:
            self.check(content, body)
            for request in self.steps[content](body):
                yield from self.send(request)

    def send(self, message):
        raw = message.SerializeToString()
        content = message.WhichOneof("content")
        if content != "worker_status_request":
            self.waiting_for = self.answer_name(content)
        outgoing = Outgoing(raw)
        try:
            yield outgoing
        finally:  # written when the bytes are on their way, so that it doesn't delay them
            if outgoing.time_ns:
                self.log(outgoing.time_ns, "to-worker", message, content, len(raw))

    def answer_name(self, content):
        answer = ("function_metadata_response" if content == "functions_metadata_request"
                  else content.replace("_request", "_response"))
        return self.type_name(answer)

    def type_name(self, content):
        fields = self.protos.StreamingMessage.DESCRIPTOR.fields_by_name
        return fields[content].message_type.name if content else "unknown"

    def log(self, time_ns, direction, message, content, size_bytes):
        if not self.shared.log.file:
            return
        body = getattr(message, content) if content else None
        result = getattr(body, "result", None)
        self.shared.log.write(
            "message", time_ns, direction=direction, type=self.type_name(content),
            worker=self.worker_id, bytes=size_bytes,
            function_id=getattr(body, "function_id", None),
            invocation_id=getattr(body, "invocation_id", None),
            status=None if result is None else self.status_name(result.status),
            text=getattr(body if result is None else result.exception, "message", None))

    def status_name(self, status):
        return self.protos.StatusResult.Status.Name(status)

    def check(self, content, body):
        """Rejected unless the worker said Success. What failed of one function only is for its step
        to judge."""
        if content in ("start_stream", "function_load_response", "invocation_response"):
            return
        text = self.failure(body)
        if text:
            raise Rejected(f"the worker rejected the app ({self.type_name(content)}): {text}")

    def failure(self, body):
        """Why the worker did not say Success, None if it did."""
        if body.result.status == self.protos.StatusResult.Success:
            return None
        return shorten(body.result.exception.message or "no reason given")

    def push(self, request):
        """Sends an invocation from whatever thread; only where there is an inbox."""
        self.inbox.put(lambda: self.send(self.message(invocation_request=request)))

    # --- one method per message from the worker ---

    def after_start(self, _start):
        options = self.shared.options
        pool = options.mode == "placeholder"
        yield self.message(worker_init_request=self.protos.WorkerInitRequest(
            host_version=HOST_VERSION,
            worker_directory=options.worker_directory,
            function_app_directory=options.standby if pool else options.app))

    def after_init(self, _response):
        options = self.shared.options
        if options.mode != "placeholder":
            yield from self.ask_for_functions()
            return
        self.waiting_for = "its customer"
        if options.pool_seconds and self.shared.stop.wait(options.pool_seconds):
            return
        yield self.message(
            function_environment_reload_request=self.protos.FunctionEnvironmentReloadRequest(
                environment_variables=environment(options), function_app_directory=options.app))

    def after_reload(self, _response):
        yield from self.ask_for_functions()

    def ask_for_functions(self):
        if self.function_list is None:
            yield self.message(functions_metadata_request=self.protos.FunctionsMetadataRequest(
                function_app_directory=self.shared.options.app))
        else:
            yield from self.load_functions()

    def after_metadata(self, response):
        self.function_list = list(response.function_metadata_results)
        if response.use_default_metadata_indexing:
            try:
                self.function_list = function_files.read_functions(self.shared.options.app,
                                                                   self.protos)
            except function_files.Unreadable as error:
                raise Rejected(str(error))
        self.shared.take_functions(self.function_list)
        self.shared.tell("functions", self.function_list)
        yield from self.load_functions()
        self.log_functions()

    def log_functions(self):
        if self.shared.log.file:
            self.shared.log.write("functions", worker=self.worker_id, functions=[
                {"name": one.name, "script": one.script_file,
                 "bindings": [json.loads(raw) for raw in one.raw_bindings]}
                for one in self.function_list])

    def load_functions(self):
        self.loading = {function.function_id for function in self.function_list}
        for function in self.function_list:
            yield self.message(function_load_request=self.protos.FunctionLoadRequest(
                function_id=function.function_id, metadata=without_raw_bindings(function)))

    def after_load(self, response):
        self.loading.discard(response.function_id)
        failure = self.failure(response)
        if failure:
            self.not_loaded[response.function_id] = failure
        if self.loading:
            return
        self.check_loaded()
        if self.shared.orchestrations:
            self.shared.orchestrations.worker_ready(self)
        elif self.shared.options.together:
            self.shared.worker_ready(self)
        else:
            yield from self.invoke_more()

    def check_loaded(self):
        """The others can be called without a function that could not be loaded."""
        for function in self.function_list:
            failure = self.not_loaded.get(function.function_id)
            if failure and self.shared.function in (None, function):
                raise Rejected(f"the worker could not load {function.name}: {failure}")

    def begin(self):
        """All workers are ready: the calls may come."""
        self.inbox.put(lambda: (part for request in self.invoke_more()
                                for part in self.send(request)))

    def after_invocation(self, response):
        self.in_flight -= 1
        self.shared.tell("reply", (self.worker_id, response))
        if self.shared.orchestrations:
            self.shared.orchestrations.answered(response)
            return
        if self.shared.options.status:
            yield self.message(worker_status_request=self.protos.WorkerStatusRequest())
        yield from self.invoke_more()

    def invoke_more(self):
        while self.invocations_left and self.in_flight < self.shared.options.at_once:
            self.invocations_left -= 1
            self.in_flight += 1
            yield self.message(invocation_request=self.invocation())
        if not self.invocations_left and not self.in_flight:
            self.waiting_for = None
            self.shared.tell("done", self.worker_id)

    def invocation(self):
        function = self.shared.function
        trigger, route = http_trigger(function)
        trace = self.protos.RpcTraceContext(
            trace_parent="00-" + new_id().replace("-", "") + "-0000000000000001-00")
        path = "/".join(part for part in (self.shared.route_prefix, route) if part)
        http = self.protos.RpcHttp(
            method="POST", url=f"http://localhost/{path}",
            headers={"content-type": "text/csv", "host": "localhost"},
            body=self.protos.TypedData(bytes=self.shared.body))
        return self.protos.InvocationRequest(
            invocation_id=new_id(), function_id=function.function_id, trace_context=trace,
            input_data=[self.protos.ParameterBinding(
                name=trigger, data=self.protos.TypedData(http=http))])

    def message(self, **content):
        """As the real host does for most of its messages: without a request_id."""
        return self.protos.StreamingMessage(**content)


def without_raw_bindings(function):
    """As the real host loads a function: with its bindings' names, types and directions."""
    metadata = type(function)()
    metadata.CopyFrom(function)
    metadata.ClearField("raw_bindings")
    return metadata


def http_trigger(function):
    """(parameter's name, route) of a function's HTTP trigger, or None when it has none."""
    for raw in function.raw_bindings:
        binding = json.loads(raw)
        if binding.get("type", "").lower() == "httptrigger":
            return binding["name"], binding.get("route") or function.name
    return None


def shorten(text, limit=240):
    """An exception's message in one line; Microsoft's appends sys.path, which the log keeps."""
    text = " ".join(text.split(" Current sys.path:")[0].split())
    return text if len(text) <= limit else text[:limit - 1] + "…"
