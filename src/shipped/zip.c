/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/read_whole.h"
#include "packaging/record.h"
#include "shipped/content.h"
#include "shipped/libzip.h"
#include "shipped/tree.h"

#define MEMBER_BYTES_MAX ((uint64_t)1 << 30)
#define CHUNK_BYTES ((size_t)64 << 10)
/* What a byte of deflate can become at most: 258 bytes for every 2 bits. RFC 1951. */
#define DEFLATE_RATIO_MAX 1032
#define DEFLATE_BYTES_MORE 1024
#define CLAIM_BYTES_MAX ((uint64_t)1 << 40) /* of methods that have no such bound */

struct member {
    const char *path; /* a folder's ends with a slash */
    uint64_t number;
    uint64_t bytes;
    uint64_t disk_bytes;
    uint64_t mtime_ns;
    mode_t mode; /* 0: made where files have none */
};

struct members {
    THAW_ARRAY(struct member) items;
    uint64_t disk_bytes;
};

/* fd is the archive's from here on, also when this fails. */
static int open_archive(int fd, struct zip **ret)
{
    int result = thaw_libzip_load(), code = 0;

    if (result == 0)
        *ret = thaw_libzip.zip_fdopen(fd, 0, &code);
    if (result == 0 && *ret)
        return 0;
    close(fd);
    return result < 0 ? result : code == ZIP_ER_MEMORY ? -ENOMEM : -ENOTSUP;
}

int thaw_zip_open(struct thaw_content *content, int fd)
{
    return open_archive(fd, &content->archive);
}

void thaw_zip_close(struct thaw_content *content)
{
    if (content->archive)
        thaw_libzip.zip_discard(content->archive);
    content->archive = NULL;
}

int thaw_zip_open_egg(const struct thaw_shipped *shipped, uint32_t file, struct zip **ret)
{
    int fd = thaw_content_open(shipped, file);

    return fd < 0 ? fd : open_archive(fd, ret);
}

void thaw_zip_close_egg(struct zip *egg)
{
    if (egg)
        thaw_libzip.zip_discard(egg);
}

/* At most size bytes of a member, which is closed. */
static int read_up_to(struct zip_file *member, size_t size, struct thaw_arena *arena, char **ret,
                      size_t *length)
{
    int result;

    *ret = thaw_arena_allocate(arena, size + 1);
    *length = 0;
    result = *ret ? 0 : -ENOMEM;
    while (result == 0 && *length < size) {
        zip_int64_t got = thaw_libzip.zip_fread(member, *ret + *length, size - *length);

        if (got <= 0) {
            result = got < 0 ? -EBADMSG : 0;
            break;
        }
        *length += (size_t)got;
    }
    thaw_libzip.zip_fclose(member);
    return result;
}

int thaw_zip_read_egg(struct zip *egg, const char *name, size_t limit, struct thaw_arena *arena,
                      char **ret, size_t *length)
{
    struct zip_stat status;
    struct zip_file *member;

    thaw_libzip.zip_stat_init(&status);
    if (thaw_libzip.zip_stat(egg, name, 0, &status) < 0 || !(status.valid & ZIP_STAT_SIZE))
        return -ENOENT;
    member = thaw_libzip.zip_fopen_index(egg, status.index, 0);
    if (!member)
        return thaw_libzip.zip_error_code_zip(thaw_libzip.zip_get_error(egg)) == ZIP_ER_MEMORY
                   ? -ENOMEM
                   : -EBADMSG;
    return read_up_to(member, status.size < limit ? (size_t)status.size : limit, arena, ret,
                      length);
}

/*
 * A member's name as a path below the target: 1; 0: it leads elsewhere or is none, which is a
 * fault; -ENOMEM.
 */
