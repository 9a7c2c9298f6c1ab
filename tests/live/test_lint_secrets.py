# SPDX-License-Identifier: Apache-2.0
"""`thaw lint` says where a secret is, and nothing of it: secrets of all shapes, in all files that are
read, whole files and such as can't be read, are in no output of any format.

The secrets are made of a marker of their own each, so that a part of one would be found, too.
"""

import base64
import json
import unittest

import lint_outputs
from lint_outputs import FINDING, INCOMPLETE, OK, USAGE


def letters(seed, length):
    """Looks random, and is the same in each run."""
    text, number = "", seed * 7919 + 17
    while len(text) < length:
        number = (number * 1103515245 + 12345) % (1 << 31)
        text += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[(number >> 8) % 62]
    return text


def key(seed, size=64):
    return base64.b64encode(letters(seed, size).encode()).decode()


# What is to be kept, and the text that has it.
SHAPES = {
    "storage": (key(1), "DefaultEndpointsProtocol=https;AccountName=orders;AccountKey={};"
                "EndpointSuffix=core.windows.net"),
    "bus": (key(2, 32), "Endpoint=sb://orders.servicebus.windows.net/;SharedAccessKeyName=Root;"
            "SharedAccessKey={}"),
    "cosmos": (key(3), "AccountEndpoint=https://orders.documents.azure.com:443/;AccountKey={};"),
    "sql": (letters(4, 20), "Server=tcp:a.database.windows.net;Database=o;User ID=u;Password={};"),
    "postgres": (letters(5, 20), "postgresql://orders:{}@db.example/orders"),
    "signature": (letters(6, 43), "https://a.blob.core.windows.net/c?sv=2022-11-02&se=2030-01-01&sr=c"
                  "&sp=r&sig={}%3D"),
    "function": (letters(7, 54), "https://a.azurewebsites.net/api/order?code={}=="),
    "token": (letters(8, 36), "ghp_{}"),
    "jwt": (letters(9, 60), "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.{}"),
    "amazon": ("AKIA" + letters(10, 16).upper(), "{}"),
    "private": (letters(11, 60), "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n"),
    "client": ("8Q~" + letters(12, 31), "abc{}"),
    "insights": (letters(13, 32), "InstrumentationKey={};IngestionEndpoint=https://a.example/"),
    "plain": (letters(14, 24), "{}"),
    "dsn": (letters(15, 20), "host=db.example user=orders password={} dbname=orders"),
    "access": (letters(16, 19) + "/" + letters(17, 20), "{}"),
}
TEXTS = {name: form.format(secret) for name, (secret, form) in SHAPES.items()}
QUOTED = {name: json.dumps(text) for name, text in TEXTS.items()}
SECRETS = tuple(secret for secret, _ in SHAPES.values())
# What can't be taken for the name of a setting ("connection" is to be one, and is told as one): all
# but what has no form of its own.
STRINGS = [name for name in TEXTS if name not in ("client", "plain", "access")]
SINGLE = {name: "'" + text.replace("\n", "\\n") + "'" for name, text in TEXTS.items()}  # Bicep, Python
ONE_LINE = {name: text.replace("\n", "") for name, text in TEXTS.items()}


def settings():
    """By names that say it, that say nothing, and by names of the platform's own."""
    named = {f"{name.upper()}_PASSWORD": text for name, text in TEXTS.items()}
    known = dict(zip(("AzureWebJobsStorage", "APPLICATIONINSIGHTS_CONNECTION_STRING",
                      "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "WEBSITE_RUN_FROM_PACKAGE",
                      "AzureFunctionsJobHost__extensions__http__x", "APPINSIGHTS_INSTRUMENTATIONKEY",
                      "PIP_EXTRA_INDEX_URL"),
                     (TEXTS[name] for name in ("storage", "insights", "cosmos", "signature", "token",
                                               "plain", "postgres"))))
    return {**named, **{f"Value{number}": text for number, text in enumerate(TEXTS.values())}, **known}


def in_json(values):
    return json.dumps({"IsEncrypted": False, "Values": values, "ConnectionStrings": TEXTS}, indent=1)


