/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

/*
 * For zsh's own completion system: one file, _thaw, of its fpath. Each list of words is a function,
 * as quoting in the specifications of _arguments would be wrong twice over.
 */

static const struct thaw_completion_escape in_quotes[] = {{'\'', "'\\''"}, {0}};

/* [explanation] within the quotes of a specification. */
static const struct thaw_completion_escape in_brackets[] = {{'\'', "'\\''"}, {'[', "\\["},
                                                            {']', "\\]"},    {'\\', "\\\\"},
                                                            {':', "\\:"},    {0}};

static const char *const actions[] = {
    [THAW_OFFER_WORDS] = " ",           [THAW_OFFER_FILES] = "_files",
    [THAW_OFFER_FOLDERS] = "_files -/", [THAW_OFFER_PROCESSES] = "_pids",
    [THAW_OFFER_COMMAND_LINE] = " ",
};

/* 'word:description' */
static void put_word(FILE *stream, const struct thaw_word *word)
{
    fprintf(stream, "        '%s", word->word);
    if (word->description) {
        fputc(':', stream);
        thaw_completion_put(stream, word->description, in_quotes);
    }
    fputs("'\n", stream);
}

static void begin_function(FILE *stream, const char *command, const char *values)
{
    fprintf(stream, "\n_thaw_%s_%s()\n{\n    local -a choices\n    choices=(\n", command, values);
}

static void end_function(FILE *stream)
{
    fputs("    )\n    _describe -t values value choices\n}\n", stream);
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
    end_function(stream);
}

/* The words of an operand, or those that stand behind one of them. */
static void put_operand_words(FILE *stream, const struct thaw_command *command,
                              const struct thaw_offer *offer, const char *name)
{
    struct thaw_word word;

    if (!thaw_offer_word(offer, 0, &word))
        return;
    begin_function(stream, command->name, name);
    for (size_t i = 0; thaw_offer_word(offer, i, &word); i++)
        put_word(stream, &word);
    end_function(stream);
    for (size_t i = 0; thaw_offer_word(offer, i, &word); i++) {
        if (word.after)
            put_operand_words(stream, command, word.after, word.word);
    }
}

/* '(-o --output)'{-o+,--output=}'[help]:FILE:_files', '*' before what may come again */
static void put_option(FILE *stream, const struct thaw_command *command,
                       const struct thaw_option *option)
{
    bool is_flag = option->type == THAW_OPTION_FLAG, repeats = option->type == THAW_OPTION_TEXTS;

    fputs("            ", stream);
    if (option->letter && repeats)
        fprintf(stream, "'*'{-%c+,--%s=}", option->letter, option->name);
    else if (option->letter)
        fprintf(stream, "'(-%c --%s)'{-%c%s,--%s%s}", option->letter, option->name, option->letter,
                is_flag ? "" : "+", option->name, is_flag ? "" : "=");
    else
        fprintf(stream, "'%s--%s%s'", repeats ? "*" : "", option->name, is_flag ? "" : "=");
    fputs("'[", stream);
    thaw_completion_put(stream, option->help, in_brackets);
    fputc(']', stream);
    if (!is_flag)
        fprintf(stream, ":%s:", option->argument ? option->argument : option->name);
    if (thaw_completion_has_words(option))
        fprintf(stream, "_thaw_%s_%s", command->name, option->name);
    else if (!is_flag)
        fputs(option->offer ? actions[option->offer->kind] : " ", stream);
    fputs("' \\\n", stream);
}

static bool has_after(const struct thaw_offer *offer)
{
    struct thaw_word word;

    for (size_t i = 0; thaw_offer_word(offer, i, &word); i++) {
        if (word.after)
            return true;
    }
    return false;
}

