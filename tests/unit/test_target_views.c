/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "report_text.h"
#include "shipped_fixture.h"

static char *show(const struct shipped_fixture *fixture, const char *view,
                  const struct thaw_report_options *options)
{
    json_t *report = shipped_fixture_report(fixture);
    char *text = shipped_fixture_view(report, view, options);

    json_decref(report);
    return text;
}

static char *show_plain(const char *view, const char *name)
{
    const struct thaw_report_options options = {.view = {.name = name}};
    struct shipped_fixture fixture;
    char *text;

    shipped_fixture_fill(&fixture);
    text = show(&fixture, view, &options);
    report_text_presentable(text, 80, true);
    return text;
}

static void the_summary_answers(void **state)
{
    char *text = show_plain("summary", NULL);

    (void)state;
    report_text_has(text, "build/app: an app's folder for CPython 3.11 on x86_64 (by most");
    report_text_has(text, "199.0 MB on the disk: 182.1 MB in 7,180 files, 784 folders, 3 symbolic");
    report_text_has(text, "85.0 MB  42.7 %  84.0 MB    130  native");
    report_text_has(text, "Packages: 4, 1 of them top level");
    report_text_has(text, "93.4 MB   133.0 MB  61.6 MB  3,012  pandas 3.1.1");
    report_text_has(text, "- nothing asks for 2 of them: 8.2 kB");
    report_text_has(text, "Shared objects: 3, 5.0 MB");
    report_text_has(text, "- missing: libgone.so.1, wanted by");
    report_text_has(text, "- 2 times libblas.so.3 (same library, other builds): 1.0 MB");
    report_text_has(text, "- strip would save 910.4 kB");
    report_text_has(text, "- with an executable stack: 1");
    report_text_has(text, "- pandas wants numpy>=2.3; NumPy 2.2.0 is installed");
    report_text_has(text, "- requirements.txt:3 wants flask, which is not installed");
    report_text_has(text, "is for CPython 3.10");
    report_text_has(text, "- requirements.txt:3: flask is not installed");
    report_text_has(text, "- not pinned to one version: 1");
    report_text_has(text, "- without hashes: 2");
    report_text_has(text, "Bytecode: 2,300 of 2,350 sources have it (headers read: 312; tests not "
                          "counted)");
    report_text_has(text, "a function with its layers, unzipped: 286.1 MiB of 250.0");
    report_text_lacks(text, "container image"); /* far from it */
    report_text_has(text, "- pipe.so: a FIFO, not opened");
    free(text);
}

static void packages_are_sorted(void **state)
{
    struct thaw_report_options options = {.view = {.sort = "name", .top = 3}};
    struct shipped_fixture fixture;
    char *text;

    (void)state;
    shipped_fixture_fill(&fixture);
    text = show(&fixture, "packages", &options);
    assert_true(strstr(text, "NumPy") < strstr(text, "one 1.0"));
    assert_true(strstr(text, "one 1.0") < strstr(text, "pandas"));
    report_text_lacks(text, "two 1.0");
    report_text_has(text, "- further packages: 1 (--top NUMBER shows more)");
    free(text);
}

static void a_tree_repeats_nothing(void **state)
{
    char *text = show_plain("tree", NULL);

    (void)state;
    report_text_has(text, "  93.4 MB   133.0 MB  pandas 3.1.1  requirements.txt:2\n");
    report_text_has(text, "  39.6 MB             |-NumPy 2.2.0  numpy>=2.3 is wanted\n");
    report_text_has(text, "                      `-tz  not installed\n");
    report_text_lacks(text, "pytest"); /* no one asks for the extra */
    report_text_has(text, "   4.1 kB             one 1.0  only a cycle asks for it\n"
                          "   4.1 kB             `-two 1.0\n"
                          "                        `-one 1.0  as above\n");
    free(text);
}

static void a_tree_ends_where_it_is_told(void **state)
{
    struct thaw_report_options options = {.view = {.depth = 1}};
    struct shipped_fixture fixture;
    char *text;

    (void)state;
    shipped_fixture_fill(&fixture);
    text = show(&fixture, "tree", &options);
    report_text_has(text, "  more below; ");
    report_text_lacks(text, "NumPy");
    free(text);
}

