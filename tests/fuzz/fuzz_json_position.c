/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_places.h"

/*
 * Any bytes as JSON, plain and with what else is allowed: what jansson accepts is accepted, and all
 * that it has read is found; keys that stand twice are those that jansson refuses; and what is left
 * after blanking has its lines where they were.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

struct repeats {
    const struct thaw_json_positions *positions;
    uint32_t first;
};

static int check_repeat(void *context, uint32_t again, uint32_t before)
{
    struct repeats *repeats = context;

    demand(before < again && again < repeats->positions->values.count);
    demand(repeats->positions->values.items[again].parent ==
           repeats->positions->values.items[before].parent);
    if (again < repeats->first)
        repeats->first = again;
    return 0;
}

/* Where values end, and that the first key that stands twice is among all that do. */
static void check_ends(const struct thaw_json_positions *positions, uint32_t again, bool whole)
{
    struct repeats repeats = {positions, THAW_JSON_NO_VALUE};

    for (size_t i = 0; i < positions->values.count; i++) {
        const struct thaw_json_value *value = &positions->values.items[i];

        demand(value->last_line ? value->last_line >= value->place.line : !whole);
        demand(value->last_line <= positions->end.line);
    }
    demand(thaw_json_positions_repeats(positions, check_repeat, &repeats) == 0);
    demand(repeats.first == again);
}

static void check_positions(const char *bytes, size_t length, json_t *read)
{
    struct thaw_json_positions positions;
    int code = thaw_json_positions_scan(bytes, length, 0, &positions);
    uint32_t again, before;

    demand(!code || code == -EINVAL || code == -E2BIG);
    demand(positions.end.line && positions.end.column);
    if (read) {
        json_error_t error;
        json_t *once = json_loadb(bytes, length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);

        demand(!code);
        demand(json_places_match(&positions, 0, read));
        demand(thaw_json_positions_twice(&positions, &again, &before) == !once);
        json_decref(once);
    }
    if (thaw_json_positions_twice(&positions, &again, &before) == 1)
        demand(before < again && again < positions.values.count);
    check_ends(&positions, again, !code);
    thaw_json_positions_free(&positions);
}

static void check_blanked(const uint8_t *data, size_t size, unsigned allowed)
{
    struct thaw_json_positions before = {0}, after = {0};
    char *bytes = malloc(size ? size : 1);
    int code;

    demand(bytes != NULL);
    memcpy(bytes, data, size);
    thaw_json_blank(bytes, size, allowed);
    for (size_t i = 0; i < size; i++)
        demand(bytes[i] == (char)data[i] || (bytes[i] == ' ' && data[i] != '\n'));
    code = thaw_json_positions_scan((const char *)data, size, allowed, &before);
    if (!code) { /* then it is plain now, and all values are where they were */
        demand(!thaw_json_positions_scan(bytes, size, 0, &after));
        demand(before.values.count == after.values.count);
        for (size_t i = 0; i < before.values.count; i++)
            demand(before.values.items[i].at == after.values.items[i].at &&
                   before.values.items[i].place.line == after.values.items[i].place.line);
    }
    thaw_json_positions_free(&before);
    thaw_json_positions_free(&after);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_error_t error;
    json_t *read = json_loadb((const char *)data, size, JSON_DECODE_ANY, &error);

    check_positions((const char *)data, size, read);
    json_decref(read);
    check_blanked(data, size, THAW_JSON_COMMENTS);
    check_blanked(data, size, THAW_JSON_TRAILING_COMMAS);
    check_blanked(data, size, THAW_JSON_COMMENTS | THAW_JSON_TRAILING_COMMAS);
    return 0;
}
