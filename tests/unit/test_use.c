/* SPDX-License-Identifier: Apache-2.0 */
/* What a target ships joined with recordings (src/analysis/use*.c), worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "analysis/use_folders.h"
#include "thaw/use.h"
#include "timeline_fixture.h"

#define NONE THAW_SHIPPED_NONE
#define SITE ".python_packages/lib/site-packages/"

enum { MAIN, PK, PK_BYTECODE, EXTENSION, LIBRARY, DATA, OTHER, OTHER_INFO, OTHER_PTH, COMPILED };
enum { IS_PK, IS_OTHER, IS_COMPILED };

static struct thaw_shipped_file files[] = {
    [MAIN] = {.path = "main.py", .distribution = NONE, .library = NONE, .bytes = 100},
    [PK] = {.path = SITE "pk/__init__.py", .library = NONE, .bytes = 200},
    [PK_BYTECODE] = {.path = SITE "pk/__pycache__/__init__.cpython-311.pyc",
                     .library = NONE,
                     .kind = THAW_FILE_BYTECODE,
                     .bytes = 300},
    [EXTENSION] = {.path = SITE "pk/_ext.so",
                   .kind = THAW_FILE_NATIVE,
                   .library = 0,
                   .bytes = 1000},
    [LIBRARY] = {.path = SITE "pk.libs/liba.so",
                 .kind = THAW_FILE_NATIVE,
                 .library = 1,
                 .bytes = 2000},
    [DATA] = {.path = SITE "pk/data.json", .kind = THAW_FILE_DATA, .library = NONE, .bytes = 50},
    [OTHER] = {.path = SITE "other/__init__.py",
               .distribution = IS_OTHER,
               .library = NONE,
               .bytes = 60},
    [OTHER_INFO] = {.path = SITE "other-1.dist-info/METADATA",
                    .distribution = IS_OTHER,
                    .kind = THAW_FILE_METADATA,
                    .library = NONE,
                    .bytes = 70},
    [OTHER_PTH] = {.path = SITE "other.pth",
                   .distribution = IS_OTHER,
                   .kind = THAW_FILE_DATA,
                   .library = NONE,
                   .bytes = 20},
    [COMPILED] = {.path = SITE "compiled/__init__.py",
                  .distribution = IS_COMPILED,
                  .library = NONE,
                  .bytes = 80},
};

static struct thaw_shipped_distribution distributions[] = {{.name = "pk"},
                                                           {.name = "other"},
                                                           {.name = "compiled"}};

static struct thaw_shipped_library libraries[] = {
    {.file = EXTENSION, .path = SITE "pk/_ext.so", .build_id = "e"},
    {.file = LIBRARY, .path = SITE "pk.libs/liba.so", .build_id = "a"},
    {.file = NONE, .outside = true, .path = "/lib/libz.so.1", .build_id = "abcd"},
    {.file = NONE, .outside = true, .path = "/lib/libnone.so", .build_id = "0123"},
};

static struct thaw_shipped shipped = {
    .files = files,
    .file_count = sizeof(files) / sizeof(files[0]),
    .distributions = distributions,
    .distribution_count = sizeof(distributions) / sizeof(distributions[0]),
    .libraries = libraries,
    .library_count = sizeof(libraries) / sizeof(libraries[0]),
};

/* --- recordings --- */

#define FILES_SEEN "220 probe name=\"files.open\" status=\"attached\"\n"

/*
 * From 300 on, below the folder R: main.py imports pk (bytecode), which imports _ext and compiled
 * (no bytecode); pk opens its data. Own times: pk 1000 less 300 less 200, _ext 300, compiled 200.
 */
