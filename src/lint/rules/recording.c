/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that hold settings and templates against what a recording saw. */
#include <stdlib.h>
#include <string.h>

#include "lint/code.h"
#include "lint/look.h"
#include "lint/recorded.h"
#include "lint/rules.h"
#include "packaging/version.h"
#include "report/keys.h"

/* Starts of one app differ by that much between machines, and from day to day. */
#define NEAR_LIMIT 0.7

/* A number that is deployed as a setting. */
static bool deployed_number(const struct thaw_lint *lint, const char *name,
                            const struct thaw_setting **setting, double *ret)
{
    *setting = thaw_lint_deployed(lint, name);
    return *setting && thaw_lint_amount((*setting)->value, ret);
}

/* --- concurrency-not-reached --- */

struct promise {
    double at_once;
    bool of_each_worker; /* not of the instance as a whole */
    struct thaw_project_place place;
    const char *subject, *words;
};

/* The site's property goes before what the worker is set to; where templates of several apps differ
 * it is not known which of them was recorded. */
static bool promised_by_site(struct thaw_lint *lint, struct promise *ret)
{
    const struct thaw_project_fact *fact = NULL;
    bool any = false;
    double value;

    while ((fact = thaw_project_fact(lint->project, THAW_FACT_HTTP_CONCURRENCY, fact))) {
        if (!thaw_lint_amount(fact->value, &value) || (any && ret->at_once != value))
            return false;
        any = true;
        *ret = (struct promise){value, false, fact->place, "perInstanceConcurrency",
                                thaw_lint_text(lint, "%s: perInstanceConcurrency %g",
                                               thaw_lint_place_text(lint, &fact->place), value)};
    }
    return any;
}

/* Of a worker: further ones come so late that few recordings have all of them. */
static bool promised_by_settings(struct thaw_lint *lint, struct promise *ret)
{
    const struct thaw_setting *threads;
    double each;

    if (!deployed_number(lint, "PYTHON_THREADPOOL_THREAD_COUNT", &threads, &each))
        return false;
    *ret = (struct promise){each, true, threads->place, threads->name,
                            thaw_lint_text(lint, "%s: %g thread%s in each worker",
                                           thaw_lint_place_text(lint, &threads->place), each,
                                           each == 1 ? "" : "s")};
    return true;
}

static const json_t *capacity(const struct thaw_lint *lint)
{
    return json_object_get(thaw_recorded_host(lint), "capacity");
}

static bool saw_capacity(const struct thaw_lint *lint)
{
    return thaw_recorded_joins(lint) &&
           !strcmp(thaw_key_string(capacity(lint), "status"), "derived");
}

static void check_concurrency(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *told = capacity(lint);
    double each = json_number_value(json_object_get(told, "at_once"));
    double all = json_number_value(json_object_get(told, "host_at_once")), seen;
    struct promise promise = {0};
    struct thaw_lint_finding *finding;

    if (!promised_by_site(lint, &promise) && !promised_by_settings(lint, &promise))
        return;
    seen = promise.of_each_worker ? each : all;
    if (seen < 1 || seen >= promise.at_once)
        return;
    finding = thaw_lint_add(lint, rule, &promise.place, promise.subject,
                            "%g invocations at once are promised%s, %g ran", promise.at_once,
                            promise.of_each_worker ? " of each worker" : " of an instance", seen);
    thaw_lint_evidence(lint, finding, "%s", promise.words);
    thaw_lint_evidence(lint, finding,
                       "recorded: %g at once in each worker, %g at once in the instance", each,
                       all);
    thaw_lint_evidence(lint, finding, "recorded: %lld of %lld invocations waited for others",
                       (long long)json_integer_value(json_object_get(told, "waited")),
                       (long long)json_integer_value(json_object_get(told, "compared")));
    thaw_lint_source(lint, finding,
                     thaw_lint_fact(lint->facts, "azure_functions", "settings",
                                    "PYTHON_THREADPOOL_THREAD_COUNT"));
    thaw_lint_fix(
        lint, finding,
        "let handlers run at once (def with enough threads, or async without calls that "
        "block), or promise %g; if the recorded app had other settings, record with these",
        seen);
}

/* --- init-near-limit-of-plan --- */

static bool limit_of_plan(const struct thaw_lint *lint, double *ret)
{
    return thaw_lint_fact_number(thaw_lint_plan(lint), "init_s", ret) && *ret > 0;
}

static bool saw_init(const struct thaw_lint *lint)
{
    double limit;

    return thaw_recorded_joins(lint) && thaw_recorded_init_s(lint) >= 0 &&
           limit_of_plan(lint, &limit) && !strcmp(thaw_recorded_platform(lint), "azure_functions");
}

