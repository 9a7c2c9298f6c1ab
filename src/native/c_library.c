/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "native/c_library.h"
#include "native/root.h"
#include "native/search.h"

#define LIBRARY_BYTES_MAX ((size_t)64 << 20) /* with debug information */
#define NUMBER_MAX 9999

static bool begins(const char *bytes, size_t length, const char *text)
{
    return length >= strlen(text) && memcmp(bytes, text, strlen(text)) == 0;
}

/* The digits at *bytes, which are stepped over. */
static bool take_number(const char **bytes, const char *end, unsigned *ret)
{
    const char *begin = *bytes;

    for (*ret = 0; *bytes < end && **bytes >= '0' && **bytes <= '9'; ++*bytes)
        *ret = *ret < NUMBER_MAX ? *ret * 10 + (unsigned)(**bytes - '0') : NUMBER_MAX;
    return *bytes > begin;
}

/* "2.36", and what follows. */
static bool take_version(const char **bytes, const char *end, struct thaw_c_library *ret)
{
    if (!take_number(bytes, end, &ret->major) || *bytes == end || **bytes != '.')
        return false;
    ++*bytes;
    return take_number(bytes, end, &ret->minor);
}

/* "GNU C Library (Debian GLIBC 2.36-9+deb12u13) stable release version 2.36." */
static bool glibc_version(const char *bytes, size_t length, struct thaw_c_library *ret)
{
    static const char banner[] = "GNU C Library ", word[] = " version ";
    const char *end = bytes + length, *at = memmem(bytes, length, banner, sizeof(banner) - 1);
    const char *line = at ? memchr(at, '\n', (size_t)(end - at)) : NULL;

    if (!line)
        return false;
    at = memmem(at, (size_t)(line - at), word, sizeof(word) - 1);
    if (!at)
        return false;
    at += sizeof(word) - 1;
    return take_version(&at, line, ret);
}

/* A text of its own: "1.2.3", "1.2.4_git20230717", but not "127.0.0.1". */
static bool is_musl_version(const char *text, const char *end, struct thaw_c_library *ret)
{
    unsigned patch;

    return take_version(&text, end, ret) && text < end && *text++ == '.' &&
           take_number(&text, end, &patch) && !memchr(text, '.', (size_t)(end - text));
}

static bool musl_version(const char *bytes, size_t length, struct thaw_c_library *ret)
{
    static const char words[] = "musl libc (";
    const char *end = bytes + length, *text = bytes;

    if (!memmem(bytes, length, words, sizeof(words) - 1))
        return false;
    for (; text < end; text++) {
        const char *next = memchr(text, '\0', (size_t)(end - text));

        if (!next)
            return false;
        if (is_musl_version(text, next, ret))
            return true;
        text = next;
    }
    return false;
}

bool thaw_c_library_version(const char *bytes, size_t length, struct thaw_c_library *ret)
{
    struct thaw_c_library found = {.kind = ret->kind};
    bool is_found = ret->kind == THAW_C_LIBRARY_MUSL && musl_version(bytes, length, &found);

    if (ret->kind == THAW_C_LIBRARY_GLIBC)
        is_found = glibc_version(bytes, length, &found);
    if (is_found)
        *ret = found;
    return is_found;
}

static enum thaw_c_library_kind kind_of(const char *loader)
{
    const char *slash = strrchr(loader, '/'), *name = slash ? slash + 1 : loader;

    if (begins(name, strlen(name), "ld-musl-"))
        return THAW_C_LIBRARY_MUSL;
    /* "ld-linux-x86-64.so.2"; "ld64.so.2" of ppc64le; "ld64.so.1", "ld.so.1" of s390x and others */
    return begins(name, strlen(name), "ld-linux") || begins(name, strlen(name), "ld64.so.") ||
                   begins(name, strlen(name), "ld.so.")
               ? THAW_C_LIBRARY_GLIBC
               : THAW_C_LIBRARY_UNKNOWN;
}

/* The file that this program itself has its C library from? Then nothing has to be read. */
static bool is_own(const char *root, const char *path)
{
    struct stat other, own;
    Dl_info info;

    return !*root && dladdr((void *)(uintptr_t)gnu_get_libc_version, &info) && info.dli_fname &&
           stat(path, &other) == 0 && stat(info.dli_fname, &own) == 0 &&
           other.st_dev == own.st_dev && other.st_ino == own.st_ino;
}

