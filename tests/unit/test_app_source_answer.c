/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "project/source/app_source.h"

/* Reads a copy of exactly that length, so that AddressSanitizer sees a read behind it. */
static int read_bytes(struct thaw_project *project, const char *bytes, size_t length)
{
    char *copy = malloc(length ? length : 1);
    int result;

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    result = thaw_app_source_read(project, copy, length);
    free(copy);
    return result;
}

static struct thaw_project *read_text(const char *text)
{
    struct thaw_project *project = thaw_project_new();

    assert_non_null(project);
    assert_int_equal(read_bytes(project, text, strlen(text)), 0);
    assert_int_equal(thaw_project_show(project), 0);
    return project;
}

static const char whole_answer[] =
    "[\"reader\",\"3.11\"]\n"
    "[\"file\",\"function_app.py\"]\n"
    "[\"file\",\"shared/a.py\"]\n"
    "[\"app\",0,5,7,\"app\",\"FunctionApp\",null,1]\n"
    "[\"function\",0,9,1,\"Hello\",1,0,\"app\",5,\"hello\",0,\"fixed_delay\",3,8,2]\n"
    "[\"binding\",7,2,8,\"httpTrigger\",1,\"req\",\"\",\"hello/{id}\",[\"get\",\"post\"],"
    "\"anonymous\",\"\",\"\"]\n"
    "[\"binding\",6,2,6,null,2,null,\"STORAGE\",\"\",[],\"\",\"\",null]\n"
    "[\"parameter\",9,11,\"req\",\"func.HttpRequest\",\"\"]\n"
    "[\"parameter\",9,30,\"out\",\"str\",\"it is an output\"]\n"
    "[\"call\",0,10,5,\"time.sleep\",0,\"\",12,2.5,0]\n"
    "[\"call\",1,3,5,\"requests.get\",0,\"fetch\",0,null,17]\n"
    "[\"function\",1,20,1,\"late\",1,1,\"bp\",2,\"late\",1,\"\",0,0,0]\n"
    "[\"call\",1,21,5,\"open\",1,\"\",0,null,0]\n"
    "[\"call\",0,1,1,\"os.getenv\",-1,\"\",0,null,0]\n"
    "[\"import\",0,1,1,\"os.path\",0]\n"
    "[\"import\",1,2,5,\"pandas\",1]\n"
    "[\"literal\",1,4,9,\"storage-key\",\"KEY\"]\n"
    "[\"manifest\",0,0,\">=3.10\",4]\n"
    "[\"problem\",1,\"syntax\",3,7,\"it does not compile\"]\n"
    "[\"end\"]\n";

static void check_first_function(const struct thaw_app_function *function)
{
    const struct thaw_app_binding *bindings = function->bindings;

    assert_string_equal(function->name, "Hello");
    assert_int_equal(function->model, THAW_FUNCTION_V2);
    assert_int_equal(function->kind, THAW_FUNCTION_PLAIN);
    assert_string_equal(function->app, "app");
    assert_true(function->is_async && function->is_registered && !function->is_generator);
    assert_string_equal(function->handler, "hello");
    assert_string_equal(function->script, "function_app.py");
    assert_int_equal(function->place.line, 9);
    assert_string_equal(function->retry_strategy, "fixed_delay");
    assert_int_equal(function->retry_most, 3);
    assert_int_equal(function->retry_place.line, 8);
    assert_int_equal(function->binding_count, 2);
    assert_string_equal(bindings[0].type, "httpTrigger");
    assert_true(bindings[0].is_trigger && !bindings[0].is_output);
    assert_string_equal(bindings[0].parameter, "req");
    assert_string_equal(bindings[0].route, "hello/{id}");
    assert_int_equal(bindings[0].methods.count, 2);
    assert_string_equal(bindings[0].methods.items[1], "post");
    assert_string_equal(bindings[0].auth_level, "anonymous");
    assert_int_equal(bindings[0].place.last_line, 8);
    assert_string_equal(bindings[0].place.file, "function_app.py");
    assert_null(bindings[1].type);
    assert_null(bindings[1].parameter);
    assert_null(bindings[1].path);
    assert_string_equal(bindings[1].connection, "STORAGE");
    assert_true(bindings[1].is_output);
    assert_int_equal(function->parameter_count, 2);
    assert_string_equal(function->parameters[0].annotation, "func.HttpRequest");
    assert_string_equal(function->parameters[1].rejected, "it is an output");
    assert_int_equal(function->parameters[1].place.column, 30);
}