static int member_path(struct thaw_shipped *shipped, const char *name, const char **ret)
{
    size_t length = strlen(name), depth = 0;
    bool is_folder = length && name[length - 1] == '/';
    char *path = thaw_arena_allocate(&shipped->memory->arena, length + 2);
    const char *fault = NULL;

    if (!path)
        return -ENOMEM;
    memcpy(path, name, length);
    if (strchr(name, '\\'))
        fault = "a name with a backslash: where it would go depends on who unpacks it";
    else if (*name == '/' || strcmp(name, "..") == 0 || strncmp(name, "../", 3) == 0 ||
             strstr(name, "/../") || (length > 2 && strcmp(name + length - 3, "/..") == 0))
        fault = "a name that leads out of the zip";
    else if (!thaw_record_normalise(path, &length))
        return 0; /* "./": the target itself */
    for (size_t i = 0; i < length && !fault; i++)
        depth += path[i] == '/';
    if (depth > THAW_TREE_DEPTH_MAX)
        fault = "more than 64 folders deep";
    if (fault)
        return thaw_shipped_fault(shipped, name, "%s: passed over", fault);
    path[length] = is_folder ? '/' : '\0';
    path[length + is_folder] = '\0';
    *ret = path;
    return 1;
}

static mode_t member_mode(struct zip *archive, uint64_t number)
{
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;

    if (thaw_libzip.zip_file_get_external_attributes(archive, number, 0, &system, &attributes) <
            0 ||
        system != ZIP_OPSYS_UNIX)
        return 0;
    return (mode_t)(attributes >> 16);
}

/* What the directory says of sizes, as far as it can be true. */
static const char *member_sizes(const struct zip_stat *status, uint64_t archive_bytes,
                                struct member *member)
{
    uint64_t bytes = status->valid & ZIP_STAT_SIZE ? status->size : 0;
    uint64_t packed = status->valid & ZIP_STAT_COMP_SIZE ? status->comp_size : 0;
    bool is_stored = status->comp_method == ZIP_CM_STORE;
    uint64_t most = CLAIM_BYTES_MAX;

    if (packed > archive_bytes)
        return "is longer than the zip itself, says its directory: damaged";
    if (is_stored || status->comp_method == ZIP_CM_DEFLATE)
        most = packed * (is_stored ? 1 : DEFLATE_RATIO_MAX) + DEFLATE_BYTES_MORE;
    member->disk_bytes = packed;
    if (bytes > most)
        return "claims more bytes than its data can hold: damaged, or a zip bomb";
    member->bytes = bytes;
    if (status->valid & ZIP_STAT_ENCRYPTION_METHOD && status->encryption_method != ZIP_EM_NONE)
        return "encrypted: its content can't be read, by Python neither";
    return NULL;
}

static int member_add(struct thaw_shipped *shipped, struct members *members, uint64_t number,
                      uint64_t archive_bytes)
{
    struct zip *archive = shipped->memory->content->archive;
    const char *name = thaw_libzip.zip_get_name(archive, number, ZIP_FL_ENC_RAW);
    const char *path = NULL, *fault;
    struct zip_stat status;
    struct member *member;
    int result;

    thaw_libzip.zip_stat_init(&status);
    if (!name || thaw_libzip.zip_stat_index(archive, number, 0, &status) < 0)
        return thaw_shipped_fault(shipped, name ? name : "", "member %llu can't be read",
                                  (unsigned long long)number);
    result = member_path(shipped, name, &path);
    if (result <= 0)
        return result;
    member = thaw_array_add(&members->items);
    if (!member)
        return -ENOMEM;
    *member = (struct member){.path = path, .number = number, .mode = member_mode(archive, number)};
    if (status.valid & ZIP_STAT_MTIME && status.mtime > 0)
        member->mtime_ns = (uint64_t)status.mtime * 1000000000u;
    fault = member_sizes(&status, archive_bytes, member);
    members->disk_bytes += member->disk_bytes;
    return fault ? thaw_shipped_fault(shipped, path, "%s", fault) : 0;
}

/* The order of the walk: files of a folder, then the folders in it, both by name. */
static int compare_paths(const char *one, const char *other)
{
    size_t at = 0, start = 0;
    bool is_folder, other_is_folder;

    for (; one[at] && one[at] == other[at]; at++)
        start = one[at] == '/' ? at + 1 : start;
    if (one[at] == other[at])
        return 0;
    is_folder = strchr(one + start, '/') != NULL;
    other_is_folder = strchr(other + start, '/') != NULL;
    if (is_folder != other_is_folder)
        return is_folder ? 1 : -1;
    return (one[at] == '/' ? 0 : (unsigned char)one[at]) -
           (other[at] == '/' ? 0 : (unsigned char)other[at]);
}

