/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about files as such: what can't be read, and what thaw itself rests on. */
#include <string.h>

#include "base/text.h"
#include "lint/rules.h"
#include "packaging/version.h"

/*
 * Is it but too new for the Python that read it? A file that one of the app's own version may well
 * compile is none with a fault.
 */
static bool is_too_new(const struct thaw_lint *lint, const struct thaw_problem *problem)
{
    const char *python = lint->project->python.value, *reader = lint->project->reader;

    return problem->kind == THAW_PROBLEM_SYNTAX && *python && *reader &&
           thaw_version_compare(python, reader) > 0;
}

static void tell_too_new(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                         const struct thaw_problem *problem)
{
    const struct thaw_project *project = lint->project;
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &problem->place, problem->place.file,
                      "Python %s could not read it, the app is for %s", project->reader,
                      project->python.value);

    thaw_lint_evidence(lint, finding, "%s", problem->what);
    thaw_lint_evidence(lint, finding, "the app's Python is told by %s", project->python.reason);
    thaw_lint_fix(lint, finding,
                  "have it read by a Python of the app's version: --interpreter PATH (of a Python "
                  "%s)",
                  project->python.value);
}

static void fix_syntax(struct thaw_lint *lint, struct thaw_lint_finding *finding)
{
    const struct thaw_project *project = lint->project;

    if (*project->python.value || !*project->reader) {
        thaw_lint_fix(lint, finding,
                      "correct it there: the app can't import it as it is (python -m compileall "
                      "finds the same)");
        return;
    }
    thaw_lint_evidence(lint, finding, "Python %s read it; which one the app is for is not known",
                       project->reader);
    thaw_lint_fix(lint, finding,
                  "correct it there; where the app is for a Python newer than %s, have it read by "
                  "that one: --interpreter PATH",
                  project->reader);
}

static void tell(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                 const struct thaw_problem *problem)
{
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &problem->place, problem->place.file, "%s", problem->what);

    if (finding && problem->kind == THAW_PROBLEM_TYPE)
        finding->severity = "warning";
    if (problem->kind == THAW_PROBLEM_SYNTAX)
        fix_syntax(lint, finding);
    else if (*problem->fix)
        thaw_lint_fix(lint, finding, "%s", problem->fix);
}

static void tell_all(struct thaw_lint *lint, const struct thaw_lint_rule *rule, unsigned kinds)
{
    for (size_t i = 0; i < lint->project->problem_count; i++)
        if (kinds & 1u << lint->project->problems[i].kind &&
            !is_too_new(lint, &lint->project->problems[i]))
            tell(lint, rule, &lint->project->problems[i]);
}

static void check_malformed(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    tell_all(lint, rule,
             1u << THAW_PROBLEM_MALFORMED | 1u << THAW_PROBLEM_SYNTAX | 1u << THAW_PROBLEM_TYPE);
}

const struct thaw_lint_rule thaw_rule_file_malformed = {
    .kind = {"file-malformed", "error", "a file of the app that is not of its format", "nothing",
             "A file is no JSON (comments and trailing commas are read over), no UTF-8, no Python "
             "that compiles, or has a value of another type than its format has there (then it is "
             "but a warning).\n\n"
             "The Functions host refuses a host.json that it can't parse and starts no function at "
             "all; a function.json takes its function out; a syntax error in one module that "
             "function_app.py imports takes out all functions of the app, as they are found by "
             "importing it. What stands in such a file could not be checked.\n\n"
             "How to change it: correct the file at the line and column that are given. `python -m "
             "compileall .` and an editor that knows JSON find the same. What a Python older than "
             "the app's can't compile is no fault (not-all-read says so then); where the app's is "
             "not known, give --python, or one of its version to read it by --interpreter."},
    .area = "files",
    .platforms = THAW_LINT_ANY,
    .check = check_malformed,
};

static void check_duplicate_key(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    tell_all(lint, rule, 1u << THAW_PROBLEM_DUPLICATE_KEY);
}

