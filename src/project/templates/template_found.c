/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "project/templates/template.h"
#include "project/templates/template_tree_names.h"

/* What readers of templates give to the project: settings, facts, what could not be followed. */

void thaw_template_fail(struct thaw_template *template, int code)
{
    if (!template->code)
        template->code = code;
}

static struct thaw_project_place place_of(const struct thaw_template *template,
                                          const struct thaw_tree_node *at)
{
    return (struct thaw_project_place){
        .file = at && at->file ? at->file : template->file,
        .line = at ? at->line : 0,
        .column = at ? at->column : 0,
        .last_line = at ? at->last_line : 0,
    };
}

struct thaw_resource *thaw_template_add_resource(struct thaw_template *template,
                                                 enum thaw_resource_form form, const char *type,
                                                 const struct thaw_tree_node *body)
{
    struct thaw_resource *resource;

    if (template->resources.count >= THAW_RESOURCES_MAX) {
        thaw_tree_fail(&template->tree, -E2BIG);
        return NULL;
    }
    resource = thaw_array_add(&template->resources);
    if (!resource) {
        thaw_template_fail(template, -ENOMEM);
        return NULL;
    }
    *resource = (struct thaw_resource){.form = form,
                                       .type = type,
                                       .label = "",
                                       .name = "",
                                       .parent = "",
                                       .symbol = "",
                                       .module = "",
                                       .body = body};
    if (body) {
        resource->line = body->line;
        resource->column = body->column;
        resource->last_line = body->last_line;
    }
    return resource;
}

/* What the project is given, of all templates: an app has a few hundred. */
#define FOUND_MAX 50000
static bool takes_more(struct thaw_template *template)
{
    const struct thaw_project_memory *memory = template->project->memory;

    if (memory->settings.count + memory->facts.count < FOUND_MAX)
        return true;
    thaw_tree_fail(&template->tree, -E2BIG);
    return false;
}

/* The text itself, or its beginning: a name or value that means something is far shorter, and a
 * long one may be referred to very often, of which each is a copy. */
static const char *given(struct thaw_template *template, const char *text)
{
    size_t length = text ? thaw_tree_cut(text, THAW_TREE_LABEL_MAX) : 0;
    const char *cut;

    if (!text || !text[length])
        return text;
    cut = thaw_arena_text(&template->tree.arena, text, length);
    if (!cut)
        thaw_template_fail(template, -ENOMEM);
    template->unread++;
    return cut ? cut : "";
}

/* --- facts --------------------------------------------------------------------------------------
 */

void thaw_template_fact(struct thaw_template *template, enum thaw_fact_kind kind, const char *value,
                        const char *resource, const struct thaw_tree_node *at)
{
    struct thaw_project_place place = place_of(template, at);

    value = given(template, value ? value : "");
    resource = given(template, resource);
    if (template->code || !takes_more(template))
        return;
    if (!thaw_project_add_fact(template->project, kind, value, resource, &place))
        thaw_template_fail(template, -ENOMEM);
}

/* As the kinds have their values. */
static const char *lower(struct thaw_template *template, const char *text)
{
    size_t length;
    char *made;

    text = given(template, text);
    length = strlen(text);
    made = thaw_arena_bytes(&template->tree.arena, length + 1);
    if (!made) {
        thaw_template_fail(template, -ENOMEM);
        return text;
    }
    for (size_t i = 0; i <= length; i++)
        made[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]);
    return made;
}

void thaw_template_fact_of(struct thaw_template *template, enum thaw_fact_kind kind,
                           const struct thaw_tree_node *node, const char *resource)
{
    const char *text = thaw_tree_text(node);

    if (!node || node->kind == THAW_TREE_NULL)
        return;
    if (text && (kind == THAW_FACT_ALWAYS_ON || kind == THAW_FACT_DEPLOYMENT_STORAGE ||
                 kind == THAW_FACT_RUNTIME || kind == THAW_FACT_OS))
        text = lower(template, thaw_setting_name_shown(given(template, text)));
    thaw_template_fact(template, kind, text, resource, node);
}

const char *thaw_template_ready(struct thaw_template *template, const char *name, const char *count)
{
    const char *made = thaw_arena_format(&template->tree.arena, "%.*s=%.*s",
                                         (int)thaw_tree_cut(name, THAW_TREE_LABEL_MAX), name,
                                         (int)thaw_tree_cut(count, THAW_TREE_LABEL_MAX), count);

    if (!made)
        thaw_template_fail(template, -ENOMEM);
    return made ? made : "";
}

void thaw_template_rows(struct thaw_template *template, const struct thaw_tree_node *body,
                        const struct thaw_template_row *rows, size_t count, const char *resource)
{
    char above[128];

    for (size_t i = 0; i < count; i++) {
        const char *dot = strrchr(rows[i].path, '.');
        size_t length = dot ? (size_t)(dot - rows[i].path) : 0;
        const struct thaw_tree_node *holder;

        memcpy(above, rows[i].path, length < sizeof(above) ? length : 0);
        above[length < sizeof(above) ? length : 0] = '\0';
        holder = thaw_tree_at(&template->tree, body, above);
        /* What is made by an expression may state it or not: no fact. */
        if (!thaw_tree_is(holder, THAW_TREE_OBJECT) && !thaw_tree_is(holder, THAW_TREE_LIST))
            continue;
        thaw_template_fact_of(template, rows[i].kind,
                              thaw_tree_at(&template->tree, body, rows[i].path), resource);
    }
}

void thaw_template_note_open(struct thaw_template *template, const struct thaw_tree_node *node)
{
    node = thaw_tree_value(&template->tree, node);
    template->unread += thaw_tree_is(node, THAW_TREE_UNKNOWN) || (node && node->is_open);
}