def source():
    text = "import os\nimport azure.functions as func\n\napp = func.FunctionApp()\n"
    for name, value in SINGLE.items():
        connection = value if name in STRINGS else "'Orders'"
        text += (f"{name}_key = {value}\nOTHER = dict(password={value}, a=[{value}])\n"
                 f"os.environ['{name}'] = {value}\n"
                 f"@app.queue_trigger(arg_name='m', queue_name='q', connection={connection})\n"
                 f"@app.queue_output(arg_name='o', queue_name='p', connection={connection})\n"
                 f"def on_{name}(m, o, key={value}):\n    f\"\"\"{value}\"\"\"\n"
                 f"    requests.get({value}, headers={{'Authorization': {value}}})  # {value}\n"
                 f"    os.getenv('A', {value})\n    BlobClient.from_connection_string({value})\n")
    return text


def bicep():
    rows = "".join(f"    {{ name: 'S_{name}'\n value: {value} }}\n" for name, value in SINGLE.items())
    given = "".join(f"param p_{name} string = {value}\nvar v_{name} = '${{p_{name}}}'\n"
                    for name, value in SINGLE.items())
    return (f"{given}resource app 'Microsoft.Web/sites@2024-04-01' = {{\n  name: 'a'\n  kind: 'functionapp,linux'\n"
            f"  properties: {{ siteConfig: {{ appSettings: [\n{rows}"
            + "".join(f"    {{ name: 'V_{name}'\n value: v_{name} }}\n" for name in SINGLE) + "  ] } }\n}\n")


def arm():
    return json.dumps({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "parameters": {name: {"type": "string", "defaultValue": text} for name, text in TEXTS.items()},
        "resources": [{"type": "Microsoft.Web/sites", "kind": "functionapp,linux", "name": "a", "properties": {
            "siteConfig": {"appSettings": [
                row for name, text in TEXTS.items() for row in (
                    {"name": f"S_{name}", "value": text},
                    {"name": f"P_{name}", "value": f"[parameters('{name}')]"})],
                "connectionStrings": [{"name": name, "connectionString": text, "type": "Custom"}
                                      for name, text in TEXTS.items()]}}}]}, indent=1)


def plan():
    return json.dumps({"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {
        "resources": [{"address": "azurerm_linux_function_app.a", "type": "azurerm_linux_function_app",
                       "name": "a", "values": {"app_settings": settings(), "storage_account_access_key":
                                               TEXTS["storage"], "site_config": [TEXTS]}}]}}}, indent=1)


def sam():
    rows = "".join(f"        S_{name}: {value}\n" for name, value in QUOTED.items())
    return ("AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n"
            "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.12\n"
            f"      Handler: app.h\n      Environment:\n       Variables:\n{rows}")


def requirements():
    return ("--index-url https://user:" + SHAPES["sql"][0] + "@pip.example/simple\n"
            "--extra-index-url " + TEXTS["signature"] + "\n--find-links https://" + TEXTS["token"] + "@a.example/\n"
            "git+https://" + TEXTS["token"] + "@github.com/a/b.git@main#egg=b\n"
            "c @ https://user:" + SHAPES["postgres"][0] + "@a.example/c-1.0.tar.gz\n"
            "-r https://user:" + SHAPES["plain"][0] + "@a.example/r.txt\n"
            + "".join(f"{text}\n" for text in ONE_LINE.values()))


def manifest():
    return ("[project]\nname = 'a'\nversion = '1'\ndependencies = [\n"
            + "".join(f"  {value},\n" for value in QUOTED.values())
            + "  'd @ https://user:" + SHAPES["plain"][0] + "@a.example/d.zip',\n]\n"
            "[[tool.uv.index]]\nurl = 'https://user:" + SHAPES["sql"][0] + "@a.example/'\n"
            "[tool.poetry.dependencies]\n" + "".join(f"{name} = {value}\n" for name, value in QUOTED.items()))


