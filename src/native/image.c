/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "native/image.h"
#include "native/object_private.h"

#define BLOCK_BYTES ((uint64_t)16384)
#define FILE_BYTES_MOST ((uint64_t)4 << 30)
#define KEPT_BYTES_MOST ((size_t)256 << 20) /* of all images */
#define VDSO_BYTES_MOST 65536

struct thaw_image {
    struct thaw_object *object;
    struct thaw_frame_table table;
    size_t *spent;
    uint8_t **blocks; /* NULL: not read yet */
    uint64_t block_count;
};

/* The kernel's image ends with its section headers. */
static int open_vdso(struct thaw_object **ret)
{
    const Elf64_Ehdr *header = (const void *)(uintptr_t)getauxval(AT_SYSINFO_EHDR);
    size_t bytes;
    int memory, code;

    if (!header)
        return -ENOENT;
    bytes = header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
    if (bytes > VDSO_BYTES_MOST)
        return -EBADMSG;
    memory = memfd_create("vdso", MFD_CLOEXEC);
    if (memory < 0)
        return -errno;
    code = write(memory, header, bytes) == (ssize_t)bytes
               ? thaw_object_open_descriptor(memory, "vdso", ret, NULL)
               : -EIO;
    close(memory);
    return code;
}

int thaw_image_open(const char *path, size_t *spent, struct thaw_image **ret)
{
    struct thaw_image *image = calloc(1, sizeof(*image));
    int code;

    if (!image)
        return -ENOMEM;
    image->spent = spent;
    code = strcmp(path, "[vdso]") ? thaw_object_open(path, &image->object, NULL)
                                  : open_vdso(&image->object);
    if (!code && image->object->bytes > FILE_BYTES_MOST)
        code = -EFBIG;
    if (!code) {
        image->block_count = (image->object->bytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
        image->blocks = calloc(image->block_count + 1, sizeof(*image->blocks));
        code = image->blocks ? 0 : -ENOMEM;
    }
    if (code) {
        thaw_image_close(image);
        return code;
    }
    thaw_frame_table_find(image->object, &image->table);
    *ret = image;
    return 0;
}

void thaw_image_close(struct thaw_image *image)
{
    if (!image)
        return;
    for (uint64_t i = 0; image->blocks && i < image->block_count; i++) {
        *image->spent -= image->blocks[i] ? BLOCK_BYTES : 0;
        free(image->blocks[i]);
    }
    free(image->blocks);
    thaw_object_close(image->object);
    free(image);
}

const struct thaw_object *thaw_image_object(const struct thaw_image *image)
{
    return image->object;
}

const struct thaw_frame_table *thaw_image_table(const struct thaw_image *image)
{
    return &image->table;
}

bool thaw_image_address(const struct thaw_image *image, uint64_t offset, uint64_t *ret)
{
    for (size_t i = 0; i < image->object->segments.count; i++) {
        const GElf_Phdr *segment = &image->object->segments.items[i];

        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) ||
            offset < segment->p_offset || offset - segment->p_offset >= segment->p_filesz)
            continue;
        *ret = offset - segment->p_offset + segment->p_vaddr;
        return true;
    }
    return false;
}

/* A block of the file, zeroed behind its end; NULL: it can't be read, or kept. */
static const uint8_t *block_at(struct thaw_image *image, uint64_t number)
{
    uint64_t begin = number * BLOCK_BYTES, length = BLOCK_BYTES;
    uint8_t *block;

    if (number >= image->block_count)
        return NULL;
    if (image->blocks[number] || *image->spent > KEPT_BYTES_MOST)
        return image->blocks[number];
    if (length > image->object->bytes - begin)
        length = image->object->bytes - begin;
    block = calloc(1, BLOCK_BYTES);
    if (!block || !thaw_object_read(image->object, begin, block, (size_t)length)) {
        free(block);
        return NULL;
    }
    *image->spent += BLOCK_BYTES;
    image->blocks[number] = block;
    return block;
}

bool thaw_image_word(struct thaw_image *image, uint64_t address, uint64_t *ret)
{
    uint64_t offset, rest;
    uint8_t bytes[sizeof(*ret)];

    if (!thaw_object_locate(image->object, address, PF_R, &offset, &rest))
        return false;
    for (size_t i = 0; i < sizeof(bytes); i++) { /* the last word of a segment may be cut */
        const uint8_t *block =
            i < rest ? block_at(image, (offset + i) / BLOCK_BYTES) : (const uint8_t *)"";

        if (!block)
            return false;
        bytes[i] = i < rest ? block[(offset + i) % BLOCK_BYTES] : 0;
    }
    memcpy(ret, bytes, sizeof(bytes));
    return true;
}
