"""For tests of the JSON Schemas: what is in a schema, and in a document of it."""

import copy


def object_schemas(schema, name):
    """(name, schema) of every object there is; name: of the whole."""
    yield name, schema
    for one, inside in schema["$defs"].items():
        if inside["type"] == "object":
            yield one, inside


def places(value, path=()):
    """Path and value of everything inside."""
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(
        value if isinstance(value, list) else ())
    for key, item in items:
        yield from places(item, (*path, key))


def changed(document, path, change):
    """A copy in which change(container, key) was applied to a place."""
    copied = copy.deepcopy(document)
    container = copied
    for key in path[:-1]:
        container = container[key]
    change(container, path[-1])
    return copied
