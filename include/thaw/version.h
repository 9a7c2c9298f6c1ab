/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_VERSION_H
#define THAW_VERSION_H

/* Of the program; recordings and reports carry versions of their own form. */
#define THAW_VERSION "0.1.0"
/* The day of that version, for manual pages. */
#define THAW_VERSION_DATE "2026-11-28"

#endif
