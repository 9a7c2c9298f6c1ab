/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "packaging/marker_parts.h"

/*
 * What a comparison of a marker gives, as pip's library `packaging` (26) does it: variables that
 * are versions are compared as such where the other side is one; all else by texts, and of these
 * "<" and ">" never hold.
 */
#define VALUE_BYTES_MAX (THAW_MARKER_BYTES_MAX + 8)

static const char *const operators[] = {"===", "~=", "==", "!=", "<=", ">=", "<", ">", "in", "in"};

const char *thaw_marker_operator_text(enum thaw_marker_operator operator)
{
    return operators[operator];
}

/* The other names that variables have had, dots for underscores; longer ones before those they
 * begin with. */
static const struct {
    const char *name;
    const char *variable;
} variables[] = {
    {"python_version", "python_version"},
    {"python_full_version", "python_full_version"},
    {"os_name", "os_name"},
    {"os.name", "os_name"},
    {"sys_platform", "sys_platform"},
    {"sys.platform", "sys_platform"},
    {"platform_release", "platform_release"},
    {"platform_system", "platform_system"},
    {"platform_version", "platform_version"},
    {"platform.version", "platform_version"},
    {"platform_machine", "platform_machine"},
    {"platform.machine", "platform_machine"},
    {"platform_python_implementation", "platform_python_implementation"},
    {"platform.python_implementation", "platform_python_implementation"},
    {"python_implementation", "platform_python_implementation"},
    {"implementation_name", "implementation_name"},
    {"implementation_version", "implementation_version"},
    {"extras", "extras"}, /* of lock files: known, but never has a value */
    {"extra", "extra"},
    {"dependency_groups", "dependency_groups"},
};

#define VARIABLES (sizeof(variables) / sizeof(variables[0]))

size_t thaw_marker_variable(struct thaw_span text)
{
    for (size_t i = 0; text.length && i < VARIABLES; i++) {
        size_t length;

        if (*variables[i].name != *text.bytes) /* nearly always: this is asked everywhere */
            continue;
        length = strlen(variables[i].name);
        if (text.length >= length && memcmp(text.bytes, variables[i].name, length) == 0)
            return length;
    }
    return 0;
}

static bool is_name(struct thaw_span text, const char *name)
{
    return text.length == strlen(name) && memcmp(text.bytes, name, text.length) == 0;
}

static const char *variable_of(struct thaw_span text)
{
    for (size_t i = 0; i < VARIABLES; i++) {
        if (is_name(text, variables[i].name))
            return variables[i].variable;
    }
    return NULL;
}

static const struct {
    const char *variable;
    size_t offset;
    bool is_version;
} values[] = {
    {"python_version", offsetof(struct thaw_marker_environment, python_version), true},
    {"python_full_version", offsetof(struct thaw_marker_environment, python_full_version), true},
    {"os_name", offsetof(struct thaw_marker_environment, os_name), false},
    {"sys_platform", offsetof(struct thaw_marker_environment, sys_platform), false},
    {"platform_machine", offsetof(struct thaw_marker_environment, platform_machine), false},
    {"platform_system", offsetof(struct thaw_marker_environment, platform_system), false},
    {"platform_release", offsetof(struct thaw_marker_environment, platform_release), true},
    {"platform_version", offsetof(struct thaw_marker_environment, platform_version), false},
    {"platform_python_implementation",
     offsetof(struct thaw_marker_environment, platform_python_implementation), false},
    {"implementation_name", offsetof(struct thaw_marker_environment, implementation_name), false},
    {"implementation_version", offsetof(struct thaw_marker_environment, implementation_version),
     true},
};

struct value {
    char bytes[VALUE_BYTES_MAX];
    size_t length;
};

static void value_set(struct value *value, const char *bytes, size_t length)
{
    value->length = length < sizeof(value->bytes) ? length : sizeof(value->bytes) - 1;
    if (value->length)
        memcpy(value->bytes, bytes, value->length);
    value->bytes[value->length] = '\0';
}

/* A full version that is not known is the first of its minor. */
static void value_full_version(struct value *value, const char *full, const char *version)
{
    value_set(value, "", 0);
    if (full && *full)
        value_set(value, full, strlen(full));
    else if (version && *version)
        value->length = (size_t)snprintf(value->bytes, sizeof(value->bytes), "%.500s.0", version);
}

/* A Python that was not built from a tag calls itself "3.13.0+". */
static void value_untagged(struct value *value)
{
    if (value->length && value->bytes[value->length - 1] == '+' &&
        value->length + sizeof("local") <= sizeof(value->bytes)) {
        memcpy(value->bytes + value->length, "local", sizeof("local"));
        value->length += sizeof("local") - 1;
    }
}

/* The form that only equal names share. */
static void value_normalise(struct value *value)
{
    size_t length = 0;

    for (size_t i = 0; i < value->length; i++) {
        bool is_separator = value->bytes[i] && strchr("-_.", value->bytes[i]);

        if (is_separator && length && value->bytes[length - 1] == '-')
            continue;
        value->bytes[length++] = is_separator ? '-' : (char)tolower((unsigned char)value->bytes[i]);
    }
    value->length = length;
    value->bytes[length] = '\0';
}

