/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "gate/gate.h"
#include "gate_fixture.h"
#include "scratch.h"

/* Baselines that merges, editors or other versions have changed. */

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("%s is not in\n%s", part, text);
}

#define FILE_OF(entries)                                                                           \
    "{'schema':'thaw-baseline/1','tool':{'name':'thaw','version':'1'},\n'entries':[" entries "]}"
#define ENTRY(values) "{'key':{'interpreter':'3.11'},'values':[" values "],'contents':[]}"

static void defects_are_told_with_their_place(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "b.json:1:1: it is empty"},
        {" ", "it is no JSON"},
        {"<<<<<<< HEAD\n{}", "b.json:1:1: it is no JSON"},
        {"{\n  'schema': ", "b.json:2:"},
        {"[]", "b.json:1:1: a baseline must be an object"},
        {"{}", "b.json:1:1: it is no baseline: it has no \"schema\""},
        {"{'schema':7}", "it has no \"schema\""},
        {"{'schema':'thaw-report/1'}",
         "b.json:1:11: it is no baseline but of the form thaw-report/1"},
        {"{\n'schema':'thaw-baseline/2','new':1}",
         "b.json:2:10: it is of the form thaw-baseline/2, this thaw reads thaw-baseline/1; use the "
         "thaw that wrote it, or remove it, and write it anew"},
        {"{'schema':'thaw-baseline/1'}", "b.json:1:1: \"tool\" is missing from a baseline"},
        {"{'schema':'a',\n'schema':'b'}", "b.json:2:1: a key is there twice, first in line 1"},
        {FILE_OF("1"), "b.json:2:12: an entry must be an object"},
        {FILE_OF("{'key':{},'contents':[]}"), "b.json:2:12: \"values\" is missing from an entry"},
        {FILE_OF("{'colour':1}"), "b.json:2:13: an entry has no \"colour\""},
        {FILE_OF("{'values':{}}"), "b.json:2:22: \"values\" must be a list"},
        {FILE_OF(ENTRY("\n{'metric':'modules'}")),
         "b.json:3:1: \"samples\" is missing from a value"},
        {FILE_OF(ENTRY("\n{'metric':'modules','samples':[]}")),
         "b.json:3:31: \"samples\" is empty"},
        {FILE_OF(ENTRY("\n{'metric':'modules','samples':[1,-1]}")),
         "b.json:3:34: \"samples\" takes numbers of 0 or more"},
        {FILE_OF(ENTRY("\n{'metric':'modules','samples':[1e300]}")), "takes numbers of 0 or more"},
        {FILE_OF(ENTRY("\n{'metric':'modules','samples':['1']}")), "takes numbers of 0 or more"},
        {FILE_OF(ENTRY("\n{'metric':7,'samples':[1]}")), "b.json:3:11: \"metric\" must be a text"},
        {FILE_OF(ENTRY("\n{'metric':'modules','samples':[1],'runs':0}")),
         "b.json:3:42: \"runs\" takes 1 to 1000, beside one sample"},
        {FILE_OF(ENTRY("\n{'metric':'modules','samples':[1],'runs':1001}")), "takes 1 to 1000"},
        {FILE_OF(ENTRY("\n{'metric':'modules','samples':[1],'runs':1.5}")), "takes 1 to 1000"},
        {FILE_OF(ENTRY("\n{'metric':'modules','samples':[1,1],'runs':2}")), "beside one sample"},
        {FILE_OF(ENTRY("\n{'metric':'modules','samples':[1],'runs':'2'}")),
         "\"runs\" must be a number of 0 or more"},
        {FILE_OF(ENTRY("{'metric':'a','samples':[1]},\n{'metric':'b','samples':[1]},\n"
                       "{'metric':'a','samples':[2]}")),
         "b.json:4:1: a value of this metric and part is there twice"},
        {FILE_OF(ENTRY("") ",\n" ENTRY("")),
         "b.json:3:1: an entry of this interpreter, architecture and backend is there twice"},
        {FILE_OF("{'key':{'interpreter':3.11}}"), "\"interpreter\" must be a text"},
        {FILE_OF("{'key':[]}"), "b.json:2:19: a key must be an object"},
        {FILE_OF("{'imports':[{'name':'xml'}]}"), "\"modules\" is missing from an item of imports"},
        {FILE_OF("{'contents':[{}]}"), "\"name\" is missing from an item of contents"},
        {FILE_OF("{'contents':[{'name':'a','modules':null}]}"), "\"modules\" must be a number"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_error error = {0};
        json_t *ret = NULL;
        char *text = strdup(rows[i].text);

        for (char *at = text; *at; at++)
            *at = *at == '\'' ? '"' : *at;
        assert_int_equal(thaw_gate_baseline_parse(text, strlen(text), "b.json", &ret, &error),
                         -EINVAL);
        assert_null(ret);
        has(error.message, rows[i].message);
        has(error.message, "remove it, and write it anew with `thaw gate --update`");
        free(text);
    }
}

