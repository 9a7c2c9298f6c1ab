/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_SERVERS_H
#define THAW_TIMELINE_SERVERS_H

#include "timeline/build.h"

/* The platform of servers that belong to none. */
#define THAW_SERVERS_PLATFORM "generic"

/*
 * Servers that belong to no platform: fills listen, accept, asked and reply of the facts, and tells
 * roles by what was seen. A Python process that received something on a connection it accepted is a
 * worker; the Python processes above it are its hosts. A process that talks to itself, or to one
 * above or below it, is none (a test run with its own clients), unless --until asks for that reply.
 */
bool thaw_servers_build(struct thaw_build *build);

/* The outermost host of a worker: its id, 0 none. Of any platform. */
uint32_t thaw_servers_host(const struct thaw_build *build, uint32_t worker);

/* Does it run Python, itself or by what forked it? */
bool thaw_servers_is_python(const struct thaw_build *build, uint32_t process);

#endif
