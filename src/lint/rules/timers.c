/* SPDX-License-Identifier: Apache-2.0 */
/* Timers: called at each start, or each second. */
#include <string.h>

#include "lint/look.h"
#include "lint/rules.h"

static const struct thaw_app_binding *timer_of(const struct thaw_app_function *function)
{
    return thaw_lint_is_live(function) && thaw_lint_function_is(function, "timerTrigger")
               ? thaw_app_trigger(function)
               : NULL;
}

static void check_startup(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        const struct thaw_app_binding *timer = timer_of(function);
        struct thaw_lint_finding *finding;

        if (!timer || !timer->at_startup)
            continue;
        finding = thaw_lint_add(lint, rule, &timer->place, function->name,
                                "%s is called at each start of the host, beside its schedule",
                                function->name);
        if (timer->schedule && *timer->schedule)
            thaw_lint_evidence(lint, finding, "its schedule: %s", timer->schedule);
        thaw_lint_source(lint, finding,
                         thaw_lint_azure_fact(lint, "limits", "timer-run-on-startup"));
        thaw_lint_fix(lint, finding,
                      function->model == THAW_FUNCTION_V1 ? "remove \"runOnStartup\": true"
                                                          : "remove run_on_startup=True");
    }
}

const struct thaw_lint_rule thaw_rule_timer_at_startup = {
    .kind =
        {
            .id = "timer-at-startup",
            .severity = "warning",
            .title = "a timer is called whenever the host starts",
            .needs = "the app's functions",
            .explanation =
                "run_on_startup=True (runOnStartup in function.json) calls a timer's function when "
                "the host starts: after idle time, at each restart and deployment, and on each "
                "instance that is added. So it runs at times that nobody chose, and several times "
                "at once when the app scales out.\n"
                "\n"
                "It also takes part in cold starts: what it does competes with the first request "
                "for the same worker.\n"
                "\n"
                "It is of use while developing, and Microsoft's page says that it should hardly "
                "ever be set in production.\n"
                "\n"
                "How to change it: remove it. What an instance needs before its first call belongs "
                "into the module or a warmup trigger; to run a timer once by hand, POST to "
                "/admin/functions/NAME.\n"
                "\n"
                "What may go wrong: work that relied on being done after a deployment has to be "
                "started by it.",
        },
    .area = "cold-start",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_startup,
};

/* Six fields, the first of which is "*": all seconds of the minutes that the rest names. */
static bool is_each_second(const char *schedule)
{
    size_t fields = 0;

    schedule += strspn(schedule, " ");
    if (strncmp(schedule, "* ", 2) != 0)
        return false;
    for (const char *at = schedule; *at; at += strspn(at, " ")) {
        at += strcspn(at, " ");
        fields++;
    }
    return fields == 6;
}

/* What such a schedule is, by the fields behind the first one. */
static const char *times_of(const char *schedule)
{
    const char *field = schedule + strspn(schedule, " ") + 1;
    bool is_any_minute, is_any = true;

    field += strspn(field, " ");
    is_any_minute = *field == '*' && field[1] == ' ';
    for (; *field; field += strspn(field, " ")) {
        is_any = is_any && *field == '*' && (!field[1] || field[1] == ' ');
        field += strcspn(field, " ");
    }
    return is_any          ? "each second"
           : is_any_minute ? "each second of the hours or days that its schedule names"
                           : "60 times within each minute that its schedule names";
}

static void check_each_second(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        const struct thaw_app_binding *timer = timer_of(function);
        struct thaw_lint_finding *finding;

        if (!timer || !timer->schedule || !is_each_second(timer->schedule))
            continue;
        finding = thaw_lint_add(lint, rule, &timer->place, function->name, "%s is called %s: %s",
                                function->name, times_of(timer->schedule), timer->schedule);
        thaw_lint_evidence(lint, finding, "the first of six fields counts seconds");
        thaw_lint_source(lint, finding,
                         thaw_lint_azure_fact(lint, "limits", "timer-seconds-field"));
        thaw_lint_fix(lint, finding, "write 0 for the first field, unless it is meant");
    }
}

const struct thaw_lint_rule thaw_rule_timer_each_second = {
    .kind =
        {
            .id = "timer-each-second",
            .severity = "warning",
            .title = "a timer's schedule has each second",
            .needs = "the app's functions",
            .explanation =
                "Schedules of Azure Functions have six fields and begin with seconds; those of "
                "cron have five and begin with minutes. \"* 1 * * * *\" is not \"at one minute "
                "past "
                "each hour\" but \"each second of that minute\": sixty calls. \"* * * * * *\" is a "
                "call each second, all day, and keeps an instance running that is paid for.\n"
                "\n"
                "How to change it: \"0 1 * * * *\" is one call an hour, \"0 */5 * * * *\" one in "
                "five "
                "minutes. A schedule of five fields, as cron has it, begins with minutes here, "
                "too.\n"
                "\n"
                "What may go wrong: where each second is meant, a queue or a loop in a container "
                "does it with less: suppress the finding then.",
        },
    .area = "scaling",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_each_second,
};
