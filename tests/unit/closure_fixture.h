/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CLOSURE_FIXTURE_H
#define TESTS_CLOSURE_FIXTURE_H

#include "scratch.h"

/*
 * Makes a real shared object, or with "-pie" among the options an executable, in a scratch folder.
 * needs: the names of its DT_NEEDED, separated by spaces; options go to the linker
 * (ld), which is ten times as fast as the compiler.
 */
void closure_object(const struct scratch *scratch, const char *name, const char *needs,
                    const char *options);

#endif
