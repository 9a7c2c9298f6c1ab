/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "read_target.h"
#include "scratch.h"
#include "shipped/sites.h"
#include "shipped_tree.h"

/*
 * Environments as conda leaves them. Its packages can't be had where these tests run: the files in
 * conda-meta are made by hand as its documentation has them.
 */
static struct scratch scratch;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

/* Lists are JSON without their brackets. */
static void put_package(const char *environment, const char *name, const char *version,
                        const char *files, const char *depends, const char *more)
{
    char path[512], text[4096];

    snprintf(path, sizeof(path), "%sconda-meta/%s-%s-h1_0.json", environment, name, version);
    snprintf(text, sizeof(text),
             "{\"name\": \"%s\", \"version\": \"%s\", \"build\": \"h1_0\", \"license\": \"BSD\", "
             "\"files\": [%s], \"depends\": [%s]%s}",
             name, version, files, depends, more);
    put_in_target(&scratch, path, text);
}

#define SITE "lib/python3.11/site-packages/"

static const struct thaw_shipped_requirement *
requirement(const struct thaw_shipped_distribution *own, const char *name)
{
    for (size_t i = 0; i < own->require_count; i++) {
        if (strcmp(own->requires[i].name, name) == 0)
        return &own->requires[i];
    }
    return NULL;
}

static size_t conflicts(const struct thaw_shipped *shipped, enum thaw_conflict_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < shipped->conflict_count; i++)
        count += shipped->conflicts[i].kind == kind;
    return count;
}

static void put_numpy(void)
{
    put_in_target(&scratch, SITE "numpy/__init__.py", "12345");
    put_in_target(&scratch, SITE "numpy-1.26.0.dist-info/METADATA",
                  "Metadata-Version: 2.1\nName: numpy\nVersion: 1.26.0\n");
    put_in_target(&scratch, SITE "numpy-1.26.0.dist-info/RECORD",
                  "numpy/__init__.py,,5\nnumpy-1.26.0.dist-info/METADATA,,\n"
                  "numpy-1.26.0.dist-info/RECORD,,\n");
    put_in_target(&scratch, SITE "numpy-1.26.0.dist-info/INSTALLER", "conda\n");
    put_in_target(&scratch, SITE "numpy-1.26.0.dist-info/REQUESTED", "");
    put_in_target(&scratch, "bin/f2py", "1234567");
}

static void packages_own_what_no_distribution_does(void **state)
{
    const struct thaw_shipped_distribution *zlib, *numpy;
    struct thaw_shipped *shipped;

    (void)state;
    put_numpy();
    put_package("", "numpy", "1.26.0",
                "\"" SITE "numpy/__init__.py\", \"bin/f2py\", \"" SITE
                "numpy-1.26.0.dist-info/METADATA\"",
                "\"libzlib >=1.2,<2.0a0\", \"python >=3.11,<3.12.0a0\", \"__glibc >=2.17\"", "");
    put_in_target(&scratch, "lib/libz.so.1.3", "1234567890");
    scratch_link(&scratch, "t/lib/libz.so", "libz.so.1.3");
    put_package("", "libzlib", "1.3", "\"lib/libz.so.1.3\", \"lib/libz.so\", \"include/zlib.h\"",
                "", "");
    shipped = read_scratch_target(&scratch);
    assert_string_equal(shipped->kind, "virtual-environment");
    assert_int_equal(shipped->distribution_count, 2); /* numpy once */
    numpy = target_distribution(shipped, "numpy");
    zlib = target_distribution(shipped, "libzlib");
    assert_string_equal(zlib->installer, "conda");
    assert_string_equal(zlib->version, "1.3");
    assert_string_equal(zlib->license, "BSD");
    assert_string_equal(zlib->location, "");
    assert_string_equal(zlib->info, "conda-meta/libzlib-1.3-h1_0.json");
    assert_int_equal(zlib->record, THAW_RECORD_PRESENT);
    assert_int_equal(zlib->listed, 3);
    assert_int_equal(zlib->absent, 1);
    assert_int_equal(zlib->amount.files, 2);
    assert_string_equal(target_owner(shipped, "lib/libz.so.1.3"), "libzlib");
    assert_string_equal(target_owner(shipped, "conda-meta/libzlib-1.3-h1_0.json"), "libzlib");
    assert_string_equal(target_owner(shipped, "bin/f2py"), "numpy");
    assert_string_equal(target_owner(shipped, "conda-meta/numpy-1.26.0-h1_0.json"), "numpy");
    assert_int_equal(numpy->listed, 3); /* as RECORD says */
    assert_string_equal(numpy->info, SITE "numpy-1.26.0.dist-info");
    assert_string_equal(shipped_joined(&zlib->required_by), "numpy");
    assert_string_equal(shipped_joined(&zlib->why), "numpy|libzlib");
    assert_string_equal(requirement(numpy, "libzlib")->text, "libzlib >=1.2,<2.0a0");
    assert_true(requirement(numpy, "libzlib")->satisfied);
    assert_false(requirement(numpy, "python")->satisfied);
    assert_null(requirement(numpy, "__glibc"));
    assert_int_equal(conflicts(shipped, THAW_CONFLICT_MISSING), 1);
    assert_int_equal(conflicts(shipped, THAW_CONFLICT_FILE), 0);
    thaw_shipped_free(shipped);
}

