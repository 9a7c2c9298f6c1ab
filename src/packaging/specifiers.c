/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "packaging/version.h"
#include "packaging/version_parts.h"

enum comparison { ARBITRARY, COMPATIBLE, EQUAL, NOT_EQUAL, AT_MOST, AT_LEAST, BELOW, ABOVE, NONE };

/* Longer ones before those they begin with. */
static const char *const operators[] = {"===", "~=", "==", "!=", "<=", ">=", "<", ">"};

struct specifier {
    enum comparison comparison;
    struct thaw_span text; /* behind the operator */
    struct thaw_version_parts version;
    bool is_prefix; /* ".*" */
};

static struct thaw_span skip(struct thaw_span text, size_t length)
{
    return (struct thaw_span){text.bytes + length, text.length - length};
}

static bool read_arbitrary(struct thaw_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (thaw_span_is_space(text.bytes[i]) || text.bytes[i] == ';' || text.bytes[i] == ')')
            return false;
    }
    return text.length > 0;
}

static bool read_version(struct specifier *ret)
{
    struct thaw_span rest = ret->text;
    bool is_equality = ret->comparison == EQUAL || ret->comparison == NOT_EQUAL;
    size_t end = thaw_version_read_public(rest, &ret->version);

    if (!end)
        return false;
    rest = skip(rest, end);
    if (is_equality && rest.length == 2 && memcmp(rest.bytes, ".*", 2) == 0) {
        ret->is_prefix = true;
        return ret->version.pre == THAW_PRE_NONE && !ret->version.has_post && !ret->version.has_dev;
    }
    if (is_equality)
        rest = skip(rest, thaw_version_read_local(rest, &ret->version));
    return !rest.length &&
           (ret->comparison != COMPATIBLE || thaw_version_release_count(&ret->version) > 1);
}

static bool read_specifier(struct thaw_span text, struct specifier *ret)
{
    text = thaw_span_trim(text);
    *ret = (struct specifier){.comparison = ARBITRARY};
    for (; ret->comparison < NONE; ret->comparison++) {
        size_t length = strlen(operators[ret->comparison]);

        if (text.length < length || memcmp(text.bytes, operators[ret->comparison], length) != 0)
            continue;
        ret->text = thaw_span_trim(skip(text, length));
        return ret->comparison == ARBITRARY ? read_arbitrary(ret->text) : read_version(ret);
    }
    return false;
}

/* "<1.0" leaves out the pre-releases of 1.0, unless it names one. */
static bool is_below(const struct thaw_version_parts *version, struct thaw_version_parts bound)
{
    if (bound.pre == THAW_PRE_NONE && !bound.has_dev)
        bound.has_dev = true; /* of number 0 */
    return thaw_version_order(version, &bound, true) < 0;
}

/* ">1.0" leaves out the post-releases and local versions of 1.0, unless it names one. */
static bool is_above(const struct thaw_version_parts *version,
                     const struct thaw_version_parts *bound)
{
    struct thaw_version_parts base = *version;

    if (thaw_version_order(version, bound, false) <= 0)
        return false;
    if (bound->has_dev || bound->has_post)
        return true;
    base.has_post = base.has_dev = false;
    base.post_number = base.dev_number = (struct thaw_span){0};
    return thaw_version_order(&base, bound, false) != 0;
}

static bool is_equal(const struct thaw_version_parts *version, const struct specifier *specifier)
{
    if (specifier->is_prefix)
        return thaw_version_has_prefix(version, &specifier->version,
                                       thaw_version_release_count(&specifier->version));
    return thaw_version_order(version, &specifier->version, specifier->version.has_local) == 0;
}

static bool fits(struct thaw_span text, const struct specifier *specifier)
{
    const struct thaw_version_parts *bound = &specifier->version;
    struct thaw_version_parts version;

    if (specifier->comparison == ARBITRARY)
        return text.length == specifier->text.length &&
               strncasecmp(text.bytes, specifier->text.bytes, text.length) == 0;
    if (!thaw_version_read(text, &version))
        return false;
    switch (specifier->comparison) {
    case COMPATIBLE:
        return thaw_version_order(&version, bound, true) >= 0 &&
               thaw_version_has_prefix(&version, bound, thaw_version_release_count(bound) - 1);
    case EQUAL:
        return is_equal(&version, specifier);
    case NOT_EQUAL:
        return !is_equal(&version, specifier);
    case AT_MOST:
        return thaw_version_order(&version, bound, false) <= 0;
    case AT_LEAST:
        return thaw_version_order(&version, bound, true) >= 0;
    case BELOW:
        return is_below(&version, *bound);
    case ABOVE:
        return is_above(&version, bound);
    default:
        return false;
    }
}

int thaw_specifier_fits(struct thaw_span version, struct thaw_span text)
{
    struct specifier specifier;

    return read_specifier(text, &specifier) ? fits(version, &specifier) : -EINVAL;
}

/* The next item of a list that is not empty: 1, 0 at the end, -EINVAL. */
static int next_specifier(struct thaw_span *list, struct specifier *ret)
{
    while (list->length) {
        const char *comma = memchr(list->bytes, ',', list->length);
        struct thaw_span item = {list->bytes, comma ? (size_t)(comma - list->bytes) : list->length};

        *list = skip(*list, item.length + (comma != NULL));
        if (thaw_span_trim(item).length)
            return read_specifier(item, ret) ? 1 : -EINVAL;
    }
    return 0;
}

int thaw_version_fits(const char *version, const char *specifiers, size_t length)
{
    struct thaw_span text = {version, strnlen(version, THAW_VERSION_BYTES_MAX)};
    struct thaw_span list = {specifiers, length};
    struct specifier specifier;
    bool all = true;
    int result;

    while ((result = next_specifier(&list, &specifier)) > 0)
        all = fits(text, &specifier) && all;
    return result < 0 ? result : all;
}

bool thaw_version_is_pinned(const char *specifiers, size_t length)
{
    struct thaw_span list = {specifiers, length};
    struct specifier specifier;
    bool pinned = false;
    int result;

    while ((result = next_specifier(&list, &specifier)) > 0)
        pinned = pinned || specifier.comparison == ARBITRARY ||
                 (specifier.comparison == EQUAL && !specifier.is_prefix);
    return result == 0 && pinned;
}
