/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "native/object_private.h"
#include "native/object_weight.h"

/* Far above any real object, so that a hostile one costs little. */
#define NAMES_BYTES_MAX ((uint64_t)1 << 20)
#define NAME_BYTES_MAX 255
#define PACKED_BYTES_MAX ((uint64_t)64 << 20)
#define PACKED_CHUNK 4096

/* Where strip puts the section headers: at a multiple of a word (binutils, elf_backend_data). */
#define WORD(object) (thaw_object_is_64bit(object) ? 8u : 4u)

/* How strip lays the file out: what is loaded stays where it is, the rest follows. */
struct layout {
    const struct thaw_object *object;
    struct thaw_arena *arena;
    struct thaw_object_weight *ret;
    GElf_Shdr *headers; /* of all sections but the first, which is none */
    size_t count;
    size_t names;   /* index of the section with names */
    size_t symbols; /* index of the string table that .symtab uses */
    uint64_t kept;  /* end of what is loaded, then of what follows and stays */
    uint64_t name_bytes;
    size_t sections; /* that stay */
};

static bool begins(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Source: _bfd_elf_make_section_from_shdr() of binutils 2.40, bfd/elf.c. */
static bool is_debugging(const char *name)
{
    return begins(name, ".debug") || begins(name, ".gnu.debuglto_.debug_") ||
           begins(name, ".gnu.linkonce.wi.") || begins(name, ".zdebug") || begins(name, ".line") ||
           begins(name, ".stab") || strcmp(name, ".gdb_index") == 0;
}

static uint64_t aligned(uint64_t value, uint64_t alignment)
{
    uint64_t over = alignment > 1 ? value % alignment : 0;

    return over && value <= UINT64_MAX - alignment ? value + alignment - over : value;
}

static uint64_t file_bytes(const struct thaw_object *object, const GElf_Shdr *header)
{
    if (header->sh_type == SHT_NOBITS || header->sh_type == SHT_NULL ||
        header->sh_offset > object->bytes)
        return 0;
    return header->sh_size < object->bytes - header->sh_offset ? header->sh_size
                                                               : object->bytes - header->sh_offset;
}

/* True when strip leaves it out; it is counted then. */
static bool goes(struct layout *layout, const GElf_Shdr *header, const char *name, size_t index,
                 uint64_t bytes)
{
    if (header->sh_flags & SHF_ALLOC || index == layout->names)
        return false;
    if (header->sh_type == SHT_SYMTAB || header->sh_type == SHT_SYMTAB_SHNDX ||
        index == layout->symbols)
        layout->ret->symbol_bytes += bytes;
    else if (is_debugging(name))
        layout->ret->debug_bytes += bytes;
    else
        return false;
    layout->name_bytes += strlen(name) + 1;
    return true;
}

static int add_section(struct layout *layout, size_t number)
{
    struct thaw_object_section *added = &layout->ret->sections[layout->ret->section_count];
    const GElf_Shdr *header = &layout->headers[number];
    size_t index = number + 1;
    const char *name = NULL;

    if (layout->names)
        name = elf_strptr(layout->object->elf, layout->names, header->sh_name);
    name = name ? name : "";
    added->name = thaw_arena_text(layout->arena, name, strnlen(name, NAME_BYTES_MAX));
    if (!added->name)
        return -ENOMEM;
    added->bytes = file_bytes(layout->object, header);
    layout->ret->section_count++;
    if (goes(layout, header, added->name, index, added->bytes))
        return 0;
    layout->sections++;
    if (!(header->sh_flags & SHF_ALLOC) && index != layout->names)
        layout->kept = aligned(layout->kept, header->sh_addralign) + added->bytes;
    return 0;
}

/* How much of a segment has sections with bytes in the file: strip leaves no more of it. */
static uint64_t segment_bytes(const struct layout *layout, const GElf_Phdr *segment)
{
    uint64_t end = 0;

    for (size_t i = 0; i < layout->count; i++) {
        const GElf_Shdr *header = &layout->headers[i];
        uint64_t bytes;

        if (!(header->sh_flags & SHF_ALLOC))
            continue;
        bytes = file_bytes(layout->object, header);
        if (!bytes || header->sh_offset < segment->p_offset ||
            header->sh_offset - segment->p_offset + bytes > segment->p_filesz)
            continue;
        if (header->sh_offset - segment->p_offset + bytes > end)
            end = header->sh_offset - segment->p_offset + bytes;
    }
    return end;
}

/*
 * The end of what is loaded in the stripped file. Segments follow one another there, each at the
 * next offset that its alignment allows: what patchelf left behind in front of one is gone.
 */
static uint64_t end_of_loaded(const struct layout *layout)
{
    const struct thaw_object *object = layout->object;
    uint64_t at = 0;

    for (size_t i = 0; i < object->segments.count; i++) {
        const GElf_Phdr *segment = &object->segments.items[i];
        uint64_t align = segment->p_align, bytes;

        if (segment->p_type != PT_LOAD)
            continue;
        bytes = segment_bytes(layout, segment);
        if (!bytes)
            continue;
        if (segment->p_offset && align > 1 && align <= object->bytes && !(align & (align - 1)))
            at += (segment->p_vaddr - at) & (align - 1);
        at += bytes;
    }
    return at;
}

/* Index of the string table that only the symbols need, 0 none. */
static size_t find_symbols(const struct layout *layout)
{
    for (size_t i = 0; i < layout->count; i++)
        if (layout->headers[i].sh_type == SHT_SYMTAB)
            return layout->headers[i].sh_link != layout->names ? layout->headers[i].sh_link : 0;
    return 0;
}

/* The names' section, if it is one that may be read whole; 0 none. A compressed one is none, as
 * for binutils: libelf would inflate it to any size. */
static size_t find_names(const struct thaw_object *object, uint64_t *bytes)
{
    Elf_Scn *section;
    GElf_Shdr header;
    size_t index;

    *bytes = 0;
    if (elf_getshdrstrndx(object->elf, &index) < 0 || !index)
        return 0;
    section = elf_getscn(object->elf, index);
    if (!section || !gelf_getshdr(section, &header) || header.sh_type != SHT_STRTAB ||
        header.sh_flags & SHF_COMPRESSED || header.sh_size > NAMES_BYTES_MAX ||
        file_bytes(object, &header) != header.sh_size)
        return 0;
    *bytes = header.sh_size;
    return index;
}

/* The end of the stripped file: what is loaded, the rest, names, headers. */
static void sum_up(const struct layout *layout, uint64_t names_bytes)
{
    const struct thaw_object *object = layout->object;
    struct thaw_object_weight *ret = layout->ret;
    uint64_t end = layout->kept;

    if (!ret->debug_bytes && !ret->symbol_bytes)
        return;
    if (names_bytes > layout->name_bytes)
        end += names_bytes - layout->name_bytes;
    end = aligned(end, WORD(object)) +
          (layout->sections + 1) * (uint64_t)object->header.e_shentsize; /* and the one of zeros */
    ret->strip_bytes = end < object->bytes ? object->bytes - end : 0;
}

/* Every header once: they are asked for each segment. */
static int read_headers(struct layout *layout, size_t count)
{
    Elf_Scn *section = NULL;

    layout->headers = thaw_arena_allocate(layout->arena, (count + 1) * sizeof(*layout->headers));
    layout->ret->sections =
        thaw_arena_allocate(layout->arena, (count + 1) * sizeof(*layout->ret->sections));
    if (!layout->headers || !layout->ret->sections)
        return -ENOMEM;
    for (; layout->count < count && (section = elf_nextscn(layout->object->elf, section));
         layout->count++)
        if (!gelf_getshdr(section, &layout->headers[layout->count]))
            return -EBADMSG;
    return 0;
}

static int weigh_sections(const struct thaw_object *object, struct thaw_arena *arena,
                          struct thaw_object_weight *ret, struct thaw_error *error)
{
    struct layout layout = {.object = object, .arena = arena, .ret = ret};
    uint64_t names_bytes;
    size_t count;
    int result;

    if (elf_getshdrnum(object->elf, &count) < 0 || count < object->header.e_shnum)
        return thaw_object_damaged(object, "its section headers lie behind its end: cut short",
                                   error);
    if (count > THAW_OBJECT_SECTIONS_MAX)
        return thaw_object_damaged(object, "too many sections", error);
    result = read_headers(&layout, count);
    if (result == 0) {
        layout.names = find_names(object, &names_bytes);
        layout.symbols = find_symbols(&layout);
        layout.kept = end_of_loaded(&layout);
    }
    for (size_t i = 0; result == 0 && i < layout.count; i++)
        result = add_section(&layout, i);
    if (result == -EBADMSG)
        return thaw_object_damaged(object, "section headers", error);
    if (result < 0)
        return thaw_error_memory(error);
    sum_up(&layout, names_bytes);
    return 0;
}

static uint64_t word_at(const struct thaw_object *object, const uint8_t *bytes)
{
    bool big = object->header.e_ident[EI_DATA] == ELFDATA2MSB;
    uint64_t value = 0;

    for (unsigned i = 0; i < WORD(object); i++)
        value |= (uint64_t)bytes[i] << (8 * (big ? WORD(object) - 1 - i : i));
    return value;
}

/*
 * DT_RELR: an even word is the address of one relocation, an odd one a bitmap of those in the
 * words behind. Source: gABI, "Relative Relocation Table".
 */
static uint64_t count_packed(const struct thaw_object *object)
{
    uint64_t length = object->dynamic.relr_bytes, count = 0, at, rest;
    uint8_t bytes[PACKED_CHUNK];

    if (!thaw_object_locate(object, object->dynamic.relr, 0, &at, &rest))
        return 0;
    length = length < rest ? length : rest;
    if (length > PACKED_BYTES_MAX)
        length = PACKED_BYTES_MAX;
    for (uint64_t done = 0; length - done >= WORD(object); done += sizeof(bytes)) {
        size_t chunk = length - done < sizeof(bytes) ? (size_t)(length - done) : sizeof(bytes);

        if (!thaw_object_read(object, at + done, bytes, chunk))
            break;
        for (size_t i = 0; i + WORD(object) <= chunk; i += WORD(object)) {
            uint64_t word = word_at(object, bytes + i);

            count += word & 1 ? (uint64_t)__builtin_popcountll(word >> 1) : 1;
        }
        if (chunk < sizeof(bytes))
            break;
    }
    return count;
}

/* Entries of a table in the file, by its size. */
static uint64_t count_entries(const struct thaw_object *object, uint64_t address, uint64_t bytes,
                              Elf_Type type)
{
    size_t entry = gelf_fsize(object->elf, type, 1, EV_CURRENT);
    uint64_t at, rest;

    if (!bytes || !entry || !thaw_object_locate(object, address, 0, &at, &rest))
        return 0;
    return (bytes < rest ? bytes : rest) / entry;
}

/* Some linkers count the table of procedures into the other one, which then ends with it. */
static uint64_t without_procedures(const struct thaw_object_dynamic *dynamic, uint64_t address,
                                   uint64_t bytes)
{
    uint64_t procedures = dynamic->jmprel_bytes;

    return bytes >= procedures && procedures && address + (bytes - procedures) == dynamic->jmprel
               ? bytes - procedures
               : bytes;
}

static uint64_t count_relocations(const struct thaw_object *object)
{
    const struct thaw_object_dynamic *dynamic = &object->dynamic;

    return count_entries(object, dynamic->rela,
                         without_procedures(dynamic, dynamic->rela, dynamic->rela_bytes),
                         ELF_T_RELA) +
           count_entries(object, dynamic->rel,
                         without_procedures(dynamic, dynamic->rel, dynamic->rel_bytes), ELF_T_REL) +
           count_entries(object, dynamic->jmprel, dynamic->jmprel_bytes,
                         dynamic->jmprel_type == DT_REL ? ELF_T_REL : ELF_T_RELA) +
           count_packed(object);
}

static uint64_t count_constructors(const struct thaw_object *object)
{
    const struct thaw_object_dynamic *dynamic = &object->dynamic;

    return (dynamic->init != 0) +
           count_entries(object, dynamic->init_array, dynamic->init_array_bytes, ELF_T_ADDR) +
           count_entries(object, dynamic->preinit_array, dynamic->preinit_array_bytes, ELF_T_ADDR);
}

static void look_at_segments(const struct thaw_object *object, struct thaw_object_weight *ret)
{
    ret->has_executable_stack = object->segments.count > 0;
    for (size_t i = 0; i < object->segments.count; i++) {
        const GElf_Phdr *segment = &object->segments.items[i];

        if (segment->p_type == PT_LOAD && segment->p_flags & PF_W && segment->p_flags & PF_X)
            ret->has_writable_code = true;
        if (segment->p_type == PT_GNU_STACK)
            ret->has_executable_stack = segment->p_flags & PF_X;
    }
}

int thaw_object_weigh(const struct thaw_object *object, struct thaw_arena *arena,
                      struct thaw_object_weight *ret, struct thaw_error *error)
{
    *ret = (struct thaw_object_weight){0};
    look_at_segments(object, ret);
    ret->relocations = count_relocations(object);
    ret->constructors = count_constructors(object);
    return weigh_sections(object, arena, ret, error);
}

bool thaw_object_is_executable(const struct thaw_object *object)
{
    return object->header.e_type == ET_EXEC || object->dynamic.flags_1 & DF_1_PIE ||
           (*object->interpreter && !*object->soname);
}
