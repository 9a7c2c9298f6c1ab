/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/requests.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output.h"

#define JSON_FORMAT "json"

bool thaw_requests_pair(const char *command, const struct thaw_option_texts *formats,
                        const struct thaw_option_texts *outputs, bool json, const char *usual,
                        struct thaw_requests *ret)
{
    ret->count = formats->count > 1 ? formats->count : 1;
    if (outputs->count > ret->count || (formats->count > 1 && outputs->count < formats->count)) {
        thaw_complain(command,
                      "there are %zu -f and %zu -o: each of several takes one of the other",
                      formats->count, outputs->count);
        return false;
    }
    for (size_t i = 0; i < ret->count; i++) {
        struct thaw_request *request = &ret->items[i];

        request->path = i < outputs->count ? outputs->items[i] : NULL;
        request->format = i < formats->count ? formats->items[i] : json ? JSON_FORMAT : usual;
        if (json && strcmp(request->format, JSON_FORMAT) != 0) {
            thaw_complain(command, "--json and -f %s exclude each other", request->format);
            return false;
        }
    }
    return true;
}

bool thaw_requests_are_apart(const char *command, const struct thaw_requests *requests,
                             const char *const *inputs, size_t count)
{
    for (size_t i = 0; i < requests->count; i++) {
        const char *path = requests->items[i].path;

        for (size_t n = 0; n < count; n++) {
            if (!thaw_output_is_same(path, inputs[n]))
                continue;
            thaw_complain(command, "-o %s would overwrite what is read; give it another name",
                          path);
            return false;
        }
        for (size_t n = 0; n < i; n++) {
            if (!thaw_output_is_same(path, requests->items[n].path))
                continue;
            thaw_complain(command, "-o %s is given twice; each form needs a file of its own", path);
            return false;
        }
    }
    return true;
}

static int look_at_folder(const char *path)
{
    char *copy = strdup(path);
    int code = copy ? 0 : -ENOMEM;

    if (copy && euidaccess(dirname(copy), W_OK | X_OK) < 0)
        code = -errno;
    free(copy);
    return code;
}

bool thaw_requests_have_room(const char *command, const struct thaw_requests *requests)
{
    for (size_t i = 0; i < requests->count; i++) {
        const char *path = requests->items[i].path;
        int code;

        /* What is there already may be a pipe, or a file in a folder of somebody else's. */
        if (!path || !strcmp(path, "-") || euidaccess(path, W_OK) == 0)
            continue;
        code = look_at_folder(path);
        if (!code)
            continue;
        thaw_complain(command, "-o %s can't be written: its folder: %s", path, strerror(-code));
        return false;
    }
    return true;
}
