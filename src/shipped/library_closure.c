/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "native/c_library.h"
#include "native/closure.h"
#include "native/root.h"
#include "packaging/machine.h"
#include "shipped/libraries.h"
#include "shipped/library_object.h"
#include "shipped/tree.h"

/* Where distributions put the system's libraries: the loader's own folders and those below. */
static const char *const system_folders[] = {"/lib", "/lib64", "/usr/lib", "/usr/lib64"};
#define SYSTEM_FOLDERS (sizeof(system_folders) / sizeof(system_folders[0]))

struct joining {
    struct thaw_shipped *shipped;
    struct thaw_arena *arena;
    struct thaw_closure *closure;
    const char *root;       /* that absolute paths are of */
    const char *base;       /* the target's folder inside it, NULL: the model's are absolute */
    bool is_whole_root;     /* it is the target's own */
    const char *executable; /* inside the root, links resolved; "" not known */
    const char *loader;     /* "" not known */
    struct thaw_object_abi own_abi; /* whose libraries are here; all 0: nobody's */
    bool has_own_abi;
    const char *folders[1]; /* base */
    const char *open_to[SYSTEM_FOLDERS + 1];
    size_t own;                                      /* libraries of the target */
    THAW_ARRAY(struct thaw_shipped_library) outside; /* as the closure opened them */
    uint32_t *numbers; /* of the closure's objects: the model's libraries, or NONE */
};

/* The model's path as an absolute one. */
static const char *absolute(const struct joining *joining, const char *path)
{
    return joining->base ? thaw_arena_format(joining->arena, "%s/%s", joining->base, path) : path;
}

/* An absolute path as the model's, which is inside the former or the same. */
static const char *relative(const struct joining *joining, const char *path)
{
    size_t length = joining->base ? strlen(joining->base) : 0;

    return joining->base && strncmp(path, joining->base, length) == 0 && path[length] == '/'
               ? path + length + 1
               : path;
}

static bool may_be_link(void *context, const char *path)
{
    const struct joining *joining = context;
    const char *inside = relative(joining, path), *name = thaw_tree_name(inside);
    size_t length = name > inside ? (size_t)(name - inside) - 1 : 0;
    uint32_t folder;

    if (!joining->shipped->link_count || joining->shipped->memory->content->archive)
        return false;
    folder = thaw_tree_find_folder(joining->shipped, inside, length);
    /* A folder that was not walked may itself be a link. */
    return folder == THAW_SHIPPED_NONE ||
           thaw_tree_has_link(joining->shipped, folder, name, strlen(name));
}

static int opened(void *context, uint32_t index, const struct thaw_object *object)
{
    struct joining *joining = context;
    const char *path = thaw_closure_object(joining->closure, index)->path;
    struct thaw_shipped_library *library = thaw_array_add(&joining->outside);
    int result;

    if (!library)
        return -ENOMEM;
    library->file = THAW_SHIPPED_NONE;
    library->outside = true;
    library->path = thaw_arena_string(joining->arena, path);
    if (!library->path)
        return -ENOMEM;
    result =
        thaw_library_describe(object, thaw_tree_name(library->path), joining->arena, library, NULL);
    return result == -ENOMEM ? result : 0;
}

/* Whose paths the model's are, and the root they are in. */
static int find_base(struct joining *joining)
{
    const struct thaw_shipped_options *options = joining->shipped->memory->options;
    char real[PATH_MAX];

    joining->root = options->root ? options->root : "";
    if (options->folders)
        return 0;
    if (!options->target || !realpath(options->target, real))
        real[0] = '\0';
    joining->base = thaw_arena_string(joining->arena, strcmp(real, "/") == 0 ? "" : real);
    if (!joining->base)
        return -ENOMEM;
    if (strcmp(joining->shipped->kind, "container-root") == 0) {
        joining->root = joining->base;
        joining->base = "";
        joining->is_whole_root = true;
    }
    return 0;
}

/* "/opt/python" of "/opt/python/bin/python3.11", "" of "/bin/python3"; NULL: no such place, or
 * memory is short. */
