/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/writers.h"
#include "report_fixture.h"

/* The page: where the report stands in it, that nothing in it is markup, and failures to write. */

#define DATA_BEGIN "<script type=\"application/json\" id=\"data\">"
#define DATA_END "</script>"

static size_t count(const char *text, const char *part)
{
    size_t found = 0;

    while ((text = strstr(text, part))) {
        found++;
        text += strlen(part);
    }
    return found;
}

static char *write_page(const struct report_fixture *fixture)
{
    return report_fixture_write(fixture, "html", NULL);
}

/* The text of the data element, to be freed. */
static char *data_of(const char *page)
{
    const char *begin = strstr(page, DATA_BEGIN), *end;

    assert_non_null(begin);
    begin += strlen(DATA_BEGIN);
    end = strstr(begin, DATA_END);
    assert_non_null(end);
    return strndup(begin, (size_t)(end - begin));
}

/* The page without its data element's text, to be freed. */
static char *page_around(const char *page)
{
    char *data = data_of(page), *around = strdup(page);
    char *place = strstr(around, DATA_BEGIN) + strlen(DATA_BEGIN);

    memmove(place, place + strlen(data), strlen(place + strlen(data)) + 1);
    free(data);
    return around;
}

static void the_report_is_in_the_page(void **state)
{
    struct report_fixture fixture;
    json_t *report, *read;
    char *page, *data;

    (void)state;
    report_fixture_fill(&fixture);
    report = report_fixture_report(&fixture);
    page = write_page(&fixture);
    assert_int_equal(strncmp(page, "<!doctype html>\n", 16), 0);
    assert_string_equal(page + strlen(page) - 8, "</html>\n");
    assert_int_equal(count(page, DATA_BEGIN), 1);
    data = data_of(page);
    read = json_loads(data, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_equal(read, report));
    json_decref(read);
    json_decref(report);
    free(data);
    free(page);
}

static void only_the_data_differs(void **state)
{
    struct report_fixture one, other;
    const char *name = "</script>";
    char *pages[2], *around[2];

    (void)state;
    report_fixture_fill(&one);
    report_fixture_fill(&other);
    report_fixture_put_everywhere(&other, &name);
    pages[0] = write_page(&one);
    pages[1] = write_page(&other);
    assert_string_not_equal(pages[0], pages[1]);
    for (int i = 0; i < 2; i++)
        around[i] = page_around(pages[i]);
    assert_string_equal(around[0], around[1]);
    for (int i = 0; i < 2; i++) {
        free(around[i]);
        free(pages[i]);
    }
}

/* What stays is ASCII without a character that means something in HTML, and reads back the same. */
static void assert_inert(const char *data, const json_t *report)
{
    json_t *read = json_loads(data, JSON_REJECT_DUPLICATES, NULL);

    for (const char *byte = data; *byte; byte++) {
        assert_in_range(*byte, ' ', '~');
        assert_null(strchr("<>&", *byte));
    }
    assert_true(json_equal(read, report));
    json_decref(read);
}

static void hostile_names_are_no_markup(void **state)
{
    (void)state;
    for (const char *const *name = report_fixture_hostile; *name; name++) {
        const char *one = *name;
        struct report_fixture fixture;
        json_t *report;
        char *page, *data;

        report_fixture_fill(&fixture);
        report_fixture_put_everywhere(&fixture, &one);
        report = report_fixture_report(&fixture);
        page = write_page(&fixture);
        data = data_of(page);
        assert_inert(data, report);
        free(data);
        free(page);
        json_decref(report);
    }
}

static void each_escape_stands_for_its_character(void **state)
{
    const char *name = "<>&<</script>\xE2\x80\xA8";
    struct report_fixture fixture;
    char *page, *data;

    (void)state;
    report_fixture_fill(&fixture);
    fixture.modules[0].name = name;
    page = write_page(&fixture);
    data = data_of(page);
    assert_non_null(strstr(data, "\"\\u003c\\u003e\\u0026\\u003c\\u003c/script\\u003e\\u2028\""));
    free(data);
    free(page);
}

static void a_full_disk_is_told(void **state)
{
    struct report_fixture fixture;
    struct thaw_error error = {0};
    json_t *report;
    FILE *stream = report_fixture_full_disk();

    (void)state;
    report_fixture_fill(&fixture);
    report = report_fixture_report(&fixture);
    assert_int_equal(thaw_write_html(report, NULL, stream, &error), -ENOSPC);
    assert_int_equal(error.code, -ENOSPC);
    assert_non_null(strstr(error.message, "writing the report: No space left on device"));
    assert_null(strchr(error.message, '\n'));
    fclose(stream);
    json_decref(report);
}

static size_t allocations_left;

static void *failing_malloc(size_t size)
{
    if (!allocations_left)
        return NULL;
    allocations_left--;
    return malloc(size);
}

static void jansson_may_run_out_of_memory(void **state)
{
    struct report_fixture fixture;
    struct thaw_error error;
    size_t granted = 0;
    json_t *report;
    int code;

    (void)state;
    report_fixture_fill(&fixture);
    report = report_fixture_report(&fixture);
    json_set_alloc_funcs(failing_malloc, free);
    do {
        FILE *stream = fopen("/dev/null", "w");

        assert_non_null(stream);
        allocations_left = granted++;
        code = thaw_write_html(report, NULL, stream, &error);
        if (code)
            assert_int_equal(code, -ENOMEM);
        fclose(stream);
    } while (code);
    json_set_alloc_funcs(malloc, free);
    json_decref(report);
    assert_true(granted > 1);
}

/* Bytes of the page that were written so far, so as not to keep them. */
static ssize_t swallow(void *cookie, const char *bytes, size_t length)
{
    (void)bytes;
    *(size_t *)cookie += length;
    return (ssize_t)length;
}

static size_t now, most;

static void *counting_malloc(size_t size)
{
    size_t *block = malloc(size + sizeof(*block));

    if (!block)
        return NULL;
    *block = size;
    now += size;
    if (now > most)
        most = now;
    return block + 1;
}

static void counting_free(void *pointer)
{
    size_t *block = pointer;

    if (!block)
        return;
    block--;
    now -= *block;
    free(block);
}

/* A report of 2 MB is written with next to nothing beside it. */
static void nothing_is_kept(void **state)
{
    enum { names = 20000, most_bytes = 64 << 10 };
    size_t written = 0, before;
    FILE *stream = fopencookie(&written, "w", (cookie_io_functions_t){.write = swallow});
    json_t *report, *list;

    (void)state;
    assert_non_null(stream);
    json_set_alloc_funcs(counting_malloc, counting_free);
    list = json_array();
    report = json_pack("{so}", "names", list);
    for (int i = 0; i < names; i++)
        assert_int_equal(json_array_append_new(list, json_string("</script>" DATA_BEGIN)), 0);
    before = most = now;
    assert_int_equal(thaw_write_html(report, NULL, stream, NULL), 0);
    assert_in_range(most - before, 0, most_bytes);
    assert_true(written > names * sizeof(DATA_BEGIN));
    json_decref(report);
    json_set_alloc_funcs(malloc, free);
    fclose(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_report_is_in_the_page),
        cmocka_unit_test(only_the_data_differs),
        cmocka_unit_test(hostile_names_are_no_markup),
        cmocka_unit_test(each_escape_stands_for_its_character),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(jansson_may_run_out_of_memory),
        cmocka_unit_test(nothing_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
