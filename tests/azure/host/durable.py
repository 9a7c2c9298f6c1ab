# SPDX-License-Identifier: Apache-2.0
"""Stands in for the Durable Functions extension and its storage: feeds orchestrators their history.

An orchestrator is invoked with the whole history of its instance and answers with all actions it
has asked for so far. New ones are activities here, which are dealt out to all workers in turn, also
to those that still start. What completes is added to the history, and the orchestrator is invoked
again, on any worker that is up. Histories have the form that azure-functions-durable 1.7.0 reads
(TaskOrchestrationExecutor.py, HistoryEventType.py); an activity's trigger metadata name its
instance, as the extension's binding data do. `--storage-ms` is the time that queues and tables
would take.

The log gets a line "orchestrator" or "activity" for each call: "instance", "invocation_id",
"worker", "events" (of the history), "time_ns" (when it was handed to the worker's stream); and
"instance-done".
"""
import json
import threading
import time

from worker_process import new_id

COMPLETED, SCHEDULED, FAILED, STARTED = 13, 4, 6, 12
EXECUTION_STARTED, TASK_COMPLETED = 0, 5
CALL_ACTIVITY = 0


def event(kind, event_id=-1, **fields):
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".0000000Z"
    return {"EventType": kind, "EventId": event_id, "IsPlayed": False, "Timestamp": stamp, **fields}


def flatten(actions):
    """The single actions, in order: a group's members may be groups themselves."""
    for action in actions:
        if isinstance(action, list):
            yield from flatten(action)
        elif "compoundActions" in action:
            yield from flatten(action["compoundActions"])
        else:
            yield action


class Instance:
    def __init__(self, instance_id, name):
        self.id = instance_id
        self.history = [event(STARTED), event(
            EXECUTION_STARTED, Name=name, Version="", Input="null", ParentInstance=None, Tags=None,
            OrchestrationInstance={"InstanceId": instance_id, "ExecutionId": new_id()})]
        self.scheduled = 0
        self.arrived = []  # completions that the orchestrator hasn't been told of
        self.running = False
        self.done = False

    def payload(self):
        return json.dumps({
            "history": self.history, "input": None, "instanceId": self.id,
            "isReplaying": any(line["IsPlayed"] for line in self.history),
            "parentInstanceId": None, "upperSchemaVersion": 0}, separators=(",", ":"))

    def close_turn(self, new_actions):
        for number, action in enumerate(new_actions, self.scheduled):
            self.history.append(event(SCHEDULED, number, Name=action["functionName"],
                                      Version="", Input=action.get("input")))
        self.scheduled += len(new_actions)
        self.history.append(event(COMPLETED))
        for line in self.history:
            line["IsPlayed"] = True


class Orchestrations:
    """All instances of one orchestrator. Called from the threads of all workers."""

    def __init__(self, shared):
        self.shared = shared
        self.options = shared.options
        self.lock = threading.RLock()
        self.instances = [Instance(f"instance-{number:04}", self.options.durable)
                          for number in range(1, self.options.orchestrations + 1)]
        self.functions = {}   # name: (function_id, name of the trigger's parameter)
        self.ready = []       # conversations of workers that are up
        self.waiting = {}     # worker's number: calls for it while it starts
        self.calls = {}       # invocation_id: (instance, task's number or None)
        self.dealt = self.turns = 0

    def take_functions(self, functions):
        for function in functions:
            for raw in function.raw_bindings:
                binding = json.loads(raw)
                if binding.get("type", "").endswith("Trigger"):
                    self.functions[function.name] = (function.function_id, binding["name"])
        if self.options.durable not in self.functions:
            raise LookupError(f"the app has no orchestrator {self.options.durable}")

    def worker_ready(self, conversation):
        with self.lock:
            number = conversation.number
            self.ready.append(conversation)
            if len(self.ready) == 1:
                for instance in self.instances:
                    self.start_turn(instance)
            for call in self.waiting.pop(number, ()):
                self.hand_over(conversation, *call)

    # --- calls ---

    def start_turn(self, instance):
        if instance.running or instance.done:
            return
        instance.running = True
        if instance.arrived:
            instance.history += [event(STARTED), *instance.arrived]
            instance.arrived = []
        conversation = self.ready[self.turns % len(self.ready)]
        self.turns += 1
        protos = self.shared.protos
        self.hand_over(conversation, instance, None, self.options.durable,
                       protos.TypedData(string=instance.payload()))

    def start_activity(self, instance, number, action):
        """The next worker gets it, whether it is up or not."""
        worker = self.dealt % self.options.workers
        self.dealt += 1
        call = (instance, number, action["functionName"],
                self.shared.protos.TypedData(json=action.get("input") or "null"))
        up = [one for one in self.ready if one.number == worker]
        if up:
            self.hand_over(up[0], *call)
        else:
            self.waiting.setdefault(worker, []).append(call)

    def hand_over(self, conversation, instance, number, name, data):
        protos = self.shared.protos
        function_id, parameter = self.functions[name]
        invocation_id = new_id()
        self.calls[invocation_id] = (instance, number)
        metadata = {}
        if number is not None:
            metadata["instanceId"] = protos.TypedData(string=instance.id)
        conversation.push(protos.InvocationRequest(
            invocation_id=invocation_id, function_id=function_id, trigger_metadata=metadata,
            input_data=[protos.ParameterBinding(name=parameter, data=data)]))
        self.shared.log.write("orchestrator" if number is None else "activity",
                              instance=instance.id, invocation_id=invocation_id, name=name,
                              worker=conversation.worker_id,
                              events=len(instance.history) if number is None else None)

    # --- answers ---

    def answered(self, response):
        with self.lock:
            instance, number = self.calls.pop(response.invocation_id)
            success = response.result.status == self.shared.protos.StatusResult.Success
            value = response.return_value
            text = getattr(value, value.WhichOneof("data") or "string")
        self.later(self.take_turn if number is None else self.take_result,
                   instance, number, success, text)

    def later(self, step, *arguments):
        """After what storage would take."""
        if not self.options.storage_ms:
            step(*arguments)
            return
        timer = threading.Timer(self.options.storage_ms / 1000, step, arguments)
        timer.daemon = True
        timer.start()

    def take_turn(self, instance, _number, success, text):
        with self.lock:
            instance.running = False
            if not success:
                return  # the reply has made the host end
            state = json.loads(text)
            new = list(flatten(state["actions"]))[instance.scheduled:]
            first = instance.scheduled
            instance.close_turn(new)
            if state["isDone"]:
                self.finish(instance, state.get("output"))
                return
            for number, action in enumerate(new, first):
                if action["actionType"] != CALL_ACTIVITY:
                    raise ValueError(f"no such action here: {action}")
                self.start_activity(instance, number, action)
            if instance.arrived:
                self.start_turn(instance)

    def take_result(self, instance, number, success, text):
        with self.lock:
            instance.arrived.append(
                event(TASK_COMPLETED, Result=text, TaskScheduledId=number) if success
                else event(FAILED, Reason="it failed", Details="", TaskScheduledId=number))
            self.start_turn(instance)

    def finish(self, instance, output):
        instance.done = True
        self.shared.log.write("instance-done", instance=instance.id)
        self.shared.tell("output", (instance.id, output))
        if all(one.done for one in self.instances):
            self.shared.tell("done")
