/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "project/reading.h"
#include "shipped/content.h"
#include "shipped/tree.h"

/*
 * What is not as it should be in the app's folder before anything is read: files that are folders,
 * links or FIFOs, what could not be looked into, a host.json that is elsewhere.
 */

#define LINKS_MAX 50 /* that are told */
#define NESTED_MAX 5
#define NESTED_BYTES 120 /* of their names, behind which no further one is told */

/* Files of the app's top folder without which it would be taken for another one. */
static const char *const wanted[] = {"host.json",           "function_app.py", "requirements.txt",
                                     "local.settings.json", ".funcignore",     "pyproject.toml"};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int complain(struct thaw_project_reading *reading, const char *path, const char *what)
{
    struct thaw_project_place place = {
        .file = thaw_text_for_json(&reading->project->memory->arena, path)};

    return place.file ? thaw_project_complain(reading->project, THAW_PROBLEM_UNREADABLE, &place,
                                              "%s", what)
                      : -ENOMEM;
}

/* What is there of that name in the folder itself, if it is no regular file; NULL: nothing. */
static const char *kind_of_special(const struct thaw_shipped *shipped, const char *name)
{
    const struct thaw_content *content = shipped->memory->content;
    struct stat status;

    if (content->archive || !content->roots.count ||
        fstatat(content->roots.items[0].fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
        S_ISREG(status.st_mode))
        return NULL;
    return "a FIFO, socket or device, which is never opened: put a file in its place";
}

static int check_wanted(struct thaw_project_reading *reading, const char *name)
{
    const struct thaw_shipped *shipped = reading->project->shipped;
    const char *special;

    if (thaw_content_find(shipped, name) != THAW_SHIPPED_NONE)
        return 0;
    if (thaw_tree_find_folder(shipped, name, strlen(name)) != THAW_SHIPPED_NONE)
        return complain(reading, name, "a folder, where a file should be: rename one of the two");
    if (thaw_tree_has_link(shipped, 0, name, strlen(name)))
        return 0; /* told with the other links */
    special = kind_of_special(shipped, name);
    return special ? complain(reading, name, special) : 0;
}

static bool is_read_name(const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < COUNT(wanted); i++) {
        if (strcmp(name, wanted[i]) == 0)
            return true;
    }
    return strcmp(name, "function.json") == 0 ||
           (length > 3 && strcmp(name + length - 3, ".py") == 0) ||
           (length > 6 && strcmp(name + length - 6, ".bicep") == 0);
}

/* No link is followed: it may lead anywhere, and what is deployed there is another file. */
static int check_links(struct thaw_project_reading *reading)
{
    const struct thaw_content *content = reading->project->shipped->memory->content;
    size_t told = 0;
    int result = 0;

    for (size_t i = 0; result == 0 && i < content->links.count && told < LINKS_MAX; i++) {
        const struct thaw_tree_link *link = &content->links.items[i];

        if (!reading->is_searched[link->folder] || !is_read_name(thaw_tree_name(link->path)))
            continue;
        told++;
        result = complain(reading, link->path,
                          "a symbolic link, which is not followed: what it leads to was not read; "
                          "put the file itself here");
    }
    return result;
}

/* The folder of the model that a path is, or lies in. */
static uint32_t folder_of(const struct thaw_shipped *shipped, const char *path)
{
    size_t length = strlen(path);
    uint32_t folder;

    while ((folder = thaw_tree_find_folder(shipped, path, length)) == THAW_SHIPPED_NONE && length) {
        while (length && path[length - 1] != '/')
            length--;
        length -= length > 0;
    }
    return folder;
}

/* What the walk could not look into, but in libraries and environments. */
static int check_faults(struct thaw_project_reading *reading)
{
    const struct thaw_shipped *shipped = reading->project->shipped;
    int result = 0;

    for (size_t i = 0; result == 0 && i < shipped->fault_count; i++) {
        const struct thaw_shipped_fault *fault = &shipped->faults[i];
        uint32_t folder = folder_of(shipped, fault->path);
        const char *text;

        if (!fault->is_unread || folder == THAW_SHIPPED_NONE || !reading->is_searched[folder])
            continue;
        /* Of files the steps that read them say more. */
        if (!fault->is_folder && thaw_content_find(shipped, fault->path) != THAW_SHIPPED_NONE)
            continue;
        text = thaw_arena_format(&reading->arena, "%s%s", fault->what,
                                 fault->is_folder && !strstr(fault->what, "not read")
                                     ? "; what is in it was not read"
                                     : "");
        result = text ? complain(reading, fault->path, text) : -ENOMEM;
    }
    if (result == 0 && shipped->faults_more)
        result =
            thaw_project_complain(reading->project, THAW_PROBLEM_CUT, NULL,
                                  "%lu more files or folders can't be read", shipped->faults_more);
    return result;
}