#define IMPORTS(R)                                                                                 \
    "300 body.begin name=\"__main__\" file=\"" R "main.py\" stack=1000 own=1\n"                    \
    "1000 import.begin name=\"pk\" stack=900\n"                                                    \
    "1010 file.folder number=1 path=\"" R "wrong\"\n"                                              \
    "1011 file.folder number=2 after=1 path=\"" R SITE "\"\n"                                      \
    "1030 file.lookups last_ns=1020 count=2 searched=2 bytes=200 stack=800\n"                      \
    "1040 file.open path=\"" R SITE "pk/__pycache__/__init__.cpython-311.pyc\" result=3 stack=800" \
    " bytes=300 io_ns=5\n"                                                                         \
    "1060 file.close bytes=300 magic=168627623 stack=800 io_ns=12\n"                               \
    "1070 unmarshal.begin stack=800\n"                                                             \
    "1100 body.begin name=\"pk\" file=\"" R SITE "pk/__init__.py\" stack=850\n"                    \
    "1110 file.open path=\"" R SITE "pk/data.json\" result=4 stack=800 bytes=50\n"                 \
    "1200 import.begin name=\"pk._ext\" stack=700\n"                                               \
    "1201 file.folder number=3 path=\"" R SITE "pk\"\n"                                            \
    "1205 file.lookup path=\"" R SITE "pk/_ext.cpython-311-x86_64-linux-gnu.so\" result=-2"        \
    " stack=600\n"                                                                                 \
    "1207 file.lookup path=\"" R SITE "pk/_ext.abi3.so\" result=-2 stack=600\n"                    \
    "1209 file.lookups last_ns=1208 count=3 failed=2 searched=3 stack=600\n"                       \
    "1210 file.open path=\"" R SITE "pk/_ext.so\" result=5 stack=600 bytes=1000\n"                 \
    "1220 dlopen.begin path=\"" R SITE "pk/_ext.so\" stack=650\n"                                  \
    "1230 file.open path=\"" R SITE "pk.libs/liba.so\" result=5 stack=600 bytes=2000\n"            \
    "1300 dlopen.end stack=650\n"                                                                  \
    "1400 module.init name=\"pk._ext\" stack=640\n"                                                \
    "1490 module.init.end stack=640\n"                                                             \
    "1500 import.end stack=700\n"                                                                  \
    "1600 import.begin name=\"compiled\" stack=700\n"                                              \
    "1610 file.lookup path=\"" R "wrong/compiled/__init__.py\" result=-2 stack=600\n"              \
    "1620 file.lookups last_ns=1615 count=2 failed=1 searched=2 bytes=80 stack=600\n"              \
    "1630 file.open path=\"" R SITE "compiled/__pycache__/__init__.cpython-311.pyc\" result=-2"    \
    " stack=600\n"                                                                                 \
    "1640 file.open path=\"" R SITE "compiled/__init__.py\" result=3 stack=600 bytes=80\n"         \
    "1650 file.close bytes=80 stack=600\n"                                                         \
    "1700 body.begin name=\"compiled\" file=\"" R SITE "compiled/__init__.py\" stack=650\n"        \
    "1800 import.end stack=700\n"                                                                  \
    "2000 import.end stack=900\n"

/* pid 1's shared objects as the recording ended. */
#define MAPPED(R)                                                                                  \
    "9000 library pid=1 tid=1 path=\"" R SITE "pk/_ext.so\" resident_bytes=600\n"                  \
    "9000 library pid=1 tid=1 path=\"" R SITE "pk.libs/liba.so\" resident_bytes=5000\n"            \
    "9000 library pid=1 tid=1 path=\"/usr/lib/libz.so.1.2\" resident_bytes=7\n"                    \
    "9001 inventory.library path=\"/usr/lib/libz.so.1.2\" soname=\"libz.so.1\" build_id=\"abcd\""  \
    " bytes=10\n"

/* The first reply is at 3000. */
#define REPLY                                                                                      \
    "260 connect connection=1 pid=1 tid=1 port=5\n"                                                \
    "270 message type=\"StartStream\" outgoing=1 worker_id=\"w\"\n"                                \
    "280 message type=\"WorkerInitRequest\"\n"                                                     \
    "290 message type=\"WorkerInitResponse\" outgoing=1\n"
#define ANSWER                                                                                     \
    "2100 message type=\"InvocationRequest\" invocation_id=\"i\"\n"                                \
    "3000 message type=\"InvocationResponse\" outgoing=1 invocation_id=\"i\"\n"
#define LATER(R)                                                                                   \
    "4000 import.begin name=\"other\" stack=900\n"                                                 \
    "4010 file.open path=\"" R SITE "other/__init__.py\" result=3 stack=800 bytes=60\n"            \
    "4020 body.begin name=\"other\" file=\"" R SITE "other/__init__.py\" stack=850\n"              \
    "4030 import.end stack=900\n"

struct joined {
    struct timeline_fixture fixtures[3];
    struct thaw_analysis *analyses[3];
    struct thaw_use_source sources[3];
    size_t count;
    struct thaw_use *use;
};

