/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "project/settings/setting_parts.h"

/*
 * Key Vault references: @Microsoft.KeyVault(SecretUri=https://VAULT/secrets/NAME[/VERSION]) or
 * (VaultName=VAULT;SecretName=NAME[;SecretVersion=VERSION]).
 * https://learn.microsoft.com/azure/app-service/app-service-key-vault-references, read 2026-11-29.
 * Whether a "/" may end the URI is told both ways (MicrosoftDocs/azure-docs#63017 and #124163): it
 * is not held against it.
 */
#define MARK "@Microsoft.KeyVault"

struct parts {
    struct thaw_value uri, vault, name;
    bool has_uri, has_vault, has_name, has_unknown;
};

/* Parts of it are put in by a template or a pipeline: what they are can't be told. */
static bool has_expression(struct thaw_value text)
{
    return thaw_value_find(text, "{") != SIZE_MAX || thaw_value_find(text, "$(") != SIZE_MAX ||
           thaw_setting_has_placeholder(text);
}

static void take_part(struct parts *parts, struct thaw_value part)
{
    const char *equals = part.length ? memchr(part.at, '=', part.length) : NULL;
    size_t length = equals ? (size_t)(equals - part.at) : part.length;
    struct thaw_value key = thaw_value_trim(thaw_value_first(part, length));
    struct thaw_value value = thaw_value_trim(thaw_value_behind(part, length + 1));

    if (thaw_value_is(key, "SecretUri")) {
        parts->uri = value;
        parts->has_uri = true;
    } else if (thaw_value_is(key, "VaultName")) {
        parts->vault = value;
        parts->has_vault = true;
    } else if (thaw_value_is(key, "SecretName")) {
        parts->name = value;
        parts->has_name = true;
    } else if (key.length && !thaw_value_is(key, "SecretVersion")) {
        parts->has_unknown = true;
    }
}

static struct parts split(struct thaw_value text)
{
    struct parts parts = {0};

    while (text.length) {
        const char *end = memchr(text.at, ';', text.length);
        size_t length = end ? (size_t)(end - text.at) : text.length;

        take_part(&parts, thaw_value_first(text, length));
        text = thaw_value_behind(text, length + 1);
    }
    return parts;
}

/* Names as Key Vault allows them:
 * https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates */
static bool is_name(struct thaw_value name, size_t least, size_t most)
{
    return name.length >= least && name.length <= most && thaw_value_has_only(name, "-");
}

static const char *wrong_uri(struct thaw_value uri)
{
    static const char folder[] = "/secrets/";
    struct thaw_value rest;
    size_t length;

    if (!thaw_value_begins(uri, "https://"))
        return "SecretUri has to begin with https://";
    rest = thaw_value_behind(uri, strlen("https://"));
    length = thaw_value_find(rest, "/");
    if (length == 0 || length == SIZE_MAX)
        return "SecretUri names no vault, or no secret behind it";
    rest = thaw_value_behind(rest, length);
    if (!thaw_value_begins(rest, folder))
        return "SecretUri has to go on with /secrets/ and the secret's name behind the vault";
    rest = thaw_value_behind(rest, sizeof(folder) - 1);
    length = thaw_value_find(rest, "/");
    if (!is_name(thaw_value_first(rest, length), 1, 127))
        return "the secret's name in SecretUri has to be of letters, digits and hyphens";
    rest = thaw_value_behind(rest, length == SIZE_MAX ? rest.length : length + 1);
    length = thaw_value_find(rest, "/");
    if (!thaw_value_has_only(thaw_value_first(rest, length), "") ||
        (length != SIZE_MAX && length + 1 < rest.length))
        return "SecretUri has more than the secret's version behind its name";
    return "";
}

static const char *wrong_string(struct thaw_value text)
{
    struct parts parts = split(text);

    if (!thaw_value_trim(text).length)
        return "it names no secret";
    if (has_expression(text))
        return "";
    if (parts.has_uri)
        return parts.has_unknown ? "it has a part other than SecretUri" : wrong_uri(parts.uri);
    if (!parts.has_vault && !parts.has_name)
        return "it has neither SecretUri= nor VaultName= and SecretName=";
    if (parts.has_vault && !parts.has_name)
        return thaw_value_find(parts.vault, "SecretName") == SIZE_MAX
                   ? "SecretName= is missing"
                   : "VaultName and SecretName are to be separated by ;";
    if (!parts.has_vault)
        return "VaultName= is missing";
    if (parts.has_unknown)
        return "it has a part other than VaultName, SecretName and SecretVersion";
    if (!is_name(parts.vault, 3, 24))
        return "VaultName has to be a vault's name alone: 3 to 24 letters, digits and hyphens";
    if (!is_name(parts.name, 1, 127))
        return "SecretName has to be of letters, digits and hyphens";
    return "";
}

bool thaw_setting_is_reference(struct thaw_value value, const char **ret_wrong)
{
    size_t at = thaw_value_find(value, MARK), end;
    struct thaw_value rest;

    if (at == SIZE_MAX)
        return false;
    rest = thaw_value_behind(value, at + sizeof(MARK) - 1);
    end = thaw_value_find(rest, ")");
    if (at > 0)
        *ret_wrong = "a reference has to be the whole value, here it is a part of one";
    else if (!rest.length || rest.at[0] != '(')
        *ret_wrong = "a bracket has to follow " MARK;
    else if (end == SIZE_MAX)
        *ret_wrong = "its closing bracket is missing";
    else if (rest.at[rest.length - 1] != ')')
        *ret_wrong = "a reference has to be the whole value, here something stands behind it";
    else
        *ret_wrong = wrong_string((struct thaw_value){rest.at + 1, rest.length - 2});
    return true;
}
