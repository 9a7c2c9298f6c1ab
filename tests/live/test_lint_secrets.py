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