static const char *prefix_of(struct thaw_arena *arena, const char *executable)
{
    const char *slash = strrchr(executable, '/');
    size_t length = slash ? (size_t)(slash - executable) : 0;

    if (length < strlen("/bin") || memcmp(slash - strlen("/bin"), "/bin", strlen("/bin")) != 0)
        return NULL;
    return thaw_arena_text(arena, executable, length - strlen("/bin"));
}

/*
 * The target's pyvenv.cfg may name any file: only what lies as CPython is installed is taken for
 * the interpreter, for it is opened, and its prefix is one more place to look into.
 */
static bool is_interpreter(struct joining *joining, const char *path)
{
    static const char stem[] = "python3";
    const char *name = thaw_tree_name(path), *prefix = prefix_of(joining->arena, path), *folder;
    const char *version = joining->shipped->python.version;
    size_t length = strlen(version);

    if (!prefix || strncmp(name, stem, sizeof(stem) - 1) != 0)
        return false;
    if (strcmp(prefix, "/usr") == 0 || strcmp(prefix, "/usr/local") == 0)
        return true;
    if (name[sizeof(stem) - 1] == '.') {
        version = name + sizeof(stem) - 2;
        length = 2 + strspn(version + 2, "0123456789");
    }
    if (length <= 2)
        return false;
    folder = thaw_arena_format(joining->arena, "%s/lib/python%.*s", prefix, (int)length, version);
    return folder && thaw_root_is_folder(joining->root, folder);
}

/* Links resolved, as /proc/self/exe would say: $ORIGIN of an executable is that one's folder. */
static int find_executable(struct joining *joining)
{
    const char *path = joining->shipped->python.executable;
    int fd;

    joining->executable = "";
    if (!path || !*path)
        return 0;
    if (*path != '/')
        path = absolute(joining, path);
    if (!path)
        return -ENOMEM;
    fd = thaw_root_locate(joining->root, path);
    if (fd < 0)
        return 0;
    path = thaw_root_path(joining->root, fd, joining->arena);
    close(fd);
    if (!path)
        return 0;
    if (!is_interpreter(joining, path))
        return thaw_shipped_fault(joining->shipped, path,
                                  "named as the interpreter, but not installed as Python is: not "
                                  "opened, and what it has loaded is not known");
    joining->executable = path;
    return 0;
}

/* The C library that the interpreter is linked with, else the target's own root's. */
static int find_c_library(struct joining *joining, struct thaw_error *error)
{
    struct thaw_c_library_found found;
    int result = thaw_c_library_find(joining->root, joining->executable, joining->is_whole_root,
                                     joining->arena, &found, error);

    if (result < 0)
        return result;
    joining->loader = found.loader;
    if (found.c_library.kind != THAW_C_LIBRARY_UNKNOWN)
        joining->shipped->python.c_library = found.c_library;
    return 0;
}

/*
 * Libraries of the target's machine are in its own root. Elsewhere they are this machine's, of use
 * to it if it is for the same.
 */
static void find_own_abi(struct joining *joining)
{
    const struct thaw_shipped_python *python = &joining->shipped->python;
    struct utsname here;

    if (joining->is_whole_root) {
        joining->has_own_abi =
            !python->is_machine_assumed && thaw_library_abi(python->machine, &joining->own_abi);
        return;
    }
    joining->has_own_abi = true;
    if (uname(&here) == 0 && thaw_machine_is_same(here.machine, python->machine))
        thaw_library_abi(python->machine, &joining->own_abi);
}

