/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "shipped_fixture.h"

#define SITE ".python_packages/lib/site-packages"
#define NONE THAW_SHIPPED_NONE

enum { PANDAS, NUMPY, ONE, TWO };

static void fill_packages(struct shipped_fixture *fixture)
{
    struct thaw_shipped_distribution *all = fixture->distributions;
    static const struct thaw_shipped_distribution empty = {
        .version = "1.0",
        .location = SITE,
        .info = "",
        .installer = "pip",
        .license = "",
        .editable = "",
        .misfit = "",
        .amount = {10, 900, 4096},
        .exclusive = {10, 900, 4096},
    };

    for (size_t i = 0; i < 4; i++)
        all[i] = empty;
    all[PANDAS].name = "pandas";
    all[PANDAS].version = "3.1.1";
    all[PANDAS].license = "BSD-3-Clause";
    all[PANDAS].amount = (struct thaw_amount){3012, 84600000, 93400000};
    all[PANDAS].exclusive = (struct thaw_amount){4012, 121000000, 133000000};
    all[PANDAS].kinds[THAW_FILE_NATIVE] = (struct thaw_amount){60, 61600000, 67400000};
    all[PANDAS].is_direct = true;
    all[PANDAS].why = (struct thaw_texts){fixture->texts, 2};
    all[PANDAS].required_by = (struct thaw_texts){fixture->texts, 1};
    all[PANDAS].listed = 3012;
    all[PANDAS].changed = 1;
    all[PANDAS].tags = (struct thaw_texts){fixture->texts + 10, 1};
    all[NUMPY].name = "NumPy";
    all[NUMPY].version = "2.2.0";
    all[NUMPY].amount = (struct thaw_amount){1000, 36400000, 39600000};
    all[NUMPY].exclusive = all[NUMPY].amount;
    all[NUMPY].why = (struct thaw_texts){fixture->texts, 3};
    all[NUMPY].required_by = (struct thaw_texts){fixture->texts + 1, 1};
    all[ONE].name = "one";
    all[ONE].required_by = (struct thaw_texts){fixture->texts + 4, 1};
    all[ONE].record = THAW_RECORD_MISSING;
    all[TWO].name = "two";
    all[TWO].required_by = (struct thaw_texts){fixture->texts + 3, 1};
    all[TWO].misfit = "is for CPython 3.10, the target has 3.11";
}

static void fill_requirements(struct shipped_fixture *fixture)
{
    struct thaw_shipped_requirement *all = fixture->requires;

    all[0] = (struct thaw_shipped_requirement){
        .text = "numpy>=2.3", .name = "numpy", .extra = "", .applies = true, .distribution = NUMPY};
    all[1] = (struct thaw_shipped_requirement){
        .text = "tz", .name = "tz", .extra = "", .applies = true, .distribution = NONE};
    all[2] = (struct thaw_shipped_requirement){
        .text = "pytest; extra == 'test'", .name = "pytest", .extra = "test", .distribution = NONE};
    all[3] = (struct thaw_shipped_requirement){
        .text = ">>", .name = "", .extra = "", .unreadable = true, .distribution = NONE};
    all[4] = (struct thaw_shipped_requirement){.text = "two",
                                               .name = "two",
                                               .extra = "",
                                               .applies = true,
                                               .distribution = TWO,
                                               .satisfied = true};
    all[5] = (struct thaw_shipped_requirement){.text = "one",
                                               .name = "one",
                                               .extra = "",
                                               .applies = true,
                                               .distribution = ONE,
                                               .satisfied = true};
    fixture->distributions[PANDAS].requires = all;
    fixture->distributions[PANDAS].require_count = 4;
    fixture->distributions[ONE].requires = all + 4;
    fixture->distributions[ONE].require_count = 1;
    fixture->distributions[TWO].requires = all + 5;
    fixture->distributions[TWO].require_count = 1;
    fixture->requests[0] = (struct thaw_shipped_request){.file = "requirements.txt",
                                                         .line = 2,
                                                         .requirement = {.text = "pandas==3.1.1",
                                                                         .name = "pandas",
                                                                         .extra = "",
                                                                         .applies = true,
                                                                         .distribution = PANDAS,
                                                                         .satisfied = true},
                                                         .is_pinned = true};
    fixture->requests[1] = (struct thaw_shipped_request){
        .file = "requirements.txt",
        .line = 3,
        .requirement = {
            .text = "flask", .name = "flask", .extra = "", .applies = true, .distribution = NONE}};
    fixture->conflicts[0] =
        (struct thaw_shipped_conflict){THAW_CONFLICT_VERSION, PANDAS, NUMPY, "numpy>=2.3", ""};
    fixture->conflicts[1] = (struct thaw_shipped_conflict){THAW_CONFLICT_MISSING, NONE, NONE,
                                                           "flask", "requirements.txt:3"};
    fixture->conflicts[2] =
        (struct thaw_shipped_conflict){THAW_CONFLICT_FILE, ONE, TWO, SITE "/shared.py", ""};
    fixture->conflicts[3] =
        (struct thaw_shipped_conflict){THAW_CONFLICT_TWICE, ONE, TWO, "one", ""};
    fixture->foreign[0] =
        (struct thaw_shipped_foreign){SITE "/two/x.cpython-310.so", TWO, "for CPython 3.10"};
}

