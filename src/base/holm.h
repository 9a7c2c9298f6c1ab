/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_HOLM_H
#define THAW_BASE_HOLM_H

#include <stddef.h>

/*
 * Holm's correction (1979), in place: of count probabilities that are looked at together, so that
 * ten tests are not ten times as likely to be wrong as one. Their addresses are put into order.
 */
void thaw_holm_adjust(double *const *probabilities, size_t count);

#endif
