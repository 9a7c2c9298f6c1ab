/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_IMPORT_NAMES_H
#define THAW_PYTHON_IMPORT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Names of modules in the import statements of Python source, of any version, at any depth and
 * under any condition; relative ones are left out. Nothing is executed and nothing is parsed:
 * `import` and `from` are keywords, so it is enough to know where statements begin, and what is
 * text or comment. Source of the forms: the Python Language Reference, "Lexical analysis" and "The
 * import statement"; PEP 810 for `lazy`.
 *
 * An f-string that holds quotes of its own kind (PEP 701) is taken for several texts, which end
 * with the line at the latest: statements behind it are seen again.
 */
#define THAW_IMPORT_NAME_MAX 255

struct thaw_import_name {
    const char *name;  /* "a.b", without spaces; lasts until the call returns */
    size_t offset;     /* of its statement's first word in the source */
    bool may_be_value; /* "x.y.z" of `from x.y import z`: a module, or something within x.y */
};

/* 0 goes on, anything else ends the reading. */
typedef int (*thaw_import_name_function)(void *context, const struct thaw_import_name *name);

/*
 * Calls function for each name of length bytes of source, in their order, also for repeated ones:
 * of `import a.b as c` "a.b", of `from x.y import z` "x.y" and "x.y.z". Names that are longer than
 * THAW_IMPORT_NAME_MAX are left out. Takes time in proportion to length. 0, or what function
 * returned.
 */
int thaw_import_names(const char *source, size_t length, thaw_import_name_function function,
                      void *context);

#endif
