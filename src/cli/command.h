/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_COMMAND_H
#define THAW_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "thaw/error.h"

/*
 * One command of the program: a row of the table in main.c, defined in the file of its name. Help,
 * completions and man pages come from these structs and their option tables alone. In its texts
 * `this` is what someone types.
 */
struct thaw_command {
    const char *name;
    const char *summary;  /* one line, lower case, no full stop */
    const char *operands; /* "RECORDING", "" when it takes none */
    const char *details;  /* paragraphs below the options in its help, may be NULL */
    const char *examples; /* command lines, each ended by a newline; NULL none */
    const char *exits;    /* a paragraph about its own exit codes; NULL: as THAW_EXIT_CODES says */
    const struct thaw_word *files;          /* that it reads or writes by itself; NULL none */
    const struct thaw_offer *operand_offer; /* what its operands can be; NULL: not known */
    const struct thaw_option *options;      /* ended by a row without name; NULL when it has none */
    size_t size;                            /* of the struct the options are stored in */
    const void *defaults;                   /* such a struct; NULL: zeros */
    int minimum_operands;
    int maximum_operands; /* -1: any number */
    bool options_first;   /* the first operand ends the options: it is a command to run */
    bool command_behind;  /* a command to run may follow the operands, behind `--` */
    size_t command_place; /* then: where in the options it goes, as const char *const *, ended by
                           * NULL; NULL where none follows (thaw_option_place()) */

    /*
     * Runs it and returns the exit code. options is the filled struct; operands is NULL-terminated.
     * Data goes to stdout, words to stderr (thaw_complain()).
     */
    int (*run)(const void *options, int count, char **operands);
};

/* Exit codes, documented by `thaw help exit-codes` and the man pages. */
#define THAW_EXIT_CODES(row)                                                                       \
    row(THAW_EXIT_OK, 0, "all went well")                                                          \
        row(THAW_EXIT_FINDING, 1,                                                                  \
            "a budget is broken, a suggestion is refuted, or there is a finding of level error")   \
            row(THAW_EXIT_USAGE, 2, "wrong usage, or an input that is missing or can't be used")   \
                row(THAW_EXIT_INCOMPLETE, 3, "the measurement is incomplete")                      \
                    row(THAW_EXIT_INCONCLUSIVE, 4, "the measurement allows no verdict")            \
                        row(THAW_EXIT_FAILED, 125,                                                 \
                            "thaw itself failed (out of memory, output not writable, ...)")        \
                            row(THAW_EXIT_NOT_EXECUTABLE, 126,                                     \
                                "the command to record could not be executed")                     \
                                row(THAW_EXIT_NOT_FOUND, 127,                                      \
                                    "the command to record was not found")

enum thaw_exit_code {
#define THAW_EXIT_CODE_MEMBER(name, code, text) name = code,
    THAW_EXIT_CODES(THAW_EXIT_CODE_MEMBER)
#undef THAW_EXIT_CODE_MEMBER
};

/* All commands, ended by NULL (main.c). */
extern const struct thaw_command *const thaw_commands[];

/* The command of that name, or NULL after complaining, with the one that was perhaps meant. */
const struct thaw_command *thaw_command_find(const char *name);

/*
 * Parses argv (argv[0] is the command's own name), handles --help, checks the number of operands,
 * runs the command and closes stdout. Returns the exit code; what was wrong has been said.
 */
int thaw_command_run(const struct thaw_command *command, int argc, char **argv);

/* One line on stderr, made safe for a terminal: `thaw NAME: MESSAGE`. name may be NULL. */
void thaw_complain(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Complains with the error's message and returns the exit code that fits it: THAW_EXIT_FAILED when
 * memory is short, else code.
 */
int thaw_fail(const char *name, const struct thaw_error *error, int code);

#endif
