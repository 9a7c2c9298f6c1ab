# SPDX-License-Identifier: Apache-2.0
"""The messages made from function_rpc.proto, its reader, and the worker's command line."""
import contextlib
import io
import os
import sys
import unittest

import demo

demo.place_own("plain")  # protobuf is in the demo's venv
sys.path.append(os.path.join(demo.DEMO, "venv/lib/python3.11/site-packages"))
sys.path += [os.path.join(demo.HERE, "protocol"), os.path.join(demo.HERE, "worker")]
import function_rpc  # noqa: E402
from thin_worker.start import parse_arguments  # noqa: E402

# The protocol's own numbers, as read off the wire of a real worker.
CONTENT_NUMBERS = {
    "rpc_log": 2, "invocation_request": 4, "invocation_response": 5, "function_load_request": 8,
    "function_load_response": 9, "worker_status_request": 12, "worker_status_response": 13,
    "worker_terminate": 14, "worker_init_response": 16, "worker_init_request": 17,
    "start_stream": 20, "invocation_cancel": 21, "function_environment_reload_request": 25,
    "function_environment_reload_response": 26, "functions_metadata_request": 29,
    "function_metadata_response": 30, "worker_warmup_request": 33, "worker_warmup_response": 34,
}
ID = "5a231a85-bc03-fac0-ed5e-49d91d7a4a03"


class Messages(unittest.TestCase):
    def test_content_numbers(self):
        content = function_rpc.protos.StreamingMessage.DESCRIPTOR.oneofs_by_name["content"]
        self.assertEqual({field.name: field.number for field in content.fields}, CONTENT_NUMBERS)

    def test_bytes(self):
        message = function_rpc.protos.StreamingMessage(start_stream={"worker_id": "w1"})
        # Field 20 and field 2, both length-delimited (protobuf encoding guide).
        self.assertEqual(message.SerializeToString(), b"\xa2\x01\x04\x12\x02w1")

    def test_maps_and_enums_and_known_types(self):
        protos = function_rpc.protos
        request = protos.WorkerInitRequest(capabilities={"a": "b"},
                                           log_categories={"Host": protos.RpcLog.Warning})
        again = protos.WorkerInitRequest.FromString(request.SerializeToString())
        self.assertEqual(dict(again.capabilities), {"a": "b"})
        self.assertEqual(again.log_categories["Host"], 3)
        terminate = protos.WorkerTerminate()
        terminate.grace_period.FromSeconds(3)
        self.assertEqual(terminate.SerializeToString(), b"\x0a\x02\x08\x03")


class Reader(unittest.TestCase):
    def test_what_is_not_understood_is_refused_with_its_line(self):
        cases = {
            "syntax = \"proto2\";": "t:1: expected \"proto3\", found \"proto2\"",
            "package a;\noption b = 1;": "t:2: 'option' is not understood here",
            "message M {\n  string s = one;\n}": "t:2: 'one' is not a number",
            "message M {\n  string s = 1": "t:2: expected ;, found None",
            "message M {\n\n  $\n}": "t:3: unexpected '$'",
        }
        for text, error in cases.items():
            with self.subTest(text=text), self.assertRaises(function_rpc.ProtoError) as raised:
                function_rpc.parse(text, "t")
            self.assertEqual(str(raised.exception), error)


class CommandLine(unittest.TestCase):
    def test_each_generation_of_flags_is_enough(self):
        old = ["--host", "127.0.0.1", "--port", "4711", "--workerId", ID, "--requestId", "r",
               "--grpcMaxMessageLength", "99"]
        new = ["--functions-uri", "http://127.0.0.1:4711/", "--functions-worker-id", ID,
               "--functions-request-id", "r", "--functions-grpc-max-message-length", "99"]
        for arguments in (old, new, old + new):
            options = parse_arguments(arguments)
            self.assertEqual((options.host, options.port, options.worker_id, options.request_id,
                              options.max_message_bytes), ("127.0.0.1", 4711, ID, "r", 99))

    def test_too_little_is_a_usage_error(self):
        for arguments in ([], ["--functions-uri", "http://127.0.0.1/"], ["--port", "x"]):
            with self.subTest(arguments), contextlib.redirect_stderr(io.StringIO()) as errors:
                with self.assertRaises(SystemExit) as raised:
                    parse_arguments(arguments)
                self.assertEqual(raised.exception.code, 2)
                self.assertIn("error: ", errors.getvalue())


if __name__ == "__main__":
    unittest.main()
