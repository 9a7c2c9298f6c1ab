/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/man_page.h"

#include <ctype.h>
#include <string.h>

#include "cli/help.h"
#include "thaw/version.h"

/* Source lines are broken at spaces: longer ones are bad style. */
enum { source_columns = 78, most_summary = 200 };

#define BOLD "\\fB"
#define ITALIC "\\fI"
#define ROMAN "\\fR"

static const char overview[] =
    "It watches from outside with eBPF: nothing is changed in the app, in the worker or in Python. "
    "`thaw record` runs a command and records it, `thaw attach` what runs already; that takes root "
    "or some capabilities, of which `thaw doctor` tells. Everything else needs a recording alone, "
    "or an app's packages, and no privilege.\n"
    "`thaw COMMAND --help` tells of a command what its page does.";

/* A paragraph being written: `code` is bold. */
struct paragraph {
    FILE *stream;
    size_t column; /* of the source */
    bool is_code;
};

/* What roff would take for something else, or print as a typographer's sign. */
static const char *escape_of(char character)
{
    switch (character) {
    case '\\':
        return "\\e";
    case '-':
        return "\\-";
    case '\'':
        return "\\(aq";
    case '"':
        return "\\(dq";
    case '`':
        return "\\(ga";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    }
    return NULL;
}

static void put_character(FILE *stream, char character)
{
    const char *escape = escape_of(character);

    if (escape)
        fputs(escape, stream);
    else
        fputc(character, stream);
}

/* Verbatim, up to length; at the start of a line a dot would make a macro of it. */
static void put_literal(FILE *stream, const char *text, size_t length)
{
    if (length && *text == '.')
        fputs("\\&", stream);
    for (size_t i = 0; i < length; i++)
        put_character(stream, text[i]);
}

static void put_string(FILE *stream, const char *text)
{
    put_literal(stream, text, strlen(text));
}

/* Columns of the source that it takes. */
static size_t source_length(const char *word, size_t length)
{
    size_t total = *word == '.' ? sizeof("\\&") - 1 : 0;

    for (size_t i = 0; i < length; i++) {
        const char *escape = word[i] == '`' ? BOLD : escape_of(word[i]);

        total += escape ? strlen(escape) : 1;
    }
    return total;
}

static void put_word(struct paragraph *paragraph, const char *word, size_t length)
{
    size_t needed = source_length(word, length);

    if (paragraph->column && paragraph->column + 1 + needed > source_columns) {
        fputc('\n', paragraph->stream);
        paragraph->column = 0;
    } else if (paragraph->column) {
        fputc(' ', paragraph->stream);
        paragraph->column++;
    }
    if (*word == '.')
        fputs("\\&", paragraph->stream);
    for (size_t i = 0; i < length; i++) {
        if (word[i] != '`') {
            put_character(paragraph->stream, word[i]);
            continue;
        }
        paragraph->is_code = !paragraph->is_code;
        fputs(paragraph->is_code ? BOLD : ROMAN, paragraph->stream);
    }
    paragraph->column += needed;
}

/* Words of text up to length, filled; a newline behind them. */
static void put_filled(FILE *stream, const char *text, size_t length)
{
    struct paragraph paragraph = {.stream = stream};

    for (size_t i = 0; i < length;) {
        size_t word = strcspn(text + i, " ");

        word = word < length - i ? word : length - i;
        if (word)
            put_word(&paragraph, text + i, word);
        i += word + strspn(text + i + word, " ");
    }
    fputc('\n', stream);
}

static void put_text(FILE *stream, const char *text)
{
    put_filled(stream, text, strlen(text));
}

static void put_section(FILE *stream, const char *title)
{
    fprintf(stream, ".SH %s\n", title);
}

/* Lines as they are. */
static void put_lines(FILE *stream, const char *text)
{
    fputs(".EX\n", stream);
    while (*text) {
        size_t length = strcspn(text, "\n");

        put_literal(stream, text, length);
        fputc('\n', stream);
        text += length + (text[length] == '\n');
    }
    fputs(".EE\n", stream);
}

/* A line each, told from what stands before (as nothing does when they begin a section). */
static void put_paragraphs(FILE *stream, const char *text, bool begins)
{
    while (text && *text) {
        size_t length = strcspn(text, "\n");

        if (length) {
            fputs(begins ? "" : ".PP\n", stream);
            put_filled(stream, text, length);
            begins = false;
        }
        text += length + (text[length] == '\n');
    }
}