static struct joined joined;

static void record(const char *lines)
{
    struct thaw_error error = {0};
    size_t n = joined.count++;

    timeline_fixture_build(&joined.fixtures[n], lines);
    assert_int_equal(thaw_analysis_build(joined.fixtures[n].timeline, &joined.analyses[n], &error),
                     0);
    joined.sources[n] = (struct thaw_use_source){"r.thaw", joined.analyses[n]};
}

static const struct thaw_use *join(const char *directory)
{
    struct thaw_error error = {0};

    assert_int_equal(
        thaw_use_build(&shipped, directory, joined.sources, joined.count, &joined.use, &error), 0);
    return joined.use;
}

static int end(void **state)
{
    (void)state;
    thaw_use_free(joined.use);
    for (size_t i = 0; i < joined.count; i++) {
        thaw_analysis_free(joined.analyses[i]);
        timeline_fixture_free(&joined.fixtures[i]);
    }
    memset(&joined, 0, sizeof(joined));
    memset(&shipped.folders_read, 0, sizeof(shipped.folders_read));
    return 0;
}

/* "files bytes library_files library_bytes", or "unknown". */
static void assert_stage(enum thaw_use_stage stage, const char *expected)
{
    const struct thaw_use_amount *amount = &joined.use->stages[stage];
    char text[128] = "unknown";

    if (amount->known)
        snprintf(text, sizeof(text), "%llu %llu %llu %llu", (unsigned long long)amount->files,
                 (unsigned long long)amount->bytes, (unsigned long long)amount->library_files,
                 (unsigned long long)amount->library_bytes);
    if (strcmp(text, expected))
        fail_msg("%s: expected %s, is %s", thaw_use_stage_name(stage), expected, text);
}

/* What holds whatever was recorded: see thaw/use.h. */
static void assert_subsets(void)
{
    for (size_t i = 0; i < shipped.file_count; i++) {
        const struct thaw_use_file *file = &joined.use->files[i];

        assert_true(!file->stages[THAW_USE_MAPPED] || file->stages[THAW_USE_OPENED]);
        assert_true(!file->stages[THAW_USE_RESIDENT] || file->stages[THAW_USE_MAPPED]);
        assert_true(!file->stages[THAW_USE_USED] || file->stages[THAW_USE_OPENED]);
        assert_true(!file->stages[THAW_USE_USED] || shipped.files[i].kind != THAW_FILE_NATIVE ||
                    file->stages[THAW_USE_MAPPED]);
        assert_true(file->resident_bytes <= shipped.files[i].bytes);
    }
}

/* --- stages --- */

static void files_go_as_far_as_they_were_seen(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/") MAPPED("/srv/app/"));
    use = join("/srv/app");
    assert_int_equal(use->recordings[0].match, THAW_USE_MATCH_PATH);
    assert_int_equal(use->recordings[0].not_found, 0);
    assert_int_equal(use->recordings[0].other_size, 0);
    assert_false(use->recordings[0].replied);
    assert_stage(THAW_USE_SHIPPED, "10 3880 2 3000");
    /* main, bytecode of pk, _ext, liba, data, compiled */
    assert_stage(THAW_USE_OPENED, "6 3530 2 3000");
    assert_stage(THAW_USE_MAPPED, "2 3000 2 3000");
    /* more than the file has counts as the file */
    assert_stage(THAW_USE_RESIDENT, "2 2600 2 2600");
    /* main, bytecode, compiled, and what was resident of _ext */
    assert_stage(THAW_USE_USED, "4 1080 1 600");
    assert_subsets();
    assert_false(use->files[PK].stages[THAW_USE_OPENED]);
    assert_true(use->files[PK_BYTECODE].stages[THAW_USE_USED]);
    assert_true(use->files[COMPILED].stages[THAW_USE_USED]);
    assert_false(use->files[DATA].stages[THAW_USE_USED]);
}

