/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_REQUESTS_H
#define THAW_CLI_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"

/* What a command is to write, by its -f and -o, which may be given several times. */
struct thaw_request {
    const char *format; /* its word; nobody has looked yet whether there is one */
    const char *path;   /* NULL: standard output */
};

struct thaw_requests {
    struct thaw_request items[THAW_OPTION_TEXTS_MOST];
    size_t count; /* 1 at least */
};

/*
 * Gives each -f its -o; json: --json was given; usual: the format where none is. Of one nothing
 * need be said of the other. False after a complaint of the command's.
 */
bool thaw_requests_pair(const char *command, const struct thaw_option_texts *formats,
                        const struct thaw_option_texts *outputs, bool json, const char *usual,
                        struct thaw_requests *ret);

/* Would writing overwrite what is read (count paths; NULL: none), or what is written? False after a
 * complaint. */
bool thaw_requests_are_apart(const char *command, const struct thaw_requests *requests,
                             const char *const *inputs, size_t count);

/* Are the folders there, and to be written to? Asked before what takes its time; what may still go
 * wrong shows when it is written. False after a complaint. */
bool thaw_requests_have_room(const char *command, const struct thaw_requests *requests);

#endif
