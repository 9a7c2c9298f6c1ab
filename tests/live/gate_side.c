/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gate/side.h"
#include "report/read_report.h"

/*
 * gate_side MODULE DISTRIBUTION TARGET RUN...: what src/gate reads of a target's report ("-": none)
 * and of those of runs, for a part ("" "": all), as JSON: metric -> {samples, why, varies}, and the
 * key, the contents.
 *
 * gate_side update OLD TARGET RUN...: the baseline that it becomes, OLD "-": none.
 * gate_side read BASELINE: is it one? What is wrong goes to standard error.
 */
enum { MOST = 100 };

static json_t *read_report(const char *path)
{
    struct thaw_error error;
    json_t *report = NULL;

    if (!strcmp(path, "-"))
        return NULL;
    if (thaw_report_read_file(path, &report, &error)) {
        fprintf(stderr, "%s\n", error.message);
        exit(2);
    }
    return report;
}

static json_t *metrics_json(struct thaw_gate_side *side, const struct thaw_budget_part *part)
{
    json_t *object = json_object();
    size_t count;
    const struct thaw_gate_metric *metrics = thaw_gate_metrics(&count);

    for (size_t i = 0; i < count; i++) {
        struct thaw_gate_samples samples;
        json_t *list = json_array();

        if (thaw_gate_side_samples(side, &metrics[i], part, &samples))
            exit(1);
        for (size_t j = 0; j < samples.count; j++)
            json_array_append_new(list, json_integer((json_int_t)samples.values[j]));
        json_object_set_new(object, metrics[i].name,
                            json_pack("{s:o, s:s, s:b, s:s}", "samples", list, "why", samples.why,
                                      "varies", samples.varies, "class",
                                      thaw_gate_class_name(metrics[i].class)));
    }
    return object;
}

static json_t *side_json(const struct thaw_gate_input *input, const struct thaw_budget_part *part)
{
    json_t *key = json_object(), *contents = json_object(), *ret;
    struct thaw_gate_side side;

    if (thaw_gate_side_measured(input, &side, NULL))
        exit(1);
    for (size_t i = 0; i < THAW_GATE_KEY_PARTS; i++)
        json_object_set_new(key, thaw_gate_key_name(1u << i), json_string(side.key.parts[i]));
    for (size_t i = 0; i < side.contents.count; i++) {
        const struct thaw_gate_content *content = &side.contents.items[i];

        json_object_set_new(contents, content->name,
                            json_pack("{s:s, s:I, s:I}", "version", content->version, "disk_bytes",
                                      (json_int_t)content->disk_bytes, "modules",
                                      (json_int_t)content->modules));
    }
    ret = json_pack("{s:o, s:o, s:o}", "metrics", metrics_json(&side, part), "key", key, "contents",
                    contents);
    thaw_gate_side_free(&side);
    return ret;
}

static int read_baseline(const char *path, json_t **ret)
{
    struct thaw_error error;
    int code = strcmp(path, "-") ? thaw_gate_baseline_read(path, ret, &error) : 0;

    if (code)
        fprintf(stderr, "%s\n", error.message);
    return code;
}

int main(int argc, char **argv)
{
    static struct thaw_gate_run runs[MOST];
    struct thaw_gate_input input = {.name = "side", .runs = runs, .commit = "4aa53a9"};
    bool updates = argc > 3 && !strcmp(argv[1], "update");
    json_t *old = NULL, *ret = NULL;

    if (argc == 3 && !strcmp(argv[1], "read"))
        return read_baseline(argv[2], &old) ? 2 : 0;
    if (argc < 4 || argc > MOST)
        return 2;
    input.target = read_report(argv[3]);
    for (int i = 4; i < argc; i++)
        runs[input.run_count++] = (struct thaw_gate_run){argv[i], read_report(argv[i])};
    if (updates)
        return read_baseline(argv[2], &old) ||
               thaw_gate_baseline_build(&input, NULL, old, &ret, NULL) ||
               thaw_gate_baseline_write(ret, stdout, NULL);
    ret = side_json(&input, &(struct thaw_budget_part){argv[1], argv[2], ""});
    return json_dumpf(ret, stdout, 0) ? 1 : 0;
}
