/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "report/read_report.h"
#include "report/report_schema.h"
#include "report/schema_words.h"
#include "thaw/report.h"

#define FULL "tests/golden/full_report.json" /* holds every key there is */

static json_t *full, *schema;

static int read_full(void **state)
{
    (void)state;
    schema = json_loads(thaw_report_schema(NULL), 0, NULL);
    return schema ? thaw_report_read_file(FULL, &full, NULL) : -1;
}

static int forget_full(void **state)
{
    (void)state;
    json_decref(full);
    json_decref(schema);
    return 0;
}

static void every_key_is_read(void **state)
{
    struct thaw_error error = {0};

    (void)state;
    assert_int_equal(thaw_report_check_schema("full", full, &error), 0);
}

static void assert_wrong(const json_t *report, const char *words)
{
    struct thaw_error error = {0};

    assert_int_equal(thaw_report_check_by(schema, "this", report, &error), -EINVAL);
    if (!strstr(error.message, words))
        fail_msg("'%s' is not in: %s", words, error.message);
    assert_null(strchr(error.message, '\n'));
}

/* Each value of the report in turn becomes one that is nowhere allowed, and is itself again. */
static size_t break_each(json_t *value)
{
    size_t broken = 0, i;
    const char *key;
    json_t *item;
    void *next;

    json_object_foreach_safe(value, next, key, item)
    {
        json_incref(item);
        json_object_set_new(value, key, json_pack("[[[s]]]", "x"));
        assert_wrong(full, "this can't be shown as a report: ");
        json_object_set_new(value, key, item);
        broken += 1 + break_each(item);
    }
    json_array_foreach(value, i, item)
    {
        json_incref(item);
        json_array_set_new(value, i, json_pack("[[[s]]]", "x"));
        assert_wrong(full, "this can't be shown as a report: ");
        json_array_set_new(value, i, item);
        broken += 1 + break_each(item);
    }
    return broken;
}

static void a_value_of_no_type_is_refused_everywhere(void **state)
{
    (void)state;
    assert_true(break_each(full) > 500);
}

static json_t *copy_without(const char *key)
{
    json_t *copy = json_deep_copy(full);

    assert_non_null(copy);
    json_object_del(copy, key);
    return copy;
}

static void what_must_be_there_is(void **state)
{
    json_t *report = copy_without("modules"), *module;

    (void)state;
    assert_wrong(report, "has no \"modules\"");
    json_decref(report);
    report = json_deep_copy(full);
    module = json_array_get(json_object_get(report, "modules"), 1);
    json_object_del(module, "total_ns");
    assert_wrong(report, "modules[1] has no \"total_ns\"");
    json_decref(report);
}

static void figures_are_within_bounds(void **state)
{
    json_t *report = json_deep_copy(full);
    json_t *module = json_array_get(json_object_get(report, "modules"), 0);

    (void)state;
    json_object_set_new(module, "self_ns", json_integer(-1));
    assert_wrong(report, "modules[0].self_ns is too small or too large");
    json_decref(report);
}

static void a_chain_of_parents_has_no_loop(void **state)
{
    json_t *report = json_deep_copy(full);
    json_t *modules = json_object_get(report, "modules"), *module = json_array_get(modules, 0);

    (void)state;
    json_object_set(module, "parent", json_object_get(module, "id"));
    assert_wrong(report, "modules[0] has a parent that is not before it");
    json_object_set_new(module, "parent", json_null());
    json_object_set(json_array_get(modules, 1), "id", json_object_get(module, "id"));
    assert_wrong(report, "modules[1] has an id that does not follow");
    json_decref(report);
}

/* Of a newer version: a word, a key; and bytes of a name that is no text. */
static void what_is_new_is_let_be(void **state)
{
    struct thaw_error error = {0};
    json_t *report = json_deep_copy(full);
    json_t *module = json_array_get(json_object_get(report, "modules"), 0);

    (void)state;
    json_object_set_new(module, "kind", json_string("of-tomorrow"));
    json_object_set_new(module, "new_figure", json_integer(1));
    json_object_set_new(report, "new_list", json_array());
    json_object_set_new(module, "name_bytes", json_string("%FF"));
    assert_int_equal(thaw_report_check_schema("this", report, &error), 0);
    json_object_set_new(module, "name_bytes", json_integer(1));
    assert_wrong(report, "modules[0].name_bytes is not of type string");
    json_object_del(module, "name_bytes");
    json_object_set_new(module, "kind", json_integer(1));
    assert_wrong(report, "modules[0].kind is no such word");
    json_decref(report);
}

