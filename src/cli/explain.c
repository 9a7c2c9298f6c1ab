/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/closest.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "configuration/configuration.h"
#include "thaw/analysis.h"

#define NAME "explain"
#define LIST "list"

static int list(void)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);

    for (size_t i = 0; i < count; i++)
        printf("%-22s %-8s %s\n", kinds[i]->id, kinds[i]->severity, kinds[i]->title);
    return THAW_EXIT_OK;
}

static const struct thaw_finding_kind *find(const char *id)
{
    struct thaw_closest closest = {.typed = id};
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(kinds[i]->id, id) == 0)
            return kinds[i];
        thaw_closest_offer(&closest, kinds[i]->id);
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

    (void)options;
    (void)count;
    if (strcmp(operands[0], LIST) == 0)
        return list();
    kind = find(operands[0]);
    if (!kind)
        return THAW_EXIT_USAGE;
    printf("%s (%s)\n", kind->id, kind->severity);
    thaw_help_paragraphs(kind->title, stdout);
    putchar('\n');
    thaw_help_paragraphs(kind->explanation, stdout);
    printf("\nLooked for when the recording has:\n");
    thaw_help_paragraphs(kind->needs, stdout);
    printf("\nTo be told no more about one, with your reason, in " THAW_CONFIGURATION_NAME
           " beside the app:\n"
           "  {\"suppress\": [{\"id\": \"%s\", \"reason\": \"...\"}]}\n",
           kind->id);
    return THAW_EXIT_OK;
}

static bool finding_word(size_t index, struct thaw_word *ret)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);

    if (index < count)
        *ret = (struct thaw_word){kinds[index]->id, kinds[index]->title, NULL};
    else if (index == count)
        *ret = (struct thaw_word){LIST, "all of them, a line each", NULL};
    return index <= count;
}

static const struct thaw_word files[] = {
    {THAW_CONFIGURATION_NAME, "beside the app: findings that are not to be told", NULL},
    {0},
};

const struct thaw_command thaw_command_explain = {
    .name = NAME,
    .summary = "explain a finding: what it rests on, how to change it, what may go wrong",
    .operands = "FINDING|list",
    .details = "FINDING is the id that a report gives for it. `thaw explain list` names them all.\n"
               "\n"
               "In thaw.json, beside the app's first module or where it was recorded (or given by "
               "`thaw report --config FILE`), an entry of \"suppress\" may also have \"file\" (the "
               "end of the finding's path), \"module\" (one of its modules, or a package above) "
               "and \"until\" (its last day, \"2027-01-31\"). What is suppressed is still counted, "
               "and listed with its reason in the JSON report.",
    .examples = "thaw explain lazy-import\n"
                "thaw explain list\n",
    .files = files,
    .operand_offer = &(const struct thaw_offer){.word = finding_word},
    .minimum_operands = 1,
    .maximum_operands = 1,
    .run = run_explain,
};
