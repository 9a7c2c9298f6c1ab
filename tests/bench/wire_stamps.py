# SPDX-License-Identifier: Apache-2.0
"""Reads what wire_stamps.c wrote: the messages of one process, from the bytes of its system calls.

Frames: RFC 9113, section 4.1. Messages: grpc/grpc doc/PROTOCOL-HTTP2.md.
"""
import collections
import struct
import subprocess

STAMP = struct.Struct("=QQIHH")
FRAME_BYTES, PREFIX_BYTES = 9, 5
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

Message = collections.namedtuple("Message", "direction bytes first_ns last_ns")


def build(library, source):
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library,
                    source, "-ldl"], check=True)


class Side:
    """One direction of a connection: all of its bytes, and when each came."""

    def __init__(self, direction):
        self.direction, self.data, self.ends, self.times = direction, bytearray(), [], []

    def add(self, data, time_ns):
        self.data += data
        self.ends.append(len(self.data))
        self.times.append(time_ns)

    def time(self, offset):
        low, high = 0, len(self.ends)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.ends[middle] <= offset else (low, middle)
        return self.times[low]

    def pieces(self):
        """(stream, offset, end) of each DATA frame's payload."""
        at = len(PREFACE) if self.data.startswith(PREFACE) else 0
        while at + FRAME_BYTES <= len(self.data):
            length = int.from_bytes(self.data[at:at + 3], "big")
            kind, flags = self.data[at + 3], self.data[at + 4]
            stream = int.from_bytes(self.data[at + 5:at + 9], "big") & 0x7fffffff
            at += FRAME_BYTES
            if kind == 0:
                assert not flags & 8, "gRPC pads nothing"
                yield stream, at, min(at + length, len(self.data))
            at += length

    def messages(self):
        """Those that are complete, in the order of their ends."""
        offsets = collections.defaultdict(list)  # by stream: spans in its own bytes
        for stream, begin, end in self.pieces():
            offsets[stream].append((begin, end))
        for spans in offsets.values():
            yield from self.messages_of(spans)

    def messages_of(self, spans):
        data = b"".join(bytes(self.data[begin:end]) for begin, end in spans)
        at = 0
        while at + PREFIX_BYTES <= len(data):
            length = int.from_bytes(data[at + 1:at + 5], "big")
            end = at + PREFIX_BYTES + length
            if end > len(data):
                return
            yield Message(self.direction, length, self.time(place(spans, at)),
                          self.time(place(spans, end - 1)))
            at = end


def place(spans, offset):
    """Where in the connection's bytes the stream's byte at `offset` is."""
    for begin, end in spans:
        if offset < end - begin:
            return begin + offset
        offset -= end - begin
    raise ValueError(offset)


def read(path):
    """The messages of a process: those sent, those received, each in their order."""
    sides = {}
    with open(path, "rb") as file:
        while head := file.read(STAMP.size):
            enter_ns, exit_ns, length, outgoing, descriptor = STAMP.unpack(head)
            side = sides.setdefault((descriptor, outgoing),
                                    Side("to-host" if outgoing else "to-worker"))
            side.add(file.read(length), enter_ns if outgoing else exit_ns)
    return [message for side in sides.values() for message in side.messages()]
