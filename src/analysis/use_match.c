/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "analysis/use_parts.h"
#include "timeline/paths.h"

/* So deep the walk of a target goes, too. */
#define MOST_FOLDERS 64

/* A folder that the target may have lain in, and for how many files it has the target's names. */
struct candidate {
    const char *root;
    uint64_t files;
};

struct election {
    struct thaw_use *use;
    const struct thaw_use_joined *joined;
    struct thaw_lookup by_root;
    THAW_ARRAY(struct candidate) candidates;
};

/* Without ".", ".." and double slashes, by its text alone; NULL: memory is short. */
static const char *clean(struct thaw_arena *arena, const char *path)
{
    char *copy = thaw_arena_allocate(arena, strlen(path) + 2);
    size_t length = 0;

    while (copy && *path) {
        size_t part = strcspn(path, "/");

        if (part == 2 && !memcmp(path, "..", 2)) {
            while (length && copy[--length] != '/')
                ;
        } else if (part && !(part == 1 && *path == '.')) {
            copy[length++] = '/';
            memcpy(copy + length, path, part);
            length += part;
        }
        path += part + (path[part] == '/');
    }
    if (copy && !length)
        copy[length++] = '/';
    return copy;
}

struct thaw_use_named *thaw_use_named(const struct thaw_use_joined *joined, const char *path)
{
    size_t index = thaw_path_table_find(&joined->by_text, path, strlen(path));

    return index != THAW_PATH_NONE ? &joined->named.items[index] : NULL;
}

/* Two texts of one path are two rows; both find the same file. */
static bool name(struct thaw_use *use, struct thaw_use_joined *joined, const char *path,
                 struct thaw_use_named **ret)
{
    struct thaw_use_named *named;

    *ret = NULL;
    if (*path != '/')
        return true;
    *ret = thaw_use_named(joined, path);
    if (*ret)
        return true;
    named = thaw_array_add(&joined->named);
    if (!named)
        return false;
    *named = (struct thaw_use_named){
        .path = strstr(path, "/.") || strstr(path, "//") ? clean(&use->memory->arena, path) : path,
        .mapped_ns = UINT64_MAX,
        .file = THAW_SHIPPED_NONE,
    };
    *ret = named;
    return named->path && thaw_path_table_add(&joined->by_text, &use->memory->arena, path,
                                              strlen(path), joined->named.count - 1) >= 0;
}

static bool name_mapped(struct thaw_use *use, struct thaw_use_joined *joined, const char *path,
                        uint64_t time_ns)
{
    struct thaw_use_named *named;

    if (!name(use, joined, path, &named))
        return false;
    if (named && time_ns < named->mapped_ns)
        named->mapped_ns = time_ns;
    return true;
}

static bool name_opened(struct thaw_use *use, struct thaw_use_joined *joined,
                        const struct thaw_event *event)
{
    const struct thaw_file_open *open = &event->file_open;
    struct thaw_use_named *named;

    if (open->result < 0 || open->is_folder || open->for_writing)
        return true;
    joined->row->relative += *open->path != '/';
    if (!name(use, joined, open->path, &named))
        return false;
    if (named && open->bytes)
        named->bytes = open->bytes;
    if (named && event->time_ns < named->mapped_ns && strstr(thaw_path_base(open->path), ".so"))
        named->mapped_ns = event->time_ns;
    return true;
}

static bool name_described(struct thaw_use *use, struct thaw_use_joined *joined, const char *path,
                           uint64_t bytes, uint64_t mtime_ns)
{
    struct thaw_use_named *named;

    if (!name(use, joined, path, &named))
        return false;
    if (named && bytes)
        named->bytes = bytes;
    if (named && mtime_ns)
        named->mtime_ns = mtime_ns;
    return true;
}

static bool name_event(struct thaw_use *use, struct thaw_use_joined *joined,
                       const struct thaw_event *event)
{
    struct thaw_use_named *named;

    switch (event->kind) {
    case THAW_EVENT_FILE_OPEN:
        return name_opened(use, joined, event);
    case THAW_EVENT_BODY_BEGIN:
        return name(use, joined, event->body_begin.file, &named);
    case THAW_EVENT_MAPPING:
        return name_mapped(use, joined, event->mapping.path, event->time_ns);
    case THAW_EVENT_DLOPEN_BEGIN:
        return name_mapped(use, joined, event->dlopen_begin.path, event->time_ns);
    case THAW_EVENT_LIBRARY:
        return name(use, joined, event->library.path, &named);
    case THAW_EVENT_INVENTORY_LIBRARY:
        return name_described(use, joined, event->inventory_library.path,
                              event->inventory_library.bytes, 0);
    case THAW_EVENT_INVENTORY_FILE:
        return name_described(use, joined, event->inventory_file.path, event->inventory_file.bytes,
                              event->inventory_file.mtime_ns);
    default:
        return true;
    }
}

