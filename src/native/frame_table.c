/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "native/frame_table.h"
#include "native/object_private.h"

/* How values are written (DW_EH_PE_…). Only what compilers and linkers for x86-64 use is read. */
#define ENCODING_U4 0x03
#define ENCODING_S4 0x0b
#define ENCODING_S8 0x0c
#define ENCODING_PC_RELATIVE 0x10
#define ENCODING_DATA_RELATIVE 0x30

#define VERSION 1

/* An instruction of a description, and the register it is about. */
#define DW_CFA_UNDEFINED 0x07
#define RETURN_ADDRESS 16

#define CIE_BYTES_MOST 64 /* of a CIE that are looked at: its augmentation stands at the start */

struct header {
    uint8_t version;
    uint8_t frame_encoding;
    uint8_t count_encoding;
    uint8_t table_encoding;
    int32_t frame;
    uint32_t count;
};

/* Both relative to the header. */
struct entry {
    int32_t start;
    int32_t description;
};

void thaw_frame_table_find(const struct thaw_object *object, struct thaw_frame_table *ret)
{
    struct header header;

    *ret = (struct thaw_frame_table){0};
    for (size_t i = 0; i < object->segments.count; i++) {
        const GElf_Phdr *segment = &object->segments.items[i];
        uint64_t room = segment->p_memsz;

        if (segment->p_type != PT_GNU_EH_FRAME || room < sizeof(header) ||
            !thaw_object_at(object, segment->p_vaddr, &header, sizeof(header)))
            continue;
        if (header.version != VERSION || header.count_encoding != ENCODING_U4 ||
            header.table_encoding != (ENCODING_DATA_RELATIVE | ENCODING_S4) ||
            header.count > (room - sizeof(header)) / sizeof(struct entry))
            return;
        ret->address = segment->p_vaddr;
        ret->entries = segment->p_vaddr + sizeof(header);
        ret->count = header.count;
        return;
    }
}

/* The last entry at or before the address. */
static bool find_entry(const struct thaw_object *object, const struct thaw_frame_table *table,
                       uint64_t address, struct entry *ret)
{
    uint64_t low = 0, high = table->count;
    bool found = false;

    *ret = (struct entry){0};
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct entry entry;

        if (!thaw_object_at(object, table->entries + middle * sizeof(entry), &entry, sizeof(entry)))
            return false;
        if (table->address + (uint64_t)(int64_t)entry.start > address) {
            high = middle;
            continue;
        }
        *ret = entry;
        found = true;
        low = middle + 1;
    }
    return found;
}

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

static bool take_byte(struct cursor *cursor, uint8_t *ret)
{
    if (cursor->at >= cursor->end)
        return false;
    *ret = *cursor->at++;
    return true;
}

/* A LEB128 number, whose value does not matter. */
static bool pass_number(struct cursor *cursor)
{
    uint8_t byte;

    do {
        if (!take_byte(cursor, &byte))
            return false;
    } while (byte & 0x80);
    return true;
}

/* The personality routine's address, in its own encoding. */
static bool pass_pointer(struct cursor *cursor)
{
    uint8_t encoding;
    size_t bytes;

    if (!take_byte(cursor, &encoding))
        return false;
    bytes = (encoding & 0x0f) == ENCODING_S4 || (encoding & 0x0f) == ENCODING_U4 ? 4 : 8;
    if ((size_t)(cursor->end - cursor->at) < bytes)
        return false;
    cursor->at += bytes;
    return true;
}