/* "[COMMAND|TOPIC]", "-- COMMAND [ARGUMENT...]": what stands for something else is italic. */
static void put_placeholders(FILE *stream, const char *text)
{
    while (*text) {
        size_t length = 0;

        while (isupper((unsigned char)text[length]))
            length++;
        if (length > 1) {
            fprintf(stream, ITALIC "%.*s" ROMAN, (int)length, text);
            text += length;
        } else {
            put_character(stream, *text++);
        }
    }
}

static void put_head(FILE *stream, const struct thaw_command *command)
{
    fprintf(stream, ".\\\" Made by `thaw help man%s%s` of the program's own tables.\n.TH THAW",
            command ? " " : "", command ? command->name : "");
    if (command)
        fputs("\\-", stream);
    for (const char *letter = command ? command->name : ""; *letter; letter++)
        fputc(toupper((unsigned char)*letter), stream);
    fputs(" 1 " THAW_VERSION_DATE " \"thaw " THAW_VERSION "\" \"User Commands\"\n", stream);
    put_section(stream, "NAME");
}

static void put_word_rows(FILE *stream, const struct thaw_word *words)
{
    for (; words && words->word; words++) {
        fputs(".TP\n" BOLD, stream);
        put_string(stream, words->word);
        fputs(ROMAN "\n", stream);
        put_text(stream, words->description);
    }
}

/* A line of words that need no description. */
static void put_names(FILE *stream, const struct thaw_offer *offer)
{
    struct thaw_word word;

    fputs("One of", stream);
    for (size_t i = 0; thaw_offer_word(offer, i, &word); i++) {
        fputs(i ? ",\n" BOLD : "\n" BOLD, stream);
        put_string(stream, word.word);
        fputs(ROMAN, stream);
    }
    fputs(".\n", stream);
}

/* What an option or operand can be; nothing where that is not known. */
static void put_values(FILE *stream, const struct thaw_offer *offer)
{
    struct thaw_word word;

    if (!thaw_offer_word(offer, 0, &word))
        return;
    if (!word.description)
        put_names(stream, offer);
    for (size_t i = 0; word.description && thaw_offer_word(offer, i, &word); i++)
        put_word_rows(stream, (const struct thaw_word[]){word, {0}});
}

static void put_option(FILE *stream, const struct thaw_option *row)
{
    struct thaw_word word;
    char argument[100];

    thaw_help_argument(row, argument, sizeof(argument));
    fputs(".TP\n", stream);
    if (row->letter)
        fprintf(stream, BOLD "\\-%c" ROMAN ", ", row->letter);
    fputs(BOLD "\\-\\-", stream);
    put_string(stream, row->name);
    fputs(*argument ? ROMAN " " : ROMAN, stream);
    put_placeholders(stream, argument);
    fputc('\n', stream);
    put_text(stream, row->help);
    if (!thaw_offer_word(row->offer, 0, &word))
        return;
    fputs(".RS\n", stream);
    put_values(stream, row->offer);
    fputs(".RE\n", stream);
}

static void put_options(FILE *stream, const struct thaw_option *options)
{
    put_section(stream, "OPTIONS");
    for (const struct thaw_option *row = options; row && row->name; row++)
        put_option(stream, row);
    put_option(stream, &thaw_help_option);
}

/* command NULL: all of them. */
static void put_exit_codes(FILE *stream, const struct thaw_command *command)
{
    static const struct {
        int code;
        const char *text;
    } rows[] = {
#define EXIT_ROW(name, code, text) {code, text},
        THAW_EXIT_CODES(EXIT_ROW)
#undef EXIT_ROW
    };

    put_section(stream, "EXIT STATUS");
    if (command && command->exits)
        put_paragraphs(stream, command->exits, true);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        /* the last ones are about commands that are run */
        if (command && !command->options_first && rows[i].code > THAW_EXIT_FAILED)
            continue;
        fprintf(stream, ".TP\n" BOLD "%d" ROMAN "\n", rows[i].code);
        put_text(stream, rows[i].text);
    }
    if (!command || command->options_first)
        put_paragraphs(stream, THAW_HELP_CHILD_EXITS, false);
}

/* Is "thaw NAME" in it? */
static bool mentions(const char *text, const char *name)
{
    size_t length = strlen(name);

    while (text && (text = strstr(text, "thaw "))) {
        text += sizeof("thaw ") - 1;
        if (!strncmp(text, name, length) && !isalnum((unsigned char)text[length]) &&
            text[length] != '-')
            return true;
    }
    return false;
}

static bool refers_to(const struct thaw_command *command, const char *name)
{
    bool found = mentions(command->details, name) || mentions(command->exits, name) ||
                 mentions(command->summary, name) || mentions(command->examples, name);

    for (const struct thaw_option *row = command->options; row && row->name; row++)
        found = found || mentions(row->help, name);
    for (const struct thaw_word *file = command->files; file && file->word; file++)
        found = found || mentions(file->description, name);
    return found;
}

