# SPDX-License-Identifier: Apache-2.0
# python3 app_code.py LISTING: writes the bytecode of the script that LISTING (app_source_script.S)
# is made of, for interpreters of the same form as this one: its magic number, then marshalled
# {"main": code, name of a part that is compiled only where it is needed: code}.
import marshal
import pathlib
import re
import sys
from importlib.util import MAGIC_NUMBER

texts, name = {"main": ""}, "main"
for kind, text in re.findall(r'\.(incbin|ascii) "(.*)"', pathlib.Path(sys.argv[1]).read_text()):
    part = re.search(r"'(\w+)': r'''$", text)
    if kind == "incbin":
        texts[name] = texts.get(name, "") + pathlib.Path(text).read_text("utf-8")
    else:
        name = part.group(1) if part else "main"
codes = {name: compile(text, name, "exec", dont_inherit=True, optimize=2)
         for name, text in texts.items()}
sys.stdout.buffer.write(MAGIC_NUMBER + marshal.dumps(codes))