static void put_operands(FILE *stream, const struct thaw_command *command)
{
    const struct thaw_offer *offer = command->operand_offer;
    struct thaw_word word;

    if (!offer)
        return;
    fputs("            ", stream);
    if (offer->kind == THAW_OFFER_COMMAND_LINE)
        fputs("'(-)1:command:_command_names -e' '*::arguments:_normal'", stream);
    else if (command->command_behind)
        fputs("'*:operand:_thaw_command_behind'", stream);
    else if (thaw_offer_word(offer, 0, &word))
        fprintf(stream, "'1:operand:_thaw_%s_operand'", command->name);
    else
        fprintf(stream, "'*:operand:%s'", actions[offer->kind]);
    if (has_after(offer))
        fprintf(stream, " '2:operand:_thaw_%s_after'", command->name);
    fputs(" \\\n", stream);
}

/* What the second operand can be depends on the first. */
static void put_after(FILE *stream, const struct thaw_command *command)
{
    struct thaw_word word;

    if (!has_after(command->operand_offer))
        return;
    fprintf(stream, "\n_thaw_%s_after()\n{\n    case $words[2] in\n", command->name);
    for (size_t i = 0; thaw_offer_word(command->operand_offer, i, &word); i++) {
        if (word.after)
            fprintf(stream, "    %s) _thaw_%s_%s ;;\n", word.word, command->name, word.word);
    }
    fputs("    esac\n}\n", stream);
}

static void put_command_functions(FILE *stream, const struct thaw_command *command)
{
    const struct thaw_option *option;

    for (size_t i = 0; (option = thaw_completion_option(command, i)); i++)
        put_option_words(stream, command, option);
    put_operand_words(stream, command, command->operand_offer, "operand");
    put_after(stream, command);
}

static void put_commands(FILE *stream)
{
    fputs("\n_thaw_commands()\n{\n    local -a choices\n    choices=(\n", stream);
    for (size_t i = 0; thaw_commands[i]; i++)
        put_word(stream,
                 &(struct thaw_word){thaw_commands[i]->name, thaw_commands[i]->summary, NULL});
    fputs("    )\n    _describe -t commands command choices\n}\n", stream);
}

/* Operands that a command may follow are files; words of _arguments come with its own options. */
static const char command_behind[] = "\n_thaw_command_behind()\n"
                                     "{\n"
                                     "    local -i place=${words[(i)--]}\n"
                                     "    if ((place < CURRENT)); then\n"
                                     "        shift $place words\n"
                                     "        ((CURRENT -= place))\n"
                                     "        _normal\n"
                                     "    else\n"
                                     "        _files \"$@\"\n"
                                     "    fi\n"
                                     "}\n";

static void put_main(FILE *stream)
{
    fputs(command_behind, stream);
    fputs("\n_thaw()\n"
          "{\n"
          "    local context state state_descr line ret=1\n"
          "    typeset -A opt_args\n"
          "    _arguments -C '(- *)'{-h,--help}'[tell what thaw does]' \\\n"
          "        '(- *)--version[print the version]' '1:command:_thaw_commands' \\\n"
          "        '*::arguments:->arguments' && ret=0\n"
          "    [[ $state == arguments ]] || return ret\n"
          "    case $words[1] in\n",
          stream);
    for (size_t i = 0; thaw_commands[i]; i++) {
        const struct thaw_option *option;

        fprintf(stream, "    %s)\n        _arguments -S \\\n", thaw_commands[i]->name);
        for (size_t row = 0; (option = thaw_completion_option(thaw_commands[i], row)); row++)
            put_option(stream, thaw_commands[i], option);
        put_operands(stream, thaw_commands[i]);
        fputs("            && ret=0\n        ;;\n", stream);
    }
    fputs("    esac\n    return ret\n}\n\n_thaw \"$@\"\n", stream);
}

void thaw_completion_zsh(FILE *stream)
{
    fputs("#compdef thaw\n# zsh completion of thaw, made by `thaw help completion zsh`\n", stream);
    put_commands(stream);
    for (size_t i = 0; thaw_commands[i]; i++)
        put_command_functions(stream, thaw_commands[i]);
    put_main(stream);
}
