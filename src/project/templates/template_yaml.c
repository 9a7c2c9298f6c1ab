/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "project/templates/libyaml.h"
#include "project/templates/template.h"
#include "project/templates/template_tree_names.h"

/*
 * YAML as a tree, by libyaml's events. A short tag of CloudFormation (!Ref x) becomes what it
 * stands for ({"Ref": x}). An alias shares its anchor's children; one inside of its own anchor is
 * UNKNOWN, so that no tree has a circle.
 */
struct reading {
    struct thaw_template *template;
    struct thaw_tree *tree;
    yaml_parser_t parser;
    struct anchor *anchors;
    size_t anchor_count;
    bool is_wrong; /* it was told */
};

struct anchor {
    const char *name;
    const struct thaw_tree_node *node;
    struct anchor *next;
};

#define ANCHORS_MAX 1000

static struct thaw_tree_node *value_of(struct reading *reading, yaml_event_t *event,
                                       unsigned depth);

/* --- events -------------------------------------------------------------------------------------
 */

static void complain(struct reading *reading)
{
    const yaml_parser_t *parser = &reading->parser;
    struct thaw_project_place place = {
        .file = reading->template->file,
        .line = (uint32_t)parser->problem_mark.line + 1,
        .column = (uint32_t)parser->problem_mark.column + 1,
    };

    reading->is_wrong = true;
    reading->template->unread++;
    if (parser->error == YAML_MEMORY_ERROR)
        thaw_tree_fail(reading->tree, -ENOMEM);
    else
        thaw_template_fail(reading->template,
                           thaw_project_complain_to_do(
                               reading->template->project, THAW_PROBLEM_MALFORMED, &place,
                               "correct it at this place; an editor that knows YAML shows it",
                               "no YAML: %s",
                               parser->problem ? parser->problem : "it can't be read"));
}

/* False: there is none, or it is no YAML. */
static bool take(struct reading *reading, yaml_event_t *event)
{
    if (reading->is_wrong || reading->tree->code)
        return false;
    if (thaw_libyaml.yaml_parser_parse(&reading->parser, event))
        return event->type != YAML_NO_EVENT;
    complain(reading);
    return false;
}

static void give_back(yaml_event_t *event)
{
    thaw_libyaml.yaml_event_delete(event);
}

/* --- scalars ------------------------------------------------------------------------------------
 */

static bool is_number(const char *text)
{
    size_t digits = 0;

    text += *text == '-' || *text == '+';
    for (; *text; text++) {
        if (*text >= '0' && *text <= '9')
            digits++;
        else if (*text != '.' || !digits)
            return false;
    }
    return digits;
}

/* What a plain scalar is by YAML 1.1's words. */
static enum thaw_tree_kind plain_kind(const char **text)
{
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes", "on", "On", NULL};
    static const char *const no[] = {"false", "False", "FALSE", "no", "No", "off", "Off", NULL};

    for (size_t i = 0; yes[i]; i++) {
        if (!strcmp(*text, yes[i]) || !strcmp(*text, no[i])) {
            *text = strcmp(*text, yes[i]) ? "false" : "true";
            return THAW_TREE_BOOLEAN;
        }
    }
    if (!**text || !strcmp(*text, "~") || !strcmp(*text, "null") || !strcmp(*text, "Null"))
        return THAW_TREE_NULL;
    return is_number(*text) ? THAW_TREE_NUMBER : THAW_TREE_TEXT;
}

static struct thaw_tree_node *scalar_of(struct reading *reading, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    enum thaw_tree_kind kind = THAW_TREE_TEXT;

    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !event->data.scalar.tag &&
        !memchr(text, '\0', length)) {
        kind = plain_kind(&text);
        length = kind == THAW_TREE_NULL ? 0 : strlen(text);
    }
    return thaw_tree_new(reading->tree, kind, text, length);
}

/* --- anchors ------------------------------------------------------------------------------------
 */

static void anchor(struct reading *reading, const yaml_char_t *name,
                   const struct thaw_tree_node *node)
{
    struct anchor *one;

    if (!name || !node || ++reading->anchor_count > ANCHORS_MAX)
        return;
    one = thaw_arena_allocate(&reading->tree->arena, sizeof(*one));
    if (one)
        one->name = thaw_arena_string(&reading->tree->arena, (const char *)name);
    if (!one || !one->name) {
        thaw_tree_fail(reading->tree, -ENOMEM);
        return;
    }
    one->node = node;
    one->next = reading->anchors;
    reading->anchors = one;
}

