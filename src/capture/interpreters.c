/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/interpreters.h"
#include "capture/known_files.h"

/* More containers of one image than that at once keep its probes by those that are remembered. */
#define SPACES_MOST 256

/* Of links that are closed together. */
#define GROUPS_AT_ONCE 64

/* Why imports of an interpreter that was attached to can't be seen, NULL they can. */
static const char *first_failure(struct thaw_covered *covered)
{
    for (size_t i = 0; !covered->probes.attached && i < covered->probes.count; i++) {
        const struct thaw_error *failure = &covered->probes.attempts[i].failure;

        if (failure->code && failure->code != -ENOENT)
            return thaw_arena_string(&covered->arena, failure->message);
    }
    return covered->probes.attached ? NULL : "its functions can't be probed";
}

static const char *build_id_of(const char *path, struct thaw_arena *arena)
{
    struct thaw_object *object;
    const char *id;

    if (thaw_object_open(path, &object, NULL))
        return "";
    id = thaw_arena_string(arena, thaw_object_build_id(object));
    thaw_object_close(object);
    return id ? id : "";
}

static bool copy_returns(struct thaw_call_returns *returns, struct thaw_arena *arena)
{
    size_t bytes = returns->count * sizeof(*returns->items);
    struct thaw_call_return *items = thaw_arena_bytes(arena, bytes);

    if (items && bytes)
        memcpy(items, returns->items, bytes);
    returns->items = items;
    return items != NULL;
}

/* Has the same file been looked into elsewhere? Looking takes some 10 ms, in which a process that
 * starts imports unseen. */
static bool copy_places(const struct thaw_interpreters *interpreters, struct thaw_covered *covered)
{
    const struct thaw_covered *other = NULL;
    bool copied = true;

    for (size_t i = 0; !other && *covered->build_id && i < interpreters->count; i++) {
        const struct thaw_covered *item = &interpreters->items[i];

        if (item != covered && item->there && item->info.row == covered->info.row &&
            !item->refusal && !strcmp(item->build_id, covered->build_id) &&
            item->file.size == covered->file.size &&
            !memcmp(item->info.offsets, covered->info.offsets, sizeof(item->info.offsets)))
            other = item;
    }
    if (!other)
        return false;
    covered->places = other->places;
    for (size_t i = 0; copied && i < THAW_PYTHON_FUNCTIONS; i++)
        copied = copy_returns(&covered->places.returns[i], &covered->arena);
    return copied && copy_returns(&covered->places.collector_returns, &covered->arena);
}

static int find_places(const struct thaw_interpreters *interpreters, struct thaw_covered *covered,
                       struct thaw_error *failure)
{
    covered->build_id = build_id_of(covered->info.open_path, &covered->arena);
    return copy_places(interpreters, covered)
               ? 0
               : thaw_python_places_find(&covered->info, &covered->arena, &covered->places,
                                         failure);
}

static void attach(struct thaw_interpreters *interpreters, size_t index)
{
    struct thaw_covered *covered = &interpreters->items[index];
    struct thaw_error failure = {0};

    if (!covered->info.row)
        covered->refusal = covered->info.reason;
    else if (find_places(interpreters, covered, &failure))
        covered->refusal = thaw_arena_string(&covered->arena, failure.message);
    else {
        thaw_interpreter_probes_attach(interpreters->programs, &covered->info, &covered->places,
                                       (uint32_t)index + 1, 0, interpreters->probes,
                                       &covered->probes);
        covered->refusal = first_failure(covered);
    }
}

static bool is_on_overlay(const char *path)
{
    struct statfs status;

    return !statfs(path, &status) && status.f_type == OVERLAYFS_SUPER_MAGIC;
}

/*
 * An overlay file system shows its lower file's inode number, times and size, on a device of its
 * own. Other files don't agree in all of that: the time of change has nanoseconds.
 */
