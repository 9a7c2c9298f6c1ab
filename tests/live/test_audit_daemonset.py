"""The DaemonSet that thaw comes with, against Kubernetes' own schemas, and what it must not have."""

import copy
import json
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

import locked_environments
from program import REPOSITORY, run_thaw

try:
    from jsonschema import Draft202012Validator
except ImportError:
    raise unittest.SkipTest("no module jsonschema (Debian: python3-jsonschema)") from None

TIMEOUT_SECONDS = 300  # the first run fetches the schemas
MANIFEST = REPOSITORY / "reports/fleet/daemonset.yaml"
LOCK = REPOSITORY / "tests/live/fleet/kubernetes.txt"
VERSIONS = ("1.30", "1.37")  # appArmorProfile came with 1.30
FOLDER = "kubernetes_validate/kubernetes-json-schema/v{}.0-local-strict/"
AS_JSON = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))"
RIGHTS = ["BPF", "PERFMON", "SYS_PTRACE", "DAC_READ_SEARCH"]


def objects():
    python = locked_environments.format_judges() / "bin/python"
    result = subprocess.run([python, "-I", "-c", AS_JSON, MANIFEST], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, check=True, timeout=60)
    return json.loads(result.stdout)


class Schemas:
    """Of one version of Kubernetes."""

    def __init__(self, archive, version):
        self.archive, self.folder = archive, FOLDER.format(version)
        self.definitions = self.read("_definitions.json")["$defs"]

    def read(self, name):
        """A schema that refers to itself alone, once it has the definitions."""
        text = self.archive.read(self.folder + name).decode()
        schema = json.loads(text.replace('"/api/_definitions.json#/', '"#/'))
        schema.pop("$id", None)
        return schema

    def faults(self, manifest):
        group, _, version = manifest["apiVersion"].rpartition("/")
        name = "-".join(filter(None, (manifest["kind"].lower(), group, version))) + ".json"
        schema = {**self.read(name), "$defs": self.definitions}
        return [error.message for error in Draft202012Validator(schema).iter_errors(manifest)]


class DaemonSet(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            wheels = locked_environments.wheels(LOCK)
            cls.objects = objects()
        except RuntimeError as error:
            raise unittest.SkipTest(str(error)) from error
        cls.archive = zipfile.ZipFile(next(wheels.glob("kubernetes_validate-*.whl")))
        cls.addClassCleanup(cls.archive.close)
        cls.set = next(one for one in cls.objects if one["kind"] == "DaemonSet")
        cls.pod = cls.set["spec"]["template"]["spec"]
        cls.container, = cls.pod["containers"]

    def test_is_what_kubernetes_takes(self):
        for version in VERSIONS:
            schemas = Schemas(self.archive, version)
            for manifest in self.objects:
                with self.subTest(version=version, kind=manifest["kind"]):
                    self.assertEqual(schemas.faults(manifest), [])

    def test_the_schemas_refuse_what_is_wrong(self):
        schemas = Schemas(self.archive, VERSIONS[-1])
        for change in (lambda pod: pod.update(hostPIDs=True),
                       lambda pod: pod["containers"][0].pop("name"),
                       lambda pod: pod["containers"][0]["securityContext"].update(privileged="no")):
            wrong = copy.deepcopy(self.set)
            change(wrong["spec"]["template"]["spec"])
            self.assertNotEqual(schemas.faults(wrong), [])

    def test_has_four_rights_and_is_not_privileged(self):
        security = self.container["securityContext"]
        self.assertEqual(security["capabilities"], {"drop": ["ALL"], "add": RIGHTS})
        self.assertIs(security["privileged"], False)
        self.assertIs(security["allowPrivilegeEscalation"], False)
        self.assertIs(security["readOnlyRootFilesystem"], True)
        self.assertNotIn("hostNetwork", self.pod)
        self.assertIs(self.pod["automountServiceAccountToken"], False)

    def test_writes_to_its_own_folder_alone(self):
        written = [mount["mountPath"] for mount in self.container["volumeMounts"]
                   if not mount.get("readOnly")]
        self.assertEqual(written, ["/var/lib/thaw"])
        names = {volume["name"] for volume in self.pod["volumes"]}
        self.assertEqual({mount["name"] for mount in self.container["volumeMounts"]}, names)

    def test_its_configuration_is_right(self):
        config = next(one for one in self.objects if one["kind"] == "ConfigMap")
        with tempfile.TemporaryDirectory() as folder:
            for name, text in config["data"].items():
                path = Path(folder, name)
                path.write_text(text)
                result = run_thaw("audit", "--config", path, "--check-config")
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                port = self.container["ports"][0]["containerPort"]
                self.assertTrue(json.loads(text)["audit"]["listen"].endswith(f":{port}"))
        self.assertEqual(self.container["args"][:3], ["audit", "--config", "/etc/thaw/thaw.json"])


if __name__ == "__main__":
    unittest.main()
