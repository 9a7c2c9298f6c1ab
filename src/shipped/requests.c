/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "packaging/name.h"
#include "packaging/requirement_url.h"
#include "packaging/requirements_file.h"
#include "packaging/version.h"
#include "shipped/app.h"
#include "shipped/build.h"
#include "shipped/content.h"
#include "shipped/evaluation.h"
#include "shipped/tree.h"

#define FILES_MAX 64
#define FILE_BYTES_MAX ((size_t)4 << 20)
#define ALL_BYTES_MAX ((size_t)16 << 20)
#define REQUESTS_MAX 50000
#define TEXT_BYTES_MAX 1000

struct request_file {
    uint32_t file;
    bool is_constraint;
};

/* Files that are read, each once, in the order they are named. */
struct reading {
    struct thaw_shipped *shipped;
    struct thaw_evaluation evaluation;
    struct thaw_arena lines; /* texts of lines: those of requirements are copied */
    struct request_file files[FILES_MAX];
    size_t file_count;
    size_t bytes;
    bool is_cut; /* told already */
};

static int reading_cut(struct reading *reading, const char *path)
{
    if (reading->is_cut)
        return 0;
    reading->is_cut = true;
    return thaw_shipped_fault(reading->shipped, path,
                              "more than %d requirements files, %d lines or 16 MiB of them: the "
                              "rest is not read",
                              FILES_MAX, REQUESTS_MAX);
}

static int reading_add(struct reading *reading, uint32_t file, bool is_constraint)
{
    for (size_t i = 0; i < reading->file_count; i++) {
        if (reading->files[i].file == file && reading->files[i].is_constraint == is_constraint)
            return 0;
    }
    if (reading->file_count == FILES_MAX)
        return reading_cut(reading, reading->shipped->files[file].path);
    reading->files[reading->file_count++] = (struct request_file){file, is_constraint};
    return 0;
}

/* Those of one top folder are one after the other: requirements.txt makes the others no matter. */
static bool has_main_file(const struct thaw_shipped *shipped, uint32_t file)
{
    const char *path = shipped->files[file].path;
    size_t folder = (size_t)(thaw_tree_name(path) - path);
    char main_path[PATH_MAX];

    if (folder + sizeof("requirements.txt") > sizeof(main_path))
        return false;
    memcpy(main_path, path, folder);
    strcpy(main_path + folder, "requirements.txt");
    return thaw_content_find(shipped, main_path) != THAW_SHIPPED_NONE;
}

static int find_files(struct reading *reading)
{
    const struct thaw_shipped *shipped = reading->shipped;
    enum thaw_app_place *places = thaw_app_places(shipped);
    int result = places ? 0 : -ENOMEM;

    for (uint32_t i = 0; result == 0 && i < shipped->file_count; i++) {
        const char *name = thaw_tree_file_name(&shipped->files[i]);

        if (places[shipped->files[i].folder] != THAW_APP_TOP)
            continue;
        if (strcmp(name, "requirements.txt") == 0 ||
            (fnmatch("requirements*.txt", name, 0) == 0 && !has_main_file(shipped, i)))
            result = reading_add(reading, i, false);
    }
    free(places);
    return result;
}

static int follow(struct reading *reading, const struct request_file *from,
                  const struct thaw_requirements_line *line)
{
    const char *path = reading->shipped->files[from->file].path;
    char other[PATH_MAX];
    uint32_t found;

    if (strstr(line->text, "://"))
        return thaw_shipped_remark(reading->shipped, path,
                                   "line %lu includes a URL, which is not opened: put its lines "
                                   "into the target",
                                   line->line);
    if (!thaw_requirements_resolve(path, line->text, other, sizeof(other)))
        return thaw_shipped_remark(
            reading->shipped, path,
            "line %lu includes \"%.100s\", outside of the target: not opened", line->line,
            line->text);
    found = thaw_content_find(reading->shipped, other);
    if (found == THAW_SHIPPED_NONE)
        return thaw_shipped_remark(reading->shipped, path,
                                   "line %lu includes \"%.100s\", which is not there", line->line,
                                   line->text);
    return reading_add(reading, found,
                       from->is_constraint || line->kind == THAW_REQUIREMENTS_CONSTRAINTS);
}

/* A copy of a line without what may be secret: the user and password of a URL ("git@" is none). */
static const char *public_text(struct thaw_arena *arena, const char *text)
{
    const char *scheme = strstr(text, "://"), *host = scheme ? scheme + 3 : NULL;
    const char *at = host ? memrchr(host, '@', strcspn(host, "/?# \t")) : NULL;

    if (!at || (at - host == 3 && memcmp(host, "git", 3) == 0))
        return thaw_arena_string(arena, text);
    return thaw_arena_format(arena, "%.*s***%s", (int)(host - text), text, at);
}

/* What has no name before its URL is no requirement by PEP 508, but pip takes it. */
static int read_unnamed(struct reading *reading, const char *text,
                        struct thaw_shipped_request *request)
{
    const char *name = thaw_requirement_url_name(&reading->shipped->memory->arena, text);
    struct thaw_shipped_requirement *requirement = &request->requirement;

    if (!name)
        return -ENOMEM;
    *requirement = (struct thaw_shipped_requirement){
        .text = text, .name = name, .extra = "", .distribution = THAW_SHIPPED_NONE};
    requirement->unreadable = !*name;
    request->is_pinned = thaw_requirement_url_is_fixed(text) || request->is_hashed;
    if (!*name)
        return 0;
    requirement->applies = true;
    if (thaw_evaluation_find(&reading->evaluation, name, &requirement->distribution) < 0)
        return -ENOMEM;
    requirement->satisfied = requirement->distribution != THAW_SHIPPED_NONE;
    return 0;
}

