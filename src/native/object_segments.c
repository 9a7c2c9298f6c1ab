/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "native/object_private.h"

/* Far above any real object, so that a hostile one costs little memory. */
#define DYNAMIC_BYTES_MAX ((uint64_t)1 << 20)
#define STRINGS_BYTES_MAX ((uint64_t)64 << 20)
#define NOTE_BYTES_MAX ((uint64_t)1 << 20)
#define NEEDED_MAX 4096
#define TEXT_BYTES_MAX 4096
#define BUILD_ID_BYTES_MAX 64

/* Bytes of the file as libelf's type, in this machine's byte order; NULL when not to be had. */
static Elf_Data *object_chunk(const struct thaw_object *object, uint64_t offset, uint64_t length,
                              uint64_t limit, Elf_Type type)
{
    if (!length || length > limit || offset > object->bytes || length > object->bytes - offset)
        return NULL;
    return elf_getdata_rawchunk(object->elf, (int64_t)offset, length, type);
}

static const GElf_Phdr *object_segment(const struct thaw_object *object, uint32_t type)
{
    for (size_t i = 0; i < object->segments.count; i++) {
        if (object->segments.items[i].p_type == type)
            return &object->segments.items[i];
    }
    return NULL;
}

/* A text inside data, cut at TEXT_BYTES_MAX; NULL only when memory is short. */
static const char *object_text(struct thaw_object *object, const Elf_Data *data, uint64_t at)
{
    const char *bytes;
    size_t most;

    if (!data || at >= data->d_size)
        return thaw_arena_string(&object->arena, "");
    bytes = (const char *)data->d_buf + at;
    most = data->d_size - at < TEXT_BYTES_MAX ? data->d_size - at : TEXT_BYTES_MAX;
    return thaw_arena_text(&object->arena, bytes, strnlen(bytes, most));
}

/* The string table the dynamic section names: by address, as the dynamic loader finds it. */
static Elf_Data *object_strings(const struct thaw_object *object, Elf_Data *dynamic, size_t entries)
{
    uint64_t address = 0, length = 0, offset, rest;

    for (size_t i = 0; i < entries; i++) {
        GElf_Dyn entry;

        if (!gelf_getdyn(dynamic, (int)i, &entry) || entry.d_tag == DT_NULL)
            break;
        if (entry.d_tag == DT_STRTAB)
            address = entry.d_un.d_ptr;
        else if (entry.d_tag == DT_STRSZ)
            length = entry.d_un.d_val;
    }
    if (!thaw_object_locate(object, address, 0, &offset, &rest))
        return NULL;
    return object_chunk(object, offset, length < rest ? length : rest, STRINGS_BYTES_MAX,
                        ELF_T_BYTE);
}

