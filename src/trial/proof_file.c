/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "inventory/reading.h"
#include "report/json_proof.h"
#include "report/writers.h"
#include "thaw/analysis.h"
#include "thaw/version.h"
#include "trial/proof_file.h"
#include "trial/proof_shape.h"

struct thaw_proof_recording thaw_proof_recording_of(const struct thaw_timeline *timeline)
{
    const struct thaw_session_begin *session = timeline->session;

    return (struct thaw_proof_recording){session ? session->session : "",
                                         session ? session->realtime_ns : 0};
}

bool thaw_proof_recording_equal(const struct thaw_proof_recording *left,
                                const struct thaw_proof_recording *right)
{
    return left->began_at_ns == right->began_at_ns && !strcmp(left->session, right->session);
}

/* --- reading --- */

int thaw_proofs_parse(const char *bytes, size_t length, const char *name, struct thaw_proofs *ret,
                      struct thaw_error *error)
{
    json_error_t wrong;
    json_t *root;
    const char *schema;
    int code;

    if (length > THAW_PROOF_FILE_BYTES_MAX)
        return thaw_error_set(error, -EINVAL, "%s: it is larger than %zu MiB", name,
                              THAW_PROOF_FILE_BYTES_MAX >> 20);
    root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &wrong);
    if (!root && json_error_code(&wrong) == json_error_out_of_memory)
        return thaw_error_memory(error);
    if (!root)
        return thaw_error_set(error, -EINVAL, "%s: it holds no proofs of thaw: %d:%d: %s", name,
                              wrong.line, wrong.column, wrong.text);
    schema = json_string_value(json_object_get(root, "schema"));
    if (!schema)
        code = thaw_error_set(error, -EINVAL, "%s: it holds no proofs of thaw", name);
    else if (strcmp(schema, THAW_PROOF_SCHEMA))
        code = thaw_error_set(error, -EINVAL, "%s is of the form %.60s; this thaw reads %s", name,
                              schema, THAW_PROOF_SCHEMA);
    else
        code = thaw_proof_shape_read(root, name, ret, error);
    json_decref(root);
    return code;
}

int thaw_proofs_read(const char *path, const struct thaw_proof_recording *recording,
                     struct thaw_proofs *ret, struct thaw_error *error)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY), code;
    size_t length = 0;
    char *bytes = NULL;

    if (fd < 0)
        return thaw_error_system(error, -errno, "%s", path);
    code = thaw_reading_input(fd, path, THAW_PROOF_FILE_BYTES_MAX, &ret->arena, &bytes, &length,
                              error);
    if (!code)
        code = thaw_proofs_parse(bytes, length, path, ret, error);
    if (!code && !thaw_proof_recording_equal(&ret->recording, recording))
        code = thaw_error_set(error, -ESTALE, "%s: its proofs are of another recording", path);
    return code;
}

/* --- the list --- */

static bool is_about(const struct thaw_proof *proof, const struct thaw_proof_import *imports,
                     size_t count)
{
    return thaw_proof_imports_equal(proof->imports, proof->import_count, imports, count);
}

const struct thaw_proof *thaw_proofs_find(const struct thaw_proofs *proofs,
                                          const struct thaw_proof_import *imports, size_t count)
{
    for (size_t i = 0; i < proofs->list.count; i++)
        if (is_about(&proofs->list.items[i], imports, count))
            return &proofs->list.items[i];
    return NULL;
}

int thaw_proofs_put(struct thaw_proofs *proofs, const struct thaw_proof *proof)
{
    struct thaw_proof *added = thaw_array_add(&proofs->list);
    size_t kept = 0;

    if (!added)
        return -ENOMEM;
    for (size_t i = 0; i + 1 < proofs->list.count; i++)
        if (!is_about(&proofs->list.items[i], proof->imports, proof->import_count))
            proofs->list.items[kept++] = proofs->list.items[i];
    proofs->list.items[kept++] = *proof;
    proofs->list.count = kept;
    return 0;
}

void thaw_proofs_free(struct thaw_proofs *proofs)
{
    thaw_array_free(&proofs->list);
    thaw_arena_free(&proofs->arena);
    *proofs = (struct thaw_proofs){0};
}

/* --- writing --- */

int thaw_proofs_write(const struct thaw_proofs *proofs, FILE *stream, struct thaw_error *error)
{
    struct thaw_values values = {0};
    json_t *root = thaw_values_object(&values), *tool = thaw_values_object(&values),
           *recording = thaw_values_object(&values), *list = thaw_values_array(&values);
    int code;

    thaw_values_set_text(&values, tool, "name", "thaw");
    thaw_values_set_text(&values, tool, "version", THAW_VERSION);
    thaw_values_set_name(&values, recording, "session", proofs->recording.session);
    thaw_values_set_number(&values, recording, "began_at_ns", proofs->recording.began_at_ns);
    for (size_t i = 0; i < proofs->list.count; i++)
        thaw_values_append(&values, list, thaw_json_proof(&values, &proofs->list.items[i]));
    thaw_values_set_text(&values, root, "schema", THAW_PROOF_SCHEMA);
    thaw_values_set(&values, root, "tool", tool);
    thaw_values_set(&values, root, "recording", recording);
    thaw_values_set(&values, root, "proofs", list);
    code = values.failed ? thaw_error_memory(error) : thaw_write_json(root, NULL, stream, error);
    json_decref(root);
    return code;
}
