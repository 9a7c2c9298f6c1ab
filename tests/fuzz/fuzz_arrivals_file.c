/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trend/arrivals_file.h"

/* Any bytes as a file of requests: refused in one line that names where, or each request is in a
 * row, and rows say no more than there is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

static void check_app(const struct thaw_arrivals_file_app *app)
{
    uint64_t requests = 0;

    demand(*app->name && app->rows.count && app->timed <= app->requests);
    for (size_t i = 0; i < app->rows.count; i++) {
        const struct thaw_arrivals *row = &app->rows.items[i];

        demand(row->from_unix_ns % (int64_t)THAW_ARRIVALS_NS == 0);
        demand(!i || row->from_unix_ns > row[-1].from_unix_ns);
        demand(row->most_all >= 1 && row->most_all <= app->requests);
        demand(row->busy_ns <= row->most_all * THAW_ARRIVALS_NS && !row->cold);
        requests += row->requests;
    }
    demand(requests == app->requests);
    demand(app->first_unix_ns > 0 && app->first_unix_ns <= app->last_unix_ns);
    demand(app->rows.items[0].from_unix_ns <= app->first_unix_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_arrivals_file file = {0};
    struct thaw_error error = {0};
    uint64_t requests = 0;
    int code = thaw_arrivals_file_parse((const char *)data, size, "f", &file, &error);

    if (code) {
        demand(error.code == code && !strncmp(error.message, "f:", 2) &&
               !strchr(error.message, '\n'));
    } else {
        for (const struct thaw_arrivals_file_app *app = file.apps; app; app = app->hh.next) {
            check_app(app);
            demand(thaw_arrivals_file_find(&file, app->name) == app);
            requests += app->requests;
        }
        demand(requests == file.requests);
    }
    thaw_arrivals_file_free(&file);
    return 0;
}