static struct thaw_tree_node *alias_of(struct reading *reading, const yaml_char_t *name)
{
    const struct thaw_tree_node *found = NULL;
    struct thaw_tree_node *node;
    size_t passed = 0;

    for (const struct anchor *one = reading->anchors; one && !found; one = one->next, passed++)
        if (!strcmp(one->name, (const char *)name))
            found = one->node;
    thaw_tree_pass(reading->tree, passed);
    if (!found)
        return thaw_tree_new(reading->tree, THAW_TREE_UNKNOWN, NULL, 0);
    node = thaw_tree_new(reading->tree, found->kind, NULL, 0);
    if (node) {
        node->text = found->text; /* one for all aliases */
        node->first = found->first;
        node->last = found->last;
        node->is_open = found->is_open;
    }
    return node;
}

/* --- lists and objects --------------------------------------------------------------------------
 */

static struct thaw_tree_node *list_of(struct reading *reading, unsigned depth)
{
    struct thaw_tree_node *list = thaw_tree_new(reading->tree, THAW_TREE_LIST, NULL, 0);
    yaml_event_t event;
    bool is_end = false;

    while (!is_end && take(reading, &event)) {
        is_end = event.type == YAML_SEQUENCE_END_EVENT;
        if (!is_end)
            thaw_tree_append(list, value_of(reading, &event, depth + 1));
        else if (list)
            list->last_line = (uint32_t)event.start_mark.line;
        give_back(&event);
    }
    return list;
}

/* "<<": members of another object, where they are not given here. */
static void merge(struct thaw_tree *tree, struct thaw_tree_node *object,
                  const struct thaw_tree_node *other)
{
    object->is_open |= !thaw_tree_is(other, THAW_TREE_OBJECT);
    for (const struct thaw_tree_node *one = thaw_tree_is(other, THAW_TREE_OBJECT) ? other->first
                                                                                  : NULL;
         one && !tree->code; one = one->next) {
        struct thaw_tree_node *copy =
            thaw_tree_seek(tree, object, one->key) ? NULL : thaw_tree_new(tree, one->kind, NULL, 0);

        if (!copy)
            continue;
        copy->key = one->key;
        copy->text = one->text;
        copy->line = one->line;
        copy->column = one->column;
        copy->last_line = one->last_line;
        copy->is_open = one->is_open;
        copy->first = one->first;
        copy->last = one->last;
        thaw_tree_append(object, copy);
    }
}

static void member_of(struct reading *reading, struct thaw_tree_node *object,
                      const yaml_event_t *key, unsigned depth)
{
    struct thaw_tree_node *node = NULL;
    yaml_event_t event;
    bool is_merge =
        key->type == YAML_SCALAR_EVENT && !strcmp((const char *)key->data.scalar.value, "<<");

    if (!take(reading, &event))
        return;
    node = value_of(reading, &event, depth + 1);
    give_back(&event);
    if (!node || !object)
        return;
    if (is_merge) {
        merge(reading->tree, object, node);
        return;
    }
    if (key->type != YAML_SCALAR_EVENT) {
        object->is_open = true;
        return;
    }
    node->key = thaw_arena_text(&reading->tree->arena, (const char *)key->data.scalar.value,
                                key->data.scalar.length);
    if (!node->key) {
        thaw_tree_fail(reading->tree, -ENOMEM);
        return;
    }
    node->line = (uint32_t)key->start_mark.line + 1;
    node->column = (uint32_t)key->start_mark.column + 1;
    thaw_tree_append(object, node);
}

static struct thaw_tree_node *object_of(struct reading *reading, unsigned depth)
{
    struct thaw_tree_node *object = thaw_tree_new(reading->tree, THAW_TREE_OBJECT, NULL, 0);
    yaml_event_t event;
    bool is_end = false;

