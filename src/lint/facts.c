/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"

#define SCHEMA "thaw-lint-facts/1"

enum { FACTS_SUBJECTS = 3 };

/* facts_text.S */
extern const char thaw_facts_azure_functions[] __attribute__((visibility("hidden")));
extern const char thaw_facts_python_code[] __attribute__((visibility("hidden")));
extern const char thaw_facts_aws_lambda[] __attribute__((visibility("hidden")));

static const struct {
    const char *subject;
    const char *text;
} texts[FACTS_SUBJECTS] = {
    {"azure_functions", thaw_facts_azure_functions},
    {"python_code", thaw_facts_python_code},
    {"aws_lambda", thaw_facts_aws_lambda},
};

struct named {
    const char *id;
    size_t length; /* of it, without the "*" that a pattern ends in */
    const json_t *entry;
};

/* A section, so that a look-up of the many calls of an app is no walk through all of it. */
struct section {
    const char *name;
    const json_t *entries;
    THAW_ARRAY(struct named) exact;    /* by id, case counts not */
    THAW_ARRAY(struct named) patterns; /* the longest first */
};

struct subject {
    const char *name;
    json_t *root;
    THAW_ARRAY(struct section) sections;
};

struct thaw_lint_facts {
    struct subject subjects[FACTS_SUBJECTS];
    json_t *nothing; /* the section that isn't there */
    const char *dated, *expires;
};

static int by_id(const void *left, const void *right)
{
    return strcasecmp(((const struct named *)left)->id, ((const struct named *)right)->id);
}

static int by_length(const void *left, const void *right)
{
    const struct named *one = left, *other = right;

    if (one->length != other->length)
        return one->length < other->length ? 1 : -1;
    return by_id(left, right);
}

static int add_entry(struct section *section, const char *subject, const json_t *entry,
                     struct thaw_error *error)
{
    const char *id = json_string_value(json_object_get(entry, "id"));
    struct named *named;
    size_t length;

    if (!id || !*id)
        return thaw_error_set(error, -EINVAL,
                              "facts %s: an entry of %s has no id: a defect of thaw", subject,
                              section->name);
    length = strlen(id);
    if (id[length - 1] == '*') {
        length--;
        named = thaw_array_add(&section->patterns);
    } else {
        named = thaw_array_add(&section->exact);
    }
    if (!named)
        return thaw_error_memory(error);
    *named = (struct named){id, length, entry};
    return 0;
}

static int read_section(struct section *section, const char *subject, struct thaw_error *error)
{
    const json_t *entry;
    int result;
    size_t i;

    if (!thaw_array_reserve(&section->exact, json_array_size(section->entries)))
        return thaw_error_memory(error);
    json_array_foreach(section->entries, i, entry)
    {
        result = add_entry(section, subject, entry, error);
        if (result)
            return result;
    }
    if (section->exact.count)
        qsort(section->exact.items, section->exact.count, sizeof(*section->exact.items), by_id);
    if (section->patterns.count)
        qsort(section->patterns.items, section->patterns.count, sizeof(*section->patterns.items),
              by_length);
    return 0;
}

static int read_sections(struct subject *subject, struct thaw_error *error)
{
    json_t *sections = json_object_get(subject->root, "sections"), *entries;
    struct section *section;
    const char *name;
    int result;

    json_object_foreach(sections, name, entries)
    {
        section = thaw_array_add(&subject->sections);
        if (!section)
            return thaw_error_memory(error);
        section->name = name;
        section->entries = entries;
        result = read_section(section, subject->name, error);
        if (result)
            return result;
    }
    return 0;
}

static int read_subject(struct subject *subject, const char *name, const char *text,
                        struct thaw_error *error)
{
    const char *schema, *told;
    json_error_t wrong;

    subject->name = name;
    subject->root = json_loads(text, 0, &wrong);
    if (!subject->root) {
        if (json_error_code(&wrong) == json_error_out_of_memory)
            return thaw_error_memory(error);
        return thaw_error_set(error, -EINVAL, "facts %s:%d:%d: %s: a defect of thaw", name,
                              wrong.line, wrong.column, wrong.text);
    }
    schema = json_string_value(json_object_get(subject->root, "schema"));
    told = json_string_value(json_object_get(subject->root, "subject"));
    if (!schema || strcmp(schema, SCHEMA) != 0 || !told || strcmp(told, name) != 0 ||
        !*thaw_lint_fact_text(subject->root, "dated") ||
        !*thaw_lint_fact_text(subject->root, "expires"))
        return thaw_error_set(error, -EINVAL, "facts %s: not of %s: a defect of thaw", name,
                              SCHEMA);
    return read_sections(subject, error);
}

