/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_XML_TEXT_H
#define THAW_REPORT_XML_TEXT_H

#include "base/arena.h"

/*
 * A text from outside for XML 1.0, within an element or a quoted attribute: markup is escaped, and
 * what XML can't hold or a terminal would act on is shown as \xNN or \u{NNNN}. In the arena, one
 * line; NULL when memory is short. NULL is taken as "".
 */
const char *thaw_xml_text(struct thaw_arena *arena, const char *text);

#endif
