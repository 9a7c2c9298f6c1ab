"""Texts of a report as src/report/shown_text.h has them: one line, what is not plain escaped."""

import re

NOT_PLAIN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
                       "\ufeff\ufff9-\ufffb\udc80-\udcff\U000e0000-\U000e007f]")


def shown(of, key):
    """The text under a key, from its bytes where it has them."""
    raw = of.get(f"{key}_bytes")
    if raw is None:
        return escape(of[key])
    data = re.sub(rb"%(..)", lambda byte: bytes.fromhex(byte[1].decode()), raw.encode())
    return escape(data.decode(errors="surrogateescape"))


def escape(text):
    def form(match):
        code = ord(match[0])
        if 0xdc80 <= code <= 0xdcff:
            return f"\\x{code - 0xdc00:02x}"
        return f"\\x{code:02x}" if code < 0x80 else f"\\u{{{code:04x}}}"
    return NOT_PLAIN.sub(form, text)
