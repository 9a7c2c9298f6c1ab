/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "project/build.h"
#include "project/settings/setting_parts.h"

/* A value is looked at as far as this: App Service takes none that is longer than 32 KB. */
#define VALUE_MOST ((size_t)32 << 10)
#define WORD_MOST 40

const char *thaw_setting_shape_name(enum thaw_setting_shape shape)
{
    static const char *const names[THAW_SHAPES] = {
        [THAW_SHAPE_UNKNOWN] = "an expression",
        [THAW_SHAPE_EMPTY] = "empty",
        [THAW_SHAPE_BOOLEAN] = "true or false",
        [THAW_SHAPE_NUMBER] = "a number",
        [THAW_SHAPE_WORD] = "a word",
        [THAW_SHAPE_PLACEHOLDER] = "a placeholder",
        [THAW_SHAPE_URL] = "a URL",
        [THAW_SHAPE_TEXT] = "a text",
        [THAW_SHAPE_DEVELOPMENT] = "an emulator's connection string",
        [THAW_SHAPE_INSIGHTS] = "an Application Insights connection string",
        [THAW_SHAPE_GUID] = "an instrumentation key",
        [THAW_SHAPE_REFERENCE] = "a Key Vault reference",
        [THAW_SHAPE_REFERENCE_INVALID] = "a malformed Key Vault reference",
        [THAW_SHAPE_STORAGE_KEY] = "a storage account's key",
        [THAW_SHAPE_COSMOS_KEY] = "a Cosmos DB account's key",
        [THAW_SHAPE_SHARED_KEY] = "a shared access key",
        [THAW_SHAPE_SIGNED_URL] = "a URL that grants access",
        [THAW_SHAPE_PASSWORD] = "a password",
        [THAW_SHAPE_TOKEN] = "a token or private key",
    };

    return (unsigned)shape < THAW_SHAPES ? names[shape] : "";
}

bool thaw_setting_shape_is_secret(enum thaw_setting_shape shape)
{
    switch (shape) {
    case THAW_SHAPE_STORAGE_KEY:
    case THAW_SHAPE_COSMOS_KEY:
    case THAW_SHAPE_SHARED_KEY:
    case THAW_SHAPE_SIGNED_URL:
    case THAW_SHAPE_PASSWORD:
    case THAW_SHAPE_TOKEN:
        return true;
    default:
        return false;
    }
}

/* --- names whose values may be shown ------------------------------------------------------------
 */

static bool is_platform_name(struct thaw_value name)
{
    static const char *const beginnings[] = {
        "FUNCTIONS_",
        "WEBSITE_",
        "WEBSITES_",
        "SCM_",
        "PYTHON_",
        "AzureFunctionsJobHost_",
        "AzureFunctionsJobHost:",
        "AzureFunctionsWebHost_",
        "AWS_LAMBDA_",
    };
    static const char *const names[] = {
        "AzureWebJobsFeatureFlags",
        "AzureWebJobsDisableHomepage",
        "AzureWebJobsScriptRoot",
        "AzureWebJobs_TypeScriptPath",
        "ENABLE_ORYX_BUILD",
        "FUNCTION_APP_EDIT_MODE",
        "BUILD_FLAGS",
        "PYTHONUNBUFFERED",
        "PYTHONOPTIMIZE",
        "PYTHONDONTWRITEBYTECODE",
        "APPLICATIONINSIGHTS_ENABLE_AGENT",
        "AWS_XRAY_TRACING_NAME",
    };

    for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
        if (thaw_value_begins(name, beginnings[i]))
            return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (thaw_value_is(name, names[i]))
            return true;
    return thaw_value_begins(name, "AzureWebJobs.") &&
           thaw_value_ends(name, ".Disabled"); /* of one function */
}

bool thaw_setting_is_open(const char *name)
{
    static const char *const words[] = {"connection", "password",   "secret",
                                        "credential", "passphrase", "authentication_string"};
    struct thaw_value text = {name, strlen(name)};

    /* Where the names of its keys are stored, and no secret. */
    if (thaw_value_is(text, "AzureWebJobsSecretStorageType"))
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (thaw_value_find(text, words[i]) != SIZE_MAX)
            return false;
    return is_platform_name(text) && !thaw_setting_says_secret(text);
}

/* --- shapes -------------------------------------------------------------------------------------
 */

/* Keys that each emulator has, and that everyone knows. Azurite's and Cosmos DB's:
 * https://learn.microsoft.com/azure/storage/common/storage-use-azurite and
 * https://learn.microsoft.com/azure/cosmos-db/emulator, read 2026-11-29. */
