/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "analysis/use_folders.h"
#include "cli/fix_files.h"
#include "inventory/reading.h"
#include "inventory/statements.h"

#define LAZY_IMPORT "lazy-import"
#define LAZY_IMPORT_SET "lazy-import-set"
#define SAFE "safe"
#define NS_PER_SECOND ((uint64_t)1000000000)

const char *const thaw_fix_forms[] = {"auto", "function", "lazy", "lazy-modules", NULL};

int thaw_fix_open(int folder, const char *relative, int flags)
{
    const struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK),
                                 .resolve =
                                     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    long fd = syscall(SYS_openat2, folder, relative, &how, sizeof(how));

    return fd < 0 ? -errno : (int)fd;
}

static bool is_chosen(const struct thaw_inventory_statement *row,
                      const struct thaw_option_texts *only)
{
    for (size_t i = 0; i < only->count; i++) {
        if (thaw_statement_answers_to(row, only->items[i]))
            return true;
    }
    return !only->count;
}

static struct thaw_fix_file *file_named(struct thaw_fix *fix, const char *name,
                                        const char *directory)
{
    struct thaw_fix_file *file;

    for (size_t i = 0; i < fix->files.count; i++) {
        if (strcmp(fix->files.items[i].name, name) == 0)
            return &fix->files.items[i];
    }
    file = thaw_array_add(&fix->files);
    if (!file)
        return NULL;
    *file = (struct thaw_fix_file){.name = name, .relative = ""};
    file->path = *name == '/' ? name : thaw_arena_format(&fix->arena, "%s/%s", directory, name);
    return file->path ? file : NULL;
}

static bool is_taken(const struct thaw_fix_file *file, const struct thaw_inventory_statement *row)
{
    for (size_t i = 0; i < file->imports.count; i++) {
        const struct thaw_rewrite_import *import = &file->imports.items[i];

        if (import->line == row->line && !strcmp(import->module, row->module) &&
            !strcmp(import->name, row->bound))
            return true;
    }
    return false;
}

static int take_row(const struct thaw_inventory_statement *row, const char *directory,
                    struct thaw_fix *fix)
{
    struct thaw_fix_file *file = file_named(fix, row->file, directory);
    struct thaw_rewrite_import *import;

    if (file && is_taken(file, row))
        return 0;
    import = file ? thaw_array_add(&file->imports) : NULL;
    if (!import)
        return -ENOMEM;
    *import = (struct thaw_rewrite_import){row->line, row->module, row->bound};
    return 0;
}

static bool is_about(const struct thaw_finding *finding, const struct thaw_inventory_statement *row)
{
    for (size_t i = 0; i < finding->import_count; i++) {
        const struct thaw_proof_import *import = &finding->imports[i];

        if (import->line == row->line && !strcmp(import->module, row->module) &&
            !strcmp(import->file, row->file))
            return true;
    }
    return false;
}

/* All names that a statement binds are taken up: it stands and falls as one. */
static int take_finding(const struct thaw_timeline *timeline, const struct thaw_finding *finding,
                        const struct thaw_option_texts *only, struct thaw_fix *fix)
{
    const struct thaw_recording *recording = timeline->recording;
    const char *directory = timeline->session ? timeline->session->directory : "";
    int result = 0;

    for (size_t i = 0; result == 0 && i < recording->count; i++) {
        const struct thaw_inventory_statement *row = &recording->events[i].inventory_statement;

        if (recording->events[i].kind == THAW_EVENT_INVENTORY_STATEMENT && is_about(finding, row) &&
            is_chosen(row, only))
            result = take_row(row, directory, fix);
    }
    return result;
}

const char *thaw_fix_below(const char *root, const char *path)
{
    size_t length = strlen(root);

    while (length && root[length - 1] == '/')
        length--;
    return strncmp(root, path, length) == 0 && path[length] == '/' ? path + length + 1 : "";
}

/* The folder of the app that holds the first of the files; NULL: none is known. */
static int find_root(const struct thaw_analysis *analysis, struct thaw_fix *fix,
                     struct thaw_error *error)
{
    struct thaw_texts folders;
    bool elsewhere;
    int result = thaw_use_folders(analysis->timeline, &fix->arena, &folders, &elsewhere, error);

    for (uint64_t i = 0; result == 0 && i < folders.count; i++) {
        if (*thaw_fix_below(folders.items[i], fix->files.items[0].path))
            fix->root = folders.items[i];
    }
    if (result == 0 && !fix->root)
        return thaw_error_set(error, -ENOENT,
                              "%s lies in no folder of the app that the recording has; --root DIR "
                              "names it",
                              fix->files.items[0].path);
    return result;
}

static int open_root(const struct thaw_analysis *analysis, const char *root, struct thaw_fix *fix,
                     struct thaw_error *error)
{
    char *real;

