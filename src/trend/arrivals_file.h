/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_ARRIVALS_FILE_H
#define THAW_TREND_ARRIVALS_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/table.h"
#include "thaw/error.h"
#include "thaw/start.h"

/*
 * Requests from a log, where thaw could not count them itself: CSV by RFC 4180, UTF-8, perhaps with
 * a byte order mark, lines ended by LF or CR LF, in any order:
 *
 *     time,app,seconds
 *     1795930590.25,orders,0.031
 *     2026-11-29T05:36:31Z,"tmp/orders",
 *
 * time is when the request came (request_time.h), app what thaw counts starts under (a ' that
 * report/csv_text.h put before it is taken away), seconds how long it took, empty where that is not
 * known; the column may be missing.
 *
 * Bounded: bytes, requests, a line, a name (as the store keeps them), apps, and rows.
 */
#define THAW_ARRIVALS_FILE_BYTES_MAX ((size_t)256 << 20)
#define THAW_ARRIVALS_FILE_REQUESTS_MAX 5000000
#define THAW_ARRIVALS_FILE_LINE_MAX 4096
#define THAW_ARRIVALS_FILE_APPS_MAX 10000
#define THAW_ARRIVALS_FILE_ROWS_MAX 4000000

typedef THAW_ARRAY(struct thaw_arrivals) thaw_arrivals_rows;

/* A request as a line tells it; seconds_ns < 0: not known. */
struct thaw_arrivals_file_request {
    int64_t unix_ns, seconds_ns;
};

struct thaw_arrivals_file_app {
    UT_hash_handle hh;
    const char *name;
    /*
     * By time, those in which a request came or was in flight. busy_ns is what of the requests was
     * in those 10 s; most_all the most in flight at once, 1 at least where one came: of a request
     * whose duration is not known no more is. What a log does not tell (cold, most_at_once,
     * processes, the limits) is 0.
     */
    thaw_arrivals_rows rows;
    uint64_t requests, timed;                                  /* of these with a duration */
    int64_t first_unix_ns, last_unix_ns;                       /* requests came */
    THAW_ARRAY(struct thaw_arrivals_file_request) in_progress; /* of reading; none afterwards */
};

struct thaw_arrivals_file {
    const char *name;
    struct thaw_arena arena;
    struct thaw_arrivals_file_app *apps; /* a table by name, in the order in which they came */
    uint64_t requests;
};

/*
 * name is what messages and answers call it, and is kept. Of a zeroed *ret, to be freed in either
 * case. 0, -EINVAL ("NAME:LINE: …", the first line that is wrong), -E2BIG, -ENOMEM, or what reading
 * fails with.
 */
int thaw_arrivals_file_read(int fd, const char *name, struct thaw_arrivals_file *ret,
                            struct thaw_error *error);
int thaw_arrivals_file_parse(const char *bytes, size_t length, const char *name,
                             struct thaw_arrivals_file *ret, struct thaw_error *error);
void thaw_arrivals_file_free(struct thaw_arrivals_file *file);

/* NULL: the file does not name it. */
const struct thaw_arrivals_file_app *thaw_arrivals_file_find(const struct thaw_arrivals_file *file,
                                                             const char *app);

/* Makes the rows of an app from its requests, which are put in order; *rows_left is what all apps
 * may still have. 0, -E2BIG or -ENOMEM, without words. */
int thaw_arrivals_file_rows(struct thaw_arrivals_file_app *app, size_t *rows_left);

#endif
