/* SPDX-License-Identifier: Apache-2.0 */
/* process-at-import and network-at-import: what the app's imports start and whom they ask. */
#include <ctype.h>
#include <string.h>

#include "analysis/findings.h"

#define FINDINGS_MOST 8 /* modules; more of the same kind nobody reads */

static bool can_find(const struct thaw_analysis *analysis)
{
    return analysis->timeline->effects_observed;
}

/* "192.0.2.1:443", "[2001:db8::1]:53": not a socket in the file system. */
static bool is_internet(const char *peer)
{
    return (isdigit((unsigned char)*peer) || *peer == '[') && strchr(peer, ':');
}

static bool is_process(const struct thaw_timeline_effect *effect)
{
    return !strcmp(effect->kind, "process") || !strcmp(effect->kind, "program");
}

static bool is_network(const struct thaw_timeline_effect *effect)
{
    return !strcmp(effect->kind, "lookup") ||
           (!strcmp(effect->kind, "connect") && is_internet(effect->detail));
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Only what an import did itself, in the process that is told and before its first reply. */
static bool counts(const struct thaw_analysis *analysis, const struct thaw_timeline_effect *effect)
{
    const struct thaw_track *track = analysis->memory->track;

    return effect->process == track->process && effect->time_ns < track->end_ns;
}

static void describe_process(struct thaw_analysis *analysis, struct thaw_finding *finding,
                             const struct thaw_timeline_effect *effect)
{
    const char *program = file_name(effect->detail);

    thaw_finding_evidence(analysis, finding,
                          *program ? thaw_finding_text(analysis, "it starts %s", program)
                                   : "it starts a process that stays Python (fork)");
}

static void describe_network(struct thaw_analysis *analysis, struct thaw_finding *finding,
                             const struct thaw_timeline_effect *effect)
{
    bool lookup = !strcmp(effect->kind, "lookup");

    thaw_finding_evidence(
        analysis, finding,
        thaw_finding_text(analysis, lookup ? "it looks up the host %s" : "it connects to %s",
                          *effect->detail ? effect->detail : "(name not known)"));
}

/* What differs between the two. */
struct kind {
    const struct thaw_finding_row *row;
    bool (*is)(const struct thaw_timeline_effect *effect);
    void (*describe)(struct thaw_analysis *analysis, struct thaw_finding *finding,
                     const struct thaw_timeline_effect *effect);
    const char *title; /* with the module's name */
    const char *fix;
};

static const char *title_of(struct thaw_analysis *analysis, const struct kind *kind,
                            const struct thaw_module *module)
{
    return thaw_finding_text(analysis, "%s %s", module->name, kind->title);
}

/* Who in the user's code made it happen is the place to act. */
static struct thaw_finding *tell(struct thaw_analysis *analysis, const struct kind *kind,
                                 const struct thaw_module *module)
{
    bool by_function;
    const struct thaw_module *asker = thaw_finding_asker(analysis, module, &by_function);
    struct thaw_finding *finding = thaw_finding_add(analysis, &kind->row->kind);

    if (!finding)
        return NULL;
    finding->title = title_of(analysis, kind, module);
    finding->file = asker ? asker->file : "";
    finding->risk = "needs a look";
    finding->fix = kind->fix;
    thaw_finding_about(analysis, finding, module);
    return finding;
}

static bool find_effects(struct thaw_analysis *analysis, const struct kind *kind)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    struct thaw_finding *finding = NULL;
    uint32_t last = 0, told = 0;

    for (size_t i = 0; i < timeline->effect_count && told <= FINDINGS_MOST; i++) {
        const struct thaw_timeline_effect *effect = &timeline->effects[i];
        const struct thaw_module *module = &timeline->modules[effect->module - 1];

        if (!kind->is(effect) || !counts(analysis, effect) ||
            !thaw_finding_is_apps(analysis, module))
            continue;
        if (effect->module != last) {
            if (told++ == FINDINGS_MOST)
                break;
            finding = tell(analysis, kind, module);
            last = effect->module;
        }
        if (finding)
            kind->describe(analysis, finding, effect);
    }
    return !analysis->memory->short_of_memory;
}

static bool find_processes(struct thaw_analysis *analysis)
{
    static const struct kind kind = {
        &thaw_finding_process_at_import,
        is_process,
        describe_process,
        "starts a process while it is imported",
        "start it where its answer is used, or ask for the fact without a process",
    };

    return find_effects(analysis, &kind);
}

static bool find_network(struct thaw_analysis *analysis)
{
    static const struct kind kind = {
        &thaw_finding_network_at_import,
        is_network,
        describe_network,
        "uses the network while it is imported",
        "make the client or fetch the secret at its first use, and keep it",
    };

    return find_effects(analysis, &kind);
}

const struct thaw_finding_row thaw_finding_process_at_import = {
    .kind =
        {
            .id = "process-at-import",
            .severity = "warning",
            .title = "an import of the app starts a process",
            .needs = "the probe effects.calls, which sees what imports do beside defining names",
            .explanation =
                "A process is started by code that runs when a module is imported. That copies the "
                "interpreter's page tables, loads another program and mostly waits for its answer: "
                "milliseconds on a quiet machine, far more on a fraction of a CPU.\n"
                "\n"
                "Common causes: platform.processor() or platform.uname().processor (starts `uname "
                "-p`), ctypes.util.find_library() (starts gcc, ld or ldconfig), git called for a "
                "version number, a process pool made at module level.\n"
                "\n"
                "Saving: not predicted, as the time of the process is not told apart from that of "
                "the "
                "import. See the module's own time, and its sleep.\n"
                "\n"
                "How to change it: ask at the first use, or ask something else: platform.machine() "
                "instead of platform.processor(), ctypes.CDLL with the library's SONAME instead of "
                "find_library(). In a package that is not yours, import it later (thaw explain "
                "lazy-import).\n"
                "\n"
                "Risk: what failed at the start fails at the first use then.",
        },
    .can_find = can_find,
    .find = find_processes,
};

const struct thaw_finding_row thaw_finding_network_at_import = {
    .kind =
        {
            .id = "network-at-import",
            .severity = "warning",
            .title = "an import of the app looks up a host or connects to one",
            .needs = "the probe effects.calls, which sees what imports do beside defining names",
            .explanation =
                "A host is looked up or connected to by code that runs when a module is imported: "
                "a "
                "client made at module level that connects at once, a secret or a configuration "
                "that "
                "is fetched, a metadata server that is asked for credentials. Each cold start "
                "waits "
                "for the network then, and fails with it: an unreachable host costs its whole "
                "time-out.\n"
                "\n"
                "Saving: not predicted; the network's time differs from start to start. See the "
                "module's sleep in the report.\n"
                "\n"
                "How to change it: make the client in a function that keeps it "
                "(functools.lru_cache) "
                "and is called at the first use. Most SDK clients connect lazily if they are only "
                "constructed. Secrets: let the platform put them into settings (a Key Vault "
                "reference, "
                "a Lambda extension).\n"
                "\n"
                "Risk: a missing setting or a refused login is noticed at the first call instead "
                "of "
                "at the start.",
        },
    .can_find = can_find,
    .find = find_network,
};
