/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/rank_test.h"
#include "base/statistics.h"
#include "gate/trials_parts.h"

#define LARGEST_WHOLE 9007199254740992.0 /* 2^53 */
#define ALIKE 0.05  /* a ratio that is certainly closer to 1 is no difference */
#define CHANCE 0.01 /* of a rank test: a difference by chance is less likely */

void thaw_trials_set_value(struct thaw_values *values, json_t *object, const char *key,
                           double value)
{
    json_t *made = value == floor(value) && fabs(value) <= LARGEST_WHOLE
                       ? json_integer((json_int_t)value)
                       : json_real(value);

    values->failed |= !made;
    thaw_values_set(values, object, key, made);
}

static void append_value(struct thaw_values *values, json_t *array, double value)
{
    json_t *holder = thaw_values_object(values);

    thaw_trials_set_value(values, holder, "value", value);
    thaw_values_append(values, array, json_incref(json_object_get(holder, "value")));
    json_decref(holder);
}

/* --- one series --- */

/* The values of its samples, the arena's; NULL: memory is short. */
static double *values_of(struct thaw_arena *arena, const struct thaw_trials_series *series)
{
    double *numbers = thaw_arena_allocate(arena, (series->samples.count + 1) * sizeof(*numbers));

    for (size_t i = 0; numbers && i < series->samples.count; i++)
        numbers[i] = series->samples.items[i].value;
    return numbers;
}

static void set_samples(struct thaw_values *values, json_t *object,
                        const struct thaw_trials_series *series)
{
    json_t *samples = thaw_values_array(values), *runs = thaw_values_array(values);

    for (size_t i = 0; i < series->samples.count; i++) {
        append_value(values, samples, series->samples.items[i].value);
        thaw_values_append_number(values, runs, series->samples.items[i].run);
    }
    thaw_values_set(values, object, "samples", samples);
    thaw_values_set(values, object, "runs", runs);
}

static void set_middle(struct thaw_values *values, json_t *object, const double *numbers,
                       size_t count)
{
    double least = INFINITY, most = -INFINITY;
    struct thaw_interval interval;

    if (thaw_statistics_median_interval(numbers, count, &interval)) {
        thaw_values_set_null(values, object, "value");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        least = fmin(least, numbers[i]);
        most = fmax(most, numbers[i]);
    }
    json_t *value = thaw_values_object(values);
    thaw_trials_set_value(values, value, "median", interval.middle);
    thaw_trials_set_value(values, value, "low", interval.low);
    thaw_trials_set_value(values, value, "high", interval.high);
    thaw_values_set_real(values, value, "coverage", interval.coverage);
    thaw_trials_set_value(values, value, "least", least);
    thaw_trials_set_value(values, value, "most", most);
    thaw_values_set(values, object, "value", value);
}

/* The runs that lie apart from the others (Tukey 1977). */
static json_t *outliers(struct thaw_values *values, const struct thaw_trials_series *series,
                        const double *numbers)
{
    json_t *runs = thaw_values_array(values);
    struct thaw_fences fences;

    if (thaw_statistics_fences(numbers, series->samples.count, &fences))
        return runs;
    for (size_t i = 0; i < series->samples.count; i++)
        if (numbers[i] < fences.low || numbers[i] > fences.high)
            thaw_values_append_number(values, runs, series->samples.items[i].run);
    return runs;
}

/* Would as many runs as were made bring the interval down to the width that is wanted? */
static json_t *noise_object(struct thaw_values *values, const struct thaw_trials_series *series,
                            const double *numbers)
{
    size_t count = series->samples.count;
    struct thaw_noise noise;
    json_t *object;

    if (series->class != THAW_GATE_TIMED || count < 3 ||
        thaw_statistics_noise_of_series(numbers, count, THAW_TRIALS_WIDTH, count, &noise))
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_real(values, object, "spread", noise.spread);
    thaw_values_set_real(values, object, "width", noise.width);
    thaw_values_set_boolean(values, object, "too_noisy", noise.too_noisy);
    return object;
}

static void set_names(struct thaw_values *values, json_t *object,
                      const struct thaw_trials_series *series)
{
    thaw_values_set_text(values, object, "metric", series->name);
    thaw_values_set_text(values, object, "title", series->title);
    thaw_values_set_text(values, object, "class", thaw_gate_class_name(series->class));
    thaw_values_set_text(values, object, "unit", thaw_gate_unit_name(series->unit));
    thaw_values_set_name(values, object, "phase", series->phase);
    thaw_values_set_boolean(values, object, "counting", series->counting);
}

/* How many runs could tell it. */
static size_t looked_at(const struct thaw_trials *trials, const struct thaw_trials_series *series)
{
    size_t count = 0;

    for (size_t i = 0; i < trials->runs.count; i++) {
        const struct thaw_trials_run *run = &trials->runs.items[i];

        count += run->command == series->command && run->counting == series->counting &&
                 !run->warmup && run->end == THAW_TRIALS_OK;
    }
    return count;
}

static json_t *series_object(struct thaw_values *values, const struct thaw_trials *trials,
                             const struct thaw_trials_series *series)
{
    json_t *object = thaw_values_object(values);
    struct thaw_arena arena = {0};
    double *numbers = values_of(&arena, series);

    values->failed |= !numbers;
    set_names(values, object, series);
    set_samples(values, object, series);
    if (numbers) {
        set_middle(values, object, numbers, series->samples.count);
        thaw_values_set(values, object, "outliers", outliers(values, series, numbers));
        thaw_values_set(values, object, "noise", noise_object(values, series, numbers));
    }
    thaw_values_set_number(values, object, "of", looked_at(trials, series));
    thaw_values_set_name(values, object, "why", series->why);
    thaw_arena_free(&arena);
    return object;
}

