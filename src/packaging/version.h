/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_VERSION_H
#define THAW_PACKAGING_VERSION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Versions and version specifiers. Source: PyPA, "Version specifiers" (PEP 440); what it leaves
 * open is done as pip's library `packaging` (26.4) does. Texts are cut at 512 bytes, numbers may
 * have any length. Nothing is allocated.
 */

/*
 * < 0, 0, > 0: "1.0" equals "1.0.0", "1.0a1" < "1.0" < "1.0.post1". Texts of which one is no
 * version by PEP 440 ("2004d", "dev") are compared as texts.
 */
int thaw_version_compare(const char *one, const char *other);

/*
 * Does the version fit all specifiers of a list (">=1.26,<3", "==1.4.*", "~=2.2", "===x", "" all)?
 * 1 it does, 0 it does not, -EINVAL: the list is none. Pre-releases fit when the version itself is
 * installed already, which is what this is asked about.
 */
int thaw_version_fits(const char *version, const char *specifiers, size_t length);

/* Does the list allow one version only (one "==" without ".*", or "===")? */
bool thaw_version_is_pinned(const char *specifiers, size_t length);

/* Is it an alpha, beta, candidate or development version? What is no version by PEP 440 is none. */
bool thaw_version_is_pre_release(const char *version);

#endif
