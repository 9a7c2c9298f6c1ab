/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording/memory.h"
#include "recording/order.h"
#include "recording/reader.h"
#include "recording/text_form.h"

/* A file's bytes. They are read, not mapped: a file cut while it is mapped would be a SIGBUS. */
struct contents {
    unsigned char *bytes;
    size_t length;
    size_t capacity;
    int failure; /* negative errno: reading stopped there */
};

struct thaw_recording *thaw_recording_new(void)
{
    struct thaw_recording *recording = calloc(1, sizeof(*recording));

    if (!recording)
        return NULL;
    recording->memory = calloc(1, sizeof(*recording->memory));
    if (recording->memory)
        return recording;
    free(recording);
    return NULL;
}

void thaw_recording_free(struct thaw_recording *recording)
{
    if (!recording)
        return;
    thaw_array_free(&recording->memory->events);
    thaw_arena_free(&recording->memory->arena);
    free(recording->memory);
    free(recording);
}

static int recording_fill(struct thaw_recording *recording, const void *bytes, size_t length,
                          struct thaw_error *error)
{
    struct thaw_recording_memory *memory = recording->memory;
    int result;

    if (thaw_reader_is_binary(bytes, length))
        result = thaw_reader_read(bytes, length, recording, error);
    else
        result = thaw_text_form_read(bytes, length, recording, error);
    if (result < 0)
        return result;
    if (thaw_order_events(memory->events.items, memory->events.count) < 0)
        return thaw_error_memory(error);
    recording->events = memory->events.items;
    recording->count = memory->events.count;
    return 0;
}

int thaw_recording_parse(const void *bytes, size_t length, struct thaw_recording **ret,
                         struct thaw_error *error)
{
    struct thaw_recording *recording;
    int result;

    if (!thaw_reader_is_binary(bytes, length) && !thaw_text_form_is(bytes, length))
        return thaw_error_set(error, -EBADMSG, "not a recording (%s); `thaw record` makes one",
                              length ? "it begins otherwise" : "it is empty");
    recording = thaw_recording_new();
    if (!recording)
        return thaw_error_memory(error);
    result = recording_fill(recording, bytes, length, error);
    if (result < 0)
        thaw_recording_free(recording);
    else
        *ret = recording;
    return result;
}

static int contents_grow(struct contents *contents, size_t hint)
{
    size_t wanted = contents->capacity ? contents->capacity * 2 : hint;
    unsigned char *grown;

    if (wanted <= contents->capacity)
        return -ENOMEM;
    grown = realloc(contents->bytes, wanted);
    if (!grown)
        return -ENOMEM;
    contents->bytes = grown;
    contents->capacity = wanted;
    return 0;
}

/* Whether reading on is of use: /dev/zero has no end. */
static bool may_be_recording(const struct contents *contents)
{
    return thaw_reader_is_binary(contents->bytes, contents->length) ||
           thaw_text_form_is((const char *)contents->bytes, contents->length);
}

/* Reads to the end, or to where it can't: contents->failure. Returns -ENOMEM or 0. */
static int contents_read(struct contents *contents, int descriptor, size_t hint)
{
    for (;;) {
        ssize_t taken;

        if (contents->length == contents->capacity && contents_grow(contents, hint) < 0)
            return -ENOMEM;
        taken = read(descriptor, contents->bytes + contents->length,
                     contents->capacity - contents->length);
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken < 0)
            contents->failure = -errno;
        if (taken <= 0)
            return 0;
        contents->length += (size_t)taken;
        if (!may_be_recording(contents))
            return 0;
    }
}

static int load_contents(struct contents *contents, const char *path, struct thaw_error *error)
{
    struct stat status;
    size_t hint = 65536;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    int result;

    if (descriptor < 0)
        return thaw_error_system(error, -errno, "%s: cannot be read", path);
    /* One byte more than the size, so that the end is seen without growing. */
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
        hint = (size_t)status.st_size + 1;
    result = contents_read(contents, descriptor, hint);
    close(descriptor);
    if (result < 0)
        return thaw_error_memory(error);
    if (contents->failure && !thaw_reader_is_binary(contents->bytes, contents->length))
        return thaw_error_system(error, contents->failure, "%s: cannot be read", path);
    return 0;
}

int thaw_recording_load(const char *path, struct thaw_recording **ret, struct thaw_error *error)
{
    struct contents contents = {0};
    struct thaw_error cause = {0};
    int result = load_contents(&contents, path, error);

    if (result == 0) {
        result = thaw_recording_parse(contents.bytes, contents.length, ret, &cause);
        if (result < 0)
            thaw_error_set(error, result, "%s: %s", path, cause.message);
        else if (contents.failure && !(*ret)->finished)
            snprintf((*ret)->defect, sizeof((*ret)->defect), "byte %zu: cannot be read: %s",
                     contents.length, strerror(-contents.failure));
    }
    free(contents.bytes);
    return result;
}
