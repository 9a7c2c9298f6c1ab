/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "packaging/version.h"
#include "packaging/version_parts.h"

bool thaw_span_is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r') || (byte >= 0x1c && byte <= 0x1f);
}

struct thaw_span thaw_span_trim(struct thaw_span text)
{
    while (text.length && thaw_span_is_space(*text.bytes)) {
        text.bytes++;
        text.length--;
    }
    while (text.length && thaw_span_is_space(text.bytes[text.length - 1]))
        text.length--;
    return text;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t digits(struct thaw_span text, size_t at)
{
    size_t from = at;

    while (at < text.length && is_digit(text.bytes[at]))
        at++;
    return at - from;
}

static struct thaw_span number(const char *bytes, size_t length)
{
    while (length && *bytes == '0') {
        bytes++;
        length--;
    }
    return (struct thaw_span){bytes, length};
}

static bool is_separator(struct thaw_span text, size_t at)
{
    return at < text.length &&
           (text.bytes[at] == '.' || text.bytes[at] == '_' || text.bytes[at] == '-');
}

struct word {
    const char *text;
    enum thaw_pre_release pre;
};

/* Longer ones before those they begin with. */
static const struct word pre_words[] = {
    {"alpha", THAW_PRE_ALPHA}, {"a", THAW_PRE_ALPHA},           {"beta", THAW_PRE_BETA},
    {"b", THAW_PRE_BETA},      {"preview", THAW_PRE_CANDIDATE}, {"pre", THAW_PRE_CANDIDATE},
    {"c", THAW_PRE_CANDIDATE}, {"rc", THAW_PRE_CANDIDATE},      {NULL, THAW_PRE_NONE},
};
static const struct word post_words[] = {
    {"post", THAW_PRE_NONE}, {"rev", THAW_PRE_NONE}, {"r", THAW_PRE_NONE}, {NULL, THAW_PRE_NONE}};
static const struct word dev_words[] = {{"dev", THAW_PRE_NONE}, {NULL, THAW_PRE_NONE}};

/* "[._-]WORD[._-]NUMBER" at a place, all but the word may be missing: the end of it, or at. */
static size_t read_word(struct thaw_span text, size_t at, const struct word *words,
                        const struct word **found, struct thaw_span *ret)
{
    size_t from = at + is_separator(text, at), size;

    for (*found = words; (*found)->text; ++*found) {
        size = strlen((*found)->text);
        if (text.length - from >= size && strncasecmp(text.bytes + from, (*found)->text, size) == 0)
            break;
    }
    if (!(*found)->text)
        return at;
    from += size;
    from += is_separator(text, from);
    size = digits(text, from);
    *ret = number(text.bytes + from, size);
    return from + size;
}

/* The end of the release, or at. */
static size_t read_release(struct thaw_span text, size_t at, struct thaw_version_parts *ret)
{
    size_t from = at, size = digits(text, at);

    if (!size)
        return at;
    at += size;
    if (at < text.length && text.bytes[at] == '!') {
        ret->epoch = number(text.bytes + from, size);
        from = ++at;
        size = digits(text, at);
        at += size;
    }
    if (!size)
        return 0;
    while (at < text.length && text.bytes[at] == '.' && (size = digits(text, at + 1)))
        at += 1 + size;
    ret->release = (struct thaw_span){text.bytes + from, at - from};
    return at;
}

static size_t read_post(struct thaw_span text, size_t at, struct thaw_version_parts *ret)
{
    const struct word *word;
    size_t size, end;

    if (at < text.length && text.bytes[at] == '-' && (size = digits(text, at + 1))) {
        ret->post_number = number(text.bytes + at + 1, size);
        ret->has_post = true;
        return at + 1 + size;
    }
    end = read_word(text, at, post_words, &word, &ret->post_number);
    ret->has_post = end > at;
    return end;
}

size_t thaw_version_read_public(struct thaw_span text, struct thaw_version_parts *ret)
{
    size_t from = text.length && (*text.bytes == 'v' || *text.bytes == 'V'), at, end;
    const struct word *word;

    *ret = (struct thaw_version_parts){.pre = THAW_PRE_NONE};
    at = read_release(text, from, ret);
    if (at <= from)
        return 0;
    at = read_word(text, at, pre_words, &word, &ret->pre_number);
    ret->pre = word->pre;
    at = read_post(text, at, ret);
    end = read_word(text, at, dev_words, &word, &ret->dev_number);
    ret->has_dev = end > at;
    return end;
}

size_t thaw_version_read_local(struct thaw_span text, struct thaw_version_parts *ret)
{
    size_t at = 0, end = 0;

    ret->has_local = false;
    if (!text.length || *text.bytes != '+')
        return 0;
    do {
        at = end + 1;
        for (end = at; end < text.length && isalnum((unsigned char)text.bytes[end]); end++)
            ;
        if (end == at) {
            end--; /* the separator is not of it */
            break;
        }
    } while (is_separator(text, end));
    if (end == 0)
        return 0;
    ret->has_local = true;
    ret->local = (struct thaw_span){text.bytes + 1, end - 1};
    return end;
}

bool thaw_version_read(struct thaw_span text, struct thaw_version_parts *ret)
{
    size_t end;

    if (text.length > THAW_VERSION_BYTES_MAX)
        text.length = THAW_VERSION_BYTES_MAX;
    text = thaw_span_trim(text);
    end = thaw_version_read_public(text, ret);
    if (!end)
        return false;
    end += thaw_version_read_local((struct thaw_span){text.bytes + end, text.length - end}, ret);
    return end == text.length;
}

static int compare_numbers(struct thaw_span one, struct thaw_span other)
{
    if (one.length != other.length)
        return one.length < other.length ? -1 : 1;
    return one.length ? memcmp(one.bytes, other.bytes, one.length) : 0;
}

/* Takes the next number off a release; 0 behind the last. */
static struct thaw_span next_number(struct thaw_span *release)
{
    size_t size = digits(*release, 0), taken = size < release->length ? size + 1 : size;
    struct thaw_span ret = number(release->bytes, size);

