/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_KINDS_H
#define THAW_RECORDING_KINDS_H

#include <stddef.h>
#include <stdint.h>

#include "thaw/recording.h"

/*
 * The one table of event kinds. The binary form, the text form and their readers walk it and know
 * no kind by themselves.
 *
 * The order of a kind's fields is their order in the file: new fields go to the end, and a field
 * is never taken out or given another type within a version of the format.
 */

enum thaw_field_type {
    THAW_FIELD_U64,   /* uint64_t */
    THAW_FIELD_I64,   /* int64_t */
    THAW_FIELD_TEXT,  /* const char * */
    THAW_FIELD_TEXTS, /* struct thaw_texts */
};

struct thaw_field {
    const char *name; /* as in the text form */
    enum thaw_field_type type;
    size_t offset; /* within the record: struct thaw_event for kinds of events */
};

struct thaw_kind {
    uint16_t number;  /* enum thaw_event_kind; 0 for records that are no events */
    const char *name; /* "import.begin" */
    size_t offset;    /* of the union's member */
    size_t size;      /* of the union's member */
    const struct thaw_field *fields;
    size_t count;
};

/* Limits of both forms: what is larger is not written, and not believed when read. */
#define THAW_TEXT_LIMIT_BYTES 65536U
#define THAW_LIST_LIMIT 65536U
#define THAW_RECORD_LIMIT_BYTES (16U << 20)

/* All kinds, by number; *count is how many. */
const struct thaw_kind *thaw_kinds_all(size_t *count);

/* NULL when this version knows no such kind. */
const struct thaw_kind *thaw_kinds_by_number(uint64_t number);
const struct thaw_kind *thaw_kinds_by_name(const char *name, size_t length);

/* The field called name, or NULL. */
const struct thaw_field *thaw_kinds_field(const struct thaw_kind *kind, const char *name,
                                          size_t length);

/* The bytes a field takes in its struct. */
size_t thaw_kinds_field_size(const struct thaw_field *field);

/* The field's place in record, typed; only the one of field->type may be called. */
static inline uint64_t *thaw_field_u64(const struct thaw_field *field, const void *record)
{
    return (uint64_t *)((char *)(uintptr_t)record + field->offset);
}

static inline int64_t *thaw_field_i64(const struct thaw_field *field, const void *record)
{
    return (int64_t *)((char *)(uintptr_t)record + field->offset);
}

static inline const char **thaw_field_text(const struct thaw_field *field, const void *record)
{
    return (const char **)((char *)(uintptr_t)record + field->offset);
}

static inline struct thaw_texts *thaw_field_texts(const struct thaw_field *field,
                                                  const void *record)
{
    return (struct thaw_texts *)((char *)(uintptr_t)record + field->offset);
}

/* True when the field is 0, "", NULL or an empty list: not written where that can be seen. */
bool thaw_kinds_field_is_empty(const struct thaw_field *field, const void *record);

/* Makes every text of record "" and every list empty, so that no reader meets NULL. */
void thaw_kinds_clear(const struct thaw_kind *kind, void *record);

#endif
