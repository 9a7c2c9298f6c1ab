# SPDX-License-Identifier: Apache-2.0
"""The worker's end of the event stream: a thread reads, the event loop handles and answers."""
import logging
import os
import queue
import sys
import threading
import traceback
import types

import grpc

from . import dependencies
from .function_rpc import EVENT_STREAM, protos

logger = logging.getLogger("thin_worker")

_LEVELS = ((logging.CRITICAL, protos.RpcLog.Critical), (logging.ERROR, protos.RpcLog.Error),
           (logging.WARNING, protos.RpcLog.Warning), (logging.INFO, protos.RpcLog.Information),
           (logging.DEBUG, protos.RpcLog.Debug))


class NotConnected(Exception):
    """Nobody answers at the host's address."""


class HostLog(logging.Handler):
    """Sends what the worker and the app log to the host, as Azure's worker does."""

    def __init__(self, dispatcher):
        super().__init__()
        self.dispatcher = dispatcher

    def emit(self, record):
        log = protos.RpcLog(
            message=self.format(record), category=record.name,
            level=next((rpc for level, rpc in _LEVELS if record.levelno >= level),
                       protos.RpcLog.Trace),
            log_category=(protos.RpcLog.System
                          if record.name.startswith(("thin_worker", "azure.functions"))
                          else protos.RpcLog.User),
            invocation_id=self.dispatcher.current_invocation_id())
        self.dispatcher.send(rpc_log=log)


class Dispatcher:
    def __init__(self, options, loop):
        self.options = options
        self.loop = loop
        self.runtime = None  # Microsoft's package, imported when the app is known
        self.outgoing = queue.SimpleQueue()
        self.connected = loop.create_future()
        self.ended = loop.create_future()
        self.handlers = {
            "worker_init_request": self.initialise,
            "function_environment_reload_request": self.reload_environment,
            "functions_metadata_request": self.call_runtime,
            "function_load_request": self.call_runtime,
            "invocation_request": self.call_runtime,
            "worker_status_request": self.report_status,
        }

    async def run(self, connect_timeout_seconds):
        """Until the host ends the stream; NotConnected when there is none."""
        reader = threading.Thread(target=self.read_stream, args=(connect_timeout_seconds,),
                                  name="grpc", daemon=True)
        reader.start()
        await self.connected
        self.send(start_stream=protos.StartStream(worker_id=self.options.worker_id))
        handler = HostLog(self)
        logging.getLogger().setLevel(
            logging.DEBUG if dependencies.is_true("PYTHON_ENABLE_DEBUG_LOGGING") else logging.INFO)
        logging.getLogger().addHandler(handler)
        await self.ended
        logging.getLogger().removeHandler(handler)
        self.outgoing.put(None)
        if self.runtime:
            self.runtime.stop_threadpool_executor()

    def send(self, **content):
        self.outgoing.put(protos.StreamingMessage(request_id=self.options.request_id, **content))

    # --- the reading thread ---

    def read_stream(self, connect_timeout_seconds):
        address = f"{self.options.host}:{self.options.port}"
        limit = self.options.max_message_bytes
        channel = grpc.insecure_channel(address, [("grpc.max_receive_message_length", limit),
                                                  ("grpc.max_send_message_length", limit)])
        try:
            grpc.channel_ready_future(channel).result(timeout=connect_timeout_seconds)
        except grpc.FutureTimeoutError:
            self.settle(self.connected, NotConnected(
                f"no host answers at {address} within {connect_timeout_seconds:g} s"))
            return
        self.settle(self.connected)
        event_stream = channel.stream_stream(
            EVENT_STREAM, request_serializer=protos.StreamingMessage.SerializeToString,
            response_deserializer=protos.StreamingMessage.FromString)
        try:
            for message in event_stream(iter(self.outgoing.get, None)):
                self.loop.call_soon_threadsafe(self.start_handling, message)
        except grpc.RpcError:
            pass  # the host went away: as good an end of the stream as any
        self.settle(self.ended)

    def settle(self, future, error=None):
        def settle_in_loop():
            if future.done():
                return
            if error:
                future.set_exception(error)
            else:
                future.set_result(None)
        self.loop.call_soon_threadsafe(settle_in_loop)

    # --- the event loop ---

    def start_handling(self, message):
        content = message.WhichOneof("content")
        if content == "worker_terminate":
            self.settle(self.ended)
        elif content in self.handlers:
            self.loop.create_task(self.handle(content, message))
        else:
            logger.error("Message of unknown type %s", content)

    async def handle(self, content, message):
        if content != "worker_status_request":
            logger.info("Received %s", content)
        try:
            await self.handlers[content](content, message)
        except Exception:
            # Microsoft's code answers failures of the app itself: this is one of ours, or theirs.
            traceback.print_exc()
            logger.exception("Unhandled exception in %s", content)

    async def initialise(self, content, message):
        if dependencies.in_consumption():
            import azure_functions_runtime  # noqa: F401  the pool's worker loads it ahead
        if not dependencies.is_placeholder():
            dependencies.use_user_packages()
        self.load_runtime(message.worker_init_request.function_app_directory)
        await self.call_runtime(content, message)

    async def reload_environment(self, content, message):
        directory = message.function_environment_reload_request.function_app_directory
        dependencies.use_user_packages(directory)
        self.load_runtime(directory)
        await self.call_runtime(content, message)

    def load_runtime(self, directory):
        """As Azure's worker chooses: model v1 where the app's script is missing, even in the pool."""
        script = os.environ.get("PYTHON_SCRIPT_FILE_NAME", "function_app.py")
        if os.path.exists(os.path.join(directory, script)):
            import azure_functions_runtime as runtime
        else:
            import azure_functions_runtime_v1 as runtime
        self.runtime = runtime
        self.runtime.start_threadpool_executor()
        logger.info("%s %s from %s, Python %s", runtime.__name__, runtime.version.VERSION,
                    runtime.__file__, sys.version.split()[0])

    async def call_runtime(self, content, message):
        """Hands the request to Microsoft's handler of the same name and sends its answer."""
        request = types.SimpleNamespace(name=content, request=message,
                                        properties={"protos": protos, "host": self.options.host})
        response = await getattr(self.runtime, content)(request)
        name = ("function_metadata_response" if content == "functions_metadata_request"
                else content.replace("_request", "_response"))
        self.send(**{name: response})

    async def report_status(self, _content, _message):
        self.send(worker_status_response=protos.WorkerStatusResponse())

    def current_invocation_id(self):
        return self.runtime.invocation_id_cv.get() if self.runtime else None
