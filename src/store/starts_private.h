/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_STORE_STARTS_PRIVATE_H
#define THAW_STORE_STARTS_PRIVATE_H

/* What the files of the store of starts share. */
#define THAW_START_TEXT_MAX 4096       /* of a text that is no word */
#define THAW_DATABASE_STARTS_VERSION 2 /* the first that has them */
#define THAW_WATCHED_MAX 10000         /* rows */

/* Counters (thaw_database_count). */
#define THAW_STARTS_REMOVED "starts removed"
#define THAW_ARRIVALS_REMOVED "arrivals removed"

#endif