/* The name, seen from root; NULL: it is not below it. */
static const char *below(const char *path, const char *root)
{
    size_t length = strlen(root);

    return !strncmp(path, root, length) && path[length] == '/' ? path + length + 1 : NULL;
}

static uint32_t find(const struct thaw_use *use, const char *path)
{
    size_t index = thaw_path_table_find(&use->memory->paths, path, strlen(path));

    return index != THAW_PATH_NONE ? (uint32_t)index : THAW_SHIPPED_NONE;
}

/* Has the file another size in the target? Another name of an inode has none there. */
static bool differs(const struct thaw_use *use, const struct thaw_use_named *named, uint32_t file)
{
    const struct thaw_shipped_file *shipped = &use->shipped->files[file];

    return named->bytes && !shipped->again && shipped->bytes != named->bytes;
}

static bool vote(struct election *election, const char *path, size_t length)
{
    struct thaw_arena *arena = &election->use->memory->arena;
    const char *root = thaw_arena_text(arena, path, length);
    uint32_t index;
    struct candidate *candidate;

    if (!root)
        return false;
    index = thaw_lookup_text(&election->by_root, root, 0);
    if (index) {
        election->candidates.items[index - 1].files++;
        return true;
    }
    candidate = thaw_array_add(&election->candidates);
    if (!candidate)
        return false;
    *candidate = (struct candidate){root, 1};
    return thaw_lookup_set_text(&election->by_root, root, (uint32_t)election->candidates.count);
}

/* Each folder that the file would have the target's name in, and its size. */
static bool vote_all(struct election *election, const struct thaw_use_named *named)
{
    const char *slash = named->path;

    for (int i = 0; slash && i < MOST_FOLDERS; i++, slash = strchr(slash + 1, '/')) {
        uint32_t file = find(election->use, slash + 1);

        if (file != THAW_SHIPPED_NONE && !differs(election->use, named, file) &&
            !vote(election, named->path, (size_t)(slash - named->path)))
            return false;
    }
    return true;
}

/* Of what is below it, at least half must be there: else another tree has some names in common. */
static bool is_plausible(const struct election *election, const struct candidate *candidate)
{
    uint64_t all = 0;

    for (size_t i = 0; i < election->joined->named.count; i++)
        all += below(election->joined->named.items[i].path, candidate->root) != NULL;
    return candidate->files * 2 >= all;
}

static bool elect(struct thaw_use *use, struct thaw_use_joined *joined)
{
    struct election election = {.use = use, .joined = joined};
    const struct candidate *best = NULL;
    bool enough = true;

    for (size_t i = 0; enough && i < joined->named.count; i++)
        enough = vote_all(&election, &joined->named.items[i]);
    for (size_t i = 0; enough && i < election.candidates.count; i++)
        if (!best || election.candidates.items[i].files > best->files)
            best = &election.candidates.items[i];
    if (enough && best && is_plausible(&election, best)) {
        joined->row->match = THAW_USE_MATCH_NAME;
        joined->row->root = best->root;
    }
    thaw_lookup_free(&election.by_root);
    thaw_array_free(&election.candidates);
    return enough;
}

static bool is_in_folders(const struct thaw_use *use, const char *path)
{
    const struct thaw_texts *folders = &use->shipped->folders_read;

    for (uint64_t i = 0; i < folders->count; i++)
        if (below(path, folders->items[i]))
            return true;
    return false;
}

/* The name that the target has for it, if it has one; NULL: it is elsewhere. */
static const char *name_in_target(const struct thaw_use *use, const struct thaw_use_joined *joined,
                                  const char *path)
{
    if (use->shipped->folders_read.count)
        return is_in_folders(use, path) ? path : NULL;
    return below(path, joined->row->root);
}