/* Each requires the next, the last the first: the tree goes as deep as the width allows. */
static void a_long_cycle_ends(void **state)
{
    enum { many = 3000 };
    struct thaw_shipped_distribution *all = calloc(many, sizeof(*all));
    struct thaw_shipped_requirement *requires = calloc(many, sizeof(*requires));
    char(*names)[16] = calloc(many, sizeof(*names));
    struct shipped_fixture fixture;
    char *text;

    (void)state;
    assert_true(all && requires && names);
    shipped_fixture_fill(&fixture);
    for (uint32_t i = 0; i < many; i++) {
        snprintf(names[i], sizeof(names[i]), "p%u", i);
        all[i] = fixture.distributions[2];
        all[i].name = names[i];
        all[i].requires = &requires[(i + 1) % many];
        all[i].require_count = 1;
        requires[i] =
            (struct thaw_shipped_requirement){names[i], names[i], "", true, false, i, true};
    }
    fixture.shipped.distributions = all;
    fixture.shipped.distribution_count = many;
    fixture.shipped.conflict_count = fixture.shipped.foreign_count = 0;
    text = show(&fixture, "tree", NULL);
    report_text_presentable(text, 80, true);
    report_text_has(text, "p2999 1.0");
    free(text);
    free(all);
    free(requires);
    free(names);
}

static void why_tells_the_chain(void **state)
{
    char *text = show_plain("why", "NUMPY");

    (void)state;
    report_text_has(text, "NumPy 2.2.0: asked for by 1\n");
    report_text_has(text, "- requirements.txt:2 -> pandas -> NumPy\n");
    free(text);
    text = show_plain("why", "libblas.so.3"); /* two files are called so, one is wanted */
    report_text_has(text, "pandas/hash.so: runpath");
    report_text_has(text, "two.libs/libblas.so.3: already loaded");
    report_text_has(text, "- no shared object: by Python, or by nothing");
    free(text);
    text = show_plain("why", "libgone.so.1");
    report_text_has(text, "pandas/hash.so: not found");
    free(text);
}

static void reverse_goes_up_to_the_requirements(void **state)
{
    char *text = show_plain("reverse", "numpy");

    (void)state;
    assert_string_equal(text, "NumPy 2.2.0  39.6 MB\n"
                              "`-pandas 3.1.1  numpy>=2.3\n"
                              "  `-requirements.txt:2\n");
    free(text);
    text = show_plain("reverse", "one");
    assert_string_equal(text, "one 1.0  4.1 kB\n`-two 1.0  one\n  `-one 1.0  two; as above\n");
    free(text);
}

static void an_unknown_name_is_an_error(void **state)
{
    static const char *const names[] = {"why", "reverse"};
    const struct thaw_report_options options = {.view = {.name = "nothing"}};
    struct shipped_fixture fixture;
    json_t *report;

    (void)state;
    shipped_fixture_fill(&fixture);
    report = shipped_fixture_report(&fixture);
    for (size_t i = 0; i < 2; i++) {
        const struct thaw_report_format *row = thaw_report_target_views();
        struct thaw_error error = {0};
        char *text = NULL;
        size_t length = 0;
        FILE *stream = open_memstream(&text, &length);

        while (strcmp(row->name, names[i]) != 0)
            row++;
        assert_int_equal(row->write(report, &options, stream, &error), -ESRCH);
        assert_non_null(strstr(error.message, "'nothing'"));
        fclose(stream);
        assert_int_equal(length, 0);
        free(text);
    }
    json_decref(report);
}

static void closures_say_why(void **state)
{
    char *text = show_plain("libraries", NULL);

    (void)state;
    report_text_has(text, "pandas/hash.so  3.0 MB\n");
    report_text_has(text, "numpy.libs/libblas.so.3  runpath of hash.so\n");
    report_text_has(text, "`-libgone.so.1  MISSING\n");
    report_text_has(text, "| `-/lib/libc.so.6  ld.so.cache\n");
    report_text_has(text, "two.libs/libblas.so.3  1.0 MB\n");
    free(text);
}

static void objects_have_their_sections(void **state)
{
    char *text = show_plain("objects", NULL);

    (void)state;
    report_text_has(text, "3.0 MB  910.4 kB       11,200     3");
    report_text_has(text, ".text 2.0 MB");
    report_text_has(text, "W+X");
    report_text_has(text, "X-STACK");
    free(text);
    text = show_plain("duplicates", NULL);
    report_text_has(text, "libblas.so.3 (same library, other builds): 1.0 MB too much");
    report_text_has(text, "a process uses: each its own");
    free(text);
}

