/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_RECORD_TRIALS_H
#define THAW_CLI_RECORD_TRIALS_H

#include "cli/recording.h"

/* What `thaw record --runs` has beside the options of a single recording. */
struct thaw_record_trials_options {
    int64_t runs; /* 0: a single recording */
    int64_t warmups;
    bool cold;
    const char *prepare;
    const char *json, *csv, *markdown; /* files, NULL none */
};

#define THAW_RECORD_TRIALS_FOLDER "trials"

/* Two commands stand on both sides of it. */
#define THAW_RECORD_TRIALS_BETWEEN ":::"

/* Rows of the table; member is the struct above. */
#define THAW_RECORD_TRIALS_ROWS(structure, member)                                                 \
    {THAW_NUMBER(structure, member.runs),                                                          \
     .name = "runs",                                                                               \
     .letter = 'r',                                                                                \
     .argument = "N",                                                                              \
     .minimum = 1,                                                                                 \
     .maximum = 1000,                                                                              \
     .help = "repeat it so often; -o names a new folder for all recordings "                       \
             "(default: " THAW_RECORD_TRIALS_FOLDER "), --limit is each run's"},                   \
        {THAW_NUMBER(structure, member.warmups),                                                   \
         .name = "warmup",                                                                         \
         .letter = 'w',                                                                            \
         .argument = "N",                                                                          \
         .minimum = 0,                                                                             \
         .maximum = 1000,                                                                          \
         .help = "with --runs: so many runs before, which are not kept (default: 0, with --cold "  \
                 "1)"},                                                                            \
        {THAW_FLAG(structure, member.cold), .name = "cold",                                        \
         .help = "with --runs: put what the last warm-up run read out of memory before each run, " \
                 "and tell what stayed (nobody else's files)"},                                    \
        {THAW_TEXT(structure, member.prepare), .name = "prepare", .argument = "COMMAND",           \
         .help = "with --runs: have the shell run this before each run"},                          \
        {THAW_TEXT(structure, member.json), .name = "export-json", .argument = "FILE",             \
         .offer = &thaw_offer_files,                                                               \
         .help = "with --runs: write what they come to, as in the folder's trials.json"},          \
        {THAW_TEXT(structure, member.csv), .name = "export-csv", .argument = "FILE",               \
         .offer = &thaw_offer_files, .help = "with --runs: write a row for each run"},             \
    {                                                                                              \
        THAW_TEXT(structure, member.markdown), .name = "export-markdown", .argument = "FILE",      \
                                               .offer = &thaw_offer_files,                         \
                                               .help = "with --runs: write the tables as Markdown" \
    }

/* Makes the runs; returns the exit code. words are the operands, folder that of the recordings. */
int thaw_record_trials(const char *name, const struct thaw_recording_options *recording,
                       const struct thaw_record_trials_options *trials, const char *folder,
                       char **words);

/* Says which option needs --runs, if one was given; 0, or the exit code. */
int thaw_record_trials_unused(const char *name, const struct thaw_record_trials_options *trials);

#endif
