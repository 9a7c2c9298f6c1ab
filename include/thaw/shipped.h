/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_H
#define THAW_SHIPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/c_library.h"
#include "thaw/error.h"
#include "thaw/texts.h"

/*
 * What a target ships: its files, distributions and shared objects, read from the target alone and
 * without any privilege. A target is a virtual environment, an app's folder, a Lambda layer, a zip
 * of one of these, a container's root folder, or the folders that a process or a recording uses.
 *
 * Nothing of the target is executed. Nothing outside of it is opened, but for what the dynamic
 * loader itself would take a library from: ld.so.cache, its default folders, and the interpreter.
 *
 * Paths of the target are relative to its folder ("" is that folder itself); of a target of several
 * folders, and of what lies outside, they are absolute within the target's root. Texts are what the
 * files say, byte for byte, and belong to the model. Numbers of lists are indexes into the model's
 * arrays, THAW_SHIPPED_NONE stands for none.
 */
#define THAW_SHIPPED_NONE UINT32_MAX

/* What a file is for, told by its name and place; a row each in src/shipped/file_kinds.c. */
enum thaw_file_kind {
    THAW_FILE_PYTHON,
    THAW_FILE_BYTECODE,
    THAW_FILE_NATIVE, /* ELF, by its first bytes where the name says it may be */
    THAW_FILE_DATA,
    THAW_FILE_TESTS, /* in a folder named tests, test …, not of use when deployed; but native */
    THAW_FILE_DOCS,
    THAW_FILE_STUBS, /* .pyi, py.typed */
    THAW_FILE_HEADERS,
    THAW_FILE_DEBUG,    /* separate debugging files: .debug, .pdb, .dSYM */
    THAW_FILE_METADATA, /* in .dist-info and .egg-info */
    THAW_FILE_KINDS,
};

/* "python", "bytecode" … as reports show it. */
const char *thaw_file_kind_name(enum thaw_file_kind kind);

/* Sizes: each inode counts once, with the first of its names in the order of the walk. */
struct thaw_amount {
    uint64_t files;
    uint64_t bytes;      /* apparent */
    uint64_t disk_bytes; /* blocks allocated; in a zip: compressed */
};

struct thaw_shipped_folder {
    const char *path;
    uint32_t parent;          /* folders come after their parents; NONE: of the target itself */
    uint32_t distribution;    /* that owns most of its files' bytes, or NONE */
    struct thaw_amount own;   /* files in it */
    struct thaw_amount whole; /* with all below it; disk_bytes also has the folders' own blocks */
};

struct thaw_shipped_file {
    const char *path;
    uint32_t name_at; /* where its own name begins in the path */
    uint32_t folder;
    uint32_t distribution; /* who owns it, or NONE */
    uint32_t library;      /* the shared object it is, or NONE */
    enum thaw_file_kind kind;
    bool again;     /* another name of an inode that is counted elsewhere: its sizes are 0 here */
    uint32_t first; /* again: the file that counts it */
    uint64_t bytes;
    uint64_t disk_bytes;
    uint64_t mtime_ns; /* CLOCK_REALTIME, 0 unknown */
};

/* A requirement of a distribution, evaluated for the target's interpreter and platform. */
struct thaw_shipped_requirement {
    const char *text;      /* as written: "numpy>=1.26; python_version < '3.12'" */
    const char *name;      /* as written */
    const char *extra;     /* the extra of the distribution that asks for it, "" none */
    bool applies;          /* the marker holds here; with an extra: and the extra is asked for */
    bool unreadable;       /* no requirement by PEP 508: nothing else is known */
    uint32_t distribution; /* that is installed under this name, or NONE */
    bool satisfied;        /* it is installed in a version that fits (or from a URL) */
};

/*
 * A line of a requirements file of the user's: requirements.txt in the app's top folder, or where
 * there is none each requirements*.txt (of development or tests, beside requirements.txt, they say
 * nothing about what is shipped), constraints*.txt, and what these include within the target.
 */
struct thaw_shipped_request {
    const char *file;
    uint64_t line;
    struct thaw_shipped_requirement requirement;
    bool is_constraint; /* asks for nothing; satisfied, too, when it is not installed */
    bool is_pinned; /* to one version or one URL with a hash or commit, here or by a constraint */
    bool is_hashed; /* --hash= */
};

enum thaw_record_state {
    THAW_RECORD_PRESENT,
    THAW_RECORD_MISSING,    /* its files were told by top_level.txt or its name */
    THAW_RECORD_UNREADABLE, /* too long, no file, or no bytes of it are readable */
};

