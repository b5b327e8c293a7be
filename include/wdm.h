/* SPDX-License-Identifier: MIT */
/*
 * The kernel routines of the Windows driver model that Muster has, with their IRQL rules. This file
 * has the levels, the roles of a driver's routines, and the interprocessor call; the files in wdm/
 * have the rest, by subject.
 *
 * A driver includes this header as wdm.h, or through ntddk.h or ntifs.h. The kernel's own files
 * that define these routines include it too, so the compiler compares definition and prototype.
 *
 * Every routine is declared once, annotated with the IRQL range in which it may be called:
 *     _IRQL_requires_(L)       exactly L
 *     _IRQL_requires_min_(L)   L or above; PASSIVE_LEVEL if absent
 *     _IRQL_requires_max_(L)   L or below; HIGH_LEVEL stands for "any IRQL"
 * The annotation is the declaration; the IRQL line of the comment above it says the same in words,
 * and a test compares the two. A worker of KeIpiGenericCall runs at IPI_LEVEL. It may call routines
 * whose maximum is IPI_LEVEL or HIGH_LEVEL, except those that take a lock.
 *
 * Static analysis of drivers expects three things of a file with this name: IRQL macros that are
 * plain integers, role types with _Function_class_, and annotations from sal.h and driverspecs.h.
 *
 * Source of each routine: its reference page in the Windows driver documentation (wdm.h, ntddk.h).
 */
#ifndef MUSTER_WDM_H
#define MUSTER_WDM_H

#include "bugcodes.h"
#include "dpfilter.h"
#include "excpt.h"
#include "intrin.h"
#include "ntdef.h"
#include "ntstatus.h"

/* ---- Interrupt request levels (x64): the value of CR8 ---- */
#define PASSIVE_LEVEL  0
#define LOW_LEVEL      0
#define APC_LEVEL      1
#define DISPATCH_LEVEL 2
#define CMCI_LEVEL     5
#define SYNCH_LEVEL    12
#define CLOCK_LEVEL    13
#define IPI_LEVEL      14
#define DRS_LEVEL      14
#define POWER_LEVEL    14
#define PROFILE_LEVEL  15
#define HIGH_LEVEL     15

#define PAGE_SIZE            0x1000
#define PAGE_SHIFT           12
#define PAGE_ALIGN(address)  ((PVOID)((ULONG_PTR)(address) & ~(ULONG_PTR)(PAGE_SIZE - 1)))
#define BYTE_OFFSET(address) ((ULONG)((ULONG_PTR)(address) & (PAGE_SIZE - 1)))
#define ROUND_TO_PAGES(size) (((ULONG_PTR)(size) + PAGE_SIZE - 1) & ~(ULONG_PTR)(PAGE_SIZE - 1))
#define BYTES_TO_PAGES(size) (ROUND_TO_PAGES(size) >> PAGE_SHIFT)
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(address, size) \
    ((ULONG)BYTES_TO_PAGES(BYTE_OFFSET(address) + (SIZE_T)(size)))

/* ---- The driver object, and the roles that a driver's own routines play ---- */

/* There is no I/O system: the types of devices and requests are incomplete. */
typedef struct _DEVICE_OBJECT DEVICE_OBJECT, *PDEVICE_OBJECT;
typedef struct _IRP IRP, *PIRP;
typedef struct _DRIVER_EXTENSION DRIVER_EXTENSION, *PDRIVER_EXTENSION;
struct _FAST_IO_DISPATCH;
struct _DRIVER_OBJECT;

/**
 * DRIVER_INITIALIZE - A driver's entry point, which must be called DriverEntry.
 * @DriverObject: the driver's own object; its DriverUnload, if set, is called at the end.
 * @RegistryPath: name of the driver's parameters key; there is no registry here.
 *
 * IRQL: PASSIVE_LEVEL.
 * Returns: STATUS_SUCCESS; after an error status the driver is reported as failed.
 * Source: DRIVER_INITIALIZE callback function.
 */
_Function_class_(DRIVER_INITIALIZE)
_IRQL_requires_(PASSIVE_LEVEL)
_IRQL_requires_same_
typedef NTSTATUS(NTAPI DRIVER_INITIALIZE)(_In_ struct _DRIVER_OBJECT *DriverObject,
                                          _In_ PUNICODE_STRING RegistryPath);
