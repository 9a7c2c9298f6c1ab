/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "native/object_private.h"

/* Far above any real object, so that a hostile one costs little. */
#define RELOCATIONS_MAX ((size_t)1 << 22)
#define PLACES_MAX 64
#define NAME_BYTES_MAX 64
#define CHUNK_BYTES ((size_t)1 << 20)

/* A pointer that relocation makes. */
struct relocated {
    uint64_t address;
    uint64_t value; /* as if the object were loaded at 0 */
};

struct tables {
    const struct thaw_object *object;
    THAW_ARRAY(struct relocated) relocated; /* by address */
    size_t relocations;                     /* looked at, of any type */
    uint8_t *chunk;
};

/* Addresses, of which the first ones are kept. */
struct places {
    uint64_t items[PLACES_MAX];
    size_t count;
};

static void add_place(struct places *places, uint64_t address)
{
    if (places->count < PLACES_MAX)
        places->items[places->count++] = address;
}

static bool is_place(const struct places *places, uint64_t address)
{
    for (size_t i = 0; i < places->count; i++)
        if (places->items[i] == address)
            return true;
    return false;
}

static int compare_addresses(const void *left, const void *right)
{
    const struct relocated *a = left, *b = right;

    return a->address < b->address ? -1 : a->address > b->address;
}

/* Static functions and texts are addressed relative to the object. */
static bool collect(struct tables *tables, Elf_Data *data, size_t entry_bytes)
{
    size_t count = entry_bytes ? data->d_size / entry_bytes : 0;

    if (count > RELOCATIONS_MAX - tables->relocations)
        count = RELOCATIONS_MAX - tables->relocations;
    tables->relocations += count;
    for (size_t i = 0; i < count; i++) {
        struct relocated *relocated;
        GElf_Rela entry;

        if (!gelf_getrela(data, (int)i, &entry))
            break;
        if (GELF_R_TYPE(entry.r_info) != R_X86_64_RELATIVE)
            continue;
        relocated = thaw_array_add(&tables->relocated);
        if (!relocated)
            return false;
        *relocated = (struct relocated){entry.r_offset, (uint64_t)entry.r_addend};
    }
    return true;
}

static bool collect_all(struct tables *tables)
{
    const struct thaw_object *object = tables->object;
    size_t entry_bytes = gelf_fsize(object->elf, ELF_T_RELA, 1, EV_CURRENT);
    Elf_Scn *section = NULL;
    bool enough = true;

    for (size_t i = 0;
         enough && i < THAW_OBJECT_SECTIONS_MAX && tables->relocations < RELOCATIONS_MAX &&
         (section = elf_nextscn(object->elf, section));
         i++) {
        Elf_Data *data = thaw_object_section(object, section, SHT_RELA);

        if (data && data->d_buf)
            enough = collect(tables, data, entry_bytes);
    }
    if (tables->relocated.count)
        qsort(tables->relocated.items, tables->relocated.count, sizeof(struct relocated),
              compare_addresses);
    return enough;
}

/* What the pointer at an address will be: by its relocation, or it stands there (in programs that
 * are loaded where they say, and where relocations are packed: DT_RELR). */
static bool pointer_at(const struct tables *tables, uint64_t address, uint64_t *ret)
{
    const struct relocated key = {.address = address};
    const struct relocated *found = NULL;

    if (tables->relocated.count)
        found = bsearch(&key, tables->relocated.items, tables->relocated.count,
                        sizeof(struct relocated), compare_addresses);
    if (found)
        *ret = found->value;
    return found || thaw_object_at(tables->object, address, ret, sizeof(*ret));
}

/* Does a name stand at the address, with its NUL? */
static bool is_name(const struct thaw_object *object, uint64_t address, const char *name)
{
    char text[NAME_BYTES_MAX];
    size_t length = strlen(name) + 1;

    return length <= sizeof(text) && thaw_object_at(object, address, text, length) &&
           !memcmp(text, name, length);
}

typedef void (*chunk_reader)(const uint8_t *bytes, size_t length, uint64_t address,
                             const void *wanted, struct places *ret);

/* Reads what the file holds of a segment, in chunks that overlap by so many bytes. */
static void read_segment(const struct tables *tables, const GElf_Phdr *segment, size_t overlap,
                         chunk_reader reader, const void *wanted, struct places *ret)
{
    const struct thaw_object *object = tables->object;
    uint64_t length = segment->p_filesz, at = 0;

    if (segment->p_offset > object->bytes || length > object->bytes - segment->p_offset)
        return;
    while (at < length && ret->count < PLACES_MAX) {
        size_t bytes = length - at < CHUNK_BYTES ? (size_t)(length - at) : CHUNK_BYTES;

        if (!thaw_object_read(object, segment->p_offset + at, tables->chunk, bytes))
            return;
        reader(tables->chunk, bytes, segment->p_vaddr + at, wanted, ret);
        at += bytes < CHUNK_BYTES ? bytes : bytes - overlap;
    }
}

