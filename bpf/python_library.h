/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_PYTHON_LIBRARY_H
#define THAW_BPF_PYTHON_LIBRARY_H

/*
 * In production nine of ten modules are of Python's own library, or of installed packages. Where
 * such a one lies is not told: of the library nobody asks, of a folder of packages once is enough.
 * What is not recognised is told.
 */
#include "frames.h"

/* Of a path, looked through for a folder's name; a power of two. */
#define LIBRARY_SEARCHED 128
/* Of a folder of packages, by which it is known beside its length. */
#define FOLDER_WORDS 12

#define FOUR(a, b, c, d) ((__u32)(a) | (__u32)(b) << 8 | (__u32)(c) << 16 | (__u32)(d) << 24)

struct library {
    const char *path;
    __u64 library;  /* where "lib/python3" stands + 1, 0 nowhere */
    __u64 packages; /* likewise "site-pac", "dist-pac" */
};

/* Bounded so that every verifier sees it. */
static __always_inline const char *place_in_path(const char *path, __u64 at)
{
    KEEP(at);
    return path + (at & (LIBRARY_SEARCHED - 1));
}

/* Characters wherever they lie: the kernel reads them at once (clang would read byte by byte). */
#ifdef __bpf__
#define CHARACTERS_AT(type, at) (*(const type *)(at))
#else
#define CHARACTERS_AT(type, at)                                                                    \
    ({                                                                                             \
        type characters_;                                                                          \
        __builtin_memcpy(&characters_, at, sizeof(characters_));                                   \
        characters_;                                                                               \
    })
#endif

/* "lib/python3/" or "lib/python3.": Python's own folders are called so. */
static __always_inline bool names_library(const char *at)
{
    __u32 next = CHARACTERS_AT(__u32, at + 8);

    return CHARACTERS_AT(__u64, at) == EIGHT('l', 'i', 'b', '/', 'p', 'y', 't', 'h') &&
           (next == FOUR('o', 'n', '3', '/') || next == FOUR('o', 'n', '3', '.'));
}

static __always_inline bool names_packages(const char *at)
{
    __u64 eight = CHARACTERS_AT(__u64, at);

    return eight == EIGHT('s', 'i', 't', 'e', '-', 'p', 'a', 'c') ||
           eight == EIGHT('d', 'i', 's', 't', '-', 'p', 'a', 'c');
}

static long find_library(__u32 at, struct library *found)
{
    const char *place = place_in_path(found->path, at);

    if (names_packages(place))
        found->packages = at + 1;
    if (names_library(place))
        found->library = at + 1;
    return found->packages || found->library;
}

/* Behind "lib/python3/", "lib/python3.9/", "lib/python3.11/", "lib/python3.13t/". */
static __always_inline __u64 packages_within(const char *path, __u64 library)
{
    const char *place = place_in_path(path, library - 1);

    for (__u32 length = 12; length <= 16; length++)
        if (names_packages(place + length))
            return library + length;
    return 0;
}

/* Is it another folder of packages than the one that was told last? */
static __always_inline bool are_new(struct thread *thread, const char *path, __u64 packages)
{
    __u64 folder = packages;

    for (__u32 i = 0; i < FOLDER_WORDS; i++)
        if (8 * i + 8 <= packages)
            folder = folder * 0x100000001b3ULL ^ CHARACTERS_AT(__u64, path + 8 * i);
    if (thread->packages == folder)
        return false;
    thread->packages = folder;
    return true;
}

/* Is the path such a module's? What is behind its bytes is readable, and something else. */
static __always_inline bool is_of_library(struct thread *thread, const char *path, __u32 bytes)
{
    struct library found = {.path = path, .library = thread->library};

    /* Most lie where the one before did. */
    if (!found.library || !names_library(place_in_path(path, found.library - 1))) {
        found.library = 0;
        bpf_loop(LIBRARY_SEARCHED, find_library, &found, 0);
    }
    if (found.library) {
        thread->library = found.library;
        found.packages = packages_within(path, found.library);
    }
    if (found.packages && found.packages < bytes)
        return !are_new(thread, path, found.packages);
    return found.library && found.library < bytes;
}

#endif
