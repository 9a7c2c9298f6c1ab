"""The tariffs; registrations.py fills them in."""

TARIFFS = {}


def register(name, price):
    TARIFFS[name] = price
