/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gate/side.h"

/*
 * Any bytes as the baseline in a user's repository: refused in one line, or each of its entries can
 * be asked for all, and it is written so that it is read again and written the same.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

static char *written(const json_t *baseline, size_t *length)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, length);

    demand(stream && !thaw_gate_baseline_write(baseline, stream, NULL));
    fclose(stream);
    for (size_t i = 0; i < *length; i++)
        demand(text[i] >= ' ' || text[i] == '\n');
    return text;
}

static void ask(const json_t *entry)
{
    static const struct thaw_budget_part part = {"pandas", "", ""};
    struct thaw_gate_side side;
    size_t count;
    const struct thaw_gate_metric *metrics = thaw_gate_metrics(&count);

    demand(!thaw_gate_side_of_entry(entry, "b.json", &side, NULL));
    for (size_t i = 0; i < count; i++) {
        struct thaw_gate_samples samples;

        demand(!thaw_gate_side_samples(&side, &metrics[i], i % 2 ? &part : NULL, &samples));
        demand(samples.count <= 1000);
        for (size_t j = 0; j < samples.count; j++)
            demand(samples.values[j] >= 0);
    }
    thaw_gate_side_free(&side);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_error error = {0};
    json_t *baseline = NULL, *again = NULL, *entry;
    size_t length, more_length, i;
    char *text, *more;
    int code =
        thaw_gate_baseline_parse((const char *)data, size, "thaw-baseline.json", &baseline, &error);

    demand(!code || (code == -EINVAL && !strncmp(error.message, "thaw-baseline.json", 18)));
    if (code)
        return 0;
    json_array_foreach(json_object_get(baseline, "entries"), i, entry)
    {
        ask(entry);
    }
    text = written(baseline, &length);
    demand(!thaw_gate_baseline_parse(text, length, "again", &again, &error));
    more = written(again, &more_length);
    demand(length == more_length && !memcmp(text, more, length));
    free(text);
    free(more);
    json_decref(baseline);
    json_decref(again);
    return 0;
}
