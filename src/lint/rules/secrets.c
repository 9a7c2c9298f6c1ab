/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets in settings, and doors that are open. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/rules.h"

/* --- in settings --- */

/* What the host itself stores by: there is another way to say it. */
static bool is_storage(const char *name)
{
    return !strcasecmp(name, "AzureWebJobsStorage") ||
           !strcasecmp(name, "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING");
}

static void tell_secret(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                        const struct thaw_setting *setting)
{
    bool is_template = setting->origin == THAW_SETTING_TEMPLATE;
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &setting->place, setting->name,
                      is_template ? "%s: the template has %s in it" : "%s is set to %s itself",
                      setting->name, thaw_setting_shape_name(setting->shape));

    if (!is_template)
        thaw_lint_severity(finding, is_storage(setting->name) ? "note" : "warning");
    thaw_lint_evidence(lint, finding, "told by its form; the value is not kept");
    if (!strcmp(lint->project->platform.value, "aws_lambda")) {
        thaw_lint_source(lint, finding,
                         thaw_lint_fact(lint->facts, "aws_lambda", "limits", "secret-store"));
        thaw_lint_fix(lint, finding,
                      "%skeep it in Secrets Manager and read it there by the function's role; the "
                      "variable has its name only",
                      is_template ? "change the secret, then " : "");
        return;
    }
    if (is_storage(setting->name)) {
        thaw_lint_source(lint, finding,
                         thaw_lint_azure_fact(lint, "limits", "identity_connections"));
        thaw_lint_fix(lint, finding,
                      !strcasecmp(setting->name, "AzureWebJobsStorage")
                          ? "use a connection by identity: AzureWebJobsStorage__accountName"
                          : "use a Key Vault reference, or run from a package without the share");
        return;
    }
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "limits", "key_vault_reference"));
    thaw_lint_fix(lint, finding,
                  "%srefer to Key Vault: "
                  "@Microsoft.KeyVault(SecretUri=https://VAULT.vault.azure.net/"
                  "secrets/NAME), or connect by identity",
                  is_template ? "change the secret, then " : "");
}

/* Variables of SAM's Globals are each function's, and stand in one place. */
static bool is_told_before(const struct thaw_lint *lint, size_t at)
{
    const struct thaw_setting *setting = &lint->project->settings[at];

    for (size_t i = at; i-- > 0;) {
        const struct thaw_setting *other = &lint->project->settings[i];

        if (other->place.line != setting->place.line ||
            strcmp(other->place.file, setting->place.file) != 0)
            return false; /* they are in the order of their places */
        if (other->place.column == setting->place.column && other->shape == setting->shape &&
            !strcmp(other->name, setting->name))
            return true;
    }
    return false;
}

static void check_settings(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];

        if (setting->origin != THAW_SETTING_LOCAL && thaw_setting_shape_is_secret(setting->shape) &&
            !is_told_before(lint, i))
            tell_secret(lint, rule, setting);
    }
}

const struct thaw_lint_rule thaw_rule_secret_in_settings = {
    .kind =
        {
            .id = "secret-in-settings",
            .severity = "error",
            .title = "a secret stands in a setting",
            .needs = "the settings that are deployed",
            .explanation =
                "Keys, passwords and signed URLs are told by their form: AccountKey=, "
                "SharedAccessKey=, Password=, sig=, and the prefixes that services give to their "
                "tokens. thaw prints names and places only, and keeps no value.\n"
                "\n"
                "In a template the secret is in the repository, for whoever reads it and for ever: "
                "an error. In deployed settings everyone with the right to read the app's "
                "configuration sees it: a warning; for AzureWebJobsStorage, where it is usual, a "
                "note.\n"
                "\n"
                "How to change it: best without a secret at all – a managed identity and "
                "NAME__accountName, NAME__fullyQualifiedNamespace. Else a reference: "
                "@Microsoft.KeyVault(VaultName=…;SecretName=…). In a template take the value from "
                "a "
                "secure parameter or a reference, and change the secret: it has been seen. On AWS "
                "Lambda keep it in Secrets Manager, give the function's role the right to read it, "
                "and let the variable name it; a dynamic reference "
                "({{resolve:secretsmanager:…}}) keeps it out of the template only.\n"
                "\n"
                "What may go wrong: references are resolved when the app starts and every 24 "
                "hours; "
                "the identity needs the right to read secrets, or the app gets the text of the "
                "reference for a value.",
        },
    .area = "secrets",
    .platforms = THAW_LINT_AZURE | THAW_LINT_LAMBDA,
    .can_check = thaw_lint_has_settings,
    .check = check_settings,
};

