/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "project/settings/setting_parts.h"

/* --- what is to be filled in --------------------------------------------------------------------
 */

/* All of one character, as people cover secrets: "xxxx", "****", "....". */
static bool is_cover(struct thaw_value value)
{
    if (value.length < 3 || !strchr("xX*.-_?#", value.at[0]))
        return false;
    for (size_t i = 1; i < value.length; i++)
        if (value.at[i] != value.at[0])
            return false;
    return true;
}

/* What is between them is words, and no list or object. */
static bool is_between(struct thaw_value value, const char *begin, const char *end)
{
    size_t before = strlen(begin), behind = strlen(end);

    return value.length > before + behind && thaw_value_begins(value, begin) &&
           thaw_value_ends(value, end) &&
           thaw_value_has_only(
               (struct thaw_value){value.at + before, value.length - before - behind}, " _-.:");
}

bool thaw_setting_is_placeholder(struct thaw_value value)
{
    static const char *const words[] = {
        "changeme",
        "%s",
        "%d",
        "pass",
        "pwd",
        "mypassword",
        "my_password",
        "my-password",
        "change-me",
        "change_me",
        "replaceme",
        "replace-me",
        "replace_me",
        "todo",
        "placeholder",
        "secret",
        "password",
        "dummy",
        "fake",
        "to-be-replaced",
        "redacted",
        "tbd",
        "SAS_KEY_VALUE",
        "fill-me-in",
        "insert-here",
        "not-a-real-key",
    };
    static const char *const beginnings[] = {
        "%(",          "your-",        "your_",        "your ",          "yourkey",
        "yoursecret",  "yourpassword", "yourstorage",  "yourconnection", "my-secret",
        "insert your", "enter your",   "replace with", "change me",
    };

    value = thaw_value_trim(value);
    if (is_cover(value) || (thaw_value_begins(value, "<") && thaw_value_ends(value, ">")) ||
        is_between(value, "%", "%") || is_between(value, "{", "}") || is_between(value, "[", "]") ||
        is_between(value, "${", "}") || is_between(value, "$(", ")") ||
        is_between(value, "#{", "}#") || is_between(value, "__", "__"))
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (thaw_value_is(value, words[i]))
            return true;
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
        if (thaw_value_begins(value, beginnings[i]))
            return true;
    return false;
}

bool thaw_setting_has_placeholder(struct thaw_value value)
{
    static const char *const expressions[] = {"${", "$(", "{{", "#{", "your-", "your_"};
    size_t begin = thaw_value_find(value, "<");

    if (begin != SIZE_MAX && thaw_value_find(thaw_value_behind(value, begin + 1), ">") != SIZE_MAX)
        return true;
    for (size_t i = 0; i < sizeof(expressions) / sizeof(*expressions); i++)
        if (thaw_value_find(value, expressions[i]) != SIZE_MAX)
            return true;
    return false;
}

/* --- what was made by chance --------------------------------------------------------------------
 */

enum character_kind { DIGIT, LOWER, UPPER, SIGN };

static enum character_kind kind_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return DIGIT;
    if (byte >= 'a' && byte <= 'z')
        return LOWER;
    return byte >= 'A' && byte <= 'Z' ? UPPER : SIGN;
}

/* How many kinds there are, a sign being one only where it is none of those within words. */
static unsigned count_kinds(struct thaw_value value)
{
    unsigned kinds = 0;

    for (size_t i = 0; i < value.length; i++)
        if (!strchr("-_.", value.at[i]) || !value.at[i])
            kinds |= 1U << kind_of(value.at[i]);
    return (unsigned)__builtin_popcount(kinds);
}

/* How often the kind changes between letters and digits side by side; a capital at a word's
 * beginning does not count. */
static size_t count_changes(struct thaw_value value)
{
    size_t changes = 0;

    for (size_t i = 1; i < value.length; i++) {
        enum character_kind before = kind_of(value.at[i - 1]), kind = kind_of(value.at[i]);

        if (before != kind && before != SIGN && kind != SIGN && !(before == UPPER && kind == LOWER))
            changes++;
    }
    return changes;
}

static bool is_hexadecimal(struct thaw_value value)
{
    for (size_t i = 0; i < value.length; i++)
        if (!value.at[i] || !strchr("0123456789abcdefABCDEF-", value.at[i]))
            return false;
    return true;
}

/*
 * Of twenty characters drawn from letters of both cases and digits some eleven differ in kind from
 * the one before, of hexadecimal digits some nine; in names that people make it is one in six or
 * fewer.
 */
bool thaw_setting_is_random(struct thaw_value value)
{
    size_t changes;

    if (!thaw_value_has_only(value, "+/=_-~."))
        return false;
    changes = count_changes(value);
    if (is_hexadecimal(value))
        return value.length >= 32 && changes * 5 >= value.length;
    if (count_kinds(value) < 3) /* letters of one case and digits: names are more often like that */
        return value.length >= 28 && changes * 4 >= value.length;
    return value.length >= 20 && changes * 5 >= value.length;
}

/* --- secrets by their form ----------------------------------------------------------------------
 */

