/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "compare/diff.h"
#include "configuration/configuration.h"
#include "gate/gate.h"
#include "gate/trials.h"
#include "lint/check.h"
#include "report/json_proof.h"
#include "thaw/report.h"
#include "trend/fleet.h"
#include "trend/trend.h"

/* What there is a schema of. */
static const struct {
    const char *name, *what;
    const char *(*text)(size_t *length);
} schemas[] = {{"report", "the report of a recording or a target", thaw_report_schema},
               {"diff", "what `thaw diff --json` writes", thaw_diff_schema},
               {"proof", "what `thaw prove` keeps", thaw_proof_schema},
               {"gate", "what `thaw gate --json` writes", thaw_gate_schema},
               {"lint", "what `thaw lint --json` writes", thaw_lint_schema},
               {"baseline", "what `thaw gate --update` keeps", thaw_baseline_schema},
               {"history", "what `thaw history --json` writes", thaw_trend_schema},
               {"audit", "what `thaw audit --top --json` writes", thaw_fleet_schema},
               {"trials", "what `thaw record --runs` finds", thaw_trials_schema},
               {"configuration", "an app's thaw.json", thaw_configuration_schema}};

static bool schema_word(size_t index, struct thaw_word *ret)
{
    if (index >= sizeof(schemas) / sizeof(schemas[0]))
        return false;
    *ret = (struct thaw_word){.word = schemas[index].name, .description = schemas[index].what};
    return true;
}

static int refuse_name(const char *name)
{
    char there[200] = "";

    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        size_t length = strlen(there);

        snprintf(there + length, sizeof(there) - length, "%s%s", i ? ", " : "", schemas[i].name);
    }
    thaw_complain("schema", "there is no schema of '%s' (there are: %s)", name, there);
    return THAW_EXIT_USAGE;
}

static int run_schema(const void *options, int count, char **operands)
{
    const char *name = count ? operands[0] : schemas[0].name;
    const char *text = NULL;
    size_t length = 0;

    (void)options;
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        if (strcmp(schemas[i].name, name) == 0)
            text = schemas[i].text(&length);
    }
    if (!text)
        return refuse_name(name);
    if (fwrite(text, 1, length, stdout) != length) {
        thaw_complain("schema", "standard output can't be written: %s", strerror(errno));
        return THAW_EXIT_FAILED;
    }
    return THAW_EXIT_OK;
}

const struct thaw_command thaw_command_schema = {
    .name = "schema",
    .summary = "print the JSON Schema of the report, of what else thaw writes, or of thaw.json",
    .operands = "[NAME]",
    .operand_offer = &(const struct thaw_offer){.word = schema_word},
    .maximum_operands = 1,
    .run = run_schema,
};
