/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "audit/tally.h"
#include "audit/tally_rows.h"
#include "chaos_malloc.h"

#define SECOND 1000000000ull
#define MS 1000000ull

static struct thaw_tally *open_tally(size_t apps, size_t imports)
{
    struct thaw_tally_limits limits = {.apps = apps, .imports = imports};
    struct thaw_tally *tally = NULL;

    assert_int_equal(thaw_tally_open(&limits, 5, &tally, NULL), 0);
    return tally;
}

static const struct thaw_start_phase phases[] = {
    {.name = "host", .begin_ns = 0, .ns = 100 * MS, .counted = true},
    {.name = "import", .begin_ns = 100 * MS, .ns = 200 * MS, .counted = true},
    {.name = "pool", .begin_ns = 300 * MS, .ns = 10 * SECOND, .counted = false},
    {.name = "import", .begin_ns = 10300 * MS, .ns = 50 * MS, .counted = true},
};
static const struct thaw_start_import imports[] = {
    {.name = "app", .total_ns = 200 * MS},
    {.name = "numpy", .total_ns = 150 * MS},
};

static struct thaw_start start_of(const char *app)
{
    return (struct thaw_start){
        .identity = {.app = app, .platform = "generic", .deployment = "d1"},
        .begin_unix_ns = 100 * SECOND,
        .end_unix_ns = 111 * SECOND,
        .total_ns = 400 * MS,
        .unattributed_ns = 50 * MS,
        .answered = true,
        .complete = true,
        .phases = phases,
        .phase_count = 4,
        .imports = imports,
        .import_count = 2,
        .modules = 30,
        .modules_failed = 2,
        .imports_ns = 220 * MS,
        .trace = "0af7651916cd43dd8448eb211c80319c",
        .span = "b7ad6b7169203331",
    };
}

static void add(struct thaw_tally *tally, const struct thaw_start *start)
{
    assert_int_equal(thaw_tally_start(tally, start, NULL), 0);
}

static struct thaw_families families_of(const struct thaw_tally *tally)
{
    struct thaw_families families = {0};

    assert_int_equal(thaw_tally_families(tally, &families, NULL), 0);
    return families;
}

/* The point with those labels' values (NULL any), NULL none. */
static const struct thaw_point *find(const struct thaw_families *families, enum thaw_tally_row row,
                                     const char *first, const char *second, const char *third)
{
    const char *const wanted[] = {first, second, third};

    for (size_t i = 0; i < families->items.count; i++) {
        const struct thaw_family *family = &families->items.items[i];

        for (size_t j = 0; family->row == &thaw_tally_rows[row] && j < family->points.count; j++) {
            const struct thaw_point *point = &family->points.items[j];
            bool same = true;

            for (size_t k = 0; k < 3; k++)
                same &= !wanted[k] ||
                        (k < point->label_count && !strcmp(point->labels[k].value, wanted[k]));
            if (same)
                return point;
        }
    }
    return NULL;
}

static double number(const struct thaw_families *families, enum thaw_tally_row row,
                     const char *first, const char *second, const char *third)
{
    const struct thaw_point *point = find(families, row, first, second, third);

    return point ? point->number : -1;
}

static void names_are_well_formed(void **state)
{
    (void)state;
    for (size_t i = 0; i < THAW_TALLY_ROWS; i++) {
        const struct thaw_family_row *row = &thaw_tally_rows[i];
        size_t name = strlen(row->name), unit = strlen(row->unit);

        assert_memory_equal(row->name, "thaw_", 5);
        assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz_"), name);
        assert_true(!unit || !strcmp(row->name + name - unit, row->unit));
        assert_true(*row->help && !strpbrk(row->help, "\\\"\n"));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(row->name, thaw_tally_rows[j].name);
    }
}

