/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "lazy_fixture.h"
#include "scratch.h"
#include "trial/proof_file.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LATIN_1 "/srv/caf\xe9%/app.py" /* no UTF-8 */

static struct thaw_proof_import two[] = {{LATIN_1, 3, "pandas"}, {"/srv/b.py", 7, ""}};
static struct thaw_proof_import one[] = {{"/srv/b.py", 7, ""}};
static struct thaw_proof_count counts[] = {{"modules", 891, 303}};
static struct thaw_proof_check checks[] = {{"functions", "same", ""},
                                           {"tests", "not checked", "no --test CMD"}};
static struct thaw_first_call calls[] = {{"Class.method", "/srv/b.py", 0, 180, 420}};

static struct thaw_proof sample(void)
{
    return (struct thaw_proof){
        .imports = two,
        .import_count = COUNT(two),
        .verdict = "proved",
        .reason = "it saves",
        .pairs = 9,
        .original_ns = 330,
        .share = {-0.01, 0, 0.68},
        .wall = {-3, 0.5, 1},
        .counts = counts,
        .count_count = COUNT(counts),
        .checks = checks,
        .check_count = COUNT(checks),
        .calls = calls,
        .call_count = COUNT(calls),
        .diff = "-import pandas\n+    import pandas\n",
        .way = "overlay",
        .made_at_ns = 1795402860000000001,
    };
}

static char *written(const struct thaw_proofs *proofs)
{
    struct thaw_error error = {0};
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    assert_int_equal(thaw_proofs_write(proofs, stream, &error), 0);
    fclose(stream);
    return text;
}

/* The sample as a file has it; the caller frees it. */
static char *sample_text(void)
{
    struct thaw_proofs proofs = {.recording = {"0123abcd", 77}};
    struct thaw_proof proof = sample();
    char *text;

    assert_int_equal(thaw_proofs_put(&proofs, &proof), 0);
    text = written(&proofs);
    thaw_proofs_free(&proofs);
    return text;
}

static void what_is_written_is_read(void **state)
{
    char *text = sample_text(), *again;
    struct thaw_proofs proofs = {0};
    const struct thaw_proof *proof;
    struct thaw_error error;

    (void)state;
    assert_int_equal(thaw_proofs_parse(text, strlen(text), "x", &proofs, &error), 0);
    assert_string_equal(proofs.recording.session, "0123abcd");
    assert_int_equal(proofs.recording.began_at_ns, 77);
    assert_int_equal(proofs.list.count, 1);
    proof = proofs.list.items;
    assert_int_equal(proof->import_count, 2);
    assert_string_equal(proof->imports[0].file, LATIN_1);
    assert_string_equal(proof->imports[0].module, "pandas");
    assert_int_equal(proof->imports[1].line, 7);
    assert_string_equal(proof->verdict, "proved");
    assert_string_equal(proof->reason, "it saves");
    assert_true(proof->share.low < -0.0099 && proof->share.low > -0.0101);
    assert_true(proof->wall.low == -3 && proof->wall.middle == 0.5 && proof->wall.high == 1);
    assert_int_equal(proof->counts[0].changed, 303);
    assert_string_equal(proof->checks[0].detail, "");
    assert_string_equal(proof->checks[1].result, "not checked");
    assert_string_equal(proof->calls[0].function, "Class.method");
    assert_int_equal(proof->calls[0].line, 0);
    assert_string_equal(proof->diff, "-import pandas\n+    import pandas\n");
    assert_int_equal(proof->made_at_ns, 1795402860000000001);
    again = written(&proofs);
    assert_string_equal(text, again);
    free(again);
    free(text);
    thaw_proofs_free(&proofs);
}

static void the_same_set_is_replaced(void **state)
{
    struct thaw_proof_import turned[] = {two[1], two[0], two[0]};
    struct thaw_proof first = sample(), other = sample(), second = sample();
    struct thaw_proofs proofs = {0};

    (void)state;
    other.imports = one;
    other.import_count = COUNT(one);
    second.imports = turned;
    second.import_count = COUNT(turned);
    second.pairs = 31;
    assert_int_equal(thaw_proofs_put(&proofs, &first), 0);
    assert_int_equal(thaw_proofs_put(&proofs, &other), 0);
    assert_int_equal(thaw_proofs_put(&proofs, &second), 0);
    assert_int_equal(proofs.list.count, 2);
    assert_int_equal(proofs.list.items[1].pairs, 31);
    assert_ptr_equal(thaw_proofs_find(&proofs, one, COUNT(one)), proofs.list.items);
    assert_null(thaw_proofs_find(&proofs, two, 1));
    thaw_proofs_free(&proofs);
}

