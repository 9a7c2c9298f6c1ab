/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_SANDBOX_PRIVATE_H
#define THAW_TRIAL_SANDBOX_PRIVATE_H

#include "trial/sandbox.h"

/* Shared by the files sandbox*.c only. */

/* Folders of the temporary one. */
#define SANDBOX_UPPER "upper"
#define SANDBOX_WORK "work"
#define SANDBOX_COPY "app"

/*
 * In a child: a namespace of its own, and the overlay in it. -EPERM, -ENOSPC and whatever else a
 * kernel or a container answers: it is not to be had here.
 */
int thaw_sandbox_mount(const struct thaw_sandbox *sandbox, struct thaw_error *error);

/* -EXDEV when another file system is mounted below the app, which an overlay would hide. */
int thaw_sandbox_look_for_mounts(const char *app, struct thaw_error *error);

/* -EINVAL and the like with a line: not a file below the app that can be changed. */
int thaw_sandbox_check_change(const char *app, const struct thaw_sandbox_change *change,
                              struct thaw_error *error);

/* Writes the changes below a folder (upper or copy), with the folders they need. */
int thaw_sandbox_write_changes(const struct thaw_sandbox *sandbox,
                               const struct thaw_sandbox_options *options, const char *below,
                               struct thaw_error *error);

/* Removes the bytecode that changed files had; folder is where the app is seen. */
int thaw_sandbox_drop_bytecode(const char *folder, const struct thaw_sandbox_options *options,
                               struct thaw_error *error);

/* -ESTALE when a changed file is not what is seen in the folder. */
int thaw_sandbox_verify(const char *folder, const struct thaw_sandbox_options *options,
                        struct thaw_error *error);

/* Copies the app into the folder `to`, which is there and empty. */
int thaw_sandbox_copy(const char *app, const char *to, struct thaw_error *error);

/* True for folders whose files are packages': they are not the user's own. */
bool thaw_sandbox_is_package_folder(int parent, const char *name);

/* Removes a folder and all in it, whoever may not read it; follows no link. */
int thaw_sandbox_remove(const char *folder, struct thaw_error *error);

/* True when path is folder or below it; both absolute, links resolved. */
bool thaw_sandbox_is_below(const char *path, const char *folder);

#endif
