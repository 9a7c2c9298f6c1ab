/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <string.h>

#include "cli/completion.h"
#include "cli/man_page.h"
#include "cli/wrapped.h"

#define WIDTH 80
#define EXIT_CODES "exit-codes"

const struct thaw_option thaw_help_option = {.name = "help",
                                             .letter = 'h',
                                             .help = "show this text and do nothing else"};

void thaw_help_argument(const struct thaw_option *row, char *text, size_t size)
{
    snprintf(text, size, "%s", row->argument ? row->argument : "");
    for (int i = 0; row->type == THAW_OPTION_CHOICE && row->choices[i]; i++) {
        size_t end = strlen(text);
        snprintf(text + end, size - end, "%s%s", i ? "|" : "", row->choices[i]);
    }
}

/* "-o, --output FILE"; returns the length of what it is (or would be). */
static int write_left(const struct thaw_option *row, char *text, size_t size)
{
    char letter[5] = "    ", argument[100];
    if (row->letter)
        snprintf(letter, sizeof(letter), "-%c, ", row->letter);
    thaw_help_argument(row, argument, sizeof(argument));
    return snprintf(text, size, "  %s--%s%s%s", letter, row->name, *argument ? " " : "", argument);
}

static void write_option(const struct thaw_option *row, int column, FILE *stream)
{
    char left[160];
    int length = write_left(row, left, sizeof(left));
    if (length + 2 > column)
        fprintf(stream, "%s\n%*s", left, column, "");
    else
        fprintf(stream, "%-*s", column, left);
    thaw_write_wrapped(row->help, column, WIDTH, stream);
}

static void write_options(const struct thaw_option *options, FILE *stream)
{
    int column = 0;
    for (const struct thaw_option *row = options; row && row->name; row++) {
        int length = write_left(row, (char[160]){0}, 160);
        if (length + 2 > column && length + 2 <= WIDTH / 2)
            column = length + 2;
    }
    if (column == 0)
        column = 16;
    fputs("\nOptions:\n", stream);
    for (const struct thaw_option *row = options; row && row->name; row++)
        write_option(row, column, stream);
    write_option(&thaw_help_option, column, stream);
}

void thaw_help_paragraphs(const char *paragraphs, FILE *stream)
{
    for (const char *line = paragraphs; line && *line;) {
        int length = (int)strcspn(line, "\n");
        char text[1000];
        snprintf(text, sizeof(text), "%.*s", length, line);
        if (text[0] == ' ')
            fprintf(stream, "%s\n", text);
        else
            thaw_write_wrapped(text, 0, WIDTH, stream);
        line += length + (line[length] == '\n');
    }
}

static void write_examples(const char *examples, FILE *stream)
{
    if (examples)
        fputs("\nExamples:\n", stream);
    for (const char *line = examples; line && *line;) {
        int length = (int)strcspn(line, "\n");

        fprintf(stream, "  %.*s\n", length, line);
        line += length + (line[length] == '\n');
    }
}

void thaw_help_command(const struct thaw_command *command, FILE *stream)
{
    fprintf(stream, "Usage: thaw %s [OPTION...]%s%s\n\n", command->name,
            *command->operands ? " " : "", command->operands);
    fprintf(stream, "%s: ", command->name);
    thaw_write_wrapped(command->summary, (int)strlen(command->name) + 2, WIDTH, stream);
    write_options(command->options, stream);
    if (command->details) {
        fputc('\n', stream);
        thaw_help_paragraphs(command->details, stream);
    }
    if (command->exits) {
        fputs("\nExit codes:\n  ", stream);
        thaw_write_wrapped(command->exits, 2, WIDTH, stream);
    }
    write_examples(command->examples, stream);
}

void thaw_help_overview(FILE *stream)
{
    fputs("Usage: thaw COMMAND [OPTION...] [ARGUMENT...]\n\n" THAW_HELP_PURPOSE "\n\nCommands:\n",
          stream);
    for (size_t i = 0; thaw_commands[i]; i++) {
        fprintf(stream, "  %-10s", thaw_commands[i]->name);
        thaw_write_wrapped(thaw_commands[i]->summary, 12, WIDTH, stream);
    }
    fputc('\n', stream);
    thaw_write_wrapped("`thaw COMMAND --help` tells more about one, `thaw help " EXIT_CODES
                       "` what its exit code means, `thaw help --help` what else there is.",
                       0, WIDTH, stream);
}

