/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "shipped/tree.h"

#define MB ((uint64_t)1 << 20) /* as Lambda counts: it refuses what is over 262144000 bytes */
#define GB ((uint64_t)1 << 30)

#define LAMBDA_QUOTAS "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
#define AZURE_PACKAGE                                                                              \
    "https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package"

/* What of a target a limit is about. */
enum measure {
    MEASURE_UNPACKED, /* its files, when it is unpacked */
    MEASURE_ZIP,      /* the zip, if it is one */
    MEASURE_IMAGE,    /* a container's root folder */
};

struct limit {
    const char *id;
    const char *platform; /* "" any */
    const char *what;
    enum measure measure;
    uint64_t bytes;
    bool is_hard;
    const char *source;
    const char *dated; /* when the source was read */
};

static const struct limit limits[] = {
    {"lambda-unzipped", "aws_lambda", "function and its layers, unzipped: 250 MB", MEASURE_UNPACKED,
     250 * MB, true, LAMBDA_QUOTAS, "2026-11"},
    {"lambda-zip-upload", "aws_lambda", "zip uploaded directly: 50 MB; larger ones by way of S3",
     MEASURE_ZIP, 50 * MB, true, LAMBDA_QUOTAS, "2026-11"},
    {"lambda-image", "aws_lambda", "container image, all layers uncompressed: 10 GB", MEASURE_IMAGE,
     10 * GB, true, LAMBDA_QUOTAS, "2026-11"},
    {"azure-package", "azure_functions", "zip that an app runs from: 1 GB", MEASURE_ZIP, 1 * GB,
     true, AZURE_PACKAGE, "2026-11"},
    {"azure-consumption-unpacked", "azure_functions",
     "what is unpacked into temporary storage on the Consumption plan: 500 MB, of all its apps",
     MEASURE_UNPACKED, 500 * MB, true, AZURE_PACKAGE, "2026-11"},
    {"better-as-container", "",
     "over 500 MB: better as a container image; more than Lambda takes unzipped or Azure's "
     "Consumption plan unpacks",
     MEASURE_UNPACKED, 500 * MB, false, AZURE_PACKAGE, "2026-11"},
};

/* What says that a target is for one platform only. */
static const struct {
    const char *sign;
    const char *platform;
} platforms[] = {
    {"host.json", "azure_functions"},
    {"function_app.py", "azure_functions"},
    {".python_packages/lib/site-packages", "azure_functions"},
    {"lambda_function.py", "aws_lambda"},
    {"python/", "aws_lambda"}, /* a layer's */
};

/* "" none, or several. */
static const char *platform_of(const struct thaw_shipped *shipped)
{
    const char *found = "";

    for (uint64_t i = 0; i < shipped->signs.count; i++) {
        for (size_t j = 0; j < sizeof(platforms) / sizeof(platforms[0]); j++) {
            const char *sign = platforms[j].sign;
            size_t length = strlen(sign);

            if (strncmp(shipped->signs.items[i], sign, length) != 0 ||
                (sign[length - 1] != '/' && shipped->signs.items[i][length]))
                continue;
            if (*found && strcmp(found, platforms[j].platform) != 0)
                return "";
            found = platforms[j].platform;
        }
    }
    return found;
}

/* The bytes that a limit is about; false: it is not about this target. */
static bool measured(const struct thaw_shipped *shipped, enum measure measure, uint64_t *bytes)
{
    bool is_image = strcmp(shipped->kind, "container-root") == 0;
    const struct thaw_content *content = shipped->memory->content;

    *bytes = measure == MEASURE_ZIP ? content->archive_bytes : shipped->total.bytes;
    switch (measure) {
    case MEASURE_ZIP:
        return content->archive != NULL;
    case MEASURE_IMAGE:
        return is_image;
    default:
        return !is_image;
    }
}

int thaw_shipped_limits(struct thaw_shipped *shipped, struct thaw_error *error)
{
    const char *platform = platform_of(shipped);

    if (shipped->folders_read.count) /* folders that a process uses are no package */
        return 0;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        const struct limit *limit = &limits[i];
        struct thaw_shipped_limit *row;
        uint64_t bytes;

        if (!measured(shipped, limit->measure, &bytes) ||
            (*platform && *limit->platform && strcmp(platform, limit->platform) != 0))
            continue;
        row = thaw_array_add(&shipped->memory->limits);
        if (!row)
            return thaw_error_memory(error);
        *row = (struct thaw_shipped_limit){.id = limit->id,
                                           .platform = limit->platform,
                                           .what = limit->what,
                                           .limit_bytes = limit->bytes,
                                           .bytes = bytes,
                                           .is_exceeded = bytes > limit->bytes,
                                           .is_hard = limit->is_hard,
                                           .source = limit->source,
                                           .dated = limit->dated};
    }
    return 0;
}
