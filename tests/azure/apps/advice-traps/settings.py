"""A setting that is missing is noticed when the app starts, not by its first customer."""
import os

REGION = os.environ["TARIFF_REGION"]