/* What the check knows of JSON Schema is what this one uses. */
static void walk_schema(const json_t *part)
{
    static const char *const known[] = {
        "$schema",    "$id",      "title",   "description",       "type",    "$ref",
        "properties", "required", "items",   "minimum",           "maximum", "exclusiveMinimum",
        "enum",       "const",    "pattern", "patternProperties", "oneOf",   "additionalProperties",
        "$defs",
    };
    const char *key, *name;
    json_t *word, *item;
    size_t i;

    json_object_foreach((json_t *)part, key, word)
    {
        bool is_known = false;

        for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            is_known |= !strcmp(known[i], key);
        if (!is_known)
            fail_msg("the schema uses \"%s\", which report_schema.c passes over", key);
        if (!strcmp(key, "items"))
            walk_schema(word);
        if (!strcmp(key, "$ref"))
            assert_int_equal(strncmp(json_string_value(word), "#/$defs/", 8), 0);
        if (!strcmp(key, "oneOf")) { /* something, or null */
            assert_int_equal(json_array_size(word), 2);
            assert_string_equal(json_string_value(json_object_get(json_array_get(word, 1), "type")),
                                "null");
            walk_schema(json_array_get(word, 0));
        }
        if (!strcmp(key, "patternProperties")) {
            json_object_foreach(word, name, item)
            {
                size_t length = strcspn(name, "|)") - 2;
                char *first = malloc(length + sizeof("_bytes"));

                assert_non_null(first);
                memcpy(first, name + 2, length);
                memcpy(first + length, "_bytes", sizeof("_bytes"));
                assert_ptr_equal(thaw_schema_of_bytes(word, first), item);
                free(first);
            }
        }
        if (!strcmp(key, "properties") || !strcmp(key, "$defs"))
            json_object_foreach(word, name, item) walk_schema(item);
    }
}

static void the_schema_uses_no_other_words(void **state)
{
    (void)state;
    walk_schema(schema);
}

static void keys_of_bytes_are_told(void **state)
{
    json_t *patterns = json_pack("{s {}, s {}}", "^(name|path)_bytes$", "^(command)_bytes$");

    (void)state;
    assert_ptr_equal(thaw_schema_of_bytes(patterns, "path_bytes"),
                     json_object_get(patterns, "^(name|path)_bytes$"));
    assert_ptr_equal(thaw_schema_of_bytes(patterns, "command_bytes"),
                     json_object_get(patterns, "^(command)_bytes$"));
    assert_null(thaw_schema_of_bytes(patterns, "_bytes"));
    assert_null(thaw_schema_of_bytes(patterns, "pat_bytes"));
    assert_null(thaw_schema_of_bytes(patterns, "name|path_bytes"));
    assert_null(thaw_schema_of_bytes(patterns, "path"));
    assert_null(thaw_schema_of_bytes(NULL, "path_bytes"));
    json_decref(patterns);
}

static void memory_may_be_short(void **state)
{
    struct thaw_error error = {0};

    (void)state;
    json_set_alloc_funcs(malloc, free); /* the wrapped one */
    chaos_malloc_begin(CHAOS_ALL);
    assert_true(chaos_malloc_more());
    assert_int_equal(thaw_report_check_schema("this", full, &error), -ENOMEM);
    chaos_malloc_pause();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(a_value_of_no_type_is_refused_everywhere),
        cmocka_unit_test(what_must_be_there_is),
        cmocka_unit_test(figures_are_within_bounds),
        cmocka_unit_test(a_chain_of_parents_has_no_loop),
        cmocka_unit_test(what_is_new_is_let_be),
        cmocka_unit_test(the_schema_uses_no_other_words),
        cmocka_unit_test(keys_of_bytes_are_told),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests(tests, read_full, forget_full);
}