#define THAW_RECORD_PATHS_MAX 3

/*
 * Packages of conda environments are among them, behind the others (src/shipped/sites.h): of one
 * that is no Python distribution, location is the environment and info the file in conda-meta that
 * lists its files; of its requirements only the names are judged.
 */
struct thaw_shipped_distribution {
    const char *name; /* as its metadata writes it, else from the folder's name */
    const char *version;
    const char *location;  /* the folder on the import path that holds it */
    const char *info;      /* its .dist-info or .egg-info; of both in one version the first */
    const char *installer; /* "pip", "uv", "conda", "" unknown */
    const char *license;   /* License-Expression, else License if it is short, "" unknown */
    const char *editable;  /* the folder or URL it is developed in (direct_url.json, .egg-link) */
    bool is_editable_outside; /* that is not in the target: not weighed, and not shipped with it */
    struct thaw_texts tags;   /* of its wheel: "cp311-cp311-manylinux_2_17_x86_64" */
    const char *misfit;       /* why no tag fits the target, "" it fits or has none */

    struct thaw_shipped_requirement *requires;
    size_t require_count;
    /*
     * Asked for itself, not only by others: a line of a requirements file names it, or the app
     * imports it. Where no line names any distribution: the installer was asked for it (a file
     * REQUESTED beside METADATA; PEP 376), or where there is no such file either: nobody requires
     * it.
     */
    bool is_direct;
    bool is_imported_by_app; /* a file of the app imports one of its modules */
    /*
     * The shortest chain: "requirements.txt:2", "pandas", "numpy"; else from a file of the app that
     * imports the first; else from one that nobody here requires. Empty: only a cycle asks for it,
     * or another one of its name comes before it. Of very long ones the middle is "…".
     */
    struct thaw_texts why;
    struct thaw_texts required_by; /* all that ask for it here: lines, files, distributions */

    enum thaw_record_state record;
    uint64_t listed;                /* files in RECORD */
    uint64_t absent;                /* of them not there */
    uint64_t changed;               /* of another size than RECORD says */
    uint64_t outside;               /* that lead out of the target: not looked at */
    struct thaw_texts absent_paths; /* the first of them, at most THAW_RECORD_PATHS_MAX */
    struct thaw_texts changed_paths;
    struct thaw_amount amount;
    struct thaw_amount kinds[THAW_FILE_KINDS];
    struct thaw_amount exclusive; /* its own, and of those that are there only through it */
};

/* What pip would call a conflict, and what it would not see. */
enum thaw_conflict_kind {
    THAW_CONFLICT_MISSING, /* required, not installed */
    THAW_CONFLICT_VERSION, /* installed in a version that does not fit */
    THAW_CONFLICT_TWICE,   /* two versions of one name in one environment; the first in the path's
                              order wins, in one folder the one whose RECORD fits its files */
    THAW_CONFLICT_FILE,    /* two distributions own one file */
};
const char *thaw_conflict_kind_name(enum thaw_conflict_kind kind);

struct thaw_shipped_conflict {
    enum thaw_conflict_kind kind;
    uint32_t distribution; /* that asks, or the one that wins; NONE: a requirements file */
    uint32_t other;        /* that is installed, or NONE */
    const char *what;      /* the requirement, the name, or the file */
    const char *where;     /* "requirements.txt:3", "" a distribution */
};

/* Files that no import on the target's interpreter and platform could use. */
struct thaw_shipped_foreign {
    const char *path;
    uint32_t distribution;
    const char *why; /* "for aarch64", "for CPython 3.10, the target has 3.11", "for Windows" */
};

enum thaw_library_type { THAW_LIBRARY_EXTENSION, THAW_LIBRARY_SHARED, THAW_LIBRARY_EXECUTABLE };
const char *thaw_library_type_name(enum thaw_library_type type);

/* A DT_NEEDED entry and what the dynamic loader would take for it. */
struct thaw_shipped_needed {
    const char *name;
    const char *resolved; /* "" not found */
    uint32_t library;     /* the target's own one it is, or NONE */
    const char *reason; /* "runpath" …, "already loaded"; "" not found; "other machine": not found,
                           but it is for a machine whose libraries are not here: not missing */
    const char *owner;  /* the object whose RPATH or RUNPATH it was, or that had loaded it */
    const char
        *only_by; /* resolves so only when loaded by that one (its RPATH), "" by itself, too */
    const char *missing_by; /* resolves by others, but not when that one loads it, "" none */
};