static int write_exit_codes(const char *operand)
{
    (void)operand;
    fputs("Exit codes of thaw:\n", stdout);
#define WRITE_EXIT_CODE(name, code, text) printf("  %3d  %s\n", code, text);
    THAW_EXIT_CODES(WRITE_EXIT_CODE)
#undef WRITE_EXIT_CODE
    putchar('\n');
    thaw_write_wrapped(THAW_HELP_CHILD_EXITS, 0, WIDTH, stdout);
    return THAW_EXIT_OK;
}

static int write_commands(const char *operand)
{
    (void)operand;
    for (size_t i = 0; thaw_commands[i]; i++)
        puts(thaw_commands[i]->name);
    return THAW_EXIT_OK;
}

static int write_man_page(const char *name)
{
    const struct thaw_command *command = name ? thaw_command_find(name) : NULL;

    if (name && !command)
        return THAW_EXIT_USAGE;
    if (command)
        thaw_man_page_command(command, stdout);
    else
        thaw_man_page_overview(stdout);
    return THAW_EXIT_OK;
}

static int write_completion(const char *shell)
{
    if (shell && thaw_completion_write(shell, stdout))
        return THAW_EXIT_OK;
    thaw_complain("help", "completion takes one of bash, zsh and fish%s%s%s",
                  shell ? ", not '" : "; usage: thaw help completion SHELL", shell ? shell : "",
                  shell ? "'" : "");
    return THAW_EXIT_USAGE;
}

static bool command_word(size_t index, struct thaw_word *ret)
{
    for (size_t i = 0; thaw_commands[i]; i++) {
        if (i == index) {
            *ret = (struct thaw_word){thaw_commands[i]->name, thaw_commands[i]->summary, NULL};
            return true;
        }
    }
    return false;
}

static const struct thaw_offer command_offer = {.word = command_word};

/* What there is to be told beside the commands. */
static const struct topic {
    struct thaw_word word;
    int (*write)(const char *operand); /* NULL: none was given; returns the exit code */
} topics[] = {
    {{EXIT_CODES, "what the exit codes mean", NULL}, write_exit_codes},
    {{"commands", "the names of all commands, a line each", NULL}, write_commands},
    {{"man", "a manual page: of thaw, or of a command", &command_offer}, write_man_page},
    {{"completion", "completion of command lines by a shell", &thaw_completion_shells},
     write_completion},
};

enum { TOPICS = sizeof(topics) / sizeof(topics[0]) };

static bool topic_word(size_t index, struct thaw_word *ret)
{
    size_t commands = 0;

    while (thaw_commands[commands])
        commands++;
    if (index < commands)
        return command_word(index, ret);
    if (index - commands < TOPICS)
        *ret = topics[index - commands].word;
    return index - commands < TOPICS;
}

static const struct topic *find_topic(const char *name)
{
    for (size_t i = 0; i < TOPICS; i++) {
        if (!strcmp(topics[i].word.word, name))
            return &topics[i];
    }
    return NULL;
}

static int run_help(const void *options, int count, char **operands)
{
    const struct topic *topic = count ? find_topic(operands[0]) : NULL;
    const struct thaw_command *command;

    (void)options;
    if (count > 1 && !(topic && topic->word.after)) {
        thaw_complain("help", "one argument too many: '%s'", operands[1]);
        return THAW_EXIT_USAGE;
    }
    if (topic)
        return topic->write(operands[1]);
    command = count ? thaw_command_find(operands[0]) : NULL;
    if (command)
        thaw_help_command(command, stdout);
    else if (!count)
        thaw_help_overview(stdout);
    return command || !count ? THAW_EXIT_OK : THAW_EXIT_USAGE;
}

const struct thaw_command thaw_command_help = {
    .name = "help",
    .summary = "show what a command does, what exit codes mean, manual pages, completions",
    .operands = "[COMMAND|TOPIC]",
    .details = "TOPIC is one of " EXIT_CODES ", commands, man [COMMAND] and completion SHELL. "
               "`thaw help man` writes a manual page, `thaw help completion` what makes bash, zsh "
               "or fish complete commands, options and their values. `make install` puts them "
               "where man and the shells look; the examples do without.",
    .examples = "thaw help report\n"
                "thaw help man report | man -l -\n"
                "source <(thaw help completion bash)\n"
                "thaw help completion zsh >~/.zsh/_thaw    # a folder of your fpath\n"
                "thaw help completion fish >~/.config/fish/completions/thaw.fish\n",
    .operand_offer = &(const struct thaw_offer){.word = topic_word},
    .maximum_operands = 2,
    .run = run_help,
};
