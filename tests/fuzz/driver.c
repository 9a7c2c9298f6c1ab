/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Runs a fuzz target on the files of a folder, without libFuzzer, and prints TAP. Each file's name
 * goes to stderr first: when the target dies, the last one named is the culprit.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    fprintf(stderr, "input: %s\n", path);
    FILE *file = fopen(path, "rb");
    if (!file)
        return -errno;
    /* The exact size, on the heap, so that AddressSanitizer sees a read one byte too far. */
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    int status = -EIO;
    if (data && size >= 0 && fread(data, 1, (size_t)size, file) == (size_t)size) {
        LLVMFuzzerTestOneInput(data, (size_t)size);
        status = 0;
    }
    free(data);
    fclose(file);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    DIR *folder = opendir(argv[1]);
    if (!folder) {
        fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    int count = 0, failed = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        failed |= replay_file(argv[1], entry->d_name) != 0;
        count++;
    }
    closedir(folder);
    failed |= count == 0;
    printf("1..1\n%s 1 - corpus of %d inputs\n", failed ? "not ok" : "ok", count);
    return failed;
}