static void what_no_probe_told_is_not_known(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER "300 import.begin name=\"pk\" stack=900\n"
                           "310 body.begin name=\"pk\" file=\"/srv/app/" SITE
                           "pk/__init__.py\" stack=850\n"
                           "400 import.end stack=900\n");
    use = join("/srv/app");
    assert_stage(THAW_USE_OPENED, "unknown");
    assert_stage(THAW_USE_MAPPED, "unknown");
    assert_stage(THAW_USE_RESIDENT, "unknown");
    assert_stage(THAW_USE_USED, "1 200 0 0");
    assert_false(use->lookups_known);
    assert_false(use->small.known);
    assert_false(use->libraries[0].known);
    assert_int_equal(use->distributions[IS_PK].import_ns, 100);
    assert_subsets();
}

static void a_recording_without_imports_tells_of_no_use(void **state)
{
    (void)state;
    record(TIMELINE_WORKER FILES_SEEN
           "300 file.open path=\"/srv/app/main.py\" result=3 bytes=100\n");
    assert_false(join("/srv/app")->modules_known);
    assert_stage(THAW_USE_OPENED, "1 100 0 0");
    assert_stage(THAW_USE_USED, "unknown");
}

static void failed_openings_folders_and_writing_do_not_count(void **state)
{
    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS(
        "/srv/app/") "2500 file.open path=\"/srv/app/" SITE "other/__init__.py\" result=-13\n"
                     "2510 file.open path=\"/srv/app/" SITE "other.pth\" result=3 for_writing=1\n"
                     "2520 file.open path=\"other.pth\" result=3\n");
    assert_int_equal(join("/srv/app")->recordings[0].relative, 1);
    assert_false(joined.use->files[OTHER].stages[THAW_USE_OPENED]);
    assert_false(joined.use->files[OTHER_PTH].stages[THAW_USE_OPENED]);
}

/* --- the first reply --- */

static void what_comes_after_the_first_reply_does_not_count(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN REPLY IMPORTS("/srv/app/") ANSWER LATER("/srv/app/")
               MAPPED("/srv/app/"));
    use = join("/srv/app");
    assert_true(use->recordings[0].replied);
    assert_int_equal(use->distributions[IS_OTHER].touched_in, 0);
    assert_int_equal(use->distributions[IS_OTHER].modules, 0);
    assert_false(use->files[OTHER].stages[THAW_USE_OPENED]);
    assert_int_equal(use->distributions[IS_PK].touched_in, 1);
    assert_true(use->distributions[IS_PK].is_used);
    assert_subsets();
}

static void a_library_that_came_after_the_first_reply_was_not_loaded(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN REPLY
           "300 import.begin name=\"pk\" stack=900\n"
           "310 body.begin name=\"pk\" file=\"/srv/app/" SITE "pk/__init__.py\" stack=850\n"
           "400 import.end stack=900\n" ANSWER "4000 mapping path=\"/srv/app/" SITE
           "pk/_ext.so\" start=4096 bytes=4096\n" MAPPED("/srv/app/"));
    use = join("/srv/app");
    assert_true(use->libraries[0].known);
    assert_int_equal(use->libraries[0].loaded_in, 0);
    assert_int_equal(use->libraries[1].loaded_in, 1); /* when it came is not known */
}

static void metadata_and_path_files_are_read_of_everything(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS(
        "/srv/app/") "2500 file.open path=\"/srv/app/" SITE
                     "other-1.dist-info/METADATA\" result=3 bytes=70\n"
                     "2510 file.open path=\"/srv/app/" SITE "other.pth\" result=3 bytes=20\n");
    use = join("/srv/app");
    assert_int_equal(use->distributions[IS_OTHER].bytes[THAW_USE_OPENED], 90);
    assert_int_equal(use->distributions[IS_OTHER].touched_in, 0);
    assert_false(use->distributions[IS_OTHER].is_used);
}

/* --- several recordings --- */

static void of_several_recordings_each_counts_once(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/") MAPPED("/srv/app/"));
    record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/") LATER("/srv/app/") MAPPED("/srv/app/"));
    use = join("/srv/app");
    assert_int_equal(use->distributions[IS_PK].touched_in, 2);
    assert_int_equal(use->distributions[IS_OTHER].touched_in, 1);
    assert_int_equal(use->libraries[0].loaded_in, 2);
    assert_stage(THAW_USE_OPENED, "7 3590 2 3000");
    assert_int_equal(use->distributions[IS_OTHER].import_ns, 30);
    assert_subsets();
}

/* --- libraries --- */

