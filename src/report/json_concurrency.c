/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

static const char *status_name(enum thaw_capacity_status status)
{
    switch (status) {
    case THAW_CAPACITY_DERIVED:
        return "derived";
    case THAW_CAPACITY_AT_LEAST:
        return "at-least";
    case THAW_CAPACITY_UNKNOWN:
        break;
    }
    return "unknown";
}

static json_t *capacity_object(struct thaw_values *values, const struct thaw_host_load *host)
{
    const struct thaw_capacity *capacity = &host->capacity;
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "status", status_name(capacity->status));
    thaw_values_set_known(values, object, "at_once", capacity->at_once);
    thaw_values_set_known(values, object, "host_at_once",
                          (uint64_t)capacity->at_once * host->serving);
    thaw_values_set_name(values, object, "reason", capacity->reason);
    thaw_values_set_number(values, object, "compared", capacity->compared);
    thaw_values_set_number(values, object, "waited", capacity->waited);
    thaw_values_set_real(values, object, "spread", capacity->spread);
    thaw_values_set_real(values, object, "spread_unlimited", capacity->spread_unlimited);
    return object;
}

static json_t *derived_object(struct thaw_values *values, const struct thaw_load *load)
{
    json_t *object = thaw_values_object(values);
    double busy_ns = (double)load->busy_ns;

    thaw_values_set_number(values, object, "most_running", load->most_running);
    thaw_values_set_number(values, object, "running_ns", load->running_ns);
    thaw_values_set_real(values, object, "running_average",
                         load->busy_ns ? (double)load->running_ns / busy_ns : 0);
    thaw_values_set_number(values, object, "waited", load->waited);
    thaw_values_set_number(values, object, "waited_ns", load->waited_ns);
    thaw_values_set_number(values, object, "waited_longest_ns", load->waited_longest_ns);
    thaw_values_set_number(values, object, "saturated_ns", load->saturated_ns);
    return object;
}

static json_t *load_object(struct thaw_values *values, const struct thaw_load *load, bool derived)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_number(values, object, "invocations", load->invocations);
    thaw_values_set_number(values, object, "unanswered", load->unanswered);
    thaw_values_set_number(values, object, "most_in_flight", load->most_in_flight);
    thaw_values_set_number(values, object, "busy_ns", load->busy_ns);
    thaw_values_set_number(values, object, "in_flight_ns", load->in_flight_ns);
    thaw_values_set(values, object, "derived",
                    derived ? derived_object(values, load) : json_null());
    return object;
}

static void set_if(struct thaw_values *values, json_t *object, const char *key, bool known,
                   uint64_t value)
{
    if (known)
        thaw_values_set_number(values, object, key, value);
    else
        thaw_values_set_null(values, object, key);
}

static json_t *worker_object(struct thaw_values *values, const struct thaw_worker_load *worker,
                             bool derived)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_number(values, object, "process", worker->process);
    thaw_values_set_number(values, object, "track", worker->track);
    thaw_values_set_boolean(values, object, "further", worker->further);
    thaw_values_set_number(values, object, "cold_start_ns", worker->cold_start_ns);
    thaw_values_set_number(values, object, "import_phase_ns", worker->import_phase_ns);
    set_if(values, object, "imports_ns", worker->imports_known, worker->imports_ns);
    set_if(values, object, "imports_cpu_ns", worker->imports_cpu_known, worker->imports_cpu_ns);
    thaw_values_set(values, object, "load", load_object(values, &worker->load, derived));
    return object;
}

static json_t *host_object(struct thaw_values *values, const struct thaw_host_load *host)
{
    bool derived = host->capacity.at_once > 0;
    json_t *object = thaw_values_object(values), *workers = thaw_values_array(values);

    for (size_t i = 0; i < host->worker_count; i++)
        thaw_values_append(values, workers, worker_object(values, &host->workers[i], derived));
    thaw_values_set_known(values, object, "host", host->host);
    thaw_values_set(values, object, "capacity", capacity_object(values, host));
    thaw_values_set(values, object, "load", load_object(values, &host->load, derived));
    set_if(values, object, "further_imports_ns", host->further_known, host->further_imports_ns);
    set_if(values, object, "further_imports_cpu_ns", host->further_cpu_known,
           host->further_imports_cpu_ns);
    thaw_values_set(values, object, "workers", workers);
    return object;
}

json_t *thaw_json_concurrency(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *object = thaw_values_object(values), *hosts = thaw_values_array(values);

    for (size_t i = 0; i < timeline->host_load_count; i++)
        thaw_values_append(values, hosts, host_object(values, &timeline->host_loads[i]));
    thaw_values_set(values, object, "hosts", hosts);
    return object;
}