def host():
    return json.dumps({"version": "2.0", "functionTimeout": TEXTS["plain"], "extensionBundle": {
        "id": TEXTS["token"], "version": TEXTS["jwt"]}, "logging": {"logLevel": {"default": TEXTS["client"]}},
        "extensions": {"http": {"customHeaders": TEXTS, "routePrefix": TEXTS["signature"]},
                       "durableTask": {"hubName": TEXTS["amazon"], "storageProvider": {
                           "connectionStringName": TEXTS["storage"], "type": TEXTS["bus"]}}}, **TEXTS}, indent=1)


def names():
    """What stands where a name should: keys and values that were swapped, names of functions and paths.
    The value beside it says nothing, and the file can be read."""
    return {name: text for name, text in TEXTS.items() if name in STRINGS}


def source_of_names():
    text = "import azure.functions as func\n\napp = func.FunctionApp()\n"
    for number, value in enumerate(SINGLE[name] for name in names()):
        text += (f"A{number} = {{{value}: {SINGLE['storage']}}}\n"
                 f"@app.function_name({value})\n@app.queue_trigger(arg_name={value}, queue_name={value}, connection='Orders')\n"
                 f"@app.generic_output_binding(arg_name='o', type={value}, path={value})\n"
                 f"def g{number}(m: {value}, o):\n    pass\n"
                 f"@app.route(route={value}, methods=[{value}], auth_level={value})\n"
                 f"def h{number}(req):\n    pass\n"
                 f"@app.timer_trigger(arg_name='t', schedule={value}, run_on_startup=True)\n"
                 f"def t{number}(t):\n    os.environ[{value}]\n")
    return text


def template_of_names():
    rows = [{"name": text, "value": TEXTS["storage"]} for text in names().values()]
    return json.dumps({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "resources": [{"type": "Microsoft.Web/sites", "kind": "functionapp,linux", "name": text, "properties": {
            "siteConfig": {"linuxFxVersion": f"DOCKER|u:{text}@registry/image:1", "appSettings": rows},
            "functionAppConfig": {"runtime": {"name": "python", "version": text}, "deployment": {
                "storage": {"authentication": {"type": text}}}}}} for text in names().values()]}, indent=1)


def host_of_names():
    return json.dumps({"version": "2.0", "extensions": {"mail": {"apiKey": TEXTS["plain"], "pin": 7}},
                       "logging": {"logLevel": {text: "Trace" for text in names().values()}}}, indent=1)


def functions_of_names(app):
    for number, text in enumerate(names().values()):
        folder = app / f"n{number}"
        folder.mkdir()
        (folder / "function.json").write_text(json.dumps({"scriptFile": text, "entryPoint": text, "bindings": [
            {"type": "queueTrigger", "name": text, "queueName": text, "route": text, "schedule": text,
             "authLevel": text, "direction": "in"}, {"type": text, "name": text, "path": text}]}, indent=1))


def repeated(value):
    """A file of JSON in which each of the names stands twice, and once written with escapes."""
    keys = [json.dumps(text) for text in names().values()]
    keys += ['"' + "".join(f"\\u{ord(character):04x}" for character in TEXTS["token"]) + '"']
    return "{" + ",\n".join(f"{key}: {value}" for key in keys * 2) + "}"


def functions(app):
    for number, (name, text) in enumerate(TEXTS.items()):
        connection = text if name in STRINGS else "Orders"
        folder = app / f"f{number}"
        folder.mkdir()
        (folder / "__init__.py").write_text("def main(m):\n    pass\n")
        (folder / "function.json").write_text(json.dumps({"bindings": [
            {"type": "queueTrigger", "name": "m", "queueName": "q", "connection": connection, "direction": "in"},
            {"type": "http", "direction": "out", "name": "$return", "key": text},
            {"type": "blob", "name": "b", "path": "a/b", "connection": connection, "direction": "out"}]}, indent=1))