    release->bytes += taken;
    release->length -= taken;
    return ret;
}

static int compare_releases(struct thaw_span one, struct thaw_span other)
{
    int order = 0;

    while (order == 0 && (one.length || other.length)) {
        struct thaw_span first = next_number(&one), second = next_number(&other);

        order = compare_numbers(first, second);
    }
    return order;
}

/* "1.0.dev1" is before all pre-releases of 1.0. */
static int pre_rank(const struct thaw_version_parts *version)
{
    return version->pre == THAW_PRE_NONE && !version->has_post && version->has_dev
               ? -1
               : (int)version->pre;
}

static struct thaw_span next_label(struct thaw_span *local)
{
    size_t size = 0;
    struct thaw_span ret;

    while (size < local->length && isalnum((unsigned char)local->bytes[size]))
        size++;
    ret = (struct thaw_span){local->bytes, size};
    size += size < local->length;
    local->bytes += size;
    local->length -= size;
    return ret;
}

/* Numbers are behind words; words are compared without case. */
static int compare_labels(struct thaw_span one, struct thaw_span other)
{
    bool is_number = digits(one, 0) == one.length, other_is = digits(other, 0) == other.length;
    size_t shorter = one.length < other.length ? one.length : other.length;
    int order;

    if (is_number != other_is)
        return is_number ? 1 : -1;
    if (is_number)
        return compare_numbers(number(one.bytes, one.length), number(other.bytes, other.length));
    order = strncasecmp(one.bytes, other.bytes, shorter);
    return order ? order : (one.length > other.length) - (one.length < other.length);
}

static int compare_locals(const struct thaw_version_parts *one,
                          const struct thaw_version_parts *other)
{
    struct thaw_span first = one->local, second = other->local;
    int order = 0;

    if (!one->has_local || !other->has_local)
        return one->has_local - other->has_local;
    while (order == 0 && first.length && second.length) {
        struct thaw_span left = next_label(&first), right = next_label(&second);

        order = compare_labels(left, right);
    }
    return order ? order : (first.length > 0) - (second.length > 0);
}

int thaw_version_order(const struct thaw_version_parts *one, const struct thaw_version_parts *other,
                       bool with_local)
{
    int order = compare_numbers(one->epoch, other->epoch);

    if (order == 0)
        order = compare_releases(one->release, other->release);
    if (order == 0)
        order = pre_rank(one) - pre_rank(other);
    if (order == 0)
        order = compare_numbers(one->pre_number, other->pre_number);
    if (order == 0)
        order = one->has_post - other->has_post;
    if (order == 0)
        order = compare_numbers(one->post_number, other->post_number);
    if (order == 0)
        order = other->has_dev - one->has_dev;
    if (order == 0)
        order = compare_numbers(one->dev_number, other->dev_number);
    return order == 0 && with_local ? compare_locals(one, other) : order;
}

bool thaw_version_has_prefix(const struct thaw_version_parts *version,
                             const struct thaw_version_parts *prefix, size_t count)
{
    struct thaw_span release = version->release, wanted = prefix->release;

    if (compare_numbers(version->epoch, prefix->epoch) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct thaw_span first = next_number(&release), second = next_number(&wanted);

        if (compare_numbers(first, second) != 0)
            return false;
    }
    return true;
}

size_t thaw_version_release_count(const struct thaw_version_parts *version)
{
    size_t count = 1;

    for (size_t i = 0; i < version->release.length; i++)
        count += version->release.bytes[i] == '.';
    return count;
}

static struct thaw_span span_of(const char *text)
{
    return (struct thaw_span){text, strnlen(text, THAW_VERSION_BYTES_MAX)};
}

int thaw_version_compare(const char *one, const char *other)
{
    struct thaw_version_parts first, second;
    bool valid = thaw_version_read(span_of(one), &first);

    if (!thaw_version_read(span_of(other), &second) || !valid)
        return strcmp(one, other);
    return thaw_version_order(&first, &second, true);
}

bool thaw_version_is_pre_release(const char *version)
{
    struct thaw_version_parts parts;

    return thaw_version_read(span_of(version), &parts) &&
           (parts.pre != THAW_PRE_NONE || parts.has_dev);
}
