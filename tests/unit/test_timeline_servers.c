/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "timeline_fixture.h"

/* A server of one process: its own file is the app. */
#define SERVER                                                                                     \
    "1 session.begin command=[\"python\",\"app.py\"] directory=\"/srv\" until=\"auto\"\n"          \
    "100 process.exec executable=\"/py\"\n"                                                        \
    "100 interpreter executable=\"/py\" version=\"3.11.2\" coverage=\"from start\"\n"              \
    "120 body.begin name=\"__main__\" file=\"/srv/app.py\" stack=99 own=1\n"                       \
    "130 import.begin name=\"json\" stack=90\n"                                                    \
    "150 import.end stack=90\n"

/* An arbiter: an installed program that listens. */
#define ARBITER                                                                                    \
    "1 session.begin command=[\"gunicorn\"] directory=\"/srv\" until=\"auto\"\n"                   \
    "100 process.exec executable=\"/venv/bin/python\"\n"                                           \
    "100 process.role platform=\"generic\" signs=[\"gunicorn in argv\"]\n"                         \
    "100 interpreter executable=\"/venv/bin/python\" version=\"3.11.2\" coverage=\"from start\"\n" \
    "120 body.begin name=\"__main__\" file=\"/venv/bin/gunicorn\" stack=99 own=1\n"
#define LISTEN "200 listen port=8000 family=2\n"
#define APP(pid, from, to)                                                                         \
#from " body.begin pid=" #pid " tid=" #pid                                                     \
          " name=\"wsgi\" file=\"/srv/wsgi.py\" stack=80 own=1\n" #to " body.end pid=" #pid        \
          " tid=" #pid " stack=80\n"

static void assert_phase(const struct thaw_phase *phase, uint64_t start_ns, uint64_t end_ns)
{
    assert_non_null(phase);
    assert_int_equal(phase->start_ns, start_ns);
    assert_int_equal(phase->end_ns, end_ns);
}

static void assert_part(const struct thaw_track *track, const char *phase, const char *part,
                        uint64_t start_ns, uint64_t end_ns)
{
    assert_phase(timeline_part(timeline_phase(track, phase, 0), part), start_ns, end_ns);
}

static const struct thaw_track *only_track(const struct timeline_fixture *fixture)
{
    assert_int_equal(fixture->timeline->track_count, 1);
    return &fixture->timeline->tracks[0];
}

static void a_script_that_serves(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture, SERVER
                           "160 listen port=8000 family=2\n"
                           "500 accept connection=1 port=8000 idle_since_ns=170 busy_ns=5000000\n"
                           "510 first.bytes connection=1 acceptor=1\n"
                           "530 first.bytes connection=1 acceptor=1 outgoing=1\n");
    track = only_track(&fixture);
    assert_true(track->answered);
    assert_string_equal(fixture.timeline->platform, "generic");
    assert_phase(timeline_phase(track, "worker", 0), 100, 120);
    assert_phase(timeline_phase(track, "import", 0), 120, 150);
    assert_phase(timeline_phase(track, "ready", 0), 150, 170);
    assert_part(track, "ready", "ready.listen", 150, 160);
    assert_phase(timeline_phase(track, "pool", 0), 170, 500);
    assert_false(timeline_phase(track, "pool", 0)->counted);
    assert_string_equal(timeline_phase(track, "pool", 0)->evidence[0],
                        "waits for a connection (busy for 5.0 ms of it)");
    assert_phase(timeline_phase(track, "first-invocation", 0), 500, 530);
    assert_part(track, "first-invocation", "first-invocation.receive", 500, 510);
    assert_part(track, "first-invocation", "first-invocation.handle", 510, 530);
    assert_int_equal(track->total_ns, 70 + 30);
    assert_int_equal(track->unattributed_ns, 0);
    timeline_fixture_free(&fixture);
}

