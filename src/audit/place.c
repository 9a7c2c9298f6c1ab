/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/place.h"
#include "capture/small_file.h"
#include "native/root.h"

#define GROUPS_BYTES 16384

static void root_of(uint32_t process, char ret[32])
{
    snprintf(ret, 32, "/proc/%u/root", process);
}

static void join(struct thaw_place *place, const char *group, size_t length)
{
    thaw_control_group_identify(group, length, &place->group);
    if (length >= THAW_PLACE_TEXT_BYTES)
        length = THAW_PLACE_TEXT_BYTES - 1;
    place->control_group = strndup(group, length);
}

void thaw_place_join(struct thaw_place *place, const char *control_group)
{
    if (!place->control_group)
        join(place, control_group, strlen(control_group));
}

static void look_at_group(struct thaw_place *place, uint32_t process)
{
    char path[64], groups[GROUPS_BYTES];
    const char *group;
    size_t length;
    long count;

    snprintf(path, sizeof(path), "/proc/%u/cgroup", process);
    count = thaw_small_file_read(path, groups, sizeof(groups));
    if (count > 0 && thaw_control_group_telling_path(groups, (size_t)count, &group, &length))
        join(place, group, length);
}

static void look_at_folder(struct thaw_place *place, uint32_t process)
{
    char path[64], folder[THAW_PLACE_TEXT_BYTES];
    ssize_t length;

    snprintf(path, sizeof(path), "/proc/%u/cwd", process);
    length = readlink(path, folder, sizeof(folder) - 1);
    if (length > 0)
        place->directory = strndup(folder, (size_t)length);
}

/* Its own, by the file that container runtimes make of it. */
static void look_at_host_name(struct thaw_place *place, uint32_t process, const char *node)
{
    char root[32], *text = NULL;
    size_t length = 0;

    root_of(process, root);
    if (thaw_root_read(root, "/etc/hostname", sizeof(place->host_name) - 1, &text, &length) < 0)
        return;
    memcpy(place->host_name, text, length);
    place->host_name[length] = '\0';
    place->host_name[strcspn(place->host_name, " \t\r\n")] = '\0';
    free(text);
    if (!strcmp(place->host_name, node))
        place->host_name[0] = '\0';
}

struct thaw_place *thaw_place_look(uint32_t process, const char *program, const char *node)
{
    struct thaw_place *place = calloc(1, sizeof(*place));

    if (!place)
        return NULL;
    place->users = 1;
    place->own_root = !node;
    look_at_group(place, process);
    look_at_folder(place, process);
    if (node)
        look_at_host_name(place, process, node);
    place->program = strndup(program, THAW_PLACE_TEXT_BYTES - 1);
    return place;
}

void thaw_place_move(struct thaw_place *place, const char *directory)
{
    char *copy = strndup(directory, THAW_PLACE_TEXT_BYTES - 1);

    if (!copy)
        return;
    free(place->directory);
    place->directory = copy;
}

struct thaw_place *thaw_place_share(struct thaw_place *place)
{
    place->users++;
    return place;
}

void thaw_place_release(struct thaw_place *place)
{
    if (!place || --place->users)
        return;
    free(place->control_group);
    free(place->directory);
    free(place->program);
    free(place->app);
    thaw_array_free(&place->files);
    free(place);
}

/* --- the app's name --- */

static const char *text_of(const char *text)
{
    return text ? text : "";
}

static bool matches(const char *pattern, const char *text)
{
    return !pattern || (*text && fnmatch(pattern, text, 0) == 0);
}

static const struct thaw_naming_rule *rule_of(const struct thaw_place *place,
                                              const struct thaw_naming_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (matches(rules[i].control_group, text_of(place->control_group)) &&
            matches(rules[i].host_name, place->host_name) &&
            matches(rules[i].unit, place->group.unit) &&
            matches(rules[i].directory, text_of(place->directory)))
            return &rules[i];
    return NULL;
}

static bool is_digit_or_small(char byte)
{
    return isdigit((unsigned char)byte) || islower((unsigned char)byte);
}

/* Is text[0, length) of such letters and digits, at least one of them a digit? */
static bool is_made_up(const char *text, size_t length)
{
    bool digit = false;

    for (size_t i = 0; i < length; i++) {
        if (!is_digit_or_small(text[i]))
            return false;
        digit |= isdigit((unsigned char)text[i]) != 0;
    }
    return digit;
}

/* The length of the part behind the last dash, 0: there is none. */
static size_t last_part(const char *text, size_t length)
{
    for (size_t i = length; i-- > 0;)
        if (text[i] == '-')
            return length - i - 1;
    return 0;
}

static bool is_number(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    return length > 0;
}

/* A Deployment's "-7d9f8b6c5d-x2x1z", a DaemonSet's or Job's "-x2x1z", a StatefulSet's "-0". */
size_t thaw_place_host_name_length(const char *host_name)
{
    size_t length = strcspn(host_name, "."), part = last_part(host_name, length), hash;

    if (length >= 12 && strspn(host_name, "0123456789abcdef") == length)
        return 0; /* a container's id */
    if (part && part + 1 < length && part <= 3 && is_number(host_name + length - part, part))
        return length - part - 1;
    if (part != 5 || part + 1 >= length)
        return length;
    hash = last_part(host_name, length - 6);
    if (hash >= 6 && hash <= 10 && hash + 7 < length &&
        is_made_up(host_name + length - 6 - hash, hash))
        return length - 7 - hash;
    return is_made_up(host_name + length - 5, 5) ? length - 6 : length;
}

/* Units that say how a program was started, not which it is. */
static bool is_telling_unit(const char *unit)
{
    static const char *const silent[] = {"session-", "user@", "run-", "init.scope"};

    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
        if (!strncmp(unit, silent[i], strlen(silent[i])))
            return false;
    return *unit != '\0';
}

/* "orders@2.service" is "orders". */
static int unit_length(const char *unit)
{
    const char *dot = strrchr(unit, '.'), *at = strchr(unit, '@');

    if (at && at > unit)
        return (int)(at - unit);
    return dot && dot > unit ? (int)(dot - unit) : (int)strlen(unit);
}

/* The last two parts of a path, "" of the root. */
static const char *last_parts(const char *path)
{
    const char *end = path + strlen(path);
    unsigned parts = 0;

    while (end > path && parts < 2)
        if (*--end == '/')
            parts++;
    return *end == '/' ? end + 1 : end;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

bool thaw_place_name(const struct thaw_place *place, const struct thaw_naming_rule *rules,
                     size_t rule_count, char *ret, size_t size)
{
    const struct thaw_naming_rule *rule = rule_of(place, rules, rule_count);
    int length = (int)thaw_place_host_name_length(place->host_name);
    const char *folder = last_parts(text_of(place->directory));

    if (rule)
        snprintf(ret, size, "%s", rule->app);
    else if (length)
        snprintf(ret, size, "%.*s", length, place->host_name);
    else if (is_telling_unit(place->group.unit))
        snprintf(ret, size, "%.*s", unit_length(place->group.unit), place->group.unit);
    else {
        snprintf(ret, size, "%s", *folder ? folder : base_of(text_of(place->program)));
        return false;
    }
    return true;
}
