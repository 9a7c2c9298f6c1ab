/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_proof.h"

#include <math.h>

/* To a hundredth of a percent, which is beyond what a trial can tell; below 0: it was slower. */
static void set_share(struct thaw_values *values, json_t *object, const char *key, double share)
{
    json_t *value = json_real(round(share * 1e4) / 1e4 + 0.0);

    values->failed |= !value;
    thaw_values_set(values, object, key, value);
}

static json_t *share_object(struct thaw_values *values, const struct thaw_proof_share *share)
{
    json_t *object = thaw_values_object(values);

    set_share(values, object, "low", share->low);
    set_share(values, object, "middle", share->middle);
    set_share(values, object, "high", share->high);
    return object;
}

json_t *thaw_json_proof_imports(struct thaw_values *values, const struct thaw_proof_import *imports,
                                size_t count)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < count; i++) {
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "file", imports[i].file);
        thaw_values_set_number(values, object, "line", imports[i].line);
        thaw_values_set_text(values, object, "module", imports[i].module);
        thaw_values_append(values, array, object);
    }
    return array;
}

static json_t *counts(struct thaw_values *values, const struct thaw_proof *proof)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < proof->count_count; i++) {
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "name", proof->counts[i].name);
        thaw_values_set_number(values, object, "original", proof->counts[i].original);
        thaw_values_set_number(values, object, "changed", proof->counts[i].changed);
        thaw_values_append(values, array, object);
    }
    return array;
}

static json_t *checks(struct thaw_values *values, const struct thaw_proof *proof)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < proof->check_count; i++) {
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "name", proof->checks[i].name);
        thaw_values_set_text(values, object, "result", proof->checks[i].result);
        thaw_values_set_name(values, object, "detail", proof->checks[i].detail);
        thaw_values_append(values, array, object);
    }
    return array;
}

json_t *thaw_json_first_calls(struct thaw_values *values, const struct thaw_first_call *calls,
                              size_t count)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < count; i++) {
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "function", calls[i].function);
        thaw_values_set_text(values, object, "file", calls[i].file);
        thaw_values_set_known(values, object, "line", calls[i].line);
        thaw_values_set_number(values, object, "ns", calls[i].ns);
        thaw_values_set_number(values, object, "modules", calls[i].modules);
        thaw_values_append(values, array, object);
    }
    return array;
}

json_t *thaw_json_proof(struct thaw_values *values, const struct thaw_proof *proof)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set(values, object, "imports",
                    thaw_json_proof_imports(values, proof->imports, proof->import_count));
    thaw_values_set_text(values, object, "verdict", proof->verdict);
    thaw_values_set_text(values, object, "reason", proof->reason);
    thaw_values_set_number(values, object, "pairs", proof->pairs);
    thaw_values_set_number(values, object, "original_ns", proof->original_ns);
    thaw_values_set(values, object, "share", share_object(values, &proof->share));
    thaw_values_set(values, object, "wall", share_object(values, &proof->wall));
    thaw_values_set(values, object, "counts", counts(values, proof));
    thaw_values_set(values, object, "checks", checks(values, proof));
    thaw_values_set(values, object, "calls",
                    thaw_json_first_calls(values, proof->calls, proof->call_count));
    thaw_values_set_name(values, object, "diff", proof->diff);
    thaw_values_set_text(values, object, "way", proof->way);
    thaw_values_set_number(values, object, "made_at_ns", proof->made_at_ns);
    return object;
}