/* Versions are not held against what conda asks for: their order is conda's own. */
static void only_names_are_judged(void **state)
{
    const struct thaw_shipped_distribution *own;
    struct thaw_shipped *shipped;

    (void)state;
    put_package("", "one", "1", "",
                "\"two 7.*\", \"conda-forge::three\", \"four[version='>=9']\", \"five=1=h0\", "
                "\"six; if python <3\", \"\", 5, \"*\", \"Seven\"",
                "");
    put_package("", "two", "2", "", "\"one\"", "");
    put_package("", "three", "2", "", "", "");
    put_package("", "four", "2", "", "", "");
    put_package("", "five", "2", "", "", "");
    shipped = read_scratch_target(&scratch);
    own = target_distribution(shipped, "one");
    assert_int_equal(own->require_count, 9);
    assert_true(requirement(own, "two")->satisfied);
    assert_true(requirement(own, "three")->satisfied);
    assert_true(requirement(own, "four")->satisfied);
    assert_true(requirement(own, "five")->satisfied);
    assert_true(requirement(own, "Seven")->applies);
    assert_true(own->requires[4].unreadable);
    assert_true(own->requires[5].unreadable);
    assert_true(own->requires[6].unreadable);
    assert_true(own->requires[7].unreadable);
    assert_true(target_has_fault(shipped, "conda-meta/one-1-h1_0.json", "six; if python <3"));
    assert_int_equal(conflicts(shipped, THAW_CONFLICT_MISSING), 1);
    assert_int_equal(conflicts(shipped, THAW_CONFLICT_VERSION), 0);
    thaw_shipped_free(shipped);
}

