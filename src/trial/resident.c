/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "trial/resident.h"

#define PIECE_PAGES 65536
#define NOBODY 65534 /* the owner of what is nobody's in this user namespace */

/* cachestat(2), from Linux 6.5; Debian 12's headers don't have it. */
#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif
struct cache_range {
    uint64_t offset, length; /* 0: to the end */
};
struct cache_pages {
    uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

/*
 * False: this kernel does not tell. A file of an overlay has no pages of its own, so that 0 would
 * be the answer for all of them: mincore(2) sees those of the file below.
 */
static bool ask_cachestat(int file, long file_system, uint64_t page, struct thaw_resident *ret)
{
    struct cache_range whole = {0};
    struct cache_pages pages;

    if (file_system == OVERLAYFS_SUPER_MAGIC ||
        syscall(SYS_cachestat, file, &whole, &pages, 0) != 0)
        return false;
    ret->known = true;
    ret->bytes = pages.cached * page;
    return true;
}

/* Of other files mincore(2) says that all of their pages are in memory, whatever is true. */
static bool may_be_told(const char *path, const struct stat *status)
{
    uid_t user = geteuid();

    return status->st_uid == user || (user == 0 && status->st_uid != NOBODY) ||
           faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

static void ask_mincore(int file, const struct stat *status, uint64_t page,
                        struct thaw_resident *ret)
{
    unsigned char states[PIECE_PAGES];
    uint64_t size = (uint64_t)status->st_size;

    ret->known = true;
    for (uint64_t start = 0; start < size && ret->known; start += PIECE_PAGES * page) {
        uint64_t length = size - start < PIECE_PAGES * page ? size - start : PIECE_PAGES * page;
        void *piece = mmap(NULL, length, PROT_READ, MAP_SHARED, file, (off_t)start);

        ret->known = piece != MAP_FAILED && mincore(piece, length, states) == 0;
        for (uint64_t i = 0; ret->known && i < (length + page - 1) / page; i++)
            ret->bytes += states[i] & 1 ? page : 0;
        if (piece != MAP_FAILED)
            munmap(piece, length);
    }
}

void thaw_resident_of(int file, const char *path, const struct stat *status,
                      struct thaw_resident *ret)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    struct statfs system = {0};
    long kind = fstatfs(file, &system) ? 0 : (long)system.f_type;

    *ret = (struct thaw_resident){.unevictable = kind == TMPFS_MAGIC || kind == RAMFS_MAGIC};
    if (ask_cachestat(file, kind, page, ret))
        return;
    if (may_be_told(path, status))
        ask_mincore(file, status, page, ret);
}
