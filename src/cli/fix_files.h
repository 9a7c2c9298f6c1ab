/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_FIX_FILES_H
#define THAW_CLI_FIX_FILES_H

#include <sys/stat.h>

#include "base/array.h"
#include "cli/options.h"
#include "python/rewrite.h"
#include "thaw/analysis.h"

/* A file of the user's that suggestions are about. Texts are the arena's or the recording's. */
struct thaw_fix_file {
    const char *name;     /* as the recording has it */
    const char *path;     /* absolute */
    const char *relative; /* below the root, "" outside of it */
    const char *bytes;    /* as it is now */
    size_t length;
    struct stat status;
    const char *refusal; /* why it can't be changed, NULL: it can */
    THAW_ARRAY(struct thaw_rewrite_import) imports;
    struct thaw_rewrite_result result; /* verdicts NULL: none was asked for */
};

/* What a recording suggests to defer, and the files where that is. */
struct thaw_fix {
    struct thaw_arena arena;
    const char *root; /* the app's folder; nothing outside of it is changed */
    int root_fd;
    THAW_ARRAY(struct thaw_fix_file) files;
    THAW_ARRAY(const struct thaw_finding *) passed_over; /* not safe with the others, not named */
    const char *refuted; /* why all that is safe stays: a trial of it said so; NULL it need not */
};

/* How an import can wait, ended by NULL, and the option that chooses one by its index. */
extern const char *const thaw_fix_forms[];
#define THAW_FIX_FORM_OPTION(structure, member)                                                    \
    {                                                                                              \
        THAW_CHOICE(structure, member),                                                            \
            .name = "form", .choices = thaw_fix_forms,                                             \
            .help = "how an import waits: in the functions that use it, as `lazy import` (Python " \
                    "3.15), or by __lazy_modules__ in files that older ones read too; auto takes " \
                    "`lazy import` where the recorded interpreter has it"                          \
    }

/*
 * Takes the imports that the recording suggests to defer and that only chooses (FILE:LINE or a
 * module's name; none: those that are safe together), and reads their files below the root; root
 * NULL: the app's folder as the recording has it. A file that can't be used has its refusal.
 * -ENOENT: nothing is about what only says, or there is no such root; -ENOMEM. End with
 * thaw_fix_free() in either case.
 */
int thaw_fix_choose(const struct thaw_analysis *analysis, const struct thaw_option_texts *only,
                    const char *root, struct thaw_fix *ret, struct thaw_error *error);

/* The same with the imports of one finding. */
int thaw_fix_choose_finding(const struct thaw_analysis *analysis,
                            const struct thaw_finding *finding, const char *root,
                            struct thaw_fix *ret, struct thaw_error *error);
void thaw_fix_free(struct thaw_fix *fix);

/* Asks the interpreter that the recording has for the files; fills their results. */
int thaw_fix_rewrite(const struct thaw_analysis *analysis, const char *form, struct thaw_fix *fix,
                     struct thaw_error *error);

/* What of a path lies below a folder, "" when it does not. */
const char *thaw_fix_below(const char *root, const char *path);

/*
 * Opens what lies below a folder by a way without links and without "..": descriptor or negative
 * errno.
 */
int thaw_fix_open(int folder, const char *relative, int flags);

/*
 * Puts the new contents in place, each at once, with mode and owner of the old. Either all are, or
 * none is: also when one of the files is no longer what was read (-ESTALE).
 */
int thaw_fix_apply(const struct thaw_fix *fix, struct thaw_error *error);

#endif
