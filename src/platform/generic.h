/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_GENERIC_H
#define THAW_PLATFORM_GENERIC_H

#include "platform/platform.h"

/*
 * Any Python server that belongs to no platform: gunicorn, uvicorn, a script of one's own. Command
 * lines tell too little to recognise its workers (gunicorn's are never executed): what decides is
 * that a process accepts connections and answers (timeline/servers.h). So it recognises nothing and
 * decodes nothing.
 */
extern const struct thaw_platform thaw_generic;

/* Notes which servers the command line names: a sign among others, which decides nothing. */
void thaw_generic_signs(const struct thaw_process_view *process, struct thaw_platform_match *match);

#endif
