/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "packaging/requirement_url.h"

#define COMMIT_DIGITS 40 /* of git */

bool thaw_requirement_url_is_fixed(const char *url)
{
    const char *hash = strchr(url, '#');
    size_t length = hash ? (size_t)(hash - url) : strlen(url), digits = 0;

    while (digits < length && isxdigit((unsigned char)url[length - 1 - digits]))
        digits++;
    if (digits == COMMIT_DIGITS && length > digits && url[length - 1 - digits] == '@')
        return true;
    return hash && (strstr(hash, "sha256=") || strstr(hash, "sha384=") || strstr(hash, "sha512="));
}

const char *thaw_requirement_url_name(struct thaw_arena *arena, const char *text)
{
    const char *egg = strstr(text, "#egg=");
    size_t length = strcspn(text, "#?; \t");
    const char *slash = memrchr(text, '/', length), *file = slash ? slash + 1 : text;

    if (!egg)
        egg = strstr(text, "&egg=");
    if (egg)
        return thaw_arena_text(arena, egg + 5, strcspn(egg + 5, "&[; \t"));
    length -= (size_t)(file - text);
    if (length > 4 && memcmp(file + length - 4, ".whl", 4) == 0)
        return thaw_arena_text(arena, file, strcspn(file, "-"));
    return "";
}

bool thaw_requirements_resolve(const char *file, const char *other, char *out, size_t size)
{
    const char *slash = strrchr(file, '/');
    size_t base = slash ? (size_t)(slash + 1 - file) : 0, length = 0;
    char joined[PATH_MAX];
    bool is_absolute = *file == '/';

    if (*other == '/' || base + strlen(other) >= sizeof(joined) || strlen(other) >= PATH_MAX)
        return false;
    memcpy(joined, file, base);
    strcpy(joined + base, other);
    for (char *rest = joined, *part; (part = strtok_r(NULL, "/", &rest));) {
        size_t part_length = strlen(part);

        if (strcmp(part, ".") == 0)
            continue;
        if (strcmp(part, "..") == 0) {
            if (!length)
                return false;
            while (length && out[length - 1] != '/')
                length--;
            length -= length > 0;
            continue;
        }
        if (length + part_length + 3 > size)
            return false;
        if (length || is_absolute)
            out[length++] = '/';
        memcpy(out + length, part, part_length);
        length += part_length;
    }
    out[length] = '\0';
    return length > 0;
}
