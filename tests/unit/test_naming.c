/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "audit/naming.h"
#include "audit/place.h"
#include "base/text.h"
#include "chaos_malloc.h"
#include "python/standard_modules.h"
#include "scratch.h"

/* --- names --- */

static void host_names_lose_what_kubernetes_makes_up(void **state)
{
    static const struct {
        const char *host_name, *app;
    } rows[] = {
        {"orders-7d9f8b6c5d-x2x1z", "orders"},
        {"orders-api-6f7c9d8b4-zk9qx", "orders-api"},
        {"orders-api-0", "orders-api"},
        {"orders-12", "orders"},
        {"agent-x7k2p", "agent"},
        {"orders-redis", "orders-redis"},
        {"orders-cache", "orders-cache"},
        {"web1.example.com", "web1"},
        {"4f1c0a9be2d3", ""},
        {"", ""},
        {"-0", "-0"},
        {"-x7k2p", "-x7k2p"},
        {"a-0123456789-x2x1z", "a"},
        {"orders-2024", "orders-2024"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t length = thaw_place_host_name_length(rows[i].host_name);

        assert_int_equal(length, strlen(rows[i].app));
        assert_memory_equal(rows[i].host_name, rows[i].app, length);
    }
}

static void check_name(const struct thaw_place *place, const struct thaw_naming_rule *rules,
                       size_t count, const char *expected, bool is_name)
{
    char name[64];

    assert_int_equal(thaw_place_name(place, rules, count, name, sizeof(name)), is_name);
    assert_string_equal(name, expected);
}

static void apps_are_named_by_the_first_that_tells(void **state)
{
    static const struct thaw_naming_rule rules[] = {
        {.app = "by-unit", .unit = "gunicorn@*"},
        {.app = "by-both", .directory = "/srv/*", .host_name = "web-*"},
        {.app = "by-group", .control_group = "*kubepods*"},
    };
    struct thaw_place place = {.directory = (char *)"/srv/shop/orders",
                               .program = (char *)"/usr/bin/python3.11"};

    (void)state;
    check_name(&place, rules, 3, "shop/orders", false);
    strcpy(place.group.unit, "session-3.scope");
    check_name(&place, rules, 3, "shop/orders", false);
    strcpy(place.group.unit, "orders@1.service");
    check_name(&place, rules, 3, "orders", true);
    strcpy(place.host_name, "billing-7d9f8b6c5d-x2x1z");
    check_name(&place, rules, 3, "billing", true);
    strcpy(place.host_name, "web-0");
    check_name(&place, rules, 3, "by-both", true);
    strcpy(place.group.unit, "gunicorn@1.service");
    check_name(&place, rules, 3, "by-unit", true);
    place.group.unit[0] = place.host_name[0] = '\0';
    place.control_group = (char *)"/kubepods/x";
    check_name(&place, rules, 3, "by-group", true);
    place.control_group = NULL;
    place.directory = (char *)"/";
    check_name(&place, rules, 3, "python3.11", false);
    place.directory = NULL;
    check_name(&place, NULL, 0, "python3.11", false);
}

static void standard_modules_are_told_by_their_names(void **state)
{
    (void)state;
    assert_true(thaw_standard_modules_hold("json"));
    assert_true(thaw_standard_modules_hold("json.decoder"));
    assert_true(thaw_standard_modules_hold("_ssl"));
    assert_true(thaw_standard_modules_hold("asyncio.base_events"));
    assert_true(thaw_standard_modules_hold("annotationlib"));
    assert_true(thaw_standard_modules_hold("__main__"));
    assert_false(thaw_standard_modules_hold("numpy"));
    assert_false(thaw_standard_modules_hold("my.json"));
    assert_false(thaw_standard_modules_hold("jso"));
    assert_false(thaw_standard_modules_hold(""));
    assert_false(thaw_standard_modules_hold(
        "a_name_that_is_far_longer_than_any_module_of_the_standard_library_has.x"));
}

/* --- a process of this machine: the test's own --- */

static struct scratch scratch;

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    scratch_write_text(&scratch, "app/main.py", "pass\n");
    scratch_write_text(&scratch, "app/lazy.py", "pass\n");
    scratch_write_text(&scratch, "app/site-packages/numpy/__init__.py", "pass\n");
    return chdir(scratch_path(&scratch, "app"));
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static struct thaw_naming *open_naming(unsigned redact)
{
    struct thaw_naming_settings settings = {.redact = redact,
                                            .key = (const unsigned char *)"Jefe",
                                            .key_bytes = 4};
    struct thaw_naming *naming = NULL;

    assert_int_equal(thaw_naming_open(&settings, &naming, NULL), 0);
    return naming;
}

static void take_program(struct thaw_naming *naming, uint32_t pid)
{
    struct thaw_event event = {.kind = THAW_EVENT_INTERPRETER,
                               .pid = pid,
                               .interpreter = {.executable = "/usr/bin/python3.11",
                                               .library = "",
                                               .version = "3.11.2",
                                               .coverage = "from start",
                                               .reason = ""}};

    thaw_naming_take(naming, &event);
}

static void take_body(struct thaw_naming *naming, uint32_t pid, const char *file)
{
    struct thaw_event event = {.kind = THAW_EVENT_BODY_BEGIN,
                               .pid = pid,
                               .body_begin = {.name = "m", .file = file}};

    thaw_naming_take(naming, &event);
}

static void take_asked(struct thaw_naming *naming, uint32_t pid)
{
    struct thaw_event event = {.kind = THAW_EVENT_FIRST_BYTES,
                               .pid = pid,
                               .first_bytes = {.acceptor = pid, .trace_parent = ""}};

    thaw_naming_take(naming, &event);
}

static struct thaw_start start_of(uint32_t pid)
{
    return (struct thaw_start){
        .identity = {.app = "",
                     .function = "orders_create",
                     .platform = "azure_functions",
                     .worker = "w-1",
                     .python = "3.11.2",
                     .program = "/usr/bin/python3.11",
                     .control_group = "",
                     .container = "",
                     .pod = "",
                     .unit = "",
                     .host_name = "",
                     .deployment = ""},
        .process = pid,
        .answered = true,
        .complete = true,
        .incomplete = "",
        .ended = "",
    };
}

static void complete(struct thaw_naming *naming, struct thaw_start *start, struct thaw_arena *arena)
{
    assert_int_equal(thaw_naming_complete(naming, start, arena, NULL), 0);
}

static void a_process_shows_where_it_runs(void **state)
{
    struct thaw_naming *naming = open_naming(0);
    struct thaw_start start = start_of((uint32_t)getpid());
    struct thaw_arena arena = {0};

    (void)state;
    assert_null(thaw_naming_app(naming, (uint32_t)getpid()));
    take_program(naming, (uint32_t)getpid());
    complete(naming, &start, &arena);
    assert_string_equal(start.identity.app, thaw_naming_app(naming, (uint32_t)getpid()));
    assert_true(*start.identity.app != '\0');
    assert_string_equal(start.identity.function, "orders_create");
    assert_string_equal(start.identity.program, "/usr/bin/python3.11");
    assert_string_equal(start.identity.deployment, "");
    thaw_arena_free(&arena);
    thaw_naming_free(naming);
}

static void deployment_of(struct thaw_naming *naming, char ret[THAW_DEPLOYMENT_BYTES])
{
    struct thaw_start start = start_of((uint32_t)getpid());
    struct thaw_arena arena = {0};

    complete(naming, &start, &arena);
    strcpy(ret, start.identity.deployment);
    thaw_arena_free(&arena);
}

/* As each start of the same files has it; what is imported for a request changes nothing. */
static void make_deployment(char ret[THAW_DEPLOYMENT_BYTES], const char *first, const char *second,
                            bool ask)
{
    struct thaw_naming *naming = open_naming(0);

    take_program(naming, (uint32_t)getpid());
    take_body(naming, (uint32_t)getpid(), first);
    if (ask)
        take_asked(naming, (uint32_t)getpid());
    take_body(naming, (uint32_t)getpid(), second);
    deployment_of(naming, ret);
    thaw_naming_free(naming);
}

static void deployments_are_equal_as_long_as_files_are(void **state)
{
    const char *numpy = scratch_path(&scratch, "app/site-packages/numpy/__init__.py");
    char one[THAW_DEPLOYMENT_BYTES], other[THAW_DEPLOYMENT_BYTES];

    (void)state;
    make_deployment(one, "main.py", numpy, false);
    assert_int_equal(strlen(one), 16);
    make_deployment(other, numpy, scratch_path(&scratch, "app/main.py"), false);
    assert_string_equal(one, other);
    make_deployment(other, "main.py", "/usr/lib/python3.11/json/__init__.py", false);
    assert_string_not_equal(one, other);
    make_deployment(one, "main.py", "<frozen zipimport>", false);
    assert_string_equal(one, other);
    make_deployment(other, "main.py", "lazy.py", true);
    assert_string_equal(one, other);
    make_deployment(other, "main.py", "lazy.py", false);
    assert_string_not_equal(one, other);
    scratch_write_text(&scratch, "app/main.py", "pass # more\n");
    make_deployment(other, "main.py", "<string>", false);
    assert_string_not_equal(one, other);
    make_deployment(other, "main.py", "gone.py", false);
    assert_string_equal(other, "");
}

static void what_is_redacted_is_a_hash(void **state)
{
    struct thaw_naming *naming = open_naming(7);
    struct thaw_start start = start_of((uint32_t)getpid());
    struct thaw_start_import imports[] = {{.name = "json"},
                                          {.name = "shop.orders"},
                                          {.name = "what do ya want for nothing?"}};
    struct thaw_arena arena = {0};

    (void)state;
    take_program(naming, (uint32_t)getpid());
    start.imports = imports;
    start.import_count = 3;
    start.incomplete = "imports in /srv/secret/app.py: not seen";
    start.ended = "exited with status 1";
    complete(naming, &start, &arena);
    assert_int_equal(strlen(start.identity.app), 17);
    assert_int_equal(start.identity.app[0], '~');
    assert_string_equal(start.identity.app, thaw_naming_app(naming, (uint32_t)getpid()));
    assert_int_equal(start.identity.function[0], '~');
    assert_int_equal(start.identity.program[0], '~');
    assert_string_equal(start.identity.platform, "azure_functions");
    assert_string_equal(start.imports[0].name, "json");
    assert_int_equal(start.imports[1].name[0], '~');
    assert_string_equal(start.imports[2].name, "~5bdcc146bf60754e"); /* RFC 4231, case 2 */
    assert_null(strstr(start.incomplete, "secret"));
    assert_non_null(strstr(start.incomplete, "imports in ~"));
    assert_non_null(strstr(start.incomplete, ": not seen"));
    assert_string_equal(start.ended, "exited with status 1");
    thaw_arena_free(&arena);
    thaw_naming_free(naming);
}

static void redaction_needs_a_key(void **state)
{
    struct thaw_naming_settings settings = {.redact = THAW_REDACT_NAMES};
    struct thaw_naming *naming = NULL;
    struct thaw_error error = {0};

    (void)state;
    assert_int_equal(thaw_naming_open(&settings, &naming, &error), -EINVAL);
    assert_non_null(strstr(error.message, "key"));
    assert_null(naming);
}

static void hostile_texts_are_made_valid_and_short(void **state)
{
    struct thaw_naming *naming = open_naming(0);
    struct thaw_start start = start_of(4000000);
    struct thaw_start_import import = {.name = "a\xff\xfe.b"};
    struct thaw_arena arena = {0};
    char longest[5000];

    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    start.identity.program = longest;
    start.identity.function = "\xc3\x28 \x80";
    start.incomplete = longest;
    start.imports = &import;
    start.import_count = 1;
    complete(naming, &start, &arena);
    assert_true(thaw_text_is_utf8(start.identity.function, strlen(start.identity.function)));
    assert_true(thaw_text_is_utf8(start.imports[0].name, strlen(start.imports[0].name)));
    assert_true(strlen(start.identity.program) < 520);
    assert_true(strlen(start.incomplete) < 520);
    assert_true(strlen(start.identity.app) < 520);
    assert_true(thaw_text_is_utf8(start.identity.app, strlen(start.identity.app)));
    thaw_arena_free(&arena);
    thaw_naming_free(naming);
}

/* --- many processes --- */

static void children_share_and_ends_are_forgotten(void **state)
{
    struct thaw_naming *naming = open_naming(0);
    struct thaw_event event = {.kind = THAW_EVENT_PROCESS_FORK,
                               .process_fork = {.parent = (uint32_t)getpid()}};

    (void)state;
    take_program(naming, (uint32_t)getpid());
    for (uint32_t pid = 5000000; pid < 5010000; pid++) {
        event.kind = THAW_EVENT_PROCESS_FORK;
        event.pid = pid;
        thaw_naming_take(naming, &event);
        assert_string_equal(thaw_naming_app(naming, pid),
                            thaw_naming_app(naming, (uint32_t)getpid()));
        event.kind = THAW_EVENT_PROCESS_EXIT;
        thaw_naming_take(naming, &event);
        assert_non_null(thaw_naming_app(naming, pid)); /* a start may end with it */
    }
    assert_in_range(thaw_naming_count(naming), 1, 600);
    event.pid = (uint32_t)getpid();
    event.kind = THAW_EVENT_PROCESS_EXEC;
    event.process_exec.executable = "/bin/true";
    thaw_naming_take(naming, &event);
    assert_null(thaw_naming_app(naming, (uint32_t)getpid()));
    for (uint32_t pid = 6000000; pid < 6020000; pid++)
        take_program(naming, pid);
    assert_in_range(thaw_naming_count(naming), 8000, 8192);
    assert_non_null(thaw_naming_app(naming, 6019999)); /* those that are gone made room */
    for (uint32_t pid = 6000000; pid < 6020000; pid++)
        thaw_naming_forget(naming, pid);
    assert_int_equal(thaw_naming_count(naming), 0);
    thaw_naming_free(naming);
}

/* Nothing can be read of it any more; the kernel has said where it was. */
static void who_is_gone_is_named_by_its_folder(void **state)
{
    struct thaw_naming *naming = open_naming(0);
    struct thaw_event event = {
        .kind = THAW_EVENT_PROCESS_EXEC,
        .pid = 7000000,
        .process_exec = {.executable = "/usr/bin/python3.11", .folder = "srv/orders"},
    };

    (void)state;
    thaw_naming_take(naming, &event);
    take_program(naming, 7000000);
    assert_string_equal(thaw_naming_app(naming, 7000000), "srv/orders");
    take_program(naming, 7000001); /* another one was told of */
    assert_string_not_equal(thaw_naming_app(naming, 7000001), "srv/orders");
    thaw_naming_free(naming);
}

static void memory_that_is_short_is_said(void **state)
{
    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_naming_settings settings = {0};
        struct thaw_naming *naming = NULL;
        struct thaw_start start = start_of((uint32_t)getpid());
        struct thaw_arena arena = {0};
        int code = thaw_naming_open(&settings, &naming, NULL);

        if (!code) {
            take_program(naming, (uint32_t)getpid());
            take_body(naming, (uint32_t)getpid(), "main.py");
            code = thaw_naming_complete(naming, &start, &arena, NULL);
        }
        chaos_malloc_pause();
        assert_true(code == 0 || (code == -ENOMEM && chaos_malloc_failed()));
        assert_true(code || *start.identity.app);
        thaw_arena_free(&arena);
        thaw_naming_free(naming);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_names_lose_what_kubernetes_makes_up),
        cmocka_unit_test(apps_are_named_by_the_first_that_tells),
        cmocka_unit_test(standard_modules_are_told_by_their_names),
        cmocka_unit_test(a_process_shows_where_it_runs),
        cmocka_unit_test(deployments_are_equal_as_long_as_files_are),
        cmocka_unit_test(what_is_redacted_is_a_hash),
        cmocka_unit_test(redaction_needs_a_key),
        cmocka_unit_test(hostile_texts_are_made_valid_and_short),
        cmocka_unit_test(children_share_and_ends_are_forgotten),
        cmocka_unit_test(who_is_gone_is_named_by_its_folder),
        cmocka_unit_test(memory_that_is_short_is_said),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
