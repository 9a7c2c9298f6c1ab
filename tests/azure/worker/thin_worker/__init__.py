# SPDX-License-Identifier: Apache-2.0
"""The thin worker: a stand-in for the gRPC client of Azure Functions' Python worker."""
