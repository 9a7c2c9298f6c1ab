/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_CPU_LEVEL_H
#define THAW_NATIVE_CPU_LEVEL_H

/*
 * The highest level of the x86-64 psABI that this CPU and kernel can execute: 1 (all of them) to 4.
 * The dynamic loader takes libraries from glibc-hwcaps/x86-64-v2 … v4 by it. Source: x86-64 psABI
 * 1.0, section 3.1.1; sysdeps/x86_64/dl-hwcaps_subdirs.c of glibc 2.36.
 */
unsigned thaw_cpu_level(void);

#define THAW_CPU_LEVEL_MAX 4

#endif
