/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_OUTPUT_H
#define THAW_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/options.h"
#include "thaw/error.h"
#include "thaw/report.h"

/* Where a command's data goes: stdout, or a file that appears only once it is whole. */
struct thaw_output {
    FILE *stream;
    char *path;      /* of the file to replace, NULL: written to directly */
    char *temporary; /* beside it, written meanwhile */
};

/*
 * path NULL or "-" is stdout. A regular file, or a path that is free, is written beside itself
 * (mode 0600: reports tell about the machine) and replaced on commit; symbolic links are followed;
 * anything else (/dev/full, a pipe) is written to directly. End with thaw_output_close().
 */
int thaw_output_open(const char *path, struct thaw_output *output, struct thaw_error *error);

/*
 * With keep: what was written is flushed and put in place; a failed write shows here at the
 * latest, and nothing is replaced then. Without: the file is as it was. Frees what output holds.
 */
int thaw_output_close(struct thaw_output *output, bool keep, struct thaw_error *error);

/* --color and --width, the same on every command that writes for people. */
enum thaw_color_choice { THAW_COLOR_AUTO, THAW_COLOR_ALWAYS, THAW_COLOR_NEVER };
extern const char *const thaw_color_choices[];

#define THAW_COLOR_OPTION(structure, member)                                                       \
    {                                                                                              \
        THAW_CHOICE(structure, member),                                                            \
            .name = "color", .choices = thaw_color_choices,                                        \
            .help = "colours: on a terminal unless NO_COLOR is set (auto), always or never"        \
    }
#define THAW_WIDTH_OPTION(structure, member)                                                       \
    {                                                                                              \
        THAW_NUMBER(structure, member),                                                            \
            .name = "width", .argument = "COLUMNS", .minimum = 80, .maximum = 200,                 \
            .help = "columns to fill, 80 to 200 (default: the terminal's, or 80)"                  \
    }

/* --depth and --top, for views. */
#define THAW_DEPTH_OPTION(structure, member)                                                       \
    {                                                                                              \
        THAW_NUMBER(structure, member), .name = "depth", .argument = "N", .minimum = 1,            \
                                        .maximum = 64, .help = "levels of a tree to show"          \
    }
#define THAW_TOP_OPTION(structure, member)                                                         \
    {                                                                                              \
        THAW_NUMBER(structure, member), .name = "top", .argument = "N", .minimum = 1,              \
                                        .maximum = 1000000, .help = "rows of each list to show"    \
    }

/* How to write to stream; width 0 asks the terminal. */
struct thaw_report_options thaw_output_style(int color_choice, int64_t width, FILE *stream);

/* What a command writes, and where: what it was asked for by -o, --color, --width and its views. */
struct thaw_output_content {
    const char *path; /* as of thaw_output_open() */
    int color;
    int64_t width;
    struct thaw_view_options view;
    /* Writes the report, or diff; NULL: the text form of the recording is written. */
    int (*write)(const struct json_t *report, const struct thaw_report_options *options,
                 FILE *stream, struct thaw_error *error);
    const struct json_t *report;
    const struct thaw_module_lines *modules; /* that the report lacks, NULL: it has all */
    const struct thaw_recording *recording;
};

/* Opens, writes and closes them. 0, or what the first of them failed with: no file is replaced
 * then.
 */
int thaw_output_write(const struct thaw_output_content *contents, size_t count,
                      struct thaw_error *error);

/* Is the path (NULL: standard output) a file that is read, too, so that writing would destroy it?
 * Or are both the same path? */
bool thaw_output_is_same(const char *path, const char *other);

/* The exit code for what it failed with: a format that can't say what was asked for is a usage
 * error, not a failure. */
int thaw_output_exit(int code);

#endif
