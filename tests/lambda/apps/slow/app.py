"""Its init takes longer than the test's server waits for the first one."""
import time

time.sleep(1.5)


def handler(event, context):
    return "late"
