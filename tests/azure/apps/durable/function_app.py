# SPDX-License-Identifier: Apache-2.0
"""An orchestrator that calls activities one after the other, and one that calls five at once."""
import time

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def chain(context):
    total = 0
    for step in range(3):
        total += yield context.call_activity("work", step)
    return total


@app.orchestration_trigger(context_name="context")
def fan_out(context):
    tasks = [context.call_activity("work", number) for number in range(5)]
    return sum((yield context.task_all(tasks)))


@app.orchestration_trigger(context_name="context")
def both(context):
    """The chain of three, then the fan-out of five."""
    total = 0
    for step in range(3):
        total += yield context.call_activity("work", step)
    tasks = [context.call_activity("work", number) for number in range(5)]
    return total + sum((yield context.task_all(tasks)))


@app.activity_trigger(input_name="number")
def work(number: int) -> int:
    time.sleep(0.1)
    return number + 1
