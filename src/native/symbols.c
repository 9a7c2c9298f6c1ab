/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "native/frame_table.h"
#include "native/object_private.h"
#include "native/symbols.h"

/* Of one object; OpenBLAS has 40,000, the largest libraries of all some million. */
#define SYMBOLS_MOST ((size_t)4 << 20)
/* Longer names are no names: C++ makes some of several KiB. */
#define NAME_MOST 4096
/* Symbols that begin before an address without reaching it: looked through for one that does. */
#define NESTED_MOST 64

struct function {
    uint64_t address;
    uint64_t bytes;
    const char *name;
    unsigned rank; /* of names for one place the lowest is told */
};

struct thaw_symbols {
    const struct thaw_object *object;
    struct thaw_frame_table table;
    THAW_ARRAY(struct function) functions; /* by address */
};

/* Exported names first: they are what others call it. */
static unsigned rank_of(const GElf_Sym *symbol)
{
    switch (GELF_ST_BIND(symbol->st_info)) {
    case STB_GLOBAL:
        return 0;
    case STB_WEAK:
        return 1;
    default:
        return 2;
    }
}

static int add_symbol(struct thaw_symbols *symbols, const GElf_Sym *symbol, const Elf_Data *strings)
{
    const char *name = (const char *)strings->d_buf + symbol->st_name;
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    struct function *function;
    size_t room;

    if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol->st_shndx == SHN_UNDEF ||
        !symbol->st_size || symbol->st_name >= strings->d_size ||
        symbols->functions.count >= SYMBOLS_MOST)
        return 0;
    room = strings->d_size - symbol->st_name;
    if (!memchr(name, 0, room < NAME_MOST ? room : NAME_MOST) || !*name)
        return 0;
    function = thaw_array_add(&symbols->functions);
    if (!function)
        return -1;
    *function = (struct function){symbol->st_value, symbol->st_size, name, rank_of(symbol)};
    return 0;
}

static int take_section(struct thaw_symbols *symbols, Elf_Scn *section, const GElf_Shdr *header)
{
    const struct thaw_object *object = symbols->object;
    Elf_Data *table = thaw_object_section(object, section, header->sh_type);
    Elf_Data *strings =
        thaw_object_section(object, elf_getscn(object->elf, header->sh_link), SHT_STRTAB);
    size_t entry_size = gelf_fsize(object->elf, ELF_T_SYM, 1, EV_CURRENT), count;

    if (!table || !table->d_buf || !strings || !strings->d_buf || !entry_size)
        return 0;
    count = table->d_size / entry_size;
    for (size_t i = 1; i < count; i++) {
        GElf_Sym symbol;

        if (!gelf_getsym(table, (int)i, &symbol))
            break;
        if (add_symbol(symbols, &symbol, strings))
            return -1;
    }
    return 0;
}

static int take_sections(struct thaw_symbols *symbols)
{
    Elf_Scn *section = NULL;

    for (size_t i = 0;
         i < THAW_OBJECT_SECTIONS_MAX && (section = elf_nextscn(symbols->object->elf, section));
         i++) {
        GElf_Shdr header;

        if (gelf_getshdr(section, &header) &&
            (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM) &&
            take_section(symbols, section, &header))
            return -1;
    }
    return 0;
}

static int compare_functions(const void *left, const void *right)
{
    const struct function *a = left, *b = right;

    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    if (a->rank != b->rank) /* the last of one place is looked at first */
        return a->rank > b->rank ? -1 : 1;
    return strcmp(b->name, a->name);
}

int thaw_symbols_open(const struct thaw_object *object, struct thaw_symbols **ret,
                      struct thaw_error *error)
{
    struct thaw_symbols *symbols = calloc(1, sizeof(*symbols));

    if (!symbols)
        return thaw_error_memory(error);
    symbols->object = object;
    if (take_sections(symbols)) {
        thaw_symbols_close(symbols);
        return thaw_error_memory(error);
    }
    if (symbols->functions.count)
        qsort(symbols->functions.items, symbols->functions.count, sizeof(*symbols->functions.items),
              compare_functions);
    thaw_frame_table_find(object, &symbols->table);
    *ret = symbols;
    return 0;
}

static const struct function *function_at(const struct thaw_symbols *symbols, uint64_t address)
{
    size_t low = 0, high = symbols->functions.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (symbols->functions.items[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = 0; i < NESTED_MOST && i < low; i++) {
        const struct function *function = &symbols->functions.items[low - 1 - i];

        if (address - function->address < function->bytes)
            return function;
    }
    return NULL;
}

/* The address that lies at an offset in the file, and back: by the code's segment. */
static const GElf_Phdr *segment_at(const struct thaw_object *object, uint64_t offset)
{
    for (size_t i = 0; i < object->segments.count; i++) {
        const GElf_Phdr *segment = &object->segments.items[i];

        if (segment->p_type == PT_LOAD && segment->p_flags & PF_X && offset >= segment->p_offset &&
            offset - segment->p_offset < segment->p_filesz)
            return segment;
    }
    return NULL;
}

bool thaw_symbols_find(const struct thaw_symbols *symbols, uint64_t offset, struct thaw_symbol *ret)
{
    const GElf_Phdr *segment = segment_at(symbols->object, offset);
    uint64_t inside = segment ? offset - segment->p_offset : 0, start, end;
    const struct function *function;

    if (!segment)
        return false;
    function = function_at(symbols, segment->p_vaddr + inside);
    if (function) {
        start = function->address;
        end = start + function->bytes;
    } else if (!thaw_frame_table_function(symbols->object, &symbols->table,
                                          segment->p_vaddr + inside, &start, &end)) {
        return false;
    }
    if (start < segment->p_vaddr || end < start) /* not code of this segment alone */
        return false;
    *ret = (struct thaw_symbol){segment->p_offset + (start - segment->p_vaddr), end - start,
                                function ? function->name : ""};
    return true;
}

void thaw_symbols_close(struct thaw_symbols *symbols)
{
    if (!symbols)
        return;
    thaw_array_free(&symbols->functions);
    free(symbols);
}
