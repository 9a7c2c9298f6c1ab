/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint_fixture.h"

/* A place of the next line of a file: the lines of one kind of thing are counted by what there is.
 */
static struct thaw_project_place place_of(const char *file, size_t count)
{
    return (struct thaw_project_place){
        .file = file, .line = (uint32_t)count + 1, .column = 1, .last_line = (uint32_t)count + 1};
}

void lint_fixture_begin(struct lint_fixture *fixture)
{
    *fixture = (struct lint_fixture){0};
    fixture->project = (struct thaw_project){
        .path = "app",
        .platform = {.value = "azure_functions", .reason = "host.json", .place = {.file = ""}},
        .plan = {.value = "", .reason = "nothing tells it", .place = {.file = ""}},
        .reader = "",
        .python = {.value = "", .reason = "nothing tells it", .place = {.file = ""}},
        .packaging = {.value = "zip", .reason = "no Dockerfile", .place = {.file = ""}},
        .shipped = &fixture->shipped,
        .has_source = true,
        .memory = &fixture->memory,
    };
    fixture->lint.project = &fixture->project;
    fixture->lint.today = "2026-11-29";
}

void lint_fixture_end(struct lint_fixture *fixture)
{
    struct thaw_project_memory *memory = &fixture->memory;

    for (size_t i = 0; i < memory->functions.count; i++) {
        free(memory->functions.items[i].bindings);
        free(memory->functions.items[i].parameters);
    }
    if (fixture->end_host)
        fixture->end_host(fixture->project.host);
    if (fixture->end_facts)
        fixture->end_facts(fixture->facts);
    thaw_array_free(&memory->settings);
    thaw_array_free(&memory->facts);
    thaw_array_free(&memory->templates);
    thaw_array_free(&memory->functions);
    thaw_array_free(&memory->apps);
    thaw_array_free(&memory->calls);
    thaw_array_free(&memory->literals);
    thaw_array_free(&memory->imports);
    thaw_array_free(&memory->manifests);
    thaw_array_free(&memory->requirements);
    thaw_array_free(&memory->problems);
    thaw_array_free(&fixture->lint.findings);
    thaw_arena_free(&memory->arena);
    thaw_arena_free(&fixture->lint.arena);
    json_decref(fixture->recording);
}

void lint_fixture_show(struct lint_fixture *fixture)
{
    struct thaw_project *project = &fixture->project;
    struct thaw_project_memory *memory = &fixture->memory;

    project->settings = memory->settings.items;
    project->setting_count = memory->settings.count;
    assert_int_equal(thaw_project_link_facts(memory->facts.items, memory->facts.count), 0);
    project->facts = memory->facts.items;
    project->fact_count = memory->facts.count;
    project->templates = memory->templates.items;
    project->template_count = memory->templates.count;
    project->functions = memory->functions.items;
    project->function_count = memory->functions.count;
    project->apps = memory->apps.items;
    project->app_count = memory->apps.count;
    project->calls = memory->calls.items;
    project->call_count = memory->calls.count;
    project->literals = memory->literals.items;
    project->literal_count = memory->literals.count;
    project->imports = memory->imports.items;
    project->import_count = memory->imports.count;
    project->manifests = memory->manifests.items;
    project->manifest_count = memory->manifests.count;
    project->requirements = memory->requirements.items;
    project->requirement_count = memory->requirements.count;
    project->problems = memory->problems.items;
    project->problem_count = memory->problems.count;
}

/* --- adding --- */

struct thaw_setting *lint_fixture_setting(struct lint_fixture *fixture,
                                          enum thaw_setting_origin origin, const char *name,
                                          const char *value)
{
    static const char *const files[] = {
        [THAW_SETTING_LOCAL] = "local.settings.json",
        [THAW_SETTING_EXPORTED] = "settings.json",
        [THAW_SETTING_TEMPLATE] = "main.bicep",
    };
    size_t count = fixture->memory.settings.count;
    struct thaw_setting *setting = thaw_array_add(&fixture->memory.settings);

    assert_non_null(setting);
    *setting = (struct thaw_setting){.name = name,
                                     .origin = origin,
                                     .place = place_of(files[origin], count),
                                     .resource = "",
                                     .value = value,
                                     .detail = ""};
    if (value && *value)
        setting->shape = !strcasecmp(value, "true") || !strcasecmp(value, "false")
                             ? THAW_SHAPE_BOOLEAN
                         : strspn(value, "0123456789") == strlen(value) ? THAW_SHAPE_NUMBER
                                                                        : THAW_SHAPE_WORD;
    lint_fixture_show(fixture);
    return setting;
}

