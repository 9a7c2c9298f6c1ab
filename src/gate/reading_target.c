/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/readers.h"
#include "report/keys.h"

/* What is read of a report of what is shipped. */

static bool is_of_target(const struct thaw_gate_reading *reading, const char **ret_why)
{
    if (json_is_object(json_object_get(reading->report, "totals")))
        return true;
    return thaw_gate_untold(ret_why, "the report is of a cold start, not of what is shipped");
}

/* A folder that could not be read holds nobody knows what. */
static const json_t *unread_folder(const json_t *report)
{
    const json_t *fault;
    size_t i;

    json_array_foreach(json_object_get(report, "faults"), i, fault)
    {
        if (thaw_summary_is(fault, "unread") && thaw_summary_is(fault, "folder"))
            return fault;
    }
    return NULL;
}

static bool is_whole(const struct thaw_gate_reading *reading, const char **ret_why)
{
    const json_t *fault = unread_folder(reading->report);

    if (fault) {
        return thaw_gate_untold(ret_why,
                                thaw_arena_format(reading->arena, "its folder %s can't be read",
                                                  thaw_key_string(fault, "path")));
    }
    if (thaw_summary_number(reading->report, "faults_more"))
        return thaw_gate_untold(ret_why, "more than 1,000 of its files have faults");
    return true;
}

/* A number of all, or of a distribution: of each of that name, none is 0. */
static bool read_amount(const struct thaw_gate_reading *reading, const char *key, double *ret,
                        const char **ret_why)
{
    const json_t *list = thaw_summary_list(reading->report, "distributions"), *distribution;
    struct thaw_gate_matcher matcher;
    uint64_t sum = 0;
    size_t i;

    if (!is_of_target(reading, ret_why) || !is_whole(reading, ret_why))
        return false;
    if (!thaw_gate_names_distribution(reading)) {
        *ret = (double)thaw_summary_number(json_object_get(reading->report, "totals"), key);
        return true;
    }
    if (!list)
        return thaw_gate_untold(ret_why, "distributions were not looked for");
    thaw_gate_matcher_begin(&matcher, reading->part);
    json_array_foreach(list, i, distribution)
    {
        if (thaw_gate_matches_distribution(&matcher, distribution, "name"))
            sum += thaw_summary_number(distribution, key);
    }
    *ret = (double)sum;
    return thaw_gate_matcher_end(&matcher) || thaw_gate_untold(ret_why, NULL);
}

THAW_GATE_READER(thaw_gate_read_shipped_bytes)
{
    return read_amount(reading, "bytes", ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_shipped_disk_bytes)
{
    return read_amount(reading, "disk_bytes", ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_shipped_files)
{
    return read_amount(reading, "files", ret, ret_why);
}

/* A list whose absence says that nobody looked. */
static const json_t *list_of(const struct thaw_gate_reading *reading, const char *key,
                             const char *unseen, const char **ret_why)
{
    const json_t *list = thaw_summary_list(reading->report, key);

    if (!is_of_target(reading, ret_why) || !is_whole(reading, ret_why))
        return NULL;
    if (!list)
        *ret_why = unseen;
    return list;
}

static bool read_length(const struct thaw_gate_reading *reading, const char *key,
                        const char *unseen, double *ret, const char **ret_why)
{
    const json_t *list = list_of(reading, key, unseen, ret_why);

    *ret = (double)json_array_size(list);
    return list != NULL;
}

THAW_GATE_READER(thaw_gate_read_distributions)
{
    return read_length(reading, "distributions", "distributions were not looked for", ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_conflicts)
{
    return read_length(reading, "conflicts", "conflicts were not looked for", ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_duplicate_bytes)
{
    const json_t *list = list_of(reading, "duplicates", "duplicates were not looked for", ret_why);
    const json_t *duplicate;
    uint64_t sum = 0;
    size_t i;

    json_array_foreach(list, i, duplicate)
    {
        sum += thaw_summary_number(duplicate, "waste_bytes");
    }
    *ret = (double)sum;
    return list != NULL;
}

/* Is it damaged, or could it not be opened? Its size is known even so, what is in it is not. */
static bool is_unread(const json_t *report, const json_t *library)
{
    const json_t *fault;
    size_t i;

    json_array_foreach(json_object_get(report, "faults"), i, fault)
    {
        if (thaw_summary_is(fault, "unread") &&
            !strcmp(thaw_key_string(fault, "path"), thaw_key_string(library, "path")))
            return true;
    }
    return !json_object_get(library, "relocations");
}

/* Extension modules and libraries that are in the target itself. */
static bool is_shipped(const json_t *library)
{
    return !thaw_summary_is(library, "outside") &&
           strcmp(thaw_key_string(library, "type"), "executable") != 0;
}

static bool read_libraries(const struct thaw_gate_reading *reading, const char *key, double *ret,
                           const char **ret_why)
{
    const json_t *list =
        list_of(reading, "libraries", "its shared objects were not looked at", ret_why);
    const json_t *library;
    struct thaw_gate_matcher matcher;
    const char *unknown = NULL;
    uint64_t sum = 0;
    size_t i;

    if (!list)
        return false;
    thaw_gate_matcher_begin(&matcher, reading->part);
    json_array_foreach(list, i, library)
    {
        if (!is_shipped(library) ||
            !thaw_gate_matches_distribution(&matcher, library, "distribution"))
            continue;
        sum += key ? thaw_summary_number(library, key) : 1;
        if (key && is_unread(reading->report, library))
            unknown = thaw_key_string(library, "path");
    }
    *ret = (double)sum;
    if (!thaw_gate_matcher_end(&matcher))
        return thaw_gate_untold(ret_why, NULL);
    return !unknown || thaw_gate_untold(ret_why, thaw_arena_format(reading->arena,
                                                                   "%s can't be read", unknown));
}

THAW_GATE_READER(thaw_gate_read_libraries)
{
    return read_libraries(reading, NULL, ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_relocations)
{
    return read_libraries(reading, "relocations", ret, ret_why);
}

/* Sources whose bytecode is in one of the states. */
static bool read_bytecode(const struct thaw_gate_reading *reading, const char *const *states,
                          double *ret, const char **ret_why)
{
    const json_t *health = json_object_get(reading->report, "bytecode_health");
    const json_t *python = json_object_get(json_object_get(reading->report, "target"), "python");
    uint64_t sum = 0;

    if (!is_of_target(reading, ret_why) || !is_whole(reading, ret_why))
        return false;
    if (!json_is_object(health))
        return thaw_gate_untold(ret_why, "its bytecode was not looked at");
    if (!*thaw_key_string(python, "version"))
        return thaw_gate_untold(ret_why, "nothing tells which Python its bytecode has to be for");
    for (; *states; states++)
        sum += thaw_summary_number(json_object_get(json_object_get(health, "states"), *states),
                                   "files");
    *ret = (double)sum;
    return true;
}

/* Each of them is compiled at every start where its folder can't be written to. */
THAW_GATE_READER(thaw_gate_read_bytecode_stale)
{
    static const char *const states[] = {"stale", "foreign", "damaged", NULL};

    return read_bytecode(reading, states, ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_bytecode_missing)
{
    static const char *const states[] = {"missing", NULL};

    return read_bytecode(reading, states, ret, ret_why);
}
