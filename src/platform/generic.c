/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "platform/generic.h"

/* More than Lambda takes unzipped (250 MB), and than Azure's Consumption plan unpacks (500 MB). */
static const struct thaw_platform_size sizes[] = {
    {"better-as-container",
     "over 500 MB: better as a container image, no platform's package is meant for that",
     THAW_MEASURE_UNPACKED, (uint64_t)500 << 20, false,
     "https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package",
     "2026-11"},
};

const struct thaw_platform thaw_generic = {
    .name = "generic",
    .sizes = sizes,
    .size_count = sizeof(sizes) / sizeof(sizes[0]),
};

/* Programs, modules after -m, and commands of frameworks that start a server. */
static const struct {
    const char *word;
    const char *sign;
} servers[] = {
    {"gunicorn", "gunicorn in argv"},
    {"uvicorn", "uvicorn in argv"},
    {"hypercorn", "hypercorn in argv"},
    {"daphne", "daphne in argv"},
    {"granian", "granian in argv"},
    {"waitress-serve", "waitress-serve in argv"},
    {"waitress", "waitress in argv"},
    {"uwsgi", "uwsgi in argv"},
    {"flask", "flask in argv"},
    {"runserver", "runserver in argv"},
    {"http.server", "http.server in argv"},
    {"functions-framework", "functions-framework in argv"},
};

/* Behind the interpreter, its options and the script come names of apps, files, addresses. */
#define WORDS_MOST 6

static const char *base_name(const char *argument)
{
    const char *slash = strrchr(argument, '/');

    return slash ? slash + 1 : argument;
}

void thaw_generic_signs(const struct thaw_process_view *process, struct thaw_platform_match *match)
{
    for (size_t i = 0; i < process->argument_count && i < WORDS_MOST; i++)
        for (size_t j = 0; j < sizeof(servers) / sizeof(servers[0]); j++)
            if (!strcmp(base_name(process->arguments[i]), servers[j].word))
                thaw_platform_match_sign(match, servers[j].sign);
}
