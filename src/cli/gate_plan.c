/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/gate_plan.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/closest.h"
#include "cli/command.h"

#define NAME THAW_GATE_COMMAND

/* --- paths --- */

/* path, taken in a folder ("" the current one) unless it is absolute; NULL: memory is short. */
static const char *below(struct thaw_gate_plan *plan, const char *folder, const char *path)
{
    if (*path == '/' || !*folder)
        return path;
    if (!strcmp(path, "."))
        return folder;
    return thaw_arena_format(&plan->arena, "%s%s%s", folder,
                             folder[strlen(folder) - 1] == '/' ? "" : "/", path);
}

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static const char *folder_of(struct thaw_gate_plan *plan, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? thaw_arena_text(&plan->arena, path, slash == path ? 1 : (size_t)(slash - path))
                 : "";
}

/* --- thaw.json --- */

/* Without any budget there would be nothing but passes. */
static int check_budgets(const struct thaw_gate_plan *plan, struct thaw_error *error)
{
    const struct thaw_budgets *budgets = &plan->configuration.budgets;

    if (budgets->settings.runs > THAW_GATE_RUNS_MAX)
        return thaw_error_set(error, -EINVAL, "%s: \"runs\" is %u: a gate makes %d at most",
                              plan->config, budgets->settings.runs, THAW_GATE_RUNS_MAX);
    if (plan->values->update || budgets->budget_count || budgets->forbidden_count)
        return 0;
    return thaw_error_set(
        error, -EINVAL,
        "%s has no budgets and forbids nothing: nothing can be told; `thaw schema "
        "configuration` describes both",
        plan->config);
}

static int read_configuration(struct thaw_gate_plan *plan, struct thaw_error *error)
{
    const struct thaw_gate_values *values = plan->values;
    int code;

    plan->config = values->config ? values->config : THAW_CONFIGURATION_NAME;
    plan->config_folder = folder_of(plan, plan->config);
    if (!plan->config_folder)
        return thaw_error_memory(error);
    code = thaw_configuration_read(plan->config, &plan->configuration, error);
    plan->has_config = code != -ENOENT;
    if (values->init && plan->has_config)
        return thaw_error_set(error, -EEXIST, "%s is there already: --init writes none over it",
                              plan->config);
    if (code == -ENOENT && values->init)
        return 0;
    if (code == -ENOENT)
        return thaw_error_set(error, -ENOENT,
                              "there is no %s, which has the budgets; `thaw gate --init` with "
                              "what is to be measured writes a first one",
                              plan->config);
    return code ? code : check_budgets(plan, error);
}

/* --across PART,… */
static int read_across(struct thaw_gate_plan *plan, struct thaw_error *error)
{
    const char *text = plan->values->across;
    struct thaw_closest closest;

    while (text && *text) {
        size_t length = strcspn(text, ",");
        const char *word = thaw_arena_text(&plan->arena, text, length);
        unsigned part = word ? thaw_gate_key_find(word) : 0;

        if (!word)
            return thaw_error_memory(error);
        plan->across |= part;
        closest = (struct thaw_closest){.typed = word};
        for (unsigned bit = 0; bit < THAW_GATE_KEY_PARTS; bit++)
            thaw_closest_offer(&closest, thaw_gate_key_name(1u << bit));
        if (!part)
            return thaw_error_set(error, -EINVAL,
                                  "--across: measurements have no '%s'%s%s%s; `thaw gate --across "
                                  "list` names what they have",
                                  word, closest.name ? " (did you mean '" : "",
                                  closest.name ? closest.name : "", closest.name ? "'?)" : "");
        text += length + (text[length] == ',');
    }
    return 0;
}

/* --- what is measured --- */

/* What thaw.json says is to be measured, where the command line says nothing. */
static int take_settings(struct thaw_gate_plan *plan, struct thaw_error *error)
{
    const struct thaw_gate_settings *settings = &plan->configuration.budgets.settings;

    if (plan->has_config && *settings->target) {
        plan->head.target_name = settings->target;
        plan->head.target = below(plan, plan->config_folder, settings->target);
        if (!plan->head.target)
            return thaw_error_memory(error);
    }
    if (plan->has_config && settings->command) {
        plan->command = settings->command;
        plan->head.directory = *plan->config_folder ? plan->config_folder : NULL;
    }
    if (plan->head.target_name || plan->command)
        return 0;
    return thaw_error_set(error, -EINVAL,
                          "nothing to measure: give a target, recordings or -- COMMAND, or say "
                          "\"target\" or \"command\" of \"gate\" in %s",
                          plan->config);
}

