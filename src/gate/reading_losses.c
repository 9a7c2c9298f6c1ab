/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/readers.h"
#include "report/keys.h"

/*
 * Is anything missing that a metric counts? A recording is incomplete for many reasons; one that
 * has lost a sample of native code has each module even so.
 */

/* Causes of losses that are about times, native code, virtual machines or who imports what: not
 * about modules, files or system calls. Any other one is. */
static const char *const harmless[] = {
    "clock",
    "console-marks-not-written",
    "file-replaced",
    "held-too-long",
    "import-times-no-sum",
    "mappings-crowded",
    "mappings-lost",
    "perf-malformed",
    "samples-throttled",
    "sources-not-read",
    "stacks-elsewhere",
    "stacks-refused",
    "stacks-replaced",
    "stacks-unreadable",
    "too-many-calls-in-stacks",
    "too-many-host-files",
    "too-many-mappings",
    "too-many-vm-events",
    "too-many-vms",
};

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

/* Did a probe fail that sees processes or imports? */
static bool has_failed_probe(const json_t *report)
{
    static const char *const others[] = {"python.gc", "python.marshal", "python.unmarshal"};
    const json_t *probe;
    size_t i;

    json_array_foreach(json_object_get(report, "probes"), i, probe)
    {
        const char *name = thaw_key_string(probe, "name");

        if (!strcmp(thaw_key_string(probe, "status"), "failed") &&
            (!strncmp(name, "process.", 8) || !strncmp(name, "python.", 7)) &&
            !is_among(name, others, sizeof(others) / sizeof(others[0])))
            return true;
    }
    return false;
}

/* Of a process that is known only what happened in that is missing. */
static bool is_of_headline(const struct thaw_summary *summary, const json_t *loss)
{
    uint64_t process = thaw_summary_number(summary->track, "process");
    uint64_t own = thaw_summary_number(loss, "process");

    return !own || !process || own == process;
}

const json_t *thaw_gate_loss(const struct thaw_summary *summary)
{
    const json_t *loss;
    size_t i;

    json_array_foreach(thaw_summary_list(summary->report, "losses"), i, loss)
    {
        const char *cause = thaw_key_string(loss, "cause");

        if (!strcmp(cause, "probe-not-attached")) {
            if (has_failed_probe(summary->report))
                return loss;
        } else if (is_of_headline(summary, loss) &&
                   !is_among(cause, harmless, sizeof(harmless) / sizeof(harmless[0]))) {
            return loss;
        }
    }
    return NULL;
}