/* A native histogram of schema n has bounds 2^(k / 2^n). */
static void bounds_are_those_of_native_histograms(void **state)
{
    (void)state;
    for (int i = 0; i < THAW_TALLY_PHASE_BOUNDS; i++)
        assert_true(thaw_tally_phase_bounds[i] == ldexp(1, i - 8));
    for (int i = 0; i < THAW_TALLY_DURATION_BOUNDS; i++)
        assert_true(fabs(thaw_tally_duration_bounds[i] / exp2((i - 8) / 2.0) - 1) < 1e-15);
}

static void starts_are_added_up(void **state)
{
    struct thaw_tally *tally = open_tally(10, 10);
    struct thaw_start start = start_of("a"), other = start_of("a");
    struct thaw_families families;

    (void)state;
    other.answered = other.complete = false;
    other.further = true;
    add(tally, &start);
    add(tally, &start);
    add(tally, &other);
    families = families_of(tally);
    assert_int_equal(families.begin_unix_ns, 5);
    assert_true(number(&families, THAW_TALLY_STARTS, "a", "generic", "true") == 2);
    assert_true(number(&families, THAW_TALLY_STARTS, "a", "generic", "false") == 1);
    assert_true(number(&families, THAW_TALLY_FURTHER, "a", NULL, NULL) == 1);
    assert_true(number(&families, THAW_TALLY_INCOMPLETE, "a", NULL, NULL) == 1);
    assert_true(number(&families, THAW_TALLY_MODULES, "a", NULL, NULL) == 90);
    assert_true(number(&families, THAW_TALLY_MODULES_FAILED, "a", NULL, NULL) == 6);
    assert_true(fabs(number(&families, THAW_TALLY_IMPORTS, "a", NULL, NULL) - 0.66) < 1e-9);
    assert_true(fabs(number(&families, THAW_TALLY_IMPORT, "a", "numpy", NULL) - 0.45) < 1e-9);
    assert_true(number(&families, THAW_TALLY_IMPORT_STARTS, "a", "numpy", NULL) == 3);
    assert_true(number(&families, THAW_TALLY_IMPORT_OTHER, "a", NULL, NULL) == 0);
    assert_true(number(&families, THAW_TALLY_DEPLOYMENT, "a", NULL, NULL) == 100);
    assert_null(find(&families, THAW_TALLY_REQUESTS, "a", NULL, NULL));
    thaw_families_free(&families);
    thaw_tally_free(tally);
}

/* Phases of one name are one; with what is in none of them they are the whole. */
static void phases_add_up_to_the_whole(void **state)
{
    struct thaw_tally *tally = open_tally(10, 10);
    struct thaw_start start = start_of("a");
    struct thaw_families families;
    const struct thaw_histogram *whole, *import;
    double sum = 0;

    (void)state;
    add(tally, &start);
    start.answered = false;
    add(tally, &start);
    families = families_of(tally);
    whole = find(&families, THAW_TALLY_DURATION, "a", NULL, NULL)->histogram;
    import = find(&families, THAW_TALLY_PHASE, "a", "import", NULL)->histogram;
    assert_int_equal(whole->count, 1);
    assert_int_equal(whole->counts[6], 1); /* 0.354 to 0.5 s */
    assert_string_equal(whole->exemplars[6].trace, start.trace);
    assert_string_equal(whole->exemplars[5].trace, "");
    assert_int_equal(import->count, 1);
    assert_int_equal(import->counts[6], 1); /* 0.125 to 0.25 s */
    assert_null(find(&families, THAW_TALLY_PHASE, "a", "pool", NULL));
    for (size_t i = 0; i < families.items.count; i++)
        for (size_t j = 0; families.items.items[i].row == &thaw_tally_rows[THAW_TALLY_PHASE] &&
                           j < families.items.items[i].points.count;
             j++)
            sum += families.items.items[i].points.items[j].histogram->sum;
    assert_true(fabs(sum - whole->sum) < 1e-9);
    thaw_families_free(&families);
    thaw_tally_free(tally);
}