struct thaw_project_fact *lint_fixture_fact(struct lint_fixture *fixture, enum thaw_fact_kind kind,
                                            const char *value)
{
    size_t count = fixture->memory.facts.count;
    struct thaw_project_fact *fact = thaw_array_add(&fixture->memory.facts);

    assert_non_null(fact);
    *fact = (struct thaw_project_fact){
        .kind = kind, .value = value, .resource = "app", .place = place_of("main.bicep", count)};
    lint_fixture_show(fixture);
    return fact;
}

struct thaw_project_template *lint_fixture_template(struct lint_fixture *fixture, const char *file)
{
    struct thaw_project_template *template = thaw_array_add(&fixture->memory.templates);

    assert_non_null(template);
    *template = (struct thaw_project_template){.file = file, .form = "Bicep", .has_app = true};
    lint_fixture_show(fixture);
    return template;
}

struct thaw_app_binding *lint_fixture_binding(struct lint_fixture *fixture,
                                              struct thaw_app_function *function, const char *type)
{
    size_t count = function->binding_count;
    struct thaw_app_binding *bindings =
        reallocarray(function->bindings, count + 1, sizeof(*bindings));

    (void)fixture;
    assert_non_null(bindings);
    function->bindings = bindings;
    function->binding_count++;
    bindings[count] = (struct thaw_app_binding){
        .type = type,
        .is_trigger =
            strlen(type) > 7 && !strcmp(type + strlen(type) - strlen("Trigger"), "Trigger"),
        .parameter = "",
        .connection = "",
        .route = "",
        .auth_level = "",
        .schedule = "",
        .path = "",
        .place = function->place,
    };
    return &bindings[count];
}

struct thaw_app_function *lint_fixture_function(struct lint_fixture *fixture, const char *name,
                                                const char *trigger)
{
    size_t count = fixture->memory.functions.count;
    struct thaw_app_function *function = thaw_array_add(&fixture->memory.functions);

    assert_non_null(function);
    *function = (struct thaw_app_function){
        .name = name,
        .model = THAW_FUNCTION_V2,
        .app = "app",
        .is_registered = true,
        .handler = name,
        .script = "function_app.py",
        .place = place_of("function_app.py", count),
        .retry_strategy = "",
        .retry_most = INT64_MIN,
        .retry_place = {.file = ""},
    };
    if (trigger)
        lint_fixture_binding(fixture, function, trigger);
    lint_fixture_show(fixture);
    return function;
}

struct thaw_app_parameter *lint_fixture_parameter(struct lint_fixture *fixture,
                                                  struct thaw_app_function *function,
                                                  const char *name, const char *annotation)
{
    size_t count = function->parameter_count;
    struct thaw_app_parameter *parameters =
        reallocarray(function->parameters, count + 1, sizeof(*parameters));

    (void)fixture;
    assert_non_null(parameters);
    function->parameters = parameters;
    function->parameter_count++;
    parameters[count] = (struct thaw_app_parameter){
        .name = name, .annotation = annotation, .rejected = "", .place = function->place};
    return &parameters[count];
}

struct thaw_app_variable *lint_fixture_app(struct lint_fixture *fixture, const char *variable,
                                           const char *type)
{
    size_t count = fixture->memory.apps.count;
    struct thaw_app_variable *app = thaw_array_add(&fixture->memory.apps);

    assert_non_null(app);
    *app = (struct thaw_app_variable){.variable = variable,
                                      .type = type,
                                      .auth_level = "function",
                                      .is_registered = true,
                                      .place = place_of("function_app.py", count)};
    lint_fixture_show(fixture);
    return app;
}

struct thaw_app_call *lint_fixture_call(struct lint_fixture *fixture, uint32_t function,
                                        const char *name, unsigned flags)
{
    size_t count = fixture->memory.calls.count;
    struct thaw_app_call *call = thaw_array_add(&fixture->memory.calls);

    assert_non_null(call);
    *call = (struct thaw_app_call){.name = name,
                                   .function = function,
                                   .via = "",
                                   .flags = flags,
                                   .seconds = NAN,
                                   .place = place_of("function_app.py", count)};
    lint_fixture_show(fixture);
    return call;
}

struct thaw_app_literal *lint_fixture_literal(struct lint_fixture *fixture,
                                              enum thaw_setting_shape shape, const char *name)
{
    size_t count = fixture->memory.literals.count;
    struct thaw_app_literal *literal = thaw_array_add(&fixture->memory.literals);

