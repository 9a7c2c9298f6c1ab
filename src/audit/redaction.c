/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "audit/libcrypto.h"
#include "audit/redaction.h"
#include "base/text.h"

#define HASH_DIGITS (THAW_REDACTED_BYTES - 2)

static void hash(const struct thaw_redaction_key *key, const char *text, size_t length,
                 char ret[THAW_REDACTED_BYTES])
{
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    unsigned int bytes = 0;

    thaw_libcrypto.HMAC(thaw_libcrypto.EVP_sha256(), key->bytes, (int)key->count,
                        (const unsigned char *)text, length, digest, &bytes);
    ret[0] = '~';
    for (size_t i = 0; i < HASH_DIGITS / 2; i++)
        snprintf(ret + 1 + 2 * i, 3, "%02x", digest[i]);
}

/* A text that is cut says so by its end. */
static const char *shown(const char *text, struct thaw_arena *arena)
{
    static const char more[] = "…";
    char bytes[THAW_SHOWN_BYTES + sizeof(more)];
    size_t length = strnlen(text, THAW_SHOWN_BYTES + 1);
    size_t whole = thaw_text_sanitise(bytes, THAW_SHOWN_BYTES, text, length);

    if (whole >= THAW_SHOWN_BYTES || length > THAW_SHOWN_BYTES)
        memcpy(bytes + strlen(bytes), more, sizeof(more));
    return thaw_arena_string(arena, bytes);
}

const char *thaw_redaction_text(const struct thaw_redaction_key *key, const char *text,
                                struct thaw_arena *arena)
{
    char hashed[THAW_REDACTED_BYTES];

    if (!*text)
        return "";
    if (!key)
        return shown(text, arena);
    hash(key, text, strlen(text), hashed);
    return thaw_arena_string(arena, hashed);
}

/* A path in a sentence goes up to a blank, or to a mark that ends a part of the sentence. */
static size_t path_length(const char *text)
{
    size_t length = strcspn(text, " \t\n,;\"'()");

    while (length > 1 && (text[length - 1] == ':' || text[length - 1] == '.'))
        length--;
    return length;
}

const char *thaw_redaction_line(const struct thaw_redaction_key *key, const char *line,
                                struct thaw_arena *arena)
{
    char out[THAW_SHOWN_BYTES + THAW_REDACTED_BYTES];
    size_t length = 0;

    if (!key || !strchr(line, '/'))
        return thaw_redaction_text(NULL, line, arena);
    while (*line && length < THAW_SHOWN_BYTES) {
        size_t path = *line == '/' ? path_length(line) : 0;

        if (path) {
            hash(key, line, path, out + length);
            length += THAW_REDACTED_BYTES - 1;
            line += path;
        } else {
            out[length++] = *line++;
        }
    }
    out[length] = '\0';
    return shown(out, arena);
}
