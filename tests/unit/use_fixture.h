/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_USE_FIXTURE_H
#define TESTS_USE_FIXTURE_H

#include "thaw/use.h"
#include "timeline_fixture.h"

/* A target, made by hand, and what recordings of it say, joined. */

#define SITE ".python_packages/lib/site-packages/"

enum { MAIN, PK, PK_BYTECODE, EXTENSION, LIBRARY, DATA, OTHER, OTHER_INFO, OTHER_PTH, COMPILED };
enum { IS_PK, IS_OTHER, IS_COMPILED };

extern struct thaw_shipped use_shipped;

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

struct use_joined {
    struct timeline_fixture fixtures[3];
    struct thaw_analysis *analyses[3];
    struct thaw_use_source sources[3];
    size_t count;
    const char *(*follow)(void *context, const char *path); /* of the place, NULL none */
    struct thaw_use *use;
};

extern struct use_joined joined;

/* Adds a recording: its text form, as timeline_fixture_build() takes it. */
void use_record(const char *lines);

/* Joins all that were added with the target at that folder. */
const struct thaw_use *use_join(const char *directory);

/* For cmocka: frees all, and puts the target back. */
int use_end(void **state);

/* The stage's amount must be "files bytes library_files library_bytes", or "unknown". */
void use_assert_stage(enum thaw_use_stage stage, const char *expected);

/* What holds whatever was recorded: see thaw/use.h. */
void use_assert_subsets(void);

#endif
