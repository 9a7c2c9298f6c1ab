/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "platform/function_rpc_words.h"
#include "platform/word.h"

void thaw_function_rpc_trigger(const char *text, size_t length, char *word)
{
    if (length <= THAW_WIRE_WORD_BYTES && thaw_word_length(text, length) == length &&
        thaw_word_ends_with(text, length, "trigger")) {
        memcpy(word, text, length);
        word[length] = '\0';
    }
}

void thaw_function_rpc_trigger_in_json(const char *text, size_t length, char *word)
{
    json_t *binding = json_loadb(text, length, 0, NULL);
    const json_t *type = json_object_get(binding, "type");

    if (json_is_string(type))
        thaw_function_rpc_trigger(json_string_value(type), json_string_length(type), word);
    json_decref(binding);
}

void thaw_function_rpc_exception_in_message(const char *text, size_t length, char *word)
{
    size_t end = thaw_word_length(text, length);

    if (end + 1 < length && text[end] == ':' && text[end + 1] == ' ')
        thaw_word_of_exception(text, end, word);
}