static void whatever_is_too_large_is_refused(void **state)
{
    size_t length = THAW_BASELINE_BYTES_MAX + 1;
    char *text = malloc(length);
    struct thaw_error error;
    json_t *ret = NULL;

    (void)state;
    assert_non_null(text);
    memset(text, ' ', length);
    assert_int_equal(thaw_gate_baseline_parse(text, length, "b.json", &ret, &error), -EINVAL);
    has(error.message, "16 MiB");
    memset(text, '[', length);
    assert_int_equal(thaw_gate_baseline_parse(text, length - 1, "b.json", &ret, &error), -EINVAL);
    for (size_t i = 1; i + 1 < length; i += 2)
        memcpy(text + i, "1,", 2);
    assert_int_equal(thaw_gate_baseline_parse(text, length - 1, "b.json", &ret, &error), -EINVAL);
    has(error.message, "too large");
    free(text);
}

/* What is never read can be there: a metric of a later thaw, empty lists. */
static void what_says_nothing_is_accepted(void **state)
{
    static const char *const rows[] = {
        FILE_OF(""),
        FILE_OF(ENTRY("")),
        FILE_OF(ENTRY("{'metric':'of_later','samples':[1,2.5]}")),
        FILE_OF(ENTRY("") ",{'key':{'interpreter':'3.11','backend':'ebpf'},'values':[],"
                          "'contents':[]}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *json = gate_fixture_json(rows[i]), *ret = NULL;
        char *text = json_dumps(json, 0);
        struct thaw_error error;

        if (thaw_gate_baseline_parse(text, strlen(text), "b.json", &ret, &error) < 0)
            fail_msg("%s in %s", error.message, text);
        json_decref(ret);
        free(text);
        json_decref(json);
    }
}

static void files_that_are_none_are_said(void **state)
{
    json_t *json = gate_fixture_json(FILE_OF(ENTRY(""))), *ret = NULL;
    char *text = json_dumps(json, 0);
    struct scratch scratch;
    struct thaw_error error;

    (void)state;
    scratch_make(&scratch);
    assert_int_equal(thaw_gate_baseline_read(scratch_path(&scratch, "none"), &ret, &error),
                     -ENOENT);
    has(error.message, "thaw gate --update");
    assert_int_equal(thaw_gate_baseline_read(scratch.path, &ret, &error), -EINVAL);
    has(error.message, "no regular file");
    assert_int_equal(mkfifo(scratch_path(&scratch, "fifo"), 0600), 0);
    assert_int_equal(thaw_gate_baseline_read(scratch_path(&scratch, "fifo"), &ret, &error),
                     -EINVAL);
    assert_null(ret);
    assert_int_equal(
        thaw_gate_baseline_read(scratch_write_text(&scratch, "b.json", text), &ret, &error), 0);
    assert_int_equal(json_array_size(json_object_get(ret, "entries")), 1);
    free(text);
    json_decref(json);
    json_decref(ret);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defects_are_told_with_their_place),
        cmocka_unit_test(whatever_is_too_large_is_refused),
        cmocka_unit_test(what_says_nothing_is_accepted),
        cmocka_unit_test(files_that_are_none_are_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