/* "pytorch" is torch; "graphviz" of conda is not that of PyPI. */
static void names_of_conda_are_no_names_of_python(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, SITE "torch/a.py", "1");
    put_in_target(&scratch, SITE "torch-2.0.dist-info/METADATA",
                  "Name: torch\nVersion: 2.0\nRequires-Dist: graphviz\nRequires-Dist: plain>=2\n");
    put_in_target(&scratch, SITE "torch-2.0.dist-info/RECORD",
                  "torch/a.py,,\ntorch-2.0.dist-info/METADATA,,\n");
    put_in_target(&scratch, "lib/libtorch.so", "123");
    put_package("", "pytorch", "2.0.0",
                "\"" SITE "torch-2.0.dist-info/METADATA\", \"lib/libtorch.so\"", "\"graphviz\"",
                "");
    put_in_target(&scratch, "bin/dot", "1");
    put_package("", "graphviz", "9.0", "\"bin/dot\"", "", "");
    put_in_target(&scratch, SITE "plain.py", "1"); /* without a .dist-info */
    put_in_target(&scratch, SITE "__pycache__/plain.cpython-311.pyc", "1");
    put_package("", "plain", "1.0", "\"" SITE "plain.py\"", "\"pytorch\"", "");
    shipped = read_scratch_target(&scratch);
    assert_int_equal(shipped->distribution_count, 3);
    assert_string_equal(target_owner(shipped, "lib/libtorch.so"), "torch");
    assert_int_equal(shipped->distributions[0].require_count, 3);
    assert_int_equal(shipped->distributions[0].requires[0].distribution, THAW_SHIPPED_NONE);
    assert_false(shipped->distributions[0].requires[1].satisfied);
    assert_ptr_equal(&shipped->distributions[shipped->distributions[0].requires[1].distribution],
                     target_distribution(shipped, "plain"));
    assert_int_equal(conflicts(shipped, THAW_CONFLICT_MISSING), 1);
    assert_int_equal(conflicts(shipped, THAW_CONFLICT_VERSION), 1);
    assert_string_equal(target_owner(shipped, SITE "__pycache__/plain.cpython-311.pyc"), "plain");
    assert_string_equal(shipped_joined(&target_distribution(shipped, "graphviz")->required_by),
                        "torch");
    assert_string_equal(shipped_joined(&target_distribution(shipped, "torch")->required_by),
                        "plain");
    assert_int_equal(thaw_sites_of_module(shipped, "plain"),
                     target_distribution(shipped, "plain") - shipped->distributions);
    thaw_shipped_free(shipped);
}

/* What conda was asked for is top level; REQUESTED in its packages is from when they were built. */
static void conda_says_what_was_asked_for(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    put_numpy();
    put_package("", "numpy", "1.26.0", "", "", ", \"requested_spec\": \"None\"");
    put_package("", "asked", "1", "", "\"numpy\"", ", \"requested_spec\": \"asked>=1\"");
    put_package("", "listed", "1", "", "", ", \"requested_specs\": [\"listed\"]");
    put_package("", "other", "1", "", "", ", \"requested_spec\": \"\"");
    shipped = read_scratch_target(&scratch);
    assert_int_equal(shipped->distribution_count, 4);
    assert_true(target_distribution(shipped, "asked")->is_direct);
    assert_true(target_distribution(shipped, "listed")->is_direct);
    assert_false(target_distribution(shipped, "numpy")->is_direct);
    assert_false(target_distribution(shipped, "other")->is_direct);
    thaw_shipped_free(shipped);
}

static void environments_are_apart(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    put_in_target(&scratch, "opt/conda/bin/a", "1");
    put_in_target(&scratch, "opt/conda/envs/x/bin/a", "1");
    put_package("opt/conda/", "a", "1", "\"bin/a\"", "\"only_base\"", "");
    put_package("opt/conda/", "only_base", "1", "\"bin/a\"", "", "");
    put_package("opt/conda/envs/x/", "a", "2", "\"bin/a\"", "\"only_base\"", "");
    shipped = read_scratch_target(&scratch);
    assert_int_equal(shipped->distribution_count, 3);
    assert_string_equal(target_owner(shipped, "opt/conda/envs/x/bin/a"), "a");
    assert_string_equal(target_distribution(shipped, "only_base")->location, "opt/conda");
    assert_int_equal(conflicts(shipped, THAW_CONFLICT_TWICE), 0);
    assert_int_equal(conflicts(shipped, THAW_CONFLICT_MISSING), 1); /* in x */
    assert_int_equal(conflicts(shipped, THAW_CONFLICT_FILE), 1);    /* bin/a */
    thaw_shipped_free(shipped);
}

