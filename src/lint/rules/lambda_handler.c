/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over AWS Lambda: what a function's handler names. */
#include <string.h>

#include "lint/lambda.h"
#include "lint/rules.h"
#include "packaging/name.h"

static bool can_check_handlers(const struct thaw_lint *lint)
{
    return thaw_lambda_has_functions(lint) && lint->project->shipped;
}

/* The folder of CodeUri within the app's ("" the app's own, "src/"); NULL: it is elsewhere, or not
 * known. */
static const char *code_folder(struct thaw_lint *lint, const struct thaw_project_fact *code)
{
    const char *slash = code ? strrchr(code->place.file, '/') : NULL, *text;
    size_t length;

    if (!code || !*code->value || strchr(code->value, ':') || strchr(code->value, '{') ||
        strstr(code->value, "..") || *code->place.file == '/' || *code->value == '/')
        return NULL;
    for (text = code->value; !strncmp(text, "./", 2); text += 2)
        ;
    length = strcmp(text, ".") ? strlen(text) : 0;
    while (length && text[length - 1] == '/')
        length--;
    return thaw_lint_text(lint, "%.*s%.*s%s", slash ? (int)(slash + 1 - code->place.file) : 0,
                          code->place.file, (int)length, text, length ? "/" : "");
}

/* Is there such a file: of a path whose "." stand for "/" where the handler has them? */
static bool has_module(const struct thaw_lint *lint, const char *folder, const char *module,
                       size_t length)
{
    const struct thaw_shipped *shipped = lint->project->shipped;
    size_t within = strlen(folder);

    for (size_t i = 0; i < shipped->file_count; i++) {
        const char *path = shipped->files[i].path;
        size_t same = 0;

        if (strncmp(path, folder, within) != 0)
            continue;
        path += within;
        while (same < length && path[same] == (module[same] == '.' ? '/' : module[same]))
            same++;
        if (same == length && (path[same] == '/' || !strcmp(path + same, ".py") ||
                               !strncmp(path + same, ".cpython-", 9) ||
                               !strcmp(path + same, ".so") || !strcmp(path + same, ".pyc")))
            return true;
    }
    return false;
}

/* A CodeUri that names no folder with Python in it is made by a build. */
static bool has_python(const struct thaw_lint *lint, const char *folder)
{
    const struct thaw_shipped *shipped = lint->project->shipped;
    size_t within = strlen(folder);

    for (size_t i = 0; i < shipped->file_count; i++) {
        const char *path = shipped->files[i].path;
        size_t length = strlen(path);

        if (!strncmp(path, folder, within) && length > 3 && !strcmp(path + length - 3, ".py"))
            return true;
    }
    return false;
}

/* Handlers of wrappers are in layers, or in packages that the app asks for. */
static bool is_brought(const struct thaw_lint *lint, const struct thaw_project_fact *function,
                       const char *module)
{
    char top[64] = "";
    size_t length = strcspn(module, "./");

    if (thaw_lambda_fact(lint, function, THAW_FACT_LAYER, NULL) || length >= sizeof(top))
        return true;
    memcpy(top, module, length);
    for (size_t i = 0; i < lint->project->requirement_count; i++)
        if (!*lint->project->requirements[i].name ||
            thaw_name_is_same(lint->project->requirements[i].name, top))
            return true;
    return false;
}

static bool runs_python(const struct thaw_lint *lint, const struct thaw_project_fact *function)
{
    const struct thaw_project_fact *runtime =
        thaw_lambda_fact(lint, function, THAW_FACT_LAMBDA_RUNTIME, NULL);
    const struct thaw_project_fact *type =
        thaw_lambda_fact(lint, function, THAW_FACT_PACKAGE_TYPE, NULL);

    return runtime && !strncmp(runtime->value, "python", 6) &&
           (!type || !strcmp(type->value, "Zip"));
}

static void check_handler(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                          const struct thaw_project_fact *function)
{
    const struct thaw_project_fact *handler =
        thaw_lambda_fact(lint, function, THAW_FACT_HANDLER, NULL);
    const char *folder = code_folder(lint, thaw_lambda_fact(lint, function, THAW_FACT_CODE, NULL));
    const char *dot = handler ? strrchr(handler->value, '.') : NULL;
    struct thaw_lint_finding *finding;
    const json_t *entry;
    double count;
    int length;

    if (!dot || dot == handler->value || !folder || !runs_python(lint, function) ||
        handler->value[strspn(handler->value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789_./-")])
        return;
    length = (int)(dot - handler->value);
    if (has_module(lint, folder, handler->value, (size_t)length) || !has_python(lint, folder) ||
        is_brought(lint, function, handler->value) ||
        !thaw_lambda_limit(lint, "handler-file", &entry, &count))
        return;
    finding = thaw_lint_add(lint, rule, &handler->place, thaw_lambda_name(function),
                            "%s has the handler %s, and there is no %.*s.py in %s",
                            thaw_lambda_name(function), handler->value, length, handler->value,
                            *folder ? folder : "the app's folder");
    thaw_lint_evidence(lint, finding, "%s: Handler %s", thaw_lint_place_text(lint, &handler->place),
                       handler->value);
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding,
                  "write the handler as FILE.FUNCTION of a file below CodeUri, without .py");
    if (finding)
        finding->confidence = "medium"; /* a build step may write it */
}

static void check_handlers(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *function = NULL;

    while ((function = thaw_project_fact(lint->project, THAW_FACT_FUNCTION, function)))
        check_handler(lint, rule, function);
}

const struct thaw_lint_rule thaw_rule_lambda_handler_missing = {
    .kind =
        {
            .id = "lambda-handler-missing",
            .severity = "error",
            .title = "a function's handler names a file that is not there",
            .needs = "a template that names a function, and the app's files",
            .explanation =
                "A handler is FILE.FUNCTION: \"app.lambda_handler\" is the function lambda_handler "
                "of app.py at the root of what is deployed, \"shop/app.handler\" or "
                "\"shop.app.handler\" one of shop/app.py. Where the file is missing, the "
                "deployment "
                "succeeds and each call ends with Runtime.ImportModuleError.\n"
                "\n"
                "It is looked for below the folder that CodeUri names. It isn't told where CodeUri "
                "leads out of the app's folder or is not known, where the function has layers or "
                "the module is of a package that is required (wrappers of agents are), or of "
                "images.\n"
                "\n"
                "How to change it: correct Handler, or CodeUri if the files lie elsewhere.\n"
                "\n"
                "What may go wrong: a build step that writes the file is not seen from here: "
                "suppress the finding then.",
        },
    .area = "lambda",
    .platforms = THAW_LINT_LAMBDA,
    .can_check = can_check_handlers,
    .check = check_handlers,
};
