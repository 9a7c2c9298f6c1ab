/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_MACHINE_H
#define THAW_PACKAGING_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

/* Names of machines: those of wheels' tags, which uname has, too, and what else they are called. */

/* "aarch64" of "arm64" and of itself, as wheels' tags have it; NULL: no machine that is known. */
const char *thaw_machine_tag(const char *name);

/* Does ELF know both by one number? "armv6l" and "armv7l" it does; unknown names are themselves. */
bool thaw_machine_is_same(const char *one, const char *other);

/* What thaw_machine_tag() returns, one by one; NULL: there are no more. */
const char *thaw_machine_at(size_t index);

/* All of them in a line: "x86_64, aarch64, …". */
const char *thaw_machine_words(void);

#endif
