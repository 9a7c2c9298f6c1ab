/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "project/dockerfile.h"

/*
 * A Dockerfile: what the last stage is made from, and the variables that it sets. Values with a "$"
 * in them are followed for images (ARG with a default) and UNKNOWN for settings.
 */

#define INSTRUCTION_MAX ((size_t)64 << 10) /* with all of its lines; what is beyond is left out */
#define VARIABLES_MAX 2000
#define IMAGE_MAX ((size_t)4096)
#define ARGUMENTS_MAX 100 /* in one image's name */

static void fail(struct thaw_dockerfile *file)
{
    thaw_template_fail(file->template, -ENOMEM);
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static const char *skip_space(const char *text)
{
    return text + strspn(text, " \t\r");
}

/* --- lines --------------------------------------------------------------------------------------
 */

/* The next line's bytes; false: there is none. */
static bool next_line(struct thaw_dockerfile *file, const char **ret, size_t *ret_length)
{
    const char *begin = file->bytes + file->at, *end;
    size_t left = file->length - file->at;

    if (!left)
        return false;
    end = memchr(begin, '\n', left);
    *ret = begin;
    *ret_length = end ? (size_t)(end - begin) : left;
    file->at += *ret_length + (end != NULL);
    file->line++;
    return true;
}

static bool is_comment(const char *line, size_t length)
{
    size_t at = 0;

    while (at < length && is_space(line[at]))
        at++;
    return at == length || line[at] == '#';
}

/* "# escape=`" in the first line. */
static void directive(struct thaw_dockerfile *file, const char *line, size_t length)
{
    const char *found = file->line == 1 ? memmem(line, length, "escape=", 7) : NULL;

    if (found && line[0] == '#' && found + 7 < line + length)
        file->escape = found[7];
}

/* An instruction with the lines that go on with it, in the file's buffer; NULL: none is left. */
static const char *instruction(struct thaw_dockerfile *file, uint32_t *ret_line)
{
    const char *line;
    size_t length, used = 0;
    bool goes_on = true;

    *ret_line = 0;
    while (goes_on && next_line(file, &line, &length)) {
        if (is_comment(line, length)) {
            directive(file, line, length);
            continue;
        }
        if (!*ret_line)
            *ret_line = file->line;
        while (length && is_space(line[length - 1]))
            length--;
        goes_on = length && line[length - 1] == file->escape;
        length -= goes_on;
        if (used + length + 2 > INSTRUCTION_MAX)
            continue; /* none that matters is that long */
        for (size_t i = 0; i < length; i++)
            file->buffer[used++] = line[i] ? line[i] : '?';
        file->buffer[used++] = ' ';
    }
    file->buffer[used] = '\0';
    return *ret_line ? file->buffer : NULL;
}

/* RUN <<EOF …: lines up to a word alone are not of the file's own language. */
static void skip_document(struct thaw_dockerfile *file, const char *text)
{
    const char *begin = strstr(text, "<<"), *line;
    size_t word, length;

    if (!begin)
        return;
    begin += 2;
    begin += *begin == '-';
    begin += *begin == '"' || *begin == '\'';
    word = strspn(begin, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
    if (!word || (*begin >= '0' && *begin <= '9'))
        return;
    while (next_line(file, &line, &length)) {
        while (length && is_space(line[length - 1]))
            length--;
        while (length && *line == '\t') {
            line++;
            length--;
        }
        if (length == word && !memcmp(line, begin, word))
            return;
    }
}

/* --- words --------------------------------------------------------------------------------------
 */

/* Copies a word without its quotes, or only measures it (out NULL); returns what is behind it. */
static const char *unquote(const struct thaw_dockerfile *file, const char *at, char *out,
                           size_t *ret)
{
    char quote = '\0';
    size_t used = 0;

    for (; *at && (quote || !is_space(*at)); at++) {
        if (quote && *at == quote) {
            quote = '\0';
            continue;
        }
        if (!quote && (*at == '"' || *at == '\'')) {
            quote = *at;
            continue;
        }
        if (*at == file->escape && at[1] && quote != '\'')
            at++;
        if (out)
            out[used] = *at;
        used++;
    }
    *ret = used;
    return at;
}

/* The next word; *text goes behind it. NULL: none is left, or fail. */
static const char *word(struct thaw_dockerfile *file, const char **text)
{
    const char *at = skip_space(*text);
    size_t length;
    char *made;

    if (!*at)
        return NULL;
    unquote(file, at, NULL, &length);
    made = thaw_arena_bytes(file->arena, length + 1);
    if (!made) {
        fail(file);
        return NULL;
    }
    *text = unquote(file, at, made, &length);
    made[length] = '\0';
    return made;
}

static void set(struct thaw_dockerfile *file, uint32_t stage, const char *name, const char *value,
                uint32_t line)
{
    struct thaw_dockerfile_variable *variable;

    if (file->variables.count >= VARIABLES_MAX) {
        file->template->unread++;
        return;
    }
    variable = thaw_array_add(&file->variables);
    if (variable)
        *variable = (struct thaw_dockerfile_variable){
            .name = name, .value = value, .line = line, .stage = stage};
    else
        fail(file);
}

/* NAME=VALUE, cut at its sign; false: it has none. */
static bool cut(struct thaw_dockerfile *file, const char *pair, const char **name,
                const char **value)
{
    const char *sign = strchr(pair, '=');

    if (!sign)
        return false;
    *name = thaw_arena_text(file->arena, pair, (size_t)(sign - pair));
    *value = sign + 1;
    if (!*name)
        fail(file);
    return *name;
}

/* --- instructions -------------------------------------------------------------------------------
 */

static const char *argument(const struct thaw_dockerfile *file, const char *name, size_t length)
{
    for (size_t i = 0; i < file->variables.count; i++) {
        const struct thaw_dockerfile_variable *one = &file->variables.items[i];

        if (one->stage == UINT32_MAX && strlen(one->name) == length &&
            !memcmp(one->name, name, length))
            return one->value;
    }
    return NULL;
}

/* A text that grows up to a bound; no name of an image is longer. */
struct image {
    char bytes[IMAGE_MAX + 1];
    size_t length;
};

static bool add(struct image *image, const char *text, size_t length)
{
    if (length > IMAGE_MAX - image->length)
        return false;
    memcpy(image->bytes + image->length, text, length);
    image->length += length;
    return true;
}

/* What stands behind a "$", which goes behind it; false: it is not known, or too long. */
static bool add_argument(struct thaw_dockerfile *file, struct image *image, const char **text)
{
    const char *name = *text + (**text == '{');
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
    const char *value = argument(file, name, length), *end = name + length;
    size_t value_length = value ? strlen(value) : 0;

    if (!strncmp(end, ":-", 2)) {
        length = strcspn(end, "}");
        if (!value) {
            value = end + 2;
            value_length = length - 2;
        }
        end += length;
    }
    *text = end + (*end == '}');
    return value && add(image, value, value_length);
}

/* "$NAME", "${NAME}", "${NAME:-default}" replaced; "" where one is not known, or where it is no
 * image's name any more: too long, or of very many arguments. */
static const char *expanded(struct thaw_dockerfile *file, const char *text)
{
    struct image image = {.length = 0};
    const char *made;

    for (size_t arguments = 0;; arguments++) {
        size_t before = strcspn(text, "$");

        if (!add(&image, text, before))
            return "";
        text += before;
        if (!*text)
            break;
        text++;
        if (arguments >= ARGUMENTS_MAX || !add_argument(file, &image, &text))
            return "";
    }
    made = thaw_arena_text(file->arena, image.bytes, image.length);
    if (!made)
        fail(file);
    return made ? made : "";
}

/* FROM [--platform=…] IMAGE [AS NAME] */
static void from(struct thaw_dockerfile *file, const char *text, uint32_t line)
{
    struct thaw_dockerfile_stage stage = {
        .name = "", .image = "", .platform = "", .command = "", .line = line, .from = UINT32_MAX};
    const char *image = word(file, &text), *as, *name;
    struct thaw_dockerfile_stage *added;

    while (image && !strncmp(image, "--", 2)) {
        if (!strncmp(image, "--platform=", 11))
            stage.platform = image + 11;
        image = word(file, &text);
    }
    if (!image || file->stages.count >= THAW_DOCKERFILE_STAGES_MAX)
        return;
    stage.image = expanded(file, image);
    as = word(file, &text);
    name = as && !strcasecmp(as, "AS") ? word(file, &text) : NULL;
    for (size_t i = 0; i < file->stages.count; i++)
        if (*file->stages.items[i].name && !strcasecmp(file->stages.items[i].name, stage.image))
            stage.from = (uint32_t)i;
    stage.name = name ? name : "";
    added = thaw_array_add(&file->stages);
    if (added)
        *added = stage;
    else
        fail(file);
}

/* ENV NAME=VALUE …, ENV NAME VALUE */
static void env(struct thaw_dockerfile *file, const char *text, uint32_t line)
{
    const char *pair = word(file, &text), *name, *value;
    uint32_t stage = (uint32_t)file->stages.count - 1;

    if (!pair || !file->stages.count)
        return;
    if (!strchr(pair, '=')) {
        value = thaw_arena_string(file->arena, skip_space(text));
        if (value)
            set(file, stage, pair, value, line);
        else
            fail(file);
        return;
    }
    for (; pair; pair = word(file, &text))
        if (cut(file, pair, &name, &value))
            set(file, stage, name, value, line);
}

/* ARG NAME=DEFAULT: only those before the first FROM are known to it. */
static void arg(struct thaw_dockerfile *file, const char *text, uint32_t line)
{
    const char *name, *value;

    if (file->stages.count)
        return;
    for (const char *pair = word(file, &text); pair; pair = word(file, &text))
        if (cut(file, pair, &name, &value))
            set(file, UINT32_MAX, name, value, line);
}

static void cmd(struct thaw_dockerfile *file, const char *text, uint32_t line)
{
    struct thaw_dockerfile_stage *stage =
        file->stages.count ? &file->stages.items[file->stages.count - 1] : NULL;

    if (!stage)
        return;
    stage->command = thaw_arena_string(file->arena, skip_space(text));
    stage->command_line = line;
    if (!stage->command) {
        stage->command = "";
        fail(file);
    }
}

static void run(struct thaw_dockerfile *file, const char *text, uint32_t line)
{
    (void)line;
    skip_document(file, text);
}

static const struct {
    const char *word;
    void (*read)(struct thaw_dockerfile *, const char *, uint32_t);
} instructions[] = {
    {"FROM", from}, {"ENV", env}, {"ARG", arg}, {"CMD", cmd}, {"RUN", run}, {"COPY", run},
};

static void read_all(struct thaw_dockerfile *file)
{
    const char *text;
    uint32_t line;

    while (!file->template->code && (text = instruction(file, &line))) {
        size_t length;

        text = skip_space(text);
        length = strcspn(text, " \t");
        for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++)
            if (strlen(instructions[i].word) == length &&
                !strncasecmp(text, instructions[i].word, length))
                instructions[i].read(file, text + length, line);
    }
}

void thaw_template_dockerfile(struct thaw_template *template)
{
    const struct thaw_project_input *input = template->input;
    struct thaw_dockerfile file = {
        .template = template,
        .arena = &template->tree.arena,
        .bytes = input->bytes,
        .length = input->length,
        .escape = '\\',
        .buffer = thaw_arena_bytes(&template->tree.arena, INSTRUCTION_MAX),
    };

    if (!file.buffer) {
        fail(&file);
        return;
    }
    read_all(&file);
    if (!template->code && file.stages.count)
        thaw_dockerfile_say(&file);
    thaw_array_free(&file.stages);
    thaw_array_free(&file.variables);
}
