/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/closest.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "configuration/configuration.h"
#include "lint/lint.h"
#include "thaw/analysis.h"

#define NAME "explain"
#define LIST "list"

/* Findings of reports, then rules of `thaw lint`: of a number, NULL behind the last one. */
static const struct thaw_finding_kind *kind_at(size_t index, const struct thaw_lint_rule **ret_rule)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);
    const struct thaw_lint_rule *const *rules;

    *ret_rule = NULL;
    if (index < count)
        return kinds[index];
    index -= count;
    rules = thaw_lint_rules(&count);
    if (index >= count)
        return NULL;
    *ret_rule = rules[index];
    return &rules[index]->kind;
}

static int list(void)
{
    const struct thaw_finding_kind *kind;
    const struct thaw_lint_rule *rule;

    for (size_t i = 0; (kind = kind_at(i, &rule)); i++)
        printf("%-28s %-8s %s%s%s%s\n", kind->id, kind->severity, kind->title,
               rule ? " (lint, " : "", rule ? rule->area : "", rule ? ")" : "");
    return THAW_EXIT_OK;
}

static const struct thaw_finding_kind *find(const char *id, const struct thaw_lint_rule **ret_rule)
{
    struct thaw_closest closest = {.typed = id};
    const struct thaw_finding_kind *kind;

    for (size_t i = 0; (kind = kind_at(i, ret_rule)); i++) {
        if (strcmp(kind->id, id) == 0)
            return kind;
        thaw_closest_offer(&closest, kind->id);
    }
    if (closest.name)
        thaw_complain(NAME, "unknown finding '%s' (did you mean '%s'?)", id, closest.name);
    else
        thaw_complain(NAME, "unknown finding '%s'; `thaw explain list` names them", id);
    return NULL;
}

static int run_explain(const void *options, int count, char **operands)
{
    const struct thaw_finding_kind *kind;
    const struct thaw_lint_rule *rule;

    (void)options;
    (void)count;
    if (strcmp(operands[0], LIST) == 0)
        return list();
    kind = find(operands[0], &rule);
    if (!kind)
        return THAW_EXIT_USAGE;
    printf("%s (%s%s%s)\n", kind->id, kind->severity, rule ? ", lint: " : "",
           rule ? rule->area : "");
    thaw_help_paragraphs(kind->title, stdout);
    putchar('\n');
    thaw_help_paragraphs(kind->explanation, stdout);
    printf(rule ? "\nChecked by `thaw lint` when there is:\n"
                : "\nLooked for when the recording has:\n");
    thaw_help_paragraphs(kind->needs, stdout);
    printf("\nTo be told no more about one, with your reason, in " THAW_CONFIGURATION_NAME
           " beside the app:\n"
           "  {\"suppress\": [{\"id\": \"%s\", \"reason\": \"...\"}]}\n",
           kind->id);
    return THAW_EXIT_OK;
}

static bool finding_word(size_t index, struct thaw_word *ret)
{
    const struct thaw_lint_rule *rule;
    const struct thaw_finding_kind *kind = kind_at(index, &rule);

    if (kind)
        *ret = (struct thaw_word){kind->id, kind->title, NULL};
    else if (index && kind_at(index - 1, &rule))
        *ret = (struct thaw_word){LIST, "all of them, a line each", NULL};
    else
        return false;
    return true;
}

static const struct thaw_word files[] = {
    {THAW_CONFIGURATION_NAME, "beside the app: findings that are not to be told", NULL},
    {0},
};

const struct thaw_command thaw_command_explain = {
    .name = NAME,
    .summary = "explain a finding, or a rule of lint: what it rests on, how to change it, what may "
               "go wrong",
    .operands = "FINDING|list",
    .details =
        "FINDING is the id that a report or `thaw lint` gives for it. `thaw explain list` names "
        "them all.\n"
        "\n"
        "In thaw.json, beside the app's first module or where it was recorded (or given by "
        "`thaw report --config FILE`), an entry of \"suppress\" may also have \"file\" (the "
        "end of the finding's path), \"module\" (one of its modules, or a package above), "
        "\"subject\" (of `thaw lint`: the setting, the function ...) and \"until\" (its last day, "
        "\"2027-01-31\"). What is suppressed is still counted, "
        "and listed with its reason in the JSON report.",
    .examples = "thaw explain lazy-import\n"
                "thaw explain list\n",
    .files = files,
    .operand_offer = &(const struct thaw_offer){.word = finding_word},
    .minimum_operands = 1,
    .maximum_operands = 1,
    .run = run_explain,
};
