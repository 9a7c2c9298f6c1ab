/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest virtual machine monitor: a guest in real mode that writes three marks to port 0xe9
 * and halts. Prints what it did and when, by its own clock (CLOCK_BOOTTIME, before and after).
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#define MEMORY_BYTES 0x10000
#define ENTRY 0x1000

/* mov dx,0xe9; mov al,'K'; out dx,al; mov cx,2000; loop $; mov al,'I'; …; mov al,'X'; …; hlt */
static const uint8_t guest[] = {0xba, 0xe9, 0x00, 0xb0, 'K', 0xee, 0xb9, 0xd0,
                                0x07, 0xe2, 0xfe, 0xb0, 'I', 0xee, 0xb9, 0xd0,
                                0x07, 0xe2, 0xfe, 0xb0, 'X', 0xee, 0xf4};

static uint64_t begun_ns;

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void begin(void)
{
    begun_ns = now_ns();
}

/* Lines "NAME BEFORE AFTER RESULT", written at the end alone: nothing may come between. */
static char report[4096];

static int end(const char *name, int result)
{
    size_t used = strlen(report);

    snprintf(report + used, sizeof(report) - used, "%s %llu %llu %d\n", name,
             (unsigned long long)begun_ns, (unsigned long long)now_ns(), result);
    if (result < 0) {
        perror(name);
        exit(1);
    }
    return result;
}

/* Runs the guest until it halts: one line for each time it came back. */
static void run(int cpu, const struct kvm_run *state)
{
    do {
        begin();
        end("run", ioctl(cpu, KVM_RUN, 0));
        if (state->exit_reason != KVM_EXIT_IO && state->exit_reason != KVM_EXIT_HLT)
            exit(2);
    } while (state->exit_reason == KVM_EXIT_IO);
}

int main(void)
{
    struct kvm_userspace_memory_region region = {.guest_phys_addr = 0, .memory_size = MEMORY_BYTES};
    struct kvm_sregs special;
    struct kvm_regs general = {.rip = ENTRY, .rflags = 2};
    int device, machine, cpu;
    uint8_t *memory;
    void *state;

    memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memcpy(memory + ENTRY, guest, sizeof(guest));
    region.userspace_addr = (uintptr_t)memory;
    begin();
    device = end("open", open("/dev/kvm", O_RDWR | O_CLOEXEC));
    begin();
    machine = end("create", ioctl(device, KVM_CREATE_VM, 0));
    begin();
    end("memory", ioctl(machine, KVM_SET_USER_MEMORY_REGION, &region));
    begin();
    cpu = end("vcpu", ioctl(machine, KVM_CREATE_VCPU, 0));
    state = mmap(NULL, (size_t)ioctl(device, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE,
                 MAP_SHARED, cpu, 0);
    ioctl(cpu, KVM_GET_SREGS, &special);
    special.cs.base = special.cs.selector = 0;
    ioctl(cpu, KVM_SET_SREGS, &special);
    ioctl(cpu, KVM_SET_REGS, &general);
    run(cpu, state);
    fputs(report, stdout);
    return 0;
}
