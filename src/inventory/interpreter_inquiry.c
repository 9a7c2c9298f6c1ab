/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "inventory/interpreter_facts.h"

#define ANSWER_BYTES_MAX ((size_t)1 << 20)
#define SECONDS_MAX 5

extern const char thaw_interpreter_script[];

int thaw_interpreter_inquiry_start(const char *executable, uid_t user, gid_t group,
                                   struct thaw_inquiry *ret, struct thaw_error *error)
{
    const struct thaw_inquiry_question question = {.executable = executable,
                                                   .script = thaw_interpreter_script,
                                                   .user = user,
                                                   .group = group,
                                                   .seconds = SECONDS_MAX,
                                                   .answer_bytes = ANSWER_BYTES_MAX};

    return thaw_inquiry_start(&question, ret, error);
}

int thaw_interpreter_inquiry_finish(struct thaw_inquiry *inquiry, struct thaw_arena *arena,
                                    struct thaw_interpreter_facts *ret, struct thaw_error *error)
{
    struct thaw_inquiry_answer answer;
    int result = thaw_inquiry_finish(inquiry, &answer, error);

    if (result == 0)
        result = thaw_interpreter_facts_parse(answer.bytes, answer.length, arena, ret);
    free(answer.bytes);
    if (result == -ENOMEM)
        return thaw_error_memory(error);
    if (result == -EPROTO)
        return thaw_error_set(error, result, "%s: gave no usable answer about itself",
                              inquiry->executable);
    return result;
}