struct thaw_shipped_section {
    const char *name; /* ".text" */
    uint64_t bytes;   /* in the file */
};

struct thaw_shipped_library {
    uint32_t file;
    enum thaw_library_type type;
    bool outside; /* of the system: wanted by the target, but not in it (file is NONE) */
    const char *path;
    const char *soname;
    const char *build_id;
    const char *machine; /* "x86_64", "aarch64", "i686", "EM 243" */
    const char *rpath;
    const char *runpath;
    uint64_t bytes; /* of a file that is counted elsewhere (again) all sizes are 0 */
    struct thaw_shipped_needed *needed;
    size_t needed_count;
    struct thaw_shipped_section *sections; /* largest first, those of at least 1 % of the file */
    size_t section_count;
    uint64_t debug_bytes;  /* of debugging sections */
    uint64_t symbol_bytes; /* of .symtab and .strtab */
    uint64_t
        strip_bytes;      /* what `strip` would save of both, their headers and the gaps they leave;
                             not gaps elsewhere, such as patchelf's: a rewrite may close these, too */
    uint64_t relocations; /* those of RELR included */
    uint64_t constructors;  /* DT_INIT, DT_INIT_ARRAY, DT_PREINIT_ARRAY entries */
    bool has_writable_code; /* a segment that is writable and executable */
    bool has_executable_stack;
    uint64_t content_hash; /* XXH3; 0: no other one has its size, build-id and SONAME */
};

/*
 * The same library several times. Of those that are the same by one kind, only the largest (the
 * first of equal ones) is held against others by the next kind: the sum of waste counts no byte
 * twice.
 */
enum thaw_duplicate_kind {
    THAW_DUPLICATE_CONTENT,  /* equal byte for byte */
    THAW_DUPLICATE_BUILD_ID, /* one build, but changed afterwards (patched RPATH, stripped) */
    THAW_DUPLICATE_SONAME,   /* other builds: equal only in the SONAME without auditwheel's hash */
};
const char *thaw_duplicate_kind_name(enum thaw_duplicate_kind kind);

struct thaw_shipped_duplicate {
    enum thaw_duplicate_kind kind;
    const char *key; /* the SONAME (none: the file's name) without auditwheel's hash, or, of
                        extension modules and executables, the file's name */
    uint32_t *libraries;
    size_t library_count;
    uint64_t waste_bytes; /* all but the largest */
    const char *winner;   /* what a process would use: the path of one, "each its own" (all of them,
                             side by side), or "the first that is loaded" */
};

/* State of the bytecode of a source file beside it, for the target's interpreter. */
enum thaw_bytecode_state {
    THAW_BYTECODE_FRESH,
    THAW_BYTECODE_STALE, /* of another time or size of the source */
    THAW_BYTECODE_MISSING,
    THAW_BYTECODE_FOREIGN, /* only of another interpreter, or another magic number */
    THAW_BYTECODE_DAMAGED,
    THAW_BYTECODE_STATES,
};
const char *thaw_bytecode_state_name(enum thaw_bytecode_state state);

struct thaw_shipped_bytecode {
    uint64_t states[THAW_BYTECODE_STATES]; /* source files of the import path's folders, but tests;
                                              and of an app's own */
    uint64_t source_bytes[THAW_BYTECODE_STATES];
    uint64_t checked;    /* bytecode files whose header was read: all where there was doubt; of the
                            rest some of each distribution, and the others taken to be like them */
    uint64_t by_time;    /* fresh ones that are valid by the source's time: lost when a deployment
                            changes that */
    uint64_t by_hash;    /* PEP 552; the hash itself is not compared */
    uint64_t unwritable; /* folders with sources without fresh bytecode where none can be written */
    struct thaw_texts examples; /* up to 20 paths that are not fresh, dearest first */
};

/* A .pth file in an import path's folder: read, line by line, at each start of the interpreter. */
struct thaw_shipped_path_file {
    const char *path;
    uint32_t distribution;
    uint64_t folders; /* lines that add a folder */
    uint64_t code;    /* lines that are executed: "import …" */
};

/* Something that could not be read, or is not as it should be: one line. */
struct thaw_shipped_fault {
    const char *path;
    const char *what; /* what, and what to do: "truncated ELF file: reinstall foo" */
    bool is_unread;   /* bytes or facts of the target are missing from the figures for it */
    bool is_folder;   /* what is in this folder was not read */
};