static bool is_same(const struct thaw_covered *covered, const struct thaw_interpreter_info *info,
                    const struct thaw_kernel_file *file)
{
    if (!covered->there || covered->info.inode != info->inode)
        return false;
    if (covered->info.device == info->device)
        return true;
    return file->inode && covered->file.ctime_ns == file->ctime_ns &&
           covered->file.size == file->size &&
           (is_on_overlay(info->open_path) || is_on_overlay(covered->info.open_path));
}

static int copy_info(struct thaw_covered *covered, const struct thaw_interpreter_info *info,
                     struct thaw_error *error)
{
    struct thaw_interpreter_info *copy = &covered->info;
    struct thaw_arena *arena = &covered->arena;

    *copy = *info;
    copy->executable = thaw_arena_string(arena, info->executable);
    copy->library = thaw_arena_string(arena, info->library);
    copy->open_path = thaw_arena_string(arena, info->open_path);
    copy->root = thaw_arena_string(arena, info->root);
    copy->version = thaw_arena_string(arena, info->version);
    copy->reason = thaw_arena_string(arena, info->reason);
    if (copy->executable && copy->library && copy->open_path && copy->root && copy->version &&
        copy->reason)
        return 0;
    thaw_arena_free(arena);
    return thaw_error_memory(error);
}

/* A place for one more: of one that was forgotten, or behind all others. */
static struct thaw_covered *free_place(struct thaw_interpreters *interpreters)
{
    for (size_t i = 0; i < interpreters->count; i++) {
        if (!interpreters->items[i].there) {
            interpreters->items[i] = (struct thaw_covered){0};
            return &interpreters->items[i];
        }
    }
    return thaw_array_add(interpreters);
}

int thaw_interpreters_cover(struct thaw_interpreters *interpreters,
                            const struct thaw_interpreter_info *info, size_t *ret_index,
                            bool *ret_new, struct thaw_error *error)
{
    struct thaw_kernel_file file = {0};
    struct thaw_covered *covered;
    struct stat status;
    int code;

    if (!stat(info->open_path, &status) && status.st_ino == info->inode)
        file = thaw_known_file_identity(&status);
    *ret_new = false;
    for (*ret_index = 0; *ret_index < interpreters->count; (*ret_index)++)
        if (is_same(&interpreters->items[*ret_index], info, &file))
            return 0;
    covered = free_place(interpreters);
    if (!covered)
        return thaw_error_memory(error);
    code = copy_info(covered, info, error);
    if (code)
        return code;
    covered->file = file;
    covered->build_id = "";
    covered->there = *ret_new = true;
    *ret_index = (size_t)(covered - interpreters->items);
    attach(interpreters, *ret_index);
    covered->since_ns = covered->used_ns = thaw_clock_now_ns();
    return 0;
}

/*
 * The path by which it was found may lead elsewhere by now, or nowhere: it went through /proc to a
 * process that has ended. Probes in another file would break the program.
 */
static bool find_way(const struct thaw_covered *covered, pid_t process, char *ret, size_t size)
{
    snprintf(ret, size, "%s", covered->info.open_path);
    if (thaw_known_file_is_at(&covered->file, ret))
        return true;
    snprintf(ret, size, "/proc/%d/exe", (int)process);
    if (thaw_known_file_is_at(&covered->file, ret))
        return true;
    snprintf(ret, size, "/proc/%d/root%s", (int)process, covered->info.library);
    return thaw_known_file_is_at(&covered->file, ret);
}

/* False: there is no way to it, or nothing to attach. */
static bool attach_again(struct thaw_interpreters *interpreters, size_t index, pid_t way,
                         pid_t process, enum thaw_probe_set set,
                         struct thaw_interpreter_probes *ret)
{
    struct thaw_covered *covered = &interpreters->items[index];
    struct thaw_interpreter_info info = covered->info;
    char path[4096];

    if (covered->refusal || !find_way(covered, way, path, sizeof(path)))
        return false;
    info.open_path = path;
    thaw_interpreter_probes_attach(interpreters->programs, &info, &covered->places,
                                   (uint32_t)index + 1, process, set, ret);
    return true;
}