/*
 * The value of KEY=VALUE in a connection string; its parts are separated by ";", "," (Redis), "&"
 * (URLs) or spaces (PostgreSQL). False: there is none, it is empty, or to be filled in.
 */
static bool find_part(struct thaw_value value, const char *key, size_t least)
{
    while (value.length) {
        size_t at = thaw_value_find(value, key), length = 0;
        bool begins = at == 0 || (at != SIZE_MAX && strchr(";,&? \t\"'", value.at[at - 1]));
        struct thaw_value rest;

        if (at == SIZE_MAX)
            return false;
        rest = thaw_value_behind(value, at + strlen(key));
        value = rest;
        while (rest.length && rest.at[0] == ' ')
            rest = thaw_value_behind(rest, 1);
        if (!begins || !rest.length || rest.at[0] != '=')
            continue;
        rest = thaw_value_trim(thaw_value_behind(rest, 1));
        while (length < rest.length && !strchr(";,& \t\n", rest.at[length]))
            length++;
        rest = thaw_value_first(rest, length);
        if (rest.length >= least && !thaw_setting_is_placeholder(rest) &&
            !thaw_setting_has_placeholder(rest))
            return true;
    }
    return false;
}

/* 64 bytes in base64, as keys of storage accounts and of Cosmos DB are. */
static bool is_account_key(struct thaw_value value)
{
    return value.length == 88 && thaw_value_ends(value, "==") &&
           thaw_value_has_only(thaw_value_first(value, 86), "+/") && count_kinds(value) >= 3;
}

struct token_form {
    const char *prefix; /* case counts */
    size_t least, most; /* characters behind it */
    const char *others; /* beside letters and digits */
    bool is_random;     /* it has to look so: the prefix is a word's beginning, too */
};

/* As their makers document them, or secret scanning does. */
static const struct token_form token_forms[] = {
    {"AKIA", 16, 16, "", false},         {"ASIA", 16, 16, "", false},
    {"ghp_", 30, 255, "", false},        {"gho_", 30, 255, "", false},
    {"ghu_", 30, 255, "", false},        {"ghs_", 30, 255, "", false},
    {"ghr_", 30, 255, "", false},        {"github_pat_", 22, 255, "_", false},
    {"glpat-", 20, 255, "-_", false},    {"sk-", 20, 255, "-_", true},
    {"sk_live_", 16, 255, "", false},    {"sk_test_", 16, 255, "", false},
    {"rk_live_", 16, 255, "", false},    {"xoxb-", 10, 255, "-", false},
    {"xoxp-", 10, 255, "-", false},      {"xoxa-", 10, 255, "-", false},
    {"xoxr-", 10, 255, "-", false},      {"xoxs-", 10, 255, "-", false},
    {"xapp-", 10, 255, "-", false},      {"AIza", 35, 35, "-_", false},
    {"SG.", 60, 80, "-_.", true},        {"npm_", 36, 36, "", false},
    {"pypi-AgE", 50, 1000, "-_", false}, {"hf_", 30, 60, "", true},
    {"dapi", 32, 40, "-", true},
};

static bool is_token_form(struct thaw_value value)
{
    for (size_t i = 0; i < sizeof(token_forms) / sizeof(*token_forms); i++) {
        const struct token_form *form = &token_forms[i];
        size_t length = strlen(form->prefix);
        struct thaw_value rest = thaw_value_behind(value, length);

        if (value.length > length && !memcmp(value.at, form->prefix, length) &&
            rest.length >= form->least && rest.length <= form->most &&
            thaw_value_has_only(rest, form->others) &&
            (!form->is_random || count_changes(rest) * 5 >= rest.length))
            return true;
    }
    return false;
}

/* A signed JSON web token: two objects in base64 (which begin "eyJ") and a signature. */
static bool is_web_token(struct thaw_value value)
{
    size_t first, second;

    if (value.length < 30 || memcmp(value.at, "eyJ", 3) || !thaw_value_has_only(value, "-_."))
        return false;
    first = thaw_value_find(value, ".");
    if (first == SIZE_MAX || !thaw_value_begins(thaw_value_behind(value, first + 1), "eyJ"))
        return false;
    second = thaw_value_find(thaw_value_behind(value, first + 1), ".");
    return second != SIZE_MAX && first + second + 2 < value.length;
}

static bool is_private_key(struct thaw_value value)
{
    size_t at = thaw_value_find(value, "-----BEGIN ");

    return at != SIZE_MAX &&
           thaw_value_find(thaw_value_behind(value, at), "PRIVATE KEY-----") != SIZE_MAX;
}

static bool is_token(struct thaw_value value)
{
    if (thaw_value_begins(value, "Bearer "))
        value = thaw_value_trim(thaw_value_behind(value, strlen("Bearer ")));
    return is_web_token(value) || is_token_form(value) || is_private_key(value);
}

static bool is_own_machine(struct thaw_value host)
{
    return thaw_value_begins(host, "localhost") || thaw_value_begins(host, "127.0.0.1") ||
           thaw_value_begins(host, "[::1]") || thaw_value_begins(host, "host.docker.internal");
}