static struct thaw_shipped_library library(uint32_t file, const char *path,
                                           struct thaw_shipped_needed *needed, size_t count)
{
    return (struct thaw_shipped_library){.file = file,
                                         .type = THAW_LIBRARY_SHARED,
                                         .outside = file == NONE,
                                         .path = path,
                                         .soname = "",
                                         .build_id = "",
                                         .machine = "x86_64",
                                         .rpath = "",
                                         .runpath = "",
                                         .bytes = 1000000,
                                         .needed = needed,
                                         .needed_count = count};
}

static struct thaw_shipped_needed needed(const char *name, const char *resolved, uint32_t at,
                                         const char *reason)
{
    return (struct thaw_shipped_needed){name, resolved, at, reason, "", "", ""};
}

static void fill_libraries(struct shipped_fixture *fixture)
{
    struct thaw_shipped_needed *all = fixture->needed;

    all[0] = needed("libblas.so.3", SITE "/numpy.libs/libblas.so.3", 1, "runpath");
    all[0].owner = SITE "/pandas/hash.so";
    all[1] = needed("libgone.so.1", "", NONE, "");
    all[2] = needed("libc.so.6", "/lib/libc.so.6", 3, "ld.so.cache");
    all[3] = needed("libc.so.6", "/lib/libc.so.6", 3, "ld.so.cache");
    all[4] = needed("libblas.so.3", SITE "/numpy.libs/libblas.so.3", 1, "already loaded");
    all[4].only_by = SITE "/pandas/hash.so";
    fixture->libraries[0] = library(0, SITE "/pandas/hash.so", all, 2);
    fixture->libraries[0].type = THAW_LIBRARY_EXTENSION;
    fixture->libraries[0].bytes = 3000000;
    fixture->libraries[0].strip_bytes = 910400;
    fixture->libraries[0].relocations = 11200;
    fixture->libraries[0].constructors = 3;
    fixture->libraries[0].sections = fixture->sections;
    fixture->libraries[0].section_count = 2;
    fixture->libraries[1] = library(1, SITE "/numpy.libs/libblas.so.3", all + 2, 1);
    fixture->libraries[1].soname = "libblas.so.3";
    fixture->libraries[1].has_writable_code = true;
    fixture->libraries[2] = library(2, SITE "/two.libs/libblas.so.3", all + 3, 2);
    fixture->libraries[2].has_executable_stack = true;
    fixture->libraries[3] = library(NONE, "/lib/libc.so.6", NULL, 0);
    fixture->sections[0] = (struct thaw_shipped_section){".text", 1980000};
    fixture->sections[1] = (struct thaw_shipped_section){".rodata", 300000};
    fixture->twice[0] = 1;
    fixture->twice[1] = 2;
    fixture->duplicates[0] = (struct thaw_shipped_duplicate){
        THAW_DUPLICATE_SONAME, "libblas.so.3", fixture->twice, 2, 1000000, "each its own"};
}

static void fill_files(struct shipped_fixture *fixture)
{
    static const uint32_t owners[] = {PANDAS, NUMPY, TWO};
    static const char *const folders[] = {"", SITE, SITE "/pandas", SITE "/pandas/tests"};
    static const uint64_t sizes[] = {199000000, 198000000, 90000000, 60000000};

    for (uint32_t i = 0; i < 3; i++)
        fixture->files[i] =
            (struct thaw_shipped_file){.path = "", .distribution = owners[i], .library = i};
    for (uint32_t i = 0; i < 4; i++)
        fixture->folders[i] =
            (struct thaw_shipped_folder){.path = folders[i],
                                         .parent = i ? i - 1 : NONE,
                                         .distribution = i > 1 ? PANDAS : NONE,
                                         .whole = {1000 - i, sizes[i] - 1000000, sizes[i]}};
}

static void fill_health(struct shipped_fixture *fixture)
{
    struct thaw_shipped *shipped = &fixture->shipped;

    shipped->bytecode.states[THAW_BYTECODE_FRESH] = 2300;
    shipped->bytecode.states[THAW_BYTECODE_STALE] = 50;
    shipped->bytecode.source_bytes[THAW_BYTECODE_STALE] = 900000;
    shipped->bytecode.checked = 312;
    shipped->bytecode.by_time = 2300;
    shipped->bytecode.unwritable = 1;
    shipped->bytecode.examples = (struct thaw_texts){fixture->texts + 5, 1};
    fixture->path_files[0] =
        (struct thaw_shipped_path_file){SITE "/distutils-precedence.pth", NONE, 0, 1};
    fixture->faults[0] = (struct thaw_shipped_fault){"pipe.so", "a FIFO, not opened", false, false};
    fixture->faults[1] =
        (struct thaw_shipped_fault){"broken.so", "truncated ELF file", true, false};
    fixture->limits[0] = (struct thaw_shipped_limit){"lambda-unzipped",
                                                     "aws_lambda",
                                                     "a function with its layers, unzipped",
                                                     262144000,
                                                     300000000,
                                                     true,
                                                     true,
                                                     "https://docs.aws.amazon.com",
                                                     "2026-11"};
    fixture->limits[1] = (struct thaw_shipped_limit){
        "lambda-image", "aws_lambda", "a container image",           10737418240, 300000000,
        false,          true,         "https://docs.aws.amazon.com", "2026-11"};
}

