/* SPDX-License-Identifier: Apache-2.0 */
/* Which imports may wait, which need a look and why, and which are not suggested at all
 * (src/analysis/lazy_import.c, lazy_safety.c, lazy_sets.c), worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lazy_fixture.h"

#define MS 1000000u
#define AT "90_000_000 "
#define BOUND "bound=\"alpha\" "
#define SAFE_ALPHA AT LAZY_ALPHA BOUND LAZY_WORK
#define HELPERS                                                                                    \
    AT "inventory.statement file=\"/app/function_app.py\" line=3 module=\"helpers\" "              \
       "bound=\"helpers\" use=\"functions\" functions=[\"other\"] detail=\"first used at line "    \
       "31\"\n"

static struct lazy_fixture fixture;

static void open_app(const char *early, const char *late)
{
    lazy_fixture_open(&fixture, LAZY_EFFECTS, early, late);
}

static int close_app(void **state)
{
    (void)state;
    lazy_fixture_close(&fixture);
    fixture = (struct lazy_fixture){0};
    return 0;
}

static const struct thaw_finding *alpha(void)
{
    return lazy_finding(&fixture, "lazy-import", 1);
}

static void assert_safe(const struct thaw_finding *finding)
{
    assert_non_null(finding);
    assert_string_equal(finding->risk, "safe");
    assert_string_equal(finding->confidence, "high");
    assert_int_equal(finding->reason_count, 0);
}

/* Needs a look, for this one reason, or for one that holds the text. */
static void assert_look(const struct thaw_finding *finding, const char *text)
{
    assert_non_null(finding);
    assert_string_equal(finding->risk, "needs a look");
    assert_string_not_equal(finding->confidence, "high");
    for (size_t i = 0; i < finding->reason_count; i++) {
        if (strstr(finding->reasons[i], text))
            return;
    }
    fail_msg("no reason has \"%s\"; the first is \"%s\"", text,
             finding->reason_count ? finding->reasons[0] : "");
}

static void singles_and_the_set(void **state)
{
    const struct thaw_finding *set, *one;

    (void)state;
    open_app("", SAFE_ALPHA);
    /* beta keeps common: alpha, pack and pack.sub alone; beta has common kept by alpha */
    one = alpha();
    assert_safe(one);
    assert_int_equal(one->saving.ns, (6 + 1 + 3) * MS);
    assert_int_equal(one->saving.modules, 3);
    assert_int_equal(one->saving.gc_ns, 7 * MS);
    assert_true(one->saving.high_ns >= one->saving.ns + 7 * MS);
    assert_int_equal(lazy_finding(&fixture, "lazy-import", 2)->saving.ns, 15 * MS);
    set = lazy_finding(&fixture, "lazy-import-set", 0);
    assert_safe(set);
    assert_int_equal(set->saving.ns, (6 + 1 + 3 + 15 + 20) * MS);
    assert_int_equal(set->saving.modules, 5);
    assert_ptr_equal(set, &fixture.analysis->findings[0]); /* dearest first */
    assert_int_equal(set->first_call_count, 2);
    assert_string_equal(set->first_calls[0].function, "work");
    assert_int_equal(set->first_calls[0].ns, 45 * MS);
    assert_int_equal(set->first_calls[0].line, 20);
    assert_string_equal(set->first_calls[1].function, "other");
    assert_int_equal(set->first_calls[1].ns, 35 * MS);
    assert_int_equal(set->first_calls[1].modules, 2);
    assert_int_equal(fixture.analysis->finding_count, 3);
    close_app(NULL);
}

static void no_suggestion_for_what_is_used_early(void **state)
{
    static const char *const uses[] = {"lazy",    "star",       "type-checking", "conditional",
                                       "global",  "module",     "decorator",     "base",
                                       "default", "class-body", "comprehension", "annotation",
                                       "dynamic"};
    char late[512];

    (void)state;
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        snprintf(late, sizeof(late),
                 AT LAZY_ALPHA BOUND "use=\"%s\" functions=[\"work\"] detail=\"line 9\"\n",
                 uses[i]);
        open_app("", late);
        assert_null(alpha());
        assert_null(lazy_finding(&fixture, "unused-import", 0));
        assert_null(lazy_finding(&fixture, "lazy-import-set", 0));
        assert_safe(lazy_finding(&fixture, "lazy-import", 2));
        close_app(NULL);
    }
}

