/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "audit/place.h"
#include "native/root.h"
#include "timeline/paths.h"

/* What a deployment is told by: further files are no other deployment. */
#define FILES_MOST 512

struct state {
    uint64_t path;
    uint64_t bytes;
    int64_t seconds;
    int64_t nanoseconds;
};

struct text {
    const char *bytes;
    size_t length;
};

/* Where the file is, or belongs: in order of their hashes. */
static size_t find(const struct thaw_place *place, uint64_t path)
{
    size_t low = 0, high = place->files.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (place->files.items[middle].path < path)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool look(const struct thaw_place *place, uint32_t process, const struct text *path,
                 uint64_t hash, uint64_t *ret)
{
    char root[32] = "", whole[2 * THAW_PLACE_TEXT_BYTES];
    struct stat status;
    struct state state;
    int file, code;

    if (!place->own_root)
        snprintf(root, sizeof(root), "/proc/%u/root", process);
    snprintf(whole, sizeof(whole), "%.*s", (int)path->length, path->bytes);
    file = thaw_root_locate(root, whole);
    if (file < 0)
        return false;
    code = fstat(file, &status);
    close(file);
    if (code)
        return false;
    state = (struct state){hash, S_ISDIR(status.st_mode) ? 0 : (uint64_t)status.st_size,
                           status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
    *ret = XXH3_64bits(&state, sizeof(state));
    return true;
}

static void add(struct thaw_place *place, uint32_t process, struct text path)
{
    uint64_t hash = XXH3_64bits(path.bytes, path.length), state;
    size_t at = find(place, hash);
    struct thaw_place_file *files;

    if ((at < place->files.count && place->files.items[at].path == hash) ||
        place->files.count >= FILES_MOST)
        return;
    if (!look(place, process, &path, hash, &state) || !thaw_array_add(&place->files)) {
        place->unsure = true;
        return;
    }
    files = place->files.items;
    memmove(&files[at + 1], &files[at], (place->files.count - 1 - at) * sizeof(*files));
    files[at] = (struct thaw_place_file){.path = hash, .state = state};
}

void thaw_place_executed(struct thaw_place *place, uint32_t process, const char *file)
{
    const char *directory = place->directory ? place->directory : "";
    size_t packages = thaw_path_packages(file), length = strlen(directory);
    char path[2 * THAW_PLACE_TEXT_BYTES];

    if (packages) { /* of these the folder alone: an installation changes it */
        add(place, process, (struct text){file, packages});
        return;
    }
    if (length < 2 || *file == '<' || !*file || strlen(file) >= THAW_PLACE_TEXT_BYTES)
        return;
    if (*file != '/') {
        snprintf(path, sizeof(path), "%s/%s", directory, file);
        file = path;
    }
    if (thaw_path_below(file, directory))
        add(place, process, (struct text){file, strlen(file)});
}

void thaw_place_deployment(const struct thaw_place *place, char ret[THAW_DEPLOYMENT_BYTES])
{
    size_t bytes = place->files.count * sizeof(*place->files.items);

    ret[0] = '\0';
    if (bytes && !place->unsure)
        snprintf(ret, THAW_DEPLOYMENT_BYTES, "%016" PRIx64,
                 (uint64_t)XXH3_64bits(place->files.items, bytes));
}