static int compare_members(const void *one, const void *other)
{
    const struct member *left = one, *right = other;
    int order = compare_paths(left->path, right->path);

    return order ? order : left->number < right->number ? -1 : left->number > right->number;
}

/* The folders that lead to the member which is placed now. */
struct trail {
    uint32_t folders[THAW_TREE_DEPTH_MAX + 2];
    size_t depth;
};

/* Ends the folders that do not lead to path. */
static void trail_leave(struct thaw_shipped *shipped, struct trail *trail, const char *path)
{
    while (trail->depth > 1) {
        uint32_t last = trail->folders[trail->depth - 1];
        const char *folder = shipped->memory->folders.items[last].path;
        size_t length = strlen(folder);

        if (strncmp(folder, path, length) == 0 && path[length] == '/')
            return;
        thaw_tree_folder_end(shipped, last);
        trail->depth--;
    }
}

/* Begins the folders that still lack on the way to path; *name is what lies in the last. 1; 0: the
 * target is full; -ENOMEM. */
static int trail_enter(struct thaw_shipped *shipped, struct trail *trail, const char *path,
                       const char **name)
{
    uint32_t last = trail->folders[trail->depth - 1];
    const char *at = path + strlen(shipped->memory->folders.items[last].path);
    const char *slash;

    at += trail->depth > 1; /* the slash behind it */
    for (; (slash = strchr(at, '/')); at = slash + 1) {
        int result = thaw_tree_admit(shipped, last, (size_t)(slash - at));
        const char *part = NULL;
        int64_t folder;

        if (result <= 0)
            return result;
        part = thaw_arena_text(&shipped->memory->arena, at, (size_t)(slash - at));
        folder = part ? thaw_tree_folder_begin(shipped, last, 0, part, 0) : -ENOMEM;
        if (folder < 0)
            return (int)folder;
        last = (uint32_t)folder;
        trail->folders[trail->depth++] = last;
        shipped->directory_count++;
    }
    *name = at;
    return 1;
}

static int place_file(struct thaw_shipped *shipped, uint32_t folder, const char *name,
                      const struct member *member)
{
    struct thaw_content *content = shipped->memory->content;
    struct thaw_shipped_file *file = thaw_tree_file(shipped, folder, name);
    uint64_t *number = file ? thaw_array_add(&content->members) : NULL;
    uint32_t *slot;

    if (!number)
        return -ENOMEM;
    *number = member->number;
    file->bytes = member->bytes;
    file->disk_bytes = member->disk_bytes;
    file->mtime_ns = member->mtime_ns;
    if (!(member->mode & S_IXUSR))
        return 0;
    slot = thaw_array_add(&content->executables);
    if (slot)
        *slot = (uint32_t)shipped->memory->files.count - 1;
    return slot ? 0 : -ENOMEM;
}

static int place_member(struct thaw_shipped *shipped, struct trail *trail,
                        const struct member *member)
{
    const char *name = "";
    uint32_t folder;
    int result;

    trail_leave(shipped, trail, member->path);
    result = trail_enter(shipped, trail, member->path, &name);
    if (result <= 0 || !*name)
        return result < 0 ? result : 0;
    folder = trail->folders[trail->depth - 1];
    result = thaw_tree_admit(shipped, folder, strlen(name));
    if (result <= 0)
        return result;
    if (S_ISLNK(member->mode))
        return thaw_tree_add_link(shipped, folder, name);
    if (member->mode & S_IFMT && !S_ISREG(member->mode)) {
        shipped->special_count++;
        return 0;
    }
    return place_file(shipped, folder, name, member);
}

