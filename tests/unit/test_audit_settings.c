/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "audit/secret_file.h"
#include "audit/settings.h"
#include "chaos_malloc.h"
#include "configuration/configuration.h"

static char folder[64];

static int begin(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/thaw-settings-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static const char *file(const char *name, const char *content, mode_t mode)
{
    static char path[128];
    FILE *stream;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (!content)
        return path;
    stream = fopen(path, "w");
    assert_non_null(stream);
    fputs(content, stream);
    fclose(stream);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

/* --- files with secrets --- */

static int read_headers(const char *content, mode_t mode, struct thaw_error *error, size_t *count)
{
    struct thaw_arena arena = {0};
    const char *const *list = NULL;
    int code = thaw_secret_headers(file("headers", content, mode), &arena, &list, error);

    for (*count = 0; !code && list[*count]; ++*count)
        assert_non_null(strchr(list[*count], ':'));
    thaw_arena_free(&arena);
    return code;
}

static void headers_are_read(void **state)
{
    struct thaw_error error = {0};
    size_t count;

    (void)state;
    assert_int_equal(read_headers("a: b\r\n# no\n\nX-Key:\tc d", 0600, &error, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(read_headers("", 0640, &error, &count), 0);
    assert_int_equal(count, 0);
}

static void headers_that_are_none_are_refused_without_saying_them(void **state)
{
    static const char *const wrong[] = {"s3cret", "a b: s3cret", ": s3cret", "x: s3cret\x01",
                                        "\xc3\xa4: s3cret"};
    char many[33 * 5 + 1] = "";
    size_t count;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct thaw_error error = {0};

        assert_int_equal(read_headers(wrong[i], 0600, &error, &count), -EINVAL);
        assert_non_null(strstr(error.message, "headers:1: "));
        assert_null(strstr(error.message, "s3cret"));
    }
    for (int i = 0; i < 33; i++)
        strcat(many, "a: b\n");
    assert_int_equal(read_headers(many, 0600, NULL, &count), -EINVAL);
}

static void files_that_everybody_may_read_are_refused(void **state)
{
    struct thaw_arena arena = {0};
    struct thaw_error error = {0};
    struct thaw_secret_key key;
    size_t count;

    (void)state;
    assert_int_equal(read_headers("a: b", 0644, &error, &count), -EPERM);
    assert_non_null(strstr(error.message, "chmod o-rw"));
    assert_int_equal(thaw_secret_key_read(file("key", "0123456789abcdef", 0602), false, &arena,
                                          &key, &error),
                     -EPERM);
    assert_int_equal(thaw_secret_key_read(folder, false, &arena, &key, &error), -EINVAL);
    thaw_arena_free(&arena);
}

static void a_key_is_made_once(void **state)
{
    struct thaw_secret_key first, second;
    struct thaw_arena arena = {0};
    struct thaw_error error = {0};
    struct stat status;
    const char *path = file("made", NULL, 0);

    (void)state;
    assert_int_equal(thaw_secret_key_read(path, false, &arena, &first, &error), -ENOENT);
    assert_int_equal(thaw_secret_key_read(path, true, &arena, &first, &error), 0);
    assert_int_equal(thaw_secret_key_read(path, true, &arena, &second, &error), 0);
    assert_int_equal(first.length, THAW_SECRET_KEY_MADE);
    assert_int_equal(first.length, second.length);
    assert_memory_equal(first.bytes, second.bytes, first.length);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(thaw_secret_key_read(file("short", "0123456789abcde", 0600), true, &arena,
                                          &first, &error),
                     -EINVAL);
    assert_int_equal(thaw_secret_key_random(&arena, &first, &error), 0);
    assert_memory_not_equal(first.bytes, second.bytes, first.length);
    thaw_arena_free(&arena);
}

/* --- what belongs together --- */

static int complete(const char *json, struct thaw_audit_settings *ret, struct thaw_error *error)
{
    struct thaw_configuration configuration;
    char text[1024];
    int code;

    snprintf(text, sizeof(text), "{\"audit\": %s}", json);
    code = thaw_configuration_parse(text, strlen(text), "t", &configuration, error);
    *ret = configuration.audit;
    thaw_arena_take_over(&ret->arena, &configuration.arena);
    thaw_configuration_free(&configuration);
    return code ? code : thaw_audit_settings_complete(ret, true, error);
}

static void what_does_not_go_together_is_refused(void **state)
{
    static const struct {
        const char *json, *wanted;
    } cases[] = {
        {"{}", "--store FILE, --listen ADDRESS"},
        {"{\"listen\": \":1\", \"deliver\": {\"url\": \"http://a\"}}", "--otlp needs --store"},
        {"{\"store\": \"s\", \"deliver\": {\"url\": \"ftp://a\"}}", "--otlp takes http://"},
        {"{\"store\": \"s\", \"deliver\": {\"url\": \"http://\"}}", "--otlp takes http://"},
        {"{\"store\": \"s\", \"deliver\": {\"url\": \"http://u:p@a\"}}", "--otlp takes http://"},
        {"{\"store\": \"s\", \"platform\": \"x\"}", "no platform 'x'"},
        {"{\"store\": \"s\", \"split\": {\"for\": \"10s\", \"every\": \"99s\"}}", "a tenth"},
        {"{\"store\": \"s\", \"keep\": {\"bytes\": \"2MiB\"}, \"deliver\": {\"url\": \"http://a\", "
         "\"queue\": \"2MiB\"}}",
         "queue"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct thaw_audit_settings settings;
        struct thaw_error error = {0};

        assert_int_equal(complete(cases[i].json, &settings, &error), -EINVAL);
        if (!strstr(error.message, cases[i].wanted))
            fail_msg("%s: %s", cases[i].json, error.message);
        thaw_audit_settings_free(&settings);
    }
}

static void what_is_said_is_taken(void **state)
{
    struct thaw_audit_settings settings;
    struct thaw_error error = {0};

    (void)state;
    assert_int_equal(complete("{\"store\": \"/s\", \"split\": {\"for\": \"10s\", \"every\": "
                              "\"10min\"}, \"starts\": \"all\", \"on_loss\": \"fail\", "
                              "\"keep\": {\"bytes\": \"1GiB\"}, \"imports_from\": \"2ms\", "
                              "\"apps\": [{\"name\": \"a\", \"unit\": \"b*\"}]}",
                              &settings, &error),
                     0);
    assert_string_equal(settings.store, "/s");
    assert_null(settings.listen);
    assert_int_equal(settings.split_ns, 10000000000);
    assert_int_equal(settings.split_every_ns, 600000000000);
    assert_int_equal(settings.starts, THAW_STARTS_OF_ALL);
    assert_int_equal(settings.on_loss, THAW_ON_LOSS_FAIL);
    assert_int_equal(settings.bounds.bytes, 1 << 30);
    assert_int_equal(settings.import_least_ns, 2000000);
    assert_int_equal(settings.naming.rule_count, 1);
    assert_string_equal(settings.naming.rules[0].unit, "b*");
    assert_null(settings.naming.key);
    thaw_audit_settings_free(&settings);
}

static void hashes_have_a_key_beside_the_store(void **state)
{
    struct thaw_audit_settings settings;
    struct thaw_error error = {0};
    char json[200];

    (void)state;
    snprintf(json, sizeof(json), "{\"store\": \"%s/audit\", \"redact\": [\"paths\", \"modules\"]}",
             folder);
    assert_int_equal(complete(json, &settings, &error), 0);
    assert_int_equal(settings.naming.redact, THAW_REDACT_PATHS | THAW_REDACT_MODULES);
    assert_int_equal(settings.naming.key_bytes, THAW_SECRET_KEY_MADE);
    assert_int_equal(access(file("audit.key", NULL, 0), F_OK), 0);
    thaw_audit_settings_free(&settings);
    assert_int_equal(complete("{\"listen\": \":1\", \"redact\": [\"names\"]}", &settings, &error),
                     0);
    assert_int_equal(settings.naming.key_bytes, THAW_SECRET_KEY_MADE);
    thaw_audit_settings_free(&settings);
}

/* --- reloads --- */

static const char before[] = "{\"store\": \"/s\", \"pythons\": [\"/p\"], \"node\": \"one\"}";
static const char after[] =
    "{\"store\": \"/t\", \"listen\": \":1\", \"node\": \"two\", \"starts\": \"all\", "
    "\"tell_apart\": {\"apps\": 7}}";

static void what_cannot_change_is_held_and_named(void **state)
{
    struct thaw_audit_settings now, next;
    struct thaw_error error = {0};

    (void)state;
    assert_int_equal(complete(before, &now, &error), 0);
    assert_int_equal(complete(before, &next, &error), 0);
    assert_string_equal(thaw_audit_settings_hold(&now, &next), "");
    thaw_audit_settings_free(&next);
    assert_int_equal(complete(after, &next, &error), 0);
    assert_string_equal(thaw_audit_settings_hold(&now, &next),
                        "store, listen, pythons, starts, tell_apart");
    thaw_audit_settings_free(&now); /* nothing of it is needed any more */
    assert_string_equal(next.store, "/s");
    assert_null(next.listen);
    assert_string_equal(next.pythons[0], "/p");
    assert_null(next.pythons[1]);
    assert_string_equal(next.node, "two");
    assert_int_equal(next.starts, THAW_STARTS_OF_PLATFORMS);
    thaw_audit_settings_free(&next);
}

static void short_memory_is_said(void **state)
{
    struct thaw_audit_settings now, next;
    struct thaw_error error = {0};

    (void)state;
    if (!chaos_malloc_works())
        skip();
    assert_int_equal(complete(before, &now, &error), 0);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        int code = complete(after, &next, &error);
        const char *held = code ? NULL : thaw_audit_settings_hold(&now, &next);

        chaos_malloc_pause();
        assert_int_equal(held == NULL, chaos_malloc_failed());
        if (code)
            assert_int_equal(code, -ENOMEM);
        thaw_audit_settings_free(&next);
    }
    thaw_audit_settings_free(&now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read),
        cmocka_unit_test(headers_that_are_none_are_refused_without_saying_them),
        cmocka_unit_test(files_that_everybody_may_read_are_refused),
        cmocka_unit_test(a_key_is_made_once),
        cmocka_unit_test(what_does_not_go_together_is_refused),
        cmocka_unit_test(what_is_said_is_taken),
        cmocka_unit_test(hashes_have_a_key_beside_the_store),
        cmocka_unit_test(what_cannot_change_is_held_and_named),
        cmocka_unit_test(short_memory_is_said),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
