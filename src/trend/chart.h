/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_CHART_H
#define THAW_TREND_CHART_H

#include "trend/view.h"

/* A text within an element or an attribute of HTML; "" when memory is short. */
const char *thaw_trend_html_text(struct thaw_trend_view *view, const char *text);

/* More would be neither seen nor read: the latest are shown. */
#define THAW_CHART_POINTS_MAX 500

/* The values of a series as an inline SVG: a line from left to right, a point for each gate with
 * commit, date, value and verdict as what is shown when it is pointed at, a line across where it
 * changed for the worse. */
void thaw_trend_chart(struct thaw_trend_view *view, const json_t *series);

#endif
