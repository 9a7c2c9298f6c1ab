/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_READ_REPORT_H
#define THAW_REPORT_READ_REPORT_H

#include <stddef.h>

#include <jansson.h>

#include "thaw/error.h"

/*
 * Reports that come back from outside, written by this program or a newer one, or by anybody. What
 * a comparison reads of them has the types that reports/schema/thaw-report-1.schema.json gives it;
 * keys that are not known are let be. Bounds: 64 MiB, 3,000,000 values, jansson's depth.
 */

/*
 * The report of so many bytes; name is what error lines call it. The caller owns *ret
 * (json_decref). -EINVAL: it is no report, or a broken one; -EFBIG; -ENOMEM.
 */
int thaw_report_read(const char *name, const char *bytes, size_t length, json_t **ret,
                     struct thaw_error *error);

/* The same of a regular file, which is not waited for; also what open(2) and read(2) fail with. */
int thaw_report_read_file(const char *path, json_t **ret, struct thaw_error *error);

/*
 * 1: a regular file whose first character is the '{' of JSON; 0: anything else, or nothing that can
 * be opened.
 */
int thaw_report_is_file(const char *path);

#endif
