/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "inventory/inventory.h"
#include "scratch.h"

static struct scratch scratch;
static struct thaw_arena arena;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return chmod(scratch.path, 0755);
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    thaw_arena_free(&arena);
    return 0;
}

static const char *python(void)
{
    char *text = scratch_output("command -v /usr/bin/python3 || command -v python3");
    const char *path;

    if (!text) {
        print_message("skip: no python3 on this machine\n");
        skip();
    }
    text[strcspn(text, "\n")] = '\0';
    path = thaw_arena_string(&arena, text);
    free(text);
    return path;
}

/* A "python" that is a shell script. */
static const char *fake_python(const char *commands)
{
    char text[1024];
    const char *path;

    snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", commands);
    path = thaw_arena_string(&arena, scratch_write_text(&scratch, "python3", text));
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

static const char *write_source(const char *name, const char *text)
{
    return thaw_arena_string(&arena, scratch_write_text(&scratch, name, text));
}

/* What came of source files: "KIND FILE NAME\n", and "loss COUNT WHAT\n". */
struct collected {
    char text[4096];
    uint16_t refuse_kind; /* of the event to fail at, 0 none */
};

static int take(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    struct collected *collected = context;
    size_t length = strlen(collected->text), size = sizeof(collected->text) - length;
    char *end = collected->text + length;

    assert_true(event->time_ns > 0);
    if (event->kind == THAW_EVENT_INVENTORY_IMPORT)
        snprintf(end, size, "import %s %s\n", strrchr(event->inventory_import.file, '/') + 1,
                 event->inventory_import.module);
    if (event->kind == THAW_EVENT_INVENTORY_STATEMENT)
        snprintf(end, size, "statement %s %s\n", strrchr(event->inventory_statement.file, '/') + 1,
                 event->inventory_statement.bound);
    if (event->kind == THAW_EVENT_INVENTORY_DEFINITION)
        snprintf(end, size, "definition %s %s\n",
                 strrchr(event->inventory_definition.file, '/') + 1,
                 event->inventory_definition.name);
    if (event->kind == THAW_EVENT_LOSS)
        snprintf(end, size, "%s %u %s\n", event->loss.cause, (unsigned)event->loss.count,
                 event->loss.what);
    if (event->kind == collected->refuse_kind)
        return thaw_error_set(error, -ENOSPC, "full");
    return 0;
}

static int collect(const char *executable, const struct thaw_source_file *sources, size_t count,
                   struct collected *collected, struct thaw_error *error)
{
    const char *files[] = {sources[0].path};
    const struct thaw_inventory_subject subject = {.executable = executable,
                                                   .version = "3.11",
                                                   .user = geteuid(),
                                                   .group = getegid(),
                                                   .sources = sources,
                                                   .source_count = count};
    const struct thaw_inventory_request request = {&subject, 1, files, 1};

    return thaw_inventory_collect(&request, take, collected, error);
}

/* A package that was installed into the app's folder is known by its RECORD. */
static void what_is_installed_is_not_the_users_own(void **state)
{
    const char *own = write_source("app/own.py", "import json\n");
    const char *installed = write_source("app/pack/there.py", "import abc\n");
    const struct thaw_source_file sources[] = {{own, own, true}, {installed, installed, true}};
    struct collected collected = {0};

    (void)state;
    write_source("app/pack-1.dist-info/RECORD", "pack/there.py,,\n");
    assert_int_equal(collect(python(), sources, 2, &collected, NULL), 0);
    assert_string_equal(collected.text, "import own.py json\nimport there.py abc\n"
                                        "statement own.py json\ndefinition own.py <module>\n");
}

static void what_is_not_known_is_said(void **state)
{
    const char *broken = write_source("app/broken.py", "import (\n");
    const struct thaw_source_file sources[] = {{broken, broken, true},
                                               {"/nowhere/x.py", "/nowhere/x.py", false}};
    struct collected collected = {0};
    char wanted[512];

    (void)state;
    assert_int_equal(collect(python(), sources, 1, &collected, NULL), 0);
    snprintf(wanted, sizeof(wanted),
             "sources-not-read 1 what 1 source file imports is not known (%s: SyntaxError at "
             "line 1)\n",
             broken);
    assert_string_equal(collected.text, wanted);
    collected.text[0] = '\0';
    assert_int_equal(collect("/nowhere/python3", sources, 2, &collected, NULL), 0);
    assert_string_equal(collected.text,
                        "sources-not-read 2 what 2 source files import is not known "
                        "(/nowhere/python3: cannot be executed as its user)\n");
    collected.text[0] = '\0';
    assert_int_equal(collect("", sources, 2, &collected, NULL), 0);
    assert_string_equal(collected.text, "sources-not-read 2 what 2 source files import is not "
                                        "known (their interpreter could not be run)\n");
}

static void nothing_executed_is_nothing_to_ask(void **state)
{
    const struct thaw_source_file sources[] = {{"/x.py", "/x.py", true}};
    const char *marker = thaw_arena_string(&arena, scratch_path(&scratch, "asked"));
    struct collected collected = {0};
    char commands[400];

    (void)state;
    snprintf(commands, sizeof(commands), "case $* in *statement*) echo >'%s';; esac", marker);
    assert_int_equal(collect(fake_python(commands), sources, 0, &collected, NULL), 0);
    assert_string_equal(collected.text, "");
    assert_int_equal(access(marker, F_OK), -1);
    assert_int_equal(collect(fake_python(commands), sources, 1, &collected, NULL), 0);
    assert_int_equal(access(marker, F_OK), 0);
}

/* Then the helper isn't waited for: it would run until its time is over. */
static void a_recording_that_is_full_ends_it_at_once(void **state)
{
    static const uint16_t kinds[] = {THAW_EVENT_INVENTORY_INTERPRETER, THAW_EVENT_INVENTORY_FILE,
                                     THAW_EVENT_INVENTORY_IMPORT, THAW_EVENT_LOSS};
    const char *own = write_source("app/own.py", "import json\n");
    const struct thaw_source_file sources[] = {{own, own, true}};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct collected collected = {.refuse_kind = kinds[i]};
        struct thaw_error error = {0};
        const char *executable = fake_python(
            i < 2 ? "case $* in *statement*) exec sleep 1000;; esac"
                  : "case $* in *statement*) printf '[\"import\",0,1,0,\"json\",[]]\\n';; esac");

        assert_int_equal(collect(executable, sources, 1, &collected, &error), -ENOSPC);
        assert_string_equal(error.message, "full");
    }
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left behind */
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_installed_is_not_the_users_own),
        TEST(what_is_not_known_is_said),
        TEST(nothing_executed_is_nothing_to_ask),
        TEST(a_recording_that_is_full_ends_it_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
