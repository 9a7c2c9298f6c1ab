/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "native/object_private.h"

#define NOTE_OWNER "stapsdt"
#define NOTE_TYPE 3
#define BASE_SECTION ".stapsdt.base"
/* Bounds for hostile files; CPython has 8 probes, glibc about 100. */
#define NOTES_MAX 4096
#define SECTIONS_MAX 4096
#define SECTION_BYTES_MAX ((uint64_t)4 << 20)

/* What a note tells before its texts; three words of 64 bits. */
struct place {
    uint64_t address;
    uint64_t base;
    uint64_t semaphore;
};

/* The text at *next, which is moved behind it; NULL when it doesn't end inside the note. */
static const char *take_text(const char **next, const char *end)
{
    const char *text = *next, *stop = memchr(text, 0, (size_t)(end - text));

    *next = stop ? stop + 1 : end;
    return stop ? text : NULL;
}

static bool note_matches(const char *bytes, size_t length, const char *provider, const char *name,
                         struct place *ret)
{
    const char *next = bytes + sizeof(*ret), *end = bytes + length, *text;

    if (length < sizeof(*ret))
        return false;
    memcpy(ret, bytes, sizeof(*ret));
    text = take_text(&next, end);
    if (!text || strcmp(text, provider))
        return false;
    text = take_text(&next, end);
    return text && strcmp(text, name) == 0;
}

static bool section_matches(Elf_Data *data, const char *provider, const char *name,
                            struct place *ret)
{
    size_t offset = 0, name_offset, content_offset;
    GElf_Nhdr note;

    for (size_t i = 0; i < NOTES_MAX; i++) {
        size_t next = gelf_getnote(data, offset, &note, &name_offset, &content_offset);

        if (!next)
            return false;
        if (note.n_type == NOTE_TYPE && note.n_namesz == sizeof(NOTE_OWNER) &&
            memcmp((const char *)data->d_buf + name_offset, NOTE_OWNER, sizeof(NOTE_OWNER)) == 0 &&
            note_matches((const char *)data->d_buf + content_offset, note.n_descsz, provider, name,
                         ret))
            return true;
        offset = next;
    }
    return false;
}

/* Where the base section came to lie: notes keep the addresses of before (prelink moves files). */
static uint64_t base_address(const struct thaw_object *object)
{
    Elf_Scn *section = NULL;
    size_t names;

    if (elf_getshdrstrndx(object->elf, &names))
        return 0;
    for (size_t i = 0; i < SECTIONS_MAX && (section = elf_nextscn(object->elf, section)); i++) {
        GElf_Shdr header;
        const char *name;

        if (!gelf_getshdr(section, &header))
            continue;
        name = elf_strptr(object->elf, names, header.sh_name);
        if (name && strcmp(name, BASE_SECTION) == 0)
            return header.sh_addr;
    }
    return 0;
}

static int locate(const struct thaw_object *object, const struct place *place,
                  struct thaw_object_mark *ret)
{
    uint64_t base = base_address(object);
    uint64_t moved = base && place->base ? base - place->base : 0;
    uint64_t rest;

    ret->reference_counter = 0;
    if (!thaw_object_locate(object, place->address + moved, PF_X, &ret->offset, &rest))
        return -ENOENT;
    if (place->semaphore &&
        !thaw_object_locate(object, place->semaphore + moved, PF_W, &ret->reference_counter, &rest))
        return -ENOENT;
    return 0;
}

int thaw_object_usdt(const struct thaw_object *object, const char *provider, const char *name,
                     struct thaw_object_mark *ret)
{
    Elf_Scn *section = NULL;

    for (size_t i = 0; i < SECTIONS_MAX && (section = elf_nextscn(object->elf, section)); i++) {
        struct place place;
        GElf_Shdr header;
        Elf_Data *data;

        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_NOTE ||
            header.sh_size > SECTION_BYTES_MAX || header.sh_offset > object->bytes ||
            header.sh_size > object->bytes - header.sh_offset)
            continue;
        data = elf_getdata(section, NULL);
        if (data && data->d_buf && section_matches(data, provider, name, &place))
            return locate(object, &place, ret);
    }
    return -ENOENT;
}