void thaw_interpreters_attach_process(struct thaw_interpreters *interpreters, size_t index,
                                      pid_t process)
{
    struct thaw_interpreter_probes probes;

    attach_again(interpreters, index, process, process, interpreters->probes, &probes);
}

void thaw_interpreters_split(struct thaw_interpreters *interpreters, size_t index, pid_t way)
{
    struct thaw_interpreter_probes probes;

    if (!interpreters->items[index].narrow)
        attach_again(interpreters, index, way, 0, THAW_PROBES_SPLIT, &probes);
}

void thaw_interpreters_unsplit(struct thaw_interpreters *interpreters)
{
    thaw_link_group groups[GROUPS_AT_ONCE];
    size_t count = 0;

    for (size_t i = 0; i < interpreters->count; i++) {
        groups[count++] = THAW_GROUP_OF_SPLIT(i + 1);
        if (count < GROUPS_AT_ONCE && i + 1 < interpreters->count)
            continue;
        thaw_programs_withdraw_groups(interpreters->programs, groups, count);
        count = 0;
    }
}

void thaw_interpreters_narrow(struct thaw_interpreters *interpreters, size_t index)
{
    if (!interpreters->items[index].narrow)
        thaw_programs_narrow(interpreters->programs, (uint32_t)index + 1);
    interpreters->items[index].narrow = true;
}

void thaw_interpreters_widen(struct thaw_interpreters *interpreters, size_t index, pid_t way)
{
    struct thaw_covered *covered = &interpreters->items[index];

    if (!attach_again(interpreters, index, way, 0, interpreters->probes, &covered->probes))
        return;
    thaw_programs_widen(interpreters->programs, (uint32_t)index + 1);
    covered->narrow = false;
    covered->noisy = 0;
    covered->since_ns = thaw_clock_now_ns();
}

uint64_t thaw_interpreters_space(pid_t process)
{
    unsigned long long space = 0;
    char path[64], link[64];
    ssize_t length;

    snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)process);
    length = readlink(path, link, sizeof(link) - 1);
    link[length > 0 ? length : 0] = '\0';
    return sscanf(link, "mnt:[%llu]", &space) == 1 ? space : 0;
}

void thaw_interpreters_seen(struct thaw_interpreters *interpreters, size_t index, pid_t process,
                            bool other_root)
{
    struct thaw_covered *covered = &interpreters->items[index];
    uint64_t space = other_root ? thaw_interpreters_space(process) : 0, *slot;

    covered->used_ns = thaw_clock_now_ns();
    for (size_t i = 0; i < covered->spaces.count; i++)
        if (covered->spaces.items[i] == space)
            return;
    if (!space)
        return;
    if (covered->spaces.count == SPACES_MOST)
        covered->spaces.items[0] = covered->spaces.items[--covered->spaces.count];
    slot = thaw_array_add(&covered->spaces);
    if (slot)
        *slot = space;
}

static void clear(struct thaw_covered *covered)
{
    thaw_arena_free(&covered->arena);
    thaw_array_free(&covered->spaces);
    if (covered->way)
        close(covered->way);
    *covered = (struct thaw_covered){0};
}

void thaw_interpreters_forget(struct thaw_interpreters *interpreters, const size_t *indices,
                              size_t count)
{
    thaw_link_group groups[2 * THAW_INTERPRETERS_FORGOTTEN_MOST];

    for (size_t i = 0; i < count; i++) {
        groups[2 * i] = (thaw_link_group)indices[i] + 1;
        groups[2 * i + 1] = THAW_GROUP_OF_SPLIT(indices[i] + 1);
        if (interpreters->items[indices[i]].narrow)
            thaw_programs_widen(interpreters->programs, (uint32_t)indices[i] + 1);
        clear(&interpreters->items[indices[i]]);
    }
    thaw_programs_withdraw_groups(interpreters->programs, groups, 2 * count);
}

void thaw_interpreters_free(struct thaw_interpreters *interpreters)
{
    for (size_t i = 0; i < interpreters->count; i++)
        clear(&interpreters->items[i]);
    thaw_array_free(interpreters);
}