static bool is_development(struct thaw_value value)
{
    static const char *const signs[] = {
        "UseDevelopmentStorage=true",
        "UseDevelopmentEmulator=true",
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/"
        "K1SZFPTOtr/KBHBeksoGMGw==",
        "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/"
        "Jw==",
    };

    for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
        if (thaw_value_find(value, signs[i]) != SIZE_MAX)
            return true;
    return false;
}

/* 8-4-4-4-12 hexadecimal digits. */
static bool is_guid(struct thaw_value value)
{
    if (value.length != 36)
        return false;
    for (size_t i = 0; i < value.length; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (hyphen ? value.at[i] != '-'
                   : !value.at[i] || !strchr("0123456789abcdefABCDEF", value.at[i]))
            return false;
    }
    return true;
}

static bool is_number(struct thaw_value value)
{
    bool digit = false, point = false;

    if (value.length && (value.at[0] == '-' || value.at[0] == '+'))
        value = thaw_value_behind(value, 1);
    if (value.length > 20)
        return false;
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] >= '0' && value.at[i] <= '9')
            digit = true;
        else if (value.at[i] == '.' && !point)
            point = true;
        else
            return false;
    }
    return digit;
}

/* scheme://… without spaces. */
static bool is_url(struct thaw_value value)
{
    size_t at = thaw_value_find(value, "://");

    return at != SIZE_MAX && at > 0 && thaw_value_has_only(thaw_value_first(value, at), "+-.") &&
           thaw_value_find(value, " ") == SIZE_MAX;
}

/* What is no secret. */
static enum thaw_setting_shape plain_shape(struct thaw_value value)
{
    if (thaw_value_is(value, "true") || thaw_value_is(value, "false"))
        return THAW_SHAPE_BOOLEAN;
    if (is_number(value))
        return THAW_SHAPE_NUMBER;
    if (thaw_setting_has_placeholder(value))
        return THAW_SHAPE_PLACEHOLDER;
    if (is_url(value))
        return THAW_SHAPE_URL;
    if (value.length <= WORD_MOST && thaw_value_has_only(value, "~._-"))
        return THAW_SHAPE_WORD;
    return THAW_SHAPE_TEXT;
}

static enum thaw_setting_shape judge(struct thaw_value name, struct thaw_value value,
                                     const char **ret_detail)
{
    enum thaw_setting_shape shape;

    if (!value.length)
        return THAW_SHAPE_EMPTY;
    if (thaw_setting_is_reference(value, ret_detail))
        return **ret_detail ? THAW_SHAPE_REFERENCE_INVALID : THAW_SHAPE_REFERENCE;
    if (is_development(value))
        return THAW_SHAPE_DEVELOPMENT;
    if (is_guid(value) && (thaw_value_find(name, "INSTRUMENTATIONKEY") != SIZE_MAX ||
                           thaw_value_find(name, "INSIGHTS") != SIZE_MAX))
        return THAW_SHAPE_GUID;
    if (thaw_value_find(value, "InstrumentationKey=") != SIZE_MAX)
        return THAW_SHAPE_INSIGHTS;
    if (thaw_setting_is_placeholder(value))
        return THAW_SHAPE_PLACEHOLDER;
    shape = thaw_setting_secret_form(value);
    if (shape == THAW_SHAPE_STORAGE_KEY && thaw_value_find(name, "cosmos") != SIZE_MAX)
        shape = THAW_SHAPE_COSMOS_KEY; /* alone such keys look alike */
    if (shape == THAW_SHAPE_UNKNOWN && !thaw_setting_has_placeholder(value))
        shape = thaw_setting_secret_name(name, value);
    return shape != THAW_SHAPE_UNKNOWN ? shape : plain_shape(value);
}

int thaw_setting_judge(struct thaw_project *project, struct thaw_setting *setting,
                       const char *value, size_t length)
{
    struct thaw_value name = {setting->name, strlen(setting->name)};
    struct thaw_value bytes = {value, length < VALUE_MOST ? length : VALUE_MOST};

    setting->detail = "";
    setting->value = NULL;
    bytes = thaw_value_trim(bytes);
    setting->shape = judge(name, bytes, &setting->detail);
    if (setting->shape != THAW_SHAPE_BOOLEAN && setting->shape != THAW_SHAPE_NUMBER &&
        setting->shape != THAW_SHAPE_WORD)
        return 0;
    /* A name may have begun as one of the platform's without being one. */
    if (!thaw_setting_is_open(setting->name) || thaw_setting_is_random(bytes))
        return 0;
    setting->value = thaw_arena_text(&project->memory->arena, bytes.at, bytes.length);
    return setting->value ? 0 : -ENOMEM;
}