    while (!is_end && take(reading, &event)) {
        is_end = event.type == YAML_MAPPING_END_EVENT;
        if (is_end && object)
            object->last_line = (uint32_t)event.start_mark.line;
        if (!is_end && event.type != YAML_SCALAR_EVENT && event.type != YAML_ALIAS_EVENT)
            value_of(reading, &event, depth + 1); /* a key that is no text */
        if (!is_end)
            member_of(reading, object, &event, depth);
        give_back(&event);
    }
    return object;
}

/* --- values -------------------------------------------------------------------------------------
 */

static const yaml_char_t *tag_of(const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.tag;
    if (event->type == YAML_MAPPING_START_EVENT)
        return event->data.mapping_start.tag;
    return event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag : NULL;
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.anchor;
    if (event->type == YAML_MAPPING_START_EVENT)
        return event->data.mapping_start.anchor;
    return event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor : NULL;
}

/* {"Fn::Sub": value} of "!Sub value". */
static struct thaw_tree_node *tagged(struct reading *reading, const char *tag,
                                     struct thaw_tree_node *value)
{
    struct thaw_tree_node *object = thaw_tree_new(reading->tree, THAW_TREE_OBJECT, NULL, 0);

    if (!object || !value)
        return NULL;
    object->line = value->line;
    object->column = value->column;
    object->last_line = value->last_line;
    value->key = !strcmp(tag, "Ref") || !strcmp(tag, "Condition")
                     ? thaw_arena_string(&reading->tree->arena, tag)
                     : thaw_arena_format(&reading->tree->arena, "Fn::%s", tag);
    if (!value->key) {
        thaw_tree_fail(reading->tree, -ENOMEM);
        return NULL;
    }
    thaw_tree_append(object, value);
    return object;
}

static struct thaw_tree_node *value_of(struct reading *reading, yaml_event_t *event, unsigned depth)
{
    struct thaw_tree_node *node = NULL;
    const char *tag = (const char *)tag_of(event);

    if (depth >= THAW_TREE_DEPTH_MAX)
        thaw_tree_fail(reading->tree, -E2BIG);
    else if (event->type == YAML_SCALAR_EVENT)
        node = scalar_of(reading, event);
    else if (event->type == YAML_SEQUENCE_START_EVENT)
        node = list_of(reading, depth);
    else if (event->type == YAML_MAPPING_START_EVENT)
        node = object_of(reading, depth);
    else if (event->type == YAML_ALIAS_EVENT)
        node = alias_of(reading, event->data.alias.anchor);
    if (!node)
        return NULL;
    node->line = (uint32_t)event->start_mark.line + 1;
    node->column = (uint32_t)event->start_mark.column + 1;
    if (node->last_line < node->line)
        node->last_line = (uint32_t)event->end_mark.line + 1;
    if (tag && tag[0] == '!' && tag[1] && tag[1] != '!')
        node = tagged(reading, tag + 1, node);
    anchor(reading, anchor_of(event), node);
    return node;
}

static struct thaw_tree_node *document_of(struct reading *reading)
{
    struct thaw_tree_node *root = NULL;
    yaml_event_t event;

    while (!root && take(reading, &event)) {
        bool is_end = event.type == YAML_STREAM_END_EVENT;

        if (event.type != YAML_STREAM_START_EVENT && event.type != YAML_DOCUMENT_START_EVENT)
            root = value_of(reading, &event, 0);
        give_back(&event);
        if (is_end)
            break;
    }
    return reading->is_wrong ? NULL : root;
}

struct thaw_tree_node *thaw_template_yaml(struct thaw_template *template)
{
    struct reading reading = {.template = template, .tree = &template->tree};
    const struct thaw_project_input *input = template->input;
    struct thaw_project_place place = {.file = template->file};
    struct thaw_tree_node *root;

    if (thaw_libyaml_load()) {
        template->unread++;
        thaw_template_fail(
            template, thaw_project_complain(template->project, THAW_PROBLEM_UNREADABLE, &place,
                                            "YAML, not read: install %s", thaw_libyaml_soname()));
        return NULL;
    }
    if (!thaw_libyaml.yaml_parser_initialize(&reading.parser)) {
        thaw_template_fail(template, -ENOMEM);
        return NULL;
    }
    thaw_libyaml.yaml_parser_set_input_string(&reading.parser, (const unsigned char *)input->bytes,
                                              input->length);
    root = document_of(&reading);
    thaw_libyaml.yaml_parser_delete(&reading.parser);
    return root;
}
