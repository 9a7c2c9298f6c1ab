/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_OBJECT_WEIGHT_H
#define THAW_NATIVE_OBJECT_WEIGHT_H

#include "base/arena.h"
#include "native/object.h"

/*
 * What an object's file is made of, and what it gives the dynamic loader to do. Only headers, the
 * names of sections and packed relocations are read.
 */
struct thaw_object_section {
    const char *name; /* cut at 255 bytes */
    uint64_t bytes;   /* in the file: 0 of .bss */
};

struct thaw_object_weight {
    struct thaw_object_section *sections; /* in the file's order, the arena's */
    size_t section_count;
    uint64_t debug_bytes;  /* of debugging sections, as binutils tells them: by their names */
    uint64_t symbol_bytes; /* of .symtab with its names */
    /*
     * What `strip` of binutils would make the file smaller by: both, their headers and names, and
     * the gaps they leave; 0 where it has none of them. Computed from how strip lays a file out:
     * equal, byte for byte, to what GNU strip 2.40 does to the 227 files of eight wheels
     * (tests/live/test_shipped_libraries.py), told not to merge notes, by which it may save some
     * hundred bytes more.
     */
    uint64_t strip_bytes;
    uint64_t relocations;   /* DT_RELA, DT_REL, DT_JMPREL; those that DT_RELR packs each */
    uint64_t constructors;  /* DT_INIT, entries of DT_INIT_ARRAY and DT_PREINIT_ARRAY */
    bool has_writable_code; /* a PT_LOAD that is writable and executable */
    /*
     * PT_GNU_STACK is executable, or missing: glibc then takes the stack to be executable (its
     * DEFAULT_STACK_PERMS, elf/dl-load.c) and makes it so, or from 2.41 on refuses a dlopen. The
     * kernel's rule for an x86-64 program's own first stack (arch/x86/include/asm/elf.h, since
     * 5.8: not executable) does not hold for libraries nor threads.
     */
    bool has_executable_stack;
};

/*
 * Fills *ret. -EBADMSG: the section headers are damaged or lie behind the file's end; what the
 * segments tell is there all the same. -ENOMEM.
 */
int thaw_object_weigh(const struct thaw_object *object, struct thaw_arena *arena,
                      struct thaw_object_weight *ret, struct thaw_error *error);

/* Is it a program: of a fixed address, or DF_1_PIE, or with an interpreter and without SONAME? */
bool thaw_object_is_executable(const struct thaw_object *object);

#endif
