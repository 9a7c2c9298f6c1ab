/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "packaging/requirements_file.h"
#include "packaging/version_parts.h"

#define LOGICAL_BYTES_MAX ((size_t)64 << 10)

void thaw_requirements_begin(struct thaw_requirements_reader *reader, const char *bytes,
                             size_t length)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t skipped = length >= 3 && memcmp(bytes, mark, 3) == 0 ? 3 : 0;

    *reader = (struct thaw_requirements_reader){bytes + skipped, bytes + length, 1};
}

static struct thaw_span skip(struct thaw_span text, size_t length)
{
    return (struct thaw_span){text.bytes + length, text.length - length};
}

/* The next line of the file without its end ("\n", "\r", "\r\n"); false behind the last. */
static bool physical_line(struct thaw_requirements_reader *reader, struct thaw_span *ret)
{
    const char *from = reader->cursor, *at = from;

    if (from == reader->end)
        return false;
    while (at < reader->end && *at != '\n' && *at != '\r')
        at++;
    *ret = (struct thaw_span){from, (size_t)(at - from)};
    if (at < reader->end)
        at += *at == '\r' && at + 1 < reader->end && at[1] == '\n' ? 2 : 1;
    reader->cursor = at;
    reader->line++;
    return true;
}

static bool is_comment(struct thaw_span line)
{
    line = thaw_span_trim(line);
    return line.length && *line.bytes == '#';
}

static bool goes_on(struct thaw_span line)
{
    return line.length && line.bytes[line.length - 1] == '\\' && !is_comment(line);
}

/* How much a line adds to the one it belongs to: pip takes all backslashes off both ends. */
static struct thaw_span without_backslashes(struct thaw_span line)
{
    while (line.length && line.bytes[line.length - 1] == '\\')
        line.length--;
    while (line.length && *line.bytes == '\\')
        line = skip(line, 1);
    return line;
}

/* Joins what goes on behind a backslash: as pip does, a line that is a comment ends it. */
static int join_lines(struct thaw_requirements_reader *reader, struct thaw_arena *arena,
                      struct thaw_span *line)
{
    struct thaw_requirements_reader ahead = *reader;
    struct thaw_span next = *line;
    size_t size = line->length, length = 0;
    char *joined;

    while (goes_on(next) && physical_line(&ahead, &next))
        size = size < LOGICAL_BYTES_MAX ? size + next.length + 1 : size;
    if (size > LOGICAL_BYTES_MAX)
        size = LOGICAL_BYTES_MAX;
    joined = thaw_arena_allocate(arena, size + 1);
    if (!joined)
        return -ENOMEM;
    for (next = *line;;) {
        bool more = goes_on(next);
        struct thaw_span part = more ? without_backslashes(next) : next;

        if (length && is_comment(next) && length < size)
            joined[length++] = ' ';
        if (part.length > size - length)
            part.length = size - length;
        if (part.length)
            memcpy(joined + length, part.bytes, part.length);
        length += part.length;
        if (!more || !physical_line(reader, &next))
            break;
    }
    *line = (struct thaw_span){joined, length};
    return 0;
}

/* A comment begins the line, or stands behind white space. */
static struct thaw_span without_comment(struct thaw_span line)
{
    for (size_t i = 0; i < line.length; i++) {
        if (line.bytes[i] == '#' && (i == 0 || thaw_span_is_space(line.bytes[i - 1]))) {
            line.length = i;
            break;
        }
    }
    return thaw_span_trim(line);
}

/* Where the options begin: at the first word that begins with "-", as pip splits at blanks. */
static size_t options_at(struct thaw_span line)
{
    for (size_t i = 0; i < line.length; i++) {
        if (line.bytes[i] == '-' && (i == 0 || line.bytes[i - 1] == ' '))
            return i;
    }
    return line.length;
}

static bool has_word(struct thaw_span text, const char *word)
{
    size_t length = strlen(word);

    for (size_t i = 0; i + length <= text.length; i++) {
        bool begins = i == 0 || thaw_span_is_space(text.bytes[i - 1]);
        bool ends = i + length == text.length || text.bytes[i + length] == '=' ||
                    thaw_span_is_space(text.bytes[i + length]);

        if (begins && ends && memcmp(text.bytes + i, word, length) == 0)
            return true;
    }
    return false;
}

static bool starts_with(struct thaw_span text, const char *prefix)
{
    size_t length = strlen(prefix);

    return text.length >= length && strncasecmp(text.bytes, prefix, length) == 0;
}

static bool ends_with(struct thaw_span text, const char *suffix)
{
    size_t length = strlen(suffix);

    return text.length > length &&
           strncasecmp(text.bytes + text.length - length, suffix, length) == 0;
}

/* "https://…", "git+ssh://…", "file:…" */
static bool is_url(struct thaw_span text)
{
    size_t length = 0;

    while (length < text.length &&
           (isalnum((unsigned char)text.bytes[length]) || memchr("+-.", text.bytes[length], 3)))
        length++;
    return starts_with(text, "file:") ||
           (length && length + 3 <= text.length && memcmp(text.bytes + length, "://", 3) == 0);
}

static bool looks_like_path(struct thaw_span text)
{
    return memchr(text.bytes, '/', text.length) || (text.length && *text.bytes == '.');
}