    if (root) {
        real = realpath(root, NULL);
        if (!real)
            return thaw_error_system(error, -errno, "%s", root);
        fix->root = thaw_arena_string(&fix->arena, real);
        free(real);
        if (!fix->root)
            return thaw_error_memory(error);
    } else {
        int result = find_root(analysis, fix, error);

        if (result)
            return result;
    }
    fix->root_fd = open(fix->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fix->root_fd < 0 ? thaw_error_system(error, -errno, "%s", fix->root) : 0;
}

static bool is_as_recorded(const struct thaw_recording *recording, const struct thaw_fix_file *file)
{
    uint64_t mtime_ns = (uint64_t)file->status.st_mtim.tv_sec * NS_PER_SECOND +
                        (uint64_t)file->status.st_mtim.tv_nsec;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_file *row = &recording->events[i].inventory_file;

        if (recording->events[i].kind == THAW_EVENT_INVENTORY_FILE &&
            strcmp(row->path, file->path) == 0)
            return row->bytes == (uint64_t)file->status.st_size && row->mtime_ns == mtime_ns;
    }
    return true; /* the rewriter still looks for each import at its line */
}

/* Why the file can't be used, or NULL; *ret_memory when that could not even be found out. */
static const char *read_one(const struct thaw_recording *recording, struct thaw_fix *fix,
                            struct thaw_fix_file *file, bool *ret_memory)
{
    int fd, code;

    file->relative = thaw_fix_below(fix->root, file->path);
    if (!*file->relative)
        return "it lies outside of the app's folder";
    fd = thaw_fix_open(fix->root_fd, file->relative, O_RDONLY);
    if (fd == -ELOOP || fd == -EXDEV)
        return "its path has a symbolic link or leads out of the app's folder";
    if (fd < 0)
        return fd == -ENOENT ? "it is gone" : "it can't be read";
    code = fstat(fd, &file->status) < 0
               ? -errno
               : thaw_reading_descriptor(fd, THAW_REWRITE_BYTES_MAX, &fix->arena,
                                         (char **)&file->bytes, &file->length);
    close(fd);
    *ret_memory |= code == -ENOMEM;
    if (code < 0)
        return "it can't be read";
    if ((size_t)file->status.st_size > THAW_REWRITE_BYTES_MAX)
        return "it is too large";
    return is_as_recorded(recording, file) ? NULL : "it has changed since the recording";
}

/* The files of what was taken. */
static int read_files(const struct thaw_analysis *analysis, const char *root, struct thaw_fix *fix,
                      struct thaw_error *error)
{
    bool memory = false;
    int result = fix->files.count ? open_root(analysis, root, fix, error) : 0;

    for (size_t i = 0; result == 0 && i < fix->files.count; i++)
        fix->files.items[i].refusal =
            read_one(analysis->timeline->recording, fix, &fix->files.items[i], &memory);
    return memory ? thaw_error_memory(error) : result;
}

/* Those that are safe together; NULL: the recording tells of no set. */
static const struct thaw_finding *find_set(const struct thaw_analysis *analysis)
{
    for (size_t i = 0; i < analysis->finding_count; i++) {
        const struct thaw_finding *finding = &analysis->findings[i];

        if (!strcmp(finding->id, LAZY_IMPORT_SET) && !strcmp(finding->risk, SAFE))
            return finding;
    }
    return NULL;
}

static int pass_over(const struct thaw_finding *finding, struct thaw_fix *fix)
{
    const struct thaw_finding **slot = thaw_array_add(&fix->passed_over);

    if (slot)
        *slot = finding;
    return slot ? 0 : -ENOMEM;
}

static bool is_within(const struct thaw_finding *finding, const struct thaw_finding *set)
{
    for (size_t i = 0; set && i < finding->import_count; i++) {
        const struct thaw_proof_import *one = &finding->imports[i];
        bool found = false;

        for (size_t j = 0; j < set->import_count; j++)
            found |= thaw_proof_imports_equal(one, 1, &set->imports[j], 1);
        if (!found)
            return false;
    }
    return true;
}

static int choose(const struct thaw_analysis *analysis, const struct thaw_finding *finding,
                  const struct thaw_finding *set, const struct thaw_option_texts *only,
                  struct thaw_fix *fix)
{
    bool is_single = !strcmp(finding->id, LAZY_IMPORT);

    if (!is_single && strcmp(finding->id, LAZY_IMPORT_SET))
        return 0;
    if (only->count)
        return take_finding(analysis->timeline, finding, only, fix);
    if (set && thaw_finding_is_refuted(set)) {
        fix->refuted = set->proof->reason;
        return is_single ? pass_over(finding, fix) : 0;
    }
    if (is_single ? strcmp(finding->risk, SAFE) || thaw_finding_is_refuted(finding) ||
                        !is_within(finding, set)
                  : finding != set)
        return pass_over(finding, fix);
    return take_finding(analysis->timeline, finding, only, fix);
}

