/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "native/object_private.h"

/* Far above any real object, so that a hostile one costs little memory. */
#define SEGMENTS_MAX 512

int thaw_object_damaged(const struct thaw_object *object, const char *what,
                        struct thaw_error *error)
{
    return thaw_error_set(error, -EBADMSG, "%s: damaged ELF file (%s); reinstall it", object->name,
                          what);
}

static int object_foreign(const struct thaw_object *object, const char *what,
                          struct thaw_error *error)
{
    return thaw_error_set(error, -ENOEXEC, "%s: %s; give an ELF executable or shared object",
                          object->name, what);
}

bool thaw_object_read(const struct thaw_object *object, uint64_t offset, void *bytes, size_t length)
{
    size_t done = 0;

    if (offset > INT64_MAX || length > INT64_MAX - offset)
        return false;
    while (done < length) {
        ssize_t got =
            pread(object->fd, (char *)bytes + done, length - done, (off_t)(offset + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

bool thaw_object_locate(const struct thaw_object *object, uint64_t address, uint32_t flags,
                        uint64_t *offset, uint64_t *rest)
{
    for (size_t i = 0; i < object->segments.count; i++) {
        const GElf_Phdr *segment = &object->segments.items[i];
        uint64_t inside = address - segment->p_vaddr;
        uint64_t held = segment->p_filesz;

        if (segment->p_type != PT_LOAD || (segment->p_flags & flags) != flags ||
            address < segment->p_vaddr || inside >= held || segment->p_offset > object->bytes)
            continue;
        if (held > object->bytes - segment->p_offset)
            held = object->bytes - segment->p_offset;
        if (inside >= held)
            continue;
        *offset = segment->p_offset + inside;
        *rest = held - inside;
        return true;
    }
    return false;
}

static int object_segments(struct thaw_object *object, struct thaw_error *error)
{
    size_t count = 0;

    if (elf_getphdrnum(object->elf, &count) < 0)
        return thaw_object_damaged(object, "program headers", error);
    if (count > SEGMENTS_MAX)
        return thaw_object_damaged(object, "too many program headers", error);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr *segment = thaw_array_add(&object->segments);

        if (!segment)
            return thaw_error_memory(error);
        if (!gelf_getphdr(object->elf, (int)i, segment))
            return thaw_object_damaged(object, "program headers", error);
    }
    return 0;
}

/*
 * More than 65279 sections are counted in section 0 (gABI, e_shnum): libelf would then allocate
 * what that number says, and no executable has so many.
 */
static int object_header(struct thaw_object *object, struct thaw_error *error)
{
    union {
        Elf32_Ehdr narrow;
        Elf64_Ehdr wide;
        unsigned char ident[EI_NIDENT];
    } raw = {0};
    size_t length = object->bytes < sizeof(raw) ? (size_t)object->bytes : sizeof(raw);
    bool wide;

    if (!thaw_object_read(object, 0, &raw, length) || memcmp(raw.ident, ELFMAG, SELFMAG) != 0)
        return object_foreign(object, "not an ELF file", error);
    wide = raw.ident[EI_CLASS] == ELFCLASS64;
    if (length < (wide ? sizeof(raw.wide) : sizeof(raw.narrow)))
        return thaw_object_damaged(object, "cut short", error);
    if (wide ? raw.wide.e_shnum == 0 && raw.wide.e_shoff != 0
             : raw.narrow.e_shnum == 0 && raw.narrow.e_shoff != 0)
        return thaw_object_damaged(object, "number of sections", error);
    return 0;
}

static int object_parse(struct thaw_object *object, struct thaw_error *error)
{
    int result = object_header(object, error);

    if (result < 0)
        return result;
    elf_version(EV_CURRENT);
    object->elf = elf_begin(object->fd, ELF_C_READ, NULL);
    if (!object->elf || elf_kind(object->elf) != ELF_K_ELF ||
        !gelf_getehdr(object->elf, &object->header))
        return thaw_object_damaged(object, "file header", error);
    if (object->header.e_type != ET_EXEC && object->header.e_type != ET_DYN)
        return object_foreign(object, "neither executable nor shared object", error);
    result = object_segments(object, error);
    return result < 0 ? result : thaw_object_describe(object, error);
}

static int object_identify(struct thaw_object *object, struct thaw_error *error)
{
    struct stat status;

    if (fstat(object->fd, &status) < 0)
        return thaw_error_system(error, -errno, "%s: cannot look at the file", object->name);
    if (!S_ISREG(status.st_mode))
        return object_foreign(object, "not a regular file", error);
    object->device = status.st_dev;
    object->inode = status.st_ino;
    object->bytes = (uint64_t)status.st_size;
    return object_parse(object, error);
}

int thaw_object_take_descriptor(int fd, const char *name, struct thaw_object **ret,
                                struct thaw_error *error)
{
    struct thaw_object *object = calloc(1, sizeof(*object));
    int result;

    if (!object) {
        close(fd);
        return thaw_error_memory(error);
    }
    object->fd = fd;
    object->soname = object->rpath = object->runpath = "";
    object->interpreter = object->build_id = "";
    object->name = thaw_arena_string(&object->arena, name);
    result = object->name ? object_identify(object, error) : thaw_error_memory(error);
    if (result < 0) {
        thaw_object_close(object);
        return result;
    }
    *ret = object;
    return 0;
}

int thaw_object_open(const char *path, struct thaw_object **ret, struct thaw_error *error)
{
    /* O_NONBLOCK: a FIFO without a writer must not hold us up. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return thaw_error_system(error, -errno, "%s: cannot open", path);
    return thaw_object_take_descriptor(fd, path, ret, error);
}

int thaw_object_open_descriptor(int fd, const char *name, struct thaw_object **ret,
                                struct thaw_error *error)
{
    int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (duplicate < 0)
        return thaw_error_system(error, -errno, "%s: cannot keep open", name);
    return thaw_object_take_descriptor(duplicate, name, ret, error);
}

void thaw_object_close(struct thaw_object *object)
{
    if (!object)
        return;
    elf_end(object->elf);
    close(object->fd);
    thaw_array_free(&object->segments);
    thaw_array_free(&object->needed);
    thaw_arena_free(&object->arena);
    free(object);
}

uint64_t thaw_object_device(const struct thaw_object *object)
{
    return object->device;
}

uint64_t thaw_object_inode(const struct thaw_object *object)
{
    return object->inode;
}

uint64_t thaw_object_bytes(const struct thaw_object *object)
{
    return object->bytes;
}

uint16_t thaw_object_machine(const struct thaw_object *object)
{
    return object->header.e_machine;
}

bool thaw_object_is_64bit(const struct thaw_object *object)
{
    return object->header.e_ident[EI_CLASS] == ELFCLASS64;
}

struct thaw_object_abi thaw_object_abi(const struct thaw_object *object)
{
    return (struct thaw_object_abi){.machine = object->header.e_machine,
                                    .is_64bit = thaw_object_is_64bit(object),
                                    .is_big_endian =
                                        object->header.e_ident[EI_DATA] == ELFDATA2MSB};
}

bool thaw_object_abi_equal(struct thaw_object_abi one, struct thaw_object_abi other)
{
    return one.machine == other.machine && one.is_64bit == other.is_64bit &&
           one.is_big_endian == other.is_big_endian;
}

bool thaw_object_is_position_independent(const struct thaw_object *object)
{
    return object->header.e_type == ET_DYN;
}

uint64_t thaw_object_entry(const struct thaw_object *object)
{
    return object->header.e_entry;
}

const char *thaw_object_soname(const struct thaw_object *object)
{
    return object->soname;
}

const char *thaw_object_rpath(const struct thaw_object *object)
{
    return object->rpath;
}

const char *thaw_object_runpath(const struct thaw_object *object)
{
    return object->runpath;
}

const char *thaw_object_interpreter(const struct thaw_object *object)
{
    return object->interpreter;
}

const char *thaw_object_build_id(const struct thaw_object *object)
{
    return object->build_id;
}

size_t thaw_object_needed(const struct thaw_object *object, const char *const **ret)
{
    *ret = object->needed.items;
    return object->needed.count;
}
