/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"
#include "report/json_proof.h"

static json_t *location(struct thaw_values *values, const struct thaw_finding *finding)
{
    json_t *object;

    if (!*finding->file)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_text(values, object, "file", finding->file);
    thaw_values_set_known(values, object, "line", finding->line);
    return object;
}

static json_t *saving(struct thaw_values *values, const struct thaw_saving *saving)
{
    json_t *object, *share;

    if (!saving->ns)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_number(values, object, "ns", saving->ns);
    thaw_values_set_number(values, object, "low_ns", saving->low_ns);
    thaw_values_set_number(values, object, "high_ns", saving->high_ns);
    share = json_real(saving->share < 1 ? saving->share : 1);
    values->failed |= !share;
    thaw_values_set(values, object, "share", share);
    thaw_values_set_text(values, object, "proof", saving->proof);
    thaw_values_set_number(values, object, "gc_ns", saving->gc_ns);
    thaw_values_set_number(values, object, "modules", saving->modules);
    return object;
}

static json_t *imports(struct thaw_values *values, const struct thaw_finding *finding)
{
    return thaw_json_proof_imports(values, finding->imports, finding->import_count);
}

static json_t *proof(struct thaw_values *values, const struct thaw_proof *proof)
{
    return proof ? thaw_json_proof(values, proof) : json_null();
}

static json_t *finding_object(struct thaw_values *values, const struct thaw_finding *finding)
{
    json_t *object = thaw_values_object(values), *modules = thaw_values_array(values);

    for (size_t i = 0; i < finding->module_count; i++)
        thaw_values_append_number(values, modules, finding->modules[i]);
    thaw_values_set_text(values, object, "id", finding->id);
    thaw_values_set_text(values, object, "severity", finding->severity);
    thaw_values_set_text(values, object, "confidence", finding->confidence);
    thaw_values_set_text(values, object, "title", finding->title);
    thaw_values_set(values, object, "location", location(values, finding));
    thaw_values_set_texts(values, object, "evidence", finding->evidence, finding->evidence_count);
    thaw_values_set_name(values, object, "risk", finding->risk);
    thaw_values_set(values, object, "modules", modules);
    thaw_values_set(values, object, "saving", saving(values, &finding->saving));
    thaw_values_set_name(values, object, "moves_to", finding->moves_to);
    thaw_values_set_name(values, object, "fix", finding->fix);
    thaw_values_set_texts(values, object, "reasons", finding->reasons, finding->reason_count);
    thaw_values_set(values, object, "first_calls",
                    thaw_json_first_calls(values, finding->first_calls, finding->first_call_count));
    thaw_values_set(values, object, "imports", imports(values, finding));
    thaw_values_set(values, object, "proof", proof(values, finding->proof));
    return object;
}

/* null: nothing was looked for, so that an empty list would say too much. */
json_t *thaw_json_findings(struct thaw_values *values, const struct thaw_analysis *analysis)
{
    json_t *array;

    if (!analysis->sought_count)
        return json_null();
    array = thaw_values_array(values);
    for (size_t i = 0; i < analysis->finding_count; i++)
        thaw_values_append(values, array, finding_object(values, &analysis->findings[i]));
    return array;
}

json_t *thaw_json_suppressed(struct thaw_values *values, const struct thaw_analysis *analysis)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < analysis->suppressed_count; i++) {
        const struct thaw_suppressed *one = &analysis->suppressed[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set(values, object, "finding", finding_object(values, &one->finding));
        thaw_values_set_text(values, object, "reason", one->by->reason);
        thaw_values_set_name(values, object, "until", one->by->until);
        thaw_values_append(values, array, object);
    }
    return array;
}

json_t *thaw_json_not_looked_for(struct thaw_values *values, const struct thaw_analysis *analysis)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < analysis->unsought_count; i++) {
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "id", analysis->unsought[i]->id);
        thaw_values_set_text(values, object, "needs", analysis->unsought[i]->needs);
        thaw_values_append(values, array, object);
    }
    return array;
}
