/* SPDX-License-Identifier: Apache-2.0 */
#include "report/writers.h"

static const struct thaw_report_format views[] = {
    {"summary", "total, phases, costliest imports, what was not seen", thaw_write_summary, 0},
    {"tree", "who imported what, and what it cost: costly branches whole, the rest summed up",
     thaw_write_import_tree, 0},
    {"blame", "modules and packages by the time of their own, costliest first", thaw_write_blame,
     0},
    {"critical-path", "what the first reply waited for, moment by moment, and what ran beside it",
     thaw_write_critical_path, 0},
    {"split", "what each module's own time went into: finding, reading, code, libraries",
     thaw_write_split, 0},
    {"effects", "what modules did beside defining names: threads, processes, sockets, files",
     thaw_write_effects, 0},
    {"native", "CPU time of imports by shared library and function", thaw_write_native, 0},
    {0},
};

const struct thaw_report_format *thaw_report_views(void)
{
    return views;
}
