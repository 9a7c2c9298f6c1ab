/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "python/places.h"

/* Of everything that returns by calls: the interpreter's functions, then the collector's. */
#define FUNCTIONS (THAW_PYTHON_FUNCTIONS + 1)

#define METHOD_BYTES 64
/* Of _PyRuntime, before its names: an offset that no small struct has. */
#define RUNTIME_BYTES_LEAST 4096

/* Where the characters of the method's name are: it is a str, or an identifier that points there.
 * 0: no such object, or only relocation makes it one. */
static uint64_t method_text(const struct thaw_object *object,
                            const struct thaw_python_layout *layout, uint64_t method,
                            uint64_t *ret_length)
{
    uint64_t place = layout->identifier == THAW_PYTHON_NAME_IDENTIFIER ? method : method + 8;
    uint64_t text = 0;

    *ret_length = 0;
    if (layout->identifier != THAW_PYTHON_NAME_STR)
        return thaw_object_at(object, place, &text, sizeof(text)) ? text : 0;
    if (!thaw_object_at(object, method + layout->text_length, ret_length, sizeof(*ret_length)))
        return 0;
    return method + layout->text_ascii_data;
}

/* Is what is passed there surely the name of another method? */
static bool calls_other_method(const struct thaw_object *object,
                               const struct thaw_python_layout *layout, uint64_t method)
{
    static const char wanted[] = "_find_and_load";
    char name[METHOD_BYTES];
    uint64_t length, text = method_text(object, layout, method, &length);
    size_t bytes = 0;

    if (!text || !thaw_object_at(object, text, name, sizeof(name)) ||
        strncmp(name, wanted, sizeof(wanted) - 1) == 0)
        return false;
    while (bytes < sizeof(name) && (isalnum((unsigned char)name[bytes]) || name[bytes] == '_'))
        bytes++;
    return bytes && bytes < sizeof(name) && !name[bytes] && (!length || length == bytes);
}

/*
 * Where the method that is passed is, if that can be told: from 3.11 on the names that CPython uses
 * itself are part of _PyRuntime, which shared libraries address through a register.
 */
static uint64_t method_passed(const struct thaw_object *object,
                              const struct thaw_python_layout *layout,
                              const struct thaw_call_argument *argument)
{
    uint64_t runtime;

    if (!argument->relative)
        return argument->value;
    if (layout->identifier != THAW_PYTHON_NAME_STR || argument->value < RUNTIME_BYTES_LEAST)
        return 0;
    runtime = thaw_object_data_address(object, "_PyRuntime");
    return runtime ? runtime + argument->value : 0;
}

/* importlib is asked through a function that calls any method: leaves those calls that matter. */
static void keep_imports(const struct thaw_object *object, const struct thaw_python_layout *layout,
                         struct thaw_call_returns *returns)
{
    struct thaw_call_return *items = returns->items;
    size_t kept = 0;

    for (size_t i = 0; i < returns->count; i++) {
        uint64_t method = method_passed(object, layout, &items[i].argument);

        if (!method || !calls_other_method(object, layout, method))
            items[kept++] = items[i];
    }
    returns->count = kept;
}

int thaw_python_places_find(const struct thaw_interpreter_info *info, struct thaw_arena *arena,
                            struct thaw_python_places *ret, struct thaw_error *error)
{
    struct thaw_call_returns returns[FUNCTIONS];
    struct thaw_call_function functions[FUNCTIONS];
    struct thaw_object *object;
    int code = thaw_object_open(info->open_path, &object, error);

    memset(ret, 0, sizeof(*ret));
    if (code)
        return code;
    ret->collects = thaw_python_collector_find(object, &ret->collector) == 0;
    /* Builtin and extension modules are run by a function that importlib's own C code mostly jumps
     * to, and so is the one that collects (3.13). */
    for (size_t i = 0; i < THAW_PYTHON_FUNCTIONS; i++)
        functions[i] =
            (struct thaw_call_function){info->row->symbols[i] ? info->row->symbols[i] : "",
                                        i == THAW_PYTHON_INIT};
    functions[THAW_PYTHON_FUNCTIONS] = (struct thaw_call_function){
        ret->collects && !ret->collector.marks ? ret->collector.symbol : "", true};
    code = thaw_python_methods_find(object, ret->methods, error);
    if (!code)
        code = thaw_object_call_returns(object, functions, FUNCTIONS, arena, returns, error);
    if (!code)
        keep_imports(object, &info->row->layout, &returns[THAW_PYTHON_FIND]);
    thaw_object_close(object);
    if (code)
        return code;
    memcpy(ret->returns, returns, sizeof(ret->returns));
    ret->collector_returns = returns[THAW_PYTHON_FUNCTIONS];
    return 0;
}
