/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_OBJECT_PRIVATE_H
#define THAW_NATIVE_OBJECT_PRIVATE_H

#include <libelf.h>
#include <gelf.h>

#include "base/arena.h"
#include "base/array.h"
#include "native/object.h"

/* Shared by the object_*.c files only. */

/* Numbers of the dynamic section, as they stand there; 0 none. */
struct thaw_object_dynamic {
    uint64_t rela;
    uint64_t rela_bytes;
    uint64_t rel;
    uint64_t rel_bytes;
    uint64_t jmprel;
    uint64_t jmprel_bytes;
    uint64_t jmprel_type; /* DT_RELA or DT_REL */
    uint64_t relr;
    uint64_t relr_bytes;
    uint64_t init;
    uint64_t init_array;
    uint64_t init_array_bytes;
    uint64_t preinit_array;
    uint64_t preinit_array_bytes;
    uint64_t flags_1;
};

struct thaw_object {
    int fd;
    Elf *elf;
    struct thaw_arena arena; /* all texts */
    const char *name;
    uint64_t device;
    uint64_t inode;
    uint64_t bytes;
    GElf_Ehdr header;
    THAW_ARRAY(GElf_Phdr) segments;
    struct thaw_object_dynamic dynamic;
    THAW_ARRAY(const char *) needed;
    const char *soname;
    const char *rpath;
    const char *runpath;
    const char *interpreter;
    const char *build_id;
};

/*
 * Where the address lies in the file: fills *offset and *rest (bytes of the segment's image from
 * there on, all inside the file). False when no PT_LOAD with the given flags (PF_X …) holds it.
 */
bool thaw_object_locate(const struct thaw_object *object, uint64_t address, uint32_t flags,
                        uint64_t *offset, uint64_t *rest);

/* Reads exactly length bytes at offset; false when the file has fewer. */
bool thaw_object_read(const struct thaw_object *object, uint64_t offset, void *bytes,
                      size_t length);

/* More sections than any executable has; each costs one look at its header. */
#define THAW_OBJECT_SECTIONS_MAX 4096

/* A whole section's bytes if it is of that type, NULL when it has none or claims more than is
 * sensible. */
Elf_Data *thaw_object_section(const struct thaw_object *object, Elf_Scn *section, uint32_t type);

/* A defined symbol of the type (STT_FUNC …): of .dynsym, else of .symtab. */
bool thaw_object_symbol(const struct thaw_object *object, const char *name, unsigned type,
                        GElf_Sym *ret);

/* How many bytes the landing mark (endbr64) at the offset has, where rest bytes of code follow; 0
 * none. */
size_t thaw_object_landing(const struct thaw_object *object, uint64_t offset, uint64_t rest);

/* Fills everything that the contents of the segments tell. */
int thaw_object_describe(struct thaw_object *object, struct thaw_error *error);

/* "NAME: damaged ELF file (WHAT)…", returns -EBADMSG. */
int thaw_object_damaged(const struct thaw_object *object, const char *what,
                        struct thaw_error *error);

#endif
