import decimal


def total(items):
    return str(sum((decimal.Decimal(str(item)) for item in items), decimal.Decimal(0)))