static void folders_are_a_tree(void **state)
{
    char *text = show_plain("files", NULL);

    (void)state;
    /* the app's folder holds little but the packages: it says nothing */
    report_text_has(text, " 198.0 MB  .python_packages/lib/site-packages  99.5 %, 999 files\n"
                          "  90.0 MB  `-pandas  45.2 %, 998 files, pandas\n"
                          "  60.0 MB    `-tests  30.2 %, 997 files\n");
    free(text);
}

static void other_views(void **state)
{
    char *text = show_plain("conflicts", NULL);

    (void)state;
    report_text_has(text, "- one and two both own");
    report_text_has(text, "- one is installed twice, in two versions");
    report_text_has(text, "- pandas 3.1.1 of the files it lists: 1 has another size");
    report_text_has(text, "- one 1.0 has no RECORD");
    report_text_has(text, "- two 1.0 is for CPython 3.10");
    free(text);
    text = show_plain("bytecode", NULL);
    report_text_has(text, "50  900.0 kB  stale");
    report_text_has(text, ".pth: adds 0 folders,\n  executes 1 line\n");
    free(text);
    text = show_plain("limits", NULL);
    report_text_has(text, "286.1 MiB of 250.0 MiB, 114.4 %: refused");
    report_text_has(text, "a container image");
    free(text);
    text = show_plain("faults", NULL);
    report_text_has(text, "- broken.so: truncated ELF file");
    free(text);
    text = show_plain("use", NULL);
    report_text_has(text, "No recording was given");
    free(text);
}

/* What recordings add, as the schema has it. */
/* Numbers as wide as they get: what a narrow table has no room for is left out. */
static void use_fits_however_wide_its_numbers_are(void **state)
{
    static const char *const keys[] = {"bytes",          "opened_bytes", "mapped_bytes",
                                       "resident_bytes", "used_bytes",   "import_ns",
                                       "import_total_ns"};
    struct shipped_fixture fixture;
    json_t *report, *package;

    (void)state;
    shipped_fixture_fill(&fixture);
    report = shipped_fixture_report(&fixture);
    json_object_set_new(report, "use", json_pack("{s[] s[]}", "recordings", "stages"));
    package = json_array_get(json_object_get(report, "distributions"), 0);
    json_object_set_new(package, "name", json_string("a-package-of-a-rather-long-name"));
    json_object_set_new(package, "used_in", json_integer(1));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        json_object_set_new(package, keys[i], json_integer(i < 5 ? 999900 : 9999900000));
    for (int width = 80; width <= 200; width += 20) {
        char *text =
            shipped_fixture_view(report, "use", &(struct thaw_report_options){.width = width});

        report_text_presentable(text, (size_t)width, true);
        report_text_has(text, "999.9 kB  9999.9 ms  9999.9 ms  a-package");
        (width < 100 ? report_text_lacks : report_text_has)(text, "  MAPPED  ");
        free(text);
    }
    json_decref(report);
}

static void use_is_told_stage_by_stage(void **state)
{
    struct shipped_fixture fixture;
    json_t *report, *use;
    char *text;

    (void)state;
    shipped_fixture_fill(&fixture);
    report = shipped_fixture_report(&fixture);
    use = json_pack("{s[{}{}] s[{sssisi}{sssisi}{sssnsn}] s[{sssisi}] s[{sssisi}] s[{sssn}] "
                    "s{sisisisi}}",
                    "recordings", "stages", "stage", "shipped", "files", 100, "bytes", 1000000,
                    "stage", "opened", "files", 10, "bytes", 250000, "stage", "used", "files",
                    "bytes", "bytecode", "state", "missing", "modules", 4, "ns", 21000000,
                    "search_folders", "path", "/srv/app", "lookups_failed", 210, "ns", 3100000,
                    "path_files", "path", "a.pth", "ns", "small_files", "files", 900, "bytes",
                    6000000, "open_ns", 30000000, "read_ns", 21000000);
    assert_non_null(use);
    json_object_set_new(report, "use", use);
    for (size_t i = 0; i < 4; i++) {
        json_t *package = json_array_get(json_object_get(report, "distributions"), i);

        json_object_set_new(package, "used", json_boolean(i == 0));
        json_object_set_new(package, "used_in", json_integer(i == 0));
        json_object_set_new(package, "import_ns", json_integer(i == 0 ? 214000000 : 0));
    }
    text = shipped_fixture_view(report, "use", NULL);
    report_text_presentable(text, 80, true);
    report_text_has(text, "What 2 recordings used of it");
    report_text_has(text, "opened    250.0 kB   25.0 %     10 ");
    report_text_has(text, "not known");
    report_text_has(text, "mapped and resident are of shared objects only");
    report_text_has(text, "- NumPy 2.2.0, 36.4 MB");
    free(text);
    text = shipped_fixture_view(report, "packages", NULL);
    report_text_has(text, "214.0 ms  1 of 2  pandas 3.1.1");
    report_text_has(text, "0 of 2  NumPy 2.2.0");
    free(text);
    for (size_t i = 0; i < 2; i++) { /* of the first and the second it is not known */
        json_t *package = json_array_get(json_object_get(report, "distributions"), i);

        json_object_del(package, "used");
        json_object_del(package, "used_in");
        json_object_del(package, "import_ns");
    }
    text = shipped_fixture_view(report, "packages", NULL);
    report_text_has(text, " ?  pandas 3.1.1");
    report_text_has(text, " ?  NumPy 2.2.0");
    report_text_has(text, "0 of 2  one 1.0");
    free(text);
    json_decref(report);
}