static bool is_archive(struct thaw_span text)
{
    static const char *const suffixes[] = {".whl", ".zip",     ".tar.gz", ".tgz",
                                           ".tar", ".tar.bz2", ".tbz",    ".tar.xz",
                                           ".txz", ".tlz",     ".tar.lz", ".tar.lzma"};

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (ends_with(text, suffixes[i]))
            return true;
    }
    return false;
}

/* A local path, an archive or a URL, that has no name before it. */
static bool is_path(struct thaw_span text)
{
    const char *end = memchr(text.bytes, ';', text.length), *at;

    if (is_url(text))
        return true;
    if (end)
        text.length = (size_t)(end - text.bytes);
    text = thaw_span_trim(text);
    at = memchr(text.bytes, '@', text.length);
    if (at && !looks_like_path((struct thaw_span){text.bytes, (size_t)(at - text.bytes)}))
        return false;
    end = memchr(text.bytes, '[', text.length);
    return looks_like_path(text) || is_archive(text) ||
           (end && is_archive((struct thaw_span){text.bytes, (size_t)(end - text.bytes)}));
}

/* The first word of a shell's line, its quotes and backslashes taken off, in the arena. */
static const char *first_word(struct thaw_span text, struct thaw_arena *arena)
{
    char *word = thaw_arena_allocate(arena, text.length + 1), quote = '\0';
    size_t length = 0;

    if (!word)
        return NULL;
    text = thaw_span_trim(text);
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];

        if (quote ? byte == quote : byte == '"' || byte == '\'') {
            quote = quote ? '\0' : byte;
            continue;
        }
        if (!quote && thaw_span_is_space(byte))
            break;
        if (byte == '\\' && quote != '\'' && i + 1 < text.length)
            byte = text.bytes[++i];
        word[length++] = byte ? byte : '?';
    }
    return word;
}

/* Those that count for more come first: pip takes one of several in a line. */
static const struct {
    const char *option;
    enum thaw_requirements_kind kind;
} options[] = {
    {"--editable", THAW_REQUIREMENTS_EDITABLE},      {"-e", THAW_REQUIREMENTS_EDITABLE},
    {"--requirement", THAW_REQUIREMENTS_FILE},       {"-r", THAW_REQUIREMENTS_FILE},
    {"--constraint", THAW_REQUIREMENTS_CONSTRAINTS}, {"-c", THAW_REQUIREMENTS_CONSTRAINTS},
};

/* The length of an option's name at the start of a line's rest: "-r", "--requirement". */
static size_t option_name(struct thaw_span text)
{
    size_t length = 2;

    if (text.length < 2 || text.bytes[1] != '-')
        return text.length < 2 ? text.length : 2;
    while (length < text.length && text.bytes[length] != '=' &&
           !thaw_span_is_space(text.bytes[length]))
        length++;
    return length;
}

/* The option's value in the line, "-rFILE", "-r FILE", "--requirement=FILE". False: it has none. */
static bool option_value(struct thaw_span line, const char *option, struct thaw_span *ret)
{
    size_t wanted = strlen(option);

    for (size_t i = 0; i < line.length; i++) {
        struct thaw_span rest = skip(line, i);

        if (*rest.bytes != '-' || (i > 0 && !thaw_span_is_space(line.bytes[i - 1])) ||
            option_name(rest) != wanted || memcmp(rest.bytes, option, wanted) != 0)
            continue;
        *ret = skip(rest, wanted);
        if (ret->length && *ret->bytes == '=' && wanted > 2)
            *ret = skip(*ret, 1);
        return true;
    }
    return false;
}

/* A line of options alone. */
static int line_of_option(struct thaw_span line, struct thaw_arena *arena,
                          struct thaw_requirements_line *ret)
{
    struct thaw_span value;

    ret->kind = THAW_REQUIREMENTS_OPTION;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (!option_value(line, options[i].option, &value))
            continue;
        ret->kind = options[i].kind;
        ret->text = first_word(value, arena);
        return ret->text ? 0 : -ENOMEM;
    }
    ret->text = thaw_arena_text(arena, line.bytes, option_name(line));
    return ret->text ? 0 : -ENOMEM;
}

static int line_of_requirement(struct thaw_span text, struct thaw_arena *arena,
                               struct thaw_requirements_line *ret)
{
    text = thaw_span_trim(text);
    ret->kind = is_path(text) ? THAW_REQUIREMENTS_PATH : THAW_REQUIREMENTS_REQUIREMENT;
    ret->text = thaw_arena_text(arena, text.bytes, text.length);
    return ret->text ? 0 : -ENOMEM;
}

int thaw_requirements_next(struct thaw_requirements_reader *reader, struct thaw_arena *arena,
                           struct thaw_requirements_line *ret)
{
    struct thaw_span line;
    size_t at;
    int result;

    for (;;) {
        *ret = (struct thaw_requirements_line){.line = reader->line, .text = ""};
        if (!physical_line(reader, &line))
            return 0;
        if (goes_on(line) && join_lines(reader, arena, &line) < 0)
            return -ENOMEM;
        if (line.length > LOGICAL_BYTES_MAX)
            line.length = LOGICAL_BYTES_MAX;
        line = without_comment(line);
        if (line.length)
            break;
    }
    at = options_at(line);
    ret->has_hash = has_word(skip(line, at), "--hash");
    result = at ? line_of_requirement((struct thaw_span){line.bytes, at}, arena, ret)
                : line_of_option(line, arena, ret);
    return result < 0 ? result : 1;
}
