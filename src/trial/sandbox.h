/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_SANDBOX_H
#define THAW_TRIAL_SANDBOX_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "capture/identity.h"
#include "thaw/error.h"

/*
 * An app's folder as it would be with some files changed, for commands to run in; the folder itself
 * is never written to.
 *
 * Where it is allowed, a command gets a mount namespace of its own in which an overlay lies over
 * the app's folder (mount_namespaces(7), overlayfs.rst): every path stays as it is, what the
 * command writes goes to a temporary folder, and nothing is mounted for anybody else. A plain user
 * has that right within a user namespace of his own (user_namespaces(7)); the command runs as the
 * same user and keeps no capability of it. Elsewhere the folder is copied, with the files of
 * packages as symbolic links to the original ones; a command that names the original folder by its
 * path gets the original's modules there, which thaw_sandbox_check_files() tells.
 *
 * Bytecode: a changed file gets the time of the original's change plus a second and loses the
 * bytecode it had, since CPython takes bytecode for valid by the source's size and second (PEP 552
 * has a kind that is not even looked at). What a run writes stays for the next one, so that a first
 * run warms both variants. There is a __pycache__ beside each file named in the changes that the
 * command may write to, whoever the app's folder belongs to.
 */

/* One file. The text belongs to the caller and is needed only while the sandbox is opened. */
struct thaw_sandbox_change {
    const char *path;  /* below the app; no "..", no folder that is a symbolic link */
    const char *bytes; /* NULL: as it is, and its bytecode, too; only a __pycache__ is made */
    size_t length;
};

enum thaw_sandbox_way {
    THAW_SANDBOX_OVERLAY,      /* by the right to mount */
    THAW_SANDBOX_USER_OVERLAY, /* in a user namespace */
    THAW_SANDBOX_COPY,
};

struct thaw_sandbox_options {
    const char *app;
    const struct thaw_sandbox_change *changes;
    size_t change_count;
    const struct thaw_identity *identity; /* who runs the command; NULL: who runs thaw */
    bool copy;                            /* don't try an overlay */
};

struct thaw_sandbox {
    enum thaw_sandbox_way way;
    char why_copied[400];          /* one line for the user, "" if it was not, or was asked for */
    char app[PATH_MAX];            /* the original, links resolved */
    char folder[PATH_MAX];         /* the temporary one, mode 0700; "" closed */
    struct thaw_identity identity; /* of the command */
};

/* What a copy may have at most. */
#define THAW_SANDBOX_ENTRIES_MAX 200000
#define THAW_SANDBOX_BYTES_MAX ((size_t)1 << 30)
#define THAW_SANDBOX_DEPTH_MAX 64

/*
 * Makes the temporary folder (below TMPDIR, else /tmp; /dev/shm where no overlay can lie on these),
 * and tries once in a child whether the changes are seen. Does not write to the app's folder; the
 * caller's namespaces stay as they are. On failure nothing is left, and *ret need not be closed.
 */
int thaw_sandbox_open(const struct thaw_sandbox_options *options, struct thaw_sandbox *ret,
                      struct thaw_error *error);

/* Where the app is for a command inside: the original path, or that of the copy. */
const char *thaw_sandbox_app(const struct thaw_sandbox *sandbox, char buffer[PATH_MAX]);

/* "overlay", "overlay in a user namespace", "copy". */
const char *thaw_sandbox_way_name(enum thaw_sandbox_way way);

/*
 * In a child after fork, which must have one thread: enters the sandbox, becomes the user of the
 * command for good, and goes to the app's folder. What capabilities the user namespace gave end
 * with the next exec.
 */
int thaw_sandbox_enter(const struct thaw_sandbox *sandbox, struct thaw_error *error);

/*
 * Did all modules come from the right tree? files are the __file__ of each, as a run told them
 * (links are followed here). -EXDEV and a line that names the first one of the original's own,
 * which can happen in a copy only; files of packages, which are links, and those elsewhere are
 * fine.
 */
int thaw_sandbox_check_files(const struct thaw_sandbox *sandbox, const char *const *files,
                             size_t count, struct thaw_error *error);

/*
 * Removes the temporary folder; what a command left running writes from then on is lost. -EBUSY
 * and the like: something stays, and the line says where. Closing twice, or what is zeroed, is
 * fine.
 */
int thaw_sandbox_close(struct thaw_sandbox *sandbox, struct thaw_error *error);

#endif
