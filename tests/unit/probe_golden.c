/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe_golden.h"

static void read_piece(const char *line, struct golden *golden)
{
    struct golden_piece *piece = &golden->pieces[golden->piece_count++];
    char *digits;
    unsigned byte;

    assert_true(golden->piece_count <= GOLDEN_PIECES);
    piece->address = strtoull(line, &digits, 16);
    for (digits++; sscanf(digits, "%2x", &byte) == 1; digits += 2) {
        assert_true(piece->length < sizeof(piece->bytes));
        piece->bytes[piece->length++] = (uint8_t)byte;
    }
}

static uint64_t number(const char *line, const char *field)
{
    const char *found = strstr(line, field);

    return found ? strtoull(found + strlen(field), NULL, 16) : 0;
}

static void text(const char *line, const char *field, char *to, size_t size)
{
    const char *found = strstr(line, field);
    size_t length;

    if (!found)
        return;
    found += strlen(field);
    length = strcspn(found, "\"");
    assert_true(length < size);
    memcpy(to, found, length);
}

static void read_call(const char *line, struct golden *golden)
{
    struct golden_call *call = &golden->calls[golden->call_count++];

    assert_true(golden->call_count <= GOLDEN_CALLS);
    assert_int_equal(sscanf(line, "%23s", call->probe), 1);
    call->registers = (struct replay_registers){.di = number(line, " di="),
                                                .si = number(line, " si="),
                                                .dx = number(line, " dx="),
                                                .ax = number(line, " ax=")};
    text(line, " name=\"", call->name, sizeof(call->name));
    text(line, " file=\"", call->file, sizeof(call->file));
}

void golden_read(const char *path, struct golden *golden)
{
    FILE *file = fopen(path, "re");
    char line[1024];

    if (!file)
        fail_msg("%s is not there", path);
    memset(golden, 0, sizeof(*golden));
    while (fgets(line, sizeof(line), file)) {
        if (*line == '#' || sscanf(line, "version %u", &golden->minor) == 1)
            continue;
        if (!strncmp(line, "at ", 3))
            read_piece(line + 3, golden);
        else
            read_call(line, golden);
    }
    fclose(file);
    assert_true(golden->minor && golden->piece_count && golden->call_count);
}

const struct golden_call *golden_call(const struct golden *golden, const char *probe, size_t n)
{
    for (size_t i = 0; i < golden->call_count; i++)
        if (!strcmp(golden->calls[i].probe, probe) && n-- == 0)
            return &golden->calls[i];
    return NULL;
}

void golden_begin(const struct golden *golden, const struct thaw_python_layout *layout,
                  size_t without)
{
    replay_begin(layout);
    for (size_t i = 0; i < golden->piece_count; i++)
        if (i != without)
            replay_memory(golden->pieces[i].address, golden->pieces[i].bytes,
                          golden->pieces[i].length);
}
