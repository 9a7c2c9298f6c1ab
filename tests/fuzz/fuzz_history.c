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
#include "store/history.h"
#include "trend/trend.h"

/* Any bytes as the file of a history: refused in one line, or read whole and shown in each form.
 * The file is left as it was. */
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
        snprintf(path, sizeof(path), "/tmp/thaw-fuzz-history-%d", (int)getpid());
        atexit(remove_file);
    }
    remove_file();
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    demand(fd >= 0 && !thaw_write_whole(fd, (const char *)data, size));
    close(fd);
}

static void check_file(const uint8_t *data, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *bytes = NULL;
    size_t length = 0;

    demand(fd >= 0 && !thaw_read_at_most(fd, size, &bytes, &length));
    close(fd);
    demand(length == size && !memcmp(bytes, data, size));
    free(bytes);
}

static void check_history(const struct thaw_history *history)
{
    for (size_t i = 0; i < history->entries.count; i++) {
        const struct thaw_history_entry *entry = &history->entries.items[i];

        demand(entry->time_ns >= 0 && entry->value_count <= THAW_HISTORY_VALUES_MAX);
        demand(!i || history->entries.items[i - 1].time_ns <= entry->time_ns);
        for (size_t j = 0; j < entry->value_count; j++) {
            const struct thaw_history_value *value = &entry->values[j];

            demand(value->count <= THAW_HISTORY_SAMPLES_MAX);
            demand(strlen(value->metric) <= THAW_HISTORY_TEXT_MAX);
            for (size_t k = 0; k < value->count; k++)
                demand(value->samples[k] >= 0 && value->samples[k] <= THAW_HISTORY_SAMPLE_MAX);
        }
    }
}

static void show(const struct thaw_history *history, const struct thaw_history_question *question)
{
    json_t *trend = NULL;
    FILE *stream = fopen("/dev/null", "w");

    demand(stream && !thaw_trend_build(history, path, question, &trend, NULL));
    for (const struct thaw_report_format *row = thaw_trend_formats(); row->name; row++)
        demand(!row->write(trend, &(struct thaw_report_options){.width = 80}, stream, NULL));
    fclose(stream);
    json_decref(trend);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_history_question question = {0};
    struct thaw_database *database = NULL;
    struct thaw_history history = {0};
    struct thaw_error error = {0};
    int code;

    write_file(data, size);
    code = thaw_database_open(path, false, &database, &error);
    if (!code)
        code = thaw_history_read(database, &question, &history, &error);
    demand(!code || (error.code == code && *error.message && !strchr(error.message, '\n')));
    if (!code) {
        check_history(&history);
        show(&history, &question);
    }
    thaw_history_free(&history);
    thaw_database_close(database);
    check_file(data, size);
    return 0;
}