static int place_members(struct thaw_shipped *shipped, struct members *members)
{
    const struct thaw_content *content = shipped->memory->content;
    int64_t root = thaw_tree_folder_begin(shipped, THAW_SHIPPED_NONE, 0, "", 0);
    struct trail trail = {.folders = {0}, .depth = 1};
    int result = root < 0 ? (int)root : 0;

    shipped->directory_count++;
    for (size_t i = 0; result == 0 && !content->is_full && i < members->items.count; i++) {
        const struct member *member = &members->items.items[i];

        if (i + 1 < members->items.count && strcmp(member[0].path, member[1].path) == 0) {
            if (member->path[strlen(member->path) - 1] != '/')
                result = thaw_shipped_remark(shipped, member->path,
                                             "several members of this name: the last one counts");
            continue;
        }
        result = place_member(shipped, &trail, member);
    }
    if (result == 0) {
        trail_leave(shipped, &trail, "");
        thaw_tree_folder_end(shipped, 0);
    }
    return result;
}

int thaw_zip_walk(struct thaw_shipped *shipped)
{
    struct thaw_content *content = shipped->memory->content;
    zip_int64_t count = thaw_libzip.zip_get_num_entries(content->archive, 0);
    struct members members = {0};
    int result = 0;

    for (zip_int64_t i = 0; result == 0 && i < count; i++) {
        if (i >= THAW_TREE_ENTRIES_MAX) {
            result = thaw_shipped_fault(shipped, "",
                                        "the zip has more than 2,000,000 members: what follows "
                                        "was not read");
            break;
        }
        result = member_add(shipped, &members, (uint64_t)i, content->archive_bytes);
    }
    if (result == 0 && members.disk_bytes > content->archive_bytes)
        result = thaw_shipped_fault(shipped, "",
                                    "its members together are longer than the zip: they overlap, "
                                    "as in a zip bomb");
    if (members.items.count)
        qsort(members.items.items, members.items.count, sizeof(*members.items.items),
              compare_members);
    if (result == 0)
        result = place_members(shipped, &members);
    thaw_array_free(&members.items);
    return result;
}

static int member_open(const struct thaw_shipped *shipped, uint32_t file, struct zip_file **ret)
{
    const struct thaw_content *content = shipped->memory->content;

    *ret = thaw_libzip.zip_fopen_index(content->archive, content->members.items[file], 0);
    if (*ret)
        return 0;
    switch (thaw_libzip.zip_error_code_zip(thaw_libzip.zip_get_error(content->archive))) {
    case ZIP_ER_MEMORY:
        return -ENOMEM;
    case ZIP_ER_NOPASSWD:
    case ZIP_ER_ENCRNOTSUPP:
        return -EACCES;
    case ZIP_ER_COMPNOTSUPP:
        return -EOPNOTSUPP;
    default:
        return -EBADMSG;
    }
}

int thaw_zip_open_member(const struct thaw_shipped *shipped, uint32_t file)
{
    uint64_t left = shipped->memory->files.items[file].bytes;
    struct zip_file *member = NULL;
    char *chunk;
    int fd, result;

    if (left > MEMBER_BYTES_MAX)
        return -EFBIG;
    result = member_open(shipped, file, &member);
    if (result < 0)
        return result;
    chunk = malloc(CHUNK_BYTES);
    fd = memfd_create("thaw-member", MFD_CLOEXEC);
    result = !chunk ? -ENOMEM : fd < 0 ? -errno : 0;
    while (result == 0) {
        zip_int64_t got = thaw_libzip.zip_fread(member, chunk, CHUNK_BYTES);

        if (got <= 0 || (uint64_t)got > left) {
            result = got ? -EBADMSG : 0;
            break;
        }
        left -= (uint64_t)got;
        result = thaw_write_whole(fd, chunk, (size_t)got);
    }
    thaw_libzip.zip_fclose(member);
    free(chunk);
    if (result == 0 && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return result < 0 ? result : -EIO;
}

int thaw_zip_read_member(const struct thaw_shipped *shipped, uint32_t file, size_t limit,
                         struct thaw_arena *arena, char **ret, size_t *length)
{
    uint64_t bytes = shipped->memory->files.items[file].bytes;
    size_t size = bytes < limit ? (size_t)bytes : limit;
    struct zip_file *member = NULL;
    int result = member_open(shipped, file, &member);

    return result < 0 ? result : read_up_to(member, size, arena, ret, length);
}