typedef DRIVER_INITIALIZE *PDRIVER_INITIALIZE;

/**
 * DRIVER_UNLOAD - Called before the driver is removed; frees what DriverEntry allocated.
 * @DriverObject: the driver's own object.
 *
 * IRQL: PASSIVE_LEVEL.
 * Source: DRIVER_UNLOAD callback function.
 */
_Function_class_(DRIVER_UNLOAD)
_IRQL_requires_(PASSIVE_LEVEL)
_IRQL_requires_same_
typedef VOID(NTAPI DRIVER_UNLOAD)(_In_ struct _DRIVER_OBJECT *DriverObject);
typedef DRIVER_UNLOAD *PDRIVER_UNLOAD;

/* Roles of the I/O system: such routines can be declared and stored, but are never called. */
_Function_class_(DRIVER_STARTIO)
_IRQL_requires_(DISPATCH_LEVEL)
_IRQL_requires_same_
typedef VOID(NTAPI DRIVER_STARTIO)(_Inout_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp);
typedef DRIVER_STARTIO *PDRIVER_STARTIO;

_Function_class_(DRIVER_DISPATCH)
_IRQL_requires_max_(DISPATCH_LEVEL)
_IRQL_requires_same_
typedef NTSTATUS(NTAPI DRIVER_DISPATCH)(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp);
typedef DRIVER_DISPATCH *PDRIVER_DISPATCH;

#define IRP_MJ_CREATE                  0x00
#define IRP_MJ_CLOSE                   0x02
#define IRP_MJ_READ                    0x03
#define IRP_MJ_WRITE                   0x04
#define IRP_MJ_DEVICE_CONTROL          0x0e
#define IRP_MJ_INTERNAL_DEVICE_CONTROL 0x0f
#define IRP_MJ_SHUTDOWN                0x10
#define IRP_MJ_CLEANUP                 0x12
#define IRP_MJ_POWER                   0x16
#define IRP_MJ_SYSTEM_CONTROL          0x17
#define IRP_MJ_PNP                     0x1b
#define IRP_MJ_MAXIMUM_FUNCTION        0x1b

typedef struct _DRIVER_OBJECT {
    CSHORT Type;
    CSHORT Size;
    PDEVICE_OBJECT DeviceObject;
    ULONG Flags;
    PVOID DriverStart;
    ULONG DriverSize;
    PVOID DriverSection;
    PDRIVER_EXTENSION DriverExtension;
    UNICODE_STRING DriverName;
    PUNICODE_STRING HardwareDatabase;
    struct _FAST_IO_DISPATCH *FastIoDispatch;
    PDRIVER_INITIALIZE DriverInit;
    PDRIVER_STARTIO DriverStartIo;
    PDRIVER_UNLOAD DriverUnload;
    PDRIVER_DISPATCH MajorFunction[IRP_MJ_MAXIMUM_FUNCTION + 1];
} DRIVER_OBJECT, *PDRIVER_OBJECT;

/* ---- The interprocessor interrupt call ---- */

/**
 * KIPI_BROADCAST_WORKER - A routine that runs on every processor at the same time.
 * @Argument: the Context of the call, the same on every processor.
 *
 * The rules of a bug check callback apply to it: no allocation, no pageable memory, no
 * synchronization mechanism, no routine that must run at DISPATCH_LEVEL or below. It may access
 * ports, registers and its own memory, and use intrinsics and interlocked operations. It must
 * return at IPI_LEVEL.
 *
 * IRQL: called at IPI_LEVEL.
 * Returns: any value; the one on the caller's processor becomes the value of the call.
 * Source: KIPI_BROADCAST_WORKER callback function; "Writing a Bug Check Callback Routine".
 */
_Function_class_(KIPI_BROADCAST_WORKER)
_IRQL_requires_(IPI_LEVEL)
_IRQL_requires_same_
typedef ULONG_PTR(NTAPI KIPI_BROADCAST_WORKER)(_In_ ULONG_PTR Argument);
typedef KIPI_BROADCAST_WORKER *PKIPI_BROADCAST_WORKER;

