/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_INTERPRETER_H
#define THAW_PYTHON_INTERPRETER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/array.h"
#include "native/object.h"
#include "python/layouts.h"
#include "thaw/error.h"

/*
 * A Python interpreter, recognised from its files alone: nothing of it is executed. Texts belong
 * to the arena the caller gave.
 */
struct thaw_interpreter_info {
    const char *executable; /* as it was given or found; a venv's link stays a link
                               (of a process: its first argument, if that leads to it) */
    const char *library;    /* the object that holds the symbols, links resolved, as the process
                               sees it: the executable itself or its libpython3.X.so */
    const char *open_path;  /* a path by which that object can be opened here and now: library, or
                               one through /proc for other roots and deleted files */
    const char *root;       /* "" ours, else a path that leads to the root of what was looked at */
    const char *version;    /* "3.11.2", "3.11", "" unknown */
    unsigned major, minor;  /* 0, 0 unknown */
    uint64_t device, inode; /* of library: stat's st_dev and st_ino */
    /* Of row->symbols in the file, behind an endbr64; 0 without a row, or where there is none.
     * Those of find and body are there wherever there is a row. */
    uint64_t offsets[THAW_PYTHON_FUNCTIONS];
    enum thaw_instruction instructions[THAW_PYTHON_FUNCTIONS]; /* what the probes will cost */
    const struct thaw_python_row *row; /* NULL: cannot be probed, reason says why */
    const char *reason;                /* one line, "" when row is set */
};

struct thaw_interpreter_list {
    struct thaw_interpreter_info *items; /* freed by thaw_array_free() */
    size_t count;
    size_t capacity;
};

/*
 * Recognises the interpreter in the file at path (an ELF file: #! lines are not followed).
 * 0: it is a Python and *ret is filled, perhaps without a row; -ENOEXEC: it is not a Python;
 * other errors: the file could not be read.
 *
 * The version is told by the data symbol Py_Version (3.11 and later), else by the library's
 * SONAME, else by the executable's base name with links resolved, and never guessed.
 */
int thaw_interpreter_identify(const char *path, struct thaw_arena *arena,
                              struct thaw_interpreter_info *ret, struct thaw_error *error);

/*
 * The same for a running process: through /proc/PID/exe and its mappings, so that other roots
 * (containers) and files deleted or replaced meanwhile give the very object that runs. A libpython
 * loaded by dlopen is found too. -ESRCH: the process is gone; -EACCES, -EPERM: not ours to see.
 */
int thaw_interpreter_of_process(pid_t pid, struct thaw_arena *arena,
                                struct thaw_interpreter_info *ret, struct thaw_error *error);

/*
 * The interpreter in a shared library that a running process has open or mapped, at path (through
 * /proc): for programs that embed Python. -ENOEXEC: it is none.
 */
int thaw_interpreter_of_library(const char *path, pid_t pid, struct thaw_arena *arena,
                                struct thaw_interpreter_info *ret, struct thaw_error *error);

/* The same as thaw_interpreter_identify(), for a file inside another root ("" ours). */
int thaw_interpreter_in_root(const char *root, const char *path, struct thaw_arena *arena,
                             struct thaw_interpreter_info *ret, struct thaw_error *error);

/*
 * Is the executable a dynamic loader? It runs the program that its command line names, so that the
 * file does not tell what runs.
 */
bool thaw_interpreter_is_loader(const char *path);

/*
 * The file that has dlopen for what runs in the interpreter's root, as a path to open it by: its C
 * library, before glibc 2.34 libdl. NULL: none was found, or memory is short.
 */
const char *thaw_interpreter_loader(const struct thaw_interpreter_info *info,
                                    struct thaw_arena *arena);

/*
 * The path by which a running process was started, from its first argument: /venv/bin/python where
 * /proc/PID/exe is /usr/bin/python3.11, which tells nothing of the environment. root: "" or a path
 * that leads to the process's root. NULL when no such path leads to the file that runs (the first
 * argument may be anything), or memory is short.
 */
const char *thaw_interpreter_started_as(pid_t pid, const char *root, struct thaw_arena *arena);

/* The same where the first argument is known. */
const char *thaw_interpreter_started_by(pid_t pid, const char *root, const char *word,
                                        struct thaw_arena *arena);

/*
 * Every interpreter that can be found in advance, each library once, in this order: the command's
 * own (NULL-terminated words, or NULL; through PATH, #! lines and env), those in the folders of
 * path_variable ("" none), $VIRTUAL_ENV, /usr/bin and /usr/local/bin, version managers' folders
 * below home ("" none; pyenv, uv, conda), those of running processes, and those in /usr/bin,
 * /usr/local/bin and the PATH of the first process of each other root (containers). Adds to *ret.
 * What can't be read is left out; fails only when memory is short. About 10 ms (measured: 2 cores,
 * 9 interpreters, 60 processes).
 */
int thaw_interpreters_discover(const char *const *command, const char *path_variable,
                               const char *home, struct thaw_arena *arena,
                               struct thaw_interpreter_list *ret, struct thaw_error *error);

/*
 * The executable a command line leads to: command[0] through path_variable, then through #! lines
 * and env, at most 8 steps. NULL when there is none or memory is short; not necessarily a Python.
 */
const char *thaw_interpreter_command(const char *const *command, const char *path_variable,
                                     struct thaw_arena *arena);

#endif
