/* SPDX-License-Identifier: Apache-2.0 */
/* The model: host.json's own version and the bundle of binding extensions it asks for. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "lint/look.h"
#include "lint/rules.h"

#define BUNDLE "extensionBundle"

/* An app may name its extensions itself, in a project that is built for it. */
static bool has_extensions_project(const struct thaw_lint *lint)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; shipped && i < shipped->file_count; i++)
        if (thaw_text_ends_with_any_case(shipped->files[i].path, "extensions.csproj") ||
            thaw_text_ends_with_any_case(shipped->files[i].path, "bin/extensions.json"))
            return true;
    return false;
}

/* The first binding that the host itself does not have. */
static const struct thaw_app_binding *extended_binding(const struct thaw_lint *lint,
                                                       const struct thaw_app_function **ret)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        if (!thaw_lint_is_live(function))
            continue;
        for (size_t j = 0; j < function->binding_count; j++) {
            const struct thaw_app_binding *binding = &function->bindings[j];
            const json_t *entry =
                binding->type ? thaw_lint_azure_fact(lint, "bindings", binding->type) : NULL;

            if (*thaw_lint_fact_text(entry, "extension")) {
                *ret = function;
                return binding;
            }
        }
    }
    return NULL;
}

static const json_t *active_bundle(const struct thaw_lint *lint)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(thaw_lint_facts_section(lint->facts, "azure_functions", "bundles"), i, entry)
    {
        if (!strcmp(thaw_lint_fact_text(entry, "status"), "active"))
            return entry;
    }
    return NULL;
}

static void suggest_bundle(struct thaw_lint *lint, struct thaw_lint_finding *finding)
{
    const json_t *active = active_bundle(lint);

    thaw_lint_source(lint, finding, active);
    thaw_lint_fix(lint, finding,
                  "set \"extensionBundle\": {\"id\": "
                  "\"Microsoft.Azure.Functions.ExtensionBundle\", \"version\": \"%s\"}",
                  thaw_lint_fact_text(active, "range"));
}

static bool can_check_bundle(const struct thaw_lint *lint)
{
    return thaw_lint_has_host(lint) && thaw_lint_has_functions(lint);
}

static void check_bundle_missing(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_app_function *function = NULL;
    const struct thaw_app_binding *binding = extended_binding(lint, &function);
    struct thaw_project_place place = {.file = ""};
    struct thaw_lint_host_value value;
    struct thaw_lint_finding *finding;

    if (!binding || has_extensions_project(lint) || thaw_lint_host(lint, BUNDLE, &value) ||
        thaw_lint_host(lint, BUNDLE ".id", &value))
        return;
    thaw_project_host(lint->project, "", &place, NULL);
    finding = thaw_lint_add(lint, rule, &place, BUNDLE,
                            "host.json asks for no extension bundle, but %s needs an extension",
                            binding->type);
    thaw_lint_evidence(lint, finding, "%s has a %s", thaw_lint_function_text(lint, function),
                       binding->type);
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "bindings", binding->type));
    suggest_bundle(lint, finding);
}