static int open_closure(struct joining *joining, struct thaw_error *error)
{
    const struct thaw_shipped *shipped = joining->shipped;
    const char *library_path = shipped->memory->options->library_path;
    struct thaw_closure_options options = {
        .root = joining->root,
        .library_path = library_path ? library_path : "",
        .loader = joining->loader,
        .own_abi = joining->has_own_abi ? &joining->own_abi : NULL,
        .folders = joining->folders,
        .folder_count = 1,
        .open_to = joining->open_to,
        .open_to_count = SYSTEM_FOLDERS,
        .may_be_link = may_be_link,
        .opened = opened,
        .context = joining,
    };
    const char *prefix = *joining->executable ? prefix_of(joining->arena, joining->executable) : "";

    if (!prefix)
        return -ENOMEM;
    joining->folders[0] = joining->base;
    if (!joining->base) {
        options.folders = shipped->folders_read.items;
        options.folder_count = shipped->folders_read.count;
    }
    memcpy(joining->open_to, system_folders, sizeof(system_folders));
    if (*prefix)
        joining->open_to[options.open_to_count++] = prefix;
    for (size_t i = 0; i < shipped->folder_count && !options.has_subfolders; i++)
        options.has_subfolders =
            strcmp(thaw_tree_name(shipped->folders[i].path), "glibc-hwcaps") == 0;
    return thaw_closure_open(&options, &joining->closure, error);
}

static int tell_libraries(struct joining *joining, const struct thaw_library_extra *extras,
                          struct thaw_error *error)
{
    const struct thaw_shipped_memory *memory = joining->shipped->memory;

