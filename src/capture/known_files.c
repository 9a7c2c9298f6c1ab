/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sys/sysmacros.h>

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "capture/known_files.h"

#define NS_PER_S 1000000000ull

struct thaw_known_file {
    struct thaw_kernel_file identity;
    size_t interpreter; /* index + 1, 0 none */
    UT_hash_handle hh;
};

struct thaw_kernel_file thaw_known_file_identity(const struct stat *status)
{
    return (struct thaw_kernel_file){
        .inode = status->st_ino,
        .ctime_ns = (thaw_u64)status->st_ctim.tv_sec * NS_PER_S + (thaw_u64)status->st_ctim.tv_nsec,
        .size = (thaw_u64)status->st_size,
        /* glibc has a device in a form of its own */
        .device = (thaw_u32)(major(status->st_dev) << 20 | minor(status->st_dev)),
    };
}

bool thaw_known_file_is_at(const struct thaw_kernel_file *identity, const char *path)
{
    struct thaw_kernel_file found;
    struct stat status;

    if (stat(path, &status))
        return false;
    found = thaw_known_file_identity(&status);
    return found.ctime_ns == identity->ctime_ns && found.size == identity->size;
}

static struct thaw_known_file *find(const struct thaw_known_files *files,
                                    const struct thaw_kernel_file *identity)
{
    struct thaw_known_file *file;

    HASH_FIND(hh, files->table, identity, sizeof(*identity), file);
    return file;
}

/* To the end of the table's order; where that fails it is out of the table. */
static bool use(struct thaw_known_files *files, struct thaw_known_file *file)
{
    HASH_DEL(files->table, file);
    HASH_ADD(hh, files->table, identity, sizeof(file->identity), file);
    if (file->hh.tbl)
        return true;
    free(file);
    return false;
}

static void remove_file(struct thaw_known_files *files, struct thaw_known_file *file)
{
    thaw_programs_forget_file(files->programs, &file->identity);
    HASH_DEL(files->table, file);
    free(file);
}

bool thaw_known_files_find(struct thaw_known_files *files, const struct thaw_kernel_file *identity,
                           size_t *ret_interpreter)
{
    struct thaw_known_file *file = find(files, identity);

    if (file && files->most && !use(files, file))
        file = NULL;
    *ret_interpreter = file ? file->interpreter : 0;
    return file != NULL;
}

static int add(struct thaw_known_files *files, const struct thaw_kernel_file *identity,
               size_t interpreter, enum thaw_kernel_executable class, struct thaw_error *error)
{
    struct thaw_known_file *file = find(files, identity);

    if (!file) {
        file = calloc(1, sizeof(*file));
        if (!file)
            return thaw_error_memory(error);
        file->identity = *identity;
        if (files->most && HASH_COUNT(files->table) >= files->most)
            remove_file(files, files->table);
        HASH_ADD(hh, files->table, identity, sizeof(file->identity), file);
        if (!file->hh.tbl) {
            free(file);
            return thaw_error_memory(error);
        }
    }
    file->interpreter = interpreter;
    return thaw_programs_know_file(files->programs, identity, class, error);
}

int thaw_known_files_add(struct thaw_known_files *files, const struct thaw_kernel_file *identity,
                         size_t interpreter, struct thaw_error *error)
{
    return add(files, identity, interpreter,
               interpreter ? THAW_EXECUTABLE_PYTHON : THAW_EXECUTABLE_NOTHING, error);
}

int thaw_known_files_add_looked_at(struct thaw_known_files *files,
                                   const struct thaw_kernel_file *identity,
                                   struct thaw_error *error)
{
    return add(files, identity, 0, THAW_EXECUTABLE_LOOK, error);
}

void thaw_known_files_forget(struct thaw_known_files *files, size_t interpreter)
{
    const struct thaw_known_file *file, *next;

    HASH_ITER(hh, files->table, file, next)
    {
        if (file->interpreter == interpreter)
            thaw_programs_forget_file(files->programs, &file->identity);
    }
}

void thaw_known_files_remove(struct thaw_known_files *files, size_t interpreter)
{
    struct thaw_known_file *file, *next;

    HASH_ITER(hh, files->table, file, next)
    {
        if (file->interpreter == interpreter)
            remove_file(files, file);
    }
}

void thaw_known_files_free(struct thaw_known_files *files)
{
    struct thaw_known_file *file, *next;

    HASH_ITER(hh, files->table, file, next)
    {
        HASH_DEL(files->table, file);
        free(file);
    }
}
