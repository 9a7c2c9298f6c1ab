/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_DOCKERFILE_H
#define THAW_PROJECT_DOCKERFILE_H

#include "base/array.h"
#include "project/templates/template.h"

/* A Dockerfile while it is read; its texts are the tree's. */

#define THAW_DOCKERFILE_STAGES_MAX 256

struct thaw_dockerfile_variable {
    const char *name, *value;
    uint32_t line;
    uint32_t stage; /* UINT32_MAX: an argument, of before the first stage */
};

struct thaw_dockerfile_stage {
    const char *name, *image, *platform;
    const char *command; /* of CMD, as JSON has it; "" none */
    uint32_t line, command_line;
    uint32_t from; /* an earlier stage, UINT32_MAX: an image */
};

struct thaw_dockerfile {
    struct thaw_template *template;
    struct thaw_arena *arena;
    const char *bytes;
    size_t length, at;
    uint32_t line;
    char escape;
    char *buffer; /* of the instruction that is read, INSTRUCTION_MAX */
    THAW_ARRAY(struct thaw_dockerfile_stage) stages;
    THAW_ARRAY(struct thaw_dockerfile_variable) variables;
};

/* Facts and settings of its last stage; it has one. */
void thaw_dockerfile_say(struct thaw_dockerfile *file);

#endif