static void tell_dearest_phase(struct thaw_lint *lint, struct thaw_lint_finding *finding)
{
    static const char *const names[] = {"worker", "specialize", "import", "ready"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const json_t *phase = thaw_recorded_phase(lint, names[i]);

        if (phase)
            thaw_lint_evidence(lint, finding, "recorded: phase %s %.2f s", names[i],
                               thaw_recorded_seconds(phase, "end_ns") -
                                   thaw_recorded_seconds(phase, "start_ns"));
    }
}

static void check_init(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    double took = thaw_recorded_init_s(lint), limit = 0;
    const char *title = thaw_lint_fact_text(thaw_lint_plan(lint), "title");
    const struct thaw_inferred *plan = &lint->project->plan;
    struct thaw_lint_finding *finding;

    if (!limit_of_plan(lint, &limit) || took < NEAR_LIMIT * limit)
        return;
    finding = thaw_lint_add(lint, rule, &plan->place, "init",
                            "init took %.1f s: %.0f %% of the %.0f s that %s allows", took,
                            took / limit * 100, limit, *title ? title : plan->value);
    thaw_lint_evidence(lint, finding, "plan: %s (%s)", plan->value, plan->reason);
    tell_dearest_phase(lint, finding);
    thaw_lint_source(lint, finding, thaw_lint_plan(lint));
    thaw_lint_fix(lint, finding,
                  "let imports wait that the first call does not need (thaw explain "
                  "lazy-import), or give the instance more memory");
    if (finding && took >= limit)
        finding->severity = "error";
}

/* --- init-indexing-moved-imports --- */

#define INIT_INDEXING "PYTHON_ENABLE_INIT_INDEXING"

/* What the worker takes for on (4.34, utils/common.py). */
static bool is_on(const struct thaw_setting *setting)
{
    static const char *const words[] = {"1", "true", "t", "yes", "y"};

    for (size_t i = 0; setting && setting->value && i < sizeof(words) / sizeof(words[0]); i++)
        if (!strcasecmp(setting->value, words[i]))
            return true;
    return false;
}

static bool saw_import(const struct thaw_lint *lint)
{
    return thaw_recorded_joins(lint) && thaw_recorded_phase(lint, "import") &&
           !strcmp(thaw_recorded_platform(lint), "azure_functions");
}

/* A worker from the pool has its init when it is given to the app: then its environment is loaded
 * anew. */
static bool is_in_reload(const struct thaw_lint *lint)
{
    return strstr(thaw_key_string(thaw_recorded_phase(lint, "import"), "within"),
                  "EnvironmentReload");
}

static bool is_in_init(const struct thaw_lint *lint)
{
    return strstr(thaw_key_string(thaw_recorded_phase(lint, "import"), "within"), "WorkerInit") ||
           is_in_reload(lint);
}

/* Newer workers always import in init, whatever the setting says. */
static bool is_heeded(const struct thaw_lint *lint)
{
    const json_t *fact = thaw_lint_fact(lint->facts, "azure_functions", "settings", INIT_INDEXING);
    const char *gone = thaw_lint_fact_text(fact, "gone_from_python");
    const char *python = thaw_key_string(thaw_recorded_process(lint), "python");

    return !*gone || !*python || thaw_version_compare(python, gone) < 0;
}

static void check_moved(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_setting *setting = thaw_lint_deployed(lint, INIT_INDEXING);
    const json_t *phase = thaw_recorded_phase(lint, "import");
    struct thaw_lint_finding *finding;
    double init = thaw_recorded_init_s(lint);

    if (!is_on(setting) || !is_in_init(lint) || !is_heeded(lint))
        return;
    finding = thaw_lint_add(lint, rule, &setting->place, setting->name,
                            "%s has moved %.2f s of imports into the worker's %s", setting->name,
                            thaw_recorded_seconds(phase, "end_ns") -
                                thaw_recorded_seconds(phase, "start_ns"),
                            is_in_reload(lint) ? "change from the pool to the app" : "init");
    thaw_lint_evidence(lint, finding, "%s: it is on", thaw_lint_place_text(lint, &setting->place));
    thaw_lint_evidence(lint, finding, "recorded: the app was imported within %s",
                       thaw_key_string(phase, "within"));
    if (init >= 0)
        thaw_lint_evidence(lint, finding, "recorded: init took %.2f s in all", init);
    thaw_lint_source(lint, finding,
                     thaw_lint_fact(lint->facts, "azure_functions", "settings", INIT_INDEXING));
    thaw_lint_fix(lint, finding,
                  "keep it only if HTTP streams are used and Python is 3.12 or "
                  "older; then keep imports short");
}

/* --- setting-not-in-effect --- */

