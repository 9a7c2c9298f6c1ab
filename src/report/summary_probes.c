/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/summary.h"

/*
 * Probes that are not attached, as bullets. Several that are missing for one reason are one bullet:
 * what lacks is said for all of them together.
 */

static const char *string_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static bool is_attached(const json_t *probe)
{
    return !strcmp(string_of(probe, "status"), "attached");
}

static bool same(const json_t *a, const json_t *b, const char *key)
{
    return !strcmp(string_of(a, key), string_of(b, key));
}

static bool same_group(const json_t *a, const json_t *b)
{
    return !is_attached(b) && same(a, b, "status") && same(a, b, "reason");
}

/* Whether an earlier probe of the same group says the same under key (NULL: is there at all). */
static bool said_before(const json_t *probes, size_t index, const char *key)
{
    const json_t *probe = json_array_get(probes, index);

    for (size_t i = 0; i < index; i++) {
        const json_t *other = json_array_get(probes, i);

        if (same_group(probe, other) && (!key || same(probe, other, key)))
            return true;
    }
    return false;
}

/* What the probes of a group say under key, each once; *count is how many that are. */
static const char *join(struct thaw_summary *summary, const json_t *probes, size_t first,
                        const char *key, const char *between, size_t *count)
{
    const json_t *leader = json_array_get(probes, first);
    const char *joined = "";

    *count = 0;
    for (size_t i = first; i < json_array_size(probes); i++) {
        const json_t *probe = json_array_get(probes, i);
        const char *text = thaw_summary_text(summary, probe, key);

        if (!*text || !same_group(leader, probe) || said_before(probes, i, key))
            continue;
        joined = thaw_summary_format(summary, "%s%s%s", joined, *count ? between : "", text);
        (*count)++;
    }
    return joined;
}

static void write_group(struct thaw_summary *summary, const json_t *probes, size_t first)
{
    const json_t *leader = json_array_get(probes, first);
    const char *reason = thaw_summary_text(summary, leader, "reason");
    size_t names, losses;
    const char *name = join(summary, probes, first, "name", ", ", &names);
    const char *without = join(summary, probes, first, "without", "; ", &losses);

    thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                        thaw_summary_format(summary, "probe%s %s %s%s%s%s%s", names == 1 ? "" : "s",
                                            name, thaw_summary_text(summary, leader, "status"),
                                            *reason ? ": " : "", reason,
                                            *without ? "; not seen without: " : "", without));
}

void thaw_summary_probes(struct thaw_summary *summary)
{
    const json_t *probes = thaw_summary_list(summary->report, "probes"), *probe;
    size_t i;

    if (thaw_summary_has_backend(summary,
                                 "importtime")) { /* there, every probe is missing for one reason */
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            "recorded without eBPF, by the importtime backend: imports are "
                            "CPython's own report, processes are from /proc");
        return;
    }
    json_array_foreach(probes, i, probe) if (!is_attached(probe) && !said_before(probes, i, NULL))
        write_group(summary, probes, i);
}