const struct thaw_lint_rule thaw_rule_duplicate_key = {
    .kind = {"duplicate-key", "warning", "a key that stands twice in one object", "nothing",
             "JSON leaves open what a key means that an object has twice. Most readers take the "
             "last one and drop the other without a word; .NET's configuration, by which the "
             "Functions host reads app settings and host.json, does not tell keys apart by their "
             "case, and some readers refuse the whole file.\n\n"
             "It is nearly always what is left of a merge, or of a line that was copied: one of "
             "both values has no effect, and nobody sees which.\n\n"
             "How to change it: keep the one that is meant. What was checked here is the last "
             "one."},
    .area = "files",
    .platforms = THAW_LINT_ANY,
    .check = check_duplicate_key,
};

static void check_not_all_read(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    tell_all(lint, rule,
             1u << THAW_PROBLEM_UNREADABLE | 1u << THAW_PROBLEM_TOO_LARGE | 1u << THAW_PROBLEM_CUT);
    for (size_t i = 0; i < lint->project->problem_count; i++)
        if (is_too_new(lint, &lint->project->problems[i]))
            tell_too_new(lint, rule, &lint->project->problems[i]);
}

const struct thaw_lint_rule thaw_rule_not_all_read = {
    .kind =
        {"not-all-read", "warning", "a part of the app that could not be read", "nothing",
         "A file or folder could not be opened, is larger than any that a person writes, or "
         "there are more of them than are looked at. What stands there was not checked, so "
         "that there may be more to say than was said: `thaw lint` ends with 3 then, when "
         "nothing else is wrong.\n\n"
         "What can't be read here is often missing from the package as well: a link that leads "
         "out of the app's folder, a file that belongs to another user.\n\n"
         "Source is read by a Python of this machine. One that is older than the app's does not "
         "know all of its syntax: what it can't compile is not read.\n\n"
         "How to change it: make it readable for whoever runs `thaw lint`, or leave it out of "
         "the app's folder; have newer source read by --interpreter PATH, a Python of the "
         "app's version."},
    .area = "files",
    .platforms = THAW_LINT_ANY,
    .check = check_not_all_read,
};

/* The first zip of the folder; NULL none. */
static const char *zip_of(const struct thaw_lint *lint)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; shipped && i < shipped->file_count; i++)
        if (thaw_text_ends_with(shipped->files[i].path, ".zip"))
            return shipped->files[i].path;
    return NULL;
}

/* By a tool whose files are not read: what it deploys may be an app. */
static bool is_deployed(const struct thaw_lint *lint)
{
    static const char *const names[] = {"serverless.yml",      "serverless.yaml", "cdk.json",
                                        "zappa_settings.json", "samconfig.toml",  "azure.yaml"};
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; shipped && i < shipped->file_count; i++)
        for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
            if (!strcmp(shipped->files[i].path, names[k]))
                return true;
    return false;
}

static void check_no_app(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project *project = lint->project;
    struct thaw_lint_finding *finding;
    const char *zip = zip_of(lint);
    bool has_files = project->has_source || project->manifest_count || project->requirement_count;

    /* What can't be read, or stands in a folder below, is told already. */
    if (project->problem_count || project->template_count || project->setting_count ||
        project->function_count || project->may_be_handler || lint->recording || is_deployed(lint))
        return;
    finding = thaw_lint_add(lint, rule, NULL, "",
                            "there is no app here that thaw knows: %snothing was checked",
                            has_files ? "next to " : "");
    if (has_files)
        thaw_lint_evidence(lint, finding,
                           "no host.json or function of Azure Functions, no handler of Lambda, no "
                           "template, no Dockerfile");
    else
        thaw_lint_evidence(lint, finding,
                           "no host.json, no Python file, no requirements, no template");
    if (zip)
        thaw_lint_fix(lint, finding, "give the zip itself: thaw lint %s", zip);
    else
        thaw_lint_fix(lint, finding,
                      "give the app's folder (for Azure Functions the one with host.json), or the "
                      "zip that is deployed");
}