/* A size limit of a platform. Source and date of each are in its file in src/platform. */
struct thaw_shipped_limit {
    const char *id;       /* "lambda-unzipped" */
    const char *platform; /* "aws_lambda", "azure_functions", "" any */
    const char *what;     /* what it limits, one line */
    uint64_t limit_bytes;
    uint64_t bytes; /* of this target */
    bool is_exceeded;
    bool is_hard; /* the platform refuses it; else advice */
    const char *source;
    const char *dated; /* "2026-11" */
};

/* What pip and the markers of requirements are asked about. */
struct thaw_shipped_python {
    const char *version;             /* "3.11", "" unknown */
    const char *full_version;        /* "3.11.7", "" unknown */
    const char *implementation;      /* "cpython" */
    const char *machine;             /* "x86_64" */
    bool is_machine_assumed;         /* nothing of the target tells it: it is this machine's */
    struct thaw_c_library c_library; /* of its interpreter; where that is not here, some glibc */
    const char *executable;          /* that would run it, "" not known */
    const char *evidence;            /* "pyvenv.cfg", "most extension modules", "assumed" */
};

struct thaw_shipped {
    const char *target;      /* as given */
    const char *kind;        /* "virtual-environment", "app", "layer", "zip", "container-root",
                                "process", "recording", "folder" */
    struct thaw_texts signs; /* by what it was told: "pyvenv.cfg" */
    struct thaw_texts sites; /* import path's folders with distributions, in their order */
    struct thaw_texts folders_read; /* of a process or recording: the folders that were walked */
    struct thaw_shipped_python python;

    struct thaw_amount total; /* regular files; disk_bytes also has folders, links, all else: what
                                 `du -s -B1` says of it */
    struct thaw_amount kinds[THAW_FILE_KINDS];
    struct thaw_amount unowned; /* in an import path's folder, but of no distribution */
    struct thaw_amount app;     /* outside of these folders */
    uint64_t directory_count;
    uint64_t link_count;    /* symbolic */
    uint64_t special_count; /* FIFOs, sockets, devices */

    struct thaw_shipped_folder *folders;
    size_t folder_count;
    struct thaw_shipped_file *files;
    size_t file_count;
    struct thaw_shipped_distribution *distributions; /* by site, then by name; conda's last */
    size_t distribution_count;
    struct thaw_shipped_request *requests;
    size_t request_count;
    struct thaw_shipped_conflict *conflicts;
    size_t conflict_count;
    struct thaw_shipped_foreign *foreign;
    size_t foreign_count;
    bool without_libraries; /* they were not to be opened: nothing is known of them */
    struct thaw_shipped_library *libraries; /* the target's own by path, then those outside */
    size_t library_count;
    struct thaw_shipped_duplicate *duplicates;
    size_t duplicate_count;
    struct thaw_shipped_bytecode bytecode;
    struct thaw_shipped_path_file *path_files;
    size_t path_file_count;
    struct thaw_shipped_fault *faults;
    size_t fault_count; /* at most 1,000 are kept */
    uint64_t faults_more;
    struct thaw_shipped_limit *limits;
    size_t limit_count;
    struct thaw_shipped_memory *memory;
};

struct thaw_shipped_options {
    const char *target;         /* a path; of several folders: NULL, with folders below */
    const char *const *folders; /* absolute, NULL-terminated, with kind "process" or "recording" */
    const char *kind;           /* NULL: to be told from the target */
    const char *root;           /* "" this machine's; of a process: "/proc/PID/root" */
    const char *python_version; /* "3.11", NULL: to be told from the target */
    const char *machine; /* "x86_64", also "amd64"; NULL: as its extension modules, else ours */
    const char *library_path; /* LD_LIBRARY_PATH of the process, "" none */
    const char *executable;   /* inside root, that runs it; NULL: to be told from the target */
    bool without_libraries;   /* shared objects are not opened */
    bool without_reasons; /* requests, the app's imports, why distributions are there, conflicts,
                             bytecode and .pth are not looked at: nothing is known of them */
    bool read_ahead; /* a second thread reads shared objects while folders are looked through */
};

/*
 * Reads a target; *ret is ended by thaw_shipped_free(). -ENOENT, -EACCES …: the target itself can't
 * be read; -ENOTSUP: it is no folder and no zip; -ENOMEM. What can't be read inside it is a fault.
 * Bounds: 2,000,000 entries, 64 folders deep; what is beyond is a fault, too.
 */
int thaw_shipped_read(const struct thaw_shipped_options *options, struct thaw_shipped **ret,
                      struct thaw_error *error);

void thaw_shipped_free(struct thaw_shipped *shipped); /* NULL is allowed */

#endif