static void libraries_outside_are_known_by_their_build(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/") MAPPED("/srv/app/"));
    use = join("/srv/app");
    assert_int_equal(use->libraries[0].dlopen_ns, 80);
    assert_int_equal(use->libraries[0].resident_bytes, 600);
    assert_int_equal(use->libraries[1].resident_bytes, 5000);
    assert_true(use->libraries[2].known);
    assert_int_equal(use->libraries[2].loaded_in, 1);
    assert_int_equal(use->libraries[2].resident_bytes, 7);
    assert_false(use->libraries[3].known); /* it may have had another name there */
}

/* --- times --- */

static void import_times_are_own_and_dragged_in(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/"));
    use = join("/srv/app");
    assert_int_equal(use->distributions[IS_PK].modules, 2);
    assert_int_equal(use->distributions[IS_PK].import_ns, 800);
    assert_int_equal(use->distributions[IS_PK].import_total_ns, 1000); /* pk._ext is in pk */
    assert_int_equal(use->distributions[IS_COMPILED].import_ns, 200);
    assert_int_equal(use->distributions[IS_COMPILED].import_total_ns, 200);
}

static void missing_bytecode_costs_reading_and_compiling(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/"));
    use = join("/srv/app");
    assert_true(use->lookups_known);
    assert_int_equal(use->bytecode_count, 1);
    assert_int_equal(use->bytecode[0].state, THAW_MODULE_BYTECODE_MISSING);
    assert_int_equal(use->bytecode[0].modules, 1);
    /* found at 1615 (the bytecode is looked for: not reading), source read 1630 to 1650 */
    assert_int_equal(use->bytecode[0].ns, 1700 - 1630);
}

static const struct thaw_use_search *search(const char *path)
{
    for (size_t i = 0; i < joined.use->search_count; i++)
        if (!strcmp(joined.use->searches[i].path, path))
            return &joined.use->searches[i];
    return NULL;
}

static void failed_lookups_belong_to_the_folder_that_was_searched(void **state)
{
    const struct thaw_use_search *row;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/"));
    join("/srv/app");
    row = search("/srv/app/" SITE "pk");
    assert_non_null(row);
    assert_int_equal(row->lookups_failed, 2);
    assert_int_equal(row->ns, 4 + 2);
    assert_int_equal(row->modules_passed, 0);
    row = search("/srv/app/wrong"); /* a package is looked for one folder deeper */
    assert_non_null(row);
    assert_int_equal(row->lookups_failed, 1);
    assert_int_equal(row->ns, 10);
    assert_int_equal(row->modules_passed, 2);
    assert_null(search("/srv/app/" SITE)); /* nothing was looked for there in vain */
    assert_int_equal(joined.use->search_count, 2);
}

static void small_files_cost_opening_and_reading(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS("/srv/app/"));
    use = join("/srv/app");
    assert_true(use->small.known);
    assert_int_equal(use->small.files, 2); /* bytecode of pk, source of compiled */
    assert_int_equal(use->small.bytes, 380);
    assert_int_equal(use->small.open_ns, 20 + 10);
    assert_int_equal(use->small.read_ns, 20 + 10);
}

/* --- .pth --- */

#define PATH_FILE "/srv/app/" SITE "other.pth"

static void path_files_cost_what_their_lines_import(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN
           "300 import.begin name=\"site\" stack=2000\n"
           "310 body.begin name=\"site\" file=\"<frozen site>\" stack=1990\n"
           "320 import.begin name=\"os\" stack=1800\n" /* before any .pth: its own */
           "330 import.end stack=1800\n"
           "400 file.open path=\"" PATH_FILE "\" result=3 stack=1700 bytes=20\n"
           "420 import.begin name=\"other\" stack=1800\n"
           "421 file.open path=\"/srv/app/" SITE "not.pth\" result=3 stack=1700\n" /* other's */
           "425 body.begin name=\"other\" file=\"/srv/app/" SITE "other/__init__.py\" stack=1790\n"
           "430 import.begin name=\"below\" stack=1600\n"
           "450 import.end stack=1600\n"
           "460 import.end stack=1800\n"
           "500 file.open path=\"/elsewhere/plain.pth\" result=3 stack=1700 bytes=20\n"
           "600 file.open path=\"" PATH_FILE "\" result=3 stack=1700 bytes=20\n"
           "650 import.begin name=\"sitecustomize\" stack=1800\n"
           "660 import.end stack=1800 failed=1\n"
           "700 import.end stack=2000\n" IMPORTS("/srv/app/"));
    use = join("/srv/app");
    assert_int_equal(use->path_file_count, 2);
    assert_string_equal(use->path_files[0].path, SITE "other.pth");
    assert_int_equal(use->path_files[0].openings, 2);
    assert_int_equal(use->path_files[0].modules, 1);
    assert_int_equal(use->path_files[0].ns, 60);
    assert_string_equal(use->path_files[1].path, "/elsewhere/plain.pth");
    assert_int_equal(use->path_files[1].openings, 1);
    assert_int_equal(use->path_files[1].ns, 0);
}

