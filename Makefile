# SPDX-License-Identifier: MIT
# Muster: `make help` lists the targets, docs/options.md the options.

ROOT := $(CURDIR)
ifeq ($(wildcard tools/variables.sh),)
$(error make runs in the top directory of Muster: use make -C DIRECTORY)
endif
ifneq ($(findstring ',$(ROOT)),)
$(error the path of this directory contains ', which the build cannot handle: move it)
endif

# ---- what the user's shell gives ---------------------------------------------------------------------

# The options of tools/run, those of other targets, and those that only tests and tools use.
RUN_OPTIONS := CPUS DRIVER TEST CALLS SEED SECONDS CMDLINE BOOT MACHINE ACCEL THREAD QUANTUM MEMORY MADT QEMU \
	TIMEOUT PRINT DEBUG
OPTIONS := $(RUN_OPTIONS) LLVM CROSS_COMPILE CC HOSTCC T DUMP CALL STEPS RECORD MATRIX
INNER_OPTIONS := DRIVER_SSE SIM_KERNEL SIM_OUT WARNINGS SHELL

quote = '$(subst ','\'',$(1))'
is_given = $(filter command,$(origin $(1)))
given = $(foreach name,$(1),$(if $(call is_given,$(name)),$(name)=$(call quote,$($(name)))))

# In the environment these may be meant for other programs.
$(foreach name,T DUMP CALL STEPS RECORD,$(if $(filter environment,$(origin $(name))),$(eval undefine $(name))))

# Any other variable on make's command line is a mistake, and those that choose a compiler are checked. Of the
# environment, only CROSS_COMPILE has to be checked.
UNSURE := $(filter-out $(filter-out CC CROSS_COMPILE,$(OPTIONS)) $(INNER_OPTIONS),$(.VARIABLES))
UNSURE := $(call given,$(UNSURE)) \
	$(if $(filter environment,$(origin CROSS_COMPILE)),CROSS_COMPILE=$(call quote,$(CROSS_COMPILE)))
ifneq ($(strip $(UNSURE)),)
SLIP := $(shell tools/variables.sh $(call quote,$(OPTIONS)) 'tests/tests.mk' $(UNSURE))
ifneq ($(SLIP),)
$(error $(SLIP))
endif
endif

# `make run DRIVER=a.c b.c` names a goal, b.c, that make would find made already.
STRAY := $(filter %.c %.cpp,$(MAKECMDGOALS))
ifneq ($(STRAY),)
$(error $(firstword $(STRAY)) is not a target: a driver is one C file, DRIVER=$(firstword $(STRAY)))
endif

# Scripts read make's output, which `make -C` would otherwise begin with a folder's name.
MAKEFLAGS += --no-print-directory

# These would change what the commands below do (tools/lib/environment.sh has the list for scripts).
export LC_ALL := C
unexport CDPATH GLOBIGNORE POSIXLY_CORRECT GREP_OPTIONS GREP_COLOR MAKEFILES BASH_ENV ENV SHELLOPTS BASHOPTS
unexport CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH OBJC_INCLUDE_PATH LIBRARY_PATH COMPILER_PATH GCC_EXEC_PREFIX
unexport DEPENDENCIES_OUTPUT SUNPRO_DEPENDENCIES LDEMULATION LD_RUN_PATH PERL5OPT PERL5LIB

BUILD := build
VERSION := 0.1.0
# An empty value means the default, from the command line as well.
ifeq ($(strip $(DRIVER)),)
override DRIVER := examples/my_ipi_generic_call.c
endif

# ---- tools -------------------------------------------------------------------------------------------

# LLVM=1 takes clang, lld and the LLVM tools, LLVM=-19 those with that suffix, LLVM=/opt/llvm/bin/ those of
# that folder, as in Linux' kbuild. Each has a build folder of its own.
ifeq ($(strip $(LLVM)),)
ifeq ($(origin CROSS_COMPILE),undefined)
CROSS_COMPILE := $(if $(shell command -v x86_64-linux-gnu-gcc 2>/dev/null),x86_64-linux-gnu-)
endif
CC := $(CROSS_COMPILE)gcc
LD := $(CROSS_COMPILE)ld
BINUTILS = $(CROSS_COMPILE)$(1)
HOSTCC ?= gcc
DRIVER_ABI := -mabi=ms -fstack-clash-protection -ftrack-macro-expansion=0 -D_WIN32=1 -D_WIN64=1 \
	$(addprefix -U,linux __linux __linux__ __gnu_linux__ unix __unix __unix__) -imacros '$(ROOT)/include/gcc_types.h'
DIALECT := tools/dialect.pl
else
ifeq ($(filter 1 -% %/,$(LLVM)),)
$(error LLVM=$(LLVM): give 1, a suffix like -19, or a folder that ends in /)
endif
ifneq ($(call is_given,CC),)
$(error CC=$(CC) and LLVM=$(LLVM) exclude each other)
endif
BUILD := build/llvm$(subst /,_,$(filter-out 1,$(LLVM)))
LLVM_PREFIX := $(filter %/,$(LLVM))
LLVM_SUFFIX := $(filter -%,$(LLVM))
HOSTCC := $(LLVM_PREFIX)clang$(LLVM_SUFFIX)
CC := $(HOSTCC) --target=x86_64-linux-gnu
LD := $(LLVM_PREFIX)ld.lld$(LLVM_SUFFIX)
BINUTILS = $(LLVM_PREFIX)llvm-$(1)$(LLVM_SUFFIX)
# Windows' ABI in ELF files: `long` has 32 bits as well, and large frames call __chkstk.
DRIVER_ABI := --target=x86_64-unknown-windows-elf -ferror-limit=0 \
	-Wno-error=incompatible-function-pointer-types
DIALECT := tools/dialect.pl pack inline function
endif
NM := $(call BINUTILS,nm)
OBJCOPY := $(call BINUTILS,objcopy)
OBJDUMP := $(call BINUTILS,objdump)
READELF := $(call BINUTILS,readelf)
SIZE := $(call BINUTILS,size)

# ---- sources -----------------------------------------------------------------------------------------

# kernel/ has rooms (kernel/rooms.txt). The core runs on every machine: this kernel, the simulated machines, and a
# machine of threads.
CORE_SOURCES := kernel/processor_set.c $(addprefix kernel/rendezvous/,rendezvous.c enter.c round.c call.c posted.c \
	report.c turn.c collect.c watchdog.c wait.c clocks.c clocks_measure.c moment.c patience.c processors.c \
	hooks.c)
KERNEL_SOURCES := $(CORE_SOURCES) kernel/rendezvous/trace.c kernel/main.c \
	$(addprefix kernel/console/,log.c forged.c cmdline.c conclude.c ksyms.c) \
	$(addprefix kernel/processors/,life.c create.c work.c membership.c wait_policy.c tlb.c) \
	$(addprefix kernel/inject/,inject.c arm.c rule.c) \
	$(addprefix kernel/silence/,evidence.c frozen.c silence.c verdict.c stats.c trace_dump.c) \
	$(addprefix kernel/stop/,bugcheck.c exception.c freeze.c meaning.c report.c) \
	$(addprefix kernel/windows/,ipi_generic_call.c irql_routines.c spinlock.c pool.c callback.c callback_run.c driver.c \
		debug_print.c processor_number.c support.c runtime.c)
PRINTF_SOURCES := lib/printf.c lib/printf_spec.c lib/printf_number.c
LIB_SOURCES := lib/string.c lib/nearest.c $(PRINTF_SOURCES)
BOOT_SOURCES := boot/multiboot2.S boot/pvh.S boot/start.S boot/boot_info.c boot/multiboot2.c boot/pvh.c
ARCH_SOURCES := \
	arch/x86_64/platform.c arch/x86_64/options.c arch/x86_64/cpu.c arch/x86_64/entry.S arch/x86_64/trap.c \
	arch/x86_64/probe.S arch/x86_64/descriptors.c arch/x86_64/paging.c arch/x86_64/memory.c \
	arch/x86_64/lapic.c arch/x86_64/lapic_mode.c arch/x86_64/lapic_timer.c \
	arch/x86_64/ipi.c arch/x86_64/ap_start.c arch/x86_64/ap_trampoline.S arch/x86_64/acpi.c \
	arch/x86_64/acpi_madt.c arch/x86_64/acpi_tables.c arch/x86_64/driver_chkstk.S \
	arch/x86_64/firmware.c arch/x86_64/legacy.c arch/x86_64/clock.c arch/x86_64/clock_rate.c \
	arch/x86_64/clock_sources.c arch/x86_64/uart.c \
	arch/x86_64/fault.c arch/x86_64/screen.c arch/x86_64/terminal.c arch/x86_64/canvas.c arch/x86_64/font.c
TEST_SOURCES := $(sort $(wildcard tests/kernel/*.c))

PORTABLE_SOURCES := $(KERNEL_SOURCES) $(LIB_SOURCES)
IMAGE_SOURCES := $(PORTABLE_SOURCES) $(BOOT_SOURCES) $(ARCH_SOURCES) $(TEST_SOURCES)

# ---- flags -------------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla \
	-Wwrite-strings -Wpointer-arith -Wimplicit-fallthrough
FREESTANDING := -ffreestanding -nostdinc -isystem $(shell $(CC) -print-file-name=include 2>/dev/null)
CODE := -mno-red-zone -fno-pic -mcmodel=kernel -fno-stack-protector -fno-omit-frame-pointer \
	-fno-asynchronous-unwind-tables -fcf-protection=none -g
KERNEL_CFLAGS := -std=gnu11 -O2 $(WARNINGS) $(FREESTANDING) $(CODE) -mgeneral-regs-only \
	-fno-strict-aliasing -fno-optimize-sibling-calls -I. -Iinclude -Iarch/x86_64/include
# A driver is compiled as on Windows: every function has the Windows ABI, and wide characters have 16
# bits. A large frame touches each of its pages, so that it cannot step over the guard page. No call becomes a
# jump, so that the backtrace and the caller that a bug check names are right. An inline function can be called
# through a pointer. Mistakes that newer compilers treat as errors, but that many drivers contain, stay warnings.
# addr2line 2.40 takes one file for another in gcc 12's DWARF 5.
DRIVER_CFLAGS := -std=gnu11 -O2 -Wall -Wno-unknown-pragmas -Wno-multichar \
	-Werror=implicit-function-declaration -Wno-error=incompatible-pointer-types \
	-Wno-error=int-conversion $(FREESTANDING) $(CODE) $(DRIVER_ABI) -fshort-wchar -fms-extensions \
	-fgnu89-inline -fno-strict-aliasing -fno-optimize-sibling-calls -gdwarf-4 \
	-I'$(ROOT)/include' -I'$(ROOT)/include/crt'
# For machines that cannot execute SSE; a driver that needs it does not compile then.
DRIVER_SSE ?= yes
ifneq ($(DRIVER_SSE),yes)
DRIVER_CFLAGS += -mgeneral-regs-only
endif

# ---- when objects are stale --------------------------------------------------------------------------

# A change of the compiler or of a flag makes objects stale, as a change of a source does. $(call stamp,FILE,TEXT)
# is the rule for a file that holds the text. It is written only when the text has changed.
version_of = $(1) $(shell command -v $(firstword $(1)) 2>/dev/null; $(1) --version 2>/dev/null | head -n 1)
define stamp
ifneq ($$(file <$(1)),$$(strip $(2)))
$(1): FORCE
endif
$(1): | $$(BUILD)
	@printf '%s\n' $$(call quote,$$(strip $(2))) > $$@.$$$$$$$$ && mv $$@.$$$$$$$$ $$@
endef
KERNEL_STAMP := $(BUILD)/kernel.commands
HOST_STAMP := $(BUILD)/host.commands
KERNEL_COMMANDS := $(call version_of,$(CC)) $(call version_of,$(LD)) $(KERNEL_CFLAGS)
# (The other flags of the host's objects change only with these files, on which the objects depend.)
HOST_COMMANDS := $(call version_of,$(HOSTCC)) $(OBJCOPY) $(WARNINGS)
$(eval $(call stamp,$(KERNEL_STAMP),$$(KERNEL_COMMANDS)))
$(eval $(call stamp,$(HOST_STAMP),$$(HOST_COMMANDS)))

# ---- the kernel's objects ----------------------------------------------------------------------------

OBJECTS := $(patsubst %,$(BUILD)/%.o,$(IMAGE_SOURCES))

# From C and from assembler.
$(OBJECTS): $(BUILD)/%.o: % Makefile $(KERNEL_STAMP) | $(BUILD)
	@mkdir -p $(@D)
	@echo "  $(if $(filter %.S,$<),AS,CC)      $<"
	@$(CC) $(KERNEL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD):
	@mkdir -p $@

# The version and the commit; the file changes only when they do. The tree may belong to another user. A tree
# without a repository of its own may lie within another repository, which does not count, and neither does one that
# the user's shell names.
GIT_HASH := $(shell unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_OBJECT_DIRECTORY GIT_NAMESPACE; \
	GIT_CEILING_DIRECTORIES="$${PWD%/*}" git -c safe.directory='*' describe --always --dirty \
	--exclude '*' 2>/dev/null || echo unknown)
$(BUILD)/version.c: FORCE | $(BUILD)
	@printf '#include "kernel/version.h"\n\nconst char version_text[] = "%s (%s)";\n' \
		'$(VERSION)' '$(GIT_HASH)' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(BUILD)/version.c.o: $(BUILD)/version.c $(KERNEL_STAMP)
	@$(CC) $(KERNEL_CFLAGS) -c -o $@ $<

# ---- the driver, and the image with it linked in -----------------------------------------------------

# `make run` leaves the driver to tools/run, which checks the path and then calls make again.
IMAGE_DRIVER := $(if $(filter run debug trace,$(MAKECMDGOALS)),examples/my_ipi_generic_call.c,$(DRIVER))

# Each driver file has its own folder, so that runs with different drivers do not disturb each other.
DRIVER_NAME := $(shell basename '$(IMAGE_DRIVER)' .c | tr -c 'A-Za-z0-9_\n' '_')
DRIVER_KEY := $(shell realpath -m '$(IMAGE_DRIVER)' | cksum | cut -d' ' -f1)
OUT := $(BUILD)/image/$(DRIVER_NAME)-$(DRIVER_KEY)$(if $(filter-out yes,$(DRIVER_SSE)),-nosse)
IMAGE := $(OUT)/muster.elf

# Recompiled each time, which takes a fraction of a second; kept when the result is the same. A driver that
# needs another dialect than gcc's is compiled from the rewritten text. The compiler's calls to memory functions
# have the Windows ABI here, so they go to routines of that ABI. The driver's own names stay local, and it may
# refer to documented routines only: the kernel's own names begin with a small letter.
$(OUT)/driver.o: FORCE | $(BUILD)
	@mkdir -p $(OUT)
	@$(CC) $(DRIVER_CFLAGS) -w -E -o $(OUT)/driver.i '$(IMAGE_DRIVER)'
	@$(DIALECT) < $(OUT)/driver.i > $(OUT)/driver.c
	@cmp -s $(OUT)/driver.i $(OUT)/driver.c && source='$(IMAGE_DRIVER)' || source=$(OUT)/driver.c; \
		$(CC) $(DRIVER_CFLAGS) -c -o $@.new "$$source"
	@tools/formats.pl $(OUT)/driver.c $(OUT)/probe.c $(CC) $(DRIVER_CFLAGS)
	@$(OBJCOPY) --prefix-alloc-sections=.driver --redefine-sym memcpy=driver_memcpy \
		--redefine-sym memset=driver_memset --redefine-sym memmove=driver_memmove \
		--redefine-sym memcmp=driver_memcmp --redefine-sym __chkstk=driver_chkstk \
		--redefine-sym DriverEntry=driver_entry $@.new
	@$(OBJCOPY) --keep-global-symbol=driver_entry $@.new
	@$(NM) -u $@.new | awk '$$2 !~ /^([A-Z]|rendezvous_(call|begin|test)$$|trace_print$$)/ && \
		$$2 !~ /^processor_(offline|online)$$/ && $$2 !~ /^driver_(memcpy|memset|memmove|memcmp|chkstk)$$/ { bad = 1; \
		print "driver.o: undefined reference to `" $$2 "\047" } END { exit bad }' >&2
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(OUT)/name.c: | $(BUILD)
	@mkdir -p $(OUT)
	@printf 'extern const char driver_name[];\nconst char driver_name[] = "%s";\n' '$(DRIVER_NAME)' > $@

$(OUT)/name.o: $(OUT)/name.c $(KERNEL_STAMP)
	@$(CC) $(KERNEL_CFLAGS) -c -o $@ $<

LINK_IMAGE := $(LD) -nostdlib -static -z max-page-size=4096 -z noexecstack --build-id=none -T linker.ld
LINK_INPUTS = $(OBJECTS) $(BUILD)/version.c.o $(OUT)/driver.o $(OUT)/name.o

# Linked twice: the first link gives the addresses for the symbol table of the second. The table is the last
# of the constants, so it moves no function; the comparison proves that.
$(IMAGE): $(OBJECTS) $(BUILD)/version.c.o $(OUT)/driver.o $(OUT)/name.o linker.ld tools/ksyms.sh
	@echo "  LD      $@"
	@tools/ksyms.sh $(NM) > $(OUT)/ksyms0.S
	@$(CC) $(KERNEL_CFLAGS) -c -o $(OUT)/ksyms0.o $(OUT)/ksyms0.S
	@$(LINK_IMAGE) -o $(OUT)/first.elf $(LINK_INPUTS) $(OUT)/ksyms0.o
	@tools/ksyms.sh $(NM) $(OUT)/first.elf > $(OUT)/ksyms.S
	@$(CC) $(KERNEL_CFLAGS) -c -o $(OUT)/ksyms.o $(OUT)/ksyms.S
	@$(LINK_IMAGE) -Map=$(OUT)/muster.map -o $@.new $(LINK_INPUTS) $(OUT)/ksyms.o
	@tools/ksyms.sh $(NM) $@.new | cmp -s - $(OUT)/ksyms.S || \
		{ echo "the symbol table moved the functions that it names"; exit 1; }
	@$(READELF) -lnW $@.new | grep -q Xen || { echo "the image has no PVH note"; exit 1; }
	@$(NM) -n $@.new > $(OUT)/muster.sym
	@$(SIZE) -A $@.new > $(OUT)/muster.size
	@mv $@.new $@

$(OUT)/muster.lst: $(IMAGE)
	@$(OBJDUMP) -dS $< > $@

# Each image has its own ISO; build/muster.iso is a copy of the last one that was requested.
$(OUT)/muster.iso: $(IMAGE) boot/grub.cfg tools/iso.sh
	@echo "  ISO     $@"
	@tools/iso.sh $(IMAGE) $@

# ---- what people ask for -----------------------------------------------------------------------------

.PHONY: all run model explore trace test test-full image iso print-image print-build debug check host-tests portable \
	objects lst cost cost-tests instructions setup clean help FORCE
.DEFAULT_GOAL := all
FORCE:

# Each target first sets up what it needs, and then calls make again to build.
CHECK_DRIVER = $(if $(filter-out examples/my_ipi_generic_call.c,$(DRIVER)),\
	tools/run DRIVER=$(call quote,$(DRIVER)) TEST= --check >/dev/null)

all: ## build the kernel with the sample driver (DRIVER=file.c for another), and its disassembly
	@tools/setup.sh --build
	@$(CHECK_DRIVER)
	@$(MAKE) -s image $(OUT)/muster.lst

image: $(IMAGE)

objects: $(OBJECTS)

lst: all ## the disassembly with sources; .map, .sym and .size are always made

iso: ## build/muster.iso: boots from CD or USB, under BIOS and UEFI (DRIVER=file.c)
	@tools/setup.sh --iso
	@$(CHECK_DRIVER)
	@mkdir -p build && flock build/.lock $(MAKE) -s $(OUT)/muster.iso
	@cmp -s $(OUT)/muster.iso $(BUILD)/muster.iso || \
		{ cp $(OUT)/muster.iso $(BUILD)/muster.iso.new && mv $(BUILD)/muster.iso.new $(BUILD)/muster.iso; }
	@echo "  $(BUILD)/muster.iso"

print-image:
	@echo $(call quote,$(ROOT)/$(IMAGE))

print-build:
	@echo $(call quote,$(ROOT)/$(BUILD))

run: ## boot it and run the driver: CPUS= DRIVER= TEST= CALLS= SEED= BOOT= ACCEL= PRINT=1 (tools/run --help)
	@tools/setup.sh --run
	@tools/run $(call given,$(RUN_OPTIONS))

debug: ## the same, QEMU stopped and gdb attached, with a `processors` command
	@tools/setup.sh --debug
	@tools/debug.sh $(call given,$(RUN_OPTIONS))

# The verdict of the run does not matter: a bug check has a dump as well.
trace: ## build/trace.svg, what each processor did in a call: of a run (CPUS=8 DRIVER=), or DUMP=file; CALL=n|all
ifeq ($(DUMP),)
	@tools/setup.sh --run
	@mkdir -p $(BUILD)
	@tools/run $(call given,$(filter-out CPUS CMDLINE,$(RUN_OPTIONS))) CPUS="$${CPUS:-8}" \
		CMDLINE="trace=$(if $(CALL),64,1) $$CMDLINE" > $(BUILD)/trace.txt || grep -q '^trace begin' $(BUILD)/trace.txt
endif
	@mkdir -p $(BUILD)
	@tools/trace $(call given,CALL) "$${DUMP:-$(BUILD)/trace.txt}" > $(BUILD)/trace.svg.new
	@mv $(BUILD)/trace.svg.new $(BUILD)/trace.svg
	@echo "  $(BUILD)/trace.svg$(if $(DUMP),, (the console of the run: $(BUILD)/trace.txt))"

# The longest first: the others run at the same time.
TEST_SCRIPTS := tests/matrix.t $(filter-out tests/matrix.t,$(sort $(wildcard tests/*.t)))
CHOSEN_TESTS := $(if $(T),$(wildcard $(foreach name,$(T),tests/$(name).t tests/$(name))),$(TEST_SCRIPTS))

test: ## set up what is missing and run every test (T=glob: some of tests/*.t)
	@$(if $(CHOSEN_TESTS),,echo 'make: T=$(T): there is no tests/$(T).t' >&2; exit 1)
	@tools/setup.sh --test
	@$(MAKE) -s image host-tests cost-tests $(BUILD)/cost/cost
	@prove -j2 $(CHOSEN_TESTS)

test-full: export MATRIX = full
test-full: test ## the same with every cell of tests/matrix.conf

cost: ## what a call costs on modelled machines (MACHINE=epyc2; STEPS=1 the path; RECORD=1)
	@tools/setup.sh --cost
	@$(MAKE) -s $(BUILD)/cost/cost
	@$(BUILD)/cost/cost $(if $(filter-out 0,$(STEPS)),--steps) \
		$(if $(and $(call is_given,MACHINE),$(MACHINE)),--machine="$$MACHINE") \
		$(if $(LLVM),,$(if $(filter-out 0,$(RECORD)),--record,--recorded)=tests/data/cost.txt)

instructions: ## a call in exact instructions, and how far apart it begins, on 1 to 64 processors (CPUS="2 8")
	@tools/setup.sh --instructions
	@tests/instructions.sh $(if $(CPUS),"$$CPUS")

model: ## the Promela model of the rendezvous searched by spin, in all configurations
	@tools/setup.sh --model
	@tests/model/run.sh

# A SEED in the environment may be meant for another program; a seed of the explorer contains a slash.
EXPLORE_SEED = $(if $(call is_given,SEED)$(findstring /,$(SEED)),$(SEED))
explore: ## every schedule of the protocol up to 3 preemptions, random ones, mutations (SEED= replays one)
	@tools/setup.sh --explore
	@$(MAKE) -s $(SIM_OUT)/explore
	@tests/sim/explore.sh $(if $(EXPLORE_SEED),--seed $(call quote,$(EXPLORE_SEED)))

check: ## formatting, headers alone, the rooms of kernel/ and the boundary of the portable part, shell scripts
	@tools/setup.sh --check
	@$(MAKE) -s portable objects
	@NM='$(NM)' OBJECTS_FOLDER='$(BUILD)' tools/check.sh

setup: ## install what is missing (Debian packages)
	@tools/setup.sh --test

clean: ## remove build/
	@rm -rf $(BUILD)

help: ## this list
	@echo "Muster $(VERSION): every processor, one routine, the same moment."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'
	@echo
	@echo "Example: make run CPUS=8 DRIVER=examples/my_ipi_generic_call.c"
	@echo "Options: docs/options.md"

# What runs on the host: host-tests, cost-tests, portable, and the programs of `make explore` and `make cost`.
include tests/tests.mk

-include $(OBJECTS:.o=.d)
