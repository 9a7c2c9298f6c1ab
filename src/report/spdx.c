/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "report/spdx.h"

static const char *const licenses[] = {
    "0BSD",
    "AFL-2.1",
    "AFL-3.0",
    "AGPL-3.0",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-1.1",
    "Apache-2.0",
    "Artistic-1.0",
    "Artistic-2.0",
    "Beerware",
    "BlueOak-1.0.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-2-Clause-Patent",
    "BSD-3-Clause",
    "BSD-3-Clause-Clear",
    "BSD-3-Clause-LBNL",
    "BSD-4-Clause",
    "BSL-1.0",
    "BUSL-1.1",
    "bzip2-1.0.6",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CDDL-1.0",
    "CECILL-2.1",
    "CECILL-B",
    "CECILL-C",
    "CNRI-Python",
    "curl",
    "ECL-2.0",
    "Elastic-2.0",
    "EPL-1.0",
    "EPL-2.0",
    "EUPL-1.1",
    "EUPL-1.2",
    "FTL",
    "GPL-1.0-or-later",
    "GPL-2.0",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "HPND",
    "ICU",
    "IJG",
    "Intel",
    "ISC",
    "LGPL-2.0-only",
    "LGPL-2.0-or-later",
    "LGPL-2.1",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "Libpng",
    "libpng-2.0",
    "LPPL-1.3c",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-1.1",
    "MPL-2.0",
    "MPL-2.0-no-copyleft-exception",
    "MS-PL",
    "NCSA",
    "OFL-1.1",
    "OpenSSL",
    "PostgreSQL",
    "PSF-2.0",
    "Python-2.0",
    "Python-2.0.1",
    "SSPL-1.0",
    "TCL",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "UPL-1.0",
    "Vim",
    "W3C",
    "WTFPL",
    "X11",
    "Zlib",
    "ZPL-2.0",
    "ZPL-2.1",
};

static const char *const exceptions[] = {
    "Classpath-exception-2.0", "Font-exception-2.0", "GCC-exception-2.0",
    "GCC-exception-3.1",       "Linux-syscall-note", "LLVM-exception",
};

static const char license_reference[] = "LicenseRef-";

struct word {
    const char *start;
    size_t length;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is(struct word word, const char *text)
{
    return strlen(text) == word.length && memcmp(word.start, text, word.length) == 0;
}

static bool is_listed(struct word word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is(word, list[i]))
            return true;
    return false;
}

static bool is_id_character(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '.';
}

static bool is_license(struct word word)
{
    size_t length = strlen(license_reference);

    if (word.length > length && memcmp(word.start, license_reference, length) == 0)
        return true;
    return is_listed(word, licenses, COUNT(licenses));
}

/* A parenthesis, a run of characters of ids, or any other byte; false at the end. */
static bool next_word(const char **text, struct word *ret)
{
    *text += strspn(*text, " ");
    ret->start = *text;
    while (is_id_character(**text))
        (*text)++;
    if (*text == ret->start && **text)
        (*text)++;
    ret->length = (size_t)(*text - ret->start);
    return ret->length > 0;
}

/* What may come next in an expression. */
enum expected { A_LICENSE, AN_OPERATOR, AN_OPERATOR_NOT_WITH, AN_EXCEPTION };

enum thaw_license_form thaw_license_form(const char *text)
{
    enum expected expected = A_LICENSE;
    size_t open = 0, words = 0;
    struct word word;

    for (const char *rest = text; next_word(&rest, &word); words++) {
        if (expected == A_LICENSE && is(word, "("))
            open++;
        else if (expected == A_LICENSE && is_license(word))
            expected = AN_OPERATOR;
        else if (expected == AN_EXCEPTION && is_listed(word, exceptions, COUNT(exceptions)))
            expected = AN_OPERATOR_NOT_WITH;
        else if (expected == AN_OPERATOR && is(word, "WITH"))
            expected = AN_EXCEPTION;
        else if (expected == A_LICENSE || expected == AN_EXCEPTION)
            return THAW_LICENSE_WORDS;
        else if (open && is(word, ")")) {
            expected = AN_OPERATOR_NOT_WITH;
            open--;
        } else if (is(word, "AND") || is(word, "OR"))
            expected = A_LICENSE;
        else
            return THAW_LICENSE_WORDS;
    }
    if (open || expected == A_LICENSE || expected == AN_EXCEPTION)
        return THAW_LICENSE_WORDS;
    if (words == 1 && strncmp(text, license_reference, strlen(license_reference)) != 0)
        return strchr(text, ' ') ? THAW_LICENSE_WORDS : THAW_LICENSE_ID;
    return THAW_LICENSE_EXPRESSION;
}