/* --- where the target lay --- */

static void a_target_recorded_elsewhere_is_found_by_names(void **state)
{
    const struct thaw_use *use;

    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS("/home/site/wwwroot/") MAPPED("/home/site/wwwroot/")
           /* the worker brings a package of the same name along */
           "9100 inventory.file path=\"/opt/worker/pk/__init__.py\" bytes=200\n"
           "9100 inventory.file path=\"/home/site/wwwroot/gone.py\" bytes=9\n"
           "9100 inventory.file path=\"/home/site/wwwroot/" SITE "pk/data.json\" bytes=51\n");
    use = join("/srv/app");
    assert_int_equal(use->recordings[0].match, THAW_USE_MATCH_NAME);
    assert_string_equal(use->recordings[0].root, "/home/site/wwwroot");
    assert_int_equal(use->recordings[0].not_found, 1);
    assert_int_equal(use->recordings[0].other_size, 1);
    assert_int_equal(use->recordings[0].other_time, 0);
    assert_stage(THAW_USE_OPENED, "6 3530 2 3000");
}

static void a_zip_has_no_folder_of_its_own(void **state)
{
    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS("/var/task/"));
    assert_int_equal(join(NULL)->recordings[0].match, THAW_USE_MATCH_NAME);
    assert_stage(THAW_USE_OPENED, "6 3530 2 3000");
}

static void another_app_is_not_taken_for_the_target(void **state)
{
    const struct thaw_use *use;

    (void)state;
    /* it has a main.py, too, and three files that the target has not */
    record(TIMELINE_WORKER FILES_SEEN
           "300 body.begin name=\"__main__\" file=\"/x/main.py\" stack=1000 own=1\n"
           "9100 inventory.file path=\"/x/main.py\" bytes=100\n"
           "9100 inventory.file path=\"/x/a.py\" bytes=1\n"
           "9100 inventory.file path=\"/x/b.py\" bytes=1\n"
           "9100 inventory.file path=\"/x/c.py\" bytes=1\n");
    use = join("/srv/app");
    assert_int_equal(use->recordings[0].match, THAW_USE_MATCH_NONE);
    assert_int_equal(use->recordings[0].files, 0);
    assert_false(use->files[MAIN].stages[THAW_USE_OPENED]);
    assert_stage(THAW_USE_USED, "unknown");
}

static void a_target_of_several_folders_has_absolute_paths(void **state)
{
    static const char *folders[] = {"/srv/app"};
    static char absolute[] = "/srv/app/main.py";
    const char *relative = files[MAIN].path;
    const struct thaw_use *use;

    (void)state;
    shipped.folders_read = (struct thaw_texts){folders, 1};
    files[MAIN].path = absolute;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS(
        "/srv/app/") "9100 inventory.file path=\"/srv/application/a.py\" bytes=1\n");
    use = join("");
    files[MAIN].path = relative;
    assert_int_equal(use->recordings[0].match, THAW_USE_MATCH_PATH);
    assert_true(use->files[MAIN].stages[THAW_USE_USED]);
    assert_int_equal(use->recordings[0].files, 1);
    /* the site's, which are not in the model in this test, but not /srv/application's */
    assert_int_equal(use->recordings[0].not_found, 6);
}

static void hostile_paths_lead_nowhere(void **state)
{
    (void)state;
    record(TIMELINE_WORKER FILES_SEEN IMPORTS(
        "/srv/app/") "2500 file.open path=\"/srv/app/../../../../srv//app/./" SITE
                     "pk/__init__.py\""
                     " result=3 bytes=200\n"
                     "2510 file.open path=\"/..\" result=3\n"
                     "2520 file.open path=\"\" result=3\n"
                     "2530 file.open path=\"/\" result=3\n"
                     "2540 file.open path=\"/srv/app/" SITE "pk/\\xff\\n</script>\" result=3\n");
    assert_true(join("/srv/app")->files[PK].stages[THAW_USE_OPENED]);
    assert_int_equal(joined.use->recordings[0].not_found, 1);
}

