/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LAZY_FIXTURE_H
#define TESTS_LAZY_FIXTURE_H

#include "thaw/analysis.h"
#include "timeline_fixture.h"

/*
 * A function app, recorded until hello() answered. Its imports with their own times:
 *
 *   alpha 6 ms, which imports pack 1 ms, pack.sub 3 ms (packages) and common
 *   beta 15 ms, which imports common, too
 *   common 20 ms
 *   helpers 5 ms (the user's), which imports nothing
 *
 * work() uses alpha and beta, other() beta alone; hello() uses neither. What the user's file does
 * with alpha and helpers is up to the test; beta is used in functions.
 */
#define LAZY_ALPHA "inventory.statement file=\"/app/function_app.py\" line=1 module=\"alpha\" "
#define LAZY_WORK "use=\"functions\" functions=[\"work\"] detail=\"first used at line 22\"\n"
#define LAZY_EFFECTS "210 probe name=\"effects.calls\" target=\"/py\" status=\"attached\"\n"

/* The analysis of the app; early are lines while alpha is loaded, late those of the inventory. */
struct lazy_fixture {
    struct timeline_fixture base;
    struct thaw_analysis *analysis;
};

void lazy_fixture_open(struct lazy_fixture *fixture, const char *first, const char *early,
                       const char *late);
void lazy_fixture_close(struct lazy_fixture *fixture);

/* The finding of that id about an import in that line, 0: any; NULL none. */
const struct thaw_finding *lazy_finding(const struct lazy_fixture *fixture, const char *id,
                                        uint64_t line);

#endif