/* --- references --- */

static void check_reference(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];
        struct thaw_lint_finding *finding;

        if (setting->origin == THAW_SETTING_LOCAL || setting->shape != THAW_SHAPE_REFERENCE_INVALID)
            continue;
        finding =
            thaw_lint_add(lint, rule, &setting->place, setting->name,
                          "%s has a Key Vault reference that is not well formed", setting->name);
        if (*setting->detail)
            thaw_lint_evidence(lint, finding, "%s", setting->detail);
        thaw_lint_source(lint, finding,
                         thaw_lint_azure_fact(lint, "limits", "key_vault_reference"));
        thaw_lint_fix(lint, finding,
                      "write @Microsoft.KeyVault(VaultName=VAULT;SecretName=NAME) or "
                      "@Microsoft.KeyVault(SecretUri=https://…)");
    }
}

const struct thaw_lint_rule thaw_rule_key_vault_reference_invalid = {
    .kind =
        {
            .id = "key-vault-reference-invalid",
            .severity = "error",
            .title = "a Key Vault reference is not well formed",
            .needs = "the settings that are deployed",
            .explanation =
                "A reference that the platform can't read is no error at deployment: the app gets "
                "the text itself, @Microsoft.KeyVault(…), for a value, and fails where it uses it "
                "– "
                "a connection string that does not parse, a password that is refused.\n"
                "\n"
                "Two forms are known: SecretUri=, with the secret's full address, and VaultName= "
                "with SecretName= (and SecretVersion=), with a semicolon between them.\n"
                "\n"
                "How to change it: @Microsoft.KeyVault(VaultName=shop;SecretName=db). Without a "
                "version the newest is taken within a day.\n"
                "\n"
                "What may go wrong: a reference that is well formed may still not resolve; the "
                "portal shows its status (MSINotEnabled, SecretNotFound, AccessToKeyVaultDenied).",
        },
    .area = "secrets",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_settings,
    .check = check_reference,
};

static void check_reference_here(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    if (!json_is_false(json_object_get(thaw_lint_plan(lint), "key_vault_references")))
        return;
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];
        struct thaw_lint_finding *finding;

        if (setting->origin == THAW_SETTING_LOCAL ||
            (setting->shape != THAW_SHAPE_REFERENCE &&
             setting->shape != THAW_SHAPE_REFERENCE_INVALID))
            continue;
        finding = thaw_lint_add(lint, rule, &setting->place, setting->name,
                                "%s is a Key Vault reference, which %s does not resolve",
                                setting->name, thaw_lint_plan_title(lint));
        thaw_lint_plan_evidence(lint, finding);
        thaw_lint_fix(lint, finding,
                      "make it a secret of the container app (keyVaultUrl and "
                      "identity) and set it by secretRef");
    }
}

const struct thaw_lint_rule thaw_rule_key_vault_reference_not_here = {
    .kind =
        {
            .id = "key-vault-reference-not-here",
            .severity = "error",
            .title = "Key Vault references where the platform does not resolve them",
            .needs = "the plan and the settings that are deployed",
            .explanation =
                "@Microsoft.KeyVault(…) is App Service's own: the plans that run there resolve it "
                "before the app sees the value. Container Apps do not: the app gets the text of "
                "the "
                "reference.\n"
                "\n"
                "How to change it: there, a secret of the app points to the vault, and the "
                "environment variable to the secret:\n"
                "  secrets: [{ name: 'db', keyVaultUrl: '…', identity: 'system' }]\n"
                "  env: [{ name: 'DB_PASSWORD', secretRef: 'db' }]\n"
                "\n"
                "What may go wrong: the container app's identity needs the right to read secrets, "
                "as before.",
        },
    .area = "secrets",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_plan_and_settings,
    .check = check_reference_here,
};

/* --- local.settings.json --- */

