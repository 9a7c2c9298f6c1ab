/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "native/search_private.h"

struct search_subfolder {
    const char *folder;
    bool exists;
    UT_hash_handle hh;
};

/* $PLATFORM: AT_PLATFORM of getauxval(3). Newer CPUs had "haswell" and "xeon_phi" there, gone with
 * glibc 2.37. */
static const struct thaw_search_machine machines[] = {
    {EM_X86_64, "x86_64", "lib64", "lib/x86_64-linux-gnu"},
    {EM_AARCH64, "aarch64", "lib64", "lib/aarch64-linux-gnu"},
    {EM_386, "i686", "lib", "lib/i386-linux-gnu"},
};

const struct thaw_search_machine *thaw_search_machine(uint16_t machine)
{
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
        if (machines[i].machine == machine)
            return &machines[i];
    return NULL;
}

/* Length of a token at text, with or without braces; 0: another one, or the name goes on. */
static size_t token_length(const char *text, size_t length, const char *name)
{
    size_t size = strlen(name);
    bool braces = length > 1 && text[1] == '{';
    size_t at = braces ? 2 : 1;

    if (length < at + size || memcmp(text + at, name, size) != 0)
        return 0;
    at += size;
    if (braces)
        return at < length && text[at] == '}' ? at + 1 : 0;
    return at == length || text[at] == '/' || text[at] == '$' ? at : 0;
}

size_t thaw_search_folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash - path) : 0;
}

/* $LIB is built into the loader: Debian's have the folder of their machine. */
static const char *library_folder(const struct thaw_search *search,
                                  const struct thaw_search_machine *machine)
{
    char path[64];

    snprintf(path, sizeof(path), "/%s", machine->multiarch);
    return search->files.has_folder(search->files.context, path, THAW_SEARCH_DEFAULT)
               ? machine->multiarch
               : machine->library;
}

/* What the token at text stands for, NULL: not known. *length is that of the token. */
static const char *token_value(const struct thaw_search *search,
                               const struct thaw_search_loader *owner, const char *text,
                               size_t *length, size_t *value_length)
{
    const struct thaw_search_machine *machine = thaw_search_machine(owner->abi.machine);
    size_t rest = *length;
    const char *value = NULL;

    if ((*length = token_length(text, rest, "ORIGIN"))) {
        *value_length = owner->path ? thaw_search_folder_length(owner->path) : 0;
        return owner->path;
    }
    if (machine && (*length = token_length(text, rest, "PLATFORM")))
        value = machine->platform;
    else if (machine && (*length = token_length(text, rest, "LIB")))
        value = library_folder(search, machine);
    *value_length = value ? strlen(value) : 0;
    return value;
}

static bool put(char ret[PATH_MAX], size_t *used, const char *bytes, size_t length)
{
    if (length >= PATH_MAX - *used)
        return false;
    memcpy(ret + *used, bytes, length);
    *used += length;
    ret[*used] = '\0';
    return true;
}

bool thaw_search_expand(const struct thaw_search *search, const struct thaw_search_loader *owner,
                        const char *entry, size_t length, char ret[PATH_MAX])
{
    size_t used = 0, at = 0;

    ret[0] = '\0';
    while (at < length) {
        const char *dollar = memchr(entry + at, '$', length - at);
        size_t plain = dollar ? (size_t)(dollar - entry) - at : length - at;
        size_t token = length - at - plain, value_length;
        const char *value;

        if (!put(ret, &used, entry + at, plain))
            return false;
        at += plain;
        if (!token)
            break;
        value = token_value(search, owner, entry + at, &token, &value_length);
        if (!value || !put(ret, &used, value, value_length))
            return false;
        at += token;
    }
    return true;
}

int thaw_search_has_subfolder(struct thaw_search *search, const char *folder,
                              enum thaw_search_reason reason)
{
    struct search_subfolder *known;
    char path[PATH_MAX];

    HASH_FIND_STR(search->subfolders, folder, known);
    if (known)
        return known->exists;
    known = thaw_arena_allocate(&search->arena, sizeof(*known));
    if (!known)
        return -ENOMEM;
    known->folder = thaw_arena_string(&search->arena, folder);
    if (!known->folder)
        return -ENOMEM;
    known->exists =
        (size_t)snprintf(path, sizeof(path), "%s/glibc-hwcaps", folder) < sizeof(path) &&
        search->files.has_folder(search->files.context, path, reason);
    HASH_ADD_KEYPTR(hh, search->subfolders, known->folder, strlen(known->folder), known);
    return known->hh.tbl ? known->exists : -ENOMEM;
}

void thaw_search_forget_subfolders(struct thaw_search *search)
{
    HASH_CLEAR(hh, search->subfolders);
}
