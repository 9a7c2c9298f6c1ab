/* SPDX-License-Identifier: Apache-2.0 */
#include <cpuid.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "capture/tsc.h"

#define TRIES 50 /* of one bracket; the tightest is taken */
#define CALIBRATION_NS 50000000
#define KERNEL_SHARE 1e-7    /* how well the kernel's own frequency was found to hold */
#define UNREFINED_SHARE 5e-4 /* "Detected", before it is measured against a timer */

/* The counter and a clock, read at one instant: to within width_ns. */
struct bracket {
    double ticks;
    uint64_t ns;
    uint64_t width_ns;
};

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now = {0};

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct bracket read_both(clockid_t clock)
{
    struct bracket best = {.width_ns = UINT64_MAX};

    for (int i = 0; i < TRIES; i++) {
        uint64_t first = read_clock(clock), ticks = __rdtsc(), last = read_clock(clock);

        if (last - first < best.width_ns)
            best = (struct bracket){(double)ticks, first + (last - first) / 2, last - first};
    }
    return best;
}

/* The kernel's factor from ticks to ns, where it counts with them (perf_event_open(2)). */
static bool of_perf(struct thaw_tsc_frequency *ret)
{
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof(attributes),
        .config = PERF_COUNT_SW_DUMMY,
        .exclude_kernel = 1,
    };
    int descriptor =
        (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    const struct perf_event_mmap_page *page;
    bool known = false;

    if (descriptor < 0)
        return false;
    page = mmap(NULL, size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (page != MAP_FAILED) {
        known = page->cap_user_time && page->time_mult && page->time_shift < 64;
        if (known)
            *ret = (struct thaw_tsc_frequency){1e9 * (double)(1ULL << page->time_shift) /
                                                   page->time_mult,
                                               KERNEL_SHARE, "perf mmap page"};
        munmap((void *)(uintptr_t)page, size);
    }
    close(descriptor);
    return known;
}

/* Leaf 0x15: crystal's Hz × EBX / EAX (Intel SDM vol. 2A); 0x16 has no more than whole MHz. */
static bool of_cpuid(struct thaw_tsc_frequency *ret)
{
    unsigned eax, ebx, ecx, edx;

    if (__get_cpuid(0x15, &eax, &ebx, &ecx, &edx) && eax && ebx && ecx) {
        *ret = (struct thaw_tsc_frequency){(double)ecx * ebx / eax, 1e-6, "CPUID 0x15"};
        return true;
    }
    if (__get_cpuid(0x16, &eax, &ebx, &ecx, &edx) && (eax & 0xffff)) {
        double megahertz = eax & 0xffff;

        *ret = (struct thaw_tsc_frequency){megahertz * 1e6, 0.5 / megahertz, "CPUID 0x16"};
        return true;
    }
    return false;
}

/* In steps of 1 kHz; under kvm-clock it is the hypervisor's own figure. */
static bool of_log(const struct thaw_kernel_log *log, struct thaw_tsc_frequency *ret)
{
    double share;

    if (!log || !log->tsc_khz)
        return false;
    share = 0.5 / (double)log->tsc_khz;
    if (!log->tsc_refined && !log->has_clock_offset)
        share += UNREFINED_SHARE;
    *ret = (struct thaw_tsc_frequency){(double)log->tsc_khz * 1e3, share, "kernel log"};
    return true;
}

/* Against the clock that nothing adjusts, for a twentieth of a second. */
static bool of_calibration(struct thaw_tsc_frequency *ret)
{
    struct bracket first = read_both(CLOCK_MONOTONIC_RAW), last;
    struct timespec pause = {.tv_nsec = CALIBRATION_NS};
    double ns;

    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    last = read_both(CLOCK_MONOTONIC_RAW);
    ns = (double)(last.ns - first.ns);
    if (ns <= 0 || last.ticks <= first.ticks)
        return false;
    *ret = (struct thaw_tsc_frequency){(last.ticks - first.ticks) * 1e9 / ns,
                                       (double)(first.width_ns + last.width_ns) / 2 / ns,
                                       "calibration"};
    return true;
}

bool thaw_tsc_frequency_find(const struct thaw_kernel_log *log, struct thaw_tsc_frequency *ret)
{
    return of_perf(ret) || of_cpuid(ret) || of_log(log, ret) || of_calibration(ret);
}

struct thaw_tsc_zero thaw_tsc_zero(const struct thaw_tsc_frequency *frequency)
{
    struct bracket now = read_both(CLOCK_MONOTONIC);
    double elapsed_ns = now.ticks * 1e9 / frequency->hertz;

    return (struct thaw_tsc_zero){
        .before_ns = (int64_t)(elapsed_ns - (double)now.ns),
        .uncertainty_ns = (uint64_t)(elapsed_ns * frequency->uncertainty) + now.width_ns + 1,
    };
}
