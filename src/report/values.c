/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/values.h"

static const char bytes_suffix[] = "_bytes";

json_t *thaw_values_object(struct thaw_values *values)
{
    json_t *object = json_object();

    values->failed |= !object;
    return object;
}

json_t *thaw_values_array(struct thaw_values *values)
{
    json_t *array = json_array();

    values->failed |= !array;
    return array;
}

void thaw_values_set(struct thaw_values *values, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new_nocheck(object, key, value) < 0)
        values->failed = true;
}

void thaw_values_append(struct thaw_values *values, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) < 0)
        values->failed = true;
}

/* JSON integers are signed here. */
static json_t *number(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

void thaw_values_append_number(struct thaw_values *values, json_t *array, uint64_t value)
{
    thaw_values_append(values, array, number(value));
}

void thaw_values_set_null(struct thaw_values *values, json_t *object, const char *key)
{
    thaw_values_set(values, object, key, json_null());
}

void thaw_values_set_boolean(struct thaw_values *values, json_t *object, const char *key,
                             bool value)
{
    thaw_values_set(values, object, key, json_boolean(value));
}

void thaw_values_set_signed(struct thaw_values *values, json_t *object, const char *key,
                            int64_t value)
{
    thaw_values_set(values, object, key, json_integer(value));
}

void thaw_values_set_number(struct thaw_values *values, json_t *object, const char *key,
                            uint64_t value)
{
    thaw_values_set(values, object, key, number(value));
}

void thaw_values_set_known(struct thaw_values *values, json_t *object, const char *key,
                           uint64_t value)
{
    if (value)
        thaw_values_set_number(values, object, key, value);
    else
        thaw_values_set_null(values, object, key);
}

void thaw_values_set_real(struct thaw_values *values, json_t *object, const char *key, double value)
{
    thaw_values_set(values, object, key, json_real((double)(uint64_t)(value * 1000 + 0.5) / 1000));
}

/* Valid UTF-8 for JSON; NULL when memory is short. */
static json_t *text_shown(const char *text, size_t length, bool valid)
{
    size_t size;
    char *copy;
    json_t *value;

    if (valid)
        return json_stringn_nocheck(text, length);
    size = thaw_text_sanitise(NULL, 0, text, length) + 1;
    copy = malloc(size);
    if (!copy)
        return NULL;
    thaw_text_sanitise(copy, size, text, length);
    value = json_string(copy);
    free(copy);
    return value;
}

json_t *thaw_values_text(const char *text)
{
    size_t length = text ? strlen(text) : 0;

    return text_shown(text ? text : "", length, thaw_text_is_utf8(text, length));
}

static json_t *text_percent(const char *text, size_t length)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = malloc(length * 3 + 1);
    size_t used = 0;
    json_t *value;

    if (!out)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte > ' ' && byte < 0x7F && byte != '%') {
            out[used++] = (char)byte;
            continue;
        }
        out[used++] = '%';
        out[used++] = digits[byte >> 4];
        out[used++] = digits[byte & 15];
    }
    value = json_stringn(out, used);
    free(out);
    return value;
}

/* Sets `<key>_bytes`; keys are literals of this program, far shorter than the buffer. */
static void set_bytes(struct thaw_values *values, json_t *object, const char *key, json_t *value)
{
    char name[64];

    snprintf(name, sizeof(name), "%s%s", key, bytes_suffix);
    thaw_values_set(values, object, name, value);
}

void thaw_values_set_text(struct thaw_values *values, json_t *object, const char *key,
                          const char *text)
{
    size_t length = text ? strlen(text) : 0;
    bool valid = thaw_text_is_utf8(text, length);

    thaw_values_set(values, object, key, text_shown(text ? text : "", length, valid));
    if (!valid)
        set_bytes(values, object, key, text_percent(text, length));
}

void thaw_values_set_name(struct thaw_values *values, json_t *object, const char *key,
                          const char *text)
{
    if (text && *text)
        thaw_values_set_text(values, object, key, text);
    else
        thaw_values_set_null(values, object, key);
}

void thaw_values_set_texts(struct thaw_values *values, json_t *object, const char *key,
                           const char *const *texts, size_t count)
{
    json_t *shown = thaw_values_array(values), *percent;
    bool all_valid = true;

    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(texts[i]);
        bool valid = thaw_text_is_utf8(texts[i], length);

        all_valid &= valid;
        thaw_values_append(values, shown, text_shown(texts[i], length, valid));
    }
    thaw_values_set(values, object, key, shown);
    if (all_valid)
        return;
    percent = thaw_values_array(values);
    for (size_t i = 0; i < count; i++)
        thaw_values_append(values, percent, text_percent(texts[i], strlen(texts[i])));
    set_bytes(values, object, key, percent);
}
