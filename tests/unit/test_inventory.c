/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "inventory/interpreter_facts.h"
#include "inventory/inventory.h"
#include "scratch.h"

static struct scratch scratch;
static struct thaw_arena arena;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    thaw_arena_free(&arena);
    return 0;
}

/* Debian's interpreter, else the first on PATH; skips when there is none. */
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

static int ask(const char *executable, uid_t user, struct thaw_interpreter_facts *facts,
               struct thaw_error *error)
{
    struct thaw_inquiry inquiry;
    int result = thaw_interpreter_inquiry_start(executable, user, user, &inquiry, error);

    return result < 0 ? result : thaw_interpreter_inquiry_finish(&inquiry, &arena, facts, error);
}

/* A "python" that is a shell script. */
static const char *fake_python(const char *commands)
{
    char text[1024];
    const char *path;

    snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", commands);
    path = scratch_write_text(&scratch, "python3", text);
    assert_int_equal(chmod(path, 0755), 0);
    assert_int_equal(chmod(scratch.path, 0755), 0);
    return path;
}

static bool has(const struct thaw_texts *texts, const char *wanted)
{
    for (uint64_t i = 0; i < texts->count; i++) {
        if (strcmp(texts->items[i], wanted) == 0)
            return true;
    }
    return false;
}

static void interpreters_answer_what_they_say_themselves(void **state)
{
    const char *executable = python();
    char *version = scratch_output("%s -c 'import sys; print(sys.version.split()[0])'", executable);
    char *library =
        scratch_output("%s -c 'import os; print(os.path.dirname(os.__file__))'", executable);
    struct thaw_interpreter_facts facts;
    struct thaw_error error = {0};

    (void)state;
    if (ask(executable, geteuid(), &facts, &error) < 0)
        fail_msg("%s", error.message);
    version[strcspn(version, "\n")] = library[strcspn(library, "\n")] = '\0';
    assert_string_equal(facts.version, version);
    assert_string_equal(facts.implementation, "cpython");
    assert_true(has(&facts.builtins, "sys") && has(&facts.builtins, "_imp"));
    assert_true(has(&facts.stdlib, library));
    for (uint64_t i = 0; i < facts.sites.count; i++)
        assert_int_equal(access(facts.sites.items[i], F_OK), 0);
    free(version);
    free(library);
}

static void virtual_environments_have_their_own_sites(void **state)
{
    struct thaw_interpreter_facts facts;
    const char *link, *site;
    char *folder, text[512];

    (void)state;
    folder =
        scratch_output("%s -c 'import sys; print(\"%%d.%%d\" %% sys.version_info[:2])'", python());
    folder[strcspn(folder, "\n")] = '\0';
    link = thaw_arena_string(&arena, scratch_link(&scratch, "venv/bin/python", python()));
    snprintf(text, sizeof(text), "venv/lib/python%s/site-packages", folder);
    site = thaw_arena_string(&arena, scratch_folder(&scratch, text));
    scratch_write_text(&scratch, "venv/lib/evil.txt", "");
    snprintf(text, sizeof(text), "venv/lib/python%s/site-packages/x.pth", folder);
    scratch_write_text(&scratch, text, "import os; os.abort()\n");
    scratch_write_text(&scratch, "venv/pyvenv.cfg",
                       "home = /usr/bin\ninclude-system-site-packages = false\n");
    assert_int_equal(ask(link, geteuid(), &facts, NULL), 0);
    assert_int_equal(facts.sites.count, 1);
    assert_string_equal(facts.sites.items[0], site);
    scratch_write_text(&scratch, "venv/pyvenv.cfg", "include-system-site-packages = TRUE\n");
    assert_int_equal(ask(link, geteuid(), &facts, NULL), 0);
    assert_string_equal(facts.sites.items[0], site);
    free(folder);
}

/* The answer tells the user, folder, environment and descriptors it was run with. */
static void it_runs_as_its_user_and_sees_nothing_of_ours(void **state)
{
    const uid_t user = geteuid() == 0 ? 65534 : geteuid();
    struct thaw_interpreter_facts facts;
    char expected[64];
    const char *path = fake_python(
        "printf '{\"version\":\"%s %s\",\"implementation\":\"%s\",\"builtins\":[],\"stdlib\":[],"
        "\"sites\":[\"%s\"]}' \"$(id -u)\" \"$(id -G)\" \"$(pwd)\" \"$SECRET$(cat)\"");

    (void)state;
    setenv("SECRET", "secret", 1);
    assert_int_equal(ask(path, user, &facts, NULL), 0);
    snprintf(expected, sizeof(expected), "%u %u", (unsigned)user, (unsigned)user);
    if (geteuid() == 0)
        assert_string_equal(facts.version, expected);
    assert_string_equal(facts.implementation, "/");
    assert_string_equal(facts.sites.items[0], "");
    unsetenv("SECRET");
}

