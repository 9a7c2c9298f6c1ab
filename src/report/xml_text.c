/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/xml_text.h"

/* What stands for a character; "" for those that stand for themselves. */
static const char *entity(char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    default:
        return "";
    }
}

/* U+FFFE and U+FFFF, which show nothing anywhere but are characters elsewhere (XML 1.0, 2.2). */
static const char *noncharacter(const char *text)
{
    if (!strncmp(text, "\xEF\xBF\xBE", 3))
        return "\\u{fffe}";
    return strncmp(text, "\xEF\xBF\xBF", 3) != 0 ? "" : "\\u{ffff}";
}

static size_t escape(char *out, const char *text)
{
    size_t used = 0;

    while (*text) {
        const char *instead = entity(*text), *shown = noncharacter(text);
        const char *piece = *instead ? instead : *shown ? shown : text;
        size_t length = piece == text ? 1 : strlen(piece);

        if (out)
            memcpy(out + used, piece, length);
        used += length;
        text += *shown ? 3 : 1;
    }
    return used;
}

const char *thaw_xml_text(struct thaw_arena *arena, const char *text)
{
    const char *safe = thaw_text_for_terminal(arena, text);
    char *out = safe ? thaw_arena_allocate(arena, escape(NULL, safe) + 1) : NULL;

    if (out)
        escape(out, safe);
    return out;
}