static void values_beyond_all_bounds_are_counted(void **state)
{
    struct thaw_tally *tally = open_tally(10, 10);
    struct thaw_start start = start_of("a");
    struct thaw_families families;
    const struct thaw_histogram *whole;

    (void)state;
    start.total_ns = 0;
    add(tally, &start);
    start.total_ns = UINT64_MAX;
    add(tally, &start);
    start.total_ns = 64 * SECOND; /* an upper bound is in its bucket */
    add(tally, &start);
    families = families_of(tally);
    whole = find(&families, THAW_TALLY_DURATION, "a", NULL, NULL)->histogram;
    assert_int_equal(whole->counts[0], 1);
    assert_int_equal(whole->counts[THAW_TALLY_DURATION_BOUNDS], 1);
    assert_int_equal(whole->counts[THAW_TALLY_DURATION_BOUNDS - 1], 1);
    thaw_families_free(&families);
    thaw_tally_free(tally);
}

static void requests_are_added_up(void **state)
{
    struct thaw_tally *tally = open_tally(10, 10);
    struct thaw_arrivals arrivals = {.app = "a",
                                     .requests = 100,
                                     .cold = 3,
                                     .busy_ns = 2 * SECOND,
                                     .most_all = 9,
                                     .processes = 2,
                                     .limit_looks = 8,
                                     .at_limit = 5,
                                     .measured = true};
    struct thaw_families families;

    (void)state;
    assert_int_equal(thaw_tally_arrivals(tally, &arrivals, NULL), 0);
    arrivals.measured = false;
    arrivals.most_all = 4;
    assert_int_equal(thaw_tally_arrivals(tally, &arrivals, NULL), 0);
    families = families_of(tally);
    assert_true(number(&families, THAW_TALLY_REQUESTS, "a", NULL, NULL) == 200);
    assert_true(number(&families, THAW_TALLY_COLD, "a", NULL, NULL) == 6);
    assert_true(number(&families, THAW_TALLY_BUSY, "a", NULL, NULL) == 4);
    assert_true(number(&families, THAW_TALLY_NOT_MEASURED, "a", NULL, NULL) == 10);
    assert_true(number(&families, THAW_TALLY_WAITING, "a", NULL, NULL) == 10);
    assert_true(number(&families, THAW_TALLY_LIMIT_KNOWN, "a", NULL, NULL) == 16);
    assert_true(number(&families, THAW_TALLY_IN_FLIGHT_MOST, "a", NULL, NULL) == 4);
    assert_true(number(&families, THAW_TALLY_PROCESSES, "a", NULL, NULL) == 2);
    assert_null(find(&families, THAW_TALLY_STARTS, "a", NULL, NULL));
    thaw_families_free(&families);
    thaw_tally_free(tally);
}

static void a_deployment_that_comes_back_is_not_new(void **state)
{
    static const char *const deployments[] = {"d1", "d2", "d1", "d2", ""};
    struct thaw_tally *tally = open_tally(10, 10);
    struct thaw_families families;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct thaw_start start = start_of("a");

        start.identity.deployment = deployments[i];
        start.begin_unix_ns = (int64_t)((i + 1) * 1000 * SECOND);
        add(tally, &start);
    }
    families = families_of(tally);
    assert_true(number(&families, THAW_TALLY_DEPLOYMENT, "a", NULL, NULL) == 2000);
    thaw_families_free(&families);
    thaw_tally_free(tally);
}

static void further_apps_are_other(void **state)
{
    struct thaw_tally *tally = open_tally(2, 10);
    struct thaw_families families;
    char name[16];

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        struct thaw_start start = start_of(name);

        snprintf(name, sizeof(name), "app-%u", i);
        add(tally, &start);
    }
    families = families_of(tally);
    assert_true(number(&families, THAW_TALLY_STARTS, "app-1", "generic", "true") == 1);
    assert_null(find(&families, THAW_TALLY_STARTS, "app-2", NULL, NULL));
    assert_true(number(&families, THAW_TALLY_STARTS, "other", "generic", "true") == 98);
    thaw_families_free(&families);
    thaw_tally_free(tally);
}

