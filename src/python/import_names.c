/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "python/import_names.h"

struct scanner {
    const char *begin, *cursor, *end;
    const char *statement; /* the word that was read last at the start of one */
    thaw_import_name_function function;
    void *context;
};

/* A dotted name without its spaces. */
struct dotted {
    char text[THAW_IMPORT_NAME_MAX + 1];
    size_t length;
    bool is_cut;
};

struct word {
    const char *start;
    size_t length;
};

static bool is_name_byte(char byte)
{
    /* All beyond ASCII: which letters those are does not matter here. */
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || (unsigned char)byte >= 0x80;
}

static bool is_at(const struct scanner *scanner, char byte)
{
    return scanner->cursor < scanner->end && *scanner->cursor == byte;
}

/* Passes over the end of a line, of whichever kind; false: there is none. */
static bool skip_line_end(struct scanner *scanner)
{
    if (is_at(scanner, '\r')) {
        scanner->cursor++;
        if (is_at(scanner, '\n'))
            scanner->cursor++;
        return true;
    }
    if (!is_at(scanner, '\n'))
        return false;
    scanner->cursor++;
    return true;
}

static void skip_comment(struct scanner *scanner)
{
    while (scanner->cursor < scanner->end && *scanner->cursor != '\n' && *scanner->cursor != '\r')
        scanner->cursor++;
}

/* Spaces and lines that go on; in parentheses ends of lines and comments, too. */
static void skip_space(struct scanner *scanner, bool in_parentheses)
{
    while (scanner->cursor < scanner->end) {
        char byte = *scanner->cursor;

        if (byte == ' ' || byte == '\t' || byte == '\f') {
            scanner->cursor++;
        } else if (byte == '\\') {
            scanner->cursor++;
            if (!skip_line_end(scanner)) {
                scanner->cursor--;
                return;
            }
        } else if (in_parentheses && byte == '#') {
            skip_comment(scanner);
        } else if (!in_parentheses || !skip_line_end(scanner)) {
            return;
        }
    }
}

/* A text literal; the cursor is at its first quote. One of a single line ends with that. */
static void skip_text(struct scanner *scanner)
{
    char quote = *scanner->cursor;
    bool is_long = scanner->end - scanner->cursor >= 3 && scanner->cursor[1] == quote &&
                   scanner->cursor[2] == quote;

    scanner->cursor += is_long ? 3 : 1;
    while (scanner->cursor < scanner->end) {
        char byte = *scanner->cursor;

        if (byte == '\\') { /* in raw ones, too: it keeps the quote from ending them */
            scanner->cursor++;
            if (!skip_line_end(scanner) && scanner->cursor < scanner->end)
                scanner->cursor++;
            continue;
        }
        if (!is_long && (byte == '\n' || byte == '\r'))
            return;
        scanner->cursor++;
        if (byte != quote)
            continue;
        if (!is_long)
            return;
        if (scanner->end - scanner->cursor >= 2 && scanner->cursor[0] == quote &&
            scanner->cursor[1] == quote) {
            scanner->cursor += 2;
            return;
        }
    }
}

static struct word read_word(struct scanner *scanner)
{
    struct word word = {scanner->cursor, 0};

    while (scanner->cursor < scanner->end && is_name_byte(*scanner->cursor))
        scanner->cursor++;
    word.length = (size_t)(scanner->cursor - word.start);
    return word;
}

static bool is_word(struct word word, const char *text)
{
    return word.length == strlen(text) && memcmp(word.start, text, word.length) == 0;
}

static void dotted_add(struct dotted *dotted, const char *bytes, size_t length)
{
    if (length > THAW_IMPORT_NAME_MAX - dotted->length) {
        dotted->is_cut = true;
        return;
    }
    memcpy(dotted->text + dotted->length, bytes, length);
    dotted->length += length;
    dotted->text[dotted->length] = '\0';
}

static bool starts_name(const struct scanner *scanner)
{
    return scanner->cursor < scanner->end && is_name_byte(*scanner->cursor) &&
           !(*scanner->cursor >= '0' && *scanner->cursor <= '9');
}

