# SPDX-License-Identifier: Apache-2.0
# `make help` lists the targets. Everything made goes to $(BUILD); V=1 shows the commands.

BUILD         ?= build
PREFIX        ?= /usr/local
CC            := $(if $(filter default,$(origin CC)),gcc,$(CC))
CLANG         ?= clang
CLANG_FORMAT  ?= clang-format
PYTHON        ?= /usr/bin/python3.11
WERROR        ?= 0
FUZZ_SECONDS  ?= 60
SANITIZE      ?=
ONLY          ?=

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

goals := $(or $(MAKECMDGOALS),all)

machine := $(shell uname -m)
ifneq ($(machine),x86_64)
$(error thaw runs on x86-64 Linux only so far; this machine is $(machine))
endif

# Debian keeps bpftool in /usr/sbin, which is not on everyone's PATH.
export PATH := $(PATH):/usr/sbin:/sbin

# make 4.3 does not tell a makefile about -j, so it is JOBS=1 that makes it go step by step.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(or $(JOBS),$(shell nproc))
endif

# Root in somebody's clone builds as that clone's owner, so that nothing here ends up as root's.
# Only the steps that need root (packages, recording, tests) set SHELL back.
export THAW_OWNER := $(or $(THAW_OWNER),$(shell tests/setup/owner.sh))
ifneq ($(filter-out none,$(THAW_OWNER)),)
SHELL := $(CURDIR)/tests/setup/as-owner.sh
endif

# --- packages -------------------------------------------------------------------------------------

# yes installs what is missing, no prints the command and stops, skip does not look.
DEPS     ?= $(if $(filter demo check% asan fuzz bench% format% dependencies,$(goals)),yes,no)
purposes := build $(if $(filter-out all demo install uninstall,$(goals)),demo check,$(filter demo,$(goals)))

# Asked when first used, that is after the packages are there.
packages = libbpf libelf jansson libxxhash smartcols libcap-ng
# Loaded when first needed (src/base/late_library.h): by the name that the linker would write down.
late_packages = capstone libzip sqlite3 libcurl libmicrohttpd libseccomp yaml-0.1
once     = $(eval $(1) := $(shell $(2)))$($(1))
package_cflags = $(call once,package_cflags,pkg-config --cflags $(packages) $(late_packages) && \
                   tests/setup/sonames.sh $(late_packages))
package_libs   = $(call once,package_libs,pkg-config --libs $(packages) && echo -lunwind-x86_64 -lm)
late_libs      = $(call once,late_libs,pkg-config --libs $(late_packages))

# --- flags ----------------------------------------------------------------------------------------

warnings    := -Wall -Wextra $(if $(filter 1,$(WERROR)),-Werror)
sanitize    := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer)
CFLAGS      ?= -O2 -g
all_cflags   = -std=gnu17 $(warnings) $(CFLAGS) $(sanitize) -D_GNU_SOURCE -Iinclude -Isrc \
               $(package_cflags) $(CPPFLAGS)
# The assembler finds what .incbin names: "reports/…" from here, "thaw.bpf.o" in $(BUILD).
all_asflags  = -g -I. -I$(BUILD) -Wa,-I. -Wa,-I$(BUILD)
all_ldflags  = $(sanitize) $(LDFLAGS)
bpf_cflags   = -O2 -g -target bpf -mcpu=v3 $(warnings) -D__TARGET_ARCH_x86 -Ibpf -Iinclude \
               -idirafter /usr/include/$(machine)-linux-gnu

Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-8s%s\n' '$(1)' '$(2)')

# --- sources --------------------------------------------------------------------------------------

