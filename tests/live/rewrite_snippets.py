"""Source files with imports that are to wait, and what becomes of each name: the form it moves in,
or the kind of the refusal. What use() returns must be the same afterwards. Names are asked for all
at once. Where new is not None it is the whole new text."""

FUNCTION = "function"


def snippet(name, source, expected, new=None, least=(3, 8)):
    return name, least, source, expected, new


SNIPPETS = [
    snippet("plain", '"""Doc."""\nimport json\n\n\ndef use():\n    return json.dumps(1)\n',
            {"json": FUNCTION},
            '"""Doc."""\n\n\ndef use():\n    import json\n    return json.dumps(1)\n'),
    snippet("docstring", 'import json\ndef use():\n    """Doc.\n\n    More."""  # noqa\n'
                         '    return json.dumps(1)\n', {"json": FUNCTION},
            'def use():\n    """Doc.\n\n    More."""  # noqa\n    import json\n'
            '    return json.dumps(1)\n'),
    snippet("comment before the body", 'import json\ndef use(\n    a=1,\n    # of a call\n):\n\n'
                                       '    # why\n    return json.dumps(1)\n', {"json": FUNCTION},
            'def use(\n    a=1,\n    # of a call\n):\n    import json\n\n    # why\n'
            '    return json.dumps(1)\n'),
    snippet("type comment", 'import json\ndef use(a=1):\n    # type: (int) -> str\n'
                            '    return json.dumps(a)\n', {"json": FUNCTION},
            'def use(a=1):\n    # type: (int) -> str\n    import json\n    return json.dumps(a)\n'),
    snippet("trailing comment", 'import json  # noqa: E402\ndef use():\n    return json.dumps(1)\n',
            {"json": FUNCTION},
            'def use():\n    import json  # noqa: E402\n    return json.dumps(1)\n'),
    snippet("alias and dotted", 'import os.path as p\nimport xml.dom\nfrom json import dumps as d\n'
                                'def use():\n    return p.sep, xml.dom.Node.__name__, d(1)\n',
            {"p": FUNCTION, "xml": FUNCTION, "d": FUNCTION},
            'def use():\n    import os.path as p\n    import xml.dom\n'
            '    from json import dumps as d\n'
            '    return p.sep, xml.dom.Node.__name__, d(1)\n'),
    snippet("two dotted of one package", 'import xml.dom\nimport xml.sax\ndef use():\n'
                                         '    return xml.dom.Node.__name__, xml.sax.__name__\n',
            {"xml": FUNCTION},
            'def use():\n    import xml.dom\n    import xml.sax\n'
            '    return xml.dom.Node.__name__, xml.sax.__name__\n'),
    snippet("several names split", 'import json, os, sys  # three\nhere = os.sep\ndef use():\n'
                                   '    return json.dumps(sys.byteorder)\n',
            {"json": FUNCTION, "os": "module", "sys": FUNCTION},
            'import os  # three\nhere = os.sep\ndef use():\n    import json, sys\n'
            '    return json.dumps(sys.byteorder)\n'),
    snippet("backslash", 'from json import dumps, \\\n    loads\nhere = loads\ndef use():\n'
                         '    return dumps(1)\n', {"dumps": FUNCTION, "loads": "module"},
            'from json import loads\nhere = loads\ndef use():\n    from json import dumps\n'
            '    return dumps(1)\n'),
    snippet("list with comments",
            'from json import (  # the list\n    # about dumps\n    # more of it\n'
            '    dumps,  # writes\n    # about loads\n    loads,\n    JSONDecoder, JSONEncoder,'
            '  # both\n    # at its end\n)  # behind\n'
            'def use():\n    return dumps(loads("1"))\n'
            'class Mine(JSONEncoder):\n    pass\n'
            'def other():\n    return JSONDecoder\n',
            {"dumps": FUNCTION, "loads": FUNCTION, "JSONDecoder": FUNCTION, "JSONEncoder": "base"},
            'from json import (  # the list\n    JSONEncoder,  # both\n    # at its end\n)  # behind\n'
            'def use():\n    # about dumps\n    # more of it\n    from json import dumps  # writes\n'
            '    # about loads\n    from json import loads\n    return dumps(loads("1"))\n'
            'class Mine(JSONEncoder):\n    pass\n'
            'def other():\n    from json import JSONDecoder\n    return JSONDecoder\n'),
    snippet("list that goes as a whole",
            'from json import (  # the list\n    dumps, loads,  # both\n    # at its end\n'
            ')  # behind\ndef use():\n    return dumps(loads("1"))\n',
            {"dumps": FUNCTION, "loads": FUNCTION},
            'def use():\n    # the list\n    # both\n    # at its end\n'
            '    from json import dumps, loads  # behind\n    return dumps(loads("1"))\n'),
    snippet("list in one line", 'from json import (dumps, loads, JSONDecoder)\nhere = loads\n'
                                'def use():\n    return dumps(1), JSONDecoder.__name__\n',
            {"dumps": FUNCTION, "loads": "module", "JSONDecoder": FUNCTION},
            'from json import (loads)\nhere = loads\ndef use():\n'
            '    from json import dumps, JSONDecoder\n    return dumps(1), JSONDecoder.__name__\n'),
    snippet("list of two rows", 'from json import (dumps, loads,\n                  JSONDecoder)\n'
                                'here = loads\ndef use():\n    return dumps(1), JSONDecoder.__name__\n',
            {"dumps": FUNCTION, "loads": "module", "JSONDecoder": FUNCTION},
            'from json import (loads,\n                  )\nhere = loads\ndef use():\n'
            '    from json import dumps, JSONDecoder\n    return dumps(1), JSONDecoder.__name__\n'),
    snippet("crlf and tabs", 'import json\r\ndef use():\r\n\tif 1:\r\n\t\treturn json.dumps(1)\r\n',
            {"json": FUNCTION},
            'def use():\r\n\timport json\r\n\tif 1:\r\n\t\treturn json.dumps(1)\r\n'),
    snippet("latin-1", '# -*- coding: latin-1 -*-\nimport json  # \xe4\ndef use():\n'
                       '    return json.dumps("\xfc")\n'.encode("latin-1"), {"json": FUNCTION},
            '# -*- coding: latin-1 -*-\ndef use():\n    import json  # \xe4\n'
            '    return json.dumps("\xfc")\n'.encode("latin-1")),
    snippet("byte order mark", '\ufeffimport json\ndef use():\n    return json.dumps("\xfc")\n',
            {"json": FUNCTION}, '\ufeffdef use():\n    import json\n    return json.dumps("\xfc")\n'),
    snippet("utf-8", 'import json  # \u4e2d\ndef use():\n    return json.dumps("\u4e2d")\n',
            {"json": FUNCTION}),
    snippet("no end of the last line", 'import json\ndef use():\n    return json.dumps(1)',
            {"json": FUNCTION}, 'def use():\n    import json\n    return json.dumps(1)'),
    snippet("import as the last line", 'def use():\n    return json.dumps(1)\nimport json',
            {"json": FUNCTION}, 'def use():\n    import json\n    return json.dumps(1)\n'),
    snippet("methods, closures, async",
            'import json\nimport asyncio\nclass A:\n    def m(self):\n        def inner():\n'
            '            return [json.dumps(i) for i in (1, 2)]\n        class B:\n'
            '            text = json.dumps(3)\n        return inner(), B.text\n'
            'async def go():\n    return json.dumps(4)\n'
            'def use():\n    return A().m(), asyncio.run(go())\n',
            {"json": FUNCTION, "asyncio": FUNCTION},
            'class A:\n    def m(self):\n        import json\n        def inner():\n'
            '            return [json.dumps(i) for i in (1, 2)]\n        class B:\n'
            '            text = json.dumps(3)\n        return inner(), B.text\n'
            'async def go():\n    import json\n    return json.dumps(4)\n'
            'def use():\n    import asyncio\n    return A().m(), asyncio.run(go())\n'),
    snippet("decorated first statement", 'import json\nimport functools\ndef use():\n'
                                         '    @functools.lru_cache(None)\n    def f():\n'
                                         '        return json.dumps(1)\n    return f()\n',
            {"json": FUNCTION, "functools": FUNCTION},
            'def use():\n    import json\n    import functools\n'
            '    @functools.lru_cache(None)\n    def f():\n'
            '        return json.dumps(1)\n    return f()\n'),
    snippet("same name in another function", 'import json\ndef use(json=1):\n    return json\n'
                                             'def other():\n    return json.dumps(1)\n',
            {"json": FUNCTION},
            'def use(json=1):\n    return json\ndef other():\n    import json\n'
            '    return json.dumps(1)\n'),
    snippet("getter and setter of one name", 'import json\nclass A:\n    @property\n'
                                             '    def x(self):\n        return json.dumps(1)\n'
                                             '    @x.setter\n    def x(self, y):\n'
                                             '        json.loads(y)\n'
                                             'def use():\n    a = A()\n    a.x = "1"\n    return a.x\n',
            {"json": FUNCTION}),
    snippet("local annotation", 'import json\ndef use():\n    a: json.JSONDecoder = 1\n'
                                '    return json.dumps(a)\n', {"json": FUNCTION}),
    snippet("walrus in a comprehension", 'import json\ndef use():\n'
                                         '    return [y for x in "12" if (y := json.loads(x))]\n',
            {"json": FUNCTION}),
    # --- what stays ---
    snippet("used at loading",
            'import json\nimport abc\nimport enum\nimport string\nimport typing\nimport decimal\n'
            'import functools\nimport fractions\nimport random\n'
            'a = json.dumps(1)\nclass C(abc.ABC):\n    b = enum.Enum\n'
            'def use(x=string.digits) -> "typing.Any":\n    return 1\n'
            'c = lambda: decimal.Decimal(1)\n@functools.lru_cache(None)\ndef g(): pass\n'
            'd = [fractions.Fraction(i) for i in (1, 2)]\ne: random.Random\n',
            {"json": "module", "abc": "base", "enum": "class-body", "string": "default",
             "typing": "annotation", "decimal": "module", "functools": "decorator",
             "fractions": "comprehension", "random": "annotation"}),
    snippet("nested annotation as a text", 'import typing\ndef use(x: "typing.Optional[str]" = 1):\n'
                                           '    return typing.__name__\n', {"typing": "annotation"}),
    snippet("future annotations", 'from __future__ import annotations\nimport decimal\n'
                                  'def use(x: decimal.Decimal = 1):\n    return decimal.__name__\n',
            {"decimal": "annotation"}),
    snippet("annotation of a nested function as a text",
            'from __future__ import annotations\nimport decimal\nimport typing\ndef use():\n'
            '    def f(x: decimal.Decimal):\n        pass\n'
            '    return str(typing.get_type_hints(f))\n',
            {"decimal": "annotation", "typing": FUNCTION}),
    snippet("conditional", 'import typing\nif typing.TYPE_CHECKING:\n    import json\ntry:\n'
                           '    import decimal\nexcept ImportError:\n    decimal = None\n'
                           'def use():\n    return decimal.Decimal(1)\n',
            {"json": "type-checking", "decimal": "conditional", "typing": "module"}),
    snippet("bound again", 'import json\njson = json\nimport decimal\ndef use():\n'
                           '    global decimal\n    return json.dumps(1)\n',
            {"json": "global", "decimal": "global"}),
    snippet("star", 'from json import *\ndef use():\n    return dumps(1)\n', {"": "star"}),
    snippet("dynamic", 'import json\ndef use():\n    return globals()["json"].dumps(1), json.dumps(2)\n',
            {"json": "dynamic"}),
    snippet("locals", 'import json\ndef use():\n    return sorted(locals()), json.dumps(2)\n',
            {"json": "dynamic"}),
    snippet("semicolon", 'import json; import decimal\ndef use():\n'
                         '    return json.dumps(1), decimal.Decimal(1)\n',
            {"json": "one-line", "decimal": "one-line"}),
    snippet("one-line def", 'import json\ndef use(): return json.dumps(1)\n', {"json": "one-line"}),
    snippet("statement behind the docstring", 'import json\ndef use():\n    "doc"; x = json.dumps(1)\n'
                                              '    return x\n', {"json": "one-line"}),
    snippet("continued header", 'import json\ndef use(): \\\n    return json.dumps(1)\n',
            {"json": "layout"}),
    snippet("unused", 'import json\nimport decimal\ndef use():\n    return json.dumps(1)\n',
            {"json": FUNCTION, "decimal": "unused"}),
    snippet("in __all__", 'import json\n__all__ = ["json"]\ndef use():\n    return json.dumps(1)\n',
            {"json": "exported"}),
    snippet("class in a function binds it", 'import json\ndef use():\n    class A:\n'
                                            '        json = json\n    return A.json.dumps(1)\n',
            {"json": "global"}),
    snippet("dotted, one of them used at loading", 'import xml.dom\nimport xml.sax\na = xml.dom.Node\n'
                                                   'def use():\n    return xml.sax.__name__\n',
            {"xml": "module"}),
    snippet("compiled", 'import math\ndef njit(f):\n    return f\n@njit\ndef use():\n'
                        '    return math.sqrt(4)\n', {"math": "compiled"}),
    snippet("carriage returns alone", b'import json\rdef use():\r    return json.dumps(1)\r',
            {"json": "line-ends"}),
    # --- newer syntax ---
    snippet("positional-only and match", 'import json\ndef use(a=1, /):\n    match json.loads("[1]"):\n'
                                         '        case [x]:\n            return x\n',
            {"json": FUNCTION}, None, (3, 10)),
    snippet("except star", 'import json\ndef use():\n    try:\n        json.loads("")\n'
                           '    except* ValueError:\n        x = 1\n    return x\n', {"json": FUNCTION}, None,
            (3, 11)),
]
