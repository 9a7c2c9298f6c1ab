/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "platform/control_group_identity.h"

/*
 * The names that are read here, by their makers' sources:
 *   kubelet, driver systemd    kubepods-burstable-pod8e6f0a3c_….slice (dashes of the UID as _)
 *   kubelet, driver cgroupfs   kubepods/burstable/pod8e6f0a3c-…
 *   containerd                 cri-containerd-ID.scope, or :cri-containerd:ID where a group of
 *                              systemd's form is made without systemd
 *   cri-o, docker, podman      crio-ID.scope, docker-ID.scope, libpod-ID.scope (and
 *                              libpod-conmon-ID.scope, the container's monitor, which is outside)
 *   docker, podman, nerdctl    docker/ID, libpod_parent/libpod-ID, default/ID: ID as it is
 *   ECS                        ecs/TASK/ID, or ecs/TASK/TASK-NUMBER
 *   LXC                        lxc/NAME, lxc.payload.NAME
 */
#define ID_DIGITS 64
#define SHORT_DIGITS 32

struct part {
    const char *text;
    size_t length;
};

static bool starts(struct part part, const char *with)
{
    return part.length >= strlen(with) && !memcmp(part.text, with, strlen(with));
}

static bool ends(struct part part, const char *with)
{
    size_t length = strlen(with);

    return part.length > length && !memcmp(part.text + part.length - length, with, length);
}

static size_t digits(struct part part)
{
    size_t count = 0;

    while (count < part.length && isxdigit((unsigned char)part.text[count]) &&
           !isupper((unsigned char)part.text[count]))
        count++;
    return count;
}

static struct part behind(struct part part, size_t length)
{
    return (struct part){part.text + length, part.length - length};
}

static void copy(char *out, size_t size, struct part part)
{
    size_t length = part.length < size ? part.length : size - 1;

    memcpy(out, part.text, length);
    out[length] = '\0';
}

/* The id in "docker-ID.scope" or "x:cri-containerd:ID", or that the part is; length 0: none. */
static struct part id_in(struct part part)
{
    static const struct part none = {"", 0};

    if (starts(part, "libpod-conmon-") || starts(part, "crio-conmon-"))
        return none;
    for (size_t i = part.length; i-- > 0;) {
        if (part.text[i] == '-' || part.text[i] == ':') {
            part = behind(part, i + 1);
            break;
        }
    }
    if (ends(part, ".scope"))
        part.length -= strlen(".scope");
    return part.length == ID_DIGITS && digits(part) == ID_DIGITS ? part : none;
}

/* "ecs/TASK/TASK-NUMBER": a container of Fargate has no id of the usual form. */
static bool is_ecs(struct part part)
{
    size_t count = digits(part);
    struct part number = behind(part, count);

    if (count != SHORT_DIGITS || number.length < 2 || number.text[0] != '-')
        return false;
    for (size_t i = 1; i < number.length; i++)
        if (!isdigit((unsigned char)number.text[i]))
            return false;
    return true;
}

static struct part container_in(struct part part, struct part before)
{
    struct part id = id_in(part);

    if (id.length)
        return id;
    if (is_ecs(part))
        return part;
    if (starts(part, "lxc.payload."))
        return behind(part, strlen("lxc.payload."));
    if (before.length == 3 && starts(before, "lxc"))
        return part;
    return id;
}

/* A UID as 8-4-4-4-12 digits, with - or _ between them. */
static bool is_uid(struct part part, char ret[THAW_POD_BYTES])
{
    static const char form[THAW_POD_BYTES] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (part.length < THAW_POD_BYTES - 1)
        return false;
    memcpy(ret, part.text, THAW_POD_BYTES - 1);
    ret[THAW_POD_BYTES - 1] = '\0';
    for (size_t i = 0; form[i]; i++) {
        bool mark = ret[i] == '-' || ret[i] == '_';

        if (form[i] == '-' ? !mark : !isxdigit((unsigned char)ret[i]))
            return false;
        if (mark)
            ret[i] = '-';
    }
    return true;
}

