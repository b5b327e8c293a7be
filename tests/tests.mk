# SPDX-License-Identifier: MIT
# What runs on the host and needs no machine: the unit tests, the core on threads, the simulated machine with
# the explorer, and the cost model. The Makefile includes this file and lists the sources.

# Each object lists what it was made from (-MMD). A change of the rules or of the compiler makes all of them stale.
RULES := Makefile tests/tests.mk $(HOST_STAMP)
objects = $(patsubst %,$(BUILD)/$(1)/%.o,$(basename $(2)))
dependencies = $(patsubst %.o,%.d,$(filter %.o,$(1)))

# Sources of the kernel by name alone, so that only the Makefile has their folders.
named = $(foreach name,$(1),$(or $(filter %/$(name),$(PORTABLE_SOURCES)),$(error no source is called $(name))))

# ---- unit tests --------------------------------------------------------------------------------------

# Under the address and undefined behaviour sanitizers. Each test names what it links besides itself.
HOST_CFLAGS := -std=gnu11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -Wall -Wextra \
	-Werror -I. -Iinclude -Itests/sim
HOST_TESTS := $(basename $(notdir $(wildcard tests/host/*_test.c)))
HOST_SCREEN := $(addprefix arch/x86_64/,terminal.c canvas.c font.c) tests/host/display.c

$(foreach test,$(filter acpi_%,$(HOST_TESTS)),$(eval $(test) := $(filter arch/x86_64/acpi%,$(ARCH_SOURCES)) lib/string.c))
canvas_test := $(HOST_SCREEN)
clock_test := arch/x86_64/clock_rate.c
clock_choice_test := arch/x86_64/clock_rate.c
cmdline_test := $(call named,cmdline.c) $(LIB_SOURCES)
exception_test := $(call named,exception.c)
forged_test := $(call named,forged.c)
inject_rule_test := $(call named,rule.c) lib/string.c
ipi_test := arch/x86_64/ipi.c
lapic_mode_test := arch/x86_64/lapic_mode.c
meaning_test := $(call named,meaning.c) $(PRINTF_SOURCES)
memory_test := arch/x86_64/memory.c lib/string.c
multiboot2_test := boot/multiboot2.c boot/boot_info.c boot/pvh.c
nearest_test := lib/nearest.c lib/string.c
pool_test := $(call named,pool.c) tests/host/stub_machine.c
printf_test := $(PRINTF_SOURCES)
stats_test := $(call named,stats.c processor_set.c) lib/string.c
string_test := lib/string.c
terminal_test := $(HOST_SCREEN)
trace_test := $(call named,trace.c trace_dump.c) $(LIB_SOURCES)
verdict_test := $(call named,verdict.c evidence.c silence.c watchdog.c trace.c hooks.c patience.c) $(PRINTF_SOURCES) tests/host/silent_machine.c

HOST_PROGRAMS := $(HOST_TESTS:%=$(BUILD)/host/%)
HOST_OBJECTS := $(sort $(foreach test,$(HOST_TESTS),$(call objects,host,tests/host/$(test).c $($(test)))))
host-tests: $(HOST_PROGRAMS)

$(HOST_OBJECTS): $(BUILD)/host/%.o: %.c $(RULES)
	@mkdir -p $(@D)
	@$(HOSTCC) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<

$(foreach test,$(HOST_TESTS),$(eval $(BUILD)/host/$(test): $(call objects,host,tests/host/$(test).c $($(test)))))
$(HOST_PROGRAMS):
	@echo "  HOSTLD  $@"
	@$(HOSTCC) $(HOST_CFLAGS) -o $@ $^ -lcmocka

# These functions must not replace those of the host's C library.
$(call objects,host,lib/string.c): private HOST_CFLAGS += -include tests/host/rename_string.h
# Their instructions, and the access to the processor's own structure, lead to the test.
$(call objects,host,tests/host/lapic_mode_test.c $(lapic_mode_test) tests/host/ipi_test.c $(ipi_test)): private HOST_CFLAGS := -Itests/host/x86 $(HOST_CFLAGS)
# An address that the linker script gives the kernel.
$(BUILD)/host/memory_test: private HOST_CFLAGS += -no-pie -Wl,--defsym=_image_end=0xffffffff80200000
$(call objects,host,tests/host/memory_test.c arch/x86_64/memory.c): private HOST_CFLAGS += -fPIC

# ---- the core on a machine of threads (docs/porting.md), under the sanitizers ------------------------

THREADS_SOURCES := $(CORE_SOURCES) $(call named,irql_routines.c ipi_generic_call.c spinlock.c tlb.c trace.c) \
	$(addprefix tests/threads/,machine.c pages.c host.c check.c errand.c)
THREADS_PROGRAMS := call_test concurrency_test extension_test timed_test status_test tlb_test preempted_test \
	exports_test silent
THREADS_CFLAGS := -std=gnu11 -g -O1 -fno-sanitize-recover=all -Wall -Wextra -Werror -Wno-unknown-warning-option \
	-Wno-tsan -pthread -I. -Iinclude -Itests/threads

define threads_rules # folder, flags
$(BUILD)/threads/$(1)/%.o: %.c $(RULES)
	@mkdir -p $$(@D)
	@$(HOSTCC) $(THREADS_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(THREADS_PROGRAMS:%=$(BUILD)/threads/$(1)/%): $(BUILD)/threads/$(1)/%: \
		$(BUILD)/threads/$(1)/tests/threads/%.o $(call objects,threads/$(1),$(THREADS_SOURCES))
	@echo "  HOSTLD  $$@"
	@$(HOSTCC) $(2) -pthread -o $$@ $$^ -lcmocka
host-tests: $(THREADS_PROGRAMS:%=$(BUILD)/threads/$(1)/%)
-include $(call dependencies,$(call objects,threads/$(1),$(THREADS_SOURCES) $(THREADS_PROGRAMS:%=tests/threads/%.c)))
endef
$(eval $(call threads_rules,tsan,-fsanitize=thread))
$(eval $(call threads_rules,asan,-fsanitize=address -fsanitize=undefined))

# ---- the portable part, compiled against the simulated machine's arch.h ------------------------------

PORTABLE_OBJECTS := $(call objects,portable,$(PORTABLE_SOURCES))
portable: $(PORTABLE_OBJECTS)

$(BUILD)/portable/%.o: %.c $(RULES)
	@mkdir -p $(@D)
	@$(HOSTCC) -std=gnu11 -O1 $(WARNINGS) -ffreestanding -I. -Iinclude -Itests/sim -MMD -MP -c -o $@ $<

# ---- the simulated machine ---------------------------------------------------------------------------

# The kernel sources that run on it, unchanged: each access and fence becomes a call (tests/sim/tsan.c), and
# their variables lie together in one section. SIM_KERNEL=folder/kernel takes the sources from a copy, SIM_OUT=
# puts their objects elsewhere; the simulator's own objects are shared. Small sets keep states small.
SIM_KERNEL ?= kernel
SIM_OUT ?= $(BUILD)/sim
SIM_SOURCES := $(CORE_SOURCES) $(call named,irql_routines.c ipi_generic_call.c spinlock.c life.c work.c membership.c tlb.c)
SIM_CFLAGS := -std=gnu11 -O2 -g $(WARNINGS) -fno-pie -fno-strict-aliasing -fno-stack-protector -fcf-protection=none
SIM_INCLUDES := -I. -Iinclude -Itests/sim
SIM_SIZE := -DPROCESSOR_LIMIT=64u
SIM_INSTRUMENT := -ffreestanding -mgeneral-regs-only -fsanitize=thread -Wno-tsan -fno-omit-frame-pointer \
	-Wno-unknown-warning-option $(if $(LLVM),,-ftrivial-auto-var-init=zero)
# The frame of each function that may be on a stopped stack is wiped on entry (fiber.S, state.c).
SIM_WIPE := -pg -mfentry
SIM_SECTION := --rename-section .data=sim_state --rename-section .bss=sim_state,alloc,load,contents,data
SIM_KERNEL_OBJECTS := $(patsubst kernel/%.c,$(SIM_OUT)/kernel/%.o,$(SIM_SOURCES))
SIM_BASE := $(patsubst %,$(BUILD)/sim/%.o,machine standin unrecorded tsan fiber)

$(SIM_OUT)/kernel/%.o: $(SIM_KERNEL)/%.c $(RULES)
	@mkdir -p $(@D)
	@$(HOSTCC) $(SIM_CFLAGS) $(SIM_WIPE) $(SIM_SIZE) $(SIM_INSTRUMENT) -I$(SIM_KERNEL)/.. $(SIM_INCLUDES) -MMD -MP -c -o $@ $<
	@$(OBJCOPY) $(SIM_SECTION) $@

# The accesses of the programs that the explorer runs are calls as well.
SIM_PROGRAMS := $(patsubst %,$(BUILD)/sim/%.o,calls requests scripts)
$(SIM_PROGRAMS): private SIM_WATCH := $(SIM_INSTRUMENT)
$(SIM_PROGRAMS) $(patsubst %,$(BUILD)/sim/%.o,machine tsan steps memory checks survive): private SIM_FRAMES := $(SIM_WIPE)
$(BUILD)/sim/%.o: tests/sim/%.c $(RULES)
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	@$(HOSTCC) $(SIM_CFLAGS) $(SIM_FRAMES) $(SIM_SIZE) $(SIM_WATCH) $(SIM_INCLUDES) -MMD -MP -c -o $@ $<
	@$(if $(SIM_WATCH),$(OBJCOPY) $(SIM_SECTION) $@)

$(BUILD)/sim/%.o: tests/sim/%.S $(RULES)
	@mkdir -p $(@D)
	@$(HOSTCC) -c -o $@ $<

EXPLORE_OBJECTS := $(patsubst %,$(BUILD)/sim/%.o,explore workers report steps memory race weak numbers checks outcomes \
	survive ladder scenarios ladder_scenarios setup choices state search random schedule trace) $(SIM_PROGRAMS)
SIM_TESTS := $(SIM_OUT)/explore $(SIM_OUT)/round_robin
host-tests: $(SIM_TESTS)
$(SIM_OUT)/explore: $(EXPLORE_OBJECTS)
$(SIM_OUT)/round_robin: $(BUILD)/sim/round_robin.o
$(SIM_TESTS): $(SIM_BASE) $(SIM_KERNEL_OBJECTS)
	@$(HOSTCC) -no-pie -o $@ $^

# ---- the cost model ----------------------------------------------------------------------------------

# It compiles the base for itself: with room for its largest machine, without inlining, so that every step of the
# path has a name, and with each file's variables on cache lines of their own, so that no figure depends on the
# link order.
COST_SOURCES := $(CORE_SOURCES) $(call named,irql_routines.c ipi_generic_call.c life.c work.c membership.c log.c forged.c \
	stats.c trace.c)
COST_KERNEL_OBJECTS := $(call objects,cost,$(COST_SOURCES) tests/sim/standin.c tests/sim/cost/standin.c)
COST_MODEL_OBJECTS := $(BUILD)/sim/fiber.o $(patsubst %,$(BUILD)/cost/tests/sim/%.o,machine tsan \
	$(addprefix cost/,machines cache cpu access hooks path symbols)) $(call objects,cost,$(PRINTF_SOURCES))
COST_OBJECTS := $(patsubst %,$(BUILD)/cost/tests/sim/cost/%.o,main simulate report record)
COST_CFLAGS = $(SIM_CFLAGS) -O1 -DPROCESSOR_LIMIT=4096u $(SIM_INCLUDES) -MMD -MP
$(COST_KERNEL_OBJECTS): COST_CFLAGS += -ffreestanding -mgeneral-regs-only -fsanitize=thread -fno-inline \
	-fno-omit-frame-pointer -Wno-unknown-warning-option -Wno-tsan

$(BUILD)/cost/%.o: %.c $(RULES)
	@mkdir -p $(@D)
	@$(HOSTCC) $(COST_CFLAGS) -c -o $@ $<
	@$(OBJCOPY) --set-section-alignment .data=64 --set-section-alignment .bss=64 $@

$(BUILD)/cost/cost: $(COST_OBJECTS)
COST_TESTS := $(BUILD)/cost/lines_test $(BUILD)/cost/order_test
COST_TEST_OBJECTS := $(patsubst %,$(BUILD)/cost/tests/sim/cost/%.o,lines_test order_test bench)
cost-tests: $(COST_TESTS)
$(COST_TESTS): $(BUILD)/cost/%: $(BUILD)/cost/tests/sim/cost/%.o $(BUILD)/cost/tests/sim/cost/bench.o
$(COST_TESTS): private COST_LIBRARIES := -lcmocka
$(BUILD)/cost/cost $(COST_TESTS): $(COST_MODEL_OBJECTS) $(COST_KERNEL_OBJECTS)
	@$(HOSTCC) -no-pie -o $@ $^ $(COST_LIBRARIES)

-include $(call dependencies,$(HOST_OBJECTS) $(PORTABLE_OBJECTS))
-include $(call dependencies,$(SIM_BASE) $(SIM_KERNEL_OBJECTS) $(EXPLORE_OBJECTS) $(BUILD)/sim/round_robin.o)
-include $(call dependencies,$(COST_MODEL_OBJECTS) $(COST_KERNEL_OBJECTS) $(COST_OBJECTS) $(COST_TEST_OBJECTS))