c_sources      := $(sort $(shell find src -name '*.c'))
asm_sources    := $(sort $(shell find src -name '*.S'))
bpf_sources    := $(sort $(wildcard bpf/*.bpf.c))
test_sources   := $(sort $(wildcard tests/unit/test_*.c tests/bpf/test_*.c))
helper_sources := $(sort $(filter-out $(test_sources),$(wildcard tests/unit/*.c)))
fuzz_sources   := $(sort $(wildcard tests/fuzz/fuzz_*.c))
styled_files   := $(sort $(shell find src bpf include tests -name '*.[ch]'))

object        = $(patsubst %,$(BUILD)/obj/%.o,$(basename $(1)))
objects      := $(call object,$(c_sources) $(asm_sources))
main_object  := $(call object,src/cli/main.c)
bpf_objects  := $(bpf_sources:bpf/%.c=$(BUILD)/bpf/%.o)
tests        := $(test_sources:%.c=$(BUILD)/%)
replays      := $(fuzz_sources:%.c=$(BUILD)/%)
fuzzers      := $(fuzz_sources:tests/fuzz/%.c=$(BUILD)/bin/%)
library      := $(BUILD)/libthaw.a
flags_file   := $(BUILD)/flags

# --- building -------------------------------------------------------------------------------------

.PHONY: all
all: $(BUILD)/thaw ## build build/thaw (the default)

$(BUILD)/thaw: $(main_object) $(library)
	$(call say,LINK,$@)
	$(Q)$(CC) $(all_ldflags) -o $@ $(main_object) $(library) $(package_libs)

$(library): $(filter-out $(main_object),$(objects))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar qcs $@ $^

$(BUILD)/obj/%.o: %.c $(flags_file) | dependencies
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(all_cflags) -Itests/unit -MMD -MP -c -o $@ $<

$(BUILD)/obj/%.o: %.S $(flags_file) | dependencies
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(all_asflags) -MMD -MP -c -o $@ $<

# What an assembler file embeds is its prerequisite: a plain name lies in $(BUILD).
embedded = $(foreach name,$(shell sed -n 's/.*\.incbin *"\([^"]*\)".*/\1/p' $(1)),\
           $(if $(findstring /,$(name)),$(name),$(BUILD)/$(name)))
$(foreach source,$(asm_sources),$(eval $(call object,$(source)): $(call embedded,$(source))))

# One kernel object, linked statically: BTF and relocations stay, DWARF goes.
$(BUILD)/thaw.bpf.o: $(bpf_objects)
	$(call say,BPFLINK,$@)
	$(Q)bpftool gen object $@ $^

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(flags_file) | dependencies
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D) && $(CLANG) $(bpf_cflags) -MMD -MP -c -o $@ $<
	$(Q)llvm-strip -g $@

# The bytecode of what reads sources, for a Python like this one: without one it is the text that is
# read.
app_listing := src/project/source/app_source_script.S
$(BUILD)/app_source_code: src/project/source/app_code.py $(app_listing) $(call embedded,$(app_listing))
	$(call say,PYC,$@)
	$(Q)mkdir -p $(@D) && if command -v $(PYTHON) >/dev/null; then \
		$(PYTHON) -I -S -B src/project/source/app_code.py $(app_listing) >$@; \
	else : >$@; fi

# Changes only when the flags do, so that other flags mean another build.
.PHONY: always
$(flags_file): always | dependencies
	@mkdir -p $(@D) && echo '$(CC) $(all_cflags) $(all_ldflags) $(bpf_cflags)' >$@.new && \
		{ cmp -s $@.new $@ && rm $@.new || mv $@.new $@; }

.PHONY: dependencies
dependencies: private SHELL := /bin/sh
dependencies: ## install the Debian packages that are missing (DEPS=no only prints the command)
	@DEPS=$(DEPS) tests/setup/dependencies.sh $(purposes)

# --- tests ----------------------------------------------------------------------------------------

give_back = tests/setup/give-back.sh $(BUILD) tests --
run_tests = $(give_back) $(PYTHON) -B tests/run.py --build $(BUILD) $(if $(ONLY),--only '$(ONLY)')

.PHONY: check check-full check-unit check-live test-programs test-objects
check: private SHELL := /bin/sh
check: all test-programs demo-files ## build and run every test (ONLY='tests/live/*' runs some)
	@$(run_tests)

check-full: export THAW_ALL_PYTHONS := 1
check-full: export THAW_RIGHTS := all
check-full: check ## the same with every Python, every program and all rights on each kernel

check-unit: private SHELL := /bin/sh
check-unit: test-programs ## run the C tests and the fuzz corpora only
	@$(run_tests) --programs

check-live: private SHELL := /bin/sh
check-live: all ## run the tests in tests/live only
	@$(run_tests) --only 'tests/live/*'

test-programs: $(tests) $(replays)

test-objects: $(call object,$(test_sources) $(helper_sources) tests/bpf/observed.c tests/fuzz/driver.c)

# So that tests can let allocations fail (tests/unit/chaos_malloc.h).
wrapped := malloc calloc realloc reallocarray strdup strndup vasprintf

$(tests): $(BUILD)/%: $(BUILD)/obj/%.o $(call object,$(helper_sources)) $(library)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(all_ldflags) -o $@ $(filter-out $(library),$^) $(library) \
		$(wrapped:%=-Wl,--wrap=%) -lcmocka $(package_libs) -Wl,--as-needed $(late_libs)

# What needs the programs in the kernel; other tests have their own in place of thaw's.
$(filter $(BUILD)/tests/bpf/%,$(tests)): $(call object,tests/bpf/observed.c)

$(replays): $(BUILD)/%: $(BUILD)/obj/%.o $(BUILD)/obj/tests/fuzz/driver.o $(library)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(all_ldflags) -o $@ $^ $(package_libs) -Wl,--as-needed $(late_libs)

# -g1: lines for the traces, and no more. Without recovery what is wrong ends the program, and clang is
# done in less than half of the time. Overflows of pointers are gcc's to find: clang takes NULL + 0 for
# one, too.
no_recovery := -fno-sanitize-recover=all

.PHONY: asan fuzz fuzz-programs
asan: dependencies ## run the C tests and the fuzz corpora under ASan, LSan and UBSan
	@$(MAKE) --no-print-directory DEPS=skip BUILD=$(BUILD)/asan SANITIZE=address,undefined \
		CFLAGS='-O1 -g1 $(no_recovery)' check-unit

fuzz: dependencies ## run each fuzz target for FUZZ_SECONDS (ONLY=NAME: that one)
	@$(MAKE) --no-print-directory DEPS=skip BUILD=$(BUILD)/fuzz CC=$(CLANG) \
		SANITIZE=fuzzer-no-link,address,undefined CFLAGS='-O1 -g1 $(no_recovery)' \
		CPPFLAGS=-fno-sanitize=pointer-overflow fuzz-programs
	@tests/fuzz/run.sh $(BUILD)/fuzz $(FUZZ_SECONDS) $(ONLY)

fuzz-programs: $(fuzzers)

$(fuzzers): $(BUILD)/bin/%: $(BUILD)/obj/tests/fuzz/%.o $(library)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(all_ldflags) -fsanitize=fuzzer -o $@ $^ $(package_libs) \
		-Wl,--as-needed $(late_libs)

# --- the demo and the benches ---------------------------------------------------------------------

.PHONY: demo demo-files
demo: private SHELL := /bin/sh
demo: all demo-files ## record the cold start of a real function app and show the report
	@$(give_back) tests/setup/demo.sh $(BUILD)

demo-files: | dependencies
	@$(PYTHON) tests/azure/prepare.py --build $(BUILD)/demo

benches := $(patsubst tests/bench/bench_%.py,bench-%,$(sort $(wildcard tests/bench/bench_*.py)))
.PHONY: bench $(benches)
bench: $(benches) ## run every bench; bench-NAME runs tests/bench/bench_NAME.py
	$(if $(benches),,@echo 'there is no bench in tests/bench yet')

$(benches): private SHELL := /bin/sh
$(benches): bench-%: all
	@$(give_back) $(PYTHON) -B tests/bench/bench_$*.py --build $(BUILD)

# --- the house ------------------------------------------------------------------------------------

.PHONY: check-layers format format-check frontend help clean install uninstall
check-layers: ## check what may include what, and the sizes of files and functions
	@python3 -B tests/harness/check_layers.py

format: | dependencies ## format all C files
	@$(CLANG_FORMAT) -i $(styled_files)

format-check: | dependencies ## fail when a C file is not formatted
	@$(CLANG_FORMAT) --dry-run -Werror $(styled_files)

frontend: ## rebuild the pages in reports/dist/ (needs Node)
	@if [ -f reports/package.json ]; then cd reports && npm ci && npm run build; \
	else echo 'there is no front end in reports/ yet'; fi

# What `make install` puts below DESTDIR and PREFIX: it lies so below $(BUILD)/install, made as the
# clone's owner. The program itself writes its pages and completions.
installed := $(BUILD)/install
schemas   := $(sort $(wildcard reports/schema/*.json))
fleet     := $(sort $(wildcard reports/fleet/*))

$(installed)/made: $(BUILD)/thaw $(schemas) $(fleet)
	$(call say,INSTALL,$(installed))
	$(Q)rm -rf $(installed)
	$(Q)install -D -m 755 $(BUILD)/thaw $(installed)/bin/thaw
	$(Q)install -D -m 644 -t $(installed)/share/thaw/schema $(schemas)
	$(Q)install -D -m 644 -t $(installed)/share/thaw/fleet $(fleet)
	$(Q)mkdir -p $(addprefix $(installed)/share/,man/man1 bash-completion/completions \
		zsh/site-functions fish/vendor_completions.d)
	$(Q)cd $(installed) && bin/thaw help man >share/man/man1/thaw.1 && \
		bin/thaw help commands >made.commands && while read -r command; do \
		bin/thaw help man "$$command" >"share/man/man1/thaw-$$command.1" || exit 1; \
		done <made.commands && rm made.commands
	$(Q)cd $(installed)/share && ../bin/thaw help completion bash >bash-completion/completions/thaw && \
		../bin/thaw help completion zsh >zsh/site-functions/_thaw && \
		../bin/thaw help completion fish >fish/vendor_completions.d/thaw.fish
	$(Q)cd $(installed) && find bin share -type f | sort >made

install: private SHELL := /bin/sh
install: all $(installed)/made ## install program, man pages, completions below DESTDIR and PREFIX
	@while read -r file; do mode=644; case $$file in bin/*) mode=755;; esac; \
		install -D -m $$mode "$(installed)/$$file" "$(DESTDIR)$(PREFIX)/$$file" && \
		echo "$(DESTDIR)$(PREFIX)/$$file" || exit 1; done <$(installed)/made

uninstall: private SHELL := /bin/sh
uninstall: $(installed)/made ## remove what install puts there
	@while read -r file; do rm -f "$(DESTDIR)$(PREFIX)/$$file" || exit 1; done <$(installed)/made
	@rmdir "$(DESTDIR)$(PREFIX)/share/thaw/schema" "$(DESTDIR)$(PREFIX)/share/thaw/fleet" \
		"$(DESTDIR)$(PREFIX)/share/thaw" 2>/dev/null || true

clean: ## remove everything that was built
	rm -rf $(BUILD)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo 'Settings: V=1 shows the commands; JOBS=N BUILD=DIR CC=clang WERROR=1 DEPS=no|skip'

-include $(wildcard $(patsubst %.o,%.d,$(objects) $(bpf_objects) \
	$(call object,$(test_sources) $(helper_sources) tests/bpf/observed.c $(fuzz_sources) tests/fuzz/driver.c)))
