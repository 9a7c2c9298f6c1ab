/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/json_position.h"
#include "base/text.h"
#include "project/templates/bicep_text.h"
#include "project/templates/template.h"

/* Bicep's statements. Those that declare nothing (output, type, func …) are passed over. */

#define MODULES_MAX 64 /* that one template leads to */

/* A module that is to be followed, when what names it is read. */
struct module {
    const char *symbol, *file;
    const char *prefix; /* of what names it */
    const struct thaw_tree_node *given;
    uint32_t scope; /* of what names it */
    uint32_t line, column;
};

struct source {
    struct thaw_template *template;
    struct thaw_bicep_text text;
    const struct thaw_resource *around; /* of which the resource is a member; its label and type */
    const struct module *module;        /* that is read; NULL: the template itself */
    const char *prefix;                 /* of labels: "api." in the module api */
    THAW_ARRAY(struct module) modules;
};

static const char *kept(struct source *source, const char *text)
{
    if (!text)
        thaw_template_fail(source->template, -ENOMEM);
    return text ? text : "";
}

/* The name that the statement gives; "" and a fault where there is none. */
static const char *symbol(struct source *source)
{
    struct thaw_bicep_text *text = &source->text;
    const char *name = "";

    if (text->token.kind == THAW_BICEP_NAME) {
        name = kept(source, thaw_arena_text(&text->tree->arena, text->bytes + text->token.at,
                                            text->token.length));
        thaw_bicep_take(text);
    } else {
        text->faults++;
    }
    return name;
}

/* What a symbol is called outside of its file. */
static const char *prefixed(struct source *source, const char *symbol)
{
    if (!*source->prefix)
        return symbol;
    return kept(source,
                thaw_arena_format(&source->template->tree.arena, "%s%s", source->prefix, symbol));
}

/* param NAME TYPE [= default] */
static void parameter(struct source *source)
{
    struct thaw_bicep_text *text = &source->text;
    const char *name = symbol(source);
    struct thaw_tree_node *value = NULL;

    while (text->token.kind != THAW_BICEP_END && text->token.kind != THAW_BICEP_LINE &&
           !thaw_bicep_is(text, "=") && !text->tree->code) {
        if (thaw_bicep_is(text, "{") || text->token.kind == THAW_BICEP_QUOTE ||
            thaw_bicep_is(text, "(") || thaw_bicep_is(text, "["))
            thaw_bicep_expression(text); /* a type that is written out */
        else
            thaw_bicep_take(text);
    }
    if (thaw_bicep_take_if(text, "="))
        value = thaw_bicep_expression(text);
    /* A module's own default holds where it is given nothing. */
    thaw_tree_define(text->tree, text->scope, "", name, value, !source->module);
}

/* var NAME [TYPE] = value */
static void variable(struct source *source)
{
    struct thaw_bicep_text *text = &source->text;
    const char *name = symbol(source);

    while (text->token.kind == THAW_BICEP_NAME)
        thaw_bicep_take(text);
    if (thaw_bicep_take_if(text, "="))
        thaw_tree_define(text->tree, text->scope, "", name, thaw_bicep_expression(text), false);
}

/* --- resources ----------------------------------------------------------------------------------
 */

static void nested_resource(struct thaw_bicep_text *text, void *context);

/* What a resource or module is told by before its body. */
struct head {
    enum thaw_resource_form form;
    const char *type, *label; /* type NULL: only to be passed over */
    const char *symbol;
    bool is_existing; /* not deployed, but what is nested in it may be */
    uint32_t line, column;
};

/* Of a type that has to do with functions: a loop may make any number of others. */
static bool loops_matter(const char *type)
{
    return !strncasecmp(type, "Microsoft.Web/", 14) ||
           !strncasecmp(type, "Microsoft.Insights/", 19) ||
           !strncasecmp(type, "Microsoft.App/", 14);
}

/* Up to the object of the resource: "if (…)" and "[for x in y: …]" stand before it. True: at an
 * object. *ret_loop: its closing bracket comes behind. */
static bool to_body(struct source *source, const struct head *head, bool *ret_loop)
{
    struct thaw_bicep_text *text = &source->text;

    *ret_loop = false;
    if (thaw_bicep_take_if(text, "[")) {
        *ret_loop = true;
        source->template->unread += !head->is_existing && (!head->type || loops_matter(head->type));
        while (text->token.kind != THAW_BICEP_END && text->token.kind != THAW_BICEP_LINE &&
               !thaw_bicep_is(text, ":") && !text->tree->code) {
            if (thaw_bicep_take_if(text, "in") || thaw_bicep_is(text, "("))
                thaw_bicep_expression(text);
            else
                thaw_bicep_take(text);
        }
        thaw_bicep_take_if(text, ":");
        thaw_bicep_skip_lines(text);
    }
    if (thaw_bicep_take_if(text, "if"))
        thaw_bicep_expression(text);
    thaw_bicep_skip_lines(text);
    return thaw_bicep_is(text, "{");
}

