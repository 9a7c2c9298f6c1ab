/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_START_MOVES_H
#define TESTS_START_MOVES_H

#include "start_feed.h"

/* What processes do, as the daemon is told of it: each is one event or a few. */
#define SECOND 1000000000ull
#define PLATFORMS THAW_STARTS_OF_PLATFORMS
#define ALL THAW_STARTS_OF_ALL

/* Its tid is its pid. */
void feed_take(struct start_feed *feed, struct thaw_event event);

void feed_tick(struct start_feed *feed, uint64_t now_ns);

struct thaw_starts_state feed_counts(const struct start_feed *feed);

void feed_open(struct start_feed *feed, enum thaw_starts_of of);

void feed_begin(struct start_feed *feed, uint32_t pid, uint32_t parent, uint64_t time_ns);

void feed_interpret(struct start_feed *feed, uint32_t pid, uint64_t time_ns);

/* A Python program is executed: fork, exec and interpreter; or the first two, and the last. */
void feed_execute(struct start_feed *feed, uint32_t pid, uint32_t parent, uint64_t time_ns);

void feed_import(struct start_feed *feed, uint32_t pid, const char *name, uint64_t time_ns,
                 uint64_t ns);

void feed_finish(struct start_feed *feed, uint32_t pid, uint64_t time_ns);

void feed_listen(struct start_feed *feed, uint32_t pid, uint64_t time_ns);

/* Asked and answered, from outside or by the process with pid peer. The request has a trace. */
void feed_answer(struct start_feed *feed, uint32_t pid, uint64_t connection, uint64_t time_ns,
                 uint32_t peer);

void feed_message(struct start_feed *feed, uint32_t pid, const char *type, bool outgoing,
                  uint64_t time_ns);

/* A worker of Azure Functions up to where it is loaded; its host has pid 10. */
void feed_worker(struct start_feed *feed, uint32_t pid, uint64_t time_ns);

void feed_invoke(struct start_feed *feed, uint32_t pid, uint64_t time_ns);

/* A Python that was there when thaw came. */
void feed_present(struct start_feed *feed, uint32_t pid);

#endif