static int find_head(struct thaw_gate_plan *plan, char *const *words, size_t count,
                     struct thaw_error *error)
{
    int code;

    if (!count && !plan->values->command)
        return take_settings(plan, error);
    plan->command = plan->values->command;
    code = thaw_gate_subject_look(&plan->head, (const char *const *)words, count, error);
    if (!code && plan->command && plan->head.runs)
        code =
            thaw_error_set(error, -EINVAL,
                           "%s has recordings and -- COMMAND makes some: a gate takes one of both",
                           plan->head.runs);
    if (!code && plan->command && !*plan->command)
        code = thaw_error_set(error, -EINVAL, "a command is missing behind --");
    return code;
}

/* The same folder of another checkout as the one where the head is. */
static const char *in_checkout(struct thaw_gate_plan *plan, const char *checkout)
{
    bool of_settings = plan->head.directory || !plan->values->command;
    const char *folder = of_settings ? plan->config_folder : "";

    return *folder == '/' || !*folder ? checkout : below(plan, checkout, folder);
}

/* What is measured here is measured there, too. */
static int take_checkout(struct thaw_gate_plan *plan, const char *folder, struct thaw_error *error)
{
    struct thaw_gate_subject *base = &plan->base;

    plan->base_is_checkout = true;
    base->directory = folder;
    base->target = base->target_name = NULL;
    if (!plan->head.target_name)
        return 0;
    base->target_name = plan->head.target_name;
    base->target = below(plan, folder, plan->head.target_name);
    return base->target ? 0 : thaw_error_memory(error);
}

/* Is the base another checkout, in which the same is measured? A folder that is no set of
 * recordings is, unless the head is a target by its name: then it is one itself. */
static bool is_checkout(const struct thaw_gate_plan *plan, size_t head_words)
{
    bool one = plan->values->bases.count == 1 && plan->base.target && is_folder(plan->base.target);
    bool relative = plan->head.target && *plan->head.target_name != '/';

    return one && (plan->command || (!head_words && relative));
}

static int find_base(struct thaw_gate_plan *plan, size_t head_words, struct thaw_error *error)
{
    const struct thaw_option_texts *bases = &plan->values->bases;
    struct thaw_gate_subject *base = &plan->base;
    int code = thaw_gate_subject_look(base, bases->items, bases->count, error);
    const char *folder;

    plan->has_base = bases->count;
    if (code || !is_checkout(plan, head_words))
        return code;
    folder = in_checkout(plan, bases->items[0]);
    if (!folder)
        return thaw_error_memory(error);
    code = take_checkout(plan, folder, error);
    if (!code && access(base->target ? base->target : folder, F_OK))
        code = thaw_error_system(error, -errno, "%s, which is to be measured in the other checkout",
                                 base->target ? base->target : folder);
    return code;
}

/* --- the baseline --- */

static int find_baseline(struct thaw_gate_plan *plan, struct thaw_error *error)
{
    const char *given = plan->values->baseline;
    const char *named =
        given ? given
        : *plan->configuration.budgets.settings.baseline
            ? below(plan, plan->config_folder, plan->configuration.budgets.settings.baseline)
            : NULL;
    const char *usual = below(plan, plan->config_folder, THAW_BASELINE_NAME);
    const char *path = named ? named : usual;
    int code;

    if (!path)
        return thaw_error_memory(error);
    if (given && plan->has_base)
        return thaw_error_set(error, -EINVAL, "--base and --baseline exclude each other");
    if (plan->has_base && !plan->values->update)
        return 0;
    plan->baseline_path = path;
    code = thaw_gate_baseline_read(path, &plan->baseline, error);
    if (code != -ENOENT || plan->values->update || plan->values->init)
        return code == -ENOENT ? 0 : code;
    plan->baseline_path = NULL;
    return named
               ? thaw_error_set(error, -ENOENT,
                                "the baseline %s is missing; `thaw gate --update` writes it", path)
               : 0;
}

int thaw_gate_plan_make(struct thaw_gate_plan *plan, char *const *words, size_t count,
                        struct thaw_error *error)
{
    int code;

    plan->head.command = plan->base.command = NAME;
    code = thaw_identity_of_caller(&plan->identity, error);
    if (!code)
        code = read_across(plan, error);
    if (!code)
        code = read_configuration(plan, error);
    if (!code)
        code = find_head(plan, words, count, error);
    if (!code && plan->values->bases.count)
        code = find_base(plan, count, error);
    return code ? code : find_baseline(plan, error);
}
