"""OTLP's JSON by the protocol's own messages, for the Python of locked_environments.trace_readers().

Refused, by an exception, is what the messages don't know: a field's name, a type, an id of another
length. What was read is written as protocol buffers and read again before it is looked at.
"""

import base64
import json

ID_BYTES = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


def request(text, kind):
    """The ExportTraceServiceRequest or ExportMetricsServiceRequest of a body; kind "traces", "metrics"."""
    from google.protobuf import json_format
    from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

    message = {"traces": trace_service_pb2.ExportTraceServiceRequest,
               "metrics": metrics_service_pb2.ExportMetricsServiceRequest}[kind]
    body = json.loads(text, object_pairs_hook=once)
    ids_to_base64(body)
    again = message()
    again.ParseFromString(json_format.ParseDict(body, message()).SerializeToString())
    return again


def once(pairs):
    """An object whose keys are all different, which json.loads() doesn't ask for."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError(f"the same key twice: {sorted(key for key, _ in pairs)}")
    return dict(pairs)


def ids_to_base64(value):
    """Ids are hexadecimal in OTLP alone; in what else is written of messages, bytes are base64."""
    if isinstance(value, list):
        for one in value:
            ids_to_base64(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key not in ID_BYTES:
                ids_to_base64(one)
                continue
            digits = bytes.fromhex(one)
            if len(digits) != ID_BYTES[key] or one != digits.hex() or not any(digits):
                raise ValueError(f"{key}: no id: {one!r}")
            value[key] = base64.b64encode(digits).decode()


def traces(text):
    """Of each resource {"resource": attributes, "schema", "spans"}."""
    return [{"resource": attributes(one.resource.attributes), "schema": one.schema_url,
             "spans": [span_of(span) for scope in one.scope_spans for span in scope.spans]}
            for one in request(text, "traces").resource_spans]


def metrics(text):
    """Of each resource {"resource": attributes, "schema", "points"}."""
    return [{"resource": attributes(one.resource.attributes), "schema": one.schema_url,
             "points": [point for scope in one.scope_metrics for metric in scope.metrics
                        for point in points_of(metric)]}
            for one in request(text, "metrics").resource_metrics]


def attributes(of):
    found = {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in of}
    if len(found) != len(of):
        raise ValueError("an attribute twice")
    return found


def span_of(span):
    return {"trace": span.trace_id.hex(), "id": span.span_id.hex(), "parent": span.parent_span_id.hex(),
            "name": span.name, "start": span.start_time_unix_nano, "end": span.end_time_unix_nano,
            "status": span.status.code, "message": span.status.message, "kind": span.kind,
            "attributes": attributes(span.attributes)}


def points_of(metric):
    kind = metric.WhichOneof("data")
    data = getattr(metric, kind)
    for point in data.data_points:
        yield {"metric": metric.name, "unit": metric.unit, "help": metric.description, "kind": kind,
               "temporality": getattr(data, "aggregation_temporality", 0),
               "monotonic": getattr(data, "is_monotonic", False),
               "attributes": attributes(point.attributes), "begin": point.start_time_unix_nano,
               "time": point.time_unix_nano, **value_of(kind, point)}


def value_of(kind, point):
    if kind != "histogram":
        return {"value": getattr(point, point.WhichOneof("value"))}
    return {"count": point.count, "sum": point.sum, "counts": list(point.bucket_counts),
            "bounds": list(point.explicit_bounds),
            "exemplars": [{"trace": one.trace_id.hex(), "span": one.span_id.hex(),
                           "value": one.as_double, "time": one.time_unix_nano}
                          for one in point.exemplars]}