static int read_version(const char *root, const char *path, struct thaw_c_library *ret)
{
    const char *own = gnu_get_libc_version();
    char *bytes;
    size_t length;
    int result;

    if (ret->kind == THAW_C_LIBRARY_GLIBC && is_own(root, path) &&
        take_version(&own, own + strlen(own), ret))
        return 0;
    result = thaw_root_read(root, path, LIBRARY_BYTES_MAX, &bytes, &length);

    if (result < 0)
        return result == -ENOMEM ? result : 0;
    thaw_c_library_version(bytes, length, ret);
    free(bytes);
    return 0;
}

/* Where the program would get its libc.so.6; NULL: nowhere. */
static int find_glibc(const char *root, const struct thaw_object *object, const char *program,
                      struct thaw_arena *arena, const char **ret)
{
    struct thaw_search_loader loader = thaw_search_loader_of(object, program);
    struct thaw_search_result found;
    struct thaw_search *search;
    int result = thaw_search_open(root, "", &search, NULL);

    *ret = NULL;
    if (result < 0)
        return result;
    result = thaw_search_library(search, &loader, "libc.so.6", arena, &found, NULL);
    if (result == 0)
        *ret = found.path;
    thaw_search_close(search);
    return result == -ENOMEM ? result : 0;
}

/* By the program's PT_INTERP. */
static int ask_program(const char *root, const char *program, struct thaw_arena *arena,
                       struct thaw_c_library_found *ret)
{
    struct thaw_object *object;
    const char *path = NULL;
    int fd = thaw_root_open(root, program), result = 0;

    if (fd < 0)
        return 0;
    if (thaw_object_take_descriptor(fd, program, &object, NULL) < 0)
        return 0;
    ret->c_library.kind = kind_of(thaw_object_interpreter(object));
    if (ret->c_library.kind != THAW_C_LIBRARY_UNKNOWN) {
        ret->loader = path = thaw_arena_string(arena, thaw_object_interpreter(object));
        result = path ? 0 : -ENOMEM;
    }
    if (result == 0 && ret->c_library.kind == THAW_C_LIBRARY_GLIBC)
        result = find_glibc(root, object, program, arena, &path);
    thaw_object_close(object);
    return result == 0 && path ? read_version(root, path, &ret->c_library) : result;
}

/* glibc's first: a root that has it beside musl may have that for a few programs only. Where there
 * is no program to ask, its version is not looked for. */
static int ask_loaders(const char *root, struct thaw_c_library_found *ret)
{
    static const char *const loaders[] = {
        "/lib64/ld-linux-x86-64.so.2",
        "/lib/ld-linux-aarch64.so.1",
        "/lib/ld-linux.so.2",
        "/lib/ld-linux-armhf.so.3",
        "/lib64/ld64.so.2",
        "/lib/ld64.so.1",
        "/lib/ld-musl-x86_64.so.1",
        "/lib/ld-musl-aarch64.so.1",
        "/lib/ld-musl-i386.so.1",
        "/lib/ld-musl-armhf.so.1",
        "/lib/ld-musl-powerpc64le.so.1",
        "/lib/ld-musl-s390x.so.1",
        "/lib/ld-musl-riscv64.so.1",
        "/lib/ld-linux-riscv64-lp64d.so.1",
    };

    for (size_t i = 0; i < sizeof(loaders) / sizeof(loaders[0]); i++) {
        struct thaw_object *object;
        int fd = thaw_root_open(root, loaders[i]);

        if (fd < 0 || thaw_object_take_descriptor(fd, loaders[i], &object, NULL) < 0)
            continue;
        thaw_object_close(object);
        ret->loader = loaders[i];
        ret->c_library.kind = kind_of(loaders[i]);
        return ret->c_library.kind == THAW_C_LIBRARY_MUSL
                   ? read_version(root, loaders[i], &ret->c_library)
                   : 0;
    }
    return 0;
}

int thaw_c_library_find(const char *root, const char *program, bool is_whole_root,
                        struct thaw_arena *arena, struct thaw_c_library_found *ret,
                        struct thaw_error *error)
{
    int result;

    *ret = (struct thaw_c_library_found){.loader = ""};
    result = *program ? ask_program(root, program, arena, ret) : 0;
    if (result == 0 && !*ret->loader && is_whole_root)
        result = ask_program(root, "/bin/sh", arena, ret);
    if (result == 0 && !*ret->loader && is_whole_root)
        result = ask_loaders(root, ret);
    return result < 0 ? thaw_error_memory(error) : 0;
}