/* In a child, since root must become somebody else first. */
static void other_users_need_root(void **state)
{
    struct thaw_inquiry inquiry;
    struct thaw_error error = {0};
    pid_t pid = fork();
    int status;

    (void)state;
    if (pid == 0) {
        int result;

        if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
            _exit(2);
        result = thaw_interpreter_inquiry_start("/bin/sh", geteuid() - 1, 1, &inquiry, &error);
        _exit(result == -EPERM && strstr(error.message, "only root") ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void answers_that_are_none_are_refused(void **state)
{
    static const struct {
        const char *commands;
        int code;
    } rows[] = {
        {"exit 0", -EPROTO},
        {"exit 125", -EACCES},
        {"echo '[]'", -EPROTO},
        {"echo '{\"version\":\"3\"}'", -EPROTO},
        {"kill -9 $$", -EPROTO},
        {"yes | tr -d '\\n'", -EPROTO}, /* no end: bounded by its length */
        {"printf '{\"version\":1,\"implementation\":\"\",\"builtins\":[],\"stdlib\":[],"
         "\"sites\":[]}'",
         -EPROTO},
    };
    struct thaw_interpreter_facts facts = {.version = "untouched"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_error error = {0};

        assert_int_equal(ask(fake_python(rows[i].commands), geteuid(), &facts, &error),
                         rows[i].code);
        assert_non_null(strstr(error.message, "python3"));
        assert_string_equal(facts.version, "untouched");
    }
    assert_int_equal(ask(scratch_path(&scratch, "nothing"), geteuid(), &facts, NULL), -EACCES);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left behind */
}

/* Its child's pid comes through a FIFO, which opens when both are there. */
static void one_that_never_ends_is_killed_with_what_it_started(void **state)
{
    const char *fifo = thaw_arena_string(&arena, scratch_path(&scratch, "started"));
    struct thaw_inquiry inquiry;
    struct thaw_interpreter_facts facts;
    struct pollfd started = {.events = POLLIN};
    char text[512];
    int file;

    (void)state;
    assert_int_equal(mkfifo(fifo, 0600), 0);
    snprintf(text, sizeof(text), "sleep 1000 & echo $! >'%s'; wait", fifo);
    assert_int_equal(
        thaw_interpreter_inquiry_start(fake_python(text), geteuid(), getegid(), &inquiry, NULL), 0);
    file = open(fifo, O_RDONLY);
    assert_true(read(file, text, sizeof(text) - 1) > 0);
    close(file);
    started.fd = pidfd_open(atoi(text), 0);
    assert_true(started.fd >= 0);
    inquiry.deadline_ns = 1; /* long ago */
    assert_int_equal(thaw_interpreter_inquiry_finish(&inquiry, &arena, &facts, NULL), -ETIMEDOUT);
    assert_int_equal(poll(&started, 1, 60000), 1); /* it has ended */
    close(started.fd);
}

struct collected {
    size_t counts[64];
    char *distributions; /* names joined by spaces */
    const char *owner;   /* of the file that ends in /one.py */
    const char *sites;
    int refuse; /* what to return */
};

static int take(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    struct collected *collected = context;

    (void)error;
    assert_true(event->time_ns > 0);
    collected->counts[event->kind]++;
    if (event->kind == THAW_EVENT_INVENTORY_FILE && strstr(event->inventory_file.path, "/one.py"))
        collected->owner = thaw_arena_string(&arena, event->inventory_file.distribution);
    if (event->kind == THAW_EVENT_INVENTORY_INTERPRETER)
        collected->sites =
            thaw_arena_string(&arena, event->inventory_interpreter.sites.count
                                          ? event->inventory_interpreter.sites.items[0]
                                          : "");
    return collected->refuse;
}

static void everything_is_emitted_once(void **state)
{
    struct collected collected = {0};
    const char *one = scratch_write_text(&scratch, "lib/site-packages/pack/one.py", "1");
    const char *files[] = {one, one, "/nowhere/x.py", "<frozen os>"};
    const struct thaw_inventory_subject subjects[] = {
        {.executable = "/nowhere/python3", .version = "3.11.2", .user = geteuid()},
        {.executable = "/nowhere/python3", .version = "3.11.2", .user = geteuid()},
        {.executable = "", .version = "3.9", .user = geteuid()},
    };
    const struct thaw_inventory_request request = {subjects, 3, files, 4};

    (void)state;
    scratch_write_text(&scratch, "lib/site-packages/pack-1.dist-info/RECORD", "pack/one.py,,\n");
    assert_int_equal(thaw_inventory_collect(&request, take, &collected, NULL), 0);
    assert_int_equal(collected.counts[THAW_EVENT_INVENTORY_INTERPRETER], 2);
    assert_int_equal(collected.counts[THAW_EVENT_INVENTORY_DISTRIBUTION], 1);
    assert_int_equal(collected.counts[THAW_EVENT_INVENTORY_FILE], 1);
    assert_string_equal(collected.owner, "pack");
    assert_string_equal(collected.sites, scratch_path(&scratch, "lib/site-packages"));
    collected.refuse = -ENOSPC;
    assert_int_equal(thaw_inventory_collect(&request, take, &collected, NULL), -ENOSPC);
}

static void nothing_to_collect_is_no_error(void **state)
{
    const struct thaw_inventory_request request = {0};
    struct collected collected = {0};

    (void)state;
    assert_int_equal(thaw_inventory_collect(&request, take, &collected, NULL), 0);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(collected.counts[i], 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(interpreters_answer_what_they_say_themselves),
        TEST(virtual_environments_have_their_own_sites),
        TEST(it_runs_as_its_user_and_sees_nothing_of_ours),
        TEST(other_users_need_root),
        TEST(answers_that_are_none_are_refused),
        TEST(one_that_never_ends_is_killed_with_what_it_started),
        TEST(everything_is_emitted_once),
        TEST(nothing_to_collect_is_no_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
