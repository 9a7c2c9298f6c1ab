/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prove_environment.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/fix_files.h"
#include "inventory/reading.h"
#include "platform/platform.h"

#define BYTES_MOST ((size_t)1 << 20)
#define MASK "***"

static int add(struct thaw_prove_environment *environment, const char *variable)
{
    const char **slot = thaw_array_add(&environment->variables);

    if (slot)
        *slot = variable;
    return slot ? 0 : -ENOMEM;
}

/* Texts, and what a host that reads such files makes one of. */
static const char *value_text(const json_t *value, char buffer[32])
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_boolean(value))
        return json_is_true(value) ? "True" : "False";
    if (!json_is_integer(value))
        return NULL;
    snprintf(buffer, 32, "%lld", (long long)json_integer_value(value));
    return buffer;
}

static int add_setting(const char *name, const char *key, const json_t *value,
                       struct thaw_arena *arena, struct thaw_prove_environment *ret,
                       struct thaw_error *error)
{
    char buffer[32];
    const char *text = value_text(value, buffer), *variable;

    if (!*key || strchr(key, '='))
        return thaw_error_set(error, -EINVAL, "%s: '%.60s' is no name of a variable", name, key);
    if (!text)
        return thaw_error_set(error, -EINVAL, "%s: the value of %.60s must be a text", name, key);
    variable = thaw_arena_format(arena, "%s=%s", key, text);
    return variable && !add(ret, variable) ? 0 : thaw_error_memory(error);
}

int thaw_prove_environment_parse(const char *bytes, size_t length, const char *name,
                                 const char *key, struct thaw_arena *arena,
                                 struct thaw_prove_environment *ret, struct thaw_error *error)
{
    json_error_t wrong;
    json_t *root = json_loadb(bytes, length, 0, &wrong), *values, *value;
    const char *one;
    int code = 0;

    if (!root && json_error_code(&wrong) == json_error_out_of_memory)
        return thaw_error_memory(error);
    if (!root) /* its text has what stands there */
        return thaw_error_set(error, -EINVAL, "%s:%d:%d: it is no JSON", name, wrong.line,
                              wrong.column);
    values = key ? json_object_get(root, key) : NULL;
    if (!values)
        values = root;
    if (!json_is_object(values))
        code = thaw_error_set(error, -EINVAL, "%s: it must be an object of texts%s%s", name,
                              key ? ", or have one under " : "", key ? key : "");
    else
        json_object_foreach(values, one, value)
        {
            code = add_setting(name, one, value, arena, ret, error);
            if (code)
                break;
        }
    json_decref(root);
    return code;
}

static int read_settings(int fd, const char *name, const char *key, struct thaw_arena *arena,
                         struct thaw_prove_environment *ret, struct thaw_error *error)
{
    size_t length = 0;
    char *bytes = NULL;
    int code = thaw_reading_input(fd, name, BYTES_MOST, arena, &bytes, &length, error);

    return code ? code : thaw_prove_environment_parse(bytes, length, name, key, arena, ret, error);
}

/* The app's own file need not be there. */
static int fill_settings(const struct thaw_prove_app *app, int folder, const char *settings,
                         struct thaw_arena *arena, struct thaw_prove_environment *ret,
                         struct thaw_error *error)
{
    const struct thaw_platform *platform = app->platform;
    const char *key = platform ? platform->settings_key : NULL;
    int fd;

    if (!settings && (!platform || !platform->settings_file))
        return 0;
    if (settings) {
        fd = open(settings, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        fd = fd < 0 ? -errno : fd;
    } else {
        settings = platform->settings_file;
        fd = thaw_fix_open(folder, settings, O_RDONLY);
        if (fd == -ENOENT)
            return 0;
    }
    if (fd < 0)
        return thaw_error_system(error, fd, "%s", settings);
    return read_settings(fd, settings, key, arena, ret, error);
}

int thaw_prove_environment_fill(const struct thaw_prove_app *app, int folder, const char *settings,
                                const struct thaw_option_texts *variables, struct thaw_arena *arena,
                                struct thaw_prove_environment *ret, struct thaw_error *error)
{
    int code = fill_settings(app, folder, settings, arena, ret, error);

    for (size_t i = 0; !code && i < variables->count; i++) {
        const char *variable = variables->items[i], *equals = strchr(variable, '=');

        if (!equals || equals == variable)
            code = thaw_error_set(error, -EINVAL, "--env takes NAME=VALUE");
        else if (add(ret, variable))
            code = thaw_error_memory(error);
    }
    if (!code && add(ret, NULL))
        code = thaw_error_memory(error);
    return code;
}

/* What must not be seen: each line of a value, as what is printed is shown by lines. */
struct secrets {
    THAW_ARRAY(const char *) lines;
};

/* As the texts have it, whose control characters are escaped; one too short to tell is left. */
static int add_secret(struct secrets *secrets, const char *line, size_t length,
                      struct thaw_arena *arena)
{
    const char *raw = thaw_arena_text(arena, line, length), **place;
    const char *shown = raw ? thaw_text_for_terminal(arena, raw) : NULL;

    if (!shown)
        return -ENOMEM;
    if (length < THAW_PROVE_SECRET_LEAST)
        return 0;
    place = thaw_array_add(&secrets->lines);
    if (place)
        *place = shown;
    return place ? 0 : -ENOMEM;
}

static int add_secrets(struct secrets *secrets, const char *value, struct thaw_arena *arena)
{
    int code = 0;

    while (!code && *value) {
        size_t length = strcspn(value, "\r\n");

        code = add_secret(secrets, value, length, arena);
        value += length + (value[length] ? 1 : 0);
    }
    return code;
}

/* How much of the text is that line: all of it, or as much as the text still has. */
static size_t hit(const char *text, size_t left, const char *line)
{
    size_t length = strlen(line);
    size_t seen = length < left ? length : left;

    return seen < THAW_PROVE_SECRET_LEAST || memcmp(text, line, seen) ? 0 : seen;
}

static size_t longest_hit(const struct secrets *secrets, const char *text, size_t left)
{
    size_t longest = 0;

    for (size_t i = 0; i < secrets->lines.count; i++) {
        size_t length = hit(text, left, secrets->lines.items[i]);

        longest = length > longest ? length : longest;
    }
    return longest;
}

static const char *masked(const struct secrets *secrets, const char *text, struct thaw_arena *arena)
{
    size_t left = strlen(text);
    char *masked = thaw_arena_bytes(arena, left + 1), *end = masked; /* a mask is shorter */

    if (!masked)
        return NULL;
    while (left) {
        size_t length = longest_hit(secrets, text, left);

        if (length) {
            end = stpcpy(end, MASK);
        } else {
            *end++ = *text;
            length = 1;
        }
        text += length;
        left -= length;
    }
    *end = '\0';
    return masked;
}

const char *thaw_prove_environment_mask(const struct thaw_prove_environment *environment,
                                        const char *text, struct thaw_arena *arena)
{
    struct secrets secrets = {0};
    const char *shown = thaw_text_for_terminal(arena, text);
    int code = 0;

    for (size_t i = 0; !code && i < environment->variables.count; i++)
        if (environment->variables.items[i])
            code = add_secrets(&secrets, strchr(environment->variables.items[i], '=') + 1, arena);
    text = !code && shown ? masked(&secrets, shown, arena) : NULL;
    thaw_array_free(&secrets.lines);
    return text;
}

void thaw_prove_environment_free(struct thaw_prove_environment *environment)
{
    thaw_array_free(&environment->variables);
}