/* hello() answered first and uses alpha: nothing is gained. */
static void no_suggestion_for_what_the_first_reply_needs(void **state)
{
    (void)state;
    open_app("", AT LAZY_ALPHA BOUND "use=\"functions\" functions=[\"hello\"] detail=\"d\"\n");
    assert_null(alpha());
    close_app(NULL);
}

/* One name of a statement that is needed early keeps the others. */
static void a_statement_waits_as_a_whole(void **state)
{
    (void)state;
    open_app("", AT LAZY_ALPHA "name=\"a\" bound=\"a\" " LAZY_WORK AT LAZY_ALPHA
                               "name=\"b\" bound=\"b\" use=\"base\" detail=\"base at line 12\"\n");
    assert_null(alpha());
    close_app(NULL);
    open_app("", AT LAZY_ALPHA
             "name=\"a\" bound=\"a\" " LAZY_WORK AT LAZY_ALPHA
             "name=\"b\" bound=\"b\" use=\"none\" detail=\"not used in this file\"\n");
    assert_look(alpha(), "b is not used in function_app.py (line 1): unused, or wanted");
    close_app(NULL);
}

static void names_that_others_look_at(void **state)
{
    static const struct {
        const char *detail;
        bool made;
    } rows[] = {
        {"named in test_app.py at line 7", true},
        {"used in other.py at line 3", true},
        {"2 files not looked into", true},
        {"imported in other.py at line 3", false},
        {"imported with * in o.py at line 3", false},
        {"in __all__ at line 2", false},
        {"__all__ is computed at line 2", false},
    };
    char late[512];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(late, sizeof(late),
                 AT LAZY_ALPHA BOUND "use=\"exported\" functions=[\"work\"] detail=\"%s\"\n",
                 rows[i].detail);
        open_app("", late);
        if (rows[i].made)
            assert_look(alpha(), rows[i].detail);
        else
            assert_null(alpha());
        close_app(NULL);
    }
    open_app("", AT LAZY_ALPHA BOUND "use=\"exported\" detail=\"named in t.py at line 7\"\n");
    assert_null(alpha()); /* used by others alone */
    close_app(NULL);
}

#define VARIABLE(detail) "\"environment\" detail=\"" detail "\""
#define AND "\n36_000_001 effect stack=6500 what="

static void effects_need_a_look(void **state)
{
    static const struct {
        const char *effect, *reason; /* NULL: none */
    } rows[] = {
        {"\"thread\" started=77", "alpha starts a thread while it is loaded ("},
        {"\"process\" started=78", "starts a process"},
        {"\"connect\" detail=\"10.0.0.1:80\"", "connects to 10.0.0.1:80"},
        {"\"lookup\" detail=\"10.0.0.1\"", "looks up a host: 10.0.0.1"},
        {"\"bind\" detail=\"0.0.0.0:80\"", "binds a socket to 0.0.0.0:80"},
        {"\"bind\" detail=\"[::1]:0\"", NULL},
        {"\"listen\"", "listens on a socket"},
        {"\"write\" detail=\"/tmp/x\"", "writes /tmp/x"},
        {"\"write\" detail=\"/tmp/x\" result=-13", NULL},
        {"\"write\" detail=\"/dev/null\"", NULL},
        {"\"remove\" detail=\"/tmp/x\"", "removes /tmp/x"},
        {"\"mkdir\" detail=\"/tmp/x\"", "makes the folder /tmp/x"},
        {"\"mkdir\" detail=\"/tmp/x\" result=-17", NULL},
        {"\"environment\" detail=\"X set\"", "changes the environment: X set"},
        {VARIABLE("X set") AND VARIABLE("X removed"), NULL},
        {VARIABLE("X removed") AND VARIABLE("X set"), "changes the environment: X removed"},
        {VARIABLE("X set") AND VARIABLE("XY removed"), "changes the environment: XY removed"},
        {"\"socket\" detail=\"inet stream\"", NULL},
        {"\"sleep\" duration_ns=5", NULL},
    };
    char early[512];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        /* while alpha's own code is executed, behind its imports */
        snprintf(early, sizeof(early), "36_000_000 effect stack=6500 what=%s\n", rows[i].effect);
        open_app(early, SAFE_ALPHA);
        if (rows[i].reason) {
            assert_look(alpha(), rows[i].reason);
            assert_look(lazy_finding(&fixture, "lazy-import-set", 0), rows[i].reason);
        } else {
            assert_safe(alpha());
        }
        close_app(NULL);
    }
}

