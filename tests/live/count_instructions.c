/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "trial/instructions.h"

/*
 * Counts the instructions of a command by src/trial: "SECONDS COMMAND [ARGUMENT...]". Prints the
 * code and the figure, then the line that says what was wrong. A byte on standard input stops it.
 * Built by test_instructions.py.
 */
int main(int count, char **words)
{
    struct thaw_instructions_options options = {.command = (const char *const *)words + 2,
                                                .stop = STDIN_FILENO};
    struct thaw_error error = {0};
    uint64_t instructions = 0;
    int code;

    if (count < 3)
        return 2;
    options.timeout_ns = strtoull(words[1], NULL, 10) * 1000000000;
    code = thaw_instructions(&options, &instructions, &error);
    printf("%d %llu\n%s\n", code, (unsigned long long)instructions, code ? error.message : "");
    return 0;
}
