/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_AUDIT_TOP_H
#define THAW_CLI_AUDIT_TOP_H

#include "cli/options.h"
#include "cli/output.h"
#include "store/database.h"

/* `thaw audit --top`: the answers from a store; it watches nothing. */
struct thaw_audit_top {
    bool top;
    const char *app, *since, *until, *deploy, *arrivals;
    uint64_t idle_ns;
    int64_t rows;
    bool json;
    const char *format, *output;
    int color;
    int64_t width;
};

extern const struct thaw_offer thaw_audit_top_formats;

/* Rows of a table of options, structure's member being a struct thaw_audit_top. */
#define THAW_AUDIT_TOP_OPTIONS(structure, member)                                                  \
    {THAW_FLAG(structure, member.top), .name = "top",                                              \
     .help = "watch nothing: say what the store has (--store), by app and day"},                   \
        {THAW_TEXT(structure, member.app), .name = "app", .argument = "NAME",                      \
         .help = "with --top: of this app only, with its phases, functions and days"},             \
        {THAW_TEXT(structure, member.since), .name = "since", .argument = "TIME",                  \
         .help = "with --top: starts that ended at TIME or later: 7d, 12h, 2026-11-28, "           \
                 "\"2026-11-28 23:14\" (local time; with a Z behind it UTC)"},                     \
        {THAW_TEXT(structure, member.until), .name = "until", .argument = "TIME",                  \
         .help = "with --top: before TIME"},                                                       \
        {THAW_TEXT(structure, member.deploy), .name = "deploy", .argument = "TIME",                \
         .help = "with --top: compare what began before and after TIME (default: before and "      \
                 "after the files of an app last changed)"},                                       \
        {THAW_TEXT(structure, member.arrivals), .name = "arrivals", .argument = "FILE",            \
         .offer = &thaw_offer_files,                                                               \
         .help = "with --top: take the requests of the apps that this file names from it, as of "  \
                 "an access log (- is standard input): CSV with the header time,app or "           \
                 "time,app,seconds; time is UNIX time in seconds or has its zone"},                \
        {THAW_DURATION(structure, member.idle_ns), .name = "idle", .argument = "DURATION",         \
         .help = "with --top: how long an instance stays that is not needed, in the model of "     \
                 "instances kept warm (default: 10min)"},                                          \
        {THAW_NUMBER(structure, member.rows),                                                      \
         .name = "rows",                                                                           \
         .argument = "N",                                                                          \
         .minimum = 1,                                                                             \
         .maximum = 100000,                                                                        \
         .help = "with --top: rows of the tables of apps (default: 20)"},                          \
        {THAW_FLAG(structure, member.json), .name = "json",                                        \
         .help = "with --top: the same as -f json; `thaw schema audit` prints its schema"},        \
        {THAW_TEXT(structure, member.format),                                                      \
         .name = "format",                                                                         \
         .letter = 'f',                                                                            \
         .argument = "FORMAT",                                                                     \
         .offer = &thaw_audit_top_formats,                                                         \
         .help = "with --top: form of the output, `-f list` names them (default: summary)"},       \
        {THAW_TEXT(structure, member.output),                                                      \
         .name = "output",                                                                         \
         .letter = 'o',                                                                            \
         .argument = "FILE",                                                                       \
         .offer = &thaw_offer_files,                                                               \
         .help = "with --top: write to FILE instead of standard output; it is replaced only when " \
                 "all went well"},                                                                 \
        THAW_COLOR_OPTION(structure, member.color), THAW_WIDTH_OPTION(structure, member.width)

/* Where the unit that thaw comes with keeps its store. */
#define THAW_AUDIT_STORE "/var/lib/thaw/audit.sqlite"

/* Returns the exit code; what was wrong has been said, in the name of that command. store NULL:
 * THAW_AUDIT_STORE. */
int thaw_audit_top(const struct thaw_audit_top *values, const char *store, const char *command);

/* The name of an option that only means something with --top, and was given; NULL: none was. */
const char *thaw_audit_top_given(const struct thaw_audit_top *values);

#endif
