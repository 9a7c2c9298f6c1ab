/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lint/check.h"

static const struct thaw_lint_profile profiles[] = {
    {"production", "all that there is to say before an app goes into production", "note"},
    {"ci", "without notes: for each change, so that nobody gets used to lines nobody acts on",
     "warning"},
    {"quick", "errors alone, as for a hook before a commit", "error"},
    {0},
};

const char *const thaw_lint_plan_names[] = {"consumption", "flex",           "premium",
                                            "dedicated",   "container-apps", NULL};
const char *const thaw_lint_fail_levels[] = {"error", "warning", "note", "never", NULL};

const struct thaw_lint_profile *thaw_lint_profiles(void)
{
    return profiles;
}

const struct thaw_lint_profile *thaw_lint_profile_find(const char *name)
{
    for (const struct thaw_lint_profile *row = profiles; row->name; row++)
        if (!strcmp(row->name, name))
            return row;
    return NULL;
}

int thaw_lint_severity_rank(const char *severity)
{
    static const char *const words[] = {"note", "warning", "error"};

    for (int i = 0; i < 3; i++)
        if (!strcmp(words[i], severity))
            return i;
    return -1;
}

bool thaw_lint_is_python_version(const char *text)
{
    static const char digits[] = "0123456789";
    size_t minor, patch;

    if ((*text != '2' && *text != '3') || text[1] != '.')
        return false;
    text += 2;
    minor = strspn(text, digits);
    if (minor < 1 || minor > 2)
        return false;
    text += minor;
    patch = *text == '.' ? strspn(text + 1, digits) : 0;
    return !text[patch ? patch + 1 : 0];
}