json_t *thaw_trials_metrics(struct thaw_values *values, const struct thaw_trials *trials,
                            size_t command)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < trials->series.count; i++)
        if (trials->series.items[i].command == command)
            thaw_values_append(values, array,
                               series_object(values, trials, &trials->series.items[i]));
    return array;
}

/* --- two of them --- */

struct both {
    double *first, *second; /* all values */
    size_t first_count, second_count;
    double *paired_first, *paired_second; /* of those numbers that both have */
    size_t pairs;
    bool has_ratio;
    struct thaw_interval ratio;
    bool has_test;
    double higher, lower; /* probability of so clear a difference by chance */
};

static bool fill(struct thaw_arena *arena, const struct thaw_trials_series *first,
                 const struct thaw_trials_series *second, struct both *ret)
{
    *ret = (struct both){.first = values_of(arena, first),
                         .second = values_of(arena, second),
                         .first_count = first->samples.count,
                         .second_count = second->samples.count,
                         .paired_first = values_of(arena, first),
                         .paired_second = values_of(arena, first)};
    if (!ret->first || !ret->second || !ret->paired_first || !ret->paired_second)
        return false;
    for (size_t i = 0, j = 0; i < first->samples.count && j < second->samples.count;) {
        const struct thaw_trials_sample *one = &first->samples.items[i];
        const struct thaw_trials_sample *other = &second->samples.items[j];

        if (one->run == other->run) {
            ret->paired_first[ret->pairs] = one->value;
            ret->paired_second[ret->pairs++] = other->value;
        }
        i += one->run <= other->run;
        j += other->run <= one->run;
    }
    return true;
}

/* False: memory is short. */
static bool test(struct both *both)
{
    struct thaw_rank_test higher, lower;
    int ratio = thaw_statistics_pair_ratios(both->paired_first, both->paired_second, both->pairs,
                                            &both->ratio);
    int up =
        thaw_rank_test(both->first, both->first_count, both->second, both->second_count, &higher);
    int down =
        thaw_rank_test(both->second, both->second_count, both->first, both->first_count, &lower);

    both->has_ratio = !ratio;
    both->has_test = !up && !down;
    if (both->has_test) {
        both->higher = higher.probability;
        both->lower = lower.probability;
    }
    return ratio != -ENOMEM && up != -ENOMEM && down != -ENOMEM;
}

static void range(const double *numbers, size_t count, double *least, double *most)
{
    *least = INFINITY;
    *most = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        *least = fmin(*least, numbers[i]);
        *most = fmax(*most, numbers[i]);
    }
}

/* Of what is counted: all of one side beyond all of the other. */
static const char *verdict_of_counts(const struct both *both)
{
    double least[2], most[2];

    range(both->first, both->first_count, &least[0], &most[0]);
    range(both->second, both->second_count, &least[1], &most[1]);
    if (least[0] == most[0] && least[0] == least[1] && most[0] == most[1])
        return "same";
    if (least[1] > most[0])
        return "higher";
    return most[1] < least[0] ? "lower" : "inconclusive";
}

/* Of what is timed: the ranks and the ratios of pairs have to agree. */
static const char *verdict_of_times(const struct both *both)
{
    if (!both->has_ratio || !both->has_test)
        return "inconclusive";
    if (both->higher < CHANCE && both->ratio.low > 1)
        return "higher";
    if (both->lower < CHANCE && both->ratio.high < 1)
        return "lower";
    return both->ratio.low > 1 - ALIKE && both->ratio.high < 1 + ALIKE && both->pairs >= 6
               ? "same"
               : "inconclusive";
}

static json_t *ratio_object(struct thaw_values *values, const struct both *both)
{
    json_t *object;

    if (!both->has_ratio)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_real(values, object, "low", both->ratio.low);
    thaw_values_set_real(values, object, "middle", both->ratio.middle);
    thaw_values_set_real(values, object, "high", both->ratio.high);
    return object;
}

static void set_probability(struct thaw_values *values, json_t *object, const char *key,
                            const struct both *both, double probability)
{
    json_t *value = both->has_test ? json_real(probability) : json_null();

    values->failed |= !value;
    thaw_values_set(values, object, key, value);
}

static json_t *difference(struct thaw_values *values, const struct thaw_trials_series *first,
                          const struct thaw_trials_series *second)
{
    json_t *object = thaw_values_object(values);
    struct thaw_arena arena = {0};
    struct both both;

    if (fill(&arena, first, second, &both) && test(&both)) {
        set_names(values, object, first);
        thaw_values_set_number(values, object, "pairs", both.pairs);
        thaw_values_set(values, object, "ratio", ratio_object(values, &both));
        set_probability(values, object, "higher_by_chance", &both, both.higher);
        set_probability(values, object, "lower_by_chance", &both, both.lower);
        thaw_values_set_text(values, object, "verdict",
                             first->class == THAW_GATE_TIMED ? verdict_of_times(&both)
                                                             : verdict_of_counts(&both));
    } else {
        values->failed = true;
    }
    thaw_arena_free(&arena);
    return object;
}

json_t *thaw_trials_comparison(struct thaw_values *values, const struct thaw_trials *trials)
{
    json_t *array;

    if (trials->plan.command_count < 2)
        return json_null();
    array = thaw_values_array(values);
    for (size_t i = 0; i < trials->series.count; i++) {
        const struct thaw_trials_series *first = &trials->series.items[i];
        const struct thaw_trials_series *second =
            first->command == 0 ? thaw_trials_find(trials, first, 1) : NULL;

        if (second && first->samples.count && second->samples.count)
            thaw_values_append(values, array, difference(values, first, second));
    }
    return array;
}
