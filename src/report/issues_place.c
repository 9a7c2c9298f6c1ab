/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "report/issues.h"
#include "report/keys.h"
#include "report/summary_parts.h"

struct thaw_places {
    struct thaw_summary *summary;
    const char *directory; /* where the command was started, "" unknown */
    const char *app;       /* folder of the app's first module, "" unknown */
    const char *entry;     /* that module's file, "" unknown */
    const char *prefix;    /* of a target's paths: "build/app/" */
    json_t *requirements;  /* key of a name -> number in the report's list */
    json_t *distributions; /* likewise */
};

/* The folder a path is in, without the slash. */
static const char *folder_of(struct thaw_summary *summary, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash > path ? thaw_summary_format(summary, "%.*s", (int)(slash - path), path)
                                 : "";
}

static void find_app(struct thaw_places *places)
{
    const json_t *module;
    size_t i;

    json_array_foreach(json_object_get(places->summary->report, "modules"), i, module)
    {
        const char *path = thaw_summary_raw(places->summary, module, "path");

        if (strcmp(thaw_key_string(module, "owner"), "app") != 0 || *path != '/')
            continue;
        places->entry = path;
        places->app = folder_of(places->summary, path);
        return;
    }
}

/* A target is given as it is seen from where the program was started, or by its whole path. */
static void find_prefix(struct thaw_places *places)
{
    const json_t *target = json_object_get(places->summary->report, "target");
    const char *path = thaw_summary_raw(places->summary, target, "path");
    size_t length;

    while (!strncmp(path, "./", 2))
        path += 2 + strspn(path + 2, "/");
    for (length = strlen(path); length && path[length - 1] == '/';)
        length--;
    if (*path != '/' && length && strcmp(path, ".") != 0)
        places->prefix = thaw_summary_format(places->summary, "%.*s/", (int)length, path);
}

/* Names of a list to their first numbers; NULL: memory is short. */
static json_t *index_of(struct thaw_places *places, const char *key)
{
    struct thaw_arena *arena = &places->summary->arena;
    json_t *index = json_object();
    const json_t *item;
    bool failed = !index;
    size_t i;

    json_array_foreach(json_object_get(places->summary->report, key), i, item)
    {
        const char *name = thaw_key_name(arena, item, "name");

        failed |= !name;
        if (name && *name && !thaw_summary_is(item, "constraint") && !json_object_get(index, name))
            failed |= json_object_set_new(index, name, json_integer((json_int_t)i)) != 0;
    }
    places->summary->failed |= failed;
    return index;
}

struct thaw_places *thaw_places_begin(struct thaw_summary *summary)
{
    const json_t *run = json_object_get(summary->report, "run");
    struct thaw_places *places = calloc(1, sizeof(*places));

    summary->failed |= !places;
    if (!places)
        return NULL;
    *places = (struct thaw_places){.summary = summary, .app = "", .entry = "", .prefix = ""};
    places->directory = thaw_summary_raw(summary, run, "directory");
    if (!strcmp(places->directory, "/"))
        places->directory = "";
    find_app(places);
    find_prefix(places);
    places->requirements = index_of(places, "requirements");
    places->distributions = index_of(places, "distributions");
    return places;
}

void thaw_places_free(struct thaw_places *places)
{
    if (!places)
        return;
    json_decref(places->requirements);
    json_decref(places->distributions);
    free(places);
}

const char *thaw_places_path(struct thaw_places *places, const char *path)
{
    const char *within = *places->directory ? thaw_key_within(path, places->directory) : NULL;

    if (!within && *places->app)
        within = thaw_key_within(path, places->app);
    return within && *within ? within : path;
}

const char *thaw_places_target_path(struct thaw_places *places, const char *path)
{
    return *path == '/' ? path : thaw_summary_format(places->summary, "%s%s", places->prefix, path);
}

static const json_t *numbered(struct thaw_places *places, json_t *index, const char *key,
                              const char *name)
{
    const json_t *number = json_object_get(index, name);

    return number ? json_array_get(json_object_get(places->summary->report, key),
                                   (size_t)json_integer_value(number))
                  : NULL;
}

bool thaw_places_requirement(struct thaw_places *places, const char *name, struct thaw_issue *issue)
{
    const json_t *line = numbered(places, places->requirements, "requirements", name);

    if (!line) { /* "why" begins with where the chain does, then come names */
        const json_t *package = numbered(places, places->distributions, "distributions", name);
        const char *top = thaw_key_item_name(&places->summary->arena, package, "why", 1);

        line = top ? numbered(places, places->requirements, "requirements", top) : NULL;
    }
    if (!line)
        return false;
    issue->path = thaw_places_target_path(places, thaw_summary_raw(places->summary, line, "file"));
    issue->line = thaw_summary_number(line, "line");
    return true;
}

void thaw_places_anywhere(struct thaw_places *places, struct thaw_issue *issue)
{
    issue->elsewhere = true;
    issue->path = *places->entry ? thaw_places_path(places, places->entry) : places->prefix;
}

/* RFC 3986, sections 2.3 and 3.3: what stands in a segment as it is, and the slash between them. */
static bool stands_in_path(unsigned char byte)
{
    return byte < 0x80 && (isalnum(byte) || strchr("-._~/!$&'()*+,;=@", byte)) && byte;
}

const char *thaw_places_uri(struct thaw_summary *summary, const char *path)
{
    const char *before = *path == '/' ? "file://" : "";
    char *out = thaw_arena_allocate(&summary->arena, strlen(path) * 3 + strlen(before) + 1);
    size_t used = strlen(before);

    summary->failed |= !out;
    if (!out)
        return "";
    if (!*path)
        return ".";
    memcpy(out, before, used);
    for (; *path; path++) {
        unsigned char byte = (unsigned char)*path;

        if (stands_in_path(byte))
            out[used++] = *path;
        else
            used += (size_t)snprintf(out + used, 4, "%%%02X", byte);
    }
    return out;
}