/* --- the folders of a recording --- */

static void a_recording_names_its_folders(void **state)
{
    struct thaw_arena arena = {0};
    struct thaw_texts folders;
    struct thaw_error error = {0};
    bool elsewhere;

    (void)state;
    record(TIMELINE_WORKER REPLY IMPORTS(
        "/srv/app/") "295 message type=\"FunctionLoadRequest\" directory=\"/srv/app\"\n"
                     "9100 inventory.distribution name=\"pk\" location=\"/srv/app/" SITE "\"\n"
                     "9100 inventory.distribution name=\"azure\" location=\"/opt/worker\"\n"
                     "9100 inventory.distribution name=\"evil\" location=\"/\"\n"
                     "9100 inventory.distribution name=\"evil\" location=\"here\"\n"
                     "9100 inventory.distribution name=\"sys\" location=\"/opt/worker2\"\n");
    assert_int_equal(
        thaw_use_folders(joined.fixtures[0].timeline, &arena, &folders, &elsewhere, &error), 0);
    assert_int_equal(folders.count, 3);
    assert_string_equal(folders.items[0], "/opt/worker");
    assert_string_equal(folders.items[1], "/opt/worker2");
    assert_string_equal(folders.items[2], "/srv/app");
    assert_null(folders.items[3]);
    assert_false(elsewhere);
    thaw_arena_free(&arena);
}

static void folders_of_another_root_are_not_this_machines(void **state)
{
    struct thaw_arena arena = {0};
    struct thaw_texts folders;
    struct thaw_error error = {0};
    bool elsewhere;

    (void)state;
    record(TIMELINE_WORKER "250 interpreter executable=\"/py\" other_root=1\n" REPLY
                           "295 message type=\"FunctionLoadRequest\" directory=\"/srv/app\"\n");
    assert_int_equal(
        thaw_use_folders(joined.fixtures[0].timeline, &arena, &folders, &elsewhere, &error), 0);
    assert_int_equal(folders.count, 0);
    assert_true(elsewhere);
    thaw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(files_go_as_far_as_they_were_seen, end),
        cmocka_unit_test_teardown(what_no_probe_told_is_not_known, end),
        cmocka_unit_test_teardown(a_recording_without_imports_tells_of_no_use, end),
        cmocka_unit_test_teardown(failed_openings_folders_and_writing_do_not_count, end),
        cmocka_unit_test_teardown(what_comes_after_the_first_reply_does_not_count, end),
        cmocka_unit_test_teardown(a_library_that_came_after_the_first_reply_was_not_loaded, end),
        cmocka_unit_test_teardown(metadata_and_path_files_are_read_of_everything, end),
        cmocka_unit_test_teardown(of_several_recordings_each_counts_once, end),
        cmocka_unit_test_teardown(libraries_outside_are_known_by_their_build, end),
        cmocka_unit_test_teardown(import_times_are_own_and_dragged_in, end),
        cmocka_unit_test_teardown(missing_bytecode_costs_reading_and_compiling, end),
        cmocka_unit_test_teardown(failed_lookups_belong_to_the_folder_that_was_searched, end),
        cmocka_unit_test_teardown(small_files_cost_opening_and_reading, end),
        cmocka_unit_test_teardown(path_files_cost_what_their_lines_import, end),
        cmocka_unit_test_teardown(a_target_recorded_elsewhere_is_found_by_names, end),
        cmocka_unit_test_teardown(a_zip_has_no_folder_of_its_own, end),
        cmocka_unit_test_teardown(another_app_is_not_taken_for_the_target, end),
        cmocka_unit_test_teardown(a_target_of_several_folders_has_absolute_paths, end),
        cmocka_unit_test_teardown(hostile_paths_lead_nowhere, end),
        cmocka_unit_test_teardown(a_recording_names_its_folders, end),
        cmocka_unit_test_teardown(folders_of_another_root_are_not_this_machines, end),
    };

    return cmocka_run_group_tests_name("use", tests, NULL, NULL);
}
