/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "project/document.h"
#include "project/settings/setting_parts.h"

#define ALLOWED (THAW_JSON_COMMENTS | THAW_JSON_TRAILING_COMMAS)

#define SAVE_AS_UTF8 "save the file as UTF-8"
#define CORRECT_IT "correct it at this place; an editor that knows JSON shows it"

/* --- what is no JSON, in words that hold none of its bytes --------------------------------------
 */

static struct thaw_project_place place_in(const struct thaw_project_input *input,
                                          struct thaw_json_place place)
{
    return (
        struct thaw_project_place){.file = input->file, .line = place.line, .column = place.column};
}

/* The line and column of an offset. */
static struct thaw_project_place place_of_offset(const struct thaw_project_input *input,
                                                 size_t offset)
{
    struct thaw_json_place place = {1, 1};
    size_t at = thaw_json_mark_length(input->bytes, input->length);

    for (; at < offset && at < input->length; at++) {
        if (input->bytes[at] == '\n')
            place = (struct thaw_json_place){place.line + 1, 1};
        else if (((unsigned char)input->bytes[at] & 0xC0) != 0x80)
            place.column++;
    }
    return place_in(input, place);
}

static bool is_marked_utf16(const struct thaw_project_input *input)
{
    return input->length >= 2 &&
           (!memcmp(input->bytes, "\xFF\xFE", 2) || !memcmp(input->bytes, "\xFE\xFF", 2));
}

/* The first byte that is no UTF-8; the length: all of it is. */
static size_t find_no_utf8(const struct thaw_project_input *input)
{
    uint32_t codepoint;
    size_t at = 0, taken;

    if (thaw_text_is_utf8(input->bytes, input->length))
        return input->length;
    while ((taken = thaw_text_decode(input->bytes + at, input->length - at, &codepoint)))
        at += taken;
    return at;
}

/* Is it text at all? 1 yes; 0 no, and the problem was told; -ENOMEM. */
static int check_bytes(struct thaw_project *project, const struct thaw_project_input *input)
{
    struct thaw_project_place place = {.file = input->file};
    const char *nul;
    size_t wrong;

    if (input->length > THAW_PROJECT_JSON_BYTES_MAX)
        return thaw_project_complain(project, THAW_PROBLEM_TOO_LARGE, &place,
                                     "larger than %zu MB, and not read: such files have a few KB",
                                     THAW_PROJECT_JSON_BYTES_MAX >> 20);
    if (is_marked_utf16(input))
        return thaw_project_complain_to_do(project, THAW_PROBLEM_MALFORMED, &place, SAVE_AS_UTF8,
                                           "UTF-16, not read: save it as UTF-8");
    nul = input->length ? memchr(input->bytes, '\0', input->length) : NULL;
    if (nul) {
        place = place_of_offset(input, (size_t)(nul - input->bytes));
        return thaw_project_complain_to_do(
            project, THAW_PROBLEM_MALFORMED, &place, SAVE_AS_UTF8,
            "a NUL byte: no text, or UTF-16 without a mark; save it as JSON in UTF-8");
    }
    wrong = find_no_utf8(input);
    if (wrong < input->length) {
        place = place_of_offset(input, wrong);
        return thaw_project_complain_to_do(project, THAW_PROBLEM_MALFORMED, &place, SAVE_AS_UTF8,
                                           "a byte that is no UTF-8: save the file as UTF-8");
    }
    return 1;
}

struct words {
    const char *what, *fix;
};

static struct words scan_words(const struct thaw_project_input *input,
                               const struct thaw_json_positions *positions)
{
    if (!positions->values.count && positions->end_at >= input->length)
        return (struct words){"the file is empty: at least {} is needed", ""};
    if (positions->end_at >= input->length)
        return (struct words){"no JSON: it ends before all brackets are closed",
                              "write the brackets that are missing, } and ]"};
    switch (input->bytes[positions->end_at]) {
    case '\'':
        return (struct words){"no JSON: keys and texts are to be in double quotes",
                              "put it in double quotes"};
    case '"':
        return (struct words){"no JSON: a comma is missing before this, or a quote that ends the "
                              "text",
                              "write the comma in front of this place, or close the text"};
    case '}':
    case ']':
        return (struct words){"no JSON: this bracket closes nothing, or a value is missing before "
                              "it",
                              "take the bracket out, or write the value"};
    case ',':
    case ':':
        return (struct words){"no JSON: a key or a value is missing before this",
                              "write what is missing, or take this character out"};
    case '#':
        return (struct words){"no JSON: a comment begins with //",
                              "begin the comment with //, or take it out"};
    default:
        return (struct words){"no JSON: this can't stand here", CORRECT_IT};
    }
}

