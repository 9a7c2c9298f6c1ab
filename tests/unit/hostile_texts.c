/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "findings_report.h"
#include "hostile_texts.h"
#include "report_fixture.h"

static json_t *copied(const json_t *value, const char *key, const char *const *kept,
                      const char *text)
{
    json_t *made, *one;
    const char *name;
    size_t i;

    if (json_is_object(value)) {
        made = json_object();
        json_object_foreach((json_t *)value, name, one)
            json_object_set_new(made, name, copied(one, name, kept, text));
        return made;
    }
    if (json_is_array(value)) {
        made = json_array();
        json_array_foreach(value, i, one) json_array_append_new(made, copied(one, key, kept, text));
        return made;
    }
    for (i = 0; kept[i]; i++)
        if (!strcmp(key, kept[i]))
            return json_deep_copy(value);
    return json_is_string(value) ? json_string(text) : json_deep_copy(value);
}

json_t *hostile_texts(const json_t *document, const char *const *kept, const char *text)
{
    return copied(document, "", kept, text);
}

/* Each line is a command of the form's own, which no name has made another one of. */
static void are_commands(char *text)
{
    char *rest, *line = strtok_r(text, "\n", &rest);

    for (; line; line = strtok_r(NULL, "\n", &rest))
        assert_true(!strncmp(line, "::error file=", 13) || !strncmp(line, "::warning file=", 15) ||
                    !strncmp(line, "::notice file=", 14));
}

static void is_harmless(const json_t *hostile, const struct hostile_texts_forms *forms)
{
    static const char *const never[] = {"<script", "<img", "\033", "\xE2\x80\xAE", "\r"};

    for (size_t i = 0; i < forms->count; i++) {
        char *text = forms->write(hostile, forms->names[i]);

        for (size_t k = 0; k < sizeof(never) / sizeof(never[0]); k++)
            if (!strcmp(forms->names[i], "junit") || k > 1)
                findings_report_lacks(text, never[k]);
        if (!strcmp(forms->names[i], "github"))
            are_commands(text);
        free(text);
    }
}

static void try_name(const json_t *document, const struct hostile_texts_forms *forms,
                     const char *name)
{
    json_t *probe = json_string(name), *hostile;

    if (!probe) /* not UTF-8: JSON has it as "…_bytes" */
        return;
    json_decref(probe);
    hostile = hostile_texts(document, forms->kept, name);
    is_harmless(hostile, forms);
    json_decref(hostile);
}

void hostile_texts_are_harmless(const json_t *document, const struct hostile_texts_forms *forms)
{
    static const char *const commands[] = {"::error::x", "a\n::set-output name=x::y", "a,line=1::b",
                                           "%0A::error::x"};

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        try_name(document, forms, commands[i]);
    for (size_t i = 0; report_fixture_hostile[i]; i++)
        try_name(document, forms, report_fixture_hostile[i]);
}