static void fill_target(struct shipped_fixture *fixture)
{
    struct thaw_shipped *shipped = &fixture->shipped;

    *shipped = (struct thaw_shipped){
        .target = "build/app",
        .kind = "app",
        .signs = {fixture->texts + 6, 2},
        .sites = {fixture->texts + 8, 1},
        .python = {.version = "3.11",
                   .full_version = "",
                   .implementation = "cpython",
                   .machine = "x86_64",
                   .executable = "",
                   .evidence = "most extension modules"},
        .total = {7180, 182100000, 199000000},
        .unowned = {2, 1200, 8192},
        .app = {4, 5300, 16384},
        .directory_count = 784,
        .link_count = 3,
        .special_count = 1,
        .folders = fixture->folders,
        .folder_count = 4,
        .files = fixture->files,
        .file_count = 3,
        .distributions = fixture->distributions,
        .distribution_count = 4,
        .requests = fixture->requests,
        .request_count = 2,
        .conflicts = fixture->conflicts,
        .conflict_count = 4,
        .foreign = fixture->foreign,
        .foreign_count = 1,
        .libraries = fixture->libraries,
        .library_count = 4,
        .duplicates = fixture->duplicates,
        .duplicate_count = 1,
        .path_files = fixture->path_files,
        .path_file_count = 1,
        .faults = fixture->faults,
        .fault_count = 2,
        .limits = fixture->limits,
        .limit_count = 2,
    };
    shipped->kinds[THAW_FILE_NATIVE] = (struct thaw_amount){130, 84000000, 85000000};
    shipped->kinds[THAW_FILE_TESTS] = (struct thaw_amount){1500, 7000000, 9900000};
}

void shipped_fixture_fill(struct shipped_fixture *fixture)
{
    static const char *const texts[] = {"requirements.txt:2",
                                        "pandas",
                                        "numpy",
                                        "one",
                                        "two",
                                        "app/slow.py",
                                        "host.json",
                                        SITE,
                                        SITE,
                                        "",
                                        "cp311-cp311-linux_x86_64"};

    memset(fixture, 0, sizeof(*fixture));
    memcpy(fixture->texts, texts, sizeof(texts));
    fill_target(fixture);
    fill_packages(fixture);
    fill_requirements(fixture);
    fill_libraries(fixture);
    fill_files(fixture);
    fill_health(fixture);
}

void shipped_fixture_put_everywhere(struct shipped_fixture *fixture, const char *name)
{
    fixture->shipped.target = name;
    for (size_t i = 0; i < sizeof(fixture->texts) / sizeof(fixture->texts[0]); i++)
        fixture->texts[i] = name;
    for (size_t i = 0; i < 4; i++) {
        fixture->folders[i].path = i ? name : "";
        fixture->distributions[i].name = fixture->distributions[i].version = name;
        fixture->distributions[i].location = fixture->distributions[i].misfit = name;
        fixture->conflicts[i].what = fixture->conflicts[i].where = name;
        fixture->libraries[i].path = fixture->libraries[i].soname = name;
    }
    for (size_t i = 0; i < 6; i++)
    fixture->requires[i].text = fixture->requires[i].name = name;
    for (size_t i = 0; i < 5; i++) {
        fixture->needed[i].name = fixture->needed[i].owner = fixture->needed[i].only_by = name;
        fixture->needed[i].missing_by = name;
    }
    for (size_t i = 0; i < 2; i++) {
        fixture->requests[i].file = fixture->requests[i].requirement.text = name;
        fixture->sections[i].name = fixture->faults[i].path = fixture->faults[i].what = name;
    }
    fixture->needed[0].resolved = name;
    fixture->foreign[0].path = fixture->duplicates[0].key = fixture->path_files[0].path = name;
}

json_t *shipped_fixture_report(const struct shipped_fixture *fixture)
{
    const struct thaw_report_target target = {.shipped = &fixture->shipped, .sections = true};
    json_t *report = NULL;

    assert_int_equal(thaw_report_target_json(&target, &report, NULL), 0);
    assert_non_null(report);
    return report;
}

char *shipped_fixture_view(const json_t *report, const char *view,
                           const struct thaw_report_options *options)
{
    const struct thaw_report_format *row = thaw_report_target_views();
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    while (row->name && strcmp(row->name, view) != 0)
        row++;
    assert_non_null(row->name);
    assert_non_null(stream);
    assert_int_equal(row->write(report, options, stream, NULL), 0);
    fclose(stream);
    return text;
}