static void every_row_is_taken(void **state)
{
    struct thaw_project *project = read_text(whole_answer);

    (void)state;
    assert_true(project->has_source);
    assert_string_equal(project->reader, "3.11");
    assert_int_equal(project->function_count, 2);
    check_first_function(&project->functions[0]);
    assert_true(project->functions[1].is_generator);
    assert_int_equal(project->functions[1].binding_count, 0);
    assert_int_equal(project->app_count, 1);
    assert_null(project->apps[0].auth_level);
    assert_true(project->apps[0].is_registered);
    assert_int_equal(project->call_count, 4);
    assert_int_equal(project->calls[0].function, THAW_PROJECT_NONE);
    assert_string_equal(project->calls[1].name, "time.sleep");
    assert_true(project->calls[1].seconds == 2.5);
    assert_int_equal(project->calls[1].flags, THAW_CALL_IN_LOOP | THAW_CALL_IN_ASYNC);
    assert_string_equal(project->calls[2].via, "fetch");
    assert_int_equal(project->calls[2].function, 0);
    assert_true(isnan(project->calls[2].seconds));
    assert_int_equal(project->calls[2].text_bytes, 17);
    assert_int_equal(project->calls[3].function, 1);
    assert_int_equal(project->import_count, 2);
    assert_true(project->imports[1].in_function);
    assert_int_equal(project->literal_count, 1);
    assert_int_equal(project->literals[0].shape, THAW_SHAPE_STORAGE_KEY);
    assert_string_equal(project->literals[0].name, "KEY");
    assert_int_equal(project->manifest_count, 1);
    assert_int_equal(project->manifests[0].requirements, 4);
    assert_int_equal(project->problem_count, 1);
    assert_int_equal(project->problems[0].kind, THAW_PROBLEM_SYNTAX);
    assert_int_equal(project->problems[0].place.column, 7);
    thaw_project_free(project);
}

/* Cut at any byte it is not whole, which is a problem at the last file that it began. */
static void what_is_cut_off_is_no_source(void **state)
{
    (void)state;
    for (size_t length = 0; length < sizeof(whole_answer); length++) {
        struct thaw_project *project = thaw_project_new();
        const struct thaw_problem *last;

        assert_non_null(project);
        assert_int_equal(read_bytes(project, whole_answer, length), 0);
        assert_int_equal(project->has_source, length == sizeof(whole_answer) - 1);
        if (length < sizeof(whole_answer) - 1) {
            last = &project->memory->problems.items[project->memory->problems.count - 1];
            assert_int_equal(last->kind, THAW_PROBLEM_CUT);
            assert_string_equal(last->place.file, length < 45   ? ""
                                                  : length < 68 ? "function_app.py"
                                                                : "shared/a.py");
        }
        thaw_project_free(project);
    }
}

/* A function of function.json gets what its handler's source says; its bindings stay. */
static void functions_of_the_first_model_are_joined(void **state)
{
    static const char answer[] =
        "[\"file\",\"hello/__init__.py\"]\n"
        "[\"function\",0,3,1,\"hello/__init__.py:main\",0,1,\"\",3,\"main\",0,\"\",0,0,0]\n"
        "[\"binding\",1,1,1,\"queue\",2,\"x\",\"\",\"\",[],\"\",\"\",\"\"]\n"
        "[\"parameter\",3,10,\"req\",\"\",\"\"]\n"
        "[\"call\",0,4,5,\"requests.get\",0,\"\",0,null,0]\n"
        "[\"function\",0,9,1,\"hello/__init__.py:other\",0,0,\"\",1,\"other\",0,\"\",0,0,0]\n"
        "[\"call\",0,10,5,\"requests.post\",1,\"\",0,null,0]\n"
        "[\"end\"]\n";
    struct thaw_app_binding binding = {.type = "httpTrigger", .is_trigger = true};
    struct thaw_project *project = thaw_project_new();
    struct thaw_app_function *function;

    (void)state;
    assert_non_null(project);
    function = thaw_array_add(&project->memory->functions);
    assert_non_null(function);
    *function = (struct thaw_app_function){.name = "hello",
                                           .model = THAW_FUNCTION_V1,
                                           .app = "",
                                           .handler = "main",
                                           .script = "hello/__init__.py",
                                           .place.file = "hello/function.json",
                                           .bindings = &binding,
                                           .binding_count = 1};
    assert_int_equal(read_bytes(project, answer, strlen(answer)), 0);
    assert_int_equal(thaw_project_show(project), 0);
    assert_int_equal(project->function_count, 1);
    function = &project->functions[0];
    assert_true(function->is_async && function->is_generator);
    assert_int_equal(function->kind, THAW_FUNCTION_ORCHESTRATOR);
    assert_ptr_equal(function->bindings, &binding);
    assert_int_equal(function->parameter_count, 1);
    assert_string_equal(function->name, "hello");
    assert_int_equal(project->call_count, 1);
    assert_string_equal(project->calls[0].name, "requests.get");
    thaw_project_free(project);
}

