/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_APP_H
#define THAW_SHIPPED_APP_H

#include "thaw/shipped.h"

/*
 * Which folders hold the user's own code. What is in a folder of the import path, in a virtual or
 * conda environment, or in the standard library is not the user's; in a container only the folders
 * are where platforms and images keep apps (a table in app.c). When distributions lie in the app's
 * top folder itself (a Lambda's package), files there that none of them owns are the user's.
 */
enum thaw_app_place {
    THAW_APP_OUTSIDE,
    THAW_APP_INSIDE,
    THAW_APP_TOP, /* what its imports begin from, and where its requirements files lie */
};

/* One for each folder of the model, malloc()ed, the caller's; NULL: memory is short. */
enum thaw_app_place *thaw_app_places(const struct thaw_shipped *shipped);

/* Is it a file of the app, given its folder's place? */
bool thaw_app_owns(const struct thaw_shipped_file *file, const enum thaw_app_place *places);

#endif
