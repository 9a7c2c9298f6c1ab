/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_RECORDING_H
#define THAW_CLI_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/record.h"
#include "cli/options.h"
#include "cli/output.h"

/* What `thaw record` and `thaw attach` have in common. */
struct thaw_recording_options {
    const char *output;
    const char *until;
    uint64_t limit_ns;
    uint64_t watch_ns;
    const char *platform;
    int backend;
    int observe; /* enum thaw_observe */
    struct thaw_option_texts pythons;
    const char *mark_console;
    bool stacks;
    bool hold;
    bool keep_running;
    bool boot;
    bool count;
    bool json;
    bool quiet;
    int color;
    int64_t width;
};

#define THAW_RECORDING_OUTPUT "recording.thaw"
#define THAW_RECORDING_DEFAULTS .output = THAW_RECORDING_OUTPUT, .platform = "auto"

/* The names of enum thaw_observe, NULL-terminated. */
extern const char *const thaw_recording_observed[];

/* What --until and --platform take by name, and the files of both commands. */
extern const struct thaw_offer thaw_recording_ends;
extern const struct thaw_offer thaw_recording_platforms;
extern const struct thaw_word thaw_recording_files[];

/* What --until says ("first-reply", "exit" or a duration; NULL: as it is): 0, or an exit code after
 * complaining. */
int thaw_recording_until(const char *name, const char *text, struct thaw_record_options *ret);

/* Rows of both tables; member is the struct above. */
#define THAW_RECORDING_ROWS(structure, member)                                                     \
    {THAW_TEXT(structure, member.output),                                                          \
     .name = "output",                                                                             \
     .letter = 'o',                                                                                \
     .argument = "FILE",                                                                           \
     .offer = &thaw_offer_files,                                                                   \
     .help = "where the recording goes, in place of an older one (default: " THAW_RECORDING_OUTPUT \
             ")"},                                                                                 \
        {THAW_TEXT(structure, member.until),                                                       \
         .name = "until",                                                                          \
         .letter = 'u',                                                                            \
         .argument = "END",                                                                        \
         .offer = &thaw_recording_ends,                                                            \
         .help = "first-reply, exit, or a duration such as 30s (default: the first reply of a "    \
                 "recognised platform, or of a Python server to a client that is not recorded, "   \
                 "else the exit)"},                                                                \
        {THAW_DURATION(structure, member.watch_ns), .name = "watch", .argument = "DURATION",       \
         .help = "go on for so long after the first reply: for what workers do at once, and "      \
                 "further workers; what that costs the machine is said when it begins"},           \
        {THAW_DURATION(structure, member.limit_ns), .name = "limit", .argument = "DURATION",       \
         .help = "end the recording after so long in any case"},                                   \
        {THAW_TEXT(structure, member.platform), .name = "platform", .argument = "NAME",            \
         .offer = &thaw_recording_platforms,                                                       \
         .help = "take what is recorded for this platform's, whatever it looks like (default: "    \
                 "auto, each that is recognised)"},                                                \
        {THAW_CHOICE(structure, member.observe), .name = "observe",                                \
         .choices = thaw_recording_observed,                                                       \
         .help = "imports leaves out what watches system calls: no phases of a platform, no "      \
                 "files opened, at less cost (default: all)"},                                     \
        {THAW_TEXTS(structure, member.pythons), .name = "python", .argument = "PATH",              \
         .offer = &thaw_offer_files,                                                               \
         .help = "an interpreter that will be started, where thaw would not look for one; may be " \
                 "given several times"},                                                           \
        {THAW_TEXT(structure, member.mark_console), .name = "mark-console", .argument = "DEVICE",  \
         .offer = &thaw_offer_files,                                                               \
         .help = "in a virtual machine whose monitor is recorded, too: write marks to this "       \
                 "console (/dev/ttyS0), by which `thaw report --guest` joins both recordings"},    \
        {THAW_FLAG(structure, member.stacks), .name = "stacks",                                    \
         .help = "with the CPU time of native code also what called it: stacks are copied into "   \
                 "a temporary file (TMPDIR) and followed at the end; only calls are recorded"},    \
        {THAW_FLAG(structure, member.hold), .name = "hold",                                        \
         .help = "stop what is recorded for some milliseconds whenever it starts an interpreter "  \
                 "that is not known yet, so that none of its imports is missed"},                  \
        {THAW_FLAG(structure, member.boot), .name = "boot",                                        \
         .help = "this machine was booted for what is recorded: its boot is part of the cold "     \
                 "start (else it is shown, but not counted)"},                                     \
        {THAW_FLAG(structure, member.json), .name = "json",                                        \
         .help = "write the report as JSON to standard output"},                                   \
        {THAW_FLAG(structure, member.quiet), .name = "quiet", .letter = 'q',                       \
         .help = "no summary at the end"},                                                         \
        THAW_COLOR_OPTION(structure, member.color), THAW_WIDTH_OPTION(structure, member.width)

/* All but what is recorded. 0, or an exit code after complaining. */
int thaw_recording_fill(const char *name, const struct thaw_recording_options *values,
                        struct thaw_record_options *ret);

/*
 * Records as the options say, shows the summary, and returns the exit code. command is
 * NULL-terminated; where it is empty, the running processes are attached to.
 */
int thaw_recording_run(const char *name, const struct thaw_recording_options *options,
                       const char *const *command, const pid_t *processes, size_t process_count);

#endif
