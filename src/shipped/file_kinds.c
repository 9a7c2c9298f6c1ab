/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "shipped/file_kinds.h"

/*
 * What files are for, a rule a row; the first that fits counts. Native code stays native wherever
 * it lies, since all of it is looked at; else a folder's place goes before a file's own name.
 */
enum match { MATCH_NAME, MATCH_SUFFIX };

struct rule {
    enum match match;
    enum thaw_file_kind kind;
    size_t length;
    const char *text;
};

#define RULE(match, text, kind)                                                                    \
    {                                                                                              \
        match, kind, sizeof(text) - 1, text                                                        \
    }

static const struct rule folder_rules[] = {
    RULE(MATCH_SUFFIX, ".dist-info", THAW_FILE_METADATA),
    RULE(MATCH_SUFFIX, ".egg-info", THAW_FILE_METADATA),
    RULE(MATCH_NAME, "EGG-INFO", THAW_FILE_METADATA),
    RULE(MATCH_NAME, "conda-meta", THAW_FILE_METADATA),
    RULE(MATCH_SUFFIX, ".dSYM", THAW_FILE_DEBUG),
    RULE(MATCH_NAME, ".build-id", THAW_FILE_DEBUG),
    RULE(MATCH_NAME, "tests", THAW_FILE_TESTS),
    RULE(MATCH_NAME, "test", THAW_FILE_TESTS),
    RULE(MATCH_NAME, "idle_test", THAW_FILE_TESTS),
    RULE(MATCH_NAME, "__tests__", THAW_FILE_TESTS),
    RULE(MATCH_NAME, "docs", THAW_FILE_DOCS),
    RULE(MATCH_NAME, "doc", THAW_FILE_DOCS),
    RULE(MATCH_NAME, "man", THAW_FILE_DOCS),
    RULE(MATCH_NAME, "examples", THAW_FILE_DOCS),
};

static const struct rule native_rules[] = {
    RULE(MATCH_SUFFIX, ".so", THAW_FILE_NATIVE),  RULE(MATCH_SUFFIX, ".pyd", THAW_FILE_NATIVE),
    RULE(MATCH_SUFFIX, ".dll", THAW_FILE_NATIVE), RULE(MATCH_SUFFIX, ".dylib", THAW_FILE_NATIVE),
    RULE(MATCH_SUFFIX, ".exe", THAW_FILE_NATIVE),
};

