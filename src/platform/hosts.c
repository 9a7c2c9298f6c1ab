/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "platform/platform.h"

#define ASSEMBLY ".dll"

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Is it one of the platform's hosts, or (an argument of what runs it) its assembly? */
static bool is_named(const struct thaw_platform *platform, const char *path, bool assembly)
{
    const char *base = base_of(path);

    for (size_t i = 0; platform->hosts && platform->hosts[i]; i++) {
        size_t length = strlen(platform->hosts[i]);

        if (!strncmp(base, platform->hosts[i], length) &&
            (!base[length] || (assembly && !strcmp(base + length, ASSEMBLY))))
            return true;
    }
    return false;
}

static bool runs_hosts(const struct thaw_platform *platform, const char *path)
{
    return platform->host_runner && !strcmp(base_of(path), platform->host_runner);
}

static bool is_wanted(const struct thaw_platform *only, const struct thaw_platform *platform)
{
    return !only || platform == only;
}

bool thaw_platforms_may_host(const struct thaw_platform *only, const char *executable)
{
    size_t count;
    const struct thaw_platform *const *platforms = thaw_platforms_all(&count);

    for (size_t i = 0; i < count; i++)
        if (is_wanted(only, platforms[i]) &&
            (is_named(platforms[i], executable, false) || runs_hosts(platforms[i], executable)))
            return true;
    return false;
}

static bool hosts(const struct thaw_platform *platform, const struct thaw_process_view *process)
{
    if (is_named(platform, process->executable, false))
        return true;
    for (size_t i = 1; runs_hosts(platform, process->executable) && i < process->argument_count;
         i++)
        if (is_named(platform, process->arguments[i], true))
            return true;
    return false;
}

const struct thaw_platform *thaw_platforms_host(const struct thaw_platform *only,
                                                const struct thaw_process_view *process)
{
    size_t count;
    const struct thaw_platform *const *platforms = thaw_platforms_all(&count);

    for (size_t i = 0; i < count; i++)
        if (is_wanted(only, platforms[i]) && hosts(platforms[i], process))
            return platforms[i];
    return NULL;
}
