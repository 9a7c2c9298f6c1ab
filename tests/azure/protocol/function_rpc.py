# SPDX-License-Identifier: Apache-2.0
"""The FunctionRpc messages as protobuf classes, made at run time from function_rpc.proto.

Shared by the test host and the thin worker: no protoc, no generated code. The reader knows the
part of the proto3 language that our text uses (message, enum, oneof, map, repeated, import) and
refuses anything else with the line it stands on.
"""
import importlib
import os
import re
import types

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

EVENT_STREAM = "/AzureFunctionsRpcMessages.FunctionRpc/EventStream"

_PROTO_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "function_rpc.proto")
_TOKEN = re.compile(r'//[^\n]*|\s+|("[^"]*"|[A-Za-z_][\w.]*|\d+|[{}()<>=;,])|(.)', re.S)
_SCALARS = {"double", "float", "int64", "uint64", "int32", "bool", "string", "bytes", "uint32",
            "sint32", "sint64"}


class ProtoError(ValueError):
    """The text is not in the part of proto3 that this reader knows."""


class _Reader:
    """Turns the text into a FileDescriptorProto: one method per construct."""

    def __init__(self, text, name):
        self.name = name
        self.tokens = []
        for match in _TOKEN.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            if match.group(2):
                raise ProtoError(f"{name}:{line}: unexpected '{match.group(2)}'")
            if match.group(1):
                self.tokens.append((match.group(1), line))
        self.tokens.append((None, line))
        self.at = 0

    def take(self, expected=None):
        token, line = self.tokens[self.at]
        if token is None or (expected is not None and token != expected):
            raise ProtoError(f"{self.name}:{line}: expected {expected or 'more'}, found {token}")
        self.at += 1
        return token

    def next_is(self, token):
        return self.tokens[self.at][0] == token

    def body(self, readers, otherwise=None):
        """Everything between braces; `readers` maps a keyword to the method that reads it."""
        self.take("{")
        while not self.next_is("}"):
            reader = readers.get(self.tokens[self.at][0], otherwise)
            if reader is None:
                raise ProtoError(f"{self.name}:{self.tokens[self.at][1]}: "
                                 f"'{self.tokens[self.at][0]}' is not understood here")
            reader()
        self.take("}")

    def read_file(self):
        file = descriptor_pb2.FileDescriptorProto(name=self.name, syntax="proto3")
        while not self.next_is(None):
            keyword = self.take()
            if keyword == "message":
                self.read_message(file.message_type.add())
            elif keyword == "service":
                self.take()  # the one method's path is EVENT_STREAM
                while self.take() != "}":
                    pass
            elif keyword == "package":
                file.package = self.take()
                self.take(";")
            elif keyword == "import":
                file.dependency.append(self.take().strip('"'))
                self.take(";")
            elif keyword == "syntax":
                for token in ("=", '"proto3"', ";"):
                    self.take(token)
            else:
                self.at -= 1
                raise ProtoError(f"{self.name}:{self.tokens[self.at][1]}: "
                                 f"'{keyword}' is not understood here")
        return file

    def read_message(self, message):
        message.name = self.take()
        self.body({"enum": lambda: self.read_enum(message),
                   "oneof": lambda: self.read_oneof(message)},
                  lambda: self.read_field(message))

    def read_enum(self, message):
        self.take("enum")
        enum = message.enum_type.add(name=self.take())

        def read_value():
            value = enum.value.add(name=self.take())
            value.number = self.read_number()
        self.body({}, read_value)

    def read_oneof(self, message):
        self.take("oneof")
        index = len(message.oneof_decl)
        message.oneof_decl.add(name=self.take())
        self.body({}, lambda: setattr(self.read_field(message), "oneof_index", index))

    def read_field(self, message):
        field = message.field.add(label=descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL)
        if self.next_is("repeated"):
            self.take()
            field.label = field.LABEL_REPEATED
        key_and_value = self.read_map_types() if self.next_is("map") else None
        if not key_and_value:
            self.set_type(field, self.take())
        field.name = self.take()
        field.number = self.read_number()
        if key_and_value:
            self.make_map(message, field, *key_and_value)
        return field

    def read_map_types(self):
        self.take("map")
        self.take("<")
        key = self.take()
        self.take(",")
        value = self.take()
        self.take(">")
        return key, value

    def read_number(self):
        self.take("=")
        token = self.take()
        if not token.isdigit():
            self.at -= 1
            raise ProtoError(f"{self.name}:{self.tokens[self.at][1]}: '{token}' is not a number")
        self.take(";")
        return int(token)

    def make_map(self, message, field, key, value):
        """A map is a repeated nested message with a key and a value (proto3 language guide)."""
        entry = message.nested_type.add(
            name="".join(part.title() for part in field.name.split("_")) + "Entry")
        entry.options.map_entry = True
        for number, (name, type_name) in enumerate((("key", key), ("value", value)), 1):
            part = entry.field.add(name=name, number=number, label=field.LABEL_OPTIONAL)
            self.set_type(part, type_name)
        field.label = field.LABEL_REPEATED
        field.type_name = entry.name

    @staticmethod
    def set_type(field, name):
        if name in _SCALARS:
            field.type = getattr(field, "TYPE_" + name.upper())
        else:
            field.type_name = name  # the pool finds out whether it is a message or an enum


def parse(text, name="function_rpc.proto"):
    """The FileDescriptorProto that `text` describes; ProtoError when it isn't understood."""
    return _Reader(text, name).read_file()


def make_classes(file):
    """A namespace with one class per message. The pool is our own: the app's is left alone."""
    pool = descriptor_pool.DescriptorPool()
    for dependency in file.dependency:
        name = dependency.removesuffix(".proto").replace("/", ".") + "_pb2"
        module = importlib.import_module(name)
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    messages = pool.FindFileByName(file.name).message_types_by_name
    return types.SimpleNamespace(**{name: message_factory.GetMessageClass(descriptor)
                                    for name, descriptor in messages.items()})


with open(_PROTO_FILE, encoding="utf-8") as _file:
    protos = make_classes(parse(_file.read()))