static int read_named(struct reading *reading, const char *text,
                      struct thaw_shipped_request *request)
{
    struct thaw_shipped_requirement *requirement = &request->requirement;
    struct thaw_dependency_specifier parsed;

    if (thaw_evaluation_requirement(&reading->evaluation, text, THAW_SHIPPED_NONE, &parsed,
                                    requirement) < 0)
        return -ENOMEM;
    if (requirement->unreadable)
        return thaw_shipped_remark(reading->shipped, request->file,
                                   "line %lu is no requirement: \"%.100s\"", request->line, text);
    request->is_pinned = *parsed.url
                             ? thaw_requirement_url_is_fixed(parsed.url) || request->is_hashed
                             : thaw_version_is_pinned(parsed.specifiers, strlen(parsed.specifiers));
    if (request->is_constraint && requirement->distribution == THAW_SHIPPED_NONE)
        requirement->satisfied = true;
    return 0;
}

static int read_line(struct reading *reading, const struct request_file *from,
                     const struct thaw_requirements_line *line)
{
    struct thaw_shipped_memory *memory = reading->shipped->memory;
    struct thaw_shipped_request *request;
    const char *text;

    if (line->kind == THAW_REQUIREMENTS_OPTION)
        return 0;
    if (strlen(line->text) > TEXT_BYTES_MAX)
        return thaw_shipped_fault(reading->shipped, reading->shipped->files[from->file].path,
                                  "line %lu is longer than %d bytes: not read", line->line,
                                  TEXT_BYTES_MAX);
    if (line->kind == THAW_REQUIREMENTS_FILE || line->kind == THAW_REQUIREMENTS_CONSTRAINTS)
        return follow(reading, from, line);
    if (memory->requests.count >= REQUESTS_MAX)
        return reading_cut(reading, reading->shipped->files[from->file].path);
    request = thaw_array_add(&memory->requests);
    text = public_text(&memory->arena, line->text);
    if (!request || !text)
        return -ENOMEM;
    *request = (struct thaw_shipped_request){.file = reading->shipped->files[from->file].path,
                                             .line = line->line,
                                             .is_constraint = from->is_constraint,
                                             .is_hashed = line->has_hash};
    return line->kind == THAW_REQUIREMENTS_REQUIREMENT ? read_named(reading, text, request)
                                                       : read_unnamed(reading, text, request);
}

static int read_file(struct reading *reading, const struct request_file *from)
{
    const char *path = reading->shipped->files[from->file].path;
    struct thaw_requirements_reader reader;
    struct thaw_requirements_line line;
    size_t length;
    char *bytes;
    int result = thaw_content_read(reading->shipped, from->file, FILE_BYTES_MAX, &bytes, &length);

    if (result < 0)
        return result == -ENOMEM
                   ? result
                   : thaw_shipped_fault(reading->shipped, path, "%s", strerror(-result));
    reading->bytes += length;
    if (reading->bytes > ALL_BYTES_MAX || length == FILE_BYTES_MAX)
        return reading_cut(reading, path);
    thaw_requirements_begin(&reader, bytes, length);
    do {
        result = thaw_requirements_next(&reader, &reading->lines, &line);
        if (result > 0 && read_line(reading, from, &line) < 0)
            result = -ENOMEM;
    } while (result > 0 &&
             !(reading->is_cut && reading->shipped->memory->requests.count >= REQUESTS_MAX));
    return result < 0 ? result : 0;
}

/* What a constraint pins needs no pin of its own. */
static int pin_by_constraints(struct reading *reading)
{
    struct thaw_shipped_memory *memory = reading->shipped->memory;
    struct thaw_path_table pins = {0};
    int result = 0;

    for (int is_request = 0; result == 0 && is_request < 2; is_request++) {
        for (size_t i = 0; result == 0 && i < memory->requests.count; i++) {
            struct thaw_shipped_request *request = &memory->requests.items[i];
            const char *name = request->requirement.name;

            if (request->is_constraint == is_request || !*name || !request->requirement.applies ||
                (!is_request && !request->is_pinned))
                continue;
            name = thaw_name_normalise(&reading->lines, name, strlen(name));
            if (!name)
                result = -ENOMEM;
            else if (!is_request)
                result = thaw_path_table_add(&pins, &reading->lines, name, strlen(name), i);
            else if (thaw_path_table_find(&pins, name, strlen(name)) != THAW_PATH_NONE)
                request->is_pinned = true;
            result = result < 0 ? result : 0;
        }
    }
    thaw_path_table_clear(&pins);
    return result;
}

int thaw_shipped_requests(struct thaw_shipped *shipped, struct thaw_error *error)
{
    struct reading reading = {.shipped = shipped};
    int result = find_files(&reading);

    if (result == 0 && reading.file_count)
        result = thaw_evaluation_begin(&reading.evaluation, shipped);
    for (size_t i = 0; result == 0 && i < reading.file_count; i++)
        result = read_file(&reading, &reading.files[i]);
    if (result == 0)
        result = pin_by_constraints(&reading);
    thaw_evaluation_end(&reading.evaluation);
    thaw_arena_free(&reading.lines);
    return result < 0 ? thaw_error_memory(error) : 0;
}
