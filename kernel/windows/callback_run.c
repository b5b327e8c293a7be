/* SPDX-License-Identifier: MIT */
/*
 * The steps of a bug check that call the drivers' callbacks: those with a reason, then the plain
 * ones.
 *
 * Trust. A record is used only if it can be read, its state says that it is registered, and its
 * checksum shows that it has not been overwritten. A record that fails the last two tests is named
 * and skipped; a link to memory that cannot be read ends the list. The walk visits at most as many
 * records as can be registered, so it ends even if the list was bent into a circle. The state
 * changes before a routine is called, so each routine is called at most once.
 *
 * Each record is a part of the step; `next` moves past it before its routine is called.
 *
 * Time. The machine watches each call (arch_watch_code()). A routine that faults, stops the system
 * or exceeds its time is abandoned: bugcheck.c goes on with the next part.
 *
 * Not done: what Windows would write into a dump is printed, and no memory is saved. Reasons that
 * only make sense with a dump file cannot be registered (include/wdm/bugcheck.h).
 */
#include <wdm.h>

#include "kernel/console/ksyms.h"
#include "kernel/irql.h"
#include "kernel/stop/report.h"
#include "kernel/windows/callback.h"
#include "lib/printf.h"
#include "lib/string.h"

#define RANGE_LIMIT     32   /* ranges from one KbCallbackAddPages routine */
#define DUMP_LIMIT      4096 /* bytes from one KbCallbackSecondaryDumpData routine */
#define DUMP_LINE       16   /* bytes on a line */
#define COMPONENT_LIMIT 32   /* characters of a component's name that are printed */

static LIST_ENTRY *next;        /* where the walk continues */
static uint64_t deadline_ticks; /* of the current routine */
static UCHAR *latest_state;     /* State of the record whose routine was called last */

/* `size`: at most a page. */
static bool is_readable(const void *from, size_t size)
{
    return arch_address_readable((uintptr_t)from) &&
           arch_address_readable((uintptr_t)from + size - 1);
}

/* Returns the record of this part and moves past it; NULL at the end. */
static LIST_ENTRY *walk(struct callback_list *list, unsigned part)
{
    LIST_ENTRY *entry = part == 0 ? list->head.Flink : next;

    if (latest_state != NULL && *latest_state == BufferStarted) {
        *latest_state = BufferIncomplete;
    }
    latest_state = NULL;
    next = &list->head;
    if (entry == &list->head || part == CALLBACK_LIMIT) {
        return NULL;
    }
    if ((uintptr_t)entry % sizeof(void *) != 0 || !is_readable(entry, list->record_size)) {
        log_line("the list of callbacks leads to %#llx, where no record can be: it ends there",
                 (unsigned long long)(uintptr_t)entry);
        return NULL;
    }
    next = entry->Flink;
    return entry;
}

/* The readable, printable part of a name whose memory may be gone. */
static const char *describe_component(const UCHAR *component, char text[COMPONENT_LIMIT + 1])
{
    unsigned length = 0;

    while (length < COMPONENT_LIMIT && arch_address_readable((uintptr_t)component + length) &&
           component[length] != '\0') {
        UCHAR byte = component[length];
        text[length++] = byte > ' ' && byte < 0x7f ? (char)byte : '?';
    }
    text[length] = '\0';
    return text;
}

/*
 * Announces the routine and marks its record. False if the routine was called before, or the record
 * cannot be trusted.
 */
static bool begin_call(UCHAR *state, bool intact, uintptr_t routine, const UCHAR *component)
{
    char name[KSYMS_TEXT_SIZE];
    char of[COMPONENT_LIMIT + 1];

    if (*state == BufferFinished || *state == BufferIncomplete) {
        return false;
    }
    if (*state != BufferInserted || !intact || !arch_address_readable(routine)) {
        log_line("a callback is left out: its record, whose state is at %#llx, was overwritten",
                 (unsigned long long)(uintptr_t)state);
        return false;
    }
    ksyms_describe(routine, name);
    describe_component(component, of);
    log_line("callback %s of \"%s\"", name, of);
    bugcheck_set_doing("in the callback %s of \"%s\"", name, of);
    *state = BufferStarted;
    latest_state = state;
    deadline_ticks = arch_ticks() + bugcheck_limit_ms() * arch_ticks_per_ms();
    return true;
}

/* A routine may leave the processor in a different state. */
static void end_watch(void)
{
    arch_unwatch_code();
    arch_interrupts_disable();
    arch_irql_write(IRQL_HIGH);
    log_finish_line();
}

bool callback_run_plain(unsigned part)
{
    LIST_ENTRY *entry = walk(&callbacks_plain, part);
    KBUGCHECK_CALLBACK_RECORD *record = CONTAINING_RECORD(entry, KBUGCHECK_CALLBACK_RECORD, Entry);

    if (entry == NULL) {
        return false;
    }
    if (begin_call(&record->State, record->Checksum == callback_plain_checksum(record),
                   (uintptr_t)record->CallbackRoutine, record->Component)) {
        arch_watch_code(deadline_ticks);
        record->CallbackRoutine(record->Buffer, record->Length);
        end_watch();
        record->State = BufferFinished;
    }
    return true;
}