static bool saw_process(const struct thaw_lint *lint)
{
    return thaw_recorded_joins(lint) && thaw_recorded_process(lint);
}

/* The host starts one worker after another: a recording that ended before says nothing. */
static bool was_long_enough(const struct thaw_lint *lint, double workers)
{
    const json_t *run = json_object_get(lint->recording, "run");
    double start = thaw_recorded_seconds(run, "start_ns");
    double end = thaw_recorded_seconds(run, "end_ns"), each;

    return thaw_lint_fact_number(thaw_lint_fact(lint->facts, "azure_functions", "settings",
                                                "FUNCTIONS_WORKER_PROCESS_COUNT"),
                                 "spawned_every_s", &each) &&
           start >= 0 && end - start > each * workers;
}

static void check_process_count(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *workers = json_object_get(thaw_recorded_host(lint), "workers");
    const struct thaw_setting *setting;
    double wanted, seen = (double)json_array_size(workers);
    struct thaw_lint_finding *finding;

    if (!deployed_number(lint, "FUNCTIONS_WORKER_PROCESS_COUNT", &setting, &wanted) || seen < 1 ||
        seen == wanted || (seen < wanted && !was_long_enough(lint, wanted)) ||
        *thaw_lint_without_effect(lint, setting->name))
        return;
    finding = thaw_lint_add(lint, rule, &setting->place, setting->name,
                            "%s is %g, and the recorded host had %g worker%s", setting->name,
                            wanted, seen, seen == 1 ? "" : "s");
    thaw_lint_evidence(lint, finding, "%s", thaw_lint_place_text(lint, &setting->place));
    thaw_lint_source(lint, finding,
                     thaw_lint_fact(lint->facts, "azure_functions", "settings", setting->name));
    thaw_lint_fix(lint, finding,
                  "record with the deployed settings, or look why they are not in "
                  "effect");
    if (finding)
        finding->confidence = "medium"; /* workers that ended are among those seen */
}

static void check_not_moved(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_setting *setting = thaw_lint_deployed(lint, INIT_INDEXING);
    const json_t *phase = thaw_recorded_phase(lint, "import");
    struct thaw_lint_finding *finding;

    if (!is_on(setting) || !*thaw_key_string(phase, "within") || is_in_init(lint) ||
        !is_heeded(lint))
        return;
    finding = thaw_lint_add(lint, rule, &setting->place, setting->name,
                            "%s is on, and the app was not imported within init", setting->name);
    thaw_lint_evidence(lint, finding, "recorded: it was imported within %s",
                       thaw_key_string(phase, "within"));
    thaw_lint_source(lint, finding,
                     thaw_lint_fact(lint->facts, "azure_functions", "settings", setting->name));
    thaw_lint_fix(lint, finding,
                  "record with the deployed settings, or take it away: this "
                  "worker does not heed it");
}

/* "3.11.2" is of "3.11". */
static bool is_of_version(const char *full, const char *minor)
{
    size_t length = strlen(minor);

    return !strncmp(full, minor, length) && (!full[length] || full[length] == '.');
}

/* The version that an option, a file or packages tell, where no template tells one. */
static void check_told_python(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                              const char *seen)
{
    const struct thaw_inferred *python = &lint->project->python;
    struct thaw_lint_finding *finding;

    if (!*python->value || is_of_version(seen, python->value))
        return;
    finding = thaw_lint_add(lint, rule, &python->place, "python",
                            "the app is for Python %s, %s was recorded", python->value, seen);
    thaw_lint_evidence(lint, finding, "Python %s: %s", python->value, python->reason);
    thaw_lint_fix(lint, finding, "record with Python %s: starts of two versions differ",
                  python->value);
}

static void check_python(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const char *seen = thaw_key_string(thaw_recorded_process(lint), "python");
    const struct thaw_project_fact *fact = NULL;
    struct thaw_lint_finding *finding;
    bool is_told = false;

    if (!*seen)
        return;
    while ((fact = thaw_project_fact(lint->project, THAW_FACT_PYTHON, fact))) {
        is_told |= *fact->value != '\0';
        if (!*fact->value || is_of_version(seen, fact->value))
            continue;
        finding = thaw_lint_add(lint, rule, &fact->place, "python",
                                "Python %s is deployed, %s was recorded", fact->value, seen);
        thaw_lint_evidence(lint, finding, "%s", thaw_lint_place_text(lint, &fact->place));
        thaw_lint_fix(lint, finding, "record with Python %s: starts of two versions differ",
                      fact->value);
        return;
    }
    if (!is_told)
        check_told_python(lint, rule, seen);
}

