# SPDX-License-Identifier: Apache-2.0
"""Entry point of the thin worker: a stand-in for the gRPC client of Azure Functions' Python worker.

The thin worker only connects, dispatches and sets up sys.path. Indexing, loading and invoking is
azure-functions-runtime, Microsoft's production code (azure-functions-runtime-v1 for the programming
model v1). As in Azure, this file puts the user's packages before the worker's own and starts the
interpreter again, in the same process.
"""
import os
import sys

# In Azure the user's packages always lie in /home/site/wwwroot/.python_packages; the test host
# names the folder that stands in for it.
USER_PACKAGES = os.environ.get("THIN_WORKER_USER_PACKAGES",
                               "/home/site/wwwroot/.python_packages/lib/site-packages")


def main():
    worker_directory = os.path.dirname(os.path.abspath(__file__))
    os.environ["PYTHONPATH"] = USER_PACKAGES + os.pathsep + worker_directory
    if "CONTAINER_NAME" in os.environ or "WEBSITE_INSTANCE_ID" in os.environ:
        os.execve(sys.executable, [sys.executable, "-m", "thin_worker", *sys.argv[1:]], os.environ)
    # Outside Azure: one exec, and the app's packages come from the interpreter's own site-packages.
    if worker_directory not in sys.path:
        sys.path.append(worker_directory)
    if "AzureWebJobsScriptRoot" in os.environ:
        sys.path.append(os.environ["AzureWebJobsScriptRoot"])
    from thin_worker.start import start
    return start()


if __name__ == "__main__":
    sys.exit(main())