/* Right below, or one further down: src/, services/orders/. */
static bool is_near(const struct thaw_shipped_folder *folder)
{
    const char *slash = strchr(folder->path, '/');

    return !(slash && strchr(slash + 1, '/'));
}

/* Does that folder have the host.json of another app? Far down, those of tests are no app. */
static bool is_nested(const struct thaw_project_reading *reading, uint32_t folder, bool is_far)
{
    static const char name[] = "host.json";
    const struct thaw_shipped *shipped = reading->project->shipped;
    uint32_t file;

    if (shipped->folders[folder].parent == THAW_SHIPPED_NONE || !reading->is_searched[folder] ||
        is_near(&shipped->folders[folder]) == is_far)
        return false;
    file = thaw_tree_find_file(shipped, folder, name, sizeof(name) - 1, 0);
    return file != THAW_SHIPPED_NONE && shipped->files[file].distribution == THAW_SHIPPED_NONE &&
           !(is_far && shipped->files[file].kind == THAW_FILE_TESTS);
}

struct nested {
    const char *first; /* folder */
    const char *names; /* "one/, two/" */
    size_t count;
};

static int find_nested(struct thaw_project_reading *reading, bool is_far, struct nested *ret)
{
    const struct thaw_shipped *shipped = reading->project->shipped;
    size_t told = 0;

    for (uint32_t i = 0; i < shipped->folder_count; i++) {
        const char *shown;

        if (!is_nested(reading, i, is_far))
            continue;
        ret->count++;
        if (told == NESTED_MAX || (ret->names && strlen(ret->names) >= NESTED_BYTES))
            continue;
        told++;
        shown = thaw_text_for_json(&reading->arena, shipped->folders[i].path);
        ret->first = ret->first ? ret->first : shown;
        ret->names = !shown       ? NULL
                     : ret->names ? thaw_arena_format(&reading->arena, "%s, %s/", ret->names, shown)
                                  : thaw_arena_format(&reading->arena, "%s/", shown);
        if (!ret->names)
            return -ENOMEM;
    }
    if (ret->count > told) {
        ret->names =
            thaw_arena_format(&reading->arena, "%s and %zu more", ret->names, ret->count - told);
        return ret->names ? 0 : -ENOMEM;
    }
    return 0;
}

/* Is it an app by itself, whatever lies deep below it? That of Azure has a function.json one folder
 * down, those of Lambda are told by a file that deploys them. */
static bool is_app_itself(const struct thaw_project_reading *reading)
{
    static const char *const names[] = {"template.yaml", "template.yml",   "template.json",
                                        "cdk.json",      "serverless.yml", "serverless.yaml"};
    const struct thaw_shipped *shipped = reading->project->shipped;
    size_t count;

    thaw_reading_files(reading, THAW_ROLE_FUNCTION, &count);
    for (size_t i = 0; i < COUNT(names) && !count; i++)
        count += thaw_content_find(shipped, names[i]) != THAW_SHIPPED_NONE;
    return count > 0;
}

/* No host.json here, but in folders below: it is one of them that should have been given. */
static int check_nested(struct thaw_project_reading *reading)
{
    const struct thaw_shipped *shipped = reading->project->shipped;
    struct nested nested = {0};
    const char *first;
    int result;

    if (thaw_content_find(shipped, "host.json") != THAW_SHIPPED_NONE ||
        thaw_content_find(shipped, "function_app.py") != THAW_SHIPPED_NONE)
        return 0;
    result = find_nested(reading, false, &nested);
    if (result == 0 && !nested.count && !is_app_itself(reading))
        result = find_nested(reading, true, &nested);
    if (result < 0 || !nested.count)
        return result;
    reading->is_elsewhere = true;
    first = thaw_arena_format(&reading->arena, "%s/host.json", nested.first);
    if (!first)
        return -ENOMEM;
    reading->project->nested = thaw_arena_string(&reading->project->memory->arena, nested.names);
    if (!reading->project->nested)
        return -ENOMEM;
    return thaw_project_complain(reading->project, THAW_PROBLEM_CUT,
                                 &(struct thaw_project_place){.file = first},
                                 "host.json is not here but in %s: %s", nested.names,
                                 reading->project->is_zip
                                     ? "what is there was not judged as the app that it is"
                                 : nested.count == 1 ? "give that folder, which is the app"
                                                     : "give one of these folders, each is an app");
}

int thaw_project_oddities(struct thaw_project_reading *reading, struct thaw_error *error)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < COUNT(wanted); i++)
        result = check_wanted(reading, wanted[i]);
    if (result == 0)
        result = check_links(reading);
    if (result == 0)
        result = check_faults(reading);
    if (result == 0)
        result = check_nested(reading);
    return result < 0 ? thaw_error_memory(error) : 0;
}
