/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/read_whole.h"
#include "base/text.h"
#include "cli/gate_places.h"
#include "python/import_names.h"
#include "report/keys.h"
#include "report/values.h"

#define FILE_BYTES_MAX ((size_t)4 << 20)
#define LINK " > "
#define LINKS_MAX 64

struct places {
    struct thaw_arena arena;
    struct thaw_values values;
    const char *folder;
    bool failed;
};

/* A statement of a file that asks for a module. */
struct search {
    const char *source;
    const char *name;
    size_t offset;
    bool is_found, is_indented;
};

struct place {
    const char *file; /* NULL: none */
    uint64_t line;
};

/* "a" or "a.b" within the other, either way: `import a.b` loads a, and `from a import b` may load
 * a.b. */
static bool are_related(const char *one, const char *other)
{
    size_t length = strlen(one), other_length = strlen(other);
    size_t shorter = length < other_length ? length : other_length;

    return !strncmp(one, other, shorter) && strchr(".", one[shorter]) &&
           strchr(".", other[shorter]);
}

/* One at the file's top level is executed for sure, and wins. */
static int take(void *context, const struct thaw_import_name *name)
{
    struct search *search = context;
    char before = name->offset ? search->source[name->offset - 1] : '\n';
    bool indented = before == ' ' || before == '\t';

    if (!are_related(name->name, search->name))
        return 0;
    if (!search->is_found || (search->is_indented && !indented)) {
        search->offset = name->offset;
        search->is_indented = indented;
        search->is_found = true;
    }
    return search->is_indented ? 0 : 1;
}

static uint64_t line_of(const char *source, size_t offset)
{
    uint64_t line = 1;

    for (size_t i = 0; i < offset; i++)
        line += source[i] == '\n' || (source[i] == '\r' && source[i + 1] != '\n');
    return line;
}

/* A module's name as a file's: no more than letters, digits, "_" and single dots. */
static bool is_module_name(const char *name)
{
    bool at_start = true;

    for (; *name; name++) {
        unsigned char byte = (unsigned char)*name;

        if (byte == '.' ? at_start : !(isalnum(byte) || byte == '_' || byte >= 0x80))
            return false;
        at_start = byte == '.';
    }
    return !at_start;
}

static const char *file_of(struct places *places, const char *module, const char *ending)
{
    char *path = (char *)thaw_arena_format(&places->arena, "%s%s%s%s", places->folder,
                                           *places->folder ? "/" : "", module, ending);
    size_t begin = strlen(places->folder), end = begin + (begin > 0) + strlen(module);

    places->failed |= !path;
    for (size_t i = begin + (begin > 0); path && i < end; i++)
        path[i] = path[i] == '.' ? '/' : path[i];
    return path;
}

/* NULL: it can't be read. */
static char *read_file(struct places *places, const char *path, size_t *ret_length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), code = -1;
    struct stat status;
    char *bytes = NULL;

    if (fd < 0)
        return NULL;
    if (!fstat(fd, &status) && S_ISREG(status.st_mode))
        code = thaw_read_at_most(fd, FILE_BYTES_MAX, &bytes, ret_length);
    close(fd);
    places->failed |= code == -ENOMEM;
    return code ? NULL : bytes;
}

/* Where a module of the folder asks for the next one. *ret_own: there is such a module. */
static struct place find(struct places *places, const char *module, const char *next, bool *ret_own)
{
    static const char *const endings[] = {".py", "/__init__.py"};
    struct place place = {0};

    *ret_own = false;
    for (size_t i = 0; i < 2 && is_module_name(module) && !*ret_own; i++) {
        const char *path = file_of(places, module, endings[i]);
        size_t length = 0;
        char *source = path ? read_file(places, path, &length) : NULL;
        struct search search = {.source = source, .name = next};

        *ret_own = source != NULL;
        if (source && length <= FILE_BYTES_MAX)
            thaw_import_names(source, length, take, &search);
        if (search.is_found)
            place = (struct place){path, line_of(source, search.offset)};
        free(source);
    }
    return place;
}

static size_t split(char *chain, const char **links)
{
    size_t count = 0;

    for (char *at = chain; at && count < LINKS_MAX;) {
        char *end = strstr(at, LINK);

        links[count++] = at;
        if (end)
            *end = '\0';
        at = end ? end + strlen(LINK) : NULL;
    }
    return count;
}

/* Of the user's own modules in a chain, the first that has a place, and the last. */
static void set_places(struct places *places, json_t *offender)
{
    const char *chain = thaw_key_string(offender, "chain"), *links[LINKS_MAX];
    char *copy = (char *)thaw_arena_string(&places->arena, chain);
    size_t count = copy ? split(copy, links) : 0;
    struct place first = {0}, nearest = {0};
    const char *shown, *text;

    places->failed |= !copy;
    for (size_t i = 0; i + 1 < count; i++) {
        bool own;
        struct place place = find(places, links[i], links[i + 1], &own);

        if (!own)
            continue;
        first = first.file ? first : place;
        nearest = place;
    }
    if (!nearest.file)
        return;
    shown = thaw_text_for_terminal(&places->arena, first.file);
    text = thaw_arena_format(&places->arena, "%s:%llu" LINK "%s", shown ? shown : "",
                             (unsigned long long)first.line, chain);
    places->failed |= !shown || !text;
    thaw_values_set_text(&places->values, offender, "chain", text);
    thaw_values_set_text(&places->values, offender, "file", nearest.file);
    thaw_values_set_number(&places->values, offender, "line", nearest.line);
}

int thaw_gate_find_places(json_t *gate, const char *folder, struct thaw_error *error)
{
    struct places places = {.folder = folder};
    json_t *check, *offender;
    size_t i, j;

    while (!strncmp(places.folder, "./", 2))
        places.folder += 2 + strspn(places.folder + 2, "/");
    if (!strcmp(places.folder, "."))
        places.folder = "";
    json_array_foreach(json_object_get(gate, "checks"), i, check)
    {
        json_array_foreach(json_object_get(check, "offenders"), j, offender)
        {
            if (!*thaw_key_string(offender, "file") && *thaw_key_string(offender, "chain"))
                set_places(&places, offender);
        }
    }
    thaw_arena_free(&places.arena);
    return places.failed || places.values.failed ? thaw_error_memory(error) : 0;
}