/* What a scan of brackets, keys and commas says. */
static int complain_of_scan(struct thaw_project *project, const struct thaw_project_input *input,
                            const struct thaw_json_positions *positions, int code)
{
    struct thaw_project_place place = place_in(input, positions->end);
    struct words words = scan_words(input, positions);

    if (code == -E2BIG)
        return thaw_project_complain(project, THAW_PROBLEM_TOO_LARGE, &place,
                                     "too many values, or nested too deeply: not read");
    return thaw_project_complain_to_do(project, THAW_PROBLEM_MALFORMED, &place, words.fix, "%s",
                                       words.what);
}

/* What jansson says of numbers, words and what is inside of texts. Its own words show what stands
 * near, which may be a secret. */
static int complain_of_value(struct thaw_project *project, const struct thaw_project_input *input,
                             const json_error_t *error)
{
    size_t offset = error->position > 0 ? (size_t)error->position : 0;
    struct thaw_project_place place = place_of_offset(input, offset);

    switch (json_error_code(error)) {
    case json_error_out_of_memory:
        return -ENOMEM;
    case json_error_numeric_overflow:
        return thaw_project_complain_to_do(project, THAW_PROBLEM_MALFORMED, &place,
                                           "write a number that fits",
                                           "no JSON: a number is too large");
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return thaw_project_complain_to_do(project, THAW_PROBLEM_MALFORMED, &place,
                                           "take the NUL character out of the text",
                                           "no JSON: a text with a NUL character");
    default:
        return thaw_project_complain_to_do(
            project, THAW_PROBLEM_MALFORMED, &place, CORRECT_IT,
            "no JSON: what ends here is no text, number, true, false or "
            "null as JSON writes them");
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

struct repeats {
    struct thaw_project *project;
    struct thaw_project_document *document;
};

#define IS_AGAIN 0x80000000U /* not the first of its name; there are fewer values */

/* For each value the next one of its name. */
static int note_repeat(struct thaw_project_document *document, uint32_t again, uint32_t before)
{
    if (!document->again)
        document->again = calloc(document->positions.values.count, sizeof(*document->again));
    if (!document->again)
        return -ENOMEM;
    document->again[before] |= again;
    document->again[again] |= IS_AGAIN;
    return 0;
}

static int complain_of_repeat(void *context, uint32_t again, uint32_t before)
{
    struct repeats *repeats = context;
    const struct thaw_json_positions *positions = &repeats->document->positions;
    const struct thaw_json_value *value = &positions->values.items[again];
    struct thaw_project_place place = thaw_document_place(repeats->document, again);
    struct thaw_value name = {positions->bytes + value->key, value->key_length};
    char key[100];

    if (note_repeat(repeats->document, again, before))
        return -ENOMEM;
    /* What is written with escapes may be a secret all the same. */
    if (thaw_setting_name_is_secret(name) || memchr(name.at, '\\', name.length))
        name = (struct thaw_value){THAW_SETTING_SECRET_NAME, sizeof(THAW_SETTING_SECRET_NAME) - 1};
    thaw_text_escape_terminal(key, sizeof(key), name.at, name.length);
    return thaw_project_complain(repeats->project, THAW_PROBLEM_DUPLICATE_KEY, &place,
                                 "\"%s\" stands here again, after line %u: this one counts; "
                                 "remove one of them",
                                 key, thaw_json_positions_key(positions, before).line);
}

/* 0 with root NULL: no JSON, which was told. */
static int parse(struct thaw_project *project, const struct thaw_project_input *input,
                 struct thaw_project_document *document)
{
    size_t mark = thaw_json_mark_length(input->bytes, input->length);
    char *plain;
    json_error_t error;
    int code =
        thaw_json_positions_scan(document->bytes, input->length, ALLOWED, &document->positions);

    if (code == -ENOMEM)
        return code;
    if (code)
        return complain_of_scan(project, input, &document->positions, code);
    plain = malloc(input->length);
    if (!plain)
        return -ENOMEM;
    memcpy(plain, input->bytes, input->length);
    thaw_json_blank(plain, input->length, ALLOWED);
    memset(plain, ' ', mark); /* so that offsets stay */
    document->root = json_loadb(plain, input->length, JSON_DECODE_ANY, &error);
    free(plain);
    if (!document->root)
        return complain_of_value(project, input, &error);
    return thaw_json_positions_repeats(&document->positions, complain_of_repeat,
                                       &(struct repeats){project, document});
}

int thaw_document_read(struct thaw_project *project, const struct thaw_project_input *input,
                       struct thaw_project_document **ret)
{
    struct thaw_project_document *document;
    int code;

    *ret = NULL;
    code = check_bytes(project, input);
    if (code <= 0)
        return code;
    document = calloc(1, sizeof(*document));
    if (!document)
        return -ENOMEM;
    document->file = thaw_project_file(project, input->file);
    document->bytes = malloc(input->length + 1);
    code = -ENOMEM;
    if (document->file && document->bytes) {
        if (input->length)
            memcpy(document->bytes, input->bytes, input->length);
        code = parse(project, input, document);
    }
    if (code || !document->root)
        thaw_document_free(document);
    else
        *ret = document;
    return code;
}

int thaw_document_read_object(struct thaw_project *project, const struct thaw_project_input *input,
                              struct thaw_project_document **ret)
{
    int code = thaw_document_read(project, input, ret);
    struct thaw_project_place place;

    if (code || !*ret || json_is_object((*ret)->root))
        return code;
    place = thaw_document_place(*ret, 0);
    thaw_document_free(*ret);
    *ret = NULL;
    return thaw_project_complain_to_do(
        project, THAW_PROBLEM_MALFORMED, &place, "write an object there: {\"name\": value}",
        "an object is needed here, in { and }: nothing of it was read");
}

void thaw_document_free(struct thaw_project_document *document)
{
    if (!document)
        return;
    json_decref(document->root);
    thaw_json_positions_free(&document->positions);
    free(document->again);
    free(document->bytes);
    free(document);
}

/* --- looking things up ------------------------------------------------------------------------ */

struct thaw_project_place thaw_document_place(const struct thaw_project_document *document,
                                              uint32_t value)
{
    struct thaw_json_place place = thaw_json_positions_key(&document->positions, value);
    struct thaw_project_place found = {.file = document->file,
                                       .line = place.line,
                                       .column = place.column};

    if (value < document->positions.values.count)
        found.last_line = document->positions.values.items[value].last_line;
    return found;
}

uint32_t thaw_document_next(const struct thaw_project_document *document, uint32_t value,
                            uint32_t *ret_at)
{
    const uint32_t *again = document->again;

    while (again && value != THAW_JSON_NO_VALUE && again[value] & IS_AGAIN)
        value = thaw_json_positions_next(&document->positions, value);
    *ret_at = value;
    while (again && value != THAW_JSON_NO_VALUE && again[*ret_at] & ~IS_AGAIN)
        *ret_at = again[*ret_at] & ~IS_AGAIN;
    return value;
}

/* The key of an object that is written so, or but for case; NULL none. */
static const char *find_key(const json_t *object, const char *key)
{
    const char *name;
    json_t *value;

    if (json_object_get(object, key))
        return key;
    json_object_foreach((json_t *)object, name, value)
    {
        if (!strcasecmp(name, key))
            return name;
    }
    return NULL;
}

/* One step along the path: the shortest beginning of it that is a key of the object; *path is what
 * is left. NULL: there is none. */
static const char *step(const json_t *object, const char **path, char *buffer, size_t size)
{
    for (const char *end = *path;; end++) {
        const char *key;
        size_t length;

        end += strcspn(end, ".");
        length = (size_t)(end - *path);
        if (length >= size)
            return NULL;
        memcpy(buffer, *path, length);
        buffer[length] = '\0';
        key = find_key(object, buffer);
        if (key) {
            *path = *end ? end + 1 : end;
            return key;
        }
        if (!*end)
            return NULL;
    }
}

const json_t *thaw_document_find(const struct thaw_project_document *document, const char *path,
                                 uint32_t *ret_at)
{
    const json_t *value = document->root;
    uint32_t at = 0;
    char buffer[200];

    while (value && *path) {
        const char *key = json_is_object(value) ? step(value, &path, buffer, sizeof(buffer)) : NULL;

        value = key ? json_object_get(value, key) : NULL;
        at = value ? thaw_json_positions_member(&document->positions, at, key) : at;
    }
    if (ret_at)
        *ret_at = value ? at : THAW_JSON_NO_VALUE;
    return value;
}
