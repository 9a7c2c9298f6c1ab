"""wire.py takes all of this by a star, the name of the module included."""
import xmlrpc.client as rpc


def packed(values):
    return rpc.dumps(tuple(values), "price")
