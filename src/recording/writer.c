/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording/encode.h"
#include "recording/file.h"
#include "recording/kinds.h"
#include "thaw/recording.h"

/* A chunk is written when its records reach this size. */
#define CHUNK_BYTES 65536U

struct thaw_recording_writer {
    int descriptor;
    uint64_t offset; /* end of what is valid in the file; the next chunk goes here */
    uint32_t sequence;
    struct thaw_encoder pending;
    struct thaw_error failure;       /* the first failed write; the recording ends before it */
    struct thaw_recording_sink sink; /* takes the events instead; event NULL: there is a file */
    char path[];
};

/* Writes all of bytes at the offset, or takes back what was written and says why. */
static int write_all(struct thaw_recording_writer *writer, const unsigned char *bytes,
                     size_t length, struct thaw_error *error)
{
    size_t done = 0;

    while (done < length) {
        ssize_t written =
            pwrite(writer->descriptor, bytes + done, length - done, writer->offset + done);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            int code = written < 0 ? -errno : -EIO;

            /* When even this fails, a reader finds a chunk cut short: nothing more is lost. */
            (void)!ftruncate(writer->descriptor, (off_t)writer->offset);
            return thaw_error_system(error, code,
                                     "%s: cannot write the recording, it ends at byte %llu",
                                     writer->path, (unsigned long long)writer->offset);
        }
        done += (size_t)written;
    }
    writer->offset += length;
    return 0;
}

static int failure_of(const struct thaw_recording_writer *writer, struct thaw_error *error)
{
    if (writer->failure.code && error)
        *error = writer->failure;
    return writer->failure.code;
}

/* Only a missing or a plain file may stand at path: rename would replace a link or a device. */
static int check_target(const char *path, struct thaw_error *error)
{
    struct stat status;

    if (lstat(path, &status) < 0)
        return errno == ENOENT
                   ? 0
                   : thaw_error_system(error, -errno, "%s: cannot create the recording", path);
    if (S_ISLNK(status.st_mode))
        return thaw_error_set(error, -ELOOP, "%s: is a symbolic link; name the file itself", path);
    if (!S_ISREG(status.st_mode))
        return thaw_error_set(error, -EINVAL, "%s: not a regular file; a recording needs one",
                              path);
    return 0;
}

/* The error of the system call just made; the same words for each of them. */
static int creation_error(const struct thaw_recording_writer *writer, struct thaw_error *error)
{
    return thaw_error_system(error, -errno, "%s: cannot create the recording", writer->path);
}

/* temporary is "…/.thaw-XXXXXX" in the folder of the path, to be filled in by mkostemp(3). */
static int create_with_header(struct thaw_recording_writer *writer, char *temporary,
                              struct thaw_error *error)
{
    unsigned char header[THAW_FILE_HEADER_BYTES];
    int result;

    writer->descriptor = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
    if (writer->descriptor < 0)
        return creation_error(writer, error);
    thaw_file_put_header(header, THAW_RECORDING_VERSION);
    result = write_all(writer, header, sizeof(header), error);
    if (result == 0 && rename(temporary, writer->path) < 0)
        result = creation_error(writer, error);
    if (result < 0)
        unlink(temporary);
    return result;
}

/*
 * The file has a temporary name only until its header is in. So an older recording is replaced
 * when the new one can be written and not before, whoever reads the old one keeps it, and no file
 * that someone else put there (thaw often runs as root) is ever written to.
 */
static int create_file(struct thaw_recording_writer *writer, struct thaw_error *error)
{
    static const char name[] = ".thaw-XXXXXX";
    const char *slash = strrchr(writer->path, '/');
    size_t folder = slash ? (size_t)(slash - writer->path) + 1 : 0;
    char *temporary;
    int result;

    result = check_target(writer->path, error);
    if (result < 0)
        return result;
    temporary = malloc(folder + sizeof(name));
    if (!temporary)
        return thaw_error_memory(error);
    memcpy(temporary, writer->path, folder);
    memcpy(temporary + folder, name, sizeof(name));
    result = create_with_header(writer, temporary, error);
    free(temporary);
    return result;
}

static void writer_free(struct thaw_recording_writer *writer)
{
    if (writer->descriptor >= 0)
        close(writer->descriptor);
    thaw_encode_free(&writer->pending);
    free(writer);
}