/* The first word that no import answers to that was taken up, NULL: all are heeded. */
static const char *unheeded(const struct thaw_fix *fix, const struct thaw_option_texts *only)
{
    for (size_t word = 0; word < only->count; word++) {
        bool heeded = false;

        for (size_t i = 0; !heeded && i < fix->files.count; i++) {
            const struct thaw_fix_file *file = &fix->files.items[i];

            for (size_t n = 0; !heeded && n < file->imports.count; n++) {
                const struct thaw_inventory_statement row = {.file = file->name,
                                                             .line = file->imports.items[n].line,
                                                             .module =
                                                                 file->imports.items[n].module};

                heeded = thaw_statement_answers_to(&row, only->items[word]);
            }
        }
        if (!heeded)
            return only->items[word];
    }
    return NULL;
}

int thaw_fix_choose(const struct thaw_analysis *analysis, const struct thaw_option_texts *only,
                    const char *root, struct thaw_fix *ret, struct thaw_error *error)
{
    const struct thaw_finding *set = find_set(analysis);
    const char *strange;

    *ret = (struct thaw_fix){.root_fd = -1};
    for (size_t i = 0; i < analysis->finding_count; i++)
        if (choose(analysis, &analysis->findings[i], set, only, ret))
            return thaw_error_memory(error);
    strange = unheeded(ret, only);
    if (strange)
        return thaw_error_set(error, -ENOENT,
                              "no suggestion of the recording is about '%s'; `thaw report` lists "
                              "them",
                              strange);
    return read_files(analysis, root, ret, error);
}

int thaw_fix_choose_finding(const struct thaw_analysis *analysis,
                            const struct thaw_finding *finding, const char *root,
                            struct thaw_fix *ret, struct thaw_error *error)
{
    const struct thaw_option_texts all = {0};

    *ret = (struct thaw_fix){.root_fd = -1};
    if (take_finding(analysis->timeline, finding, &all, ret))
        return thaw_error_memory(error);
    return read_files(analysis, root, ret, error);
}

void thaw_fix_free(struct thaw_fix *fix)
{
    for (size_t i = 0; i < fix->files.count; i++)
        thaw_array_free(&fix->files.items[i].imports);
    thaw_array_free(&fix->files);
    thaw_array_free(&fix->passed_over);
    thaw_arena_free(&fix->arena);
    if (fix->root_fd >= 0)
        close(fix->root_fd);
}

/* The interpreter that executed the file, else the recording's first; NULL none. */
static const char *interpreter_of(const struct thaw_timeline *timeline, const char *file)
{
    const struct thaw_recording *recording = timeline->recording;
    const char *executed = "", *found = NULL;

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        if (strcmp(module->file, file) == 0 && module->process &&
            module->process <= timeline->process_count)
            executed = timeline->processes[module->process - 1].executable;
    }
    for (size_t i = 0; i < recording->count; i++) {
        const char *known = recording->events[i].inventory_interpreter.executable;

        if (recording->events[i].kind == THAW_EVENT_INVENTORY_INTERPRETER &&
            (!found || strcmp(known, executed) == 0))
            found = known;
    }
    return found;
}

/* Files that can be changed go to the rewriter, and get their results back. */
static int ask(struct thaw_rewrite_request *request, struct thaw_fix *fix,
               struct thaw_rewrite_file *files, struct thaw_error *error)
{
    struct thaw_rewrite_result *results;
    size_t next = 0;
    int result;

    for (size_t i = 0; i < fix->files.count; i++) {
        const struct thaw_fix_file *file = &fix->files.items[i];

        if (!file->refusal)
            files[request->count++] =
                (struct thaw_rewrite_file){file->path, file->bytes, file->length,
                                           file->imports.items, file->imports.count};
    }
    request->files = files;
    if (!request->count)
        return 0;
    result = thaw_rewrite(request, &fix->arena, &results, error);
    for (size_t i = 0; result == 0 && i < fix->files.count; i++) {
        if (!fix->files.items[i].refusal)
            fix->files.items[i].result = results[next++];
    }
    return result;
}

int thaw_fix_rewrite(const struct thaw_analysis *analysis, const char *form, struct thaw_fix *fix,
                     struct thaw_error *error)
{
    struct thaw_rewrite_request request = {
        .form = form, .root = fix->root, .user = geteuid(), .group = getegid()};
    struct thaw_rewrite_file *files;
    struct stat status;
    int result;

    request.executable = interpreter_of(analysis->timeline, fix->files.items[0].name);
    if (!request.executable)
        return thaw_error_set(error, -ENOENT, "the recording doesn't name the app's interpreter");
    /* Root doesn't run an interpreter as itself for somebody else's app. */
    if (request.user == 0 && fstat(fix->root_fd, &status) == 0) {
        request.user = status.st_uid;
        request.group = status.st_gid;
    }
    files = calloc(fix->files.count, sizeof(*files));
    if (!files)
        return thaw_error_memory(error);
    result = ask(&request, fix, files, error);
    free(files);
    return result;
}