/* --- settings -----------------------------------------------------------------------------------
 */

#define REFERENCE_BEGINS "@Microsoft.KeyVault("

/* Something of the form that such a part has there, so that the rest can be judged. */
static const char *likely(const char *before, size_t length, const struct thaw_tree_node *next)
{
    static const char uri[] = "SecretUri=";
    const char *behind = thaw_tree_text(next);
    size_t own = sizeof(uri) - 1;

    if (length < own || strcasecmp(before + length - own, uri))
        return "name";
    if (!behind || *behind == ')')
        return "https://vault.vault.azure.net/secrets/name";
    return *behind == '/' ? "https://vault.vault.azure.net" : "https://vault.vault.azure.net/";
}

#define REFERENCE_MAX ((size_t)4096) /* none is longer */

/* Puts together a reference to a vault of which parts are expressions; false: it is none. */
static bool likely_reference(const struct thaw_tree_node *join, char text[REFERENCE_MAX + 1])
{
    const char *first = thaw_tree_text(join->first);
    size_t length = 0;

    if (!first || strncasecmp(first, REFERENCE_BEGINS, sizeof(REFERENCE_BEGINS) - 1))
        return false;
    text[0] = '\0';
    for (const struct thaw_tree_node *part = join->first; part; part = part->next) {
        const char *own = thaw_tree_text(part);
        size_t own_length;

        if (!own)
            own = likely(text, length, part->next);
        own_length = strlen(own);
        if (length + own_length > REFERENCE_MAX)
            return false;
        memcpy(text + length, own, own_length + 1);
        length += own_length;
    }
    return true;
}

static int judge_join(struct thaw_template *template, struct thaw_setting *setting,
                      const struct thaw_tree_node *join)
{
    char text[REFERENCE_MAX + 1];
    const char *end = thaw_tree_text(join->last);
    int code;

    if (!likely_reference(join, text))
        return 0;
    code = thaw_setting_judge(template->project, setting, text, strlen(text));
    setting->value = NULL;
    /* What is wrong may be what was put in; a bracket that does not close is the text's own. */
    if (setting->shape == THAW_SHAPE_REFERENCE ||
        (setting->shape == THAW_SHAPE_REFERENCE_INVALID && end && !strchr(end, ')')))
        return code;
    setting->shape = THAW_SHAPE_UNKNOWN;
    setting->detail = "";
    return code;
}

#define JUDGED_MAX ((size_t)64 << 10) /* more than is looked at */

static int judge(struct thaw_template *template, struct thaw_setting *setting,
                 const struct thaw_tree_node *value)
{
    const char *text;
    size_t length;

    value = thaw_tree_value(&template->tree, value);
    text = thaw_tree_text(value);
    setting->shape = THAW_SHAPE_UNKNOWN;
    if (text) {
        length = strnlen(text, JUDGED_MAX);
        thaw_tree_pass(&template->tree, length);
        return thaw_setting_judge(template->project, setting, text, length);
    }
    if (thaw_tree_is(value, THAW_TREE_NULL))
        return thaw_setting_judge(template->project, setting, "", 0);
    return thaw_tree_is(value, THAW_TREE_JOIN) ? judge_join(template, setting, value) : 0;
}

void thaw_template_setting(struct thaw_template *template, const char *name,
                           const struct thaw_tree_node *value, const struct thaw_tree_node *at,
                           const char *resource)
{
    struct thaw_arena *arena = &template->project->memory->arena;
    struct thaw_setting *setting, made = {
                                      .origin = THAW_SETTING_TEMPLATE,
                                      .place = place_of(template, at),
                                      .detail = "",
                                  };

    if (template->code || !takes_more(template))
        return;
    made.name = thaw_arena_string(arena, thaw_setting_name_shown(given(template, name)));
    made.resource = thaw_arena_string(arena, thaw_setting_name_shown(given(template, resource)));
    made.place.file = thaw_project_file(template->project, made.place.file);
    if (!made.name || !made.resource || !made.place.file) {
        thaw_template_fail(template, -ENOMEM);
        return;
    }
    thaw_template_fail(template, judge(template, &made, value));
    setting = template->code ? NULL : thaw_project_add_setting(template->project);
    if (setting)
        *setting = made;
    else
        thaw_template_fail(template, -ENOMEM);
}

/* {name: …, value: …} */
static void setting_of_item(struct thaw_template *template, const struct thaw_tree_node *item,
                            const char *resource)
{
    const struct thaw_tree_node *whole = thaw_tree_value(&template->tree, item);
    const char *name = thaw_tree_text(thaw_tree_member(&template->tree, whole, "name"));
    const struct thaw_tree_node *at = thaw_tree_written(whole, "name");

    if (!name) {
        template->unread++;
        return;
    }
    thaw_template_setting(template, name, thaw_tree_written(whole, "value"), at, resource);
}

void thaw_template_settings(struct thaw_template *template, const struct thaw_tree_node *node,
                            const char *resource)
{
    node = thaw_tree_value(&template->tree, node);
    if (!node || node->kind == THAW_TREE_NULL)
        return;
    template->unread +=
        node->is_open || (node->kind != THAW_TREE_OBJECT && node->kind != THAW_TREE_LIST);
    for (const struct thaw_tree_node *child = node->first; child; child = child->next) {
        if (node->kind == THAW_TREE_OBJECT)
            thaw_template_setting(template, child->key, child, child, resource);
        else if (node->kind == THAW_TREE_LIST)
            setting_of_item(template, child, resource);
    }
}
