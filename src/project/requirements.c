/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/path_table.h"
#include "base/text.h"
#include "packaging/marker.h"
#include "packaging/name.h"
#include "packaging/requirement.h"
#include "packaging/requirement_url.h"
#include "packaging/requirements_file.h"
#include "packaging/version.h"
#include "project/build.h"

#define FILES_MAX 64
#define ALL_BYTES_MAX ((size_t)16 << 20)
#define REQUIREMENTS_MAX 20000
#define TEXT_BYTES_MAX 1000
#define MACHINE "x86_64" /* markers are asked for what Functions and most of Lambda run on */

/* Pythons that a marker is asked about while the app's is not known: those that may be met. */
static const char *const pythons[] = {"3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15"};
#define PYTHONS (sizeof(pythons) / sizeof(pythons[0]))

/* A file of requirements or constraints; each is read once as either. */
struct listed_file {
    const char *file;
    bool is_constraint;
    const char *bytes;
    size_t length;
};

struct reading {
    struct thaw_project *project;
    const struct thaw_requirements_source *source;
    struct thaw_arena arena; /* of what does not outlive the reading */
    struct thaw_marker_environment environments[PYTHONS];
    size_t environment_count;
    struct listed_file files[FILES_MAX];
    size_t file_count;
    size_t bytes;
    struct thaw_path_table pins; /* normalised name -> number in versions */
    THAW_ARRAY(const char *) versions;
    size_t first; /* of the project's requirements: those before are another call's */
    bool is_cut;  /* told already */
};

static struct thaw_project_place place_of(const struct listed_file *from, uint64_t line)
{
    return (struct thaw_project_place){.file = from->file,
                                       .line = line > UINT32_MAX ? 0 : (uint32_t)line,
                                       .column = line > 0};
}

static int cut(struct reading *reading, const struct thaw_project_place *place)
{
    if (reading->is_cut)
        return 0;
    reading->is_cut = true;
    return thaw_project_complain(reading->project, THAW_PROBLEM_CUT, place,
                                 "more than %d files, %d requirements or 16 MiB of them: the rest "
                                 "is not read; a list of what the app itself asks for is enough",
                                 FILES_MAX, REQUIREMENTS_MAX);
}

static int list_file(struct reading *reading, const char *file, bool is_constraint,
                     const struct thaw_project_place *place)
{
    struct listed_file *listed;
    int result;

    for (size_t i = 0; i < reading->file_count; i++) {
        if (strcmp(reading->files[i].file, file) == 0 &&
            reading->files[i].is_constraint == is_constraint)
            return 0; /* so that a circle of them ends */
    }
    if (reading->file_count == FILES_MAX)
        return cut(reading, place);
    listed = &reading->files[reading->file_count];
    *listed = (struct listed_file){
        .file = thaw_arena_string(&reading->project->memory->arena, file),
        .is_constraint = is_constraint,
    };
    if (!listed->file)
        return -ENOMEM;
    result = reading->source->include ? reading->source->include(reading->source->context, file,
                                                                 &listed->bytes, &listed->length)
                                      : -ENOENT;
    if (result == -ENOMEM)
        return result;
    if (result == -ENOENT)
        return thaw_project_complain(reading->project, THAW_PROBLEM_UNREADABLE, place,
                                     "includes a file that is not in the app: pip stops there; add "
                                     "the file, or take the line out");
    if (result < 0)
        return thaw_project_complain(
            reading->project, result == -EFBIG ? THAW_PROBLEM_TOO_LARGE : THAW_PROBLEM_UNREADABLE,
            place, "includes a file that can't be read: %s", strerror(-result));
    reading->file_count++;
    return 0;
}

static int follow(struct reading *reading, const struct listed_file *from,
                  const struct thaw_requirements_line *line, const struct thaw_project_place *place)
{
    char other[PATH_MAX];

    if (strstr(line->text, "://"))
        return thaw_project_complain(reading->project, THAW_PROBLEM_CUT, place,
                                     "includes a URL, which is not opened: put its lines here");
    if (!thaw_requirements_resolve(from->file, line->text, other, sizeof(other)))
        return thaw_project_complain(reading->project, THAW_PROBLEM_UNREADABLE, place,
                                     "includes a file outside of the app, which is not deployed "
                                     "with it: put it into the app's folder");
    return list_file(reading, other,
                     from->is_constraint || line->kind == THAW_REQUIREMENTS_CONSTRAINTS, place);
}

/* Is what looks like a host perhaps the beginning of "user:pass/word@host", with a "/" that is not
 * escaped? An "@" that follows may be a branch's, too: "https://github.com/a/b@main". */
static bool may_be_password(const char *host, size_t length)
{
    return memchr(host, ':', length) && strchr(host + length, '@');
}