static void what_is_no_row_is_passed_over(void **state)
{
    static const char *const rows[] = {
        "",
        "nonsense",
        "{}",
        "[]",
        "[1]",
        "[\"unknown\",0,1]",
        "[\"import\"]",
        "[\"import\",1,1,1,\"os\",0]", /* no such file */
        "[\"import\",-1,1,1,\"os\",0]",
        "[\"import\",0,4294967296,1,\"os\",0]",
        "[\"import\",0.0,1,1,\"os\",0]",
        "[\"import\",0,1,1,null,0]",
        "[\"import\",0,1,1,\"os\",2]",
        "[\"import\",0,1,1,\"os\",true]",
        "[\"import\",0,1,1,\"o\\u0000s\",0]",
        "[\"import\",0,1,1,\"\xff\xfe\",0]",
        "[\"import\",0,1,1,\"\\ud800\",0]",
        "[\"import\",0,1,1,\"os\",0] trailing",
        "[\"call\",0,1,1,\"x\",0,\"\",0,null,0]", /* no such function */
        "[\"call\",0,1,1,\"x\",-2,\"\",0,null,0]",
        "[\"call\",0,1,1,\"x\",-1,\"\",256,null,0]",
        "[\"call\",0,1,1,\"x\",-1,\"\",0,\"1\",0]",
        "[\"literal\",0,1,1,\"token\",7]",
        "[\"literal\",0,1,1,\"empty\",\"\"]",
        "[\"manifest\",0,0,\"\",-1]",
        "[\"binding\",1,1,1,\"queue\",2,\"x\",\"\",\"\",[],\"\",\"\",\"\"]", /* of no function */
        "[\"parameter\",1,1,\"x\",\"\",\"\"]",
        "[\"app\",0,1,1,\"app\",\"FunctionApp\",\"function\"]",
        "[\"problem\",0,\"sad\",1,1,\"x\"]",
        "[\"problem\",0,\"cut\",1,1]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_project *project;
        char text[512];

        snprintf(text, sizeof(text),
                 "[\"file\",\"a.py\"]\n%s\n[\"import\",0,5,1,\"good\",0]\n[\"end\"]\n", rows[i]);
        project = read_text(text);
        if (project->import_count != 1 || strcmp(project->imports[0].module, "good") != 0 ||
            project->call_count + project->literal_count + project->manifest_count +
                    project->app_count + project->function_count + project->problem_count !=
                0)
            fail_msg("after %s", rows[i]);
        assert_true(project->has_source);
        thaw_project_free(project);
    }
}

/* A function that can't be read takes its rows with it, and no other's. */
static void numbers_of_functions_stay(void **state)
{
    struct thaw_project *project =
        read_text("[\"file\",\"a.py\"]\n"
                  "[\"function\",0,1,1,\"bad\",9,0,\"\",0,\"f\",0,\"\",0,0,0]\n"
                  "[\"parameter\",1,1,\"x\",\"\",\"\"]\n"
                  "[\"call\",0,2,1,\"lost\",0,\"\",0,null,0]\n"
                  "[\"function\",0,5,1,\"good\",1,0,\"\",0,\"g\",0,\"\",null,0,0]\n"
                  "[\"call\",0,6,1,\"kept\",1,\"\",0,null,0]\n"
                  "[\"end\"]\n");

    (void)state;
    assert_int_equal(project->function_count, 1);
    assert_string_equal(project->functions[0].name, "good");
    assert_int_equal(project->functions[0].parameter_count, 0);
    assert_true(project->functions[0].retry_most == INT64_MIN);
    assert_int_equal(project->call_count, 1);
    assert_string_equal(project->calls[0].name, "kept");
    assert_int_equal(project->calls[0].function, 0);
    thaw_project_free(project);
}

