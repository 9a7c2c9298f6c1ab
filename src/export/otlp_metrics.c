/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "export/otlp_body.h"
#include "report/otlp_values.h"

/* opentelemetry/proto/metrics/v1/metrics.proto: since when is said with each point. */
enum { cumulative = 2 };

/* The words of the unified code for units of measure, which OTLP has. */
static const char *unit_of(const char *unit)
{
    static const struct {
        const char *unit, *word;
    } words[] = {{"seconds", "s"}, {"bytes", "By"}, {"ratio", "1"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!strcmp(unit, words[i].unit))
            return words[i].word;
    return unit;
}

/* JSON has no word for what is not finite; protocol buffers take a text for it. */
static json_t *real(double number)
{
    if (isfinite(number))
        return json_real(number);
    return json_string(isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
}

static json_t *point_of(struct thaw_values *values, const struct thaw_families *families,
                        const struct thaw_family_row *row, const struct thaw_point *point)
{
    json_t *made = thaw_otlp_described(values);

    for (size_t i = 0; i < point->label_count; i++)
        thaw_otlp_label(values, made, point->labels[i].name, point->labels[i].value);
    if (row->type == THAW_FAMILY_COUNTER || row->type == THAW_FAMILY_HISTOGRAM)
        thaw_otlp_set_time(values, made, "startTimeUnixNano", families->begin_unix_ns);
    thaw_otlp_set_time(values, made, "timeUnixNano", families->unix_ns);
    return made;
}

static json_t *exemplar_of(struct thaw_values *values, const struct thaw_exemplar *exemplar)
{
    json_t *made = thaw_values_object(values);

    thaw_otlp_set_time(values, made, "timeUnixNano", exemplar->unix_ns);
    thaw_values_set(values, made, "asDouble", real(exemplar->value));
    thaw_values_set(values, made, "traceId", json_string(exemplar->trace));
    if (*exemplar->span)
        thaw_values_set(values, made, "spanId", json_string(exemplar->span));
    return made;
}

static void fill_histogram(struct thaw_values *values, json_t *point,
                           const struct thaw_histogram *histogram)
{
    json_t *counts = thaw_values_array(values), *bounds = thaw_values_array(values),
           *exemplars = thaw_values_array(values);

    for (size_t i = 0; i <= histogram->bound_count; i++) {
        thaw_values_append(values, counts, thaw_otlp_whole(histogram->counts[i]));
        if (i < histogram->bound_count)
            thaw_values_append(values, bounds, real(histogram->bounds[i]));
        if (histogram->exemplars && *histogram->exemplars[i].trace)
            thaw_values_append(values, exemplars, exemplar_of(values, &histogram->exemplars[i]));
    }
    thaw_values_set(values, point, "count", thaw_otlp_whole(histogram->count));
    thaw_values_set(values, point, "sum", real(histogram->sum));
    thaw_values_set(values, point, "bucketCounts", counts);
    thaw_values_set(values, point, "explicitBounds", bounds);
    thaw_values_set(values, point, "exemplars", exemplars);
}

/* {"sum": {"dataPoints": […], …}} and its like into the metric. */
static void fill_points(struct thaw_values *values, json_t *metric,
                        const struct thaw_families *families, const struct thaw_family *family)
{
    static const char *const kinds[] = {
        [THAW_FAMILY_GAUGE] = "gauge",
        [THAW_FAMILY_COUNTER] = "sum",
        [THAW_FAMILY_HISTOGRAM] = "histogram",
        [THAW_FAMILY_INFO] = "gauge",
    };
    enum thaw_family_type type = family->row->type;
    json_t *data = thaw_values_object(values), *points = thaw_values_array(values);

    for (size_t i = 0; i < family->points.count; i++) {
        const struct thaw_point *point = &family->points.items[i];
        json_t *made = point_of(values, families, family->row, point);

        if (type == THAW_FAMILY_HISTOGRAM)
            fill_histogram(values, made, point->histogram);
        else
            thaw_values_set(values, made, "asDouble", real(point->number));
        thaw_values_append(values, points, made);
    }
    thaw_values_set(values, data, "dataPoints", points);
    if (type == THAW_FAMILY_COUNTER || type == THAW_FAMILY_HISTOGRAM)
        thaw_values_set_number(values, data, "aggregationTemporality", cumulative);
    if (type == THAW_FAMILY_COUNTER)
        thaw_values_set_boolean(values, data, "isMonotonic", true);
    thaw_values_set(values, metric, kinds[type], data);
}

static json_t *metric_of(struct thaw_values *values, const struct thaw_families *families,
                         const struct thaw_family *family)
{
    static const char *const endings[] = {
        [THAW_FAMILY_GAUGE] = "",
        [THAW_FAMILY_COUNTER] = "_total",
        [THAW_FAMILY_HISTOGRAM] = "",
        [THAW_FAMILY_INFO] = "_info",
    };
    const struct thaw_family_row *row = family->row;
    json_t *metric = thaw_values_object(values);
    char name[128];

    snprintf(name, sizeof(name), "%s%s", row->name, endings[row->type]);
    thaw_values_set(values, metric, "name", json_string(name));
    thaw_values_set(values, metric, "description", thaw_values_text(row->help));
    if (*row->unit)
        thaw_values_set(values, metric, "unit", json_string(unit_of(row->unit)));
    fill_points(values, metric, families, family);
    return metric;
}

/* The service whose metrics these are is thaw: one instance of it on each node, by which a store
 * tells the nodes' series apart. */
static json_t *resource_of(struct thaw_values *values, const struct thaw_otlp_resource *sender)
{
    json_t *resource = thaw_otlp_described(values);

    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_SERVICE_NAME, "thaw");
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_SERVICE_INSTANCE, sender->node);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_HOST_NAME, sender->node);
    thaw_otlp_text(values, resource, THAW_ATTRIBUTE_OS_TYPE, "linux");
    thaw_otlp_sender(values, resource, sender->version);
    return resource;
}

int thaw_otlp_metrics(const struct thaw_families *families,
                      const struct thaw_otlp_resource *resource, struct thaw_otlp_body *ret,
                      struct thaw_error *error)
{
    struct thaw_values values = {0};
    json_t *metrics = thaw_values_array(&values);

    for (size_t i = 0; i < families->items.count; i++) {
        const struct thaw_family *family = &families->items.items[i];

        if (family->points.count)
            thaw_values_append(&values, metrics, metric_of(&values, families, family));
    }
    return thaw_otlp_body_make(&values, "resourceMetrics",
                               thaw_otlp_of_resource(&values, resource_of(&values, resource),
                                                     "scopeMetrics", "metrics", metrics,
                                                     resource->version),
                               ret, error);
}
