/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "native/calls.h"
#include "native/object_weight.h"
#include "native/symbols.h"

/* An ELF file of any content: everything that is read of it, from a file in memory. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_texts(const struct thaw_object *object)
{
    const char *const *needed;
    size_t count = thaw_object_needed(object, &needed), length = 0;

    for (size_t i = 0; i < count; i++)
        length += strlen(needed[i]);
    length += strlen(thaw_object_soname(object)) + strlen(thaw_object_rpath(object)) +
              strlen(thaw_object_runpath(object)) + strlen(thaw_object_interpreter(object));
    if (length > (count + 4) * 4096 || strlen(thaw_object_build_id(object)) > 128)
        abort();
}

static void use_symbols(const struct thaw_object *object)
{
    static const char *const names[] = {"answer", "function", "Py_Version", ""};
    uint64_t offset, rest;
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        thaw_object_exports(object, names[i]);
        thaw_object_data(object, names[i], bytes, sizeof(bytes), NULL);
        if (thaw_object_function(object, names[i], &offset, &rest, NULL) < 0)
            continue;
        if (offset >= thaw_object_bytes(object) || rest > thaw_object_bytes(object) - offset)
            abort();
        thaw_object_instruction(object, offset);
    }
}

static void check_returns(const struct thaw_object *object, const struct thaw_call_returns *returns)
{
    if (returns->count > THAW_CALL_RETURNS_MAX || returns->body > thaw_object_bytes(object))
        abort();
    for (size_t i = 0; i < returns->count; i++)
        if (returns->items[i].offset > thaw_object_bytes(object) ||
            returns->items[i].call >= returns->items[i].offset ||
            (i && returns->items[i].offset <= returns->items[i - 1].offset))
            abort();
}

static void use_calls(const struct thaw_object *object)
{
    static const struct thaw_call_function functions[] = {
        {"callee", true}, {"answer", false}, {"leads", false}, {"function", true}};
    struct thaw_call_returns returns[4] = {{0}};
    uint64_t word;
    struct thaw_arena arena = {0};

    thaw_object_call_returns(object, functions, 4, &arena, returns, NULL);
    for (size_t i = 0; i < 4; i++) {
        check_returns(object, &returns[i]);
        for (size_t j = 0; j < returns[i].count; j++)
            thaw_object_at(object, returns[i].items[j].argument.value, &word, sizeof(word));
    }
    thaw_arena_free(&arena);
}

/* Functions of a table are inside the file, in code that is there. */
static void use_methods(const struct thaw_object *object)
{
    static const char *const names[] = {"dump", "load", "dumps", "loads"};
    static const struct thaw_object_table table = {names, 4, 32};
    static const size_t indexes[] = {0, 1, 2, 3};
    uint64_t offsets[4];
    int code = thaw_object_methods(object, &table, indexes, 4, offsets, NULL);

    for (size_t i = 0; i < 4; i++)
        if (offsets[i] >= thaw_object_bytes(object) || (code && offsets[i]))
            abort();
}

/* Whatever a place is said to lie in holds it. */
static void use_places(const struct thaw_object *object)
{
    struct thaw_symbols *symbols;
    struct thaw_symbol symbol;

    if (thaw_symbols_open(object, &symbols, NULL))
        return;
    for (uint64_t offset = 0; offset < 1 << 14; offset += 61)
        if (thaw_symbols_find(symbols, offset, &symbol) &&
            (offset < symbol.offset || offset - symbol.offset >= symbol.bytes ||
             strlen(symbol.name) >= 4096))
            abort();
    thaw_symbols_close(symbols);
}

/* Nothing weighs more than the file. */
static void use_weight(const struct thaw_object *object)
{
    uint64_t bytes = thaw_object_bytes(object);
    struct thaw_object_weight weight;
    struct thaw_arena arena = {0};

    thaw_object_weigh(object, &arena, &weight, NULL);
    if (weight.strip_bytes > bytes || weight.section_count > 4096)
        abort();
    /* Relocations are counted by the file's bytes: a word of bits has up to 63 of them. */
    if (weight.relocations / 64 > 4 * bytes || weight.constructors > 2 * bytes + 1)
        abort();
    for (size_t i = 0; i < weight.section_count; i++)
        if (weight.sections[i].bytes > bytes || strlen(weight.sections[i].name) > 255)
            abort();
    thaw_object_is_executable(object);
    thaw_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_object *object;
    int fd = memfd_create("object", MFD_CLOEXEC);

    if (fd < 0)
        abort();
    if (write(fd, data, size) == (ssize_t)size &&
        thaw_object_open_descriptor(fd, "input", &object, NULL) == 0) {
        use_texts(object);
        use_weight(object);
        use_symbols(object);
        use_calls(object);
        use_methods(object);
        use_places(object);
        thaw_object_close(object);
    }
    close(fd);
    return 0;
}