/* Two are forked, one answers: it is the track, the other one is no more than a process. */
static void prefork(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_timeline_process *worker;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(
        &fixture, ARBITER LISTEN
        "210 process.fork pid=2 tid=2 parent=1\n"
        "220 process.fork pid=3 tid=3 parent=1\n" APP(2, 230, 260)
            APP(3, 235, 270) "300 accept pid=3 tid=3 connection=1 port=8000 idle_since_ns=275\n"
                             "310 first.bytes pid=3 tid=3 connection=1 acceptor=3\n"
                             "320 first.bytes pid=3 tid=3 connection=1 acceptor=3 outgoing=1\n");
    track = only_track(&fixture);
    assert_phase(timeline_phase(track, "host", 0), 100, 220);
    assert_part(track, "host", "host.interpreter", 100, 120);
    assert_part(track, "host", "host.imports", 120, 200);
    assert_part(track, "host", "host.spawn", 200, 220);
    assert_phase(timeline_phase(track, "worker", 0), 220, 235);
    assert_phase(timeline_phase(track, "import", 0), 235, 270);
    assert_string_equal(timeline_phase(track, "import", 0)->evidence[0], "execute wsgi");
    assert_phase(timeline_phase(track, "ready", 0), 270, 275);
    assert_phase(timeline_phase(track, "pool", 0), 275, 300);
    assert_int_equal(track->total_ns, 320 - 100 - 25);
    assert_string_equal(timeline_process(&fixture, 1, 0)->role, "host");
    assert_string_equal(timeline_process(&fixture, 2, 0)->role, "process");
    worker = timeline_process(&fixture, 3, 0);
    assert_string_equal(worker->role, "worker");
    assert_string_equal(worker->platform, "generic");
    assert_int_equal(worker->signs.count, 2);
    assert_string_equal(worker->signs.items[0], "gunicorn in argv");
    assert_string_equal(worker->signs.items[1], "accepts on 8000");
    assert_int_equal(timeline_process(&fixture, 1, 0)->signs.count, 2);
    timeline_fixture_free(&fixture);
}

/* The app is imported before the fork: in the host's part, and said to be. */
static void preload(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;
    const struct thaw_phase *host;

    (void)state;
    timeline_fixture_build(&fixture, ARBITER APP(1, 150, 190) LISTEN
                           "210 process.fork pid=2 tid=2 parent=1\n"
                           "300 accept pid=2 tid=2 connection=1 port=8000 idle_since_ns=215\n"
                           "310 first.bytes pid=2 tid=2 connection=1 acceptor=2\n"
                           "320 first.bytes pid=2 tid=2 connection=1 acceptor=2 outgoing=1\n");
    track = only_track(&fixture);
    host = timeline_phase(track, "host", 0);
    assert_phase(host, 100, 210);
    assert_part(track, "host", "host.imports", 120, 150);
    assert_part(track, "host", "host.import", 150, 190);
    assert_part(track, "host", "host.listen", 190, 200);
    assert_string_equal(timeline_part(host, "host.import")->evidence[0],
                        "execute wsgi, before the fork");
    assert_phase(timeline_phase(track, "worker", 0), 210, 215);
    assert_phase(timeline_phase(track, "pool", 0), 215, 300);
    assert_int_equal(track->phase_count, 4);
    assert_int_equal(track->unattributed_ns, 0);
    timeline_fixture_free(&fixture);
}

/* A connection that nothing comes of, as of a probe, and a slow one: the first reply decides. */
static void the_first_reply_decides(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture, SERVER "160 listen port=8000 family=2\n"
                                            "200 accept connection=1 port=8000\n"
                                            "300 accept connection=2 port=8000\n"
                                            "305 first.bytes connection=2 acceptor=1\n"
                                            "310 accept connection=3 port=8000\n"
                                            "315 first.bytes connection=3 acceptor=1\n"
                                            "320 first.bytes connection=3 acceptor=1 outgoing=1\n"
                                            "400 first.bytes connection=2 acceptor=1 outgoing=1\n");
    track = only_track(&fixture);
    assert_phase(timeline_phase(track, "first-invocation", 0), 310, 320);
    /* Since when it waited is not known: then all up to the connection counts. */
    assert_phase(timeline_phase(track, "ready", 0), 150, 310);
    assert_int_equal(track->end_ns, 320);
    timeline_fixture_free(&fixture);
}