/* Days as text are in the order of days. */
static const char *earliest(const struct thaw_lint_facts *facts, const char *key)
{
    const char *day, *ret = NULL;

    for (size_t i = 0; i < FACTS_SUBJECTS; i++) {
        day = thaw_lint_fact_text(facts->subjects[i].root, key);
        if (!ret || strcmp(day, ret) < 0)
            ret = day;
    }
    return ret;
}

int thaw_lint_facts_read(struct thaw_lint_facts **ret, struct thaw_error *error)
{
    struct thaw_lint_facts *facts = calloc(1, sizeof(*facts));
    int result = 0;

    if (!facts)
        return thaw_error_memory(error);
    facts->nothing = json_array();
    if (!facts->nothing)
        result = thaw_error_memory(error);
    for (size_t i = 0; i < FACTS_SUBJECTS && !result; i++)
        result = read_subject(&facts->subjects[i], texts[i].subject, texts[i].text, error);
    if (result) {
        thaw_lint_facts_free(facts);
        return result;
    }
    facts->dated = earliest(facts, "dated");
    facts->expires = earliest(facts, "expires");
    *ret = facts;
    return 0;
}

static void free_subject(struct subject *subject)
{
    for (size_t i = 0; i < subject->sections.count; i++) {
        thaw_array_free(&subject->sections.items[i].exact);
        thaw_array_free(&subject->sections.items[i].patterns);
    }
    thaw_array_free(&subject->sections);
    json_decref(subject->root);
}

void thaw_lint_facts_free(struct thaw_lint_facts *facts)
{
    if (!facts)
        return;
    for (size_t i = 0; i < FACTS_SUBJECTS; i++)
        free_subject(&facts->subjects[i]);
    json_decref(facts->nothing);
    free(facts);
}

const char *thaw_lint_facts_dated(const struct thaw_lint_facts *facts)
{
    return facts->dated;
}

const char *thaw_lint_facts_expires(const struct thaw_lint_facts *facts)
{
    return facts->expires;
}

static const struct section *find_section(const struct thaw_lint_facts *facts, const char *subject,
                                          const char *name)
{
    const struct subject *of;

    for (size_t i = 0; i < FACTS_SUBJECTS; i++) {
        of = &facts->subjects[i];
        if (strcmp(of->name, subject) != 0)
            continue;
        for (size_t j = 0; j < of->sections.count; j++)
            if (strcmp(of->sections.items[j].name, name) == 0)
                return &of->sections.items[j];
    }
    return NULL;
}

const json_t *thaw_lint_facts_section(const struct thaw_lint_facts *facts, const char *subject,
                                      const char *section)
{
    const struct section *found = find_section(facts, subject, section);

    return found ? found->entries : facts->nothing;
}

const json_t *thaw_lint_fact(const struct thaw_lint_facts *facts, const char *subject,
                             const char *section, const char *id)
{
    const struct section *in = find_section(facts, subject, section);
    const struct named wanted = {.id = id}, *found = NULL;

    if (!in)
        return NULL;
    if (in->exact.count)
        found = bsearch(&wanted, in->exact.items, in->exact.count, sizeof(*in->exact.items), by_id);
    for (size_t i = 0; i < in->patterns.count && !found; i++)
        if (strncasecmp(in->patterns.items[i].id, id, in->patterns.items[i].length) == 0)
            found = &in->patterns.items[i];
    return found ? found->entry : NULL;
}

const char *thaw_lint_fact_text(const json_t *entry, const char *key)
{
    const char *text = json_string_value(json_object_get(entry, key));

    return text ? text : "";
}

bool thaw_lint_fact_number(const json_t *entry, const char *key, double *ret)
{
    const json_t *value = json_object_get(entry, key);

    if (!json_is_number(value))
        return false;
    *ret = json_number_value(value);
    return true;
}

bool thaw_lint_fact_is(const json_t *entry, const char *key)
{
    return json_is_true(json_object_get(entry, key));
}

bool thaw_lint_fact_lists(const json_t *entry, const char *key, const char *text)
{
    const json_t *value;
    size_t i;

    json_array_foreach(json_object_get(entry, key), i, value)
    {
        if (json_is_string(value) && strcasecmp(json_string_value(value), text) == 0)
            return true;
    }
    return false;
}