    assert_non_null(literal);
    *literal = (struct thaw_app_literal){.shape = shape,
                                         .name = name,
                                         .place = place_of("function_app.py", count)};
    lint_fixture_show(fixture);
    return literal;
}

struct thaw_project_import *lint_fixture_import(struct lint_fixture *fixture, const char *module)
{
    size_t count = fixture->memory.imports.count;
    struct thaw_project_import *import = thaw_array_add(&fixture->memory.imports);

    assert_non_null(import);
    *import =
        (struct thaw_project_import){.module = module, .place = place_of("function_app.py", count)};
    lint_fixture_show(fixture);
    return import;
}

struct thaw_manifest *lint_fixture_manifest(struct lint_fixture *fixture, const char *file)
{
    struct thaw_manifest *manifest = thaw_array_add(&fixture->memory.manifests);

    assert_non_null(manifest);
    *manifest = (struct thaw_manifest){.file = file, .requires_python = ""};
    lint_fixture_show(fixture);
    return manifest;
}

struct thaw_requirement *lint_fixture_requirement(struct lint_fixture *fixture, const char *name,
                                                  const char *version)
{
    size_t count = fixture->memory.requirements.count;
    struct thaw_requirement *requirement = thaw_array_add(&fixture->memory.requirements);

    assert_non_null(requirement);
    *requirement = (struct thaw_requirement){.name = name,
                                             .text = name,
                                             .version = version ? version : "",
                                             .is_pinned = version != NULL,
                                             .applies = true,
                                             .place = place_of("requirements.txt", count)};
    lint_fixture_show(fixture);
    return requirement;
}

struct thaw_problem *lint_fixture_problem(struct lint_fixture *fixture, enum thaw_problem_kind kind,
                                          const char *file, const char *what)
{
    struct thaw_problem *problem = thaw_array_add(&fixture->memory.problems);

    assert_non_null(problem);
    *problem = (struct thaw_problem){
        .kind = kind, .what = what, .fix = "", .place = {.file = file, .line = 1}};
    lint_fixture_show(fixture);
    return problem;
}

const char *lint_fixture_quoted(struct lint_fixture *fixture, const char *text)
{
    char *copy = thaw_arena_bytes(&fixture->memory.arena, strlen(text) + 1);
    char *at = copy;

    assert_non_null(copy);
    do
        *at++ = *text == '\'' ? '"' : *text;
    while (*text++);
    return copy;
}

void lint_fixture_recording(struct lint_fixture *fixture, const char *text)
{
    json_error_t error;

    json_decref(fixture->recording);
    fixture->recording = json_loads(lint_fixture_quoted(fixture, text), 0, &error);
    if (!fixture->recording)
        fail_msg("%s (at %d)", error.text, error.position);
    fixture->lint.recording = fixture->recording;
}

/* --- running and looking --- */

bool lint_fixture_run(struct lint_fixture *fixture, const struct thaw_lint_rule *rule)
{
    lint_fixture_show(fixture);
    if (rule->can_check && !rule->can_check(&fixture->lint))
        return false;
    rule->check(&fixture->lint, rule);
    return true;
}

void lint_fixture_again(struct lint_fixture *fixture)
{
    thaw_array_free(&fixture->lint.findings);
}

const struct thaw_lint_finding *lint_fixture_find_about(const struct lint_fixture *fixture,
                                                        const char *id, const char *subject)
{
    for (size_t i = 0; i < fixture->lint.findings.count; i++) {
        const struct thaw_lint_finding *finding = &fixture->lint.findings.items[i];

        if (!strcmp(finding->rule->kind.id, id) && (!subject || !strcmp(finding->subject, subject)))
            return finding;
    }
    return NULL;
}

const struct thaw_lint_finding *lint_fixture_find(const struct lint_fixture *fixture,
                                                  const char *id)
{
    return lint_fixture_find_about(fixture, id, NULL);
}

size_t lint_fixture_count(const struct lint_fixture *fixture, const char *id)
{
    size_t count = 0;

    for (size_t i = 0; i < fixture->lint.findings.count; i++)
        count += !strcmp(fixture->lint.findings.items[i].rule->kind.id, id);
    return count;
}

const char *lint_fixture_text(struct lint_fixture *fixture, const struct thaw_lint_finding *finding)
{
    struct thaw_lint *lint = &fixture->lint;
    const char *text;

    if (!finding)
        return "";
    text = thaw_lint_text(lint, "%s\n", finding->title);
    for (size_t i = 0; i < finding->evidence_count; i++)
        text = thaw_lint_text(lint, "%s%s\n", text, finding->evidence[i]);
    return thaw_lint_text(lint, "%s%s\n", text, finding->fix);
}
