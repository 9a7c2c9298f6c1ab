/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/proof_shape.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/text.h"

#define ITEMS_MOST 10000 /* of one list: nobody makes so many trials, or moves so many imports */

enum form {
    TEXT,
    TEXT_OR_NULL, /* null: "" */
    TEXT_IF_ANY,  /* the same; it need not be there */
    WORD,         /* one of a few */
    NUMBER,
    NUMBER_OR_NULL, /* null: 0 */
    SHARES,
    LIST,
};

/* A member of an object, and where it goes in the struct. */
struct member {
    const char *key;
    enum form form;
    size_t offset;
    size_t count_offset;      /* LIST: of how many there are */
    const struct shape *of;   /* LIST: its items */
    const char *const *words; /* WORD: ended by NULL */
};

struct shape {
    const struct member *members; /* ended by one without a key */
    size_t size;                  /* of the struct */
};

/* Where in the file, and for whom. */
struct reading {
    const char *name;
    struct thaw_arena *arena;
    struct thaw_error *error;
};

#define AT(type, member) .offset = offsetof(struct type, member)
#define LIST_AT(type, member, count)                                                               \
    .form = LIST, AT(type, member), .count_offset = offsetof(struct type, count)

static const char *const verdicts[] = {"proved", "refuted", "inconclusive", NULL};
static const char *const results[] = {"same", "differs", "not checked", NULL};

static const struct shape import_shape = {
    (const struct member[]){{.key = "file", .form = TEXT, AT(thaw_proof_import, file)},
                            {.key = "line", .form = NUMBER, AT(thaw_proof_import, line)},
                            {.key = "module", .form = TEXT, AT(thaw_proof_import, module)},
                            {0}},
    sizeof(struct thaw_proof_import)};

static const struct shape count_shape = {
    (const struct member[]){{.key = "name", .form = TEXT, AT(thaw_proof_count, name)},
                            {.key = "original", .form = NUMBER, AT(thaw_proof_count, original)},
                            {.key = "changed", .form = NUMBER, AT(thaw_proof_count, changed)},
                            {0}},
    sizeof(struct thaw_proof_count)};

static const struct shape check_shape = {
    (const struct member[]){
        {.key = "name", .form = TEXT, AT(thaw_proof_check, name)},
        {.key = "result", .form = WORD, AT(thaw_proof_check, result), .words = results},
        {.key = "detail", .form = TEXT_OR_NULL, AT(thaw_proof_check, detail)},
        {0}},
    sizeof(struct thaw_proof_check)};

static const struct shape call_shape = {
    (const struct member[]){{.key = "function", .form = TEXT, AT(thaw_first_call, function)},
                            {.key = "file", .form = TEXT, AT(thaw_first_call, file)},
                            {.key = "line", .form = NUMBER_OR_NULL, AT(thaw_first_call, line)},
                            {.key = "ns", .form = NUMBER, AT(thaw_first_call, ns)},
                            {.key = "modules", .form = NUMBER, AT(thaw_first_call, modules)},
                            {0}},
    sizeof(struct thaw_first_call)};

static const struct shape proof_shape = {
    (const struct member[]){
        {.key = "imports", LIST_AT(thaw_proof, imports, import_count), .of = &import_shape},
        {.key = "verdict", .form = WORD, AT(thaw_proof, verdict), .words = verdicts},
        {.key = "reason", .form = TEXT, AT(thaw_proof, reason)},
        {.key = "pairs", .form = NUMBER, AT(thaw_proof, pairs)},
        {.key = "original_ns", .form = NUMBER, AT(thaw_proof, original_ns)},
        {.key = "share", .form = SHARES, AT(thaw_proof, share)},
        {.key = "wall", .form = SHARES, AT(thaw_proof, wall)},
        {.key = "counts", LIST_AT(thaw_proof, counts, count_count), .of = &count_shape},
        {.key = "checks", LIST_AT(thaw_proof, checks, check_count), .of = &check_shape},
        {.key = "calls", LIST_AT(thaw_proof, calls, call_count), .of = &call_shape},
        {.key = "diff", .form = TEXT_IF_ANY, AT(thaw_proof, diff)},
        {.key = "way", .form = TEXT, AT(thaw_proof, way)},
        {.key = "made_at_ns", .form = NUMBER, AT(thaw_proof, made_at_ns)},
        {0}},
    sizeof(struct thaw_proof)};

static const struct shape recording_shape = {
    (const struct member[]){
        {.key = "session", .form = TEXT_OR_NULL, AT(thaw_proof_recording, session)},
        {.key = "began_at_ns", .form = NUMBER, AT(thaw_proof_recording, began_at_ns)},
        {0}},
    sizeof(struct thaw_proof_recording)};

static int wrong(const struct reading *reading, const char *place, const char *key,
                 const char *what)
{
    return thaw_error_set(reading->error, -EINVAL, "%s: %s%s%s %s", reading->name, place,
                          *place && *key ? "." : "", key, what);
}

static int read_text(const struct reading *reading, const char *place, const struct member *member,
                     const json_t *object, const json_t *value, void *to)
{
    char key[64];
    const json_t *raw;
    const char *text;

    snprintf(key, sizeof(key), "%s_bytes", member->key);
    raw = json_object_get(object, key);
    if (raw && !json_is_string(raw))
        return wrong(reading, place, key, "is not a text");
    text = raw ? thaw_text_unpercent(reading->arena, json_string_value(raw))
               : thaw_arena_string(reading->arena, json_string_value(value));
    if (!text)
        return thaw_error_memory(reading->error);
    memcpy(to, &text, sizeof(text));
    return 0;
}

