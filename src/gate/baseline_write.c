/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "gate/baseline_shape.h"
#include "gate/gate.h"
#include "report/writers.h"

/* A baseline for people to review: members in the table's order, an item of a list a line. */

/* ASCII: control codes and bidirectional marks in a name must not reach a terminal. */
enum { flags = JSON_ENSURE_ASCII | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17) };

enum { most_levels = 4 };

struct writing {
    FILE *stream;
    bool failed;
};

static void put(struct writing *it, const json_t *value)
{
    it->failed |= json_dumpf(value, it->stream, flags) < 0;
}

static void indent(struct writing *it, unsigned level)
{
    fprintf(it->stream, "\n%*s", (int)level * 2, "");
}

/* Has the object a list of objects that have lists? It is written over several lines then. */
static bool is_long(enum thaw_baseline_shape shape)
{
    return shape == THAW_BASELINE_FILE || shape == THAW_BASELINE_ENTRY;
}

static void put_object(struct writing *it, enum thaw_baseline_shape shape, const json_t *object,
                       unsigned level);

static void put_list(struct writing *it, enum thaw_baseline_shape shape, const json_t *list,
                     unsigned level)
{
    const json_t *item;
    size_t i;

    fputc('[', it->stream);
    json_array_foreach(list, i, item)
    {
        if (i)
            fputc(',', it->stream);
        indent(it, level + 1);
        put_object(it, shape, item, level + 1);
    }
    if (json_array_size(list))
        indent(it, level);
    fputc(']', it->stream);
}

static void put_object(struct writing *it, enum thaw_baseline_shape shape, const json_t *object,
                       unsigned level)
{
    bool is_first = true;

    fputc('{', it->stream);
    for (size_t i = 0; level <= most_levels && i < thaw_baseline_member_count; i++) {
        const struct thaw_baseline_member *member = &thaw_baseline_members[i];
        const json_t *value = json_object_get(object, member->key);

        if (member->in != shape || !value)
            continue;
        if (!is_first)
            fputs(is_long(shape) ? "," : ", ", it->stream);
        is_first = false;
        if (is_long(shape))
            indent(it, level + 1);
        fprintf(it->stream, "\"%s\": ", member->key);
        if (member->form == THAW_BASELINE_OBJECT)
            put_object(it, member->of, value, level + 1);
        else if (member->form == THAW_BASELINE_OBJECTS)
            put_list(it, member->of, value, level + 1);
        else
            put(it, value);
    }
    if (is_long(shape))
        indent(it, level);
    fputc('}', it->stream);
}

int thaw_gate_baseline_write(const json_t *baseline, FILE *stream, struct thaw_error *error)
{
    struct writing it = {.stream = stream};

    put_object(&it, THAW_BASELINE_FILE, baseline, 0);
    fputc('\n', stream);
    if (it.failed && !ferror(stream)) /* all that jansson says when it runs out of memory */
        return thaw_error_memory(error);
    return thaw_write_finish(stream, error);
}
