/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inventory/app_words.h"
#include "inventory/reading.h"

#define DEPTH_MAX 16
#define ENTRIES_MAX 20000
#define FILES_MAX 2000
#define FILE_BYTES_MAX ((size_t)2 << 20)
#define ALL_BYTES_MAX ((size_t)32 << 20)
#define FILES_OF_WORD 2

struct look {
    struct thaw_app_words *words;
    const struct thaw_distributions *distributions;
    struct thaw_arena *arena;
    size_t entries;
    size_t files;
    size_t bytes;
    char path[PATH_MAX];
};

int thaw_app_words_open(struct thaw_app_words *words, const struct thaw_texts *list,
                        struct thaw_arena *arena)
{
    int result = 0;

    *words = (struct thaw_app_words){
        .files = thaw_arena_allocate(arena, (list->count + 1) * sizeof(*words->files))};
    if (!words->files)
        return -ENOMEM;
    for (uint64_t i = 0; result >= 0 && i < list->count; i++) {
        result = thaw_path_table_add(&words->words, arena, list->items[i], strlen(list->items[i]),
                                     words->count);
        words->count += result > 0;
    }
    return result < 0 ? result : 0;
}

void thaw_app_words_close(struct thaw_app_words *words)
{
    thaw_path_table_clear(&words->words);
}

const struct thaw_texts *thaw_app_words_of(const struct thaw_app_words *words, const char *word)
{
    size_t index = thaw_path_table_find(&words->words, word, strlen(word));

    return index == THAW_PATH_NONE ? NULL : &words->files[index];
}

static bool is_in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static int note(struct look *look, size_t index)
{
    struct thaw_texts *files = &look->words->files[index];

    if (files->count && strcmp(files->items[files->count - 1], look->path) == 0)
        return 0;
    return thaw_arena_add_text(look->arena, files, FILES_OF_WORD, look->path, strlen(look->path));
}

static int look_at_bytes(struct look *look, const char *bytes, size_t length)
{
    int result = 0;

    for (size_t i = 0, end; result == 0 && i < length; i = end) {
        size_t index;

        for (end = i; end < length && is_in_word(bytes[end]);)
            end++;
        if (end == i) {
            end++;
            continue;
        }
        index = thaw_path_table_find(&look->words->words, bytes + i, end - i);
        if (index != THAW_PATH_NONE)
            result = note(look, index);
    }
    return result;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), size = strlen(ending);

    return length >= size && strcmp(name + length - size, ending) == 0;
}

/* Code and settings. What lists requirements names them without using them. */
static bool is_told_by(const char *name)
{
    static const char *const endings[] = {".py",   ".json", ".toml", ".yaml", ".yml", ".ini",
                                          ".conf", ".cfg",  ".env",  ".pyi",  ".sh"};
    static const char *const lists[] = {"pyproject.toml", "setup.py", "setup.cfg"};

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (strcmp(name, lists[i]) == 0)
            return false;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (ends_with(name, endings[i]))
            return true;
    return false;
}

static int look_at_file(struct look *look, int folder, const char *name)
{
    struct thaw_arena scratch = {0};
    size_t length;
    char *bytes;
    int result;

    if (!is_told_by(name) || thaw_distributions_owner(look->distributions, look->path))
        return 0;
    if (look->files >= FILES_MAX || look->bytes >= ALL_BYTES_MAX) {
        look->words->is_cut = true;
        return 0;
    }
    result = thaw_reading_file(folder, name, FILE_BYTES_MAX, &scratch, &bytes, &length);
    if (result == 0) {
        look->files++;
        look->bytes += length;
        look->words->is_cut |= length == FILE_BYTES_MAX;
        result = look_at_bytes(look, bytes, length);
    } else if (result != -ENOMEM) {
        look->words->is_cut = true;
        result = 0;
    }
    thaw_arena_free(&scratch);
    return result;
}

/* Installations are not the user's, whoever put them there. */
static bool is_passed_over(int folder, const char *name)
{
    struct stat status;
    char config[NAME_MAX + sizeof("/pyvenv.cfg")];

    if (strcmp(name, "__pycache__") == 0 || strcmp(name, "node_modules") == 0 ||
        ends_with(name, "-packages") || ends_with(name, ".dist-info"))
        return true;
    snprintf(config, sizeof(config), "%s/pyvenv.cfg", name);
    return fstatat(folder, config, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static int look_at_folder(struct look *look, int folder, size_t length, int depth);

static int look_at_entry(struct look *look, int folder, const char *name, size_t length, int depth)
{
    size_t size = strlen(name);
    struct stat status;
    int inner, result;

    if ((*name == '.' && !ends_with(name, ".env")) || length + size + 2 > sizeof(look->path) ||
        fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    look->path[length] = '/';
    memcpy(look->path + length + 1, name, size + 1);
    if (S_ISLNK(status.st_mode))
        look->words->is_cut |= is_told_by(name);
    if (S_ISREG(status.st_mode))
        return look_at_file(look, folder, name);
    if (!S_ISDIR(status.st_mode) || is_passed_over(folder, name))
        return 0;
    inner = depth < DEPTH_MAX ? thaw_reading_folder(folder, name) : -ELOOP;
    if (inner < 0) {
        look->words->is_cut = true;
        return 0;
    }
    result = look_at_folder(look, inner, length + 1 + size, depth + 1);
    close(inner);
    return result;
}

/* The path's first length bytes name the folder. */
static int look_at_folder(struct look *look, int folder, size_t length, int depth)
{
    int copy = fcntl(folder, F_DUPFD_CLOEXEC, 3);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    int result = 0;

    if (!stream) {
        if (copy >= 0)
            close(copy);
        look->words->is_cut = true;
        return 0;
    }
    rewinddir(stream);
    while (result == 0 && (entry = readdir(stream))) {
        if (look->entries++ >= ENTRIES_MAX) {
            look->words->is_cut = true;
            break;
        }
        result = look_at_entry(look, folder, entry->d_name, length, depth);
    }
    closedir(stream);
    return result;
}

int thaw_app_words_look(struct thaw_app_words *words, const char *folder,
                        const struct thaw_distributions *distributions, struct thaw_arena *arena)
{
    struct look look = {.words = words, .distributions = distributions, .arena = arena};
    size_t length = strlen(folder);
    int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result;

    if (opened < 0 || length >= sizeof(look.path)) {
        words->is_cut = true;
        if (opened >= 0)
            close(opened);
        return 0;
    }
    memcpy(look.path, folder, length);
    result = look_at_folder(&look, opened, length, 0);
    close(opened);
    return result;
}
