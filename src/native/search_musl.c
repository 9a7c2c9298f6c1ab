/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "native/root.h"
#include "native/search_private.h"

/* Source of all here: ldso/dynlink.c of musl 1.2, load_library(), path_open(), fixup_rpath(). */

#define PREFIX "ld-musl-"
#define SUFFIX ".so.1"
#define DEFAULT_FOLDERS "/lib:/usr/local/lib:/usr/lib"
#define FOLDERS_BYTES_MAX ((size_t)64 << 10)
#define PATH_BYTES                                                                                 \
    (2 * NAME_MAX + 2) /* of the buffer that paths are built in: longer ones are not */

/* "x86_64" of ".../ld-musl-x86_64.so.1"; 0: it is another loader. */
static size_t architecture(const char *loader, const char **ret)
{
    const char *slash = strrchr(loader, '/'), *name = slash ? slash + 1 : loader;
    size_t length = strlen(name), around = strlen(PREFIX SUFFIX);

    if (length <= around || strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
        strcmp(name + length - strlen(SUFFIX), SUFFIX) != 0)
        return 0;
    *ret = name + strlen(PREFIX);
    return length - around;
}

/* The file of folders lies in the etc beside the folder of the loader. 0 or -ENOMEM. */
static int read_folders(struct thaw_search *search, const char *loader)
{
    const char *name = NULL, *path;
    size_t length = architecture(loader, &name), size = 0;
    size_t above = thaw_search_folder_length(loader);
    char *bytes = NULL;
    int result;

    while (above > 0 && loader[above - 1] != '/')
        above--;
    path = thaw_arena_format(&search->arena, "%.*s/etc/" PREFIX "%.*s.path",
                             (int)(above > 0 ? above - 1 : 0), loader, (int)length, name);
    if (!path)
        return -ENOMEM;
    result = thaw_root_read(search->root, path, FOLDERS_BYTES_MAX, &bytes, &size);
    if (result == -ENOMEM)
        return result;
    search->musl_folders = result == -ENOENT ? DEFAULT_FOLDERS : "";
    if (result == 0)
        search->musl_folders = thaw_arena_text(&search->arena, bytes, strnlen(bytes, size));
    free(bytes);
    return search->musl_folders ? 0 : -ENOMEM;
}

int thaw_search_set_loader(struct thaw_search *search, const char *loader, struct thaw_error *error)
{
    const char *name;

    search->musl = NULL;
    if (!architecture(loader, &name))
        return 0;
    search->musl = thaw_arena_string(&search->arena, loader);
    if (!search->musl || read_folders(search, loader) < 0)
        return thaw_error_memory(error);
    return 0;
}

bool thaw_search_is_musl(const struct thaw_search *search)
{
    return search->musl != NULL;
}

/* Whatever begins so is in the loader: "libc.so.6", "libc.musl-x86_64.so.1", "libpthread.so.0". */
static bool is_own_name(const struct thaw_search *search, const char *name)
{
    static const char *const reserved[] = {"libc.",  "libpthread.", "librt.",  "libm.",
                                           "libdl.", "libutil.",    "libxnet."};

    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (strncmp(name, reserved[i], strlen(reserved[i])) == 0)
            return true;
    return strcmp(name, search->musl) == 0;
}

/* The bytes of "$ORIGIN" or "${ORIGIN}" at text, 0: it is another token. */
static size_t token_length(const char *text)
{
    static const char *const tokens[] = {"$ORIGIN", "${ORIGIN}"};

    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
        if (strncmp(text, tokens[i], strlen(tokens[i])) == 0)
            return strlen(tokens[i]);
    return 0;
}

/* One token that it does not know, and it does not use the whole list. */
static bool is_known(const char *list)
{
    for (const char *at = strchr(list, '$'); at; at = strchr(at + 1, '$'))
        if (!token_length(at))
            return false;
    return true;
}

static bool put(char ret[PATH_BYTES], size_t *used, const char *bytes, size_t length)
{
    if (length >= PATH_BYTES - *used)
        return false;
    memcpy(ret + *used, bytes, length);
    *used += length;
    ret[*used] = '\0';
    return true;
}

/* An entry of a list and the name, with $ORIGIN of the owner unless that is NULL. */
static bool make_path(const char *entry, size_t length, const struct thaw_search_loader *owner,
                      const char *name, char ret[PATH_BYTES])
{
    size_t used = 0, at = 0;

    while (at < length) {
        const char *dollar = owner ? memchr(entry + at, '$', length - at) : NULL;
        size_t plain = dollar ? (size_t)(dollar - entry) - at : length - at;

        if (!put(ret, &used, entry + at, plain))
            return false;
        at += plain;
        if (at == length)
            break;
        if (!put(ret, &used, owner->path, thaw_search_folder_length(owner->path)))
            return false;
        at += token_length(entry + at);
    }
    return put(ret, &used, "/", 1) && put(ret, &used, name, strlen(name));
}

/* Relative entries lead from a working folder that is not known here. */
static int look_into(const struct thaw_search_query *query, const char *list,
                     const struct thaw_search_loader *owner, enum thaw_search_reason reason)
{
    char path[PATH_BYTES];

    for (;;) {
        size_t length;
        int result = -ENOENT;

        list += strspn(list, ":\n");
        length = strcspn(list, ":\n");
        if (!length)
            return result;
        if (make_path(list, length, owner, query->name, path) && *path == '/')
            result = thaw_search_try(query, path, reason, owner);
        if (result != -ENOENT)
            return result;
        list += length;
    }
}

static int look_into_own(const struct thaw_search_query *query,
                         const struct thaw_search_loader *owner)
{
    bool is_runpath = *owner->runpath;
    const char *list = is_runpath ? owner->runpath : owner->rpath;

    return is_known(list)
               ? look_into(query, list, owner, is_runpath ? THAW_SEARCH_RUNPATH : THAW_SEARCH_RPATH)
               : -ENOENT;
}

int thaw_search_with_musl(const struct thaw_search_query *query)
{
    const struct thaw_search *search = query->search;
    const struct thaw_search_loader *owner = query->loader;
    int result;

    if (is_own_name(search, query->name))
        return thaw_search_try(query, search->musl, THAW_SEARCH_LOADED, NULL);
    if (strchr(query->name, '/'))
        return *query->name == '/' ? thaw_search_try(query, query->name, THAW_SEARCH_DIRECT, NULL)
                                   : -ENOENT;
    if (strlen(query->name) > NAME_MAX)
        return -ENOENT;
    result = look_into(query, search->library_path, NULL, THAW_SEARCH_LIBRARY_PATH);
    for (int i = 0; result == -ENOENT && owner && i < THAW_SEARCH_LOADERS_MAX; i++) {
        result = look_into_own(query, owner);
        owner = owner->parent;
    }
    return result == -ENOENT ? look_into(query, search->musl_folders, NULL, THAW_SEARCH_DEFAULT)
                             : result;
}
