/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "project/template.h"

/*
 * A Dockerfile: what the last stage is made from, and the variables that it sets. Values with a "$"
 * in them are followed for images (ARG with a default) and UNKNOWN for settings.
 */

#define INSTRUCTION_MAX ((size_t)64 << 10) /* with all of its lines; what is beyond is left out */
#define STAGES_MAX 256
#define VARIABLES_MAX 2000

struct variable {
    const char *name, *value;
    uint32_t line;
    uint32_t stage; /* UINT32_MAX: an argument, of before the first stage */
};

struct stage {
    const char *name, *image, *platform;
    const char *command; /* of CMD, as JSON has it; "" none */
    uint32_t line, command_line;
    uint32_t from; /* an earlier stage, UINT32_MAX: an image */
};

struct dockerfile {
    struct thaw_template *template;
    struct thaw_arena *arena;
    const char *bytes;
    size_t length, at;
    uint32_t line;
    char escape;
    char *buffer; /* of the instruction that is read, INSTRUCTION_MAX */
    THAW_ARRAY(struct stage) stages;
    THAW_ARRAY(struct variable) variables;
};

static void fail(struct dockerfile *file)
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
static bool next_line(struct dockerfile *file, const char **ret, size_t *ret_length)
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
static void directive(struct dockerfile *file, const char *line, size_t length)
{
    const char *found = file->line == 1 ? memmem(line, length, "escape=", 7) : NULL;

    if (found && line[0] == '#' && found + 7 < line + length)
        file->escape = found[7];
}

/* An instruction with the lines that go on with it, in the file's buffer; NULL: none is left. */
static const char *instruction(struct dockerfile *file, uint32_t *ret_line)
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
static void skip_document(struct dockerfile *file, const char *text)
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
static const char *unquote(const struct dockerfile *file, const char *at, char *out, size_t *ret)
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
static const char *word(struct dockerfile *file, const char **text)
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

static void set(struct dockerfile *file, uint32_t stage, const char *name, const char *value,
                uint32_t line)
{
    struct variable *variable;

    if (file->variables.count >= VARIABLES_MAX) {
        file->template->unread++;
        return;
    }
    variable = thaw_array_add(&file->variables);
    if (variable)
        *variable = (struct variable){.name = name, .value = value, .line = line, .stage = stage};
    else
        fail(file);
}

/* NAME=VALUE, cut at its sign; false: it has none. */
static bool cut(struct dockerfile *file, const char *pair, const char **name, const char **value)
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

static const char *argument(const struct dockerfile *file, const char *name, size_t length)
{
    for (size_t i = 0; i < file->variables.count; i++) {
        const struct variable *one = &file->variables.items[i];

        if (one->stage == UINT32_MAX && strlen(one->name) == length &&
            !memcmp(one->name, name, length))
            return one->value;
    }
    return NULL;
}

/* "$NAME", "${NAME}", "${NAME:-default}" replaced; "" where one is not known. */
static const char *expanded(struct dockerfile *file, const char *text)
{
    const char *made = "";

    while (made && *text) {
        size_t before = strcspn(text, "$"), length;
        const char *value = NULL;

        made = thaw_arena_format(file->arena, "%s%.*s", made, (int)before, text);
        text += before;
        if (!made || !*text)
            break;
        text++;
        text += *text == '{';
        length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
        value = argument(file, text, length);
        text += length;
        if (!strncmp(text, ":-", 2)) {
            length = strcspn(text, "}");
            if (!value)
                value = thaw_arena_text(file->arena, text + 2, length - 2);
            text += length;
        }
        text += *text == '}';
        if (!value || strlen(made) > 4096)
            return "";
        made = thaw_arena_format(file->arena, "%s%s", made, value);
    }
    if (!made)
        fail(file);
    return made ? made : "";
}

