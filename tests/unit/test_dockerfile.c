/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "project/build.h"
#include "template_fixture.h"

static const char azure[] = "# syntax=docker/dockerfile:1\n"
                            "ARG VERSION=3.11\n"
                            "FROM python:3.12-slim AS build\n"
                            "ENV NOT_THIS=1\n"
                            "RUN <<END\n"
                            "ENV NOR_THIS=1\n"
                            "END\n"
                            "FROM --platform=linux/amd64 "
                            "mcr.microsoft.com/azure-functions/python:4-python${VERSION} AS base\n"
                            "ENV AzureWebJobsScriptRoot=/home/site/wwwroot \\\n"
                            "    # a comment in between\n"
                            "    AzureFunctionsJobHost__Logging__Console__IsEnabled=\"true\"\n"
                            "ENV FUNCTIONS_WORKER_PROCESS_COUNT 4\n"
                            "FROM base\n"
                            "COPY . /home/site/wwwroot\n"
                            "env FUNCTIONS_WORKER_PROCESS_COUNT=2 X=$Y 'Q=a b'\n";

static void the_last_stage_counts(void **state)
{
    (void)state;
    template_read("api/Dockerfile", azure);
    assert_string_equal(template_project()->templates[0].form, "Dockerfile");
    assert_false(template_has_app()); /* it says nothing of how the app is deployed */
    assert_string_equal(template_fact(THAW_FACT_BASE_IMAGE, ""),
                        "mcr.microsoft.com/azure-functions/python:4-python3.11");
    assert_int_equal(template_find(THAW_FACT_BASE_IMAGE, "")->place.line, 8);
    assert_string_equal(template_fact(THAW_FACT_PYTHON, ""), "3.11");
    assert_string_equal(template_fact(THAW_FACT_ARCHITECTURE, ""), "x86_64");
    assert_null(template_fact(THAW_FACT_HANDLER, NULL));
    assert_int_equal(template_settings(), 5);
    assert_string_equal(template_setting("FUNCTIONS_WORKER_PROCESS_COUNT", "")->value, "2");
    assert_int_equal(template_setting("FUNCTIONS_WORKER_PROCESS_COUNT", "")->place.line, 15);
    assert_string_equal(
        template_setting("AzureFunctionsJobHost__Logging__Console__IsEnabled", "")->value, "true");
    assert_int_equal(template_setting("X", "")->shape, THAW_SHAPE_UNKNOWN);
    assert_int_equal(template_setting("Q", "")->shape, THAW_SHAPE_TEXT);
}

static void lambda_has_a_handler(void **state)
{
    (void)state;
    template_read("Dockerfile", "FROM public.ecr.aws/lambda/python:3.12-arm64\n"
                                "CMD [ \"app.handler\" ]\n");
    assert_string_equal(template_fact(THAW_FACT_PYTHON, ""), "3.12");
    assert_string_equal(template_fact(THAW_FACT_HANDLER, ""), "app.handler");
    assert_string_equal(template_fact(THAW_FACT_PACKAGE_TYPE, ""), "Image");
}

static void images_that_tell_little(void **state)
{
    static const struct {
        const char *text, *image, *python;
    } rows[] = {
        {"FROM $BASE\n", "", NULL},
        {"FROM ${BASE:-python:3.11}\n", "python:3.11", "3.11"},
        {"FROM python@sha256:0123\n", "python@sha256:0123", NULL},
        {"FROM python:3\n", "python:3", NULL},
        {"FROM localhost:5000/python:3.10-slim\n", "localhost:5000/python:3.10-slim", "3.10"},
        {"FROM my-python:3.9\n", "my-python:3.9", NULL},
        {"FROM scratch", "scratch", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        template_read("Dockerfile.prod", rows[i].text);
        assert_string_equal(template_fact(THAW_FACT_BASE_IMAGE, NULL), rows[i].image);
        if (rows[i].python)
            assert_string_equal(template_fact(THAW_FACT_PYTHON, NULL), rows[i].python);
        else
            assert_null(template_fact(THAW_FACT_PYTHON, NULL));
    }
}

static void another_escape(void **state)
{
    (void)state;
    template_read("win.dockerfile", "# escape=`\nFROM x\nENV A=c:\\ `\n B=2\n");
    assert_int_equal(template_settings(), 2);
    assert_int_equal(template_setting("B", NULL)->shape, THAW_SHAPE_NUMBER);
}

static void what_has_no_stage_says_nothing(void **state)
{
    (void)state;
    template_read("Dockerfile", "");
    template_read("Dockerfile", "ENV A=1\nCMD x\nRUN <<X\n");
    assert_int_equal(template_settings(), 0);
    assert_int_equal(template_project()->fact_count, 0);
    assert_false(thaw_template_may_be("Dockerfile.dockerignore", "", 0));
    assert_false(thaw_template_may_be("mydockerfile", "", 0));
}

static void short_memory_is_told(void **state)
{
    (void)state;
    template_survives("Dockerfile", azure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_last_stage_counts, template_end),
        cmocka_unit_test_teardown(lambda_has_a_handler, template_end),
        cmocka_unit_test_teardown(images_that_tell_little, template_end),
        cmocka_unit_test_teardown(another_escape, template_end),
        cmocka_unit_test_teardown(what_has_no_stage_says_nothing, template_end),
        cmocka_unit_test_teardown(short_memory_is_told, template_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