int thaw_recording_writer_open(const char *path, struct thaw_recording_writer **ret,
                               struct thaw_error *error)
{
    size_t size = strlen(path) + 1;
    struct thaw_recording_writer *writer = calloc(1, sizeof(*writer) + size);
    int result;

    if (!writer)
        return thaw_error_memory(error);
    writer->descriptor = -1;
    memcpy(writer->path, path, size);
    result = thaw_encode_begin(&writer->pending, THAW_FILE_CHUNK_HEAD_BYTES, error);
    if (result == 0)
        result = create_file(writer, error);
    if (result < 0)
        writer_free(writer);
    else
        *ret = writer;
    return result;
}

int thaw_recording_writer_to(const struct thaw_recording_sink *sink,
                             struct thaw_recording_writer **ret, struct thaw_error *error)
{
    struct thaw_recording_writer *writer = calloc(1, sizeof(*writer) + 1);

    if (!writer)
        return thaw_error_memory(error);
    writer->descriptor = -1;
    writer->sink = *sink;
    *ret = writer;
    return 0;
}

static int write_chunk(struct thaw_recording_writer *writer, uint32_t magic,
                       struct thaw_error *error)
{
    struct thaw_encoder *pending = &writer->pending;
    struct thaw_file_chunk chunk = {
        .magic = magic,
        .length = (uint32_t)(pending->length - THAW_FILE_CHUNK_HEAD_BYTES),
        .records = pending->records,
        .sequence = writer->sequence,
    };
    int result;

    thaw_file_put_chunk(pending->bytes, &chunk, pending->bytes + THAW_FILE_CHUNK_HEAD_BYTES);
    /* An error once is an error for good: events after a gap would pass for a whole recording. */
    result = write_all(writer, pending->bytes, pending->length, &writer->failure);
    if (result < 0)
        return failure_of(writer, error);
    writer->sequence++;
    return thaw_encode_begin(pending, THAW_FILE_CHUNK_HEAD_BYTES, error);
}

int thaw_recording_writer_flush(struct thaw_recording_writer *writer, struct thaw_error *error)
{
    if (writer->failure.code || writer->pending.records == 0)
        return failure_of(writer, error);
    return write_chunk(writer, THAW_FILE_CHUNK_MAGIC, error);
}

/* Texts that whoever made the event left out are "", as a reader of the file has them. */
static int tell_sink(struct thaw_recording_writer *writer, const struct thaw_event *event,
                     struct thaw_error *error)
{
    const struct thaw_kind *kind = thaw_kinds_by_number(event->kind);
    struct thaw_event whole;

    for (size_t i = 0; kind && i < kind->count; i++) {
        const struct thaw_field *field = &kind->fields[i];

        if (field->type != THAW_FIELD_TEXT || *thaw_field_text(field, event))
            continue;
        if (event != &whole) {
            whole = *event;
            event = &whole;
        }
        *thaw_field_text(field, &whole) = "";
    }
    return writer->sink.event(writer->sink.context, event, error);
}

int thaw_recording_writer_append(struct thaw_recording_writer *writer,
                                 const struct thaw_event *event, struct thaw_error *error)
{
    int result = failure_of(writer, error);

    if (writer->sink.event)
        return tell_sink(writer, event, error);
    if (result == 0)
        result = thaw_encode_event(&writer->pending, event, error);
    if (result == 0 && writer->pending.length >= CHUNK_BYTES)
        result = thaw_recording_writer_flush(writer, error);
    return result;
}

int thaw_recording_writer_descriptor(const struct thaw_recording_writer *writer)
{
    return writer->descriptor;
}

int thaw_recording_writer_close(struct thaw_recording_writer *writer, struct thaw_error *error)
{
    int result;

    if (!writer)
        return 0;
    if (writer->sink.event) {
        writer_free(writer);
        return 0;
    }
    result = thaw_recording_writer_flush(writer, error);
    if (result == 0)
        result = write_chunk(writer, THAW_FILE_CLOSE_MAGIC, error);
    /* File systems on a network may tell only now that there was no room. */
    if (close(writer->descriptor) < 0 && errno != EINTR && result == 0)
        result = thaw_error_system(error, -errno, "%s: cannot write the recording", writer->path);
    writer->descriptor = -1;
    writer_free(writer);
    return result;
}
