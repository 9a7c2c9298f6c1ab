/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
        snprintf(path, sizeof(path), "/tmp/thaw-fuzz-audit-store-%d", (int)getpid());
        atexit(remove_file);
    }
    remove_file();
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    demand(fd >= 0 && !thaw_write_whole(fd, (const char *)data, size));
    close(fd);
}

static void check_start(const struct thaw_start *start)
{
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
        demand(stored->arrivals.items[i].cold <= INT64_MAX);
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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
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
    return 0;
}