/* "Microsoft.Web/sites@2023-12-01": without the version; of a nested one, with the outer type. */
static const char *type_of(struct source *source, const char *written)
{
    size_t length = strcspn(written, "@");

    if (source->around && !memchr(written, '/', length))
        return kept(source, thaw_arena_format(&source->template->tree.arena, "%s/%.*s",
                                              source->around->type, (int)length, written));
    return kept(source, thaw_arena_text(&source->template->tree.arena, written, length));
}

/* Which resource it belongs to: "parent: app", or name "${app.name}/appsettings". */
static const char *parent_of(struct source *source, const struct thaw_tree_node *body)
{
    const struct thaw_tree_node *parent = thaw_tree_written(body, "parent");
    const struct thaw_tree_node *name = thaw_tree_written(body, "name");

    if (source->around)
        return source->around->label;
    if (thaw_tree_is(parent, THAW_TREE_REFERENCE))
        return prefixed(source, parent->text);
    if (thaw_tree_is(name, THAW_TREE_JOIN) && thaw_tree_is(name->first, THAW_TREE_REFERENCE))
        return prefixed(source, name->first->text);
    return "";
}

static struct thaw_tree_node *declare(struct source *source, const struct head *head)
{
    struct thaw_bicep_text *text = &source->text;
    struct thaw_resource outer = {.type = head->type, .label = head->label};
    const struct thaw_resource *around = source->around;
    struct thaw_bicep_nested nested = {.resource = nested_resource, .context = source};
    struct thaw_tree_node *body;
    struct thaw_resource *resource;

    source->around = &outer;
    body = thaw_bicep_object(text, &nested);
    source->around = around;
    if (!body || (head->is_existing && strcasecmp(head->type, "Microsoft.Web/sites")))
        return body;
    resource = thaw_template_add_resource(source->template, head->form, head->type,
                                          head->form == THAW_RESOURCE_MODULE
                                              ? thaw_tree_written(body, "params")
                                              : body);
    if (!resource)
        return NULL;
    resource->label = head->label;
    resource->symbol = head->symbol;
    resource->is_existing = head->is_existing;
    resource->scope = text->scope;
    resource->module = source->module ? source->module->symbol : "";
    resource->module_scope = source->module ? source->module->scope : 0;
    resource->line = head->line;
    resource->column = head->column;
    resource->last_line = text->last_line;
    if (head->form == THAW_RESOURCE_ARM)
        resource->parent = parent_of(source, body);
    return body;
}

/* "= …" behind the head; NULL: there is no object. */
static struct thaw_tree_node *read_body(struct source *source, const struct head *head)
{
    struct thaw_bicep_text *text = &source->text;
    struct thaw_tree_node *body;
    bool is_loop = false;

    if (!thaw_bicep_take_if(text, "=") || !to_body(source, head, &is_loop)) {
        text->faults++;
        thaw_bicep_skip_statement(text);
        return NULL;
    }
    body = head->type ? declare(source, head) : thaw_bicep_object(text, NULL);
    if (is_loop) {
        thaw_bicep_skip_lines(text);
        thaw_bicep_take_if(text, "]");
    }
    return body;
}

/* resource NAME 'TYPE@VERSION' [existing] = … */
static void resource(struct source *source)
{
    struct thaw_bicep_text *text = &source->text;
    struct head head = {.form = THAW_RESOURCE_ARM,
                        .line = text->token.line,
                        .column = text->token.column};
    struct thaw_tree_node *written;

    head.symbol = symbol(source);
    head.label = prefixed(source, head.symbol);
    written = text->token.kind == THAW_BICEP_QUOTE ? thaw_bicep_quoted(text) : NULL;
    head.type = type_of(source, written ? written->text : "");
    head.is_existing = thaw_bicep_take_if(text, "existing");
    read_body(source, &head);
}

static void nested_resource(struct thaw_bicep_text *text, void *context)
{
    struct source *source = context;

    if (text->depth >= THAW_TREE_DEPTH_MAX) {
        thaw_tree_fail(text->tree, -E2BIG);
        return;
    }
    text->depth++;
    thaw_bicep_take(text);
    resource(source);
    text->depth--;
}

/* --- modules ------------------------------------------------------------------------------------
 */