/* local.settings.json of the app, where it is deployed; NULL: it is not. */
static const struct thaw_shipped_file *shipped_settings(const struct thaw_lint *lint)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; shipped && i < shipped->file_count; i++) {
        if (strcmp(shipped->files[i].path, "local.settings.json") != 0)
            continue;
        return lint->project->is_zip ||
                       (lint->project->is_left_out && !lint->project->is_left_out[i])
                   ? &shipped->files[i]
                   : NULL;
    }
    return NULL;
}

static void check_shipped(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_shipped_file *file = shipped_settings(lint);
    struct thaw_project_place place = {.file = "local.settings.json"};
    struct thaw_lint_finding *finding;
    size_t count = 0;

    if (!file)
        return;
    finding = thaw_lint_add(lint, rule, &place, place.file,
                            lint->project->is_zip ? "the package has local.settings.json in it"
                                                  : "local.settings.json is deployed with the app");
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];

        if (setting->origin != THAW_SETTING_LOCAL || !thaw_setting_shape_is_secret(setting->shape))
            continue;
        if (!count++)
            thaw_lint_severity(finding, "error");
        thaw_lint_evidence(lint, finding, "%s is %s (%s)", setting->name,
                           thaw_setting_shape_name(setting->shape),
                           thaw_lint_place_text(lint, &setting->place));
    }
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "limits", "local_settings"));
    thaw_lint_fix(lint, finding,
                  "%sput local.settings.json into .funcignore and build the package "
                  "anew",
                  count ? "change these secrets, " : "");
}

static bool has_shipped(const struct thaw_lint *lint)
{
    return lint->project->shipped && lint->project->shipped->file_count > 0;
}

const struct thaw_lint_rule thaw_rule_local_settings_shipped = {
    .kind =
        {
            .id = "local-settings-shipped",
            .severity = "warning",
            .title = "local.settings.json is part of what is deployed",
            .needs = "the app's files",
            .explanation =
                "local.settings.json is for the developer's machine. On the platform it is not "
                "read; shipped, it puts the machine's connection strings into every copy of the "
                "package: in blob storage, in build artifacts, on each instance.\n"
                "\n"
                "Core Tools leave it out by themselves; zips made by other means (zip -r, a "
                "pipeline's archive step) do not. With a secret in it this is an error.\n"
                "\n"
                "How to change it: a line local.settings.json in .funcignore and .gitignore, and "
                "in "
                "a pipeline leave it out of the archive: zip -r app.zip . -x local.settings.json\n"
                "\n"
                "What may go wrong: a secret that was in a package stays in its older versions: "
                "change it, then delete them.",
        },
    .area = "secrets",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_shipped,
    .check = check_shipped,
};

/* --- open doors --- */

/* The level of a function: its own, else its app's; "" not known. */
static const char *level_of(const struct thaw_lint *lint, const struct thaw_app_function *function)
{
    const struct thaw_app_binding *trigger = thaw_app_trigger(function);
    const char *level = trigger ? trigger->auth_level : "";

    if (!level)
        return "";
    if (*level || function->model == THAW_FUNCTION_V1)
        return level;
    for (size_t i = 0; i < lint->project->app_count; i++) {
        const struct thaw_app_variable *app = &lint->project->apps[i];

        /* A blueprint has the level of the app that it is registered with. */
        if (!strcmp(app->variable, function->app) && !strcmp(app->place.file, function->place.file))
            return app->auth_level ? app->auth_level : "";
    }
    return "";
}

/*
 * What says that it is not for everybody, a word of its route or one of its methods; "" nothing.
 * POST says little: webhooks, logins and most interfaces of one's own have it.
 */
static const char *changes_by(const struct thaw_app_binding *trigger)
{
    static const char *const methods[] = {"PUT", "PATCH", "DELETE"};
    static const char *const words[] = {"admin", "internal", "manage", "debug"};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (trigger->route && strcasestr(trigger->route, words[i]))
            return words[i];
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        for (size_t j = 0; j < trigger->methods.count; j++)
            if (!strcasecmp(trigger->methods.items[j], methods[i]))
                return methods[i];
    return "";
}

static bool is_open(const struct thaw_lint *lint, const struct thaw_app_function *function)
{
    return thaw_lint_is_http(function) && thaw_app_trigger(function) &&
           !strcasecmp(level_of(lint, function), "anonymous");
}

