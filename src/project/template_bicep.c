/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/json_position.h"
#include "project/bicep_text.h"
#include "project/template.h"

/* Bicep's statements. Those that declare nothing (output, type, func …) are passed over. */

struct source {
    struct thaw_template *template;
    struct thaw_bicep_text text;
    const struct thaw_resource *around; /* of which the resource is a member; its label and type */
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
    thaw_tree_define(text->tree, 0, "", name, value, true);
}

/* var NAME [TYPE] = value */
static void variable(struct source *source)
{
    struct thaw_bicep_text *text = &source->text;
    const char *name = symbol(source);

    while (text->token.kind == THAW_BICEP_NAME)
        thaw_bicep_take(text);
    if (thaw_bicep_take_if(text, "="))
        thaw_tree_define(text->tree, 0, "", name, thaw_bicep_expression(text), false);
}

/* --- resources ----------------------------------------------------------------------------------
 */

static void nested_resource(struct thaw_bicep_text *text, void *context);

/* What a resource or module is told by before its body. */
struct head {
    enum thaw_resource_form form;
    const char *type, *label; /* type NULL: only to be passed over */
    bool is_existing;         /* not deployed, but what is nested in it may be */
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
        source->template->unread += head->type && !head->is_existing && loops_matter(head->type);
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
        return kept(source, thaw_arena_format(&source->text.tree->arena, "%s/%.*s",
                                              source->around->type, (int)length, written));
    return kept(source, thaw_arena_text(&source->text.tree->arena, written, length));
}

/* Which resource it belongs to: "parent: app", or name "${app.name}/appsettings". */
static const char *parent_of(struct source *source, const struct thaw_tree_node *body)
{
    const struct thaw_tree_node *parent = thaw_tree_written(body, "parent");
    const struct thaw_tree_node *name = thaw_tree_written(body, "name");

    if (source->around)
        return source->around->label;
    if (thaw_tree_is(parent, THAW_TREE_REFERENCE))
        return parent->text;
    if (thaw_tree_is(name, THAW_TREE_JOIN) && thaw_tree_is(name->first, THAW_TREE_REFERENCE))
        return name->first->text;
    return "";
}

static void declare(struct source *source, const struct head *head)
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
    if (!body || head->is_existing)
        return;
    resource = thaw_template_add_resource(source->template, head->form, head->type,
                                          head->form == THAW_RESOURCE_MODULE
                                              ? thaw_tree_written(body, "params")
                                              : body);
    if (!resource)
        return;
    resource->label = head->label;
    resource->line = head->line;
    resource->column = head->column;
    resource->last_line = text->last_line;
    if (head->form == THAW_RESOURCE_ARM)
        resource->parent = parent_of(source, body);
}

/* "= …" behind the head. */
static void read_body(struct source *source, const struct head *head)
{
    struct thaw_bicep_text *text = &source->text;
    bool is_loop = false;

    if (!thaw_bicep_take_if(text, "=") || !to_body(source, head, &is_loop)) {
        text->faults++;
        thaw_bicep_skip_statement(text);
        return;
    }
    if (head->type)
        declare(source, head);
    else
        thaw_bicep_object(text, NULL);
    if (is_loop) {
        thaw_bicep_skip_lines(text);
        thaw_bicep_take_if(text, "]");
    }
}

/* resource NAME 'TYPE@VERSION' [existing] = … */
static void resource(struct source *source)
{
    struct thaw_bicep_text *text = &source->text;
    struct head head = {.form = THAW_RESOURCE_ARM,
                        .line = text->token.line,
                        .column = text->token.column};
    struct thaw_tree_node *written;

    head.label = symbol(source);
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

/* Verified modules that take what a resource has; all others of "avm/res" are of one resource that
 * has nothing to do with functions. */
static const struct {
    const char *path, *type;
} modules[] = {
    {"avm/res/web/serverfarm", "Microsoft.Web/serverfarms"},
    {"avm/res/web/site", "Microsoft.Web/sites"},
    {"avm/res/app/container-app", "Microsoft.App/containerApps"},
    {"avm/res/insights/metric-alert", "Microsoft.Insights/metricAlerts"},
    {"avm/res/insights/scheduled-query-rule", "Microsoft.Insights/scheduledQueryRules"},
    {"avm/res/insights/activity-log-alert", "Microsoft.Insights/activityLogAlerts"},
};

/* "br/public:avm/res/web/site:0.15.1" → what stands between its colons; NULL: no such one. */
static const char *verified(const char *path, size_t *length)
{
    static const char *const beginnings[] = {"br/public:", "br:mcr.microsoft.com/bicep/"};

    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
        size_t own = strlen(beginnings[i]);

        if (!strncmp(path, beginnings[i], own) && !strncmp(path + own, "avm/res/", 8)) {
            *length = strcspn(path + own, ":");
            return path + own;
        }
    }
    return NULL;
}

static const char *module_type(const char *path, bool *ret_verified)
{
    size_t length = 0;
    const char *own = verified(path, &length);

    *ret_verified = own != NULL;
    for (size_t i = 0; own && i < sizeof(modules) / sizeof(modules[0]); i++)
        if (strlen(modules[i].path) == length && !memcmp(own, modules[i].path, length))
            return modules[i].type;
    return NULL;
}

/* module NAME 'PATH' = …: of others than verified ones nothing is known here. */
static void module(struct source *source)
{
    struct thaw_bicep_text *text = &source->text;
    struct head head = {.form = THAW_RESOURCE_MODULE,
                        .line = text->token.line,
                        .column = text->token.column};
    struct thaw_tree_node *written;
    bool is_verified = false;

    head.label = symbol(source);
    written = text->token.kind == THAW_BICEP_QUOTE ? thaw_bicep_quoted(text) : NULL;
    head.type = module_type(written ? written->text : "", &is_verified);
    source->template->unread += !is_verified;
    read_body(source, &head);
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

void thaw_template_bicep(struct thaw_template *template)
{
    struct source source = {.template = template};
    const struct thaw_project_input *input = template->input;
    size_t mark = thaw_json_mark_length(input->bytes, input->length);
    struct thaw_bicep_text *text = &source.text;

    thaw_bicep_begin(text, &template->tree, input->bytes + mark, input->length - mark);
    thaw_bicep_take(text);
    while (text->token.kind != THAW_BICEP_END && !template->tree.code) {
        statement(&source);
        thaw_bicep_skip_statement(text);
        /* What closes nothing must not hold it up. */
        if (text->token.kind != THAW_BICEP_END)
            thaw_bicep_take(text);
    }
    template->unread += text->faults;
    thaw_template_azure(template);
}