static void call_with(KBUGCHECK_REASON_CALLBACK_RECORD *record, void *data, ULONG size)
{
    arch_watch_code(deadline_ticks);
    record->CallbackRoutine(record->Reason, record, data, size);
    end_watch();
}

/* Prints one line of bytes; false if they cannot be read. */
static bool print_bytes(const UCHAR *bytes, ULONG offset, ULONG count)
{
    char text[DUMP_LINE * 3 + 1];

    if (!is_readable(bytes + offset, count)) {
        log_line("  %04x: cannot be read", offset);
        return false;
    }
    for (ULONG i = 0; i < count; i++) {
        printf_format(text + i * 3, 4, " %02x", bytes[offset + i]);
    }
    log_line("  %04x:%s", offset, text);
    return true;
}

static void call_for_dump_data(KBUGCHECK_REASON_CALLBACK_RECORD *record)
{
    static UCHAR buffer[DUMP_LIMIT];
    static KBUGCHECK_SECONDARY_DUMP_DATA data;

    data = (KBUGCHECK_SECONDARY_DUMP_DATA){
        .InBuffer = buffer,
        .InBufferLength = sizeof(buffer),
        .MaximumAllowed = DUMP_LIMIT,
    };
    call_with(record, &data, sizeof(data));
    ULONG length = data.OutBuffer == NULL ? 0 : min(data.OutBufferLength, DUMP_LIMIT);
    const GUID *guid = &data.Guid;
    log_line("  %u bytes of %u, {%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", length,
             data.OutBufferLength, guid->Data1, guid->Data2, guid->Data3, guid->Data4[0],
             guid->Data4[1], guid->Data4[2], guid->Data4[3], guid->Data4[4], guid->Data4[5],
             guid->Data4[6], guid->Data4[7]);
    for (ULONG offset = 0; offset < length; offset += DUMP_LINE) {
        if (!print_bytes(data.OutBuffer, offset, min(length - offset, DUMP_LINE))) {
            break;
        }
    }
}

static void call_for_pages(KBUGCHECK_REASON_CALLBACK_RECORD *record)
{
    static KBUGCHECK_ADD_PAGES pages;

    pages = (KBUGCHECK_ADD_PAGES){ .BugCheckCode = bugcheck_subject.bugcheck.code };
    for (unsigned i = 0; i < RANGE_LIMIT; i++) {
        pages.Flags = 0;
        pages.Address = pages.Count = 0;
        call_with(record, &pages, sizeof(pages));
        if (pages.Count != 0) {
            log_line("  %llu pages at %s %#llx", (unsigned long long)pages.Count,
                     pages.Flags & KB_ADD_PAGES_FLAG_PHYSICAL_ADDRESS ? "physical" : "virtual",
                     (unsigned long long)pages.Address);
        }
        if (!(pages.Flags & KB_ADD_PAGES_FLAG_ADDITIONAL_RANGES_EXIST)) {
            break;
        }
    }
}

static void call_for_output(KBUGCHECK_REASON_CALLBACK_RECORD *record)
{
    static KBUGCHECK_DUMP_IO io;

    io = (KBUGCHECK_DUMP_IO){
        .Offset = (ULONG64)-1,
        .Buffer = bugcheck_headline,
        .BufferLength = (ULONG)strlen(bugcheck_headline),
        .Type = KbDumpIoHeader,
    };
    call_with(record, &io, sizeof(io));
    io = (KBUGCHECK_DUMP_IO){ .Offset = (ULONG64)-1, .Type = KbDumpIoComplete };
    call_with(record, &io, sizeof(io));
}

static void call_for_reason(KBUGCHECK_REASON_CALLBACK_RECORD *record)
{
    if (record->Reason == KbCallbackSecondaryDumpData) {
        call_for_dump_data(record);
    } else if (record->Reason == KbCallbackAddPages) {
        call_for_pages(record);
    } else {
        call_for_output(record);
    }
}

bool callback_run_with_reason(unsigned part)
{
    LIST_ENTRY *entry = walk(&callbacks_with_reason, part);
    KBUGCHECK_REASON_CALLBACK_RECORD *record =
        CONTAINING_RECORD(entry, KBUGCHECK_REASON_CALLBACK_RECORD, Entry);

    if (entry == NULL) {
        return false;
    }
    if (begin_call(&record->State,
                   record->Checksum == callback_reason_checksum(record) &&
                       callback_is_reason(record->Reason),
                   (uintptr_t)record->CallbackRoutine, record->Component)) {
        call_for_reason(record);
        record->State = BufferFinished;
    }
    return true;
}
