/* SPDX-License-Identifier: Apache-2.0 */
#include "project/git_index.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/read_whole.h"

/* --- the index -------------------------------------------------------------------------------- */

#define HEADER_BYTES 12
#define STAT_BYTES 40 /* times, device, inode, mode, owners, size */
#define MODE_AT 24
#define NAME_LENGTH 0xfff /* of the flags: the length of the name, or that it is longer */
#define EXTENDED 0x4000

struct index {
    const unsigned char *bytes;
    size_t length, at;
    uint32_t version;
    size_t hash_bytes; /* 20 or 32: the index doesn't say which */
    char name[THAW_GIT_PATH_MAX + 1];
    size_t name_length;
};

static uint32_t number(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Files, links, submodules, and folders of a sparse index: what else stands there is no entry. */
static bool is_mode(uint32_t mode)
{
    return mode == 0100644 || mode == 0100755 || mode == 0100664 || mode == 0120000 ||
           mode == 0160000 || mode == 0040000;
}

/* How many bytes of the former name this one does not begin with (version 4), by the encoding of
 * offsets in packs: each further byte counts one more. */
static bool read_cut(struct index *index, size_t *ret)
{
    size_t value = 0;

    for (bool is_first = true; index->at < index->length; is_first = false) {
        unsigned char byte = index->bytes[index->at++];

        value = is_first ? byte & 0x7f : (value + 1) << 7 | (byte & 0x7f);
        if (value > THAW_GIT_PATH_MAX)
            return false;
        if (!(byte & 0x80)) {
            *ret = value;
            return true;
        }
    }
    return false;
}

static bool read_name(struct index *index, size_t begin, unsigned flags)
{
    const unsigned char *end;
    size_t cut = index->name_length, kept, length;

    if (index->version == 4 && (!read_cut(index, &cut) || cut > index->name_length))
        return false;
    kept = index->name_length - cut;
    end = memchr(index->bytes + index->at, '\0', index->length - index->at);
    length = end ? (size_t)(end - (index->bytes + index->at)) : 0;
    if (!end || kept + length == 0 || kept + length > THAW_GIT_PATH_MAX)
        return false;
    memcpy(index->name + kept, index->bytes + index->at, length + 1);
    index->name_length = kept + length;
    index->at += length + 1;
    /* Up to version 3 entries are filled up to whole eights of bytes. */
    if (index->version < 4)
        index->at = begin + (index->at - begin + 7) / 8 * 8;
    return index->at <= index->length &&
           (flags & NAME_LENGTH) ==
               (index->name_length < NAME_LENGTH ? index->name_length : NAME_LENGTH);
}

static bool read_entry(struct index *index)
{
    size_t begin = index->at, fixed = STAT_BYTES + index->hash_bytes + 2;
    const unsigned char *entry = index->bytes + begin;
    unsigned flags;

    if (fixed > index->length - begin || !is_mode(number(entry + MODE_AT)))
        return false;
    flags = (unsigned)entry[fixed - 2] << 8 | entry[fixed - 1];
    if (flags & EXTENDED) {
        if (index->version < 3)
            return false;
        fixed += 2;
    }
    if (fixed > index->length - begin)
        return false;
    index->at += fixed;
    return read_name(index, begin, flags);
}

/* With hashes of that length; all is read, so that what is found was in an index. */
static int find(const char *bytes, size_t length, size_t hash_bytes, const char *path)
{
    struct index index = {
        .bytes = (const unsigned char *)bytes,
        .at = HEADER_BYTES,
        .hash_bytes = hash_bytes,
    };
    uint32_t count;
    int found = 0;

    if (length < HEADER_BYTES + hash_bytes || memcmp(bytes, "DIRC", 4) != 0)
        return -EBADMSG;
    index.length = length - hash_bytes; /* the last is a checksum */
    index.version = number(index.bytes + 4);
    count = number(index.bytes + 8);
    if (index.version < 2 || index.version > 4)
        return -EBADMSG;
    for (uint32_t i = 0; i < count; i++) {
        if (!read_entry(&index))
            return -EBADMSG;
        found |= strcmp(index.name, path) == 0;
    }
    return found;
}

int thaw_git_index_has(const char *bytes, size_t length, const char *path)
{
    int found = find(bytes, length, 20, path);

    return found == -EBADMSG ? find(bytes, length, 32, path) : found;
}

/* --- the repository --------------------------------------------------------------------------- */

/* A file's bytes, ended by NUL; 0: there are none, or more than most. 1 or -ENOMEM else. */
static int read_file(const char *path, size_t most, char **ret, size_t *ret_length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), result = 0;
    struct stat status;

    if (fd < 0)
        return 0;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        result = thaw_read_at_most(fd, most, ret, ret_length);
        result = result == -ENOMEM ? result : result == 0;
    }
    close(fd);
    if (result == 1 && *ret_length > most) {
        free(*ret);
        return 0;
    }
    if (result == 1)
        (*ret)[*ret_length] = '\0';
    return result;
}

/* Puts "FIRST/SECOND" into path; false: that is too long. */
static bool join(char path[PATH_MAX], const char *first, const char *second)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", first, second);

    return length > 0 && length < PATH_MAX;
}

/* The folder that .git is, or names ("gitdir: ../.git/modules/app"): 1, 0 none, -ENOMEM. */
static int find_repository(const char *folder, char repository[PATH_MAX])
{
    static const char word[] = "gitdir: ";
    char path[PATH_MAX], *bytes;
    struct stat status;
    size_t length;
    int result;

    if (!join(path, folder, ".git") || stat(path, &status) < 0)
        return 0;
    if (S_ISDIR(status.st_mode)) {
        strcpy(repository, path);
        return 1;
    }
    result = read_file(path, PATH_MAX, &bytes, &length);
    if (result <= 0)
        return result;
    bytes[strcspn(bytes, "\r\n")] = '\0';
    result = 0;
    if (strncmp(bytes, word, sizeof(word) - 1) == 0) {
        const char *named = bytes + sizeof(word) - 1;
        int written = *named == '/' ? snprintf(repository, PATH_MAX, "%s", named)
                                    : snprintf(repository, PATH_MAX, "%s/%s", folder, named);

        result = written > 0 && written < PATH_MAX;
    }
    free(bytes);
    return result;
}

static int index_has(const char *repository, const char *path)
{
    char name[PATH_MAX], *bytes;
    size_t length;
    int result = join(name, repository, "index")
                     ? read_file(name, THAW_GIT_INDEX_BYTES_MAX, &bytes, &length)
                     : 0;

    if (result <= 0)
        return result;
    result = thaw_git_index_has(bytes, length, path);
    free(bytes);
    return result > 0;
}

int thaw_git_keeps(const char *folder, const char *name)
{
    char *top = realpath(folder, NULL), path[PATH_MAX], repository[PATH_MAX];
    int result = top ? 0 : errno == ENOMEM ? -ENOMEM : 0;
    size_t length;

    if (!top)
        return result;
    length = strlen(top);
    if (!join(path, top, name)) {
        free(top);
        return 0;
    }
    for (int up = 0; up <= THAW_GIT_PARENTS_MAX && *top; up++) {
        result = find_repository(top, repository);
        if (result != 0)
            break;
        while (length && top[--length] != '/')
            ;
        top[length] = '\0';
    }
    /* What is behind the work tree's own folder is the path that the index has. */
    if (result > 0)
        result = index_has(repository, path + strlen(top) + 1);
    free(top);
    return result;
}