/* A copy, of a URL only its scheme and host: what follows, or stands before "@", may be secret. */
static const char *public_text(struct thaw_arena *arena, const char *text)
{
    const char *scheme = strstr(text, "://"), *host, *at;
    size_t length;

    if (!scheme)
        return thaw_text_for_json(arena, thaw_setting_name_shown(text));
    host = scheme + 3;
    length = strcspn(host, "/?#\\; \t");
    at = memrchr(host, '@', length);
    if (at) {
        length -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    if (may_be_password(host, length))
        length = 0;
    text = thaw_arena_format(arena, "%.*s://%.*s", (int)(scheme - text), text, (int)length, host);
    return text ? thaw_text_for_json(arena, thaw_setting_name_shown(text)) : NULL;
}

/* Normalised; "" what has a secret's form, which small letters would not have any more. */
static const char *public_name(struct reading *reading, const char *name)
{
    if (thaw_setting_name_shown(name) != name)
        return "";
    return thaw_name_normalise(&reading->project->memory->arena, name, strlen(name));
}

/* Does it hold on the app's Python, or, that not being known, on any that it may be? */
static bool holds(const struct reading *reading, const char *marker)
{
    static const struct thaw_texts no_extras = {0};

    for (size_t i = 0; i < reading->environment_count; i++) {
        if (thaw_marker_holds(marker, &reading->environments[i], &no_extras) > 0)
            return true;
    }
    return false;
}

/* The one version of a list of specifiers that thaw_version_is_pinned(); NULL: memory is short. */
static const char *pinned_version(struct thaw_arena *arena, const char *specifiers)
{
    while (*specifiers) {
        size_t length = strcspn(specifiers, ","), begin = strspn(specifiers, " \t");
        const char *version = specifiers + begin;
        bool is_prefix;

        length = length > begin ? length - begin : 0;
        while (length && (version[length - 1] == ' ' || version[length - 1] == '\t'))
            length--;
        is_prefix = length > 2 && memcmp(version + length - 2, ".*", 2) == 0;
        if (length > 2 && memcmp(version, "==", 2) == 0 && !is_prefix) {
            size_t signs = strspn(version, "= \t");

            return thaw_arena_text(arena, version + signs, length > signs ? length - signs : 0);
        }
        specifiers += strcspn(specifiers, ",");
        specifiers += *specifiers == ',';
    }
    return "";
}

/* A constraint asks for nothing, but pins whatever else asks for its name. */
static int add_pin(struct reading *reading, const char *name, const char *version)
{
    const char **slot;
    int result = thaw_path_table_add(&reading->pins, &reading->arena, name, strlen(name),
                                     reading->versions.count);

    if (result <= 0)
        return result;
    slot = thaw_array_add(&reading->versions);
    if (!slot)
        return -ENOMEM;
    *slot = version;
    return 0;
}

static int add_requirement(struct reading *reading, const struct thaw_requirement *requirement)
{
    struct thaw_requirement *slot;

    /* Of all lists together: an app may have many. */
    if (reading->project->memory->requirements.count >= REQUIREMENTS_MAX)
        return cut(reading, &requirement->place);
    slot = thaw_array_add(&reading->project->memory->requirements);
    if (!slot)
        return -ENOMEM;
    *slot = *requirement;
    return 0;
}

/* What has no name before its path or URL: pip takes it, PEP 508 does not. */
static int read_unnamed(struct reading *reading, const struct thaw_requirements_line *line,
                        struct thaw_requirement *requirement)
{
    const char *name = thaw_requirement_url_name(&reading->arena, line->text);
    bool is_url = strstr(line->text, "://") != NULL;

    if (!name)
        return -ENOMEM;
    requirement->name = public_name(reading, name);
    requirement->is_pinned =
        line->has_hash || (is_url && thaw_requirement_url_is_fixed(line->text));
    requirement->is_editable =
        line->kind == THAW_REQUIREMENTS_EDITABLE || (!is_url && !line->has_hash);
    requirement->applies = true;
    return requirement->name ? 0 : -ENOMEM;
}

/* -EINVAL: it is none. */
static int read_named(struct reading *reading, const struct thaw_requirements_line *line,
                      struct thaw_requirement *requirement)
{
    struct thaw_arena *arena = &reading->project->memory->arena;
    struct thaw_dependency_specifier parsed;
    int result = thaw_requirement_parse(line->text, strlen(line->text), &reading->arena, &parsed);

    if (result < 0)
        return result;
    requirement->name = public_name(reading, parsed.name);
    requirement->applies = holds(reading, parsed.marker);
    if (*parsed.url) {
        requirement->is_pinned = line->has_hash || thaw_requirement_url_is_fixed(parsed.url);
    } else if (thaw_version_is_pinned(parsed.specifiers, strlen(parsed.specifiers))) {
        requirement->is_pinned = true;
        requirement->version = pinned_version(arena, parsed.specifiers);
    }
    return requirement->name && requirement->version ? 0 : -ENOMEM;
}

static int read_line(struct reading *reading, const struct listed_file *from,
                     const struct thaw_requirements_line *line, uint64_t *asked)
{
    struct thaw_project_place place = place_of(from, line->line);
    struct thaw_requirement requirement = {
        .name = "", .version = "", .is_hashed = line->has_hash, .place = place};
    int result;

    if (line->kind == THAW_REQUIREMENTS_OPTION)
        return 0;
    if (strlen(line->text) > TEXT_BYTES_MAX)
        return thaw_project_complain(reading->project, THAW_PROBLEM_CUT, &place,
                                     "longer than %d bytes: not read", TEXT_BYTES_MAX);
    if (line->kind == THAW_REQUIREMENTS_FILE || line->kind == THAW_REQUIREMENTS_CONSTRAINTS)
        return follow(reading, from, line, &place);
    result = line->kind == THAW_REQUIREMENTS_REQUIREMENT
                 ? read_named(reading, line, &requirement)
                 : read_unnamed(reading, line, &requirement);
    if (result == -EINVAL)
        return thaw_project_complain_to_do(
            reading->project, THAW_PROBLEM_MALFORMED, &place,
            "write it as NAME==VERSION, or take the line out",
            "no requirement that pip would take (\"name==1.2.3\"): it "
            "stops at this line");
    if (result < 0)
        return result;
    if (from->is_constraint)
        return requirement.applies && requirement.is_pinned && *requirement.name
                   ? add_pin(reading, requirement.name, requirement.version)
                   : 0;
    requirement.text = public_text(&reading->project->memory->arena, line->text);
    if (!requirement.text)
        return -ENOMEM;
    ++*asked;
    return add_requirement(reading, &requirement);
}

static int add_manifest(struct reading *reading, const char *file, uint64_t requirements)
{
    struct thaw_manifest *manifest = thaw_array_add(&reading->project->memory->manifests);

    if (!manifest)
        return -ENOMEM;
    *manifest =
        (struct thaw_manifest){.file = file, .requires_python = "", .requirements = requirements};
    return 0;
}

/* By number: a file that it includes is added to the list behind it. */
static int read_file(struct reading *reading, size_t number)
{
    const struct listed_file from = reading->files[number];
    struct thaw_project_place place = place_of(&from, 0);
    struct thaw_requirements_reader reader;
    struct thaw_requirements_line line;
    uint64_t asked = 0;
    int result;

    reading->bytes += from.length;
    if (reading->bytes > ALL_BYTES_MAX)
        return cut(reading, &place);
    if (memchr(from.bytes, '\0', from.length))
        return thaw_project_complain_to_do(
            reading->project, THAW_PROBLEM_MALFORMED, &place, "save the file as UTF-8",
            "no text (it has NUL bytes; UTF-16 perhaps): write it as "
            "UTF-8");
    thaw_requirements_begin(&reader, from.bytes, from.length);
    do {
        result = thaw_requirements_next(&reader, &reading->arena, &line);
        if (result > 0 && read_line(reading, &from, &line, &asked) < 0)
            result = -ENOMEM;
    } while (result > 0 && !reading->is_cut);
    if (result < 0 || from.is_constraint)
        return result < 0 ? result : 0; /* 1: a bound was hit */
    return add_manifest(reading, from.file, asked);
}

static void pin_by_constraints(struct reading *reading)
{
    for (size_t i = reading->first; i < reading->project->memory->requirements.count; i++) {
        struct thaw_requirement *requirement = &reading->project->memory->requirements.items[i];
        size_t found =
            *requirement->name && !requirement->is_pinned
                ? thaw_path_table_find(&reading->pins, requirement->name, strlen(requirement->name))
                : THAW_PATH_NONE;

        if (found == THAW_PATH_NONE)
            continue;
        requirement->is_pinned = true;
        requirement->version = reading->versions.items[found];
    }
}

static void set_environments(struct reading *reading)
{
    const char *version = reading->source->python_version;

    if (version && *version) {
        reading->environments[reading->environment_count++] =
            thaw_marker_environment_of(version, "", MACHINE);
        return;
    }
    for (; reading->environment_count < PYTHONS; reading->environment_count++)
        reading->environments[reading->environment_count] =
            thaw_marker_environment_of(pythons[reading->environment_count], "", MACHINE);
}

int thaw_read_requirements(struct thaw_project *project, const struct thaw_project_input *input,
                           const struct thaw_requirements_source *source)
{
    struct reading reading = {.project = project,
                              .source = source,
                              .first = project->memory->requirements.count};
    int result;

    set_environments(&reading);
    reading.files[reading.file_count++] =
        (struct listed_file){.file = thaw_arena_string(&project->memory->arena, input->file),
                             .bytes = input->bytes,
                             .length = input->length};
    result = reading.files[0].file ? 0 : -ENOMEM;
    for (size_t i = 0; result == 0 && i < reading.file_count; i++)
        result = read_file(&reading, i);
    if (result == 0)
        pin_by_constraints(&reading);
    thaw_path_table_clear(&reading.pins);
    thaw_array_free(&reading.versions);
    thaw_arena_free(&reading.arena);
    return result;
}