const struct thaw_lint_rule thaw_rule_no_app_found = {
    .kind = {"no-app-found", "error", "nothing in the folder is an app's", "nothing",
             "The folder has none of the files by which thaw tells an app: no host.json, "
             "function_app.py or function.json, no handler of AWS Lambda, no template of a "
             "deployment, no Dockerfile. Python files or a requirements.txt alone are none. So "
             "hardly any rule had anything to look at, and that nothing is complained of would "
             "mean nothing.\n\n"
             "Usual causes: a pipeline that checks before it has checked out, a path with a letter "
             "too few, a folder that has the built zip only.\n\n"
             "How to change it: give the app's folder, or the zip that is deployed: thaw lint "
             "services/orders. Where it is one that is deployed in a way that thaw does not know: "
             "--disable no-app-found."},
    .area = "files",
    .platforms = THAW_LINT_OTHER,
    .check = check_no_app,
};

static void check_facts_expired(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const char *dated = thaw_lint_facts_dated(lint->facts),
               *expires = thaw_lint_facts_expires(lint->facts);
    struct thaw_lint_finding *finding;

    if (strcmp(lint->today, expires) <= 0)
        return;
    finding = thaw_lint_add(lint, rule, NULL, "",
                            "what thaw knows of the platforms is of %s and was good until %s",
                            dated, expires);
    thaw_lint_evidence(lint, finding, "today is %s; no finding is more than of medium confidence",
                       lint->today);
    thaw_lint_fix(lint, finding, "take a newer thaw");
}

const struct thaw_lint_rule thaw_rule_facts_expired = {
    .kind = {"facts-expired", "warning", "what thaw knows of the platforms is old", "nothing",
             "Limits of plans, names of settings, versions of Python and their ends are data in "
             "thaw, each with its source and the day on which that was read. Platforms change "
             "them several times a year: plans are retired, limits raised, settings dropped. So "
             "the facts have a last day.\n\n"
             "Behind it thaw goes on checking, but says so, and no finding is of high confidence "
             "any more. None of them is taken back: look at the source that stands with it.\n\n"
             "How to change it: take a newer thaw."},
    .area = "files",
    .platforms = THAW_LINT_ANY,
    .check = check_facts_expired,
};

static void check_unused_suppression(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_place place = {.file = lint->suppressions_name, .is_named = true};

    for (size_t i = 0; i < lint->unused.count; i++) {
        const struct thaw_suppression *unused = lint->unused.items[i];
        bool ended = unused->until && *unused->until && strcmp(unused->until, lint->today) < 0;
        struct thaw_lint_finding *finding =
            thaw_lint_add(lint, rule, &place, unused->id,
                          ended ? "the suppression of %s ended on %s"
                                : "nothing is suppressed any more by that of %s%s",
                          unused->id, ended ? unused->until : "");

        if (unused->file && *unused->file)
            thaw_lint_evidence(lint, finding, "it is about %s", unused->file);
        thaw_lint_evidence(lint, finding, "its reason: %s", unused->reason);
        thaw_lint_fix(lint, finding, "take the entry out of %s", lint->suppressions_name);
    }
}

const struct thaw_lint_rule thaw_rule_unused_suppression = {
    .kind =
        {"unused-suppression", "note", "an entry of suppress that has no effect", "a thaw.json",
         "An entry of \"suppress\" in thaw.json is about no finding of `thaw lint`: what it was "
         "about is repaired, or the file or subject is called otherwise by now, or its last day "
         "is over. It would hide the next finding of that kind without anybody having looked "
         "at it.\n\n"
         "Only entries about rules that were checked are told: others may be about findings of "
         "a report, or need a recording.\n\n"
         "How to change it: take the entry out."},
    .area = "files",
    .platforms = THAW_LINT_ANY,
    .check = check_unused_suppression,
};