static void hostile_packages_are_a_fault_each(void **state)
{
    const struct thaw_shipped_distribution *liar;
    struct thaw_shipped *shipped;
    char long_name[1024];

    (void)state;
    put_in_target(&scratch, "file", "1");
    scratch_write_text(&scratch, "outside", "not of the target");
    put_package("", "liar", "1",
                "\"../outside\", \"/etc/passwd\", \"a/../../../etc\", \"\", 7, null, {}, \"file\", "
                "\"file\", \"gone\", \"conda-meta\", \"new\\nline\"",
                "", "");
    put_in_target(&scratch, "conda-meta/script.json",
                  "{\"name\": \"</script>\", \"version\": \"1\\n\", \"files\": [], "
                  "\"depends\": [\"</script>\"]}");
    put_in_target(&scratch, "conda-meta/cut.json", "{\"name\": \"cut\", \"files\": [");
    put_in_target(&scratch, "conda-meta/list.json", "[[1]]");
    put_in_target(&scratch, "conda-meta/bytes.json", "{\"name\": \"\xff\", \"version\": \"1\"}");
    put_in_target(&scratch, "conda-meta/nul.json", "{\"name\": \"a\\u0000b\", \"version\": \"1\"}");
    put_in_target(&scratch, "conda-meta/twice.json",
                  "{\"name\": \"a\", \"name\": \"b\", \"version\": \"1\"}");
    put_in_target(&scratch, "conda-meta/number.json", "{\"name\": 1, \"version\": 2}");
    put_in_target(&scratch, "conda-meta/bare.json",
                  "{\"name\": \"bare\", \"version\": \"1\", \"files\": {}, "
                  "\"depends\": \"x\", \"license\": [], \"requested_spec\": 1}");
    put_in_target(&scratch, "conda-meta/history", "==> not JSON <==");
    put_in_target(&scratch, "conda-meta/.hidden.json", "{");
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    put_package("deep/", "short", "1", "", "", "");
    assert_int_equal(mkfifo(scratch_path(&scratch, "t/conda-meta/pipe.json"), 0600), 0);
    scratch_link(&scratch, "t/conda-meta/link.json", "/etc/passwd");
    put_in_target(&scratch, "conda-meta/sparse.json", "{");
    assert_int_equal(truncate(scratch_path(&scratch, "t/conda-meta/sparse.json"), (off_t)64 << 30),
                     0);
    {
        char text[2048];

        snprintf(text, sizeof(text), "{\"name\": \"%s\", \"version\": \"1\"}", long_name);
        put_in_target(&scratch, "conda-meta/long.json", text);
    }
    shipped = read_scratch_target(&scratch);
    assert_int_equal(shipped->distribution_count, 4);
    liar = target_distribution(shipped, "liar");
    assert_int_equal(liar->listed, 9);
    assert_int_equal(liar->outside, 4);
    assert_int_equal(liar->absent, 3);
    assert_int_equal(liar->amount.files, 2);
    assert_string_equal(target_owner(shipped, "file"), "liar");
    assert_true(target_has_fault(shipped, liar->info, "no paths"));
    assert_int_equal(target_distribution(shipped, "bare")->record, THAW_RECORD_UNREADABLE);
    assert_string_equal(target_distribution(shipped, "bare")->license, "");
    assert_true(target_has_fault(shipped, "conda-meta/bare.json", "no list"));
    assert_true(target_has_fault(shipped, "conda-meta/cut.json", "no JSON"));
    assert_true(target_has_fault(shipped, "conda-meta/list.json", "no conda package"));
    assert_true(target_has_fault(shipped, "conda-meta/bytes.json", "no JSON"));
    assert_true(target_has_fault(shipped, "conda-meta/nul.json", "no JSON"));
    assert_true(target_has_fault(shipped, "conda-meta/twice.json", "no JSON"));
    assert_true(target_has_fault(shipped, "conda-meta/number.json", "no conda package"));
    assert_true(target_has_fault(shipped, "conda-meta/long.json", "too long"));
    assert_true(target_has_fault(shipped, "conda-meta/sparse.json", "16 MiB"));
    assert_null(shipped_fault_of(shipped, "conda-meta/history"));
    assert_null(shipped_fault_of(shipped, "conda-meta/.hidden.json"));
    thaw_shipped_free(shipped);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(packages_own_what_no_distribution_does),
        CASE(only_names_are_judged),
        CASE(names_of_conda_are_no_names_of_python),
        CASE(conda_says_what_was_asked_for),
        CASE(environments_are_apart),
        CASE(hostile_packages_are_a_fault_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
