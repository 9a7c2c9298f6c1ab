/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_MOMENT_H
#define THAW_CLI_MOMENT_H

#include <stdint.h>

/*
 * A moment as --since takes it: so long ago ("7d", "90min", "2w", what thaw_options_duration()
 * takes), or a date or time of the local time zone, of UTC with a Z behind it: "2026-11-28",
 * "2026-11-28 23:14", "2026-11-28T23:14:05Z". UNIX time in ns; 0 or -EINVAL.
 */
int thaw_moment_parse(const char *text, int64_t now_unix_ns, int64_t *ret_unix_ns);

#endif
