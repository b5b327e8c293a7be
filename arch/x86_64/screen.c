/* SPDX-License-Identifier: MIT */
/*
 * Concurrency. The log lets one processor write at a time. In a bug check that no longer holds: the
 * writer may have been frozen in the middle of a write, or be the processor that reports. So a
 * second call may begin before the first has ended, and terminal.c is prepared for that. A third
 * call begins only if the second one faulted, that is, if the screen's memory cannot be written:
 * then the screen is no longer used.
 */
#include "arch/x86_64/screen.h"

#include <stdatomic.h>

#include "arch/x86_64/canvas.h"
#include "arch/x86_64/memory.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/terminal.h"
#include "kernel/upcall.h"
#include "lib/string.h"

#define EARLY_SIZE   2048
#define WRITER_LIMIT 2

static enum { SCREEN_AWAITED, SCREEN_ABSENT, SCREEN_PRESENT } state;
static struct canvas canvas;
static struct terminal terminal;
static _Atomic unsigned writers;

/* Text that is written before the screen is known. */
static char early_text[EARLY_SIZE];
static size_t early_length;

/* Returns false if nothing can be drawn. Otherwise the caller draws, and then calls leave(). */
static bool enter(void)
{
    if (state != SCREEN_PRESENT) {
        return false;
    }
    if (atomic_fetch_add_explicit(&writers, 1, memory_order_relaxed) >= WRITER_LIMIT) {
        state = SCREEN_ABSENT;
        return false;
    }
    return true;
}

/*
 * The fence flushes the stores that the processor has combined: it may stop for ever after this.
 */
static void leave(void)
{
    atomic_thread_fence(memory_order_seq_cst);
    atomic_fetch_sub_explicit(&writers, 1, memory_order_relaxed);
}

/* If the loader states a wrong address, nothing may be drawn over memory that is in use. */
static bool overlaps_memory(uint64_t phys, uint64_t size)
{
    for (uint64_t offset = 0; offset < size; offset += PAGE_BYTES) {
        if (memory_is_usable(phys + offset)) {
            return true;
        }
    }
    return memory_is_usable(phys + size - 1);
}

/* EGA text is in legacy video memory, which is mapped uncached, as usual. */
static const char *map(uint64_t phys)
{
    uint64_t size = canvas_size(&canvas);

    if (phys == 0 || phys + size < phys) {
        return "its address is impossible";
    }
    if (overlaps_memory(phys, size)) {
        return "it lies in memory that is in use";
    }
    uintptr_t address =
        canvas.text ? paging_map_device(phys, size) : paging_map_framebuffer(phys, size);
    canvas.memory = (uint8_t *)address;
    return address == 0 ? "it cannot be mapped" : NULL;
}

static void log_screen(const struct boot_screen *screen, const char *refusal)
{
    log_line("screen: %ux%u %s of %u bits, pitch %u, at %#llx%s%s", screen->width, screen->height,
             screen->kind == BOOT_SCREEN_TEXT ? "characters" : "pixels", screen->bits_per_pixel,
             screen->pitch, (unsigned long long)screen->phys,
             refusal == NULL ? "" : ", not used: ", refusal == NULL ? "" : refusal);
}

void screen_start(const struct boot_screen *screen)
{
    if (screen->kind == BOOT_SCREEN_NONE) {
        state = SCREEN_ABSENT;
        return;
    }
    const char *refusal = canvas_plan(&canvas, screen);
    if (refusal == NULL) {
        refusal = map(screen->phys);
    }
    state = SCREEN_ABSENT;
    if (refusal == NULL) {
        terminal_start(&terminal, &canvas);
        state = SCREEN_PRESENT;
        screen_write(early_text, early_length);
    }
    log_screen(screen, refusal);
}

void screen_write(const char *text, size_t length)
{
    if (state == SCREEN_AWAITED) {
        size_t room = EARLY_SIZE - early_length;
        length = length < room ? length : room;
        memcpy(early_text + early_length, text, length);
        early_length += length;
    } else if (enter()) {
        terminal_write(&terminal, text, length);
        leave();
    }
}

void screen_conclude(const char *title, const char *details, bool good)
{
    if (enter()) {
        terminal_conclude(&terminal, title, details, good);
        leave();
    }
}