static void read_segments(const struct tables *tables, uint32_t flags, size_t overlap,
                          chunk_reader reader, const void *wanted, struct places *ret)
{
    const struct thaw_object *object = tables->object;

    for (size_t i = 0; i < object->segments.count; i++) {
        const GElf_Phdr *segment = &object->segments.items[i];

        if (segment->p_type == PT_LOAD && (segment->p_flags & flags) == flags)
            read_segment(tables, segment, overlap, reader, wanted, ret);
    }
}

/* Texts may be the ends of others: linkers merge them. */
static void find_name(const uint8_t *bytes, size_t length, uint64_t address, const void *wanted,
                      struct places *ret)
{
    size_t size = strlen(wanted) + 1;
    const uint8_t *at = bytes, *found;

    while ((found = memmem(at, length - (size_t)(at - bytes), wanted, size))) {
        add_place(ret, address + (uint64_t)(found - bytes));
        at = found + 1;
    }
}

static void find_pointers(const uint8_t *bytes, size_t length, uint64_t address, const void *wanted,
                          struct places *ret)
{
    for (size_t at = (size_t)(-address & 7); at + 8 <= length; at += 8) {
        uint64_t pointer;

        memcpy(&pointer, bytes + at, sizeof(pointer));
        if (pointer && is_place(wanted, pointer))
            add_place(ret, address + at);
    }
}

/* Where pointers to these places stand. */
static void find_slots(const struct tables *tables, const struct places *wanted, struct places *ret)
{
    for (size_t i = 0; i < tables->relocated.count; i++)
        if (is_place(wanted, tables->relocated.items[i].value))
            add_place(ret, tables->relocated.items[i].address);
    /* A segment may begin anywhere: the last pointer of a chunk need not end with it. */
    read_segments(tables, PF_R | PF_W, sizeof(uint64_t) - 1, find_pointers, wanted, ret);
}

static bool is_table(const struct tables *tables, const struct thaw_object_table *table,
                     uint64_t address)
{
    for (size_t i = 0; i < table->count; i++) {
        uint64_t name;

        if (!pointer_at(tables, address + i * table->entry_bytes, &name) ||
            !is_name(tables->object, name, table->names[i]))
            return false;
    }
    return true;
}

/* The last name is looked for, then what points to it, then the names before. */
static uint64_t find_table(const struct tables *tables, const struct thaw_object_table *table)
{
    const char *last = table->names[table->count - 1];
    uint64_t before = (table->count - 1) * table->entry_bytes;
    struct places names = {.count = 0}, slots = {.count = 0};

    read_segments(tables, PF_R, strlen(last), find_name, last, &names);
    find_slots(tables, &names, &slots);
    for (size_t i = 0; i < slots.count; i++)
        if (slots.items[i] > before && is_table(tables, table, slots.items[i] - before))
            return slots.items[i] - before;
    return 0;
}

/* The offset in the file of the function whose pointer stands in an entry; 0 none. */
static uint64_t function_in(const struct tables *tables, uint64_t entry)
{
    uint64_t function, at, rest;

    if (!pointer_at(tables, entry + sizeof(uint64_t), &function) ||
        !thaw_object_locate(tables->object, function, PF_X, &at, &rest))
        return 0;
    return at + thaw_object_landing(tables->object, at, rest);
}

int thaw_object_methods(const struct thaw_object *object, const struct thaw_object_table *table,
                        const size_t *indexes, size_t count, uint64_t *offsets,
                        struct thaw_error *error)
{
    struct tables tables = {.object = object, .chunk = malloc(CHUNK_BYTES)};
    uint64_t found = 0;
    int code = 0;

    memset(offsets, 0, count * sizeof(*offsets));
    if (!tables.chunk || !collect_all(&tables))
        code = thaw_error_memory(error);
    else
        found = find_table(&tables, table);
    if (!code && !found)
        code = thaw_error_set(error, -ENOENT, "%s: no table of %s", object->name, table->names[0]);
    for (size_t i = 0; !code && i < count; i++)
        offsets[i] = function_in(&tables, found + indexes[i] * table->entry_bytes);
    thaw_array_free(&tables.relocated);
    free(tables.chunk);
    return code;
}