/* Alpha and beta load pack.sub, which is relied on: the one or the other must stay. */
static void a_set_is_judged_as_a_whole(void **state)
{
    (void)state;
    open_app("", SAFE_ALPHA AT
             "inventory.import file=\"/site/beta.py\" line=7 module=\"pack.sub\"\n" AT
             "inventory.statement file=\"/app/function_app.py\" line=4 module=\"pack\" "
             "bound=\"pack\" use=\"module\" detail=\"module level at line 40\" "
             "attributes=[\"sub.call\"]\n");
    assert_safe(alpha());
    assert_safe(lazy_finding(&fixture, "lazy-import", 2));
    assert_null(lazy_finding(&fixture, "lazy-import-set", 0));
    close_app(NULL);
}

static void signals_refuse_functions_called_in_threads(void **state)
{
    (void)state;
    open_app("36_000_000 effect stack=6500 what=\"signal\" detail=\"SIGTERM: a handler\"\n",
             SAFE_ALPHA);
    assert_null(alpha());
    close_app(NULL);
}

static void async_functions_would_block_the_loop(void **state)
{
    (void)state;
    open_app("", AT LAZY_ALPHA BOUND
             "use=\"functions\" functions=[\"serve\"] detail=\"first used at line 41\"\n" AT
             "inventory.definition file=\"/app/function_app.py\" line=40 name=\"serve\" "
             "kind=\"async function\"\n");
    assert_look(alpha(), "serve() is async (function_app.py line 40): its first call would block");
    close_app(NULL);
}

static void what_the_users_own_modules_do_as_they_are_loaded(void **state)
{
    const struct thaw_finding *helpers;

    (void)state;
    open_app("", HELPERS);
    assert_safe(lazy_finding(&fixture, "lazy-import", 3));
    close_app(NULL);
    open_app("", HELPERS AT "inventory.statement file=\"/app/helpers.py\" line=1 module=\"os\" "
                            "bound=\"os\" use=\"module\" detail=\"module level at line 4\" "
                            "attributes=[\"environ\"]\n");
    assert_look(lazy_finding(&fixture, "lazy-import", 3),
                "helpers.py reads settings while it is loaded (module level at line 4)");
    close_app(NULL);
    /* by a function that the module's code calls */
    open_app("", HELPERS AT "inventory.statement file=\"/app/helpers.py\" line=1 module=\"os\" "
                            "name=\"getenv\" bound=\"getenv\" use=\"functions\" "
                            "functions=[\"check\"] detail=\"first used at line 4\"\n" AT
                            "inventory.definition file=\"/app/helpers.py\" line=1 "
                            "name=\"<module>\" kind=\"module\" references=[\"check\"]\n");
    assert_look(lazy_finding(&fixture, "lazy-import", 3), "reads settings");
    close_app(NULL);
    /* a client */
    open_app("", HELPERS AT "inventory.statement file=\"/app/helpers.py\" line=1 module=\"beta\" "
                            "name=\"Client\" bound=\"Client\" use=\"module\" "
                            "detail=\"module level at line 6\"\n");
    helpers = lazy_finding(&fixture, "lazy-import", 3);
    assert_look(helpers, "helpers.py uses Client while it is loaded (module level at line 6)");
    close_app(NULL);
    /* constants of the standard library are no client */
    open_app("", HELPERS AT "inventory.statement file=\"/app/helpers.py\" line=1 "
                            "module=\"logging\" bound=\"logging\" use=\"module\" "
                            "detail=\"module level at line 6\" attributes=[\"getLogger\"]\n");
    assert_safe(lazy_finding(&fixture, "lazy-import", 3));
    close_app(NULL);
}

#define OTHER(bare)                                                                                \
    AT "inventory.definition file=\"/app/other.py\" line=1 name=\"<module>\" kind=\"module\" "     \
       "references=[\"work\"] bare=[" bare "]\n"
#define BINDS(line, name, use)                                                                     \
    AT "inventory.statement file=\"/app/other.py\" line=" line " module=\"tasks\" name=\"" name    \
       "\" bound=\"work\" use=\"" use "\" detail=\"d\"\n"

