/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_PROVE_ENVIRONMENT_H
#define THAW_CLI_PROVE_ENVIRONMENT_H

#include "base/arena.h"
#include "base/array.h"
#include "cli/options.h"
#include "thaw/error.h"
#include "trial/prove.h"

/*
 * What the app gets as its environment besides thaw's: the settings for runs on a developer's
 * machine, and --env. Its values are secrets: they are passed on, and nowhere else.
 */
struct thaw_prove_environment {
    THAW_ARRAY(const char *) variables; /* NAME=VALUE, the later one counts; ended by NULL */
};

/*
 * Reads the settings: those of the file, NULL: of the platform's file in the app's folder (an open
 * descriptor), when it is there. A file is JSON: an object of texts, under the platform's key or by
 * itself. Then adds what --env says. Texts are the arena's or the options'. -EINVAL: wrong; -ENOENT
 * and the like: it can't be read; -ENOMEM. A line never has a value in it.
 */
int thaw_prove_environment_fill(const struct thaw_prove_app *app, int folder, const char *settings,
                                const struct thaw_option_texts *variables, struct thaw_arena *arena,
                                struct thaw_prove_environment *ret, struct thaw_error *error);

/* The same from the bytes of a file called name; key NULL: none. Adds no ending. */
int thaw_prove_environment_parse(const char *bytes, size_t length, const char *name,
                                 const char *key, struct thaw_arena *arena,
                                 struct thaw_prove_environment *ret, struct thaw_error *error);

/*
 * The text, escaped for terminals, with `***` for each line of a value that has at least
 * THAW_PROVE_SECRET_LEAST bytes, and for the beginning of one at its end, as texts are cut: what
 * the app prints may have them. NULL: memory is short.
 */
#define THAW_PROVE_SECRET_LEAST 8
const char *thaw_prove_environment_mask(const struct thaw_prove_environment *environment,
                                        const char *text, struct thaw_arena *arena);

void thaw_prove_environment_free(struct thaw_prove_environment *environment);

#endif
