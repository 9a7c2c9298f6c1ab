/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "platform/aws_lambda.h"
#include "platform/azure_functions.h"
#include "platform/generic.h"
#include "platform/platform.h"

static const struct thaw_platform *const platforms[] = {
    &thaw_azure_functions,
    &thaw_aws_lambda,
    &thaw_generic,
};

#define PLATFORM_COUNT (sizeof(platforms) / sizeof(platforms[0]))

const struct thaw_platform *const *thaw_platforms_all(size_t *ret_count)
{
    *ret_count = PLATFORM_COUNT;
    return platforms;
}

const struct thaw_platform *thaw_platforms_find(const char *name)
{
    for (size_t i = 0; i < PLATFORM_COUNT; i++)
        if (!strcmp(platforms[i]->name, name))
            return platforms[i];
    return NULL;
}

const struct thaw_platform *thaw_platforms_of_message(const char *name, const char *type)
{
    const struct thaw_platform *platform = thaw_platforms_find(name);

    for (size_t i = 0; !platform && i < PLATFORM_COUNT; i++)
        if (thaw_platform_meaning(platforms[i], type) != THAW_WIRE_MEANING_NONE)
            platform = platforms[i];
    return platform;
}

const struct thaw_platform *thaw_platforms_recognise(const struct thaw_platform *only,
                                                     const struct thaw_process_view *process,
                                                     struct thaw_platform_match *ret_match)
{
    for (size_t i = 0; i < PLATFORM_COUNT; i++) {
        memset(ret_match, 0, sizeof(*ret_match));
        if ((!only || platforms[i] == only) && platforms[i]->recognise &&
            platforms[i]->recognise(process, ret_match)) {
            ret_match->platform = platforms[i];
            return platforms[i];
        }
    }
    memset(ret_match, 0, sizeof(*ret_match));
    return NULL;
}

bool thaw_platform_opens_with(const struct thaw_platform *platform, const uint8_t *bytes,
                              size_t length)
{
    for (size_t i = 0; i < platform->signature_count; i++) {
        const struct thaw_platform_signature *signature = &platform->signatures[i];
        size_t compared = length < signature->length ? length : signature->length;

        if (compared == 0 || !memcmp(bytes, signature->bytes, compared))
            return true;
    }
    return false;
}

enum thaw_wire_meaning thaw_platform_meaning(const struct thaw_platform *platform, const char *type)
{
    for (size_t i = 0; platform && i < platform->message_count; i++)
        if (!strcmp(platform->messages[i].type, type))
            return platform->messages[i].meaning;
    return THAW_WIRE_MEANING_NONE;
}

const struct thaw_platform_exchange *thaw_platform_exchange(const struct thaw_platform *platform,
                                                            const char *type, bool *ret_is_response)
{
    *ret_is_response = false;
    for (size_t i = 0; platform && i < platform->exchange_count; i++) {
        *ret_is_response =
            !strcmp(platform->exchanges[i].response, type) ||
            (platform->exchanges[i].failure && !strcmp(platform->exchanges[i].failure, type));
        if (*ret_is_response || !strcmp(platform->exchanges[i].request, type))
            return &platform->exchanges[i];
    }
    return NULL;
}

const char *thaw_platform_failure_words(const struct thaw_platform *platform, const char *type,
                                        const char *exception)
{
    enum thaw_wire_meaning meaning = thaw_platform_meaning(platform, type);

    for (size_t i = 0; platform && i < platform->failure_count; i++) {
        const struct thaw_platform_failure *failure = &platform->failures[i];

        if (failure->answer == meaning &&
            (!failure->exception || !strcmp(failure->exception, exception)))
            return failure->words;
    }
    return "";
}

const struct thaw_platform_limit *thaw_platform_limit(const struct thaw_platform *platform,
                                                      const char *type, uint64_t waited_ns)
{
    enum thaw_wire_meaning meaning = thaw_platform_meaning(platform, type);
    const struct thaw_platform_limit *found = NULL;

    for (size_t i = 0; platform && i < platform->limit_count; i++)
        if (platform->limits[i].request == meaning && platform->limits[i].ns <= waited_ns)
            found = &platform->limits[i];
    return found;
}

const struct thaw_platform_limit *thaw_platform_start_limit(const struct thaw_platform *platform)
{
    for (size_t i = 0; platform && i < platform->limit_count; i++)
        if (platform->limits[i].request == THAW_WIRE_MEANING_NONE)
            return &platform->limits[i];
    return NULL;
}

void thaw_platform_match_sign(struct thaw_platform_match *match, const char *sign)
{
    if (match->sign_count < THAW_PLATFORM_SIGNS)
        match->signs[match->sign_count++] = sign;
}