/* work() uses alpha. What other.py calls work as it is loaded may be something else. */
static void imported_names_are_no_functions_of_the_same_name(void **state)
{
    static const struct {
        const char *late;
        bool made;
    } rows[] = {
        {OTHER("\"work\"") BINDS("1", "thing", "module"), true},
        {OTHER("\"work\"") BINDS("1", "", "module"), true},
        {OTHER("\"work\"") BINDS("1", "work", "module"), false},
        {OTHER("\"work\""), false},
        {OTHER("") BINDS("1", "thing", "module"), false}, /* an attribute, too */
        {OTHER("\"work\"") BINDS("1", "thing", "global"), false},
        {OTHER("\"work\"") BINDS("1", "a", "conditional") BINDS("3", "b", "conditional"), false},
    };
    char late[2048];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(late, sizeof(late), "%s%s", SAFE_ALPHA, rows[i].late);
        open_app("", late);
        if (rows[i].made)
            assert_safe(alpha());
        else
            assert_null(alpha());
        close_app(NULL);
    }
}

#define PACK(use, attributes)                                                                      \
    AT "inventory.statement file=\"/app/function_app.py\" line=4 module=\"pack\" bound=\"pack\" "  \
       "use=\"" use "\" functions=[\"other\"] detail=\"first used at line 33\" "                   \
       "attributes=[\"" attributes "\"]\n"

/* `import pack; pack.sub.call()` works only because alpha imports pack.sub. */
static void chains_that_only_another_import_makes_work(void **state)
{
    (void)state;
    open_app("", SAFE_ALPHA PACK("module", "sub.call"));
    assert_null(alpha());
    close_app(NULL);
    open_app("", SAFE_ALPHA PACK("functions", "sub.call"));
    assert_null(alpha());
    close_app(NULL);
    open_app("", SAFE_ALPHA PACK("module", "VERSION"));
    assert_safe(alpha());
    close_app(NULL);
    /* `import pack.sub` is an import of its own: pack and pack.sub stay */
    open_app("", SAFE_ALPHA AT
             "inventory.statement file=\"/app/function_app.py\" line=4 module=\"pack.sub\" "
             "bound=\"pack\" use=\"module\" detail=\"d\" attributes=[\"sub.call\"]\n");
    assert_safe(alpha());
    assert_int_equal(alpha()->saving.ns, 6 * MS);
    close_app(NULL);
}

static void unused_imports_are_never_to_be_removed(void **state)
{
    const struct thaw_finding *unused;

    (void)state;
    open_app("36_000_000 effect stack=6500 what=\"thread\" started=77\n",
             AT LAZY_ALPHA BOUND "use=\"none\" detail=\"not used in this file\"\n");
    assert_null(alpha());
    unused = lazy_finding(&fixture, "unused-import", 1);
    assert_look(unused, "alpha starts a thread");
    assert_string_equal(unused->confidence, "low");
    assert_string_equal(unused->severity, "note");
    assert_non_null(strstr(unused->title, "unused, or wanted for its side effect"));
    assert_null(strstr(unused->fix, "remove"));
    assert_int_equal(unused->first_call_count, 0);
    close_app(NULL);
    /* somebody relies on what it loads: not unused */
    open_app("", AT LAZY_ALPHA BOUND "use=\"none\" detail=\"d\"\n" PACK("module", "sub.call"));
    assert_null(lazy_finding(&fixture, "unused-import", 1));
    close_app(NULL);
}

static void effects_that_nobody_looked_for(void **state)
{
    (void)state;
    lazy_fixture_open(&fixture, "", "", SAFE_ALPHA);
    assert_look(alpha(), "the recording doesn't hold what modules did");
    assert_look(lazy_finding(&fixture, "lazy-import-set", 0),
                "the recording doesn't hold what modules did");
    close_app(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(singles_and_the_set),
        cmocka_unit_test(no_suggestion_for_what_is_used_early),
        cmocka_unit_test(no_suggestion_for_what_the_first_reply_needs),
        cmocka_unit_test(a_statement_waits_as_a_whole),
        cmocka_unit_test(names_that_others_look_at),
        cmocka_unit_test(effects_need_a_look),
        cmocka_unit_test(a_set_is_judged_as_a_whole),
        cmocka_unit_test(signals_refuse_functions_called_in_threads),
        cmocka_unit_test(async_functions_would_block_the_loop),
        cmocka_unit_test(what_the_users_own_modules_do_as_they_are_loaded),
        cmocka_unit_test(imported_names_are_no_functions_of_the_same_name),
        cmocka_unit_test(chains_that_only_another_import_makes_work),
        cmocka_unit_test(unused_imports_are_never_to_be_removed),
        cmocka_unit_test(effects_that_nobody_looked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
