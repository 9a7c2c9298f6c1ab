/* SPDX-License-Identifier: Apache-2.0 */
#include "shipped/editable.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SCHEME "file://"

static int digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

const char *thaw_editable_place(struct thaw_arena *arena, const char *url)
{
    size_t scheme = strlen(FILE_SCHEME), length = 0;
    char *place;

    if (strncmp(url, FILE_SCHEME, scheme) != 0)
        return thaw_arena_string(arena, url);
    place = thaw_arena_allocate(arena, strlen(url + scheme) + 1);
    if (!place)
        return NULL;
    for (const char *from = url + scheme; *from; from++) {
        int high = *from == '%' ? digit(from[1]) : -1;
        int low = high >= 0 ? digit(from[2]) : -1;

        if (low >= 0 && high * 16 + low) {
            place[length++] = (char)(high * 16 + low);
            from += 2;
        } else {
            place[length++] = *from;
        }
    }
    place[length] = '\0';
    return place;
}

static bool is_within(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    while (length && folder[length - 1] == '/')
        length--;
    return strncmp(path, folder, length) == 0 && (!path[length] || path[length] == '/');
}

/* Paths are compared as the system resolves them: a link may lead to the target. */
static bool is_within_resolved(const char *path, const char *folder)
{
    char *whole = realpath(folder, NULL), *place = realpath(path, NULL);
    bool is = whole && (is_within(path, whole) || (place && is_within(place, whole)));

    free(whole);
    free(place);
    return is;
}

bool thaw_editable_is_outside(const struct thaw_shipped *shipped, const char *place)
{
    const struct thaw_shipped_options *options = shipped->memory->options;

    if (*place != '/')
        return true; /* a URL */
    if (strcmp(shipped->kind, "container-root") == 0)
        return false; /* it is that container's path */
    if (options->folders) {
        for (size_t i = 0; options->folders[i]; i++) {
            if (is_within(place, options->folders[i]))
                return false;
        }
        return true;
    }
    return !is_within_resolved(place, options->target);
}
