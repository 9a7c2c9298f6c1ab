/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "native/object_private.h"

#define SYMBOLS_BYTES_MAX ((uint64_t)256 << 20)

static const uint8_t endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};

struct symbols {
    Elf_Data *table;
    Elf_Data *strings;
    Elf_Data *versions; /* .gnu.version, NULL none */
    size_t count;
};

Elf_Data *thaw_object_section(const struct thaw_object *object, Elf_Scn *section, uint32_t type)
{
    GElf_Shdr header;

    if (!section || !gelf_getshdr(section, &header) || header.sh_type != type ||
        header.sh_size > SYMBOLS_BYTES_MAX || header.sh_offset > object->bytes ||
        header.sh_size > object->bytes - header.sh_offset)
        return NULL;
    return elf_getdata(section, NULL);
}

static Elf_Scn *symbols_find(const struct thaw_object *object, uint32_t type)
{
    Elf_Scn *section = NULL;

    for (size_t i = 0;
         i < THAW_OBJECT_SECTIONS_MAX && (section = elf_nextscn(object->elf, section)); i++) {
        GElf_Shdr header;

        if (gelf_getshdr(section, &header) && header.sh_type == type)
            return section;
    }
    return NULL;
}

static bool symbols_open(const struct thaw_object *object, uint32_t type, struct symbols *ret)
{
    Elf_Scn *section = symbols_find(object, type);
    size_t entry_size = gelf_fsize(object->elf, ELF_T_SYM, 1, EV_CURRENT);
    GElf_Shdr header;

    *ret = (struct symbols){0};
    ret->table = thaw_object_section(object, section, type);
    if (!ret->table || !ret->table->d_buf || !gelf_getshdr(section, &header) || !entry_size)
        return false;
    ret->strings = thaw_object_section(object, elf_getscn(object->elf, header.sh_link), SHT_STRTAB);
    if (!ret->strings || !ret->strings->d_buf)
        return false;
    if (type == SHT_DYNSYM)
        ret->versions =
            thaw_object_section(object, symbols_find(object, SHT_GNU_versym), SHT_GNU_versym);
    ret->count = ret->table->d_size / entry_size;
    return true;
}

static bool symbols_named(const struct symbols *symbols, const GElf_Sym *symbol, const char *name,
                          size_t length)
{
    const char *strings = symbols->strings->d_buf;

    return symbol->st_name < symbols->strings->d_size &&
           length < symbols->strings->d_size - symbol->st_name &&
           memcmp(strings + symbol->st_name, name, length + 1) == 0;
}

/* Bit 15 of a version index: not the version a new link gets (ELF symbol versioning, LSB). */
static bool symbols_hidden(const struct symbols *symbols, size_t index)
{
    GElf_Versym version;

    return symbols->versions && symbols->versions->d_buf &&
           gelf_getversym(symbols->versions, (int)index, &version) && (version & 0x8000);
}

/* A defined symbol of the type in one table; the default version, else the first. */
static bool symbols_search(const struct symbols *symbols, const char *name, unsigned type,
                           GElf_Sym *ret)
{
    size_t length = strlen(name);
    bool found = false;

    for (size_t i = 1; i < symbols->count; i++) {
        GElf_Sym symbol;
        bool hidden;

        if (!gelf_getsym(symbols->table, (int)i, &symbol))
            break;
        if (GELF_ST_TYPE(symbol.st_info) != type || symbol.st_shndx == SHN_UNDEF ||
            !symbols_named(symbols, &symbol, name, length))
            continue;
        hidden = symbols_hidden(symbols, i);
        if (!found || !hidden)
            *ret = symbol;
        found = true;
        if (!hidden)
            break;
    }
    return found;
}

bool thaw_object_symbol(const struct thaw_object *object, const char *name, unsigned type,
                        GElf_Sym *ret)
{
    static const uint32_t tables[] = {SHT_DYNSYM, SHT_SYMTAB};

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        struct symbols symbols;

        if (symbols_open(object, tables[i], &symbols) && symbols_search(&symbols, name, type, ret))
            return true;
    }
    return false;
}

bool thaw_object_exports(const struct thaw_object *object, const char *symbol)
{
    struct symbols symbols;
    GElf_Sym found;

    return symbols_open(object, SHT_DYNSYM, &symbols) &&
           symbols_search(&symbols, symbol, STT_FUNC, &found);
}

size_t thaw_object_landing(const struct thaw_object *object, uint64_t offset, uint64_t rest)
{
    uint8_t code[sizeof(endbr64)];

    return object->header.e_machine == EM_X86_64 && rest > sizeof(code) &&
                   thaw_object_read(object, offset, code, sizeof(code)) &&
                   memcmp(code, endbr64, sizeof(code)) == 0
               ? sizeof(code)
               : 0;
}

int thaw_object_function(const struct thaw_object *object, const char *symbol, uint64_t *offset,
                         uint64_t *size, struct thaw_error *error)
{
    uint64_t at, rest, length;
    size_t landing;
    GElf_Sym found;

    if (!thaw_object_symbol(object, symbol, STT_FUNC, &found))
        return thaw_error_set(error, -ENOENT, "%s: no function %s", object->name, symbol);
    if (!thaw_object_locate(object, found.st_value, PF_X, &at, &rest))
        return thaw_error_set(error, -ENOENT, "%s: %s lies outside the code", object->name, symbol);
    length = found.st_size < rest ? found.st_size : rest;
    landing = thaw_object_landing(object, at, length ? length : rest);
    at += landing;
    length -= length ? landing : 0;
    *offset = at;
    *size = length;
    return 0;
}

int thaw_object_data(const struct thaw_object *object, const char *symbol, void *bytes,
                     size_t length, struct thaw_error *error)
{
    uint64_t at, rest;
    GElf_Sym found;

    if (!thaw_object_symbol(object, symbol, STT_OBJECT, &found) || found.st_size < length)
        return thaw_error_set(error, -ENOENT, "%s: no data %s of %zu bytes", object->name, symbol,
                              length);
    if (!thaw_object_locate(object, found.st_value, 0, &at, &rest) || rest < length ||
        !thaw_object_read(object, at, bytes, length))
        return thaw_error_set(error, -ENOENT, "%s: %s has no bytes in the file", object->name,
                              symbol);
    return 0;
}

enum thaw_instruction thaw_object_instruction(const struct thaw_object *object, uint64_t offset)
{
    uint8_t code[16] = {0};
    size_t length = sizeof(code);

    if (object->header.e_machine != EM_X86_64 || offset >= object->bytes)
        return THAW_INSTRUCTION_UNKNOWN;
    if (length > object->bytes - offset)
        length = (size_t)(object->bytes - offset);
    if (!thaw_object_read(object, offset, code, length))
        return THAW_INSTRUCTION_UNKNOWN;
    return thaw_instruction_kind(code, length);
}

uint64_t thaw_object_data_address(const struct thaw_object *object, const char *symbol)
{
    GElf_Sym found;

    return thaw_object_symbol(object, symbol, STT_OBJECT, &found) ? found.st_value : 0;
}

bool thaw_object_at(const struct thaw_object *object, uint64_t address, void *bytes, size_t length)
{
    uint64_t offset, rest;

    return thaw_object_locate(object, address, PF_R, &offset, &rest) && rest >= length &&
           thaw_object_read(object, offset, bytes, length);
}
