/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

/*
 * For bash 4 and newer, without the package bash-completion. Words are compared as they stand, what
 * was typed is never expanded.
 */

/* What every command's function is made of. `--name=value` comes as three words. */
static const char helpers[] =
    "# bash completion of thaw, made by `thaw help completion bash`\n"
    "\n"
    "__thaw_words()\n"
    "{\n"
    "    local word\n"
    "    for word; do\n"
    "        [[ $word == \"$current\"* ]] && COMPREPLY+=(\"$word\")\n"
    "    done\n"
    "}\n"
    "\n"
    "__thaw_files()\n"
    "{\n"
    "    compopt -o default\n"
    "}\n"
    "\n"
    "__thaw_folders()\n"
    "{\n"
    "    compopt -o dirnames\n"
    "}\n"
    "\n"
    "__thaw_processes()\n"
    "{\n"
    "    local folder\n"
    "    for folder in /proc/[0-9]*; do\n"
    "        __thaw_words \"${folder#/proc/}\"\n"
    "    done\n"
    "}\n"
    "\n"
    "# Completes the command to run and its arguments; $1: options that take a value, \" -a --all "
    "\".\n"
    "# Fails before the command begins.\n"
    "__thaw_command_line()\n"
    "{\n"
    "    local i\n"
    "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "        case ${COMP_WORDS[i]} in\n"
    "        --)\n"
    "            ((i++))\n"
    "            break\n"
    "            ;;\n"
    "        -*)\n"
    "            if [[ $1 == *\" ${COMP_WORDS[i]} \"* ]]; then\n"
    "                ((i++))\n"
    "                [[ ${COMP_WORDS[i]} == = ]] && ((i++))\n"
    "            fi\n"
    "            ;;\n"
    "        *) break ;;\n"
    "        esac\n"
    "    done\n"
    "    if ((i < COMP_CWORD)); then\n"
    "        __thaw_files\n"
    "    elif ((i == COMP_CWORD)) && [[ $current != -* || $previous == -- ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -c -- \"$current\")\n"
    "    else\n"
    "        return 1\n"
    "    fi\n"
    "}\n"
    "\n"
    "# The same of a command that follows operands. Fails where there is no -- before.\n"
    "__thaw_command_behind()\n"
    "{\n"
    "    local i\n"
    "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "        [[ ${COMP_WORDS[i]} == -- ]] && break\n"
    "    done\n"
    "    ((i < COMP_CWORD)) || return 1\n"
    "    if ((i + 1 == COMP_CWORD)); then\n"
    "        mapfile -t COMPREPLY < <(compgen -c -- \"$current\")\n"
    "    else\n"
    "        __thaw_files\n"
    "    fi\n"
    "}\n";

static const char *const actions[] = {
    [THAW_OFFER_WORDS] = ":",
    [THAW_OFFER_FILES] = "__thaw_files",
    [THAW_OFFER_FOLDERS] = "__thaw_folders",
    [THAW_OFFER_PROCESSES] = "__thaw_processes",
    [THAW_OFFER_COMMAND_LINE] = ":",
};

static void put_words(FILE *stream, const struct thaw_offer *offer)
{
    struct thaw_word word;

    fputs("__thaw_words", stream);
    for (size_t i = 0; thaw_offer_word(offer, i, &word); i++)
        fprintf(stream, " %s", word.word);
}

/* The case of an option that takes a value. */
static void put_value(FILE *stream, const struct thaw_option *option)
{
    struct thaw_word word;

    if (option->letter)
        fprintf(stream, "    -%c | --%s) ", option->letter, option->name);
    else
        fprintf(stream, "    --%s) ", option->name);
    if (thaw_completion_has_words(option)) {
        fputs("__thaw_words", stream);
        for (size_t i = 0; thaw_option_word(option, i, &word); i++)
            fprintf(stream, " %s", word.word);
    } else {
        fputs(option->offer ? actions[option->offer->kind] : ":", stream);
    }
    fputs(" ;;\n", stream);
}

static void put_option_names(FILE *stream, const struct thaw_command *command, bool with_value_only)
{
    const struct thaw_option *option;

    for (size_t i = 0; (option = thaw_completion_option(command, i)); i++) {
        if (with_value_only && option->type == THAW_OPTION_FLAG)
            continue;
        if (option->letter)
            fprintf(stream, " -%c", option->letter);
        fprintf(stream, " --%s", option->name);
    }
}

static bool is_command_line(const struct thaw_offer *offer)
{
    return offer && offer->kind == THAW_OFFER_COMMAND_LINE;
}

/* Operands that are words are completed in the first place only. */
static void put_operands(FILE *stream, const struct thaw_offer *offer)
{
    struct thaw_word word;

    if (thaw_offer_word(offer, 0, &word)) {
        fputs("        elif ((COMP_CWORD == 2)); then\n            ", stream);
        put_words(stream, offer);
        fputc('\n', stream);
    } else if (offer && !is_command_line(offer)) {
        fprintf(stream, "        else\n            %s\n", actions[offer->kind]);
    }
}

static void put_command(FILE *stream, const struct thaw_command *command)
{
    const struct thaw_option *option;
    struct thaw_word word;

    fprintf(stream, "\n__thaw_command_%s()\n{\n", command->name);
    if (is_command_line(command->operand_offer)) {
        fputs("    __thaw_command_line \"", stream);
        put_option_names(stream, command, true);
        fputs(" \" && return\n", stream);
    }
    if (command->command_behind)
        fputs("    __thaw_command_behind && return\n", stream);
    fputs("    case $previous in\n", stream);
    for (size_t i = 0; (option = thaw_completion_option(command, i)); i++) {
        if (option->type != THAW_OPTION_FLAG)
            put_value(stream, option);
    }
    for (size_t i = 0; thaw_offer_word(command->operand_offer, i, &word); i++) {
        if (!word.after)
            continue;
        fprintf(stream, "    %s) ", word.word);
        put_words(stream, word.after);
        fputs(" ;;\n", stream);
    }
    fputs("    *)\n        if [[ $current == -* ]]; then\n            __thaw_words", stream);
    put_option_names(stream, command, false);
    fputc('\n', stream);
    put_operands(stream, command->operand_offer);
    fputs("        fi\n        ;;\n    esac\n}\n", stream);
}

static void put_main(FILE *stream)
{
    fputs("\n_thaw()\n"
          "{\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    COMPREPLY=()\n"
          "    if [[ $current == = ]]; then\n"
          "        current=\n"
          "    elif [[ $previous == = ]] && ((COMP_CWORD > 2)); then\n"
          "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    fi\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        __thaw_words",
          stream);
    for (size_t i = 0; thaw_commands[i]; i++)
        fprintf(stream, " %s", thaw_commands[i]->name);
    fputs(" --help --version\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n", stream);
    for (size_t i = 0; thaw_commands[i]; i++)
        fprintf(stream, "    %s) __thaw_command_%s ;;\n", thaw_commands[i]->name,
                thaw_commands[i]->name);
    fputs("    esac\n}\n\ncomplete -F _thaw thaw\n", stream);
}

void thaw_completion_bash(FILE *stream)
{
    fputs(helpers, stream);
    for (size_t i = 0; thaw_commands[i]; i++)
        put_command(stream, thaw_commands[i]);
    put_main(stream);
}