/* A file of the app: to be read when this one is, with what it is given. */
static bool is_to_be_followed(struct source *source, const char *written,
                              const struct thaw_tree_node *body, const struct head *head)
{
    const struct thaw_template_source *files = source->template->project->memory->template_source;
    const char *from = source->text.file ? source->text.file : source->template->file;
    const char *file = thaw_template_module_file(source->template, from, written);
    struct module *module;

    if (!files || !files->include || !file || source->modules.count >= MODULES_MAX)
        return false;
    module = thaw_array_add(&source->modules);
    if (!module) {
        thaw_template_fail(source->template, -ENOMEM);
        return false;
    }
    *module = (struct module){.symbol = head->symbol,
                              .file = file,
                              .prefix = source->prefix,
                              .given = thaw_tree_written(body, "params"),
                              .scope = source->text.scope,
                              .line = head->line,
                              .column = head->column};
    return true;
}

/* module NAME 'PATH' = … */
static void module(struct source *source)
{
    struct thaw_bicep_text *text = &source->text;
    struct head head = {.form = THAW_RESOURCE_MODULE,
                        .line = text->token.line,
                        .column = text->token.column};
    struct thaw_tree_node *written, *body;
    bool is_verified = false;

    head.symbol = symbol(source);
    head.label = prefixed(source, head.symbol);
    written = text->token.kind == THAW_BICEP_QUOTE ? thaw_bicep_quoted(text) : NULL;
    head.type = thaw_template_verified(written ? written->text : "", &is_verified);
    body = read_body(source, &head);
    if (!is_verified && !is_to_be_followed(source, written ? written->text : "", body, &head))
        source->template->unread++;
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static const struct {
    const char *word;
    void (*read)(struct source *);
} statements[] = {
    {"param", parameter},
    {"var", variable},
    {"resource", resource},
    {"module", module},
};

static void statement(struct source *source)
{
    struct thaw_bicep_text *text = &source->text;

    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        if (thaw_bicep_take_if(text, statements[i].word)) {
            statements[i].read(source);
            if (text->token.kind != THAW_BICEP_LINE && text->token.kind != THAW_BICEP_END)
                text->faults++;
            return;
        }
    }
}

static void read_text(struct source *source, const char *bytes, size_t length)
{
    struct thaw_bicep_text *text = &source->text;
    size_t mark = thaw_json_mark_length(bytes, length);
    uint32_t scope = text->scope;
    const char *file = text->file;

    thaw_bicep_begin(text, &source->template->tree, bytes + mark, length - mark);
    text->scope = scope;
    text->file = file;
    thaw_bicep_take(text);
    while (text->token.kind != THAW_BICEP_END && !text->tree->code) {
        statement(source);
        thaw_bicep_skip_statement(text);
        /* What closes nothing must not hold it up. */
        if (text->token.kind != THAW_BICEP_END)
            thaw_bicep_take(text);
    }
    source->template->unread += text->faults;
}

/* What it is given counts, in place of its defaults. */
static void follow(struct source *source, struct module module, uint32_t scope)
{
    struct thaw_template *template = source->template;
    const struct thaw_template_source *files = template->project->memory->template_source;
    const struct thaw_tree_node *given = module.given;
    const char *bytes;
    size_t length;
    int code = files->include(files->context, module.file, &bytes, &length);

    if (code == -ENOMEM)
        thaw_template_fail(template, code);
    if (code < 0 || length > THAW_PROJECT_JSON_BYTES_MAX || !thaw_text_is_utf8(bytes, length)) {
        template->unread++;
        return;
    }
    thaw_template_fail(template, thaw_template_follow(template->project, module.file));
    template->unread += given && (given->kind != THAW_TREE_OBJECT || given->is_open);
    for (const struct thaw_tree_node *one = given ? given->first : NULL; one; one = one->next)
        thaw_tree_define(&template->tree, scope, "", one->key, one, false);
    source->module = &module;
    source->text.scope = scope;
    source->text.file = module.file;
    source->prefix = kept(source, thaw_arena_format(&template->tree.arena, "%s%s.", module.prefix,
                                                    module.symbol));
    read_text(source, bytes, length);
    source->module = NULL;
}

void thaw_template_bicep(struct thaw_template *template)
{
    struct source source = {.template = template, .prefix = ""};

    read_text(&source, template->input->bytes, template->input->length);
    for (size_t i = 0; i < source.modules.count && !template->tree.code && !template->code; i++)
        follow(&source, source.modules.items[i], (uint32_t)i + 1);
    thaw_array_free(&source.modules);
    thaw_template_azure(template);
}