/* An archive is opened for what lies in it. */
static uint32_t find_with_archive(struct thaw_use *use, const char *inside, bool *failed)
{
    uint32_t file = find(use, inside);
    size_t archive = file == THAW_SHIPPED_NONE ? thaw_path_archive(inside) : 0;
    const char *text;

    if (!archive)
        return file;
    text = thaw_arena_text(&use->memory->arena, inside, archive);
    *failed |= !text;
    return text ? find(use, text) : THAW_SHIPPED_NONE;
}

/* The path of the target's place here: links of the target may lead to where the model has it. */
static const char *followed(struct thaw_use *use, const char *path, const char *inside,
                            bool *failed)
{
    const struct thaw_use_place *place = &use->memory->place;
    const char *here = path;

    if (!place->follow)
        return NULL;
    if (!use->shipped->folders_read.count) {
        if (!*place->directory)
            return NULL;
        here = thaw_arena_format(&use->memory->arena, "%s/%s", place->directory, inside);
        *failed |= !here;
        if (!here)
            return NULL;
    }
    here = place->follow(place->context, here);
    if (!here || use->shipped->folders_read.count)
        return here && is_in_folders(use, here) ? here : NULL;
    return below(here, strcmp(place->directory, "/") ? place->directory : "");
}

/* The file that the path is in the target; *ret_inside: it lies in the target, found or not. */
static uint32_t locate(struct thaw_use *use, const struct thaw_use_joined *joined, const char *path,
                       bool *ret_inside, bool *failed)
{
    const char *inside = name_in_target(use, joined, path), *other;
    uint32_t file = inside ? find_with_archive(use, inside, failed) : THAW_SHIPPED_NONE;

    *ret_inside = inside != NULL;
    if (file != THAW_SHIPPED_NONE || (!inside && !use->shipped->folders_read.count))
        return file;
    other = followed(use, path, inside, failed);
    *ret_inside |= other != NULL;
    return other ? find_with_archive(use, other, failed) : THAW_SHIPPED_NONE;
}

static bool lies_here(struct thaw_use *use, const struct thaw_use_joined *joined, bool *failed)
{
    for (size_t i = 0; i < joined->named.count && !*failed; i++) {
        bool inside;

        if (locate(use, joined, joined->named.items[i].path, &inside, failed) != THAW_SHIPPED_NONE)
            return true;
    }
    return false;
}

static bool find_root(struct thaw_use *use, struct thaw_use_joined *joined)
{
    const char *directory = use->memory->place.directory;
    bool several = use->shipped->folders_read.count != 0, failed = false;

    joined->row->root = strcmp(directory, "/") ? directory : "";
    if ((*directory || several) && lies_here(use, joined, &failed)) {
        joined->row->match = THAW_USE_MATCH_PATH;
        return true;
    }
    joined->row->root = "";
    return !failed && (several || elect(use, joined));
}

static bool place(struct thaw_use *use, struct thaw_use_joined *joined,
                  struct thaw_use_named *named)
{
    const struct thaw_shipped_file *shipped;
    bool inside, failed = false;

    named->file = locate(use, joined, named->path, &inside, &failed);
    joined->row->files += named->file != THAW_SHIPPED_NONE;
    joined->row->not_found += inside && named->file == THAW_SHIPPED_NONE;
    if (failed || named->file == THAW_SHIPPED_NONE)
        return !failed;
    shipped = &use->shipped->files[named->file];
    if (differs(use, named, named->file))
        joined->row->other_size++;
    else if (joined->row->match == THAW_USE_MATCH_PATH && named->mtime_ns && shipped->mtime_ns)
        joined->row->other_time += named->mtime_ns != shipped->mtime_ns;
    return true;
}

bool thaw_use_match(struct thaw_use *use, struct thaw_use_joined *joined)
{
    const struct thaw_recording *recording = joined->timeline->recording;

    for (size_t i = 0; i < recording->count; i++)
        if (!name_event(use, joined, &recording->events[i]))
            return false;
    if (!find_root(use, joined))
        return false;
    if (joined->row->match == THAW_USE_MATCH_NONE)
        return true;
    for (size_t i = 0; i < joined->named.count; i++)
        if (!place(use, joined, &joined->named.items[i]))
            return false;
    return true;
}

uint32_t thaw_use_file_of(const struct thaw_use_joined *joined, const char *path)
{
    const struct thaw_use_named *named = thaw_use_named(joined, path);

    return named ? named->file : THAW_SHIPPED_NONE;
}

void thaw_use_unmatch(struct thaw_use_joined *joined)
{
    thaw_path_table_clear(&joined->by_text);
    thaw_array_free(&joined->named);
}
