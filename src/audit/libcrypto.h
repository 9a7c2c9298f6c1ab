/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_LIBCRYPTO_H
#define THAW_AUDIT_LIBCRYPTO_H

#include <openssl/evp.h>
#include <openssl/hmac.h>

/* The functions of OpenSSL, which only redaction needs (base/late_library.h). */
#define THAW_LIBCRYPTO_FUNCTIONS(EACH) EACH(EVP_sha256) EACH(HMAC)

struct thaw_libcrypto {
#define MEMBER(name) __typeof__(name) *name;
    THAW_LIBCRYPTO_FUNCTIONS(MEMBER)
#undef MEMBER
};

extern struct thaw_libcrypto thaw_libcrypto;

/* 0, or -ENOSYS: it is not installed. */
int thaw_libcrypto_load(void);
const char *thaw_libcrypto_soname(void);

#endif