def files():
    return {
        "local.settings.json": in_json(settings()), "function_app.py": source(), "infra/main.bicep": bicep(),
        "azuredeploy.json": arm(), "plan.json": plan(), "template.yaml": sam(), "host.json": host(),
        "requirements.txt": requirements(), "pyproject.toml": manifest(),
        "Dockerfile": "FROM mcr.microsoft.com/azure-functions/python:4-python3.11\n" + "".join(
            f"ENV S_{name}={value}\nENV T_{name} {value}\nARG A_{name}={value}\nRUN curl {value}\n"
            for name, value in ONE_LINE.items()),
        ".funcignore": "\n".join(ONE_LINE.values()), ".python-version": ONE_LINE["plain"],
        "Pipfile.lock": json.dumps({"_meta": {"sources": [{"url": TEXTS["postgres"]}]}, "default": {
            "a": {"version": TEXTS["plain"], "git": TEXTS["token"], "file": TEXTS["signature"]}}}),
        "environment.yml": "dependencies:\n" + "".join(f" - {value}\n" for value in QUOTED.values()) +
                           " - pip:\n" + "".join(f"    - {value}\n" for value in QUOTED.values()),
    }


class Secrets(lint_outputs.Judged):
    secrets = SECRETS

    def write(self, app, written):
        for name, text in written.items():
            path = app / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def test_they_are_found_and_kept(self):
        exported = self.scratch / "exported.json"
        for form in ([{"name": name, "value": text, "slotSetting": False} for name, text in settings().items()],
                     settings()):
            exported.write_text(json.dumps(form, indent=1))
            app = self.make(lambda app: (self.write(app, files()), functions(app)))
            for options in ((), ("--settings", exported), ("--plan", "flex", "--python", "3.12")):
                with self.subTest(options):
                    document = self.check(app, None, None, *options).document
                    self.assertGreater(len([one for one in document["findings"]
                                            if "secret" in one["id"]]), 10)
        self.judge()

    def test_none_is_shown_as_a_name(self):
        exported = self.scratch / "names.json"
        exported.write_text(json.dumps({**dict.fromkeys(names().values(), TEXTS["storage"]),
                                        "AzureFunctionsJobHost__extensions__mail__apiKey":
                                        "@Microsoft.KeyVault(VaultName=shop;SecretName=mail)",
                                        "AzureFunctionsJobHost__extensions__mail__pin": "8"}, indent=1))
        written = {
            "local.settings.json": '{"IsEncrypted": false, "Values": ' + repeated(5) + "}",
            "function_app.py": source_of_names(), "azuredeploy.json": template_of_names(), "host.json": host_of_names(),
            "requirements.txt": "git+https://user:" + SHAPES["sql"][0] + "/x@a.example/b.git#egg=b\n"
                                + TEXTS["token"] + "\n" + TEXTS["amazon"] + "==1.0\n",
        }
        app = self.make(lambda app: (self.write(app, written), functions_of_names(app)))
        for options in ((), ("--settings", exported), ("--plan", "flex", "--python", "3.12")):
            with self.subTest(options):
                run = self.check(app, None, None, *options)
                self.assertIn("(a secret)", run.outputs["summary"])
                # What normalises names makes small letters of them.
                text = "".join(run.outputs.values()).lower()
                for shape in ("token", "amazon"):
                    self.assertFalse(SHAPES[shape][0].lower() in text, shape)
        self.judge()

    def test_what_cannot_be_read_keeps_them(self):
        """Each file cut in the middle, and with a byte that has no place at its beginning."""
        whole = files()
        for name, text in whole.items():
            for change, content in (("cut", text[:len(text) * 2 // 3]), ("begun", "}" + text),
                                    ("NUL", text.replace("\n", "\n\0", 1)),
                                    ("unquoted", text.replace('"', "").replace("'", ""))):
                with self.subTest(name, change=change):
                    app = self.make(lambda app, one={name: content}: self.write(app, one))
                    self.check(app, None)

    def test_exported_settings_that_are_none_keep_them(self):
        app = self.make(lambda app: None)
        path = self.scratch / "settings.json"
        text = json.dumps(settings(), indent=1)
        for content in (text[:-20], text.replace('"', ""), "[" + text, json.dumps([TEXTS["plain"]]),
                        json.dumps(TEXTS["plain"])):
            with self.subTest(content[:20]):
                path.write_text(content)
                run = lint_outputs.lint(app, self.outputs, "--settings", path)
                self.assertIn(run.code, (OK, FINDING, INCOMPLETE, USAGE))
                for secret in SECRETS:
                    self.assertFalse(secret in run.words + "".join(run.outputs.values()), secret)


if __name__ == "__main__":
    unittest.main()