static void check_effect(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    check_process_count(lint, rule);
    check_not_moved(lint, rule);
    check_python(lint, rule);
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_concurrency_not_reached = {
    .kind =
        {
            .id = "concurrency-not-reached",
            .severity = "warning",
            .title = "fewer invocations run at once than settings promise",
            .needs =
                "a recording of this app under load, in which invocations waited for each other",
            .explanation =
                "The platform hands an instance as many invocations at once as it is told to: by "
                "perInstanceConcurrency on Flex Consumption, elsewhere as the host's own limits "
                "allow. How many the workers run at once is another matter: processes times "
                "threads for handlers with def, and one thread for all handlers with async def. "
                "What is beyond waits inside the worker, where no queue length and no scaling "
                "sees it.\n"
                "\n"
                "The recording derives from the times of the invocations how many ran at once "
                "(thaw report, section concurrency). Here it is less than what the templates or "
                "settings promise.\n"
                "\n"
                "How to change it: more threads (PYTHON_THREADPOOL_THREAD_COUNT) for handlers "
                "that wait for others; more processes for handlers that compute, each of which "
                "loads the app once more; no calls that block in async handlers. Or promise "
                "less, so that the platform adds instances instead.\n"
                "\n"
                "What may go wrong: handlers that run at once share memory. A recording of "
                "another machine, with other settings, says little about this one.",
        },
    .area = "recording",
    .platforms = THAW_LINT_AZURE,
    .can_check = saw_capacity,
    .check = check_concurrency,
};

const struct thaw_lint_rule thaw_rule_init_near_limit_of_plan = {
    .kind =
        {
            .id = "init-near-limit-of-plan",
            .severity = "warning",
            .title = "the recorded start comes near to what the plan allows",
            .needs = "a recording of this app, and a plan that limits the start",
            .explanation =
                "Some plans end a worker that isn't ready in time: Flex Consumption after 30 s, "
                "which can't be changed. The request then waits for another start, which takes "
                "as long, or fails.\n"
                "\n"
                "The recording's time is held against the limit of the plan that the templates "
                "or --plan tell: from seven tenths on it is a warning, beyond the limit an "
                "error. What takes seven tenths on this machine may well take all on a smaller "
                "or busier instance: the smallest one of Flex has a quarter of a core.\n"
                "\n"
                "What is counted: from the worker's begin until it was ready for its first "
                "invocation, without waiting in a pool.\n"
                "\n"
                "How to change it: thaw report shows what is dearest. Let imports wait, do "
                "nothing over the network while importing, ship bytecode, take more memory for "
                "the instance (CPU comes with it), or keep some always ready.",
        },
    .area = "recording",
    .platforms = THAW_LINT_AZURE,
    .can_check = saw_init,
    .check = check_init,
};

const struct thaw_lint_rule thaw_rule_init_indexing_moved_imports = {
    .kind =
        {
            .id = "init-indexing-moved-imports",
            .severity = "note",
            .title = "a setting has moved the app's imports into the worker's init",
            .needs = "a recording of this app that shows its import",
            .explanation =
                "PYTHON_ENABLE_INIT_INDEXING has the worker import the app, and look for its "
                "functions, while it answers the host's first message, instead of later when it "
                "is asked for its functions. HTTP streams need it up to Python 3.12; from 3.13 "
                "on the setting means nothing.\n"
                "\n"
                "In the recording the imports are within that message. They aren't saved, only "
                "earlier: they count against the limit for init. A worker from the pool, which has "
                "its init behind it, does them when it is given to the app and its settings "
                "(FunctionEnvironmentReload).\n"
                "\n"
                "How to change it: take it away if no function streams. If one does, keep what "
                "is imported at module level short.",
        },
    .area = "recording",
    .platforms = THAW_LINT_AZURE,
    .can_check = saw_import,
    .check = check_moved,
};

const struct thaw_lint_rule thaw_rule_setting_not_in_effect = {
    .kind =
        {
            .id = "setting-not-in-effect",
            .severity = "note",
            .title = "what is deployed was not so in the recording",
            .needs = "a recording of this app that shows its worker",
            .explanation =
                "Settings and templates say one thing, and the recorded run shows another: "
                "another number of workers, an import that is not where a setting would have put "
                "it, another version of Python.\n"
                "\n"
                "Either the recording was made without the deployed settings, and then tells "
                "less about production than it could; or the setting is one that this plan or "
                "version doesn't heed, and what you expect of it isn't so.\n"
                "\n"
                "The host starts further workers one by one, some seconds apart: fewer than set "
                "are told only when the recording was long enough for all of them.\n"
                "\n"
                "How to change it: run the recorded app with the deployed settings (thaw record "
                "passes its environment on), and the deployed version of Python; or take the "
                "setting away.",
        },
    .area = "recording",
    .platforms = THAW_LINT_AZURE,
    .can_check = saw_process,
    .check = check_effect,
};
