/* SPDX-License-Identifier: MIT */
#include "kernel/windows/driver.h"

#include <wdm.h>

#include "kernel/console/log.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/turn.h"
#include "kernel/silence/stats.h"

/* Made by the build from the DRIVER file: its name without the ending, and its DriverEntry. */
extern const char driver_name[];
extern NTSTATUS NTAPI driver_entry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

#define PATH_LIMIT 128 /* characters of the registry path */

/* The path of the driver's settings on Windows. Here drivers can only print or copy it. */
static void make_registry_path(UNICODE_STRING *path, WCHAR text[PATH_LIMIT])
{
    static const char prefix[] = "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\";
    unsigned length = 0;

    for (const char *from = prefix; *from != '\0'; from++) {
        text[length++] = (WCHAR)*from;
    }
    for (const char *from = driver_name; *from != '\0' && length < PATH_LIMIT - 1; from++) {
        text[length++] = (WCHAR)*from;
    }
    text[length] = 0;
    path->Buffer = text;
    path->Length = (USHORT)(length * sizeof(WCHAR));
    path->MaximumLength = (USHORT)(path->Length + sizeof(WCHAR));
}

/* A driver must restore the IRQL and the interrupt flag; the rest of the run depends on both. */
static bool check_state(const char *where)
{
    unsigned irql = arch_irql();
    bool enabled = arch_interrupts_enabled();

    irql_lower(IRQL_PASSIVE);
    arch_interrupts_enable();
    if (irql != IRQL_PASSIVE) {
        log_line("%s returned at IRQL %u, expected %u (PASSIVE_LEVEL)", where, irql, IRQL_PASSIVE);
    }
    if (!enabled) {
        log_line("%s returned with interrupts disabled", where);
    }
    return irql == IRQL_PASSIVE && enabled;
}

/* A call that is not over will still touch the driver's memory. */
static bool check_calls(void)
{
    bool over = turn_is_free();

    for (unsigned i = 0; i < processor_count; i++) {
        over &= atomic_load_explicit(&processors[i]->seat.phase, memory_order_relaxed) == SEAT_OUT;
    }
    if (!over) {
        log_line("the driver returned while a call of its own was not over");
    }
    return over;
}

static bool unload(DRIVER_OBJECT *object)
{
    if (object->DriverUnload == NULL) {
        return true;
    }
    object->DriverUnload(object);
    return check_state("DriverUnload");
}

bool driver_run(void)
{
    static DRIVER_OBJECT object;
    static WCHAR path_text[PATH_LIMIT];
    static UNICODE_STRING path;

    make_registry_path(&path, path_text);
    KeNumberProcessors = (CCHAR)KeQueryActiveProcessorCount(NULL);
    object.Size = sizeof(object);
    object.DriverInit = driver_entry;

    NTSTATUS status = driver_entry(&object, &path);
    bool ok = check_state("DriverEntry");
    if (NT_SUCCESS(status)) {
        ok &= unload(&object);
    }
    ok &= check_calls();
    log_finish_line();
    unsigned failed_calls = stats_print();
    log_line("driver name=%s status=0x%08x", driver_name, (unsigned)status);
    return ok && NT_SUCCESS(status) && failed_calls == 0;
}
