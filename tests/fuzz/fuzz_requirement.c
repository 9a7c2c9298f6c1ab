/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "packaging/marker.h"
#include "packaging/name.h"
#include "packaging/requirement.h"
#include "packaging/requirements_file.h"
#include "packaging/tags.h"
#include "packaging/version.h"

/* Any bytes as a requirements file, and each line of it as all else that src/packaging reads. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

static void check_versions(const char *one, const char *other)
{
    demand(thaw_version_compare(one, one) == 0);
    demand(sign(thaw_version_compare(one, other)) == -sign(thaw_version_compare(other, one)));
    if (thaw_version_fits(one, other, strlen(other)) >= 0 &&
        thaw_version_is_pinned(other, strlen(other)))
        demand(thaw_version_fits(one, other, strlen(other)) <= 1);
}

static void check_marker(const char *marker)
{
    static const struct {
        const char *version;
        const char *full;
    } pythons[] = {{"3.11", "3.11.7"}, {"3.8", ""}, {"", ""}};
    const char *names[] = {"A.b", "test"};
    const struct thaw_texts extras = {names, 2};
    char extra[16];

    for (size_t i = 0; i < sizeof(pythons) / sizeof(pythons[0]); i++) {
        struct thaw_marker_environment environment =
            thaw_marker_environment_of(pythons[i].version, pythons[i].full, "x86_64");
        int base = thaw_marker_holds(marker, &environment, NULL);
        int asked = thaw_marker_holds(marker, &environment, &extras);
        int needs = thaw_marker_needs_extra(marker, &environment, extra, sizeof(extra));

        /* What has no answer has none for any extra; what holds without one needs none. */
        demand((base < 0) == (asked < 0) && (base < 0) == (needs < 0));
        demand(base != 1 || needs == 0);
        demand(memchr(extra, '\0', sizeof(extra)) != NULL);
    }
}

static void check_requirement(const char *text, struct thaw_arena *arena)
{
    struct thaw_dependency_specifier requirement, again;

    if (thaw_requirement_parse(text, strlen(text), arena, &requirement) < 0)
        return;
    demand(*requirement.name && strlen(requirement.text) <= 4096);
    demand(!*requirement.specifiers || !*requirement.url);
    demand(thaw_version_fits("1", requirement.specifiers, strlen(requirement.specifiers)) >= 0);
    check_marker(requirement.marker);
    demand(thaw_requirement_parse(requirement.text, strlen(requirement.text), arena, &again) == 0);
    demand(strcmp(again.name, requirement.name) == 0 && strcmp(again.url, requirement.url) == 0 &&
           strcmp(again.marker, requirement.marker) == 0 &&
           again.extras.count == requirement.extras.count);
}

static void check_name(const char *name, struct thaw_arena *arena)
{
    const char *normal = thaw_name_normalise(arena, name, strlen(name));

    demand(thaw_name_is_same(name, normal) && strlen(normal) <= strlen(name));
    demand(strcmp(thaw_name_normalise(arena, normal, strlen(normal)), normal) == 0);
}

static void check_tag(const char *tag, struct thaw_arena *arena)
{
    static const struct thaw_tags_target here = {"3.11", "x86_64", {THAW_C_LIBRARY_MUSL, 1, 2}};
    static const struct thaw_tags_target anywhere = {"", "", {0}};

    demand(strlen(thaw_tags_misfit(tag, &here, arena)) < 128);
    demand(!*thaw_tags_misfit(tag, &anywhere, arena) || *thaw_tags_misfit(tag, &here, arena));
    demand(strlen(thaw_tags_file_misfit(tag, &here, arena)) < 128);
    demand(!*thaw_tags_file_misfit(tag, &anywhere, arena) ||
           *thaw_tags_file_misfit(tag, &here, arena));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_requirements_reader reader;
    struct thaw_requirements_line line;
    struct thaw_arena arena = {0};
    const char *before = "1.0";
    uint64_t number = 0;

    thaw_requirements_begin(&reader, (const char *)data, size);
    while (thaw_requirements_next(&reader, &arena, &line) > 0) {
        demand(line.line > number && strlen(line.text) <= 65536);
        number = line.line;
        check_requirement(line.text, &arena);
        check_marker(line.text);
        check_versions(line.text, before);
        check_name(line.text, &arena);
        check_tag(line.text, &arena);
        before = line.text;
    }
    thaw_arena_free(&arena);
    return 0;
}