/* A forking server: a child goes on with what its parent accepted. */
static void a_child_answers_for_its_parent(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture,
                           SERVER "160 listen port=8000 family=2\n"
                                  "300 accept connection=1 port=8000 idle_since_ns=170\n"
                                  "310 process.fork pid=2 tid=2 parent=1\n"
                                  "320 first.bytes pid=2 tid=2 connection=1 acceptor=1\n"
                                  "330 first.bytes pid=2 tid=2 connection=1 acceptor=1 outgoing=1\n"
                                  /* nobody accepted that */
                                  "340 first.bytes pid=2 tid=2 connection=7 acceptor=2 outgoing=1\n"
                                  "350 first.bytes pid=2 tid=2 connection=1 acceptor=77\n");
    track = only_track(&fixture);
    assert_int_equal(track->process, 1);
    assert_int_equal(track->end_ns, 330);
    timeline_fixture_free(&fixture);
}

static void who_talks_to_itself_serves_nobody(void **state)
{
    static const char *const clients[] = {"1", "9", "2"}; /* itself, above it, below it */
    struct timeline_fixture fixture;
    char lines[2048];

    (void)state;
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
        snprintf(lines, sizeof(lines),
                 "50 process.exec pid=9 tid=9 executable=\"/bin/sh\"\n"
                 "60 process.fork pid=1 parent=9\n" SERVER "155 process.fork pid=2 tid=2 parent=1\n"
                 "160 listen port=8000 family=2\n"
                 "300 accept connection=1 port=8000 local=1\n"
                 "310 first.bytes connection=1 acceptor=1 peer=%s\n"
                 "320 first.bytes connection=1 acceptor=1 peer=%s outgoing=1\n",
                 clients[i], clients[i]);
        timeline_fixture_build(&fixture, lines);
        assert_string_equal(fixture.timeline->platform, "");
        assert_false(only_track(&fixture)->answered);
        assert_int_equal(only_track(&fixture)->end_ns, 160); /* it listens */
        timeline_fixture_free(&fixture);
    }
}

static void a_sibling_is_a_client(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, "50 process.exec pid=9 tid=9 executable=\"/bin/sh\"\n"
                                     "60 process.fork pid=1 parent=9\n" SERVER
                                     "70 process.fork pid=2 tid=2 parent=9\n"
                                     "300 accept connection=1 port=8000 local=1\n"
                                     "310 first.bytes connection=1 acceptor=1 peer=2\n"
                                     "320 first.bytes connection=1 acceptor=1 peer=2 outgoing=1\n");
    assert_true(only_track(&fixture)->answered);
    assert_string_equal(timeline_process(&fixture, 9, 0)->role, "process"); /* no Python */
    assert_int_equal(only_track(&fixture)->start_ns, 60);
    timeline_fixture_free(&fixture);
}

/* What follows a TLS handshake can't be told from it: there is no reply. */
static void an_encrypted_connection_has_no_reply(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture,
                           SERVER "160 listen port=8000 family=2\n"
                                  "300 accept connection=1 port=8000 idle_since_ns=170\n"
                                  "310 first.bytes connection=1 acceptor=1 encrypted=1\n");
    track = only_track(&fixture);
    assert_false(track->answered);
    assert_int_equal(track->end_ns, 310);
    assert_int_equal(fixture.timeline->not_visible_count, 1);
    assert_string_equal(fixture.timeline->not_visible[0].what, "the first reply");
    timeline_fixture_free(&fixture);
}

static void a_server_that_never_answers(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(&fixture, SERVER "160 listen port=8000 family=2\n"
                                            "300 accept connection=1 port=8000 idle_since_ns=170\n"
                                            "310 first.bytes connection=1 acceptor=1\n"
                                            "900 process.exit signal=9\n");
    track = only_track(&fixture);
    assert_false(track->answered);
    assert_phase(timeline_phase(track, "first-invocation", 0), 300, 900);
    assert_string_equal(timeline_phase(track, "first-invocation", 0)->evidence[1], "killed 1");
    timeline_fixture_free(&fixture);
}