/* How the CIE's functions give their addresses, from its augmentation ("zR", "zPLR"). */
static bool read_encoding(const uint8_t *bytes, size_t length, uint8_t *ret)
{
    struct cursor cursor = {bytes, bytes + length};
    const char *augmentation;
    uint8_t version, ignored;

    if (!take_byte(&cursor, &version))
        return false;
    augmentation = (const char *)cursor.at;
    if (*augmentation != 'z' || !memchr(augmentation, 0, (size_t)(cursor.end - cursor.at)))
        return false;
    cursor.at += strlen(augmentation) + 1;
    if (!pass_number(&cursor) || !pass_number(&cursor)) /* alignments of code and data */
        return false;
    if (version == 1 ? !take_byte(&cursor, &ignored) : !pass_number(&cursor))
        return false;
    if (!pass_number(&cursor)) /* bytes of what follows */
        return false;
    for (augmentation++; *augmentation; augmentation++) {
        if (*augmentation == 'R')
            return take_byte(&cursor, ret);
        if (*augmentation == 'P' ? !pass_pointer(&cursor)
                                 : *augmentation == 'L' && !take_byte(&cursor, &ignored))
            return false;
    }
    return false;
}

/* An FDE's head: its length, how far back its CIE is, then the function's start and length. */
struct description {
    uint32_t length;
    uint32_t cie; /* back from here */
    union {
        struct {
            int32_t start;
            uint32_t bytes;
        } narrow;
        struct {
            int64_t start;
            uint64_t bytes;
        } wide;
    };
} __attribute__((packed));

/* A description as it is read: the function, and where its instructions begin. */
struct function {
    uint64_t start;
    uint64_t bytes;
    uint64_t augmentation; /* address of what stands behind: the augmentation's length first */
    uint64_t end;          /* of the description */
};

static bool read_description(const struct thaw_object *object, uint64_t address,
                             struct function *ret)
{
    uint64_t place = address + offsetof(struct description, narrow);
    uint8_t cie[CIE_BYTES_MOST + 8] = {0}, encoding;
    struct description description;
    uint64_t cie_address;

    if (!thaw_object_at(object, address, &description, sizeof(description)) ||
        description.length >= 0xfffffff0U || !description.cie)
        return false;
    cie_address = address + offsetof(struct description, cie) - description.cie;
    if (!thaw_object_at(object, cie_address, cie, sizeof(cie)) ||
        !read_encoding(cie + 8, CIE_BYTES_MOST, &encoding))
        return false;
    if (encoding == (ENCODING_PC_RELATIVE | ENCODING_S4)) {
        ret->start = place + (uint64_t)(int64_t)description.narrow.start;
        ret->bytes = description.narrow.bytes;
        ret->augmentation = place + sizeof(description.narrow);
    } else if (encoding == (ENCODING_PC_RELATIVE | ENCODING_S8)) {
        ret->start = place + (uint64_t)description.wide.start;
        ret->bytes = description.wide.bytes;
        ret->augmentation = place + sizeof(description.wide);
    } else {
        return false;
    }
    ret->end = address + offsetof(struct description, cie) + description.length;
    return true;
}

static bool find_function(const struct thaw_object *object, const struct thaw_frame_table *table,
                          uint64_t address, struct function *ret)
{
    struct entry entry;

    return find_entry(object, table, address, &entry) &&
           read_description(object, table->address + (uint64_t)(int64_t)entry.description, ret) &&
           ret->start == table->address + (uint64_t)(int64_t)entry.start &&
           address - ret->start < ret->bytes;
}

bool thaw_frame_table_function(const struct thaw_object *object,
                               const struct thaw_frame_table *table, uint64_t address,
                               uint64_t *ret_start, uint64_t *ret_end)
{
    struct function function;

    if (!find_function(object, table, address, &function))
        return false;
    *ret_start = function.start;
    *ret_end = function.start + function.bytes;
    return true;
}

/* Its first instruction tells: the return address is undefined. Those of other forms don't matter,
 * they have callers. */
bool thaw_frame_table_outermost(const struct thaw_object *object,
                                const struct thaw_frame_table *table, uint64_t address)
{
    static const uint8_t no_caller[] = {DW_CFA_UNDEFINED, RETURN_ADDRESS};
    struct function function;
    uint8_t bytes[1 + sizeof(no_caller)];

    return find_function(object, table, address, &function) &&
           function.augmentation + sizeof(bytes) <= function.end &&
           thaw_object_at(object, function.augmentation, bytes, sizeof(bytes)) && !bytes[0] &&
           memcmp(bytes + 1, no_caller, sizeof(no_caller)) == 0;
}