    for (size_t i = 0; i < joining->own; i++) {
        const struct thaw_shipped_library *library = &memory->libraries.items[i];
        const char **names =
            thaw_arena_allocate(joining->arena, (library->needed_count + 1) * sizeof(*names));
        struct thaw_closure_object object = {
            .path = absolute(joining, library->path),
            .soname = library->soname,
            .rpath = library->rpath,
            .runpath = library->runpath,
            .needed = names,
            .needed_count = library->needed_count,
            .abi = extras[i].abi,
            .begins_load = library->type != THAW_LIBRARY_SHARED,
        };

        if (!names || !object.path)
            return -ENOMEM;
        for (size_t j = 0; j < library->needed_count; j++)
            names[j] = library->needed[j].name;
        if (thaw_closure_add(joining->closure, &object, error) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* The object's path as the model says it, "" none. */
static const char *path_of(const struct joining *joining, uint32_t object)
{
    if (object == THAW_CLOSURE_NONE)
        return "";
    if (object < joining->own)
        return joining->shipped->memory->libraries.items[object].path;
    return joining->outside.items[object - joining->own].path;
}

/* Objects outside that the target's need, directly or over others: they follow the own ones. */
static int add_outside(struct joining *joining)
{
    struct thaw_shipped_memory *memory = joining->shipped->memory;
    size_t count = thaw_closure_count(joining->closure);
    THAW_ARRAY(uint32_t) order = {0};
    int result = 0;

    joining->numbers = thaw_arena_allocate(joining->arena, (count + 1) * sizeof(uint32_t));
    if (!joining->numbers || !thaw_array_reserve(&order, count + 1))
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        joining->numbers[i] = i < joining->own ? i : THAW_SHIPPED_NONE;
        if (i < joining->own)
            order.items[order.count++] = i;
    }
    for (size_t i = 0; result == 0 && i < order.count; i++) {
        uint32_t object = order.items[i];
        const struct thaw_closure_need *needs = thaw_closure_needs(joining->closure, object);
        size_t needed = thaw_closure_object(joining->closure, object)->needed_count;

        for (size_t j = 0; result == 0 && j < needed; j++) {
            uint32_t next = needs[j].object;
            struct thaw_shipped_library *added;

            if (next == THAW_CLOSURE_NONE || joining->numbers[next] != THAW_SHIPPED_NONE)
                continue;
            joining->numbers[next] = (uint32_t)memory->libraries.count;
            order.items[order.count++] = next;
            added = thaw_array_add(&memory->libraries);
            if (added)
                *added = joining->outside.items[next - joining->own];
            else
                result = -ENOMEM;
        }
    }
    thaw_array_free(&order);
    return result;
}

/* The found object's path: the model's own, else as the loader opens it. */
static const char *resolved_path(const struct joining *joining,
                                 const struct thaw_closure_need *need)
{
    if (need->object == THAW_CLOSURE_NONE)
        return "";
    if (need->object < joining->own)
        return path_of(joining, need->object);
    return thaw_arena_string(joining->arena, need->path);
}

static int fill_needed(struct joining *joining, uint32_t object)
{
    const struct thaw_closure_need *needs = thaw_closure_needs(joining->closure, object);
    const struct thaw_closure_object *told = thaw_closure_object(joining->closure, object);
    struct thaw_shipped_library *library =
        &joining->shipped->memory->libraries.items[joining->numbers[object]];

    if (!library->needed)
        library->needed = thaw_arena_allocate(joining->arena,
                                              (told->needed_count + 1) * sizeof(*library->needed));
    if (!library->needed)
        return -ENOMEM;
    library->needed_count = told->needed_count;
    for (size_t i = 0; i < told->needed_count; i++) {
        struct thaw_shipped_needed *needed = &library->needed[i];
        const struct thaw_closure_need *need = &needs[i];

        if (object >= joining->own) /* the target's own have theirs */
            needed->name = thaw_arena_string(joining->arena, told->needed[i]);
        needed->resolved = resolved_path(joining, need);
        needed->library =
            need->object == THAW_CLOSURE_NONE ? THAW_SHIPPED_NONE : joining->numbers[need->object];
        needed->reason = need->reason;
        needed->owner = path_of(joining, need->owner);
        needed->only_by = path_of(joining, need->only_by);
        needed->missing_by = path_of(joining, need->missing_by);
        if (!needed->name || !needed->resolved)
            return -ENOMEM;
    }
    return 0;
}

static int tell_refusals(const struct joining *joining)
{
    const struct thaw_closure_refusal *refusals;
    size_t count = thaw_closure_refusals(joining->closure, &refusals);
    int result = 0;

    for (size_t i = 0; result == 0 && i < count; i++)
        result = thaw_shipped_remark(joining->shipped, path_of(joining, refusals[i].object),
                                     "its %s leads to %s, outside of the target: not looked into",
                                     strcmp(refusals[i].reason, "path") == 0 ? "DT_NEEDED"
                                                                             : refusals[i].reason,
                                     refusals[i].folder);
    if (result == 0 && thaw_closure_was_cut(joining->closure))
        result = thaw_shipped_fault(joining->shipped, joining->shipped->target,
                                    "more to look for than the dynamic loader ever does: "
                                    "libraries said to be missing may be there");
    return result;
}

static int join(struct joining *joining, const struct thaw_library_extra *extras,
                struct thaw_error *error)
{
    int result = find_base(joining);

    if (result == 0)
        result = find_executable(joining);
    if (result == 0)
        result = find_c_library(joining, error);
    find_own_abi(joining);
    if (result == 0)
        result = open_closure(joining, error);
    if (result == 0)
        result = tell_libraries(joining, extras, error);
    if (result == 0 && *joining->executable) {
        result = thaw_closure_execute(joining->closure, joining->executable, error);
        if (result == -ENOENT)
            result = thaw_shipped_fault(joining->shipped, joining->executable,
                                        "the interpreter cannot be read: what it has loaded "
                                        "already is not known");
    }
    if (result == 0)
        result = thaw_closure_resolve(joining->closure, error);
    if (result == 0)
        result = add_outside(joining);
    for (uint32_t i = 0; result == 0 && i < thaw_closure_count(joining->closure); i++)
        if (joining->numbers[i] != THAW_SHIPPED_NONE)
            result = fill_needed(joining, i);
    return result == 0 ? tell_refusals(joining) : result;
}

int thaw_library_closure(struct thaw_shipped *shipped, const struct thaw_library_extra *extras,
                         struct thaw_error *error)
{
    struct joining joining = {
        .shipped = shipped,
        .arena = &shipped->memory->arena,
        .own = shipped->memory->libraries.count,
    };
    int result = join(&joining, extras, error);

    thaw_array_free(&joining.outside);
    thaw_closure_close(joining.closure);
    return result;
}