/**
 * KeIpiGenericCall - Run a routine on all processors at the same time, at IPI_LEVEL.
 * @BroadcastFunction: the routine. No processor starts it before all are at IPI_LEVEL.
 * @Context: passed to the routine unchanged.
 *
 * All processors of all groups take part, including the caller's. The call returns when the routine
 * has returned on every one of them; memory that Context points to may then go away.
 *
 * IRQL: < IPI_LEVEL; at or above it, or inside a worker, bug check 0x0A.
 * Returns: what the routine returned on the caller's processor.
 * Source: KeIpiGenericCall function; docs/contract.md, clauses K1 to K7.
 */
_IRQL_requires_max_(IPI_LEVEL - 1)
NTKERNELAPI ULONG_PTR NTAPI KeIpiGenericCall(_In_ PKIPI_BROADCAST_WORKER BroadcastFunction,
                                             _In_ ULONG_PTR Context);

/* ---- IRQL ---- */

/**
 * KeGetCurrentIrql - The IRQL of the current processor.
 *
 * IRQL: any.
 * Returns: the IRQL, 0 to 15; always the value of CR8.
 * Source: KeGetCurrentIrql function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI KIRQL NTAPI KeGetCurrentIrql(VOID);

/**
 * KfRaiseIrql - Raise the IRQL; drivers call it as KeRaiseIrql(NewIrql, OldIrql).
 * @NewIrql: the new level, not below the current one: else bug check 0x09.
 *
 * IRQL: any.
 * Returns: the level before.
 * Source: KeRaiseIrql macro.
 */
_IRQL_requires_max_(HIGH_LEVEL)
_IRQL_raises_(NewIrql)
_IRQL_saves_
NTKERNELAPI KIRQL NTAPI KfRaiseIrql(_In_ KIRQL NewIrql);
#define KeRaiseIrql(NewIrql, OldIrql) (*(OldIrql) = KfRaiseIrql(NewIrql))

/**
 * KeLowerIrql - Return to the IRQL from before a raise.
 * @NewIrql: the level that the raise returned, not above the current one: else bug check 0x0A.
 *
 * IRQL: any.
 * Source: KeLowerIrql function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI VOID NTAPI KeLowerIrql(_In_ _IRQL_restores_ KIRQL NewIrql);

/**
 * KeRaiseIrqlToDpcLevel - Raise the IRQL to DISPATCH_LEVEL.
 *
 * IRQL: <= DISPATCH_LEVEL; from above it bug check 0x09.
 * Returns: the level before.
 * Source: KeRaiseIrqlToDpcLevel function.
 */
_IRQL_requires_max_(DISPATCH_LEVEL)
_IRQL_raises_(DISPATCH_LEVEL)
_IRQL_saves_
NTKERNELAPI KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID);

/**
 * KeRaiseIrqlToSynchLevel - Raise the IRQL to SYNCH_LEVEL, two below IPI_LEVEL.
 *
 * IRQL: <= SYNCH_LEVEL; from above it bug check 0x09.
 * Returns: the level before.
 * Source: mingw-w64 ddk/wdm.h, AMD64 part.
 */
_IRQL_requires_max_(SYNCH_LEVEL)
_IRQL_raises_(SYNCH_LEVEL)
_IRQL_saves_
NTKERNELAPI KIRQL NTAPI KeRaiseIrqlToSynchLevel(VOID);

/* ---- Time ---- */

/**
 * KeStallExecutionProcessor - Wait in a loop. Drivers should stay under 50 microseconds.
 * @MicroSeconds: the minimum time to wait.
 *
 * IRQL: any.
 * Source: KeStallExecutionProcessor function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTHALAPI VOID NTAPI KeStallExecutionProcessor(_In_ ULONG MicroSeconds);

/**
 * KeQueryPerformanceCounter - A counter that never goes back, the same on every processor.
 * @PerformanceFrequency: receives counts per second, which never change; may be NULL.
 *
 * IRQL: any.
 * Returns: the count.
 * Source: KeQueryPerformanceCounter function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTHALAPI LARGE_INTEGER NTAPI
KeQueryPerformanceCounter(_Out_opt_ PLARGE_INTEGER PerformanceFrequency);

/* ---- The other routines, and macros and inline functions, which need no kernel ---- */
#include "wdm/bugcheck.h"
#include "wdm/debug.h"
#include "wdm/hardware.h"
#include "wdm/interlocked.h"
#include "wdm/list.h"
#include "wdm/memory.h"
#include "wdm/processor.h"
#include "wdm/spinlock.h"

#endif /* MUSTER_WDM_H */
