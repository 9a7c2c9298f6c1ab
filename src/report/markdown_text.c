/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "report/markdown_text.h"

#define UNIT_MOST 200 /* bytes: what is longer is hardly one */

/* The shortest row of backticks that is not in the text: what is around it ends it nowhere else. */
static size_t fence_length(const char *text, size_t length)
{
    size_t wanted = 1;

    for (bool found = true; found; wanted += found) {
        size_t run = 0;

        found = false;
        for (size_t i = 0; i <= length && !found; i++) {
            if (i < length && text[i] == '`') {
                run++;
            } else {
                found = run == wanted;
                run = 0;
            }
        }
    }
    return wanted;
}

/* Would a space or a backtick at an end be lost, or make the fence longer? */
static bool needs_padding(const char *text, size_t length)
{
    char first = text[0], last = text[length - 1];

    return first == '`' || last == '`' ||
           (first == ' ' && last == ' ' && strspn(text, " ") < length);
}

/* A code span of a text that is safe for a terminal; out may be NULL. Returns its length. */
static size_t code_span(char *out, const char *text, size_t length, enum thaw_markdown_place place)
{
    size_t fence = fence_length(text, length), used = 0;
    bool padded = needs_padding(text, length);

#define PUT(character) (out ? (void)(out[used++] = (character)) : (void)used++)
    for (size_t i = 0; i < fence; i++)
        PUT('`');
    if (padded)
        PUT(' ');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '|' && place == THAW_MARKDOWN_CELL)
            PUT('\\');
        PUT(text[i]);
    }
    if (padded)
        PUT(' ');
    for (size_t i = 0; i < fence; i++)
        PUT('`');
#undef PUT
    return used;
}

const char *thaw_markdown_code(struct thaw_arena *arena, const char *text,
                               enum thaw_markdown_place place)
{
    const char *safe = thaw_text_for_terminal(arena, text);
    size_t length = safe ? strlen(safe) : 0;
    char *out;

    if (!length)
        return safe;
    out = thaw_arena_allocate(arena, code_span(NULL, safe, length, place) + 1);
    if (out)
        code_span(out, safe, length, place);
    return out;
}

static bool is_letter_or_digit(char character)
{
    return isalnum((unsigned char)character) || (unsigned char)character >= 0x80;
}

/* Underscores within a name are no emphasis. */
static bool has_outer_underscore(const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (word[i] == '_' && (!i || i + 1 == length || !is_letter_or_digit(word[i - 1]) ||
                               !is_letter_or_digit(word[i + 1])))
            return true;
    return false;
}

/* Addresses become links, and so do `GH-1` and what is behind '@' or '#' (those by their mark). */
static bool has_link(const char *word, size_t length)
{
    static const char *const marks[] = {"://", "www.", "GH-", "mailto:", "xmpp:"};

    for (size_t i = 0; i < length; i++)
        for (size_t j = 0; j < sizeof(marks) / sizeof(marks[0]); j++)
            if (strlen(marks[j]) <= length - i &&
                !strncasecmp(word + i, marks[j], strlen(marks[j])))
                return true;
    return false;
}

/* ":smile:" */
static bool has_emoji(const char *word, size_t length)
{
    const char *colon = memchr(word, ':', length);

    return colon && memchr(colon + 1, ':', length - (size_t)(colon + 1 - word));
}

/* At a line's start: quotes, bullets, numbers of lists, what underlines a heading, begins a table.
 */
static bool begins_block(const char *word, size_t length)
{
    size_t digits = strspn(word, "0123456789");

    return word[0] == '>' || strspn(word, "-+=:") >= length ||
           (digits && digits + 1 == length && strchr(".)", word[digits]));
}

/* GitLab's milestones: "%2"; a share ("12.5%") is none. */
static bool is_milestone(const char *word, size_t length)
{
    const char *mark = memchr(word, '%', length);

    return mark && mark + 1 < word + length && (is_letter_or_digit(mark[1]) || mark[1] == '"');
}

static bool is_active(const char *word, size_t length, bool first)
{
    for (size_t i = 0; i < length; i++)
        if (strchr("@#$`|<[]{}*~\\!&^", word[i]))
            return true;
    return has_outer_underscore(word, length) || has_link(word, length) ||
           has_emoji(word, length) || is_milestone(word, length) ||
           (first && begins_block(word, length));
}

/* What ends a sentence or a part of it is no part of a name before it, nor is a bracket whose other
 * one is not in the name. */
static size_t without_end(const char *word, size_t length, bool first)
{
    size_t end = length, open = 0, closed = 0;

    for (size_t i = 0; i < length; i++) {
        open += word[i] == '(';
        closed += word[i] == ')';
    }
    while (end && strchr(".,;:)", word[end - 1])) {
        if (word[end - 1] == ')' && (first || closed-- <= open)) /* "12)" begins a list */
            break;
        end--;
    }
    return end ? end : length;
}

/* A word as a code span but for what ends it, and a bracket before it. */
static size_t marked_word(char *out, const char *word, size_t length,
                          enum thaw_markdown_place place, bool first)
{
    size_t lead = length > 1 && word[0] == '(' ? 1 : 0, used = lead, name;

    if (out && lead)
        *out = '(';
    word += lead;
    length -= lead;
    name = without_end(word, length, first && !lead);
    used += code_span(out ? out + used : NULL, word, name, place);
    if (out)
        memcpy(out + used, word + name, length - name);
    return used + length - name;
}

/* Of a word, or of words up to where its square and curly brackets are closed: "[{name: 'x'}]" is
 * one. Where they never are, the word. */
static size_t unit_length(const char *text)
{
    size_t word = strcspn(text, " ");
    long open = 0;

    for (size_t i = 0; text[i] && i < UNIT_MOST; i++) {
        if (text[i] == ' ' && open <= 0)
            return i;
        open += (text[i] == '[' || text[i] == '{') - (text[i] == ']' || text[i] == '}');
        if (!text[i + 1] && open <= 0)
            return i + 1;
    }
    return word;
}

static size_t prose(char *out, const char *text, enum thaw_markdown_place place)
{
    size_t used = 0;

    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t length = unit_length(text);
        char *at = out ? out + used + (used > 0) : NULL;

        if (out && used)
            out[used] = ' ';
        used += used > 0;
        if (is_active(text, length, used == 0)) {
            used += marked_word(at, text, length, place, used == 0);
        } else {
            if (at)
                memcpy(at, text, length);
            used += length;
        }
        text += length;
    }
    return used;
}

const char *thaw_markdown_prose(struct thaw_arena *arena, const char *text,
                                enum thaw_markdown_place place)
{
    const char *safe = thaw_text_for_terminal(arena, text);
    char *out = safe ? thaw_arena_allocate(arena, prose(NULL, safe, place) + 1) : NULL;

    if (out)
        prose(out, safe, place);
    return out;
}
