/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_EVENTS_H
#define THAW_INVENTORY_EVENTS_H

#include <stdint.h>

#include "thaw/texts.h"

/* --- inventory: what a report needs from the machine, put in when the session closes --- */

struct thaw_inventory_interpreter {
    const char *executable;
    const char *version;
    const char *implementation; /* "cpython" */
    struct thaw_texts builtins; /* sys.builtin_module_names */
    struct thaw_texts stdlib;   /* folders of the standard library */
    struct thaw_texts sites;    /* site-packages folders seen for this interpreter */
};

struct thaw_inventory_distribution {
    const char *name;
    const char *version;
    const char *location; /* the folder on the import path that holds it */
    uint64_t bytes;       /* apparent, by stat, each inode once */
    uint64_t disk_bytes;
    uint64_t files;
    const char *installer;
    struct thaw_texts requires; /* Requires-Dist, names only, markers that hold here */
    struct thaw_texts optional; /* the same of those that hold with an extra only */
};

struct thaw_inventory_file {
    const char *path;
    const char *distribution; /* owner by RECORD, "" none */
    uint64_t bytes;
    uint64_t disk_bytes;
    uint64_t mtime_ns;    /* CLOCK_REALTIME */
    const char *build_id; /* hexadecimal, ELF files only */
};

/*
 * An import in the code of a loaded module or of a class in it, as its bytecode has it; branches
 * for type checkers only, and `lazy import` (3.15), are left out. Each once per file.
 */
struct thaw_inventory_import {
    const char *file;        /* as thaw_body_begin has it: the source's, also of bytecode alone */
    uint64_t line;           /* the first, when there are several */
    uint64_t level;          /* of a relative import, 0 absolute */
    const char *module;      /* as asked for, without the dots */
    struct thaw_texts names; /* of `from module import names`, "*" for all */
};

/*
 * A name that an import statement at module level of one of the user's own files binds. Its use is
 * the first of these that holds:
 *   lazy           `lazy import` (3.15)
 *   star           import *
 *   type-checking  under `if TYPE_CHECKING`
 *   conditional    in if, try, with, for, while or match
 *   global         bound again, deleted, or in a global statement
 *   module, decorator, base, default, class-body, comprehension, annotation
 *                  used there, as the module is executed; a lambda at module level is "module".
 *                  Annotations count as strings, too, and where they are not evaluated
 *   dynamic        the file uses globals(), eval(), exec(), sys.modules[__name__], or vars() or
 *                  locals() at module level
 *   exported       in __all__, or another of the user's files imports, reads or patches it
 *   functions      used inside function bodies, and nowhere else
 *   none           not used in its file
 */
struct thaw_inventory_statement {
    const char *file;
    uint64_t line;
    uint64_t end_line;
    uint64_t level;
    const char *module;
    const char *name;  /* imported from the module, "*" for all, "" for `import module` */
    const char *bound; /* what it is called in the file, "" with import * */
    const char *use;
    struct thaw_texts functions; /* outermost functions that use it, "Class.method", with any use */
    const char *detail;          /* what decided: "decorator at line 12" */
    struct thaw_texts attributes; /* what is read of it: "environ", "environ.get" */
};

/*
 * A function or class of one of the user's own files, at module level or in such a class; name
 * "<module>" is the file's own code: all that is executed as it is loaded.
 */
struct thaw_inventory_definition {
    const char *file;
    uint64_t line;
    const char *name; /* qualified */
    /* Every name that it, or what is nested in it, loads from outside of it, attributes' names and
     * what its functions import included. */
    struct thaw_texts references;
    struct thaw_texts bare; /* of these, names of the module's own that are never attributes' or
                               modules' of a function's import as well */
    struct thaw_texts decorators; /* "app.route", "" for what is no dotted name */
    uint64_t dynamic; /* 1: it looks names up at run time (getattr, globals, eval, importlib) */
    const char *kind; /* "function", "async function", "class", "module" */
};

/* Facts about a shared object that was loaded. */
struct thaw_inventory_library {
    const char *path;
    const char *soname;
    const char *build_id;     /* hexadecimal */
    const char *distribution; /* owner by RECORD, "" none */
    uint64_t bytes;
    uint64_t disk_bytes;
    struct thaw_texts needed; /* DT_NEEDED in the file's order */
    uint64_t strip_bytes;     /* what `strip` would make the file smaller by, 0 also unknown */
    uint64_t debug_bytes;     /* of these, for debuggers */
    uint64_t relocations;     /* that the dynamic loader has to work through */
};

/* A line of a requirements.txt beside the user's own files, with what is installed by that name. */
struct thaw_inventory_requirement {
    const char *file;
    uint64_t line;
    const char *name;            /* as written */
    const char *text;            /* the requirement, without options */
    struct thaw_texts modules;   /* what it can be imported as: "azure.storage.blob" */
    struct thaw_texts groups;    /* of entry points that are no commands: "sqlalchemy.dialects" */
    struct thaw_texts mentioned; /* files of the user's with a word of modules, at most a few; one
                                    is "" when not all of their files could be read */
};

#endif