static int read_word(const struct reading *reading, const char *place, const struct member *member,
                     const json_t *value, void *to)
{
    for (size_t i = 0; member->words[i]; i++) {
        if (!strcmp(member->words[i], json_string_value(value))) {
            memcpy(to, &member->words[i], sizeof(char *));
            return 0;
        }
    }
    return wrong(reading, place, member->key, "is no word that is known");
}

static bool read_share(const json_t *object, const char *key, double *ret)
{
    const json_t *value = json_object_get(object, key);

    *ret = json_number_value(value);
    return json_is_number(value) && isfinite(*ret) && *ret <= 1;
}

static int read_shares(const struct reading *reading, const char *place,
                       const struct member *member, const json_t *object, void *to)
{
    struct thaw_proof_share share;

    if (!read_share(object, "low", &share.low) || !read_share(object, "middle", &share.middle) ||
        !read_share(object, "high", &share.high) || share.low > share.middle ||
        share.middle > share.high)
        return wrong(reading, place, member->key, "is not low, middle and high of a share");
    memcpy(to, &share, sizeof(share));
    return 0;
}

static int read_object(const struct reading *reading, const char *place, const struct shape *shape,
                       const json_t *object, void *to);

static int read_list(const struct reading *reading, const char *place, const struct shape *shape,
                     const json_t *array, void **ret, size_t *ret_count)
{
    size_t count = json_array_size(array);
    char *items;

    if (count > ITEMS_MOST)
        return wrong(reading, place, "", "has too many items");
    items = thaw_arena_allocate(reading->arena, (count + 1) * shape->size);
    if (!items)
        return thaw_error_memory(reading->error);
    for (size_t i = 0; i < count; i++) {
        char here[128];
        int code;

        snprintf(here, sizeof(here), "%.90s[%zu]", place, i);
        code = read_object(reading, here, shape, json_array_get(array, i), items + i * shape->size);
        if (code)
            return code;
    }
    *ret = items;
    *ret_count = count;
    return 0;
}

/* Has the value the form at all? What it is not, for people; NULL: it has. */
static const char *misfit(enum form form, const json_t *value)
{
    switch (form) {
    case TEXT:
    case WORD:
        return json_is_string(value) ? NULL : "is not a text";
    case TEXT_IF_ANY:
        if (!value)
            return NULL;
        __attribute__((fallthrough));
    case TEXT_OR_NULL:
        return json_is_string(value) || json_is_null(value) ? NULL : "is neither a text nor null";
    case NUMBER_OR_NULL:
        if (json_is_null(value))
            return NULL;
        __attribute__((fallthrough));
    case NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= 0
                   ? NULL
                   : "is not a number of 0 or more";
    case SHARES:
        return json_is_object(value) ? NULL : "is not an object";
    case LIST:
        return json_is_array(value) ? NULL : "is not a list";
    }
    return "is not known";
}

static int read_member(const struct reading *reading, const char *place,
                       const struct member *member, const json_t *object, char *to)
{
    const json_t *value = json_object_get(object, member->key);
    const char *fault = misfit(member->form, value);
    void *at = to + member->offset, *items = NULL;
    uint64_t number;
    char here[128];
    int code;

    if (fault)
        return wrong(reading, place, member->key, value ? fault : "is missing");
    snprintf(here, sizeof(here), "%.60s%s%s", place, *place ? "." : "", member->key);
    switch (member->form) {
    case TEXT:
    case TEXT_OR_NULL: /* no text is ""; see thaw_arena_string() */
    case TEXT_IF_ANY:
        return read_text(reading, place, member, object, value, at);
    case WORD:
        return read_word(reading, place, member, value, at);
    case NUMBER:
    case NUMBER_OR_NULL:
        number = (uint64_t)json_integer_value(value);
        memcpy(at, &number, sizeof(number));
        return 0;
    case SHARES:
        return read_shares(reading, place, member, value, at);
    case LIST:
        code = read_list(reading, here, member->of, value, &items,
                         (size_t *)(void *)(to + member->count_offset));
        memcpy(at, &items, sizeof(items));
        return code;
    }
    return 0;
}

static int read_object(const struct reading *reading, const char *place, const struct shape *shape,
                       const json_t *object, void *to)
{
    int code = json_is_object(object) ? 0 : wrong(reading, place, "", "is not an object");

    for (const struct member *member = shape->members; !code && member->key; member++)
        code = read_member(reading, place, member, object, to);
    return code;
}

/* The root's own list grows when trials are made, so it is no list of the arena's. */
static int take(struct thaw_proofs *ret, const struct thaw_proof *items, size_t count,
                struct thaw_error *error)
{
    if (!thaw_array_reserve(&ret->list, count))
        return thaw_error_memory(error);
    if (count)
        memcpy(ret->list.items, items, count * sizeof(*items));
    ret->list.count = count;
    return 0;
}

int thaw_proof_shape_read(const json_t *root, const char *name, struct thaw_proofs *ret,
                          struct thaw_error *error)
{
    const struct reading reading = {name, &ret->arena, error};
    const json_t *proofs = json_object_get(root, "proofs");
    void *items = NULL;
    size_t count = 0;
    int code = read_object(&reading, "recording", &recording_shape,
                           json_object_get(root, "recording"), &ret->recording);

    if (!code && !json_is_array(proofs))
        code = wrong(&reading, "", "proofs", "is not a list");
    if (!code)
        code = read_list(&reading, "proofs", &proof_shape, proofs, &items, &count);
    return code ? code : take(ret, items, count, error);
}
