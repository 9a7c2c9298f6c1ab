# SPDX-License-Identifier: Apache-2.0
"""`python -m thin_worker`: what worker.py turns into when it runs as in Azure."""
import sys

from .start import start

sys.exit(start())
