/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "project/build.h"
#include "template_fixture.h"

static struct thaw_project *project;

int template_end(void **state)
{
    (void)state;
    thaw_project_free(project);
    project = NULL;
    return 0;
}

static struct thaw_project_input input_of(const char *file, const char *text)
{
    return (struct thaw_project_input){.file = file, .bytes = text, .length = strlen(text)};
}

void template_read(const char *file, const char *text)
{
    struct thaw_project_input input = input_of(file, text);
    struct thaw_error error = {0};

    template_end(NULL);
    project = thaw_project_new();
    assert_non_null(project);
    assert_true(thaw_template_may_be(file, text, strlen(text)));
    assert_int_equal(thaw_read_template(project, &input, &error), 0);
    thaw_project_show(project);
    assert_int_equal(project->template_count, 1);
    assert_string_equal(project->templates[0].file, file);
}

const struct thaw_project *template_project(void)
{
    return project;
}

static bool is_wanted(const struct thaw_project_fact *fact, enum thaw_fact_kind kind,
                      const char *resource)
{
    return fact->kind == kind && (!resource || !strcmp(fact->resource, resource));
}

const struct thaw_project_fact *template_find(enum thaw_fact_kind kind, const char *resource)
{
    for (size_t i = 0; i < project->fact_count; i++)
        if (is_wanted(&project->facts[i], kind, resource))
            return &project->facts[i];
    return NULL;
}

size_t template_facts(enum thaw_fact_kind kind, const char *resource)
{
    size_t count = 0;

    for (size_t i = 0; i < project->fact_count; i++)
        count += is_wanted(&project->facts[i], kind, resource);
    return count;
}

const char *template_fact(enum thaw_fact_kind kind, const char *resource)
{
    const struct thaw_project_fact *fact = template_find(kind, resource);

    return fact ? fact->value : NULL;
}

const struct thaw_setting *template_setting(const char *name, const char *resource)
{
    for (size_t i = 0; i < project->setting_count; i++) {
        const struct thaw_setting *setting = &project->settings[i];

        if (!strcmp(setting->name, name) && (!resource || !strcmp(setting->resource, resource)))
            return setting;
    }
    fail_msg("there is no setting %s of %s", name, resource ? resource : "any resource");
    return NULL;
}

size_t template_settings(void)
{
    return project->setting_count;
}

uint64_t template_unread(void)
{
    return project->templates[0].unread;
}

bool template_has_app(void)
{
    return project->templates[0].has_app;
}

void template_survives(const char *file, const char *text)
{
    struct thaw_project_input input = input_of(file, text);

    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_error error = {0};
        struct thaw_project *own = thaw_project_new();
        int code = own ? thaw_read_template(own, &input, &error) : -ENOMEM;

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_project_free(own);
    }
}