/* 4096 bytes of a text are taken, a line of 128 KiB is read; what is longer is not. */
static void lengths_are_bounded(void **state)
{
    static const size_t texts[] = {4096, 4097}, lines[] = {1 << 17, (1 << 17) + 1};
    static const char head[] = "[\"file\",\"a.py\"]\n";
    char *row = malloc((1 << 17) + 128);

    (void)state;
    assert_non_null(row);
    for (size_t i = 0; i < 2; i++) {
        struct thaw_project *project = thaw_project_new();
        size_t length = (size_t)sprintf(row, "%s[\"import\",0,1,1,\"", head);

        assert_non_null(project);
        memset(row + length, 'x', texts[i]);
        length += texts[i];
        length += (size_t)sprintf(row + length, "\",0]\n");
        assert_int_equal(read_bytes(project, row, length), 0);
        assert_int_equal(project->memory->imports.count, i == 0);
        length = (size_t)sprintf(row, "%s[\"import\",0,1,1,\"os\",0]", head);
        memset(row + length, ' ', lines[i]);
        length = strlen(head) + lines[i];
        row[length++] = '\n';
        assert_int_equal(read_bytes(project, row, length), 0);
        assert_int_equal(project->memory->imports.count, i == 0 ? 2 : 0);
        thaw_project_free(project);
    }
    free(row);
}

/* Files that are too large or too many are left out, the others are in the question. */
static void the_question_is_bounded(void **state)
{
    static const char *const handlers[] = {"app.main", NULL};
    const struct thaw_project_input files[] = {
        {"a.py", "x\n", 2},
        {"large.py", NULL, THAW_APP_SOURCE_FILE_MAX + 1},
        {"empty.py", NULL, 0},
    };
    const struct thaw_app_source_question question = {
        .entry = "a.py", .handlers = handlers, .files = files, .count = 3};
    static const char expected[] = "4\na.py1\n18\napp.main4\na.py2\nx\n8\nempty.py0\n";
    bool left_out[3];
    size_t length = 0;
    char *bytes = thaw_app_source_write(&question, left_out, &length);

    (void)state;
    assert_non_null(bytes);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(bytes, expected, length);
    assert_true(!left_out[0] && left_out[1] && !left_out[2]);
    free(bytes);
}

/* Without an interpreter that is a problem, and the source is not read. */
static void no_interpreter_is_a_problem(void **state)
{
    static const char *const names[] = {"/nonexistent/python3", "no-such-python-at-all"};
    const struct thaw_project_input files[] = {{"a.py", "x = 1\n", 6}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct thaw_app_source_question question = {
            .executable = names[i], .entry = "a.py", .files = files, .count = 1};
        struct thaw_project *project = thaw_project_new();
        struct thaw_app_source *source;

        assert_non_null(project);
        assert_int_equal(thaw_app_source_start(&question, &source, NULL), 0);
        assert_int_equal(thaw_app_source_finish(source, project, NULL), 0);
        assert_false(project->has_source);
        assert_true(project->memory->problems.count >= 1);
        thaw_project_free(project);
    }
}

/* The whole way, by the python3 of PATH. */
static void an_interpreter_is_asked(void **state)
{
    static const char source[] = "import azure.functions as func\n"
                                 "app = func.FunctionApp()\n"
                                 "@app.route()\n"
                                 "def f(req): open('x')\n";
    const struct thaw_project_input files[] = {
        {"function_app.py", source, sizeof(source) - 1},
        {"bad.py", "x = (\n", 6},
        {"large.py", NULL, THAW_APP_SOURCE_FILE_MAX + 1},
    };
    const struct thaw_app_source_question question = {.entry = "function_app.py",
                                                      .files = files,
                                                      .count = 3};
    struct thaw_project *project = thaw_project_new();
    struct thaw_app_source *asked;

    (void)state;
    assert_non_null(project);
    assert_int_equal(thaw_app_source_start(&question, &asked, NULL), 0);
    assert_int_equal(thaw_app_source_finish(asked, project, NULL), 0);
    assert_int_equal(thaw_project_show(project), 0);
    assert_true(project->has_source);
    assert_int_equal(project->function_count, 1);
    assert_string_equal(project->functions[0].name, "f");
    assert_true(project->functions[0].is_registered);
    assert_string_equal(project->calls[0].name, "open");
    assert_int_equal(project->calls[0].function, 0);
    assert_int_equal(project->problem_count, 2);
    assert_int_equal(project->problems[0].kind, THAW_PROBLEM_SYNTAX);
    assert_string_equal(project->problems[1].place.file, "large.py");
    assert_int_equal(project->problems[1].kind, THAW_PROBLEM_TOO_LARGE);
    thaw_project_free(project);
}

