/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake_python.h"

static const char fake_source[] =
    "static long call(long number, long a, long b, long c) {\n"
    "    long result;\n"
    "    __asm__ volatile(\"syscall\" : \"=a\"(result) : \"a\"(number), \"D\"(a), \"S\"(b),\n"
    "                     \"d\"(c) : \"rcx\", \"r11\", \"memory\");\n"
    "    return result;\n"
    "}\n"
    "int PyEval_EvalCode(void) { return 1; }\n"
    "#ifdef FIND\n"
    "int FIND(void) { return 2; }\n"
    "#endif\n"
    "#ifdef VERSION\n"
    "const unsigned Py_Version = VERSION;\n"
    "#endif\n"
    "#ifdef OFFSETS\n"
    "#ifndef FREE_THREADED\n"
    "#define FREE_THREADED 0\n"
    "#endif\n"
    "struct { char cookie[8]; unsigned long values[100]; } _PyRuntime = {\"xdebugpy\",\n"
    "    {[0] = VERSION, [1] = FREE_THREADED, [34] = OFFSETS, [67] = 32, 16, 40}};\n"
    "#endif\n"
    "#ifndef LIBRARY\n"
    "void _start(void) { call(1, 1, (long)\"x\", 1); for (;;) call(34, 0, 0, 0); }\n"
    "#endif\n";

const char *fake_python(const struct scratch *scratch, const char *name, const char *options)
{
    if (!scratch_compile(scratch, name, fake_source, options)) {
        print_message("skip: cc cannot build a static position-independent program here\n");
        skip();
    }
    return scratch_path(scratch, name);
}
