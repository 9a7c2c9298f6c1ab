/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/late_library.h"

static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

static int load(const struct thaw_late_library *library)
{
    void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
    char *functions = library->functions;

    for (size_t i = 0; handle && i < library->count; i++) {
        void *function = dlsym(handle, library->names[i]);

        if (!function) {
            memset(functions, 0, library->count * sizeof(function));
            dlclose(handle);
            return -ENOSYS;
        }
        /* POSIX lets dlsym()'s result be a function; copied, as C has no such conversion. */
        memcpy(functions + i * sizeof(function), &function, sizeof(function));
    }
    return handle ? 1 : -ENOSYS;
}

int thaw_late_library_load(struct thaw_late_library *library)
{
    int state;

    pthread_mutex_lock(&loading);
    if (library->state == 0)
        library->state = load(library);
    state = library->state;
    pthread_mutex_unlock(&loading);
    return state < 0 ? state : 0;
}
