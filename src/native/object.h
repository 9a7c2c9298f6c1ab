/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_OBJECT_H
#define THAW_NATIVE_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"

/*
 * One ELF executable or shared object, read through libelf. The file may be anything: cut short,
 * of another class or byte order, sparse, a FIFO or a device. Whatever is read is bounded, and the
 * file is never mapped, so that one which shrinks meanwhile is an error and no SIGBUS.
 *
 * Texts belong to the object and are what the file says, byte for byte.
 */
struct thaw_object;

/*
 * Opens path; *ret is ended by thaw_object_close(). -ENOEXEC: not a regular file, not ELF, or
 * neither executable nor shared object; -EBADMSG: ELF, but damaged; else errno of open(2).
 */
int thaw_object_open(const char *path, struct thaw_object **ret, struct thaw_error *error);

/* The same from an open file, which is the object's from here on, also when this fails. */
int thaw_object_take_descriptor(int fd, const char *name, struct thaw_object **ret,
                                struct thaw_error *error);

/* The same from an open file; fd stays the caller's (a duplicate is kept). name is for messages. */
int thaw_object_open_descriptor(int fd, const char *name, struct thaw_object **ret,
                                struct thaw_error *error);

void thaw_object_close(struct thaw_object *object); /* NULL is allowed */

/* Of the file: stat's st_dev and st_ino (together its identity) and its apparent size. */
uint64_t thaw_object_device(const struct thaw_object *object);
uint64_t thaw_object_inode(const struct thaw_object *object);
uint64_t thaw_object_bytes(const struct thaw_object *object);

/*
 * Is it another file than the one that the kernel mapped, by that one's device and inode? inode 0:
 * that is not known, and it is taken for the same; device 0: that one had no name any more. Where
 * the numbers can't be compared (an overlay's) it is another only if it was also put there since a
 * time of CLOCK_REALTIME: by its time of change, which a renaming sets, too.
 */
bool thaw_object_is_other(const struct thaw_object *object, uint64_t device, uint64_t inode,
                          uint64_t since_ns);

uint16_t thaw_object_machine(const struct thaw_object *object); /* e_machine, EM_X86_64 is 62 */
bool thaw_object_is_64bit(const struct thaw_object *object);

/* What an object and the libraries that it loads have in common. */
struct thaw_object_abi {
    uint16_t machine;
    bool is_64bit;
    bool is_big_endian;
};

struct thaw_object_abi thaw_object_abi(const struct thaw_object *object);
bool thaw_object_abi_equal(struct thaw_object_abi one, struct thaw_object_abi other);

bool thaw_object_is_position_independent(const struct thaw_object *object); /* ET_DYN */

uint64_t thaw_object_entry(const struct thaw_object *object); /* e_entry, 0 none */

/* Of the dynamic section; "" where there is none. Several DT_RPATH or DT_RUNPATH: the last. */
const char *thaw_object_soname(const struct thaw_object *object);
const char *thaw_object_rpath(const struct thaw_object *object);
const char *thaw_object_runpath(const struct thaw_object *object);

const char *thaw_object_interpreter(const struct thaw_object *object); /* PT_INTERP, "" none */
const char *thaw_object_build_id(const struct thaw_object *object);    /* hexadecimal, "" none */

/* DT_NEEDED in the file's order; returns how many, *ret is the object's. */
size_t thaw_object_needed(const struct thaw_object *object, const char *const **ret);

/*
 * Where a function's first instruction lies in the file, for a uprobe: looked up in .dynsym, else
 * .symtab; of several versions of one name (dlopen in glibc) the default, else the first. A leading
 * endbr64, which the kernel can only single-step (20 µs against 1, measured), is skipped; *size is
 * what remains of the function, 0 unknown. -ENOENT: no such function.
 */
int thaw_object_function(const struct thaw_object *object, const char *symbol, uint64_t *offset,
                         uint64_t *size, struct thaw_error *error);

/* True when .dynsym defines a function of this name; cheap also for huge unstripped files. */
bool thaw_object_exports(const struct thaw_object *object, const char *symbol);

/*
 * The first length bytes of a data symbol as the file holds them. -ENOENT: no such symbol, it is
 * shorter, or the file holds no bytes for it (.bss).
 */
int thaw_object_data(const struct thaw_object *object, const char *symbol, void *bytes,
                     size_t length, struct thaw_error *error);

/* The address of a data symbol, 0: there is none. */
uint64_t thaw_object_data_address(const struct thaw_object *object, const char *symbol);

/*
 * length bytes of data at an address of the object, as the file holds them: without what relocation
 * puts there. False when it holds fewer.
 */
bool thaw_object_at(const struct thaw_object *object, uint64_t address, void *bytes, size_t length);

/*
 * A probe that the program's author put in (USDT): where its nop lies in the file, for a uprobe,
 * and where the counter that must be raised for it to be reached, 0 none.
 * Source: SystemTap, "User Space Probe Implementation" (notes of owner stapsdt, type 3).
 */
struct thaw_object_mark {
    uint64_t offset;
    uint64_t reference_counter;
};

/* Looks in the notes of the file. -ENOENT: there is no such probe. */
int thaw_object_usdt(const struct thaw_object *object, const char *provider, const char *name,
                     struct thaw_object_mark *ret);

/*
 * A table in the object's data: structs of entry_bytes each that begin with a pointer to a name
 * (PyMethodDef), by which functions are found that have no symbol any more.
 */
struct thaw_object_table {
    const char *const *names; /* that follow one another in it, up to 63 bytes each */
    size_t count;
    size_t entry_bytes;
};

/*
 * Where functions lie in the file whose pointers stand behind count of the names (by their index),
 * for uprobes; a leading endbr64 is skipped. offsets are 0 of what was not found. Reads all data of
 * the object (3 to 30 ms for a libpython, measured). -ENOENT: there is no such table; -ENOMEM.
 */
int thaw_object_methods(const struct thaw_object *object, const struct thaw_object_table *table,
                        const size_t *indexes, size_t count, uint64_t *offsets,
                        struct thaw_error *error);

/*
 * How the kernel executes a probed instruction: emulated at once, or single-stepped out of line,
 * which costs 10 to 20 µs a hit in a virtual machine (measured) instead of about 1.
 */
enum thaw_instruction {
    THAW_INSTRUCTION_UNKNOWN, /* not x86-64, or no bytes there */
    THAW_INSTRUCTION_EMULATED,
    THAW_INSTRUCTION_EMULATED_LATELY, /* nop of several bytes: emulated from Linux 6.16 */
    THAW_INSTRUCTION_SINGLE_STEPPED,
};

/* Of the instruction at offset in the file, as thaw_object_function() gives it. */
enum thaw_instruction thaw_object_instruction(const struct thaw_object *object, uint64_t offset);

/* The same for length bytes of x86-64 code. Source: arch/x86/kernel/uprobes.c of Linux 6.1. */
enum thaw_instruction thaw_instruction_kind(const uint8_t *code, size_t length);

#endif