/* Where a number of the dynamic section goes, NULL: nowhere. */
static uint64_t *object_number(struct thaw_object_dynamic *dynamic, int64_t tag)
{
    const struct {
        int64_t tag;
        uint64_t *number;
    } numbers[] = {
        {DT_RELA, &dynamic->rela},
        {DT_RELASZ, &dynamic->rela_bytes},
        {DT_REL, &dynamic->rel},
        {DT_RELSZ, &dynamic->rel_bytes},
        {DT_JMPREL, &dynamic->jmprel},
        {DT_PLTRELSZ, &dynamic->jmprel_bytes},
        {DT_PLTREL, &dynamic->jmprel_type},
        {DT_RELR, &dynamic->relr},
        {DT_RELRSZ, &dynamic->relr_bytes},
        {DT_INIT, &dynamic->init},
        {DT_INIT_ARRAY, &dynamic->init_array},
        {DT_INIT_ARRAYSZ, &dynamic->init_array_bytes},
        {DT_PREINIT_ARRAY, &dynamic->preinit_array},
        {DT_PREINIT_ARRAYSZ, &dynamic->preinit_array_bytes},
        {DT_FLAGS_1, &dynamic->flags_1},
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (numbers[i].tag == tag)
            return numbers[i].number;
    return NULL;
}

static int object_dynamic_entry(struct thaw_object *object, const GElf_Dyn *entry,
                                const Elf_Data *strings, struct thaw_error *error)
{
    const char **slot = NULL;

    if (entry->d_tag == DT_SONAME)
        slot = &object->soname;
    else if (entry->d_tag == DT_RPATH)
        slot = &object->rpath;
    else if (entry->d_tag == DT_RUNPATH)
        slot = &object->runpath;
    else if (entry->d_tag == DT_NEEDED && object->needed.count >= NEEDED_MAX)
        return thaw_object_damaged(object, "too many DT_NEEDED entries", error);
    else if (entry->d_tag == DT_NEEDED)
        slot = thaw_array_add(&object->needed);
    else {
        uint64_t *number = object_number(&object->dynamic, entry->d_tag);

        if (number)
            *number = entry->d_un.d_val;
        return 0;
    }
    if (!slot)
        return thaw_error_memory(error);
    *slot = object_text(object, strings, entry->d_un.d_val);
    return *slot ? 0 : thaw_error_memory(error);
}

static int object_dynamic(struct thaw_object *object, struct thaw_error *error)
{
    const GElf_Phdr *segment = object_segment(object, PT_DYNAMIC);
    Elf_Data *dynamic, *strings;
    size_t entries;

    if (!segment)
        return 0;
    dynamic =
        object_chunk(object, segment->p_offset, segment->p_filesz, DYNAMIC_BYTES_MAX, ELF_T_DYN);
    if (!dynamic) /* a separate debug file keeps the header without the bytes */
        return 0;
    entries = dynamic->d_size / gelf_fsize(object->elf, ELF_T_DYN, 1, EV_CURRENT);
    strings = object_strings(object, dynamic, entries);
    for (size_t i = 0; i < entries; i++) {
        GElf_Dyn entry;
        int result;

        if (!gelf_getdyn(dynamic, (int)i, &entry) || entry.d_tag == DT_NULL)
            break;
        result = object_dynamic_entry(object, &entry, strings, error);
        if (result < 0)
            return result;
    }
    return 0;
}

static int object_interpreter(struct thaw_object *object, struct thaw_error *error)
{
    const GElf_Phdr *segment = object_segment(object, PT_INTERP);
    Elf_Data *data;

    if (!segment)
        return 0;
    data = object_chunk(object, segment->p_offset, segment->p_filesz, TEXT_BYTES_MAX, ELF_T_BYTE);
    object->interpreter = object_text(object, data, 0);
    return object->interpreter ? 0 : thaw_error_memory(error);
}

static const char *object_hexadecimal(struct thaw_object *object, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * BUILD_ID_BYTES_MAX + 1] = "";

    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return thaw_arena_string(&object->arena, text);
}

/* NT_GNU_BUILD_ID in one note segment (gABI, "Note Section"; its name is "GNU"). */
static int object_note(struct thaw_object *object, const GElf_Phdr *segment,
                       struct thaw_error *error)
{
    Elf_Type type = segment->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR;
    Elf_Data *data =
        object_chunk(object, segment->p_offset, segment->p_filesz, NOTE_BYTES_MAX, type);
    size_t at = 0, name_at, content_at;
    GElf_Nhdr note;

    while (data && (at = gelf_getnote(data, at, &note, &name_at, &content_at)) > 0) {
        const char *bytes = data->d_buf;

        if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof("GNU") ||
            memcmp(bytes + name_at, "GNU", sizeof("GNU")) != 0 || !note.n_descsz ||
            note.n_descsz > BUILD_ID_BYTES_MAX)
            continue;
        object->build_id =
            object_hexadecimal(object, (const uint8_t *)bytes + content_at, note.n_descsz);
        return object->build_id ? 0 : thaw_error_memory(error);
    }
    return 0;
}

static int object_notes(struct thaw_object *object, struct thaw_error *error)
{
    for (size_t i = 0; i < object->segments.count && !*object->build_id; i++) {
        int result = 0;

        if (object->segments.items[i].p_type == PT_NOTE)
            result = object_note(object, &object->segments.items[i], error);
        if (result < 0)
            return result;
    }
    return 0;
}

int thaw_object_describe(struct thaw_object *object, struct thaw_error *error)
{
    int result = object_dynamic(object, error);

    if (result == 0)
        result = object_interpreter(object, error);
    if (result == 0)
        result = object_notes(object, error);
    return result;
}