/* thaw(1), and the commands that this one's texts speak of; NULL: all commands. */
static void put_references(FILE *stream, const struct thaw_command *command)
{
    const char *comma = command ? ",\n" : "";

    put_section(stream, "SEE ALSO");
    if (command)
        fputs(BOLD "\\%thaw" ROMAN "(1)", stream);
    for (size_t i = 0; thaw_commands[i]; i++) {
        if (command && (thaw_commands[i] == command || !refers_to(command, thaw_commands[i]->name)))
            continue;
        fprintf(stream, "%s" BOLD "\\%%thaw\\-", comma);
        put_string(stream, thaw_commands[i]->name);
        fputs(ROMAN "(1)", stream);
        comma = ",\n";
    }
    fputc('\n', stream);
}

static void put_synopsis(FILE *stream, const struct thaw_command *command)
{
    put_section(stream, "SYNOPSIS");
    fputs(BOLD "thaw ", stream);
    put_string(stream, command->name);
    fputs(ROMAN " [" ITALIC "OPTION" ROMAN "...]", stream);
    fputs(*command->operands ? " " : "", stream);
    put_placeholders(stream, command->operands);
    fputc('\n', stream);
}

void thaw_man_page_command(const struct thaw_command *command, FILE *stream)
{
    char sentence[most_summary];
    struct thaw_word word;

    put_head(stream, command);
    snprintf(sentence, sizeof(sentence), "thaw-%s - %s", command->name, command->summary);
    put_text(stream, sentence);
    put_synopsis(stream, command);
    put_section(stream, "DESCRIPTION");
    snprintf(sentence, sizeof(sentence), "%c%s.", toupper((unsigned char)*command->summary),
             command->summary + 1);
    put_text(stream, sentence);
    put_paragraphs(stream, command->details, false);
    if (thaw_offer_word(command->operand_offer, 0, &word)) {
        put_section(stream, "ARGUMENTS");
        put_values(stream, command->operand_offer);
    }
    put_options(stream, command->options);
    put_exit_codes(stream, command);
    if (command->files) {
        put_section(stream, "FILES");
        put_word_rows(stream, command->files);
    }
    if (command->examples) {
        put_section(stream, "EXAMPLES");
        put_lines(stream, command->examples);
    }
    put_references(stream, command);
}

/* Those of all commands, each once: where several tell of one, as the first of them does. */
static void put_all_files(FILE *stream)
{
    put_section(stream, "FILES");
    for (size_t i = 0; thaw_commands[i]; i++) {
        for (const struct thaw_word *file = thaw_commands[i]->files; file && file->word; file++) {
            bool told = false;

            for (size_t before = 0; before < i; before++) {
                const struct thaw_word *other = thaw_commands[before]->files;

                for (; other && other->word; other++)
                    told = told || !strcmp(other->word, file->word);
            }
            if (!told)
                put_word_rows(stream, (const struct thaw_word[]){*file, {0}});
        }
    }
}

/* The first of each command. */
static void put_first_examples(FILE *stream)
{
    put_section(stream, "EXAMPLES");
    fputs(".EX\n", stream);
    for (size_t i = 0; thaw_commands[i]; i++) {
        const char *examples = thaw_commands[i]->examples;

        if (!examples)
            continue;
        put_literal(stream, examples, strcspn(examples, "\n"));
        fputc('\n', stream);
    }
    fputs(".EE\n", stream);
}

void thaw_man_page_overview(FILE *stream)
{
    put_head(stream, NULL);
    fputs("thaw \\- show where the cold start of a Python function goes\n", stream);
    put_section(stream, "SYNOPSIS");
    fputs(BOLD "thaw" ROMAN " " ITALIC "COMMAND" ROMAN " [" ITALIC "OPTION" ROMAN "...] [" ITALIC
               "ARGUMENT" ROMAN "...]\n",
          stream);
    put_section(stream, "DESCRIPTION");
    put_text(stream, THAW_HELP_PURPOSE);
    put_paragraphs(stream, overview, false);
    put_section(stream, "COMMANDS");
    for (size_t i = 0; thaw_commands[i]; i++)
        put_word_rows(stream, (const struct thaw_word[]){
                                  {thaw_commands[i]->name, thaw_commands[i]->summary, NULL}, {0}});
    put_exit_codes(stream, NULL);
    put_all_files(stream);
    put_first_examples(stream);
    put_references(stream, NULL);
}