static double sum_of_imports(const struct thaw_families *families, size_t *ret_series)
{
    double sum = number(families, THAW_TALLY_IMPORT_OTHER, "a", NULL, NULL);

    *ret_series = 0;
    for (size_t i = 0; i < families->items.count; i++) {
        const struct thaw_family *family = &families->items.items[i];

        for (size_t j = 0;
             family->row == &thaw_tally_rows[THAW_TALLY_IMPORT] && j < family->points.count; j++) {
            sum += family->points.items[j].number;
            ++*ret_series;
        }
    }
    return sum;
}

/* Ten thousand that cost little, and one that comes late and costs much. */
static void imports_that_cost_most_have_a_series(void **state)
{
    struct thaw_tally *tally = open_tally(10, 5);
    struct thaw_start start = start_of("a");
    struct thaw_start_import one = {.name = "numpy", .total_ns = 100 * MS};
    double before = 0, other = 0, expected = 0;
    char name[32];

    (void)state;
    start.imports = &one;
    start.import_count = 1;
    for (unsigned i = 0; i < 1000; i++) {
        struct thaw_families families;
        size_t series;
        double sum, now;

        snprintf(name, sizeof(name), "module_%u", i);
        one.name = i > 100 && i % 10 == 0 ? "numpy" : name;
        one.total_ns = i > 100 && i % 10 == 0 ? 100 * MS : 1 * MS;
        expected += (double)one.total_ns / 1e9;
        add(tally, &start);
        families = families_of(tally);
        sum = sum_of_imports(&families, &series);
        now = number(&families, THAW_TALLY_IMPORT_OTHER, "a", NULL, NULL);
        assert_in_range(series, 1, 5);
        assert_true(sum >= before && now >= other); /* no counter goes down */
        assert_true(fabs(sum - expected) < 1e-6);
        before = sum;
        other = now;
        thaw_families_free(&families);
    }
    {
        struct thaw_families families = families_of(tally);

        assert_true(number(&families, THAW_TALLY_IMPORT, "a", "numpy", NULL) > 8.5);
        thaw_families_free(&families);
    }
    thaw_tally_free(tally);
}

static void memory_that_is_short_is_said(void **state)
{
    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_tally_limits limits = {.apps = 2, .imports = 1};
        struct thaw_start start = start_of("a");
        struct thaw_arrivals arrivals = {.app = "a", .measured = true};
        struct thaw_families families = {0};
        struct thaw_tally *tally = NULL;
        int code = thaw_tally_open(&limits, 0, &tally, NULL);

        if (!code)
            code = thaw_tally_start(tally, &start, NULL);
        if (!code)
            code = thaw_tally_arrivals(tally, &arrivals, NULL);
        if (!code)
            code = thaw_tally_families(tally, &families, NULL);
        chaos_malloc_pause();
        /* Without memory for a candidate an import is one of the others. */
        assert_true(code == 0 || (code == -ENOMEM && chaos_malloc_failed()));
        if (!code)
            assert_true(number(&families, THAW_TALLY_STARTS, "a", NULL, "true") == 1);
        thaw_families_free(&families);
        thaw_tally_free(tally);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_well_formed),
        cmocka_unit_test(bounds_are_those_of_native_histograms),
        cmocka_unit_test(starts_are_added_up),
        cmocka_unit_test(phases_add_up_to_the_whole),
        cmocka_unit_test(values_beyond_all_bounds_are_counted),
        cmocka_unit_test(requests_are_added_up),
        cmocka_unit_test(a_deployment_that_comes_back_is_not_new),
        cmocka_unit_test(further_apps_are_other),
        cmocka_unit_test(imports_that_cost_most_have_a_series),
        cmocka_unit_test(memory_that_is_short_is_said),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
