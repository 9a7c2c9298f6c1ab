/* SPDX-License-Identifier: Apache-2.0 */
#include "report/writers.h"

static const struct thaw_report_format views[] = {
    {"summary", "total, phases, costliest imports, what was not seen", thaw_write_summary, false},
    {"tree", "who imported what, and what it cost: costly branches whole, the rest summed up",
     thaw_write_import_tree, false},
    {"blame", "modules and packages by the time of their own, costliest first", thaw_write_blame,
     false},
    {"critical-path", "what the first reply waited for, moment by moment, and what ran beside it",
     thaw_write_critical_path, false},
    {"split", "what each module's own time went into: finding, reading, code, libraries",
     thaw_write_split, false},
    {"effects", "what modules did beside defining names: threads, processes, sockets, files",
     thaw_write_effects, false},
    {"native", "CPU time of imports by shared library and function", thaw_write_native, false},
    {0},
};

const struct thaw_report_format *thaw_report_views(void)
{
    return views;
}