static const struct rule file_rules[] = {
    RULE(MATCH_SUFFIX, ".py", THAW_FILE_PYTHON),
    RULE(MATCH_SUFFIX, ".pyw", THAW_FILE_PYTHON),
    RULE(MATCH_SUFFIX, ".pyc", THAW_FILE_BYTECODE),
    RULE(MATCH_SUFFIX, ".pyo", THAW_FILE_BYTECODE),
    RULE(MATCH_NAME, "py.typed", THAW_FILE_STUBS),
    RULE(MATCH_SUFFIX, ".pyi", THAW_FILE_STUBS),
    RULE(MATCH_SUFFIX, ".h", THAW_FILE_HEADERS),
    RULE(MATCH_SUFFIX, ".hh", THAW_FILE_HEADERS),
    RULE(MATCH_SUFFIX, ".hpp", THAW_FILE_HEADERS),
    RULE(MATCH_SUFFIX, ".hxx", THAW_FILE_HEADERS),
    RULE(MATCH_SUFFIX, ".cuh", THAW_FILE_HEADERS),
    RULE(MATCH_SUFFIX, ".inc", THAW_FILE_HEADERS),
    RULE(MATCH_SUFFIX, ".pxd", THAW_FILE_HEADERS),
    RULE(MATCH_SUFFIX, ".debug", THAW_FILE_DEBUG),
    RULE(MATCH_SUFFIX, ".dwo", THAW_FILE_DEBUG),
    RULE(MATCH_SUFFIX, ".dwp", THAW_FILE_DEBUG),
    RULE(MATCH_SUFFIX, ".pdb", THAW_FILE_DEBUG),
    RULE(MATCH_SUFFIX, ".egg-info", THAW_FILE_METADATA),
    RULE(MATCH_SUFFIX, ".egg-link", THAW_FILE_METADATA),
    RULE(MATCH_SUFFIX, ".md", THAW_FILE_DOCS),
    RULE(MATCH_SUFFIX, ".rst", THAW_FILE_DOCS),
    RULE(MATCH_NAME, "LICENSE", THAW_FILE_DOCS),
    RULE(MATCH_NAME, "LICENSE.txt", THAW_FILE_DOCS),
    RULE(MATCH_NAME, "COPYING", THAW_FILE_DOCS),
    RULE(MATCH_NAME, "README", THAW_FILE_DOCS),
    RULE(MATCH_NAME, "README.txt", THAW_FILE_DOCS),
    RULE(MATCH_NAME, "CHANGELOG", THAW_FILE_DOCS),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum thaw_file_kind first_rule(const struct rule *rules, size_t count, const char *name,
                                      size_t size)
{
    for (size_t i = 0; i < count; i++) {
        const struct rule *rule = &rules[i];

        if (rule->length > size || (rule->match == MATCH_NAME && rule->length != size) ||
            rule->text[rule->length - 1] != name[size - 1])
            continue;
        if (memcmp(name + size - rule->length, rule->text, rule->length) == 0)
            return rule->kind;
    }
    return THAW_FILE_KINDS;
}

/* "libfoo.so.1.2": digits and dots behind ".so". */
static bool is_versioned_library(const char *name, size_t size)
{
    if (!size || name[size - 1] < '0' || name[size - 1] > '9')
        return false;
    for (const char *at = name; (at = strstr(at, ".so."));) {
        at += strlen(".so.");
        if (at[strspn(at, "0123456789.")] == '\0')
            return true;
    }
    return false;
}

enum thaw_file_kind thaw_file_kinds_place(const char *folder_name, enum thaw_file_kind parent)
{
    return parent == THAW_FILE_KINDS
               ? first_rule(folder_rules, COUNT(folder_rules), folder_name, strlen(folder_name))
               : parent;
}

bool thaw_file_kinds_is_source(enum thaw_file_kind kind)
{
    return kind == THAW_FILE_PYTHON || kind == THAW_FILE_BYTECODE || kind == THAW_FILE_STUBS ||
           kind == THAW_FILE_HEADERS;
}

enum thaw_file_kind thaw_file_kinds_of(const char *name, enum thaw_file_kind place)
{
    size_t size = strlen(name);
    enum thaw_file_kind kind = first_rule(native_rules, COUNT(native_rules), name, size);

    if (kind == THAW_FILE_KINDS && is_versioned_library(name, size))
        kind = THAW_FILE_NATIVE;
    if (kind == THAW_FILE_KINDS)
        kind = place;
    if (kind == THAW_FILE_KINDS)
        kind = first_rule(file_rules, COUNT(file_rules), name, size);
    return kind == THAW_FILE_KINDS ? THAW_FILE_DATA : kind;
}

const char *thaw_file_kind_name(enum thaw_file_kind kind)
{
    static const char *const names[] = {
        [THAW_FILE_PYTHON] = "python", [THAW_FILE_BYTECODE] = "bytecode",
        [THAW_FILE_NATIVE] = "native", [THAW_FILE_DATA] = "data",
        [THAW_FILE_TESTS] = "tests",   [THAW_FILE_DOCS] = "docs",
        [THAW_FILE_STUBS] = "stubs",   [THAW_FILE_HEADERS] = "headers",
        [THAW_FILE_DEBUG] = "debug",   [THAW_FILE_METADATA] = "metadata",
    };

    return kind < THAW_FILE_KINDS ? names[kind] : "";
}