/* "a . b": false when no name begins here, or one ends with a dot. */
static bool read_dotted(struct scanner *scanner, struct dotted *ret)
{
    ret->length = 0;
    ret->is_cut = false;
    for (;;) {
        struct word word;

        skip_space(scanner, false);
        if (!starts_name(scanner))
            return false;
        word = read_word(scanner);
        dotted_add(ret, word.start, word.length);
        skip_space(scanner, false);
        if (!is_at(scanner, '.'))
            return true;
        scanner->cursor++;
        dotted_add(ret, ".", 1);
    }
}

static int tell(const struct scanner *scanner, const struct dotted *dotted, bool may_be_value)
{
    const struct thaw_import_name name = {dotted->text,
                                          (size_t)(scanner->statement - scanner->begin),
                                          may_be_value};

    return dotted->is_cut ? 0 : scanner->function(scanner->context, &name);
}

/* "as name", if it is there. */
static void skip_as(struct scanner *scanner, bool in_parentheses)
{
    const char *before;

    skip_space(scanner, in_parentheses);
    before = scanner->cursor;
    if (!starts_name(scanner) || !is_word(read_word(scanner), "as")) {
        scanner->cursor = before;
        return;
    }
    skip_space(scanner, in_parentheses);
    read_word(scanner);
    skip_space(scanner, in_parentheses);
}

/* Behind `import`: names with commas between. */
static int read_import(struct scanner *scanner)
{
    struct dotted dotted;
    int result;

    do {
        if (!read_dotted(scanner, &dotted))
            return 0;
        result = tell(scanner, &dotted, false);
        if (result)
            return result;
        skip_as(scanner, false);
    } while (is_at(scanner, ',') && scanner->cursor++);
    return 0;
}

/* Behind `from`: a name, `import`, and what is taken of it. */
static int read_from(struct scanner *scanner)
{
    struct dotted module, member;
    bool in_parentheses;
    int result;

    if (!read_dotted(scanner, &module) || !is_word(read_word(scanner), "import"))
        return 0; /* relative, or no import at all: `yield`'s, `raise`'s */
    result = tell(scanner, &module, false);
    skip_space(scanner, false);
    in_parentheses = is_at(scanner, '(');
    scanner->cursor += in_parentheses;
    for (skip_space(scanner, in_parentheses); result == 0 && starts_name(scanner);) {
        struct word word = read_word(scanner);

        member = module;
        dotted_add(&member, ".", 1);
        dotted_add(&member, word.start, word.length);
        result = tell(scanner, &member, true);
        skip_as(scanner, in_parentheses);
        if (!is_at(scanner, ','))
            break;
        scanner->cursor++;
        skip_space(scanner, in_parentheses);
    }
    return result;
}

int thaw_import_names(const char *source, size_t length, thaw_import_name_function function,
                      void *context)
{
    struct scanner scanner = {source, source, source + length, source, function, context};
    bool at_start = true; /* of a statement: after a line's end, ";" or ":" */
    int result = 0;

    if (length >= 3 && memcmp(source, "\xef\xbb\xbf", 3) == 0)
        scanner.cursor += 3;
    while (result == 0 && scanner.cursor < scanner.end) {
        char byte = *scanner.cursor;

        if (byte == '#') {
            skip_comment(&scanner);
        } else if (byte == '"' || byte == '\'') {
            skip_text(&scanner);
            at_start = false;
        } else if (is_name_byte(byte)) {
            struct word word = read_word(&scanner);

            scanner.statement = word.start;
            if (at_start && is_word(word, "import"))
                result = read_import(&scanner);
            else if (at_start && is_word(word, "from"))
                result = read_from(&scanner);
            else if (at_start && is_word(word, "lazy"))
                continue;
            at_start = false;
        } else if (byte == ' ' || byte == '\t' || byte == '\f' || byte == '\\') {
            const char *before = scanner.cursor;

            skip_space(&scanner, false);
            scanner.cursor += scanner.cursor == before;
        } else {
            at_start = byte == '\n' || byte == '\r' || byte == ';' || byte == ':';
            scanner.cursor++;
        }
    }
    return result;
}
