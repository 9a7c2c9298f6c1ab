/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lazy_fixture.h"

#define START                                                                                      \
    "210 interpreter executable=\"/py\" version=\"3.11.2\" coverage=\"from start\"\n"              \
    "220 body.begin name=\"__main__\" file=\"/w/worker.py\" stack=9900 own=1\n"                    \
    "1_000_000 connect connection=1\n"                                                             \
    "1_100_000 message type=\"StartStream\" outgoing=1\n"                                          \
    "1_200_000 message type=\"WorkerInitRequest\" directory=\"/app\"\n"                            \
    "2_000_000 body.begin name=\"function_app\" file=\"/app/function_app.py\" stack=8000 own=1\n"  \
    "10_000_000 import.begin name=\"alpha\" stack=7000\n"                                          \
    "10_000_000 body.begin file=\"/site/alpha/__init__.py\" stack=6900\n"                          \
    "11_000_000 import.begin name=\"pack\" stack=6000\n"                                           \
    "11_000_000 body.begin file=\"/site/pack/__init__.py\" stack=5900\n"                           \
    "12_000_000 import.end stack=6000\n"                                                           \
    "12_000_000 import.begin name=\"pack.sub\" stack=6000\n"                                       \
    "12_000_000 body.begin file=\"/site/pack/sub.py\" stack=5900\n"                                \
    "15_000_000 import.end stack=6000\n"                                                           \
    "15_000_000 import.begin name=\"common\" stack=6000\n"                                         \
    "15_000_000 body.begin file=\"/site/common.py\" stack=5900\n"                                  \
    "35_000_000 import.end stack=6000\n"

#define END                                                                                        \
    "40_000_000 import.end stack=7000\n"                                                           \
    "40_000_000 import.begin name=\"beta\" stack=7000\n"                                           \
    "40_000_000 body.begin file=\"/site/beta.py\" stack=6900\n"                                    \
    "42_000_000 gc.begin stack=6500\n"                                                             \
    "49_000_000 gc.end stack=6500\n"                                                               \
    "62_000_000 import.end stack=7000\n"                                                           \
    "62_000_000 import.begin name=\"helpers\" stack=7000\n"                                        \
    "62_000_000 body.begin file=\"/app/helpers.py\" stack=6900\n"                                  \
    "67_000_000 import.end stack=7000\n"                                                           \
    "70_000_000 body.end stack=8000\n"                                                             \
    "70_100_000 message type=\"WorkerInitResponse\" outgoing=1 status=\"success\"\n"               \
    "70_200_000 function function_id=\"f\" name=\"hello\" directory=\"/app\"\n"                    \
    "71_000_000 message type=\"InvocationRequest\" function_id=\"f\" invocation_id=\"i\"\n"        \
    "80_000_000 message type=\"InvocationResponse\" outgoing=1 invocation_id=\"i\" "               \
    "status=\"success\"\n"

#define FUNCTION_APP "file=\"/app/function_app.py\" "
#define EDGES                                                                                      \
    "90_000_000 inventory.import " FUNCTION_APP "line=1 module=\"alpha\"\n"                        \
    "90_000_000 inventory.import " FUNCTION_APP "line=2 module=\"beta\"\n"                         \
    "90_000_000 inventory.import " FUNCTION_APP "line=3 module=\"helpers\"\n"                      \
    "90_000_000 inventory.import file=\"/site/alpha/__init__.py\" line=4 module=\"pack.sub\"\n"    \
    "90_000_000 inventory.import file=\"/site/alpha/__init__.py\" line=5 module=\"common\"\n"      \
    "90_000_000 inventory.import file=\"/site/beta.py\" line=6 module=\"common\"\n"                \
    "90_000_000 inventory.statement " FUNCTION_APP "line=2 module=\"beta\" bound=\"beta\" "        \
    "use=\"functions\" functions=[\"other\",\"work\"] detail=\"first used at line 23\"\n"          \
    "90_000_000 inventory.definition " FUNCTION_APP "line=1 name=\"<module>\" kind=\"module\"\n"   \
    "90_000_000 inventory.definition " FUNCTION_APP "line=10 name=\"hello\" kind=\"function\"\n"   \
    "90_000_000 inventory.definition " FUNCTION_APP "line=20 name=\"work\" kind=\"function\" "     \
    "references=[\"alpha\",\"beta\"]\n"                                                            \
    "90_000_000 inventory.definition " FUNCTION_APP "line=30 name=\"other\" kind=\"function\" "    \
    "references=[\"beta\"]\n"

void lazy_fixture_open(struct lazy_fixture *fixture, const char *first, const char *early,
                       const char *late)
{
    struct thaw_error error = {0};
    char *text = NULL;

    assert_true(asprintf(&text, "%s%s%s%s%s%s%s", TIMELINE_WORKER, first, START, early, END, EDGES,
                         late) > 0);
    timeline_fixture_build(&fixture->base, text);
    free(text);
    assert_int_equal(thaw_analysis_build(fixture->base.timeline, &fixture->analysis, &error), 0);
}

void lazy_fixture_close(struct lazy_fixture *fixture)
{
    thaw_analysis_free(fixture->analysis);
    timeline_fixture_free(&fixture->base);
}

const struct thaw_finding *lazy_finding(const struct lazy_fixture *fixture, const char *id,
                                        uint64_t line)
{
    for (size_t i = 0; i < fixture->analysis->finding_count; i++) {
        const struct thaw_finding *finding = &fixture->analysis->findings[i];

        if (strcmp(finding->id, id) == 0 && (!line || finding->line == line))
            return finding;
    }
    return NULL;
}
