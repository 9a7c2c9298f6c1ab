/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/fix_words.h"
#include "report/values.h"

#define FUNCTIONS_TOLD 3

/* How a form reads: before the functions, and what it is without any. */
static const struct {
    const char *form;
    const char *into; /* NULL: functions don't matter */
    const char *alone;
} forms[] = {
    {"function", "moves into ", "goes"},
    {"getattr", "is imported when it is first asked for: by other files through __getattr__, in ",
     "is imported when other files first ask for it, through __getattr__"},
    {"lazy", NULL, "becomes a lazy import"},
    {"lazy-modules", NULL, "goes into __lazy_modules__: lazy from Python 3.15 on"},
};

static void write_functions(FILE *stream, const struct thaw_texts *functions)
{
    for (uint64_t i = 0; i < functions->count && i < FUNCTIONS_TOLD; i++)
        fprintf(stream, "%s%s()", i ? ", " : "", functions->items[i]);
    if (functions->count > FUNCTIONS_TOLD)
        fprintf(stream, " and %llu more", (unsigned long long)(functions->count - FUNCTIONS_TOLD));
}

static void write_moved(FILE *stream, const struct thaw_rewrite_verdict *verdict)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(forms[i].form, verdict->form))
            continue;
        fputs(forms[i].into && verdict->functions.count ? forms[i].into : forms[i].alone, stream);
        if (forms[i].into)
            write_functions(stream, &verdict->functions);
    }
    if (*verdict->note)
        fprintf(stream, "; %s", verdict->note);
}

static void tell_getter(const char *command, const char *getter)
{
    if (!*getter)
        return;
    thaw_complain(command, "  not applied, but possible by hand:");
    while (*getter) {
        size_t length = strcspn(getter, "\n");

        thaw_complain(command, "    %.*s", (int)length, getter);
        getter += length + (getter[length] == '\n');
    }
}

static void tell_import(const char *command, const struct thaw_fix_file *file,
                        const struct thaw_rewrite_import *import,
                        const struct thaw_rewrite_verdict *verdict)
{
    char text[900];
    FILE *stream = fmemopen(text, sizeof(text), "w");

    text[0] = '\0';
    if (stream) {
        if (file->refusal)
            fprintf(stream, "stays: %s", file->refusal);
        else if (*verdict->form)
            write_moved(stream, verdict);
        else
            fprintf(stream, "stays: %s", verdict->detail);
        fclose(stream);
        text[sizeof(text) - 1] = '\0';
    }
    thaw_complain(command, "%s:%llu: %s %s", *file->relative ? file->relative : file->path,
                  (unsigned long long)import->line, *import->name ? import->name : import->module,
                  text);
    if (!file->refusal)
        tell_getter(command, verdict->getter);
}

/* Why a suggestion was passed over. */
static const char *why(const struct thaw_finding *finding)
{
    if (finding->reason_count)
        return finding->reasons[0];
    if (thaw_finding_is_refuted(finding))
        return finding->proof->reason;
    return "it is not safe together with the others";
}

static void tell_passed_over(const char *command, const struct thaw_fix *fix,
                             const struct thaw_finding *finding)
{
    const char *relative = fix->root ? thaw_fix_below(fix->root, finding->file) : "";
    const char *more = finding->reason_count > 1 ? ", and more (thaw report)" : "";

    if (*finding->file)
        thaw_complain(command, "%s:%llu: stays unless --only names it: %s%s",
                      *relative ? relative : finding->file, (unsigned long long)finding->line,
                      why(finding), more);
    else
        thaw_complain(command, "%s: they stay unless --only names them: %s%s", finding->title,
                      why(finding), more);
}

void thaw_fix_tell(const char *command, const struct thaw_fix *fix)
{
    for (size_t i = 0; i < fix->files.count; i++) {
        const struct thaw_fix_file *file = &fix->files.items[i];

        for (size_t j = 0; j < file->imports.count; j++)
            tell_import(command, file, &file->imports.items[j],
                        file->result.verdicts ? &file->result.verdicts[j] : NULL);
    }
    if (fix->refuted)
        thaw_complain(command, "what is safe stays unless --only names it, a trial refuted it: %s",
                      fix->refuted);
    for (size_t i = 0; i < fix->passed_over.count && !fix->refuted; i++)
        tell_passed_over(command, fix, fix->passed_over.items[i]);
}