static void hostile_names_stay_texts(void **state)
{
    (void)state;
    for (size_t i = 0; report_fixture_hostile[i]; i++) {
        const struct thaw_report_options options = {.view = {.name = report_fixture_hostile[i]}};
        struct shipped_fixture fixture;

        shipped_fixture_fill(&fixture);
        shipped_fixture_put_everywhere(&fixture, report_fixture_hostile[i]);
        for (const struct thaw_report_format *row = thaw_report_target_views(); row->name; row++) {
            bool is_asked = !strcmp(row->name, "why") || !strcmp(row->name, "reverse");
            char *text;

            /* a name that is typed is looked for in the JSON's form */
            if (is_asked &&
                !thaw_text_is_utf8(report_fixture_hostile[i], strlen(report_fixture_hostile[i])))
                continue;
            text = show(&fixture, row->name, &options);
            report_text_presentable(text, 80, true);
            free(text);
        }
    }
}

static void every_view_says_that_the_disk_is_full(void **state)
{
    const struct thaw_report_options options = {.view = {.name = "numpy"}};
    struct shipped_fixture fixture;
    json_t *report;

    (void)state;
    shipped_fixture_fill(&fixture);
    report = shipped_fixture_report(&fixture);
    for (const struct thaw_report_format *row = thaw_report_target_views(); row->name; row++) {
        struct thaw_error error = {0};
        FILE *full = report_fixture_full_disk();

        assert_int_equal(row->write(report, &options, full, &error), -ENOSPC);
        fclose(full);
    }
    json_decref(report);
}

static void nothing_to_show_is_said(void **state)
{
    struct shipped_fixture fixture;

    (void)state;
    shipped_fixture_fill(&fixture);
    fixture.shipped.distribution_count = fixture.shipped.library_count = 0;
    fixture.shipped.file_count = fixture.shipped.folder_count = 0;
    fixture.shipped.conflict_count = fixture.shipped.foreign_count = 0;
    fixture.shipped.duplicate_count = fixture.shipped.request_count = 0;
    fixture.shipped.path_file_count = fixture.shipped.fault_count = 0;
    for (const struct thaw_report_format *row = thaw_report_target_views(); row->name; row++) {
        char *text;

        if (!strcmp(row->name, "why") || !strcmp(row->name, "reverse"))
            continue;
        text = show(&fixture, row->name, NULL);
        report_text_presentable(text, 80, true);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_summary_answers),
        cmocka_unit_test(packages_are_sorted),
        cmocka_unit_test(a_tree_repeats_nothing),
        cmocka_unit_test(a_tree_ends_where_it_is_told),
        cmocka_unit_test(a_long_cycle_ends),
        cmocka_unit_test(why_tells_the_chain),
        cmocka_unit_test(reverse_goes_up_to_the_requirements),
        cmocka_unit_test(an_unknown_name_is_an_error),
        cmocka_unit_test(closures_say_why),
        cmocka_unit_test(objects_have_their_sections),
        cmocka_unit_test(folders_are_a_tree),
        cmocka_unit_test(other_views),
        cmocka_unit_test(use_is_told_stage_by_stage),
        cmocka_unit_test(use_fits_however_wide_its_numbers_are),
        cmocka_unit_test(hostile_names_stay_texts),
        cmocka_unit_test(every_view_says_that_the_disk_is_full),
        cmocka_unit_test(nothing_to_show_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
