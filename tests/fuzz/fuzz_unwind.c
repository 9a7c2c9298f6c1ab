/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "native/unwind.h"

/*
 * A stack and registers of any content, in a file of any content: 17 registers, 256 bytes of stack,
 * then the file, which is mapped from CODE on.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CODE 0x10000000ULL
#define STACK_BYTES 256

static uint64_t frames[THAW_UNWIND_FRAMES_MOST];

/* A path for the bytes: a file in memory, by its descriptor. */
static int make_file(const uint8_t *data, size_t size, char *path, size_t room)
{
    int file = memfd_create("image", MFD_CLOEXEC);

    if (file < 0 || write(file, data, size) != (ssize_t)size)
        abort();
    snprintf(path, room, "/proc/self/fd/%d", file);
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_unwind_input input = {.stack_bytes = STACK_BYTES};
    struct thaw_code_mapping mapping = {.start = CODE, .bytes = 1 << 20};
    size_t head = sizeof(input.registers) + STACK_BYTES, count;
    struct thaw_unwinder *unwinder;
    struct thaw_spaces spaces = {0};
    unsigned char *stack;
    enum thaw_unwind_end end;
    char path[64];
    int file;

    if (size < head || thaw_unwinder_open(&unwinder, 0, NULL))
        return 0;
    stack = malloc(STACK_BYTES); /* so that a read beyond it is seen */
    if (!stack)
        abort();
    memcpy(input.registers, data, sizeof(input.registers));
    memcpy(stack, data + sizeof(input.registers), STACK_BYTES);
    input.stack = stack;
    file = make_file(data + head, size - head, path, sizeof(path));
    mapping.path = path;
    if (!thaw_spaces_map(&spaces, 1, &mapping))
        abort();
    count = thaw_unwind(unwinder, &spaces, 1, &input, frames, &end);
    if (!count || count > THAW_UNWIND_FRAMES_MOST || (unsigned)end > THAW_UNWIND_BROKEN)
        abort();
    thaw_spaces_free(&spaces);
    thaw_unwinder_close(unwinder);
    close(file);
    free(stack);
    return 0;
}