/* An app that is imported by its first request, as some frameworks do. */
static void a_late_import(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;

    (void)state;
    timeline_fixture_build(
        &fixture, ARBITER LISTEN
        "210 process.fork pid=2 tid=2 parent=1\n"
        "300 accept pid=2 tid=2 connection=1 port=8000 idle_since_ns=215\n"
        "310 first.bytes pid=2 tid=2 connection=1 acceptor=2\n" APP(
            2, 320, 350) "360 first.bytes pid=2 tid=2 connection=1 acceptor=2 outgoing=1\n");
    track = only_track(&fixture);
    assert_phase(timeline_phase(track, "first-invocation", 0), 300, 320);
    assert_phase(timeline_phase(track, "import", 0), 320, 350);
    assert_phase(timeline_phase(track, "first-invocation", 1), 350, 360);
    timeline_fixture_free(&fixture);
}

/* In a platform's recording its own messages tell; a server beside it is none. */
static void a_platform_goes_first(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, SERVER "152 process.fork pid=2 tid=2 parent=1\n"
                                            "153 process.role pid=2 tid=2 role=\"worker\" "
                                            "platform=\"azure_functions\"\n"
                                            "160 listen port=8000 family=2\n"
                                            "300 accept connection=1 port=8000\n"
                                            "310 first.bytes connection=1 acceptor=1\n"
                                            "320 first.bytes connection=1 acceptor=1 outgoing=1\n");
    assert_string_equal(fixture.timeline->platform, "azure_functions");
    assert_string_equal(timeline_process(&fixture, 1, 0)->role, "host");
    assert_int_equal(only_track(&fixture)->process, 2);
    assert_false(only_track(&fixture)->answered);
    timeline_fixture_free(&fixture);
}

/* A host that listens before it reads its configuration, and reads on: nothing is made up of the
 * time in between, and what comes after its first worker, or is another process's, is none of it.
 */
static void a_host_by_its_files(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_track *track;
    const struct thaw_phase *host;

    (void)state;
    timeline_fixture_build(&fixture,
                           "1 session.begin command=[\"func\"] directory=\"/\"\n"
                           "90 host.file pid=9 tid=9 file=\"host.json\"\n" /* before its exec */
                           "100 process.exec pid=9 tid=9 executable=\"/func\"\n"
                           "110 host.file pid=9 tid=9 file=\"libhostfxr.so\"\n"
                           "120 host.file pid=9 tid=9 file=\"libcoreclr.so\"\n"
                           "130 listen pid=9 tid=9 port=5000 family=2\n"
                           "140 host.file pid=9 tid=9 file=\"worker.config.json\"\n"
                           "150 host.file pid=9 tid=9 file=\"host.json\"\n"
                           "155 host.file pid=9 tid=9 file=\"unknown\"\n"
                           "200 process.fork parent=9\n"
                           "210 process.role role=\"worker\" platform=\"azure_functions\"\n"
                           "220 host.file file=\"bundle.json\"\n"
                           "230 host.file pid=9 tid=9 file=\"bundle.json\"\n"
                           "310 message type=\"StartStream\" outgoing=1\n"
                           "400 message type=\"InvocationRequest\" invocation_id=\"i\"\n"
                           "450 message type=\"InvocationResponse\" invocation_id=\"i\"\n");
    track = only_track(&fixture);
    host = timeline_phase(track, "host", 0);
    assert_part(track, "host", "host.runtime", 100, 120);
    assert_part(track, "host", "host.start", 120, 130);
    assert_part(track, "host", "host.configuration", 140, 200);
    assert_string_equal(timeline_part(host, "host.configuration")->evidence[0],
                        "open worker.config.json");
    assert_null(timeline_part(host, "host.spawn"));
    assert_null(timeline_part(host, "host.bundle"));
    assert_int_equal(host->child_count, 3);
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_that_serves),
        cmocka_unit_test(prefork),
        cmocka_unit_test(preload),
        cmocka_unit_test(the_first_reply_decides),
        cmocka_unit_test(a_child_answers_for_its_parent),
        cmocka_unit_test(who_talks_to_itself_serves_nobody),
        cmocka_unit_test(a_sibling_is_a_client),
        cmocka_unit_test(an_encrypted_connection_has_no_reply),
        cmocka_unit_test(a_server_that_never_answers),
        cmocka_unit_test(a_late_import),
        cmocka_unit_test(a_platform_goes_first),
        cmocka_unit_test(a_host_by_its_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
