/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "thaw/recording.h"

#define DEFAULT_WIDTH 80
#define MAXIMUM_WIDTH 200

const char *const thaw_color_choices[] = {"auto", "always", "never", NULL};

static int open_directly(const char *path, struct thaw_output *output, struct thaw_error *error)
{
    output->stream = fopen(path, "we");
    return output->stream ? 0 : thaw_error_system(error, -errno, "%s", path);
}

static int open_beside(const char *path, struct thaw_output *output, struct thaw_error *error)
{
    output->path = realpath(path, NULL);
    if (!output->path)
        output->path = strdup(path);
    if (!output->path || asprintf(&output->temporary, "%s.XXXXXX", output->path) < 0) {
        output->temporary = NULL;
        return thaw_error_memory(error);
    }
    int fd = mkstemp(output->temporary);
    if (fd < 0) {
        int code = -errno;
        free(output->temporary);
        output->temporary = NULL;
        return thaw_error_system(error, code, "%s can't be written", path);
    }
    output->stream = fdopen(fd, "w");
    if (!output->stream) {
        close(fd);
        return thaw_error_memory(error);
    }
    return 0;
}

int thaw_output_open(const char *path, struct thaw_output *output, struct thaw_error *error)
{
    *output = (struct thaw_output){0};
    if (!path || strcmp(path, "-") == 0) {
        output->stream = stdout;
        return 0;
    }
    struct stat status;
    bool exists = stat(path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode))
        return thaw_error_set(error, -EISDIR, "%s is a folder; -o takes a file", path);
    if (exists && !S_ISREG(status.st_mode))
        return open_directly(path, output, error);
    int code = open_beside(path, output, error);
    if (code != 0)
        thaw_output_close(output, false, NULL);
    return code;
}

int thaw_output_close(struct thaw_output *output, bool keep, struct thaw_error *error)
{
    const char *name = output->path ? output->path : "output";
    int code = 0;
    bool failed = output->stream && ferror(output->stream);
    errno = 0;
    if (output->stream == stdout)
        failed |= fflush(stdout) != 0;
    else if (output->stream)
        failed |= fclose(output->stream) != 0;
    if (keep && failed)
        code = thaw_error_system(error, errno ? -errno : -EIO, "%s can't be written", name);
    else if (keep && output->path && rename(output->temporary, output->path) != 0)
        code = thaw_error_system(error, -errno, "%s can't be replaced", name);
    if (output->temporary && (!keep || code != 0))
        unlink(output->temporary);
    free(output->temporary);
    free(output->path);
    *output = (struct thaw_output){0};
    return code;
}

/* https://no-color.org: any value that is not empty. */
static bool wants_color(int choice, FILE *stream)
{
    if (choice != THAW_COLOR_AUTO)
        return choice == THAW_COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(fileno(stream)) && !(no_color && *no_color) && terminal && *terminal &&
           strcmp(terminal, "dumb") != 0;
}

struct thaw_report_options thaw_output_style(int color_choice, int64_t width, FILE *stream)
{
    struct winsize size = {0};
    if (width == 0 && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0)
        width = size.ws_col < MAXIMUM_WIDTH ? size.ws_col : MAXIMUM_WIDTH;
    if (width < DEFAULT_WIDTH)
        width = DEFAULT_WIDTH;
    return (struct thaw_report_options){.color = wants_color(color_choice, stream),
                                        .width = (int)width};
}

static int write_content(const struct thaw_output_content *content, FILE *stream,
                         struct thaw_error *error)
{
    struct thaw_report_options style = thaw_output_style(content->color, content->width, stream);

    style.view = content->view;
    style.modules = content->modules;
    return content->write ? content->write(content->report, &style, stream, error)
                          : thaw_recording_write_text(content->recording, stream, error);
}

int thaw_output_write(const struct thaw_output_content *contents, size_t count,
                      struct thaw_error *error)
{
    struct thaw_output outputs[THAW_OPTION_TEXTS_MOST] = {0};
    size_t opened = 0;
    int code = 0;

    while (!code && opened < count) {
        code = thaw_output_open(contents[opened].path, &outputs[opened], error);
        opened += code ? 0 : 1;
    }
    for (size_t i = 0; !code && i < count; i++)
        code = write_content(&contents[i], outputs[i].stream, error);
    for (size_t i = 0; i < opened; i++) {
        int closed = thaw_output_close(&outputs[i], code == 0, code ? NULL : error);

        code = code ? code : closed;
    }
    return code;
}

bool thaw_output_is_same(const char *path, const char *other)
{
    struct stat status, other_status;

    if (!path || !other)
        return false;
    if (stat(path, &status) != 0 || stat(other, &other_status) != 0)
        return strcmp(path, other) == 0;
    return S_ISREG(status.st_mode) && status.st_dev == other_status.st_dev &&
           status.st_ino == other_status.st_ino;
}

int thaw_output_exit(int code)
{
    return code == -ENODATA ? THAW_EXIT_USAGE : THAW_EXIT_FAILED;
}