/* The variable's value in the environment; false: it has none. */
static bool value_look_up(struct value *value, const char *variable,
                          const struct thaw_marker_environment *environment, const char *extra,
                          bool *is_version)
{
    *is_version = false;
    if (strcmp(variable, "extra") == 0) {
        value_set(value, extra, strlen(extra));
        value_normalise(value);
        return true;
    }
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const char *text;

        if (strcmp(variable, values[i].variable) != 0)
            continue;
        text = *(const char *const *)((const char *)environment + values[i].offset);
        *is_version = values[i].is_version;
        if (strcmp(variable, "python_full_version") == 0 ||
            strcmp(variable, "implementation_version") == 0)
            value_full_version(value, text, environment->python_version);
        else
            value_set(value, text, text ? strlen(text) : 0);
        if (strcmp(variable, "python_full_version") == 0)
            value_untagged(value);
        return true;
    }
    return false;
}

/* What a backslash and this byte stand for; 0: nothing, the backslash stays. */
static char escaped(char byte)
{
    static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
    const char *found = byte ? strchr(from, byte) : NULL;

    return found ? to[found - from] : '\0';
}

bool thaw_marker_text_is_fine(struct thaw_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] == '\n' || text.bytes[i] == '\r' || text.bytes[i] == '\0')
            return false;
        if (text.bytes[i] != '\\')
            continue;
        if (++i == text.length || (text.bytes[i] && strchr("xuUN01234567\n\r", text.bytes[i])))
            return false;
    }
    return true;
}

static void value_literal(struct value *value, struct thaw_span text)
{
    value->length = 0;
    for (size_t i = 0; i < text.length && value->length + 1 < sizeof(value->bytes); i++) {
        char byte = text.bytes[i] == '\\' && i + 1 < text.length ? escaped(text.bytes[i + 1]) : 0;

        i += byte != 0;
        value->bytes[value->length++] = byte ? byte : text.bytes[i];
    }
    value->bytes[value->length] = '\0';
}

/* A variable in the place of a text stands for its own name. */
static void value_operand(struct value *value, const struct thaw_marker_operand *operand)
{
    if (operand->is_variable)
        value_set(value, variable_of(operand->text), strlen(variable_of(operand->text)));
    else
        value_literal(value, operand->text);
}

static bool is_equal(const struct value *one, const struct value *other)
{
    return one->length == other->length && memcmp(one->bytes, other->bytes, one->length) == 0;
}

static int compare_texts(const struct value *left, enum thaw_marker_operator operator,
                         const struct value * right)
{
    bool inside;

    switch (operator) {
    case THAW_MARKER_IN:
    case THAW_MARKER_NOT_IN:
        inside = memmem(right->bytes, right->length, left->bytes, left->length) != NULL;
        return inside == (operator== THAW_MARKER_IN);
    case THAW_MARKER_EQUAL:
    case THAW_MARKER_AT_MOST:
    case THAW_MARKER_AT_LEAST:
        return is_equal(left, right);
    case THAW_MARKER_NOT_EQUAL:
        return !is_equal(left, right);
    case THAW_MARKER_BELOW:
    case THAW_MARKER_ABOVE:
        return 0;
    default:
        return -EINVAL;
    }
}

static int compare_versions(const struct value *left, enum thaw_marker_operator operator,
                            struct value * right)
{
    char specifier[VALUE_BYTES_MAX + 4];
    size_t length = strlen(operators[operator]);

    if (operator>= THAW_MARKER_IN)
        return -EINVAL;
    memcpy(specifier, operators[operator], length);
    memcpy(specifier + length, right->bytes, right->length);
    return thaw_specifier_fits((struct thaw_span){left->bytes, left->length},
                               (struct thaw_span){specifier, length + right->length});
}

int thaw_marker_compare(const struct thaw_marker_comparison *comparison,
                        const struct thaw_marker_environment *environment, const char *extra)
{
    bool is_left = comparison->left.is_variable, is_version;
    const struct thaw_marker_operand *asked = is_left ? &comparison->left : &comparison->right;
    const struct thaw_marker_operand *other = is_left ? &comparison->right : &comparison->left;
    const char *variable = variable_of(asked->text);
    struct value value, text;
    int result = -EINVAL;

    /* Two texts: the right one may be a variable's name, by chance. */
    if (!variable || (!asked->is_variable && !is_name(asked->text, variable)) ||
        !value_look_up(&value, variable, environment, extra, &is_version))
        return -EINVAL;
    value_operand(&text, other);
    if (strcmp(variable, "extra") == 0 && asked->is_variable && !other->is_variable)
        value_normalise(&text);
    if (is_version)
        result = compare_versions(is_left ? &value : &text, comparison->operator,
                                  is_left ? &text : & value);
    return result >= 0 ? result
                       : compare_texts(is_left ? &value : &text, comparison->operator,
                                       is_left ? &text : & value);
}
