/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_INTERPRETER_PRIVATE_H
#define THAW_PYTHON_INTERPRETER_PRIVATE_H

#include <stdbool.h>

#include "python/interpreter.h"

/* Shared by interpreter.c, interpreter_process.c, started.c and discovery.c only. */

/* Where an executable would find its libraries. */
struct thaw_interpreter_root {
    const char *folder;       /* "" this machine's root, else e.g. "/proc/17/root" */
    const char *library_path; /* LD_LIBRARY_PATH, "" none */
};

/* True when the object itself is CPython: executable or libpython. */
bool thaw_interpreter_in_object(const struct thaw_object *object);

/* Fills everything about the object with the symbols, except executable and open_path. */
int thaw_interpreter_describe(const struct thaw_object *object, const char *library,
                              struct thaw_arena *arena, struct thaw_interpreter_info *info,
                              struct thaw_error *error);

/*
 * Fills all but executable from the libpython that the executable (path: inside the root, links
 * resolved) needs. -ENOEXEC: it needs none; -ENOENT: it is missing.
 */
int thaw_interpreter_from_needed(const struct thaw_object *executable, const char *path,
                                 const struct thaw_interpreter_root *root, struct thaw_arena *arena,
                                 struct thaw_interpreter_info *info, struct thaw_error *error);

/* thaw_interpreter_in_root() with an LD_LIBRARY_PATH. */
int thaw_interpreter_in_root_by(const char *root_folder, const char *path, const char *library_path,
                                struct thaw_arena *arena, struct thaw_interpreter_info *ret,
                                struct thaw_error *error);

/*
 * What a dynamic loader that was executed itself (ld.so PROGRAM …) is to run: words are its command
 * line as /proc/PID/cmdline has it, NUL-terminated at words[length]. NULL: nothing.
 */
const char *thaw_loader_program(const char *words, size_t length, const char **ret_library_path);

/* A variable of the environment a process was started with; "" unset, or not ours to see. */
const char *thaw_process_variable(pid_t pid, const char *name, struct thaw_arena *arena);

#endif
