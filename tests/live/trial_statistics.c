/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rank_test.h"
#include "trial/proof_rule.h"

/*
 * Answers questions about numbers by src/base's statistics: each line of standard input is a JSON
 * array of two arrays of numbers, each answer a line of JSON. Built by test_trial_statistics.py.
 */
enum { MOST = 4096 };

static size_t numbers(const json_t *array, double values[MOST])
{
    size_t count = json_array_size(array);

    if (count > MOST) {
        fprintf(stderr, "more than %d numbers\n", MOST);
        exit(1);
    }
    for (size_t i = 0; i < count; i++)
        values[i] = json_number_value(json_array_get(array, i));
    return count;
}

static json_t *interval_json(int result, const struct thaw_interval *interval)
{
    return result ? json_integer(result)
                  : json_pack("[f f f f]", interval->low, interval->middle, interval->high,
                              interval->coverage);
}

static json_t *answer(const json_t *question)
{
    static double first[MOST], second[MOST];
    size_t first_count = numbers(json_array_get(question, 0), first),
           second_count = numbers(json_array_get(question, 1), second), outliers = 0;
    struct thaw_interval median = {0}, bootstrap = {0}, ratio = {0};
    struct thaw_quartiles quartiles = {0};
    struct thaw_rank_test test = {0};
    json_t *object;

    if (thaw_statistics_quartiles(first, first_count, &quartiles) ||
        thaw_statistics_outliers(first, first_count, &outliers) ||
        thaw_rank_test(first, first_count, second, second_count, &test))
        exit(1);
    object = json_pack("{s[f f f] sI s{sf sf sb}}", "quartiles", quartiles.low, quartiles.median,
                       quartiles.high, "outliers", (json_int_t)outliers, "rank", "u", test.u, "p",
                       test.probability, "exact", test.exact);
    json_object_set_new(object, "median",
                        interval_json(thaw_statistics_median_interval(first, first_count, &median),
                                      &median));
    json_object_set_new(object, "bootstrap",
                        interval_json(thaw_statistics_bootstrap(first, first_count, &bootstrap),
                                      &bootstrap));
    json_object_set_new(object, "ratio",
                        interval_json(thaw_statistics_median_ratio(first, first_count, second,
                                                                   second_count, &ratio),
                                      &ratio));
    return object;
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    int failed = 0;

    while (!failed && getline(&line, &capacity, stdin) > 0) {
        json_t *question = json_loads(line, 0, NULL), *object;
        char *text;

        if (!question)
            return 1;
        object = answer(question);
        text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(17));
        failed = !text || puts(text) < 0;
        free(text);
        json_decref(object);
        json_decref(question);
    }
    free(line);
    return failed;
}
