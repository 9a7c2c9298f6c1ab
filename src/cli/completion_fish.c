/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

/* For fish 3: rules for `complete`. Each list of words is a function, quoted once. */

static const struct thaw_completion_escape in_quotes[] = {{'\'', "\\'"}, {'\\', "\\\\"}, {0}};

static const char helpers[] =
    "# fish completion of thaw, made by `thaw help completion fish`\n"
    "\n"
    "# Is this the command? \"\": is none given yet?\n"
    "function __thaw_is\n"
    "    set -l words (commandline -opc)\n"
    "    test \"$words[2]\" = \"$argv[1]\"\n"
    "end\n"
    "\n"
    "# The same, and is this the word before?\n"
    "function __thaw_follows\n"
    "    set -l words (commandline -opc)\n"
    "    test \"$words[2]\" = \"$argv[1]\"; and test \"$words[-1]\" = \"$argv[2]\"\n"
    "end\n"
    "\n"
    "# Completes the command to run and its arguments; the words given are options with a value.\n"
    "function __thaw_command_line\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l last $words[-1]\n"
    "    set -e words[1..2]\n"
    "    while set -q words[1]\n"
    "        switch $words[1]\n"
    "            case --\n"
    "                set -e words[1]\n"
    "                break\n"
    "            case '-*'\n"
    "                contains -- $words[1] $argv; and set -e words[1]\n"
    "                set -e words[1]\n"
    "            case '*'\n"
    "                break\n"
    "        end\n"
    "    end\n"
    "    set -q words[1]; or return\n"
    "    set -e words[-1]\n"
    "    complete -C (string join ' ' -- (string escape -- $words) $last)\n"
    "end\n"
    "\n"
    "# Is this the command, and a -- before?\n"
    "function __thaw_is_behind\n"
    "    __thaw_is $argv[1]; and contains -- -- (commandline -opc)\n"
    "end\n"
    "\n"
    "# Completes the command to run behind the --.\n"
    "function __thaw_command_behind\n"
    "    set -l words (commandline -opc)\n"
    "    set -e words[1..(contains -i -- -- $words)]\n"
    "    complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))\n"
    "end\n";

static const char *const actions[] = {
    [THAW_OFFER_WORDS] = "-x",
    [THAW_OFFER_FILES] = "-r -F",
    [THAW_OFFER_FOLDERS] = "-x -a '(__fish_complete_directories (commandline -ct))'",
    [THAW_OFFER_PROCESSES] = "-x -a '(__fish_complete_pids)'",
    [THAW_OFFER_COMMAND_LINE] = "-x",
};

static void put_quoted(FILE *stream, const char *text)
{
    fputc('\'', stream);
    thaw_completion_put(stream, text, in_quotes);
    fputc('\'', stream);
}

static void begin_function(FILE *stream, const char *command, const char *values)
{
    fprintf(stream, "\nfunction __thaw_%s_%s\n    printf '%%s\\t%%s\\n'", command, values);
}

static void put_word(FILE *stream, const struct thaw_word *word)
{
    fprintf(stream, " \\\n        %s ", word->word);
    put_quoted(stream, word->description ? word->description : "");
}

static void put_option_words(FILE *stream, const struct thaw_command *command,
                             const struct thaw_option *option)
{
    struct thaw_word word;

    if (!thaw_completion_has_words(option))
        return;
    begin_function(stream, command->name, option->name);
    for (size_t i = 0; thaw_option_word(option, i, &word); i++)
        put_word(stream, &word);
    fputs("\nend\n", stream);
}

static void put_option(FILE *stream, const struct thaw_command *command,
                       const struct thaw_option *option)
{
    fprintf(stream, "complete -c thaw -n '__thaw_is %s'", command->name);
    if (option->letter)
        fprintf(stream, " -s %c", option->letter);
    fprintf(stream, " -l %s ", option->name);
    if (thaw_completion_has_words(option))
        fprintf(stream, "-x -a '(__thaw_%s_%s)'", command->name, option->name);
    else if (option->type != THAW_OPTION_FLAG)
        fputs(actions[option->offer ? option->offer->kind : THAW_OFFER_WORDS], stream);
    else
        fputs("-f", stream);
    fputs(" -d ", stream);
    put_quoted(stream, option->help);
    fputc('\n', stream);
}

/* The words that may stand behind the word before, and those that may stand behind each of them. */
static void put_operand_words(FILE *stream, const struct thaw_command *command,
                              const struct thaw_offer *offer, const char *before)
{
    struct thaw_word word;

    begin_function(stream, command->name, before);
    for (size_t i = 0; thaw_offer_word(offer, i, &word); i++)
        put_word(stream, &word);
    fprintf(stream, "\nend\ncomplete -c thaw -n '__thaw_follows %s %s' -f -a '(__thaw_%s_%s)'\n",
            command->name, before, command->name, before);
    for (size_t i = 0; thaw_offer_word(offer, i, &word); i++) {
        if (word.after)
            put_operand_words(stream, command, word.after, word.word);
    }
}

/* The options that take a value, for whom looks behind them. */
static void put_command_line(FILE *stream, const struct thaw_command *command)
{
    const struct thaw_option *option;

    fprintf(stream, "complete -c thaw -n '__thaw_is %s' -f -a '(__thaw_command_line",
            command->name);
    for (size_t i = 0; (option = thaw_completion_option(command, i)); i++) {
        if (option->type == THAW_OPTION_FLAG)
            continue;
        if (option->letter)
            fprintf(stream, " -%c", option->letter);
        fprintf(stream, " --%s", option->name);
    }
    fputs(")'\n", stream);
}

static void put_operands(FILE *stream, const struct thaw_command *command)
{
    const struct thaw_offer *offer = command->operand_offer;
    struct thaw_word word;

    if (!offer)
        return;
    if (thaw_offer_word(offer, 0, &word))
        put_operand_words(stream, command, offer, command->name);
    else if (offer->kind == THAW_OFFER_COMMAND_LINE)
        put_command_line(stream, command);
    else
        fprintf(stream, "complete -c thaw -n '%s__thaw_is %s' %s\n",
                command->command_behind ? "not contains -- -- (commandline -opc); and " : "",
                command->name, actions[offer->kind]);
    if (command->command_behind)
        fprintf(stream,
                "complete -c thaw -n '__thaw_is_behind %s' -f -a '(__thaw_command_behind)'\n",
                command->name);
}

static void put_command(FILE *stream, const struct thaw_command *command)
{
    const struct thaw_option *option;

    for (size_t i = 0; (option = thaw_completion_option(command, i)); i++)
        put_option_words(stream, command, option);
    fprintf(stream, "\ncomplete -c thaw -n '__thaw_is \"\"' -f -a %s -d ", command->name);
    put_quoted(stream, command->summary);
    fputc('\n', stream);
    for (size_t i = 0; (option = thaw_completion_option(command, i)); i++)
        put_option(stream, command, option);
    put_operands(stream, command);
}

void thaw_completion_fish(FILE *stream)
{
    fputs(helpers, stream);
    fputs("\ncomplete -c thaw -f\n"
          "complete -c thaw -n '__thaw_is \"\"' -s h -l help -d 'tell what thaw does'\n"
          "complete -c thaw -n '__thaw_is \"\"' -l version -d 'print the version'\n",
          stream);
    for (size_t i = 0; thaw_commands[i]; i++)
        put_command(stream, thaw_commands[i]);
}