/* As HTTP writes it. */
static const char *method_text(const char *method)
{
    static const char *const known[] = {"GET",    "POST", "PUT",     "PATCH",
                                        "DELETE", "HEAD", "OPTIONS", "TRACE"};

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (!strcasecmp(known[i], method))
            return known[i];
    return method;
}

/* What it is open for: "PUT", "its route has "admin" in it", "GET, POST", "any method". */
static const char *open_for(struct thaw_lint *lint, const struct thaw_app_binding *trigger)
{
    enum { MOST = 4 };
    const char *word = changes_by(trigger), *text = "";

    if (*word && !isupper((unsigned char)*word))
        return thaw_lint_text(lint, "its route has \"%s\" in it", word);
    for (size_t i = 0; i < trigger->methods.count && i < MOST; i++)
        text = thaw_lint_text(lint, "%s%s%s", text, i ? ", " : "",
                              method_text(trigger->methods.items[i]));
    return *text ? text : "any method";
}

/* Functions that something speaks against come first. */
static void tell_each_open(struct thaw_lint *lint, struct thaw_lint_finding *finding, size_t count)
{
    enum { MOST = THAW_LINT_EVIDENCE_MAX - 1 };
    size_t told = 0;

    for (unsigned pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < lint->project->function_count; i++) {
            const struct thaw_app_function *function = &lint->project->functions[i];

            if (!is_open(lint, function) ||
                (*changes_by(thaw_app_trigger(function)) != '\0') != (pass == 0))
                continue;
            if (told++ < MOST || count == THAW_LINT_EVIDENCE_MAX)
                thaw_lint_evidence(lint, finding, "%s: %s", thaw_lint_function_text(lint, function),
                                   open_for(lint, thaw_app_trigger(function)));
        }
    if (count > THAW_LINT_EVIDENCE_MAX)
        thaw_lint_evidence(lint, finding, "and %zu more", count - MOST);
}

static void check_anonymous(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_app_function *first = NULL, *doubtful = NULL;
    struct thaw_lint_finding *finding;
    size_t count = 0, doubtful_count = 0;

    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        if (!is_open(lint, function))
            continue;
        if (!count++)
            first = function;
        if (*changes_by(thaw_app_trigger(function)) && !doubtful_count++)
            doubtful = function;
    }
    if (!count)
        return;
    first = doubtful ? doubtful : first;
    finding = thaw_lint_add(
        lint, rule, &thaw_app_trigger(first)->place, "anonymous",
        "%zu HTTP function%s can be called by anybody%s", count, count == 1 ? "" : "s",
        !doubtful_count ? ""
        : doubtful_count == count
            ? ", to change or to manage something"
            : thaw_lint_text(lint, ", %zu to change or to manage something", doubtful_count));
    if (doubtful) {
        thaw_lint_severity(finding, "warning");
        thaw_lint_confidence(finding, "medium");
    }
    tell_each_open(lint, finding, count);
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "limits", "anonymous_http"));
    thaw_lint_fix(lint, finding, "see that each is meant, or guarded elsewhere; else %s",
                  first->model == THAW_FUNCTION_V1 ? "\"authLevel\": \"function\""
                                                   : "auth_level=func.AuthLevel.FUNCTION");
}

const struct thaw_lint_rule thaw_rule_anonymous_http = {
    .kind =
        {
            .id = "anonymous-http",
            .severity = "note",
            .title = "HTTP functions that anybody can call",
            .needs = "the app's functions",
            .explanation =
                "With the level anonymous a function needs no key. That is right for a public API, "
                "for health checks, and where App Service authentication, API Management or the "
                "app's own code stands in front of it. It is also what most samples have.\n"
                "\n"
                "All of an app's are one finding, a note. It is a warning where one of them takes "
                "PUT, PATCH or DELETE, or has a route that sounds like administration: whether "
                "something else guards it can't be seen from here. POST alone says little: "
                "webhooks and logins have it.\n"
                "\n"
                "How to change it: @app.route(route=\"orders\", "
                "auth_level=func.AuthLevel.FUNCTION), or for the whole app "
                "func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION).\n"
                "\n"
                "What may go wrong: callers have to send the key from then on (x-functions-key). "
                "Keys are no identities: for people take App Service authentication.",
        },
    .area = "secrets",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_anonymous,
};