/* Without files there is nothing to ask, and nothing that is not known. */
static void no_files_need_no_interpreter(void **state)
{
    const struct thaw_app_source_question question = {.executable = "/nonexistent/python3"};
    struct thaw_project *project = thaw_project_new();
    struct thaw_app_source *asked;

    (void)state;
    assert_non_null(project);
    assert_int_equal(thaw_app_source_start(&question, &asked, NULL), 0);
    assert_int_equal(thaw_app_source_finish(asked, project, NULL), 0);
    assert_true(project->has_source);
    assert_int_equal(project->memory->problems.count, 0);
    thaw_project_free(project);
}

/* It starts before it is known whether there is anything to ask, and what can't start counts only
 * where there is. */
static void an_interpreter_may_wait(void **state)
{
    static const char *const names[] = {NULL, "/nonexistent/python3"};
    const struct thaw_project_input files[] = {{"a.py", "import json\n", 12}};
    const struct thaw_app_source_question nothing = {.entry = "a.py"},
                                          question = {.entry = "a.py", .files = files, .count = 1};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct thaw_project *project = thaw_project_new();
        struct thaw_app_source *source;

        assert_non_null(project);
        assert_int_equal(thaw_app_source_wake(names[i], &source, NULL), 0);
        thaw_app_source_give_up(source);
        assert_int_equal(thaw_app_source_wake(names[i], &source, NULL), 0);
        assert_int_equal(thaw_app_source_ask(source, &nothing, NULL), 0);
        assert_int_equal(thaw_app_source_finish(source, project, NULL), 0);
        assert_true(project->has_source);
        assert_int_equal(project->memory->problems.count, 0);
        project->has_source = false;
        assert_int_equal(thaw_app_source_wake(names[i], &source, NULL), 0);
        assert_int_equal(thaw_app_source_ask(source, &question, NULL), 0);
        assert_int_equal(thaw_app_source_finish(source, project, NULL), 0);
        assert_int_equal(project->has_source, i == 0);
        assert_int_equal(project->memory->imports.count, i == 0);
        assert_int_equal(project->memory->problems.count > 0, i == 1);
        thaw_project_free(project);
    }
}

/* Memory that is short while it is asked; what was started is always finished. */
static void short_memory_is_told_when_asking(void **state)
{
    const struct thaw_project_input files[] = {{"a.py", "x = 1\n", 6}};
    const struct thaw_app_source_question question = {
        .executable = "/nonexistent/python3", .entry = "a.py", .files = files, .count = 1};

    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_project *project = thaw_project_new();
        struct thaw_app_source *asked = NULL;
        int result = project ? thaw_app_source_start(&question, &asked, NULL) : -ENOMEM;

        if (asked)
            result = thaw_app_source_finish(asked, project, NULL);
        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_project_free(project);
    }
}

static void short_memory_is_told(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_project *project = thaw_project_new();
        int result =
            project ? thaw_app_source_read(project, whole_answer, strlen(whole_answer)) : -ENOMEM;

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_project_free(project);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_taken),
        cmocka_unit_test(what_is_cut_off_is_no_source),
        cmocka_unit_test(functions_of_the_first_model_are_joined),
        cmocka_unit_test(what_is_no_row_is_passed_over),
        cmocka_unit_test(numbers_of_functions_stay),
        cmocka_unit_test(lengths_are_bounded),
        cmocka_unit_test(the_question_is_bounded),
        cmocka_unit_test(no_interpreter_is_a_problem),
        cmocka_unit_test(an_interpreter_is_asked),
        cmocka_unit_test(no_files_need_no_interpreter),
        cmocka_unit_test(an_interpreter_may_wait),
        cmocka_unit_test(short_memory_is_told_when_asking),
        cmocka_unit_test(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
