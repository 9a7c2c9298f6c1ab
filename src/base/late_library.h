/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_LATE_LIBRARY_H
#define THAW_BASE_LATE_LIBRARY_H

#include <stddef.h>

/*
 * A shared library that is loaded when it is first needed, instead of at every start of thaw:
 * capstone's 77,000 relocations and libzip with libcrypto would take 40 % of what `thaw --version`
 * takes each (measured on Debian 12).
 *
 * Its user keeps a struct of pointers to functions, all of the library, and their names in the same
 * order. The soname is that of the library whose headers the user was built with (Makefile).
 */
struct thaw_late_library {
    const char *soname;
    const char *const *names;
    void *functions; /* a struct of count pointers to functions; all or none are set */
    size_t count;
    int state; /* its own: 0 not tried, 1 loaded, else why not */
};

/*
 * Loads the library, once; 0 from then on. It stays for as long as the program runs. May be called
 * by several threads. -ENOSYS: it is not installed, or lacks a function; that stays so.
 */
int thaw_late_library_load(struct thaw_late_library *library);

#endif
