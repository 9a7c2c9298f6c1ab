/* SPDX-License-Identifier: Apache-2.0 */
/* lazy-import, lazy-import-set and unused-import: see lazy_import.c, which finds all three. */
#include "analysis/findings.h"

static bool can_find(const struct thaw_analysis *analysis)
{
    return analysis->has_edges;
}

const struct thaw_finding_row thaw_finding_lazy_import = {
    .kind =
        {
            .id = "lazy-import",
            .severity = "warning",
            .title = "an import that can wait for the function that uses it",
            .needs = "the scan of the loaded bytecode, which is made when a recording ends",
            .explanation =
                "An import at the top of one of your files is executed before the first reply, "
                "though "
                "no function that ran before that reply uses what it binds. Moved into the "
                "function "
                "that uses it, it is paid by that function's first call instead, and by nobody who "
                "calls other functions.\n"
                "\n"
                "Saving: the own times of all modules that are loaded only because of this "
                "statement. "
                "What something else imports as well is not counted, so savings of several "
                "statements do not simply add up: `thaw report RECORDING --what-if lazy=A,B` tells "
                "what a set saves.\n"
                "\n"
                "How to change it: put the statement at the beginning of the function's body. From "
                "Python 3.15 on, `lazy import NAME` at the top does the same.\n"
                "\n"
                "Risk: an error in the import, or a setting it checks, is then seen at the first "
                "call "
                "instead of at the start. Tests that patch the name in your module no longer find "
                "it "
                "there. An async function that imports something large holds up the event loop "
                "once.",
        },
    .can_find = can_find,
    .find = thaw_find_lazy_imports,
};

const struct thaw_finding_row thaw_finding_lazy_import_set = {
    .kind =
        {
            .id = "lazy-import-set",
            .severity = "warning",
            .title = "imports that save more together than each by itself",
            .needs = "the scan of the loaded bytecode, which is made when a recording ends",
            .explanation =
                "Modules that two of your imports load would stay if only one of them waited. When "
                "all imports that can safely wait do so, such modules go, too: the saving of the "
                "set is not the sum of its members' savings, and can be more or less than that. "
                "Where imports that need a look belong to it (several names of one package, one of "
                "them used by an async handler, say), a second set tells what all could save.\n"
                "\n"
                "Saving: the own times of all modules that are loaded only because of these "
                "statements together. What each function's first call pays instead is told for "
                "each function.\n"
                "\n"
                "How to change it: `thaw fix RECORDING` writes the diff of the safe one, with "
                "--only WHAT "
                "what you name. `thaw prove RECORDING` tries it. `thaw report RECORDING --what-if "
                "lazy=A,B` tells what another choice would save.\n"
                "\n"
                "Risk: that of each of them, see `thaw explain lazy-import`. The set tells the "
                "reasons.",
        },
    .can_find = can_find,
    .find = NULL,
};

const struct thaw_finding_row thaw_finding_unused_import = {
    .kind =
        {
            .id = "unused-import",
            .severity = "note",
            .title = "an import whose names no file of the app uses",
            .needs = "the scan of the loaded bytecode, which is made when a recording ends",
            .explanation =
                "An import at the top of one of your files binds a name that none of your files "
                "reads. "
                "Either it is left over, or it is there for what loading the module does: "
                "registering "
                "plugins, drivers or models, patching something. Which of both it is can't be seen "
                "from outside, so thaw never removes it by itself.\n"
                "\n"
                "Saving: the own times of all modules that are loaded only because of this "
                "statement.\n"
                "\n"
                "How to change it: look what the module does when it is loaded. If nothing relies "
                "on "
                "that, delete the statement; else leave it and say so in a comment.\n"
                "\n"
                "Risk: what loading it registered is missing afterwards, often only at the first "
                "use.",
        },
    .can_find = can_find,
    .find = NULL,
};
