/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "audit/libcrypto.h"
#include "audit/log.h"
#include "audit/self.h"
#include "audit/served.h"
#include "audit/unix_time.h"
#include "chaos_malloc.h"
#include "export/openmetrics.h"

/* --- the log --- */

struct logged {
    struct thaw_log log;
    int read;
    char text[65536];
};

static void open_log(struct logged *logged, bool journal)
{
    int ends[2];

    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    unsetenv("INVOCATION_ID");
    if (journal)
        setenv("JOURNAL_STREAM", "1:2", 1);
    else
        unsetenv("JOURNAL_STREAM");
    thaw_log_open(&logged->log, ends[1]);
    logged->read = ends[0];
}

static const char *close_log(struct logged *logged)
{
    ssize_t length;

    close(logged->log.fd);
    length = read(logged->read, logged->text, sizeof(logged->text) - 1);
    logged->text[length < 0 ? 0 : length] = '\0';
    close(logged->read);
    return logged->text;
}

static size_t lines(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static void lines_have_priorities_for_the_journal(void **state)
{
    struct logged logged;

    (void)state;
    open_log(&logged, true);
    thaw_log_say(&logged.log, THAW_LOG_WARNING, THAW_LOG_STORE, "%s", "a\nb\x1b[31m");
    assert_string_equal(close_log(&logged), "<4>a\\x0ab\\x1b[31m\n");
    open_log(&logged, false);
    thaw_log_say(&logged.log, THAW_LOG_INFO, THAW_LOG_LIFE, "begins");
    assert_string_equal(close_log(&logged), "thaw audit: begins\n");
}

static void a_subject_is_limited_and_says_so(void **state)
{
    struct logged logged;
    uint64_t since;

    (void)state;
    open_log(&logged, false);
    for (int i = 0; i < 100; i++) {
        thaw_log_say(&logged.log, THAW_LOG_WARNING, THAW_LOG_LOSS, "lost");
        thaw_log_say(&logged.log, THAW_LOG_WARNING, THAW_LOG_LIFE, "life");
    }
    since = logged.log.subjects[THAW_LOG_LOSS].since_ns;
    thaw_log_tick(&logged.log, since + THAW_LOG_EACH_NS - 1);
    assert_int_equal(logged.log.subjects[THAW_LOG_LOSS].withheld, 90);
    thaw_log_tick(&logged.log, since + THAW_LOG_EACH_NS + 1000000000);
    thaw_log_say(&logged.log, THAW_LOG_WARNING, THAW_LOG_LOSS, "lost");
    close_log(&logged);
    assert_int_equal(lines(logged.text), 10 + 100 + 1 + 1);
    assert_non_null(strstr(logged.text, "90 further lines about losses were left out\n"));
}

static void nobody_is_waited_for(void **state)
{
    struct logged logged;

    (void)state;
    open_log(&logged, false);
    while (!logged.log.untold)
        thaw_log_say(&logged.log, THAW_LOG_INFO, THAW_LOG_LIFE, "%0900d", 0);
    close_log(&logged);
    assert_true(lines(logged.text) > 10);
}

/* --- the wall clock --- */

static int64_t ahead_ns;

static int64_t ahead(void *context)
{
    (void)context;
    return ahead_ns;
}

static void the_wall_clock_creeps_and_jumps(void **state)
{
    struct thaw_unix_time time = {.difference_ns = ahead};

    (void)state;
    ahead_ns = 1000000000000;
    thaw_unix_time_begin(&time);
    for (int i = 0; i < 1000; i++) {
        ahead_ns += 500000;
        assert_false(thaw_unix_time_look(&time));
        assert_int_equal(thaw_unix_time_of(&time, 5), ahead_ns + 5);
    }
    ahead_ns -= 3600000000000;
    assert_true(thaw_unix_time_look(&time));
    assert_int_equal(time.step_ns, -3600000000000);
    assert_false(thaw_unix_time_look(&time));
    assert_int_equal(time.steps, 1);
    time = (struct thaw_unix_time){0};
    thaw_unix_time_begin(&time); /* of the real clocks */
    assert_true(time.offset_ns > 1000000000000000000);
    assert_false(thaw_unix_time_look(&time));
}

/* --- processes that serve --- */

static void processes_are_known_once_and_bounded(void **state)
{
    struct thaw_served served = {0};

    (void)state;
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(thaw_served_add(&served, i / 2), 0);
    assert_int_equal(served.processes.count, 500);
    assert_true(thaw_served_remove(&served, 7));
    assert_false(thaw_served_remove(&served, 7));
    assert_int_equal(served.processes.count, 499);
    assert_true(thaw_array_reserve(&served.processes, THAW_SERVED_MOST));
    served.processes.count = THAW_SERVED_MOST;
    assert_int_equal(thaw_served_add(&served, UINT32_MAX), 0);
    assert_int_equal(served.processes.count, THAW_SERVED_MOST);
    thaw_served_free(&served);
}

/* --- what it tells of itself --- */

static const struct thaw_observation_loss losses[] = {
    {.cause = "ring-buffer-full", .what = "w", .count = 3, .of_events = true},
    {.cause = "too-deep", .what = "w", .count = 0, .of_events = true},
};
static const struct thaw_observation_probe missing[] = {
    {"requests", "sock_send_length", "no such tracepoint", "requests"},
};

static const struct thaw_self self = {
    .cpu_ns = 1500000000,
    .events = 7,
    .requests_counted = true,
    .losses = losses,
    .loss_count = 2,
    .missing = missing,
    .missing_count = 1,
    .reload_failures = 2,
    .version = "1.2.3",
};

static void everything_of_itself_is_told(void **state)
{
    static const char *const wanted[] = {
        "thaw_build_info{version=\"1.2.3\"} 1\n",
        "thaw_cpu_seconds_total 1.5\n",
        "thaw_events_total 7\n",
        "thaw_requests_counted 1\n",
        "thaw_events_lost_total{cause=\"ring-buffer-full\"} 3\n",
        "thaw_events_lost_total{cause=\"too-deep\"} 0\n",
        "thaw_probes_missing 1\n",
        "thaw_probe_missing{probe=\"requests\",target=\"sock_send_length\"} 1\n",
        "thaw_config_reload_failures_total 2\n",
        "thaw_store_failing 0\n",
    };
    struct thaw_families families = {.unix_ns = 1, .begin_unix_ns = 1};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    (void)state;
    assert_int_equal(thaw_self_families(&self, &families, NULL), 0);
    assert_int_equal(thaw_openmetrics_write(&families, false, stream), 0);
    fclose(stream);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (!strstr(text, wanted[i]))
            fail_msg("%s is not in\n%s", wanted[i], text);
    free(text);
    thaw_families_free(&families);
}

static void files_of_probes_are_redacted(void **state)
{
    static const struct thaw_observation_probe probe = {"find", "/srv/secret/bin/python3.11", "",
                                                        ""};
    const struct thaw_redaction_key key = {(const unsigned char *)"Jefe", 4};
    struct thaw_families families = {0};
    struct thaw_self hidden = self;
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    (void)state;
    if (thaw_libcrypto_load() < 0)
        skip();
    hidden.paths = &key;
    hidden.missing = &probe;
    assert_int_equal(thaw_self_families(&hidden, &families, NULL), 0);
    assert_int_equal(thaw_openmetrics_write(&families, false, stream), 0);
    fclose(stream);
    assert_null(strstr(text, "secret"));
    assert_non_null(strstr(text, "thaw_probe_missing{probe=\"find\",target=\"~"));
    free(text);
    thaw_families_free(&families);
}

static void short_memory_is_said(void **state)
{
    (void)state;
    if (!chaos_malloc_works())
        skip();
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_families families = {0};
        struct thaw_error error = {0};
        int code = thaw_self_families(&self, &families, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -12 : 0);
        thaw_families_free(&families);
    }
}

static void its_own_memory_is_looked_up(void **state)
{
    struct thaw_self own = {0};

    (void)state;
    thaw_self_look(&own);
    assert_true(own.resident_bytes > 100000 && own.resident_bytes < 1u << 30);
    assert_true(own.cpu_ns > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_priorities_for_the_journal),
        cmocka_unit_test(a_subject_is_limited_and_says_so),
        cmocka_unit_test(nobody_is_waited_for),
        cmocka_unit_test(the_wall_clock_creeps_and_jumps),
        cmocka_unit_test(processes_are_known_once_and_bounded),
        cmocka_unit_test(everything_of_itself_is_told),
        cmocka_unit_test(files_of_probes_are_redacted),
        cmocka_unit_test(short_memory_is_said),
        cmocka_unit_test(its_own_memory_is_looked_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