const struct thaw_lint_rule thaw_rule_bundle_missing = {
    .kind =
        {
            .id = "bundle-missing",
            .severity = "error",
            .title = "bindings need extensions that host.json does not ask for",
            .needs = "host.json and the app's functions",
            .explanation =
                "The host itself knows HTTP and timers. Queues, blobs, Service Bus, Event Hubs, "
                "Cosmos DB, Durable and all others are extensions, which a Python app gets as one "
                "bundle that host.json names. Without it the host does not know the binding's type "
                "and the function is not started.\n"
                "\n"
                "This rests on the types of the app's bindings, by its decorators or "
                "function.json, "
                "and on host.json having no \"extensionBundle\". An app that builds its extensions "
                "from an extensions.csproj is left alone.\n"
                "\n"
                "How to change it: add to host.json\n"
                "  \"extensionBundle\": {\n"
                "    \"id\": \"Microsoft.Azure.Functions.ExtensionBundle\",\n"
                "    \"version\": \"[4.0.0, 5.0.0)\"\n"
                "  }\n"
                "\n"
                "What may go wrong: the host takes the highest version that the range allows, so a "
                "new minor version of the bundle comes without a deployment.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = can_check_bundle,
    .check = check_bundle_missing,
};

static bool is_deprecated(const json_t *entry)
{
    const char *status = thaw_lint_fact_text(entry, "status");

    return !strcmp(status, "deprecated") || !strcmp(status, "ended") || !strcmp(status, "retired");
}

/* The numbers of a version in a range, "4.*" and "4" as 4.0.0; false: it is none. */
static bool numbers_of(const char *text, long numbers[3])
{
    char *end;

    memset(numbers, 0, 3 * sizeof(*numbers));
    for (size_t i = 0; i < 3; i++) {
        if (*text == '*' && i)
            return true;
        numbers[i] = strtol(text, &end, 10);
        if (end == text || numbers[i] < 0)
            return false;
        if (*end != '.')
            return true;
        text = end + 1;
    }
    return true;
}

/* A range that begins behind its own end, or where it ends without being included. */
static bool is_empty_range(const char *range)
{
    const char *comma = strchr(range, ',');
    long from[3], to[3];

    if (!comma || !numbers_of(range + 1, from) || !numbers_of(comma + 1, to))
        return false;
    for (size_t i = 0; i < 3; i++)
        if (from[i] != to[i])
            return from[i] > to[i];
    return *range == '(' || range[strlen(range) - 1] == ')';
}

/* No bundle is loaded by such a range. */
static void tell_range(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                       const struct thaw_lint_host_value *value, const char *what)
{
    struct thaw_lint_finding *finding = thaw_lint_add(lint, rule, &value->place, BUNDLE ".version",
                                                      "extensionBundle.version is %s", what);

    thaw_lint_severity(finding, "error");
    suggest_bundle(lint, finding);
}

static void check_bundle_outdated(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct thaw_lint_host_value value;
    struct thaw_lint_finding *finding;
    const json_t *entry;
    const char *ends;
    long major;

    if (!thaw_lint_host(lint, BUNDLE ".version", &value) || !*value.text)
        return;
    major = thaw_lint_highest_major(value.text);
    if (major < 0) {
        tell_range(lint, rule, &value, "no range of versions");
        return;
    }
    if (is_empty_range(value.text)) {
        tell_range(lint, rule, &value,
                   thaw_lint_text(lint, "%s, an empty range: no bundle is in it", value.text));
        return;
    }
    entry = thaw_lint_azure_fact(lint, "bundles", thaw_lint_text(lint, "%ld", major));
    if (!entry || !is_deprecated(entry))
        return;
    ends = thaw_lint_fact_text(entry, "ends");
    finding = thaw_lint_add(lint, rule, &value.place, BUNDLE ".version",
                            "extensionBundle.version %s ends at version %ld, which is %s",
                            value.text, major, thaw_lint_fact_text(entry, "status"));
    if (*ends)
        thaw_lint_evidence(lint, finding, "version %ld %s on %s", major,
                           strcmp(lint->today, ends) > 0 ? "ended" : "ends", ends);
    thaw_lint_source(lint, finding, entry);
    suggest_bundle(lint, finding);
}

const struct thaw_lint_rule thaw_rule_bundle_outdated = {
    .kind =
        {
            .id = "bundle-outdated",
            .severity = "warning",
            .title = "the extension bundle's range allows deprecated versions only",
            .needs = "host.json",
            .explanation =
                "The host loads the highest version of the bundle that the range in host.json "
                "allows. A range that ends below version 4 holds the app at extensions that get no "
                "corrections: versions 1 to 3 are deprecated, and Core Tools and the portal say "
                "so. A text that is no range, or a range that ends before it begins, has no bundle "
                "at "
                "all: that is an error.\n"
                "\n"
                "It matters at cold starts, too: newer bundles have dropped dependencies, and a "
                "range that the platform keeps on its instances has not to be downloaded.\n"
                "\n"
                "How to change it: \"version\": \"[4.0.0, 5.0.0)\". The square bracket includes, "
                "the round one excludes.\n"
                "\n"
                "What may go wrong: settings of extensions in host.json have changed names between "
                "major versions (Cosmos DB's and Event Hubs' above all): thaw explain "
                "host-key-unknown. Test with the bindings that the app uses.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_host,
    .check = check_bundle_outdated,
};

static void check_host_version(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct thaw_project_place root = {.file = ""};
    struct thaw_lint_host_value value;
    struct thaw_lint_finding *finding;

    if (!thaw_lint_host(lint, "version", &value)) {
        thaw_project_host(lint->project, "", &root, NULL);
        finding = thaw_lint_add(lint, rule, &root, "version", "host.json states no \"version\"");
    } else if (json_is_string(value.value) && !strcmp(value.text, "2.0")) {
        return;
    } else if (value.by) {
        return;
    } else {
        finding = thaw_lint_add(lint, rule, &value.place, "version",
                                json_is_string(value.value)
                                    ? "host.json states another \"version\" than \"2.0\""
                                    : "host.json's \"version\" is no text");
    }
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "host", "version"));
    thaw_lint_fix(lint, finding, "set \"version\": \"2.0\"");
}

const struct thaw_lint_rule thaw_rule_host_version = {
    .kind =
        {
            .id = "host-version",
            .severity = "error",
            .title = "host.json does not state the version that the host reads",
            .needs = "host.json",
            .explanation =
                "\"version\" of host.json is the version of the file's form, not the app's and not "
                "the runtime's: \"2.0\" for every runtime from version 2 on, version 4 included. "
                "The host refuses a file without it, or with another one, and no function is "
                "started.\n"
                "\n"
                "How to change it: \"version\": \"2.0\" at the root of host.json. It is a text: "
                "2.0 "
                "without quotes is a number.\n"
                "\n"
                "The app's own version has no place in host.json; put it into a setting or the "
                "package.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_host,
    .check = check_host_version,
};
