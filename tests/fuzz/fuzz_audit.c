/* SPDX-License-Identifier: Apache-2.0 */
<<<<<<< HEAD
=======
#include <errno.h>
#include <fcntl.h>
>>>>>>> 247335410a4ac47967b2a74e027419124968c9c6
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
<<<<<<< HEAD

#include "audit/reduce.h"
#include "audit/starts.h"
#include "thaw/recording.h"

/*
 * A recording in either form, told event by event as the daemon is told of a machine: whatever it
 * holds, starts are within their bounds, add up, and leave nothing behind.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BYTES_MOST ((size_t)65536)

static void check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
=======
#include <unistd.h>

#include <jansson.h>

#include "base/read_whole.h"
#include "store/deliveries.h"
#include "store/starts.h"
#include "trend/fleet.h"

/* Any bytes as the store of an audit: refused in one line, or read whole and answered in each form;
 * what is queued in it likewise. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

static char path[64];

static void remove_file(void)
{
    char beside[80];

    unlink(path);
    for (int i = 0; i < 3; i++) {
        snprintf(beside, sizeof(beside), "%s%s", path,
                 ((const char *[]){"-wal", "-shm", "-journal"})[i]);
        unlink(beside);
    }
}

static void write_file(const uint8_t *data, size_t size)
{
    int fd;

    if (!*path) {
        snprintf(path, sizeof(path), "/tmp/thaw-fuzz-audit-%d", (int)getpid());
        atexit(remove_file);
    }
    remove_file();
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    demand(fd >= 0 && !thaw_write_whole(fd, (const char *)data, size));
    close(fd);
>>>>>>> 247335410a4ac47967b2a74e027419124968c9c6
}

static void check_start(const struct thaw_start *start)
{
<<<<<<< HEAD
    uint64_t counted_ns = start->unattributed_ns;

    for (size_t i = 0; i < start->phase_count; i++)
        counted_ns += start->phases[i].counted ? start->phases[i].ns : 0;
    check(counted_ns == start->total_ns, "counted phases and what is unattributed are the total");
    check(start->modules_failed <= start->modules, "modules that failed are modules");
    check(start->import_count <= 8 && start->import_count <= start->modules, "imports are few");
    for (size_t i = 0; i < start->import_count; i++)
        check(start->imports[i].parent <= i, "imports come behind what asked for them");
    check(start->complete == !*start->incomplete, "what is incomplete says why");
    check(!start->answered || !*start->ended, "what has answered did not end before");
}

static int take_over(void *context, const struct thaw_start_events *tree, struct thaw_error *error)
{
    struct thaw_reduction reduction;

    (void)context;
    check(tree->count >= 2, "a session has a begin and an end");
    if (thaw_reduce(tree, &(struct thaw_reduction_rules){.imports = 8}, &reduction, error) < 0)
        abort();
    for (size_t i = 0; i < reduction.starts.count; i++)
        check_start(&reduction.starts.items[i]);
    thaw_reduction_free(&reduction);
    return 0;
}

static void pass(void *context, uint32_t process)
{
    (void)context;
    (void)process;
}

static void feed(const struct thaw_recording *recording, enum thaw_starts_of of)
{
    struct thaw_starts_limits limits = thaw_starts_usual_limits;
    struct thaw_starts_calls calls = {NULL, take_over, pass, pass};
    struct thaw_starts *starts = NULL;
    struct thaw_starts_state state;

    limits.bytes = BYTES_MOST;
    limits.events = 200;
    limits.processes = 100;
    if (thaw_starts_open(of, &limits, &calls, &starts, NULL) < 0)
        abort();
    for (size_t i = 0; i < recording->count; i++) {
        if (thaw_starts_take(starts, &recording->events[i], NULL) < 0)
            abort();
        if (i % 8 == 0 && thaw_starts_tick(starts, recording->events[i].time_ns, NULL) < 0)
            abort();
        thaw_starts_state(starts, &state);
        check(state.bytes <= BYTES_MOST, "memory is within its bound");
    }
    if (thaw_starts_finish(starts, "thaw ended", NULL) < 0)
        abort();
    thaw_starts_state(starts, &state);
    check(!state.open && !state.bytes, "nothing is left");
    thaw_starts_free(starts);
=======
    size_t length = strlen(start->identity.app) + strlen(start->incomplete) + strlen(start->trace);

    demand(start->begin_unix_ns >= 0 && start->end_unix_ns >= 0);
    for (size_t i = 0; i < start->phase_count; i++)
        length += strlen(start->phases[i].name);
    for (size_t i = 0; i < start->import_count; i++) {
        length += strlen(start->imports[i].name);
        demand(start->imports[i].parent <= start->import_count);
    }
    demand(length < (size_t)1 << 30);
}

static void check_stored(const struct thaw_stored_starts *stored)
{
    for (size_t i = 0; i < stored->starts.count; i++) {
        check_start(&stored->starts.items[i]);
        demand(!i ||
               stored->starts.items[i - 1].end_unix_ns <= stored->starts.items[i].end_unix_ns);
    }
    for (size_t i = 0; i < stored->arrivals.count; i++)
        demand(stored->arrivals.items[i].cold <= stored->arrivals.items[i].requests);
}

static void show(const struct thaw_stored_starts *stored)
{
    const struct thaw_fleet_rules rules = {.file = path};
    FILE *stream = fopen("/dev/null", "w");
    json_t *fleet = NULL;

    demand(stream && !thaw_fleet_build(stored, &rules, &fleet, NULL));
    for (const struct thaw_report_format *row = thaw_fleet_formats(); row->name; row++)
        demand(!row->write(fleet, &(struct thaw_report_options){.width = 80}, stream, NULL));
    fclose(stream);
    json_decref(fleet);
}

static void check_line(int code, const struct thaw_error *error)
{
    demand(!code || (error->code == code && *error->message && !strchr(error->message, '\n')));
>>>>>>> 247335410a4ac47967b2a74e027419124968c9c6
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
<<<<<<< HEAD
    struct thaw_recording *recording = NULL;

    if (thaw_recording_parse(data, size, &recording, NULL) < 0)
        return 0;
    feed(recording, THAW_STARTS_OF_PLATFORMS);
    feed(recording, THAW_STARTS_OF_ALL);
    thaw_recording_free(recording);
=======
    const struct thaw_starts_question question = {.most = 1000};
    struct thaw_stored_deliveries deliveries = {0};
    struct thaw_stored_starts stored = {0};
    struct thaw_database *database = NULL;
    struct thaw_error error = {0};
    int code;

    write_file(data, size);
    code = thaw_database_open(path, false, &database, &error);
    if (!code)
        code = thaw_starts_read(database, &question, &stored, &error);
    check_line(code, &error);
    if (!code) {
        check_stored(&stored);
        show(&stored);
    }
    if (database) {
        error = (struct thaw_error){0};
        check_line(thaw_deliveries_first(database, 10, 1 << 20, &deliveries, &error), &error);
    }
    thaw_stored_deliveries_free(&deliveries);
    thaw_stored_starts_free(&stored);
    thaw_database_close(database);
>>>>>>> 247335410a4ac47967b2a74e027419124968c9c6
    return 0;
}