size_t thaw_fix_moved(const struct thaw_fix *fix)
{
    size_t moved = 0;

    for (size_t i = 0; i < fix->files.count; i++) {
        const struct thaw_fix_file *file = &fix->files.items[i];

        for (size_t j = 0; file->result.bytes && j < file->imports.count; j++)
            moved += *file->result.verdicts[j].form != '\0';
    }
    return moved;
}

static json_t *import_object(struct thaw_values *values, const struct thaw_fix_file *file,
                             size_t index)
{
    static const struct thaw_rewrite_verdict none = {
        .form = "", .note = "", .kind = "file", .detail = "", .getter = ""};
    const struct thaw_rewrite_import *import = &file->imports.items[index];
    const struct thaw_rewrite_verdict *verdict =
        file->result.verdicts ? &file->result.verdicts[index] : &none;
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "file", file->path);
    thaw_values_set_known(values, object, "line", import->line);
    thaw_values_set_text(values, object, "module", import->module);
    thaw_values_set_name(values, object, "name", import->name);
    thaw_values_set_name(values, object, "form", verdict->form);
    thaw_values_set_texts(values, object, "functions", verdict->functions.items,
                          verdict->functions.count);
    thaw_values_set_name(values, object, "note", verdict->note);
    thaw_values_set_name(values, object, "refused", verdict->kind);
    thaw_values_set_name(values, object, "reason", file->refusal ? file->refusal : verdict->detail);
    thaw_values_set_known(values, object, "reason_line", verdict->detail_line);
    thaw_values_set_name(values, object, "getter", verdict->getter);
    return object;
}

static json_t *passed_over_object(struct thaw_values *values, const struct thaw_finding *finding)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "file", finding->file);
    thaw_values_set_known(values, object, "line", finding->line);
    thaw_values_set_texts(values, object, "reasons", finding->reasons, finding->reason_count);
    thaw_values_set_name(values, object, "refuted",
                         thaw_finding_is_refuted(finding) ? finding->proof->reason : "");
    return object;
}

static json_t *file_object(struct thaw_values *values, const struct thaw_fix_file *file)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "path", file->path);
    thaw_values_set_text(values, object, "difference", file->result.difference);
    return object;
}

int thaw_fix_print_json(const struct thaw_fix *fix, bool applied)
{
    struct thaw_values values = {0};
    json_t *root = thaw_values_object(&values), *imports = thaw_values_array(&values),
           *files = thaw_values_array(&values), *passed_over = thaw_values_array(&values);
    int failed;

    for (size_t i = 0; i < fix->files.count; i++) {
        const struct thaw_fix_file *file = &fix->files.items[i];

        for (size_t j = 0; j < file->imports.count; j++)
            thaw_values_append(&values, imports, import_object(&values, file, j));
        if (file->result.bytes)
            thaw_values_append(&values, files, file_object(&values, file));
    }
    for (size_t i = 0; i < fix->passed_over.count; i++)
        thaw_values_append(&values, passed_over,
                           passed_over_object(&values, fix->passed_over.items[i]));
    thaw_values_set_name(&values, root, "root", fix->root);
    thaw_values_set_boolean(&values, root, "applied", applied);
    thaw_values_set(&values, root, "imports", imports);
    thaw_values_set(&values, root, "files", files);
    thaw_values_set(&values, root, "passed_over", passed_over);
    thaw_values_set_name(&values, root, "refuted", fix->refuted ? fix->refuted : "");
    failed = values.failed || json_dumpf(root, stdout, JSON_INDENT(2)) < 0;
    json_decref(root);
    putchar('\n');
    return failed ? THAW_EXIT_FAILED : THAW_EXIT_OK;
}