static void broken_ones_are_refused_by_their_place(void **state)
{
    static const struct {
        const char *from, *to, *said;
    } cases[] = {
        {"thaw-proof/1", "thaw-proof/2", "x is of the form thaw-proof/2; this thaw reads"},
        {"\"schema\"", "\"scheme\"", "x: it holds no proofs of thaw"},
        {"\"proved\"", "\"perhaps\"", "x: proofs[0].verdict is no word that is known"},
        {"\"same\"", "7", "x: proofs[0].checks[0].result is not a text"},
        {"\"pairs\": 9", "\"pairs\": -9", "x: proofs[0].pairs is not a number of 0 or more"},
        {"\"pairs\"", "\"pears\"", "x: proofs[0].pairs is missing"},
        {"\"low\": -3.0", "\"low\": 2", "x: proofs[0].wall is not low, middle and high"},
        {"\"high\": 1.0", "\"high\": 1.5", "x: proofs[0].wall is not low, middle and high"},
        {"\"began_at_ns\": 77", "\"began_at_ns\": []", "x: recording.began_at_ns is not a number"},
        {"\"proofs\": [", "\"proofs\": [[],", "x: proofs[0] is not an object"},
        {"\"file_bytes\": \"", "\"file_bytes\": 1, \"x\": \"", "imports[0].file_bytes is not a"},
        {"{", "", "x: it holds no proofs of thaw: 2:"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = sample_text(), *at = strstr(text, cases[i].from), *broken = NULL;
        struct thaw_proofs proofs = {0};
        struct thaw_error error = {0};

        assert_non_null(at);
        assert_true(asprintf(&broken, "%.*s%s%s", (int)(at - text), text, cases[i].to,
                             at + strlen(cases[i].from)) > 0);
        assert_int_equal(thaw_proofs_parse(broken, strlen(broken), "x", &proofs, &error), -EINVAL);
        if (!strstr(error.message, cases[i].said))
            assert_string_equal(error.message, cases[i].said);
        thaw_proofs_free(&proofs);
        free(broken);
        free(text);
    }
}

static void files_are_read_for_their_recording_only(void **state)
{
    const struct thaw_proof_recording own = {"0123abcd", 77}, later = {"0123abcd", 78},
                                      other = {"0123abce", 77};
    struct scratch scratch;
    char *text = sample_text();
    const char *path;

    (void)state;
    scratch_make(&scratch);
    path = scratch_write_text(&scratch, "r.proof.json", text);
    for (int i = 0; i < 3; i++) {
        struct thaw_proofs proofs = {0};
        struct thaw_error error = {0};
        int code = thaw_proofs_read(path,
                                    i == 0   ? &own
                                    : i == 1 ? &later
                                             : &other,
                                    &proofs, &error);

        assert_int_equal(code, i ? -ESTALE : 0);
        if (i)
            assert_non_null(strstr(error.message, "of another recording"));
        thaw_proofs_free(&proofs);
    }
    for (int i = 0; i < 2; i++) {
        struct thaw_proofs proofs = {0};
        struct thaw_error error = {0};
        const char *name = i ? scratch_folder(&scratch, "folder") : scratch_path(&scratch, "gone");

        assert_int_equal(thaw_proofs_read(name, &own, &proofs, &error), i ? -EINVAL : -ENOENT);
        thaw_proofs_free(&proofs);
    }
    free(text);
    scratch_remove(&scratch);
}

static void each_failing_allocation_is_said(void **state)
{
    char *text = sample_text();

    (void)state;
    if (!chaos_malloc_works())
        skip();
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_proofs proofs = {0};
        struct thaw_proof proof = sample();
        struct thaw_error error = {0};
        int code = thaw_proofs_parse(text, strlen(text), "x", &proofs, &error);

        if (!code)
            code = thaw_proofs_put(&proofs, &proof);
        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_proofs_free(&proofs);
    }
    free(text);
}

/* --- joined with findings --- */

#define SAFE_ALPHA                                                                                 \
    "90_000_000 inventory.statement file=\"/app/function_app.py\" line=1 module=\"alpha\" "        \
    "bound=\"alpha\" " LAZY_WORK

static void a_proof_joins_the_findings_of_just_its_imports(void **state)
{
    struct thaw_proof_import alpha[] = {{"/app/function_app.py", 1, "alpha"}};
    struct thaw_proof proofs[2] = {sample(), sample()};
    struct lazy_fixture fixture;
    const struct thaw_finding *finding;
    struct thaw_saving saving;
    struct thaw_proof_import unknown = {"/app/function_app.py", 99, "alpha"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        proofs[i].imports = alpha;
        proofs[i].import_count = 1;
    }
    proofs[1].made_at_ns++;
    proofs[1].verdict = "refuted";
    lazy_fixture_open(&fixture, LAZY_EFFECTS, "", SAFE_ALPHA);
    finding = lazy_finding(&fixture, "lazy-import", 1);
    assert_non_null(finding);
    assert_int_equal(finding->import_count, 1);
    assert_string_equal(finding->imports[0].module, "alpha");
    assert_int_equal(thaw_analysis_predict(fixture.analysis, finding->imports, 1, &saving), 0);
    assert_int_equal(saving.ns, finding->saving.ns);
    assert_int_equal(saving.modules, finding->saving.modules);
    assert_int_equal(thaw_analysis_predict(fixture.analysis, &unknown, 1, &saving), -ENODATA);

    thaw_analysis_join_proofs(fixture.analysis, proofs, 1);
    finding = lazy_finding(&fixture, "lazy-import", 1);
    assert_string_equal(finding->saving.proof, "proved");
    thaw_analysis_join_proofs(fixture.analysis, proofs, 2);
    finding = lazy_finding(&fixture, "lazy-import", 1);
    assert_ptr_equal(finding->proof, &proofs[1]);
    assert_string_equal(finding->saving.proof, "refuted");
    assert_ptr_equal(finding, &fixture.analysis->findings[fixture.analysis->finding_count - 1]);
    for (size_t i = 0; i + 1 < fixture.analysis->finding_count; i++)
        assert_null(fixture.analysis->findings[i].proof);
    lazy_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(the_same_set_is_replaced),
        cmocka_unit_test(broken_ones_are_refused_by_their_place),
        cmocka_unit_test(files_are_read_for_their_recording_only),
        cmocka_unit_test(each_failing_allocation_is_said),
        cmocka_unit_test(a_proof_joins_the_findings_of_just_its_imports),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