/* FROM [--platform=…] IMAGE [AS NAME] */
static void from(struct dockerfile *file, const char *text, uint32_t line)
{
    struct stage stage = {
        .name = "", .image = "", .platform = "", .command = "", .line = line, .from = UINT32_MAX};
    const char *image = word(file, &text), *as, *name;
    struct stage *added;

    while (image && !strncmp(image, "--", 2)) {
        if (!strncmp(image, "--platform=", 11))
            stage.platform = image + 11;
        image = word(file, &text);
    }
    if (!image || file->stages.count >= STAGES_MAX)
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
static void env(struct dockerfile *file, const char *text, uint32_t line)
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
static void arg(struct dockerfile *file, const char *text, uint32_t line)
{
    const char *name, *value;

    if (file->stages.count)
        return;
    for (const char *pair = word(file, &text); pair; pair = word(file, &text))
        if (cut(file, pair, &name, &value))
            set(file, UINT32_MAX, name, value, line);
}

static void cmd(struct dockerfile *file, const char *text, uint32_t line)
{
    struct stage *stage = file->stages.count ? &file->stages.items[file->stages.count - 1] : NULL;

    if (!stage)
        return;
    stage->command = thaw_arena_string(file->arena, skip_space(text));
    stage->command_line = line;
    if (!stage->command) {
        stage->command = "";
        fail(file);
    }
}

static void run(struct dockerfile *file, const char *text, uint32_t line)
{
    (void)line;
    skip_document(file, text);
}

static const struct {
    const char *word;
    void (*read)(struct dockerfile *, const char *, uint32_t);
} instructions[] = {
    {"FROM", from}, {"ENV", env}, {"ARG", arg}, {"CMD", cmd}, {"RUN", run}, {"COPY", run},
};

static void read_all(struct dockerfile *file)
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

/* --- what it says -------------------------------------------------------------------------------
 */

/* Images whose tag has Python's version, behind a word of it. */
static const struct {
    const char *image, *before;
    bool is_lambda;
} images[] = {
    {"azure-functions/python", "-python", false},
    {"lambda/python", ":", true},
    {"amazon/aws-lambda-python", ":", true},
    {"sam/build-python", "build-python", true},
    {"python", ":", false},
};

/* Does the image's name, without its registry's, tag's and digest's parts, end in it? */
static bool is_image(const char *image, const char *name)
{
    size_t length = strcspn(image, "@"), own = strlen(name);
    const char *slash = strrchr(image, '/');
    const char *tag = strchr(slash ? slash : image, ':');

    if (tag && (size_t)(tag - image) < length)
        length = (size_t)(tag - image);
    return length >= own && !strncmp(image + length - own, name, own) &&
           (length == own || image[length - own - 1] == '/');
}

static void python(struct dockerfile *file, const char *image, const char *before,
                   const struct thaw_tree_node *at)
{
    const char *slash = strrchr(image, '/'), *version = strstr(slash ? slash : image, before);
    size_t length;

    if (!version)
        return;
    version += strlen(before);
    length = strspn(version, "0123456789.");
    if (!memchr(version, '.', length)) /* "3", "latest" */
        return;
    version = thaw_arena_text(file->arena, version, length);
    if (!version)
        fail(file);
    else
        thaw_template_fact(file->template, THAW_FACT_PYTHON, version, "", at);
}

/* ["app.handler"] → app.handler */
static void handler(struct dockerfile *file, const struct stage *stage)
{
    struct thaw_tree_node at = {.line = stage->command_line, .last_line = stage->command_line};
    const char *begin = strchr(stage->command, '"');
    const char *text =
        begin ? thaw_arena_text(file->arena, begin + 1, strcspn(begin + 1, "\"")) : "";

    thaw_template_fact(file->template, THAW_FACT_PACKAGE_TYPE, "Image", "", &at);
    if (!text)
        fail(file);
    else if (*text)
        thaw_template_fact(file->template, THAW_FACT_HANDLER, text, "", &at);
}

static void say_image(struct dockerfile *file, const struct stage *last, const struct stage *base)
{
    struct thaw_tree_node at = {.line = base->line, .column = 1, .last_line = base->line};
    const char *machine = strchr(base->platform, '/');
    bool is_lambda = false;

    thaw_template_fact(file->template, THAW_FACT_BASE_IMAGE, base->image, "", &at);
    if (machine && !strchr(base->platform, '$'))
        thaw_template_fact(file->template, THAW_FACT_ARCHITECTURE,
                           strcmp(machine + 1, "amd64") ? machine + 1 : "x86_64", "", &at);
    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        if (!is_image(base->image, images[i].image))
            continue;
        python(file, base->image, images[i].before, &at);
        is_lambda = images[i].is_lambda;
        break;
    }
    if (is_lambda)
        handler(file, last);
}

/* Later ones win: of the stage itself over those of the stages it is made from. */
static bool is_set_later(const struct dockerfile *file, const bool *counts, size_t index)
{
    for (size_t i = index + 1; i < file->variables.count; i++) {
        const struct variable *later = &file->variables.items[i];

        if (later->stage != UINT32_MAX && counts[later->stage] &&
            !strcmp(later->name, file->variables.items[index].name))
            return true;
    }
    return false;
}

static void say_variables(struct dockerfile *file, const bool *counts)
{
    for (size_t i = 0; i < file->variables.count; i++) {
        const struct variable *one = &file->variables.items[i];
        struct thaw_tree_node value = {.kind = THAW_TREE_TEXT, .key = "", .text = one->value};
        struct thaw_tree_node at = {.line = one->line, .column = 1, .last_line = one->line};

        if (one->stage == UINT32_MAX || !counts[one->stage] || is_set_later(file, counts, i))
            continue;
        if (strchr(one->value, '$'))
            value.kind = THAW_TREE_UNKNOWN;
        thaw_template_setting(file->template, one->name, &value, &at, "");
    }
}

static void say(struct dockerfile *file)
{
    bool counts[STAGES_MAX] = {false};
    uint32_t last = (uint32_t)file->stages.count - 1, base = last;

    counts[base] = true;
    while (file->stages.items[base].from != UINT32_MAX) { /* always an earlier one */
        base = file->stages.items[base].from;
        counts[base] = true;
    }
    for (uint32_t at = last; !*file->stages.items[last].command && at != base;) {
        at = file->stages.items[at].from;
        file->stages.items[last].command = file->stages.items[at].command;
        file->stages.items[last].command_line = file->stages.items[at].command_line;
    }
    say_image(file, &file->stages.items[last], &file->stages.items[base]);
    say_variables(file, counts);
}

void thaw_template_dockerfile(struct thaw_template *template)
{
    const struct thaw_project_input *input = template->input;
    struct dockerfile file = {
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
        say(&file);
    thaw_array_free(&file.stages);
    thaw_array_free(&file.variables);
}