/* scheme://user:password@host; of a server on this machine it keeps nobody out. */
static bool has_user_password(struct thaw_value value)
{
    size_t at = thaw_value_find(value, "://"), colon, sign;
    struct thaw_value rest, password;

    if (at == SIZE_MAX)
        return false;
    rest = thaw_value_behind(value, at + 3);
    rest = thaw_value_first(rest, thaw_value_find(rest, "/"));
    sign = thaw_value_find(rest, "@");
    colon = thaw_value_find(thaw_value_first(rest, sign), ":");
    if (sign == SIZE_MAX || colon == SIZE_MAX)
        return false;
    password = thaw_value_behind(thaw_value_first(rest, sign), colon + 1);
    return password.length && !thaw_setting_is_placeholder(password) &&
           !thaw_setting_has_placeholder(password) &&
           !is_own_machine(thaw_value_behind(rest, sign + 1));
}

static bool is_signed_url(struct thaw_value value)
{
    static const char slack[] = "https://hooks.slack.com/services/"; /* the path is the secret */

    if (thaw_value_find(value, " ") != SIZE_MAX) /* prose */
        return false;
    return find_part(value, "sig", 20) || has_user_password(value) ||
           (thaw_value_begins(value, slack) && value.length >= sizeof(slack) + 20) ||
           (thaw_value_find(value, "://") != SIZE_MAX && find_part(value, "code", 20));
}

enum thaw_setting_shape thaw_setting_secret_form(struct thaw_value value)
{
    value = thaw_value_trim(value);
    if (find_part(value, "AccountKey", 20))
        return find_part(value, "AccountEndpoint", 1) ? THAW_SHAPE_COSMOS_KEY
                                                      : THAW_SHAPE_STORAGE_KEY;
    if (is_account_key(value))
        return THAW_SHAPE_STORAGE_KEY;
    if (find_part(value, "SharedAccessKey", 20))
        return THAW_SHAPE_SHARED_KEY;
    if (is_token(value))
        return THAW_SHAPE_TOKEN;
    if (is_signed_url(value))
        return THAW_SHAPE_SIGNED_URL;
    if (find_part(value, "Password", 1) || find_part(value, "Pwd", 1))
        return THAW_SHAPE_PASSWORD;
    return THAW_SHAPE_UNKNOWN;
}

/* --- secrets by their name ----------------------------------------------------------------------
 */

static bool ends_in(struct thaw_value name, const char *const *endings, size_t count)
{
    /* API_KEY_1, key2 */
    while (name.length && name.at[name.length - 1] >= '0' && name.at[name.length - 1] <= '9')
        name.length--;
    while (name.length && strchr("_-.", name.at[name.length - 1]))
        name.length--;
    for (size_t i = 0; i < count; i++)
        if (thaw_value_ends(name, endings[i]))
            return true;
    return false;
}

static bool says_password(struct thaw_value name)
{
    static const char *const endings[] = {"password", "passwd", "pwd",   "passphrase",
                                          "_pass",    "-pass",  "dbpass"};

    return ends_in(name, endings, sizeof(endings) / sizeof(*endings));
}

bool thaw_setting_says_secret(struct thaw_value name)
{
    static const char *const endings[] = {"key", "secret", "token", "credential", "credentials"};
    static const char *const harmless[] = {"publickey", "public_key", "public-key",
                                           "instrumentationkey"};

    return says_password(name) || (ends_in(name, endings, sizeof(endings) / sizeof(*endings)) &&
                                   !ends_in(name, harmless, sizeof(harmless) / sizeof(*harmless)));
}

/* "hunter2": two kinds of characters at least, and no name of something else. */
static bool is_chosen_password(struct thaw_value value)
{
    if (value.length < 6 || value.length > 128 || count_kinds(value) < 2)
        return false;
    for (size_t i = 0; i < value.length; i++)
        if ((unsigned char)value.at[i] <= ' ' || strchr("/\\(){}<>", value.at[i]))
            return false;
    return true;
}

/* "/" begins base64, too; its end may tell. */
static bool is_path(struct thaw_value value)
{
    return strchr("/.", value.at[0]) && !thaw_value_ends(value, "=");
}

enum thaw_setting_shape thaw_setting_secret_name(struct thaw_value name, struct thaw_value value)
{
    value = thaw_value_trim(value);
    if (!thaw_setting_says_secret(name) || !value.length || is_path(value) ||
        thaw_value_find(value, "://") != SIZE_MAX)
        return THAW_SHAPE_UNKNOWN;
    if (says_password(name) && (is_chosen_password(value) || thaw_setting_is_random(value)))
        return THAW_SHAPE_PASSWORD;
    return thaw_setting_is_random(value) ? THAW_SHAPE_TOKEN : THAW_SHAPE_UNKNOWN;
}

const char *thaw_setting_name_only(const char *text)
{
    struct thaw_value value = {text, text ? strlen(text) : 0};

    if (!text || strpbrk(text, "=; /") || thaw_setting_secret_form(value) != THAW_SHAPE_UNKNOWN)
        return NULL;
    return text;
}
