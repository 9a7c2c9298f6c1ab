"""Judges CycloneDX 1.6 files by cyclonedx-python-lib: validate.py FILE... prints JSON, for each file
what its validator says (null: valid) and what the libraries beside it make of ids, expressions and
package URLs. Run by the Python of the validator's environment.
"""

import json
import sys
import warnings

from cyclonedx import spdx
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL


def components(parent):
    for component in parent.get("components", ()):
        yield component
        yield from components(component)


def choices(document):
    for component in components(document):
        for choice in component.get("licenses", ()):
            yield choice.get("expression"), choice.get("license", {}).get("id")


def dangling(text):
    """References to components that the library misses when it reads the document."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a target that asks for nothing is worth one
        try:
            bom = Bom.from_json(json.loads(text))
            bom.validate()
        except Exception as error:  # whatever a library refuses a document with
            return f"{type(error).__name__}: {error}"[:500]
    return None


def judge(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    document = json.loads(text)
    pairs = list(choices(document))
    return {"error": None if error is None else str(error)[:500],
            "model": None if error is not None else dangling(text),
            "expressions": {one: spdx.is_expression(one) for one, _ in pairs if one},
            "ids": {one: spdx.is_supported_id(one) for _, one in pairs if one},
            "purls": {component["purl"]: PackageURL.from_string(component["purl"]).to_dict()
                      for component in components(document) if "purl" in component}}


print(json.dumps({path: judge(path) for path in sys.argv[1:]}))
