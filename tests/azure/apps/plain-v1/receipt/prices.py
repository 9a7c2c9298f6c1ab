import decimal


def total(items):
    return sum((decimal.Decimal(item["price"]) * item["units"] for item in items),
               decimal.Decimal(0))