/* "pod8e6f…", "kubepods-besteffort-pod8e6f….slice", also with ":cri-containerd:…" behind. */
static bool pod_in(struct part part, char ret[THAW_POD_BYTES])
{
    for (size_t i = 0; i + 3 < part.length; i++) {
        struct part rest = behind(part, i);

        if (!starts(rest, "pod") || (i && part.text[i - 1] != '-'))
            continue;
        rest = behind(rest, 3);
        if (is_uid(rest, ret))
            return true;
        if (rest.length >= SHORT_DIGITS && digits(rest) == SHORT_DIGITS) {
            copy(ret, THAW_POD_BYTES, (struct part){rest.text, SHORT_DIGITS});
            return true;
        }
    }
    ret[0] = '\0';
    return false;
}

static bool is_unit(struct part part)
{
    return ends(part, ".service") || ends(part, ".scope");
}

static bool next_part(struct part *rest, struct part *ret)
{
    const char *stop;

    while (rest->length && *rest->text == '/')
        *rest = behind(*rest, 1);
    if (!rest->length)
        return false;
    stop = memchr(rest->text, '/', rest->length);
    *ret = (struct part){rest->text, stop ? (size_t)(stop - rest->text) : rest->length};
    *rest = behind(*rest, ret->length);
    return true;
}

void thaw_control_group_identify(const char *path, size_t length,
                                 struct thaw_control_group_identity *ret)
{
    struct part rest = {path, length}, part, before = {"", 0};

    *ret = (struct thaw_control_group_identity){0};
    while (next_part(&rest, &part)) {
        struct part container = container_in(part, before);
        char pod[THAW_POD_BYTES];

        if (pod_in(part, pod))
            memcpy(ret->pod, pod, sizeof(pod));
        if (container.length) {
            copy(ret->container, sizeof(ret->container), container);
            ret->unit[0] = '\0'; /* what is above it is the runtime's */
        } else if (is_unit(part)) {
            copy(ret->unit, sizeof(ret->unit), part);
        }
        before = part;
    }
}

/* --- /proc/PID/cgroup --- */

static bool is_told_by(struct part line, const char *controllers, struct part *ret)
{
    const char *first = memchr(line.text, ':', line.length), *second;

    if (!first)
        return false;
    second = memchr(first + 1, ':', (size_t)(line.text + line.length - first - 1));
    if (!second || second + 1 >= line.text + line.length || second[1] != '/')
        return false;
    *ret = behind(line, (size_t)(second + 1 - line.text));
    return !controllers || ((size_t)(second - first - 1) == strlen(controllers) &&
                            !memcmp(first + 1, controllers, strlen(controllers)));
}

/* What a path is worth: of those worth the same the longer one. */
static size_t worth(struct part line, struct part path)
{
    struct thaw_control_group_identity identity;
    struct part unused;

    thaw_control_group_identify(path.text, path.length, &identity);
    if (identity.container[0])
        return 3;
    if (path.length > 1 &&
        (is_told_by(line, "", &unused) || is_told_by(line, "name=systemd", &unused)))
        return 2;
    return 1;
}

bool thaw_control_group_telling_path(const char *groups, size_t length, const char **ret_path,
                                     size_t *ret_bytes)
{
    struct part rest = {groups, length}, path;
    size_t best = 0;

    while (rest.length) {
        const char *stop = memchr(rest.text, '\n', rest.length);
        struct part line = {rest.text, stop ? (size_t)(stop - rest.text) : rest.length};

        rest = behind(rest, line.length + (stop != NULL));
        if (is_told_by(line, NULL, &path)) {
            size_t value = worth(line, path);

            if (value > best || (value == best && path.length > *ret_bytes)) {
                best = value;
                *ret_path = path.text;
                *ret_bytes = path.length;
            }
        }
    }
    return best != 0;
}
