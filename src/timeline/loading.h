/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_LOADING_H
#define THAW_TIMELINE_LOADING_H

#include "timeline/import_stack.h"

/*
 * What happens to files while a module is looked for and loaded, up to where its own code begins:
 * which part its time goes to, and what is known of its bytecode. Events of threads at anything
 * else change nothing here. False, where one is returned: memory is short.
 */

/* Where it was looked for. */
void thaw_loading_lookups(struct thaw_build *build, struct thaw_import_stack *stack,
                          const struct thaw_event *event);
bool thaw_loading_lookup_failed(struct thaw_build *build, struct thaw_import_stack *stack,
                                const struct thaw_event *event);

/* A file is opened, and closed after it was read; bytecode is accepted, or made to be written; a
 * library is relocated. */
void thaw_loading_open(struct thaw_build *build, struct thaw_import_stack *stack,
                       const struct thaw_event *event);
void thaw_loading_close(struct thaw_build *build, struct thaw_import_stack *stack,
                        const struct thaw_event *event);
void thaw_loading_unmarshal(struct thaw_build *build, struct thaw_import_stack *stack);
void thaw_loading_marshal(struct thaw_build *build, struct thaw_import_stack *stack);
void thaw_loading_relocated(struct thaw_import_stack *stack);

/* The bytecode that was written got its name. */
void thaw_loading_written(struct thaw_build *build, const struct thaw_import_stack *stack);

/*
 * Its own code begins, of that file; or its import ends. A loader of somebody's own may have made
 * its code of anything; and what was loaded without anything of it having been seen was loaded by
 * another thread, which was waited for: neither is finding it.
 */
void thaw_loading_body(struct thaw_build *build, struct thaw_frame *frame, const char *file);
void thaw_loading_end(struct thaw_build *build, struct thaw_frame *frame);

/* A step of the build (build.h): what was found of each module's bytecode, and all the folders. */
bool thaw_loading_build(struct thaw_build *build);

#endif
