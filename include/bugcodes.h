/* SPDX-License-Identifier: MIT */
/*
 * The bug check codes that this kernel raises, and those that drivers commonly raise.
 *
 * Source: Windows debugger documentation, "Bug Check Code Reference".
 */
#ifndef MUSTER_BUGCODES_H
#define MUSTER_BUGCODES_H

#include "ntdef.h"

#define IRQL_NOT_DISPATCH_LEVEL                    ((ULONG)0x00000008)
#define IRQL_NOT_GREATER_OR_EQUAL                  ((ULONG)0x00000009)
#define IRQL_NOT_LESS_OR_EQUAL                     ((ULONG)0x0000000A)
#define SPIN_LOCK_ALREADY_OWNED                    ((ULONG)0x0000000F)
#define SPIN_LOCK_NOT_OWNED                        ((ULONG)0x00000010)
#define TRAP_CAUSE_UNKNOWN                         ((ULONG)0x00000012)
#define BAD_POOL_HEADER                            ((ULONG)0x00000019)
#define MEMORY_MANAGEMENT                          ((ULONG)0x0000001A)
#define KMODE_EXCEPTION_NOT_HANDLED                ((ULONG)0x0000001E)
#define MULTIPROCESSOR_CONFIGURATION_NOT_SUPPORTED ((ULONG)0x0000003E)
#define PAGE_FAULT_IN_NONPAGED_AREA                ((ULONG)0x00000050)
#define HAL_INITIALIZATION_FAILED                  ((ULONG)0x0000005C)
#define UNEXPECTED_KERNEL_MODE_TRAP                ((ULONG)0x0000007F)
#define NMI_HARDWARE_FAILURE                       ((ULONG)0x00000080)
#define MACHINE_CHECK_EXCEPTION                    ((ULONG)0x0000009C)
#define ATTEMPTED_WRITE_TO_READONLY_MEMORY         ((ULONG)0x000000BE)
#define BAD_POOL_CALLER                            ((ULONG)0x000000C2)
#define DRIVER_VERIFIER_DETECTED_VIOLATION         ((ULONG)0x000000C4)
#define IRQL_UNEXPECTED_VALUE                      ((ULONG)0x000000C8)
#define DRIVER_IRQL_NOT_LESS_OR_EQUAL              ((ULONG)0x000000D1)
#define MANUALLY_INITIATED_CRASH                   ((ULONG)0x000000E2)
#define ATTEMPTED_EXECUTE_OF_NOEXECUTE_MEMORY      ((ULONG)0x000000FC)
#define CLOCK_WATCHDOG_TIMEOUT                     ((ULONG)0x00000101)
#define DPC_WATCHDOG_VIOLATION                     ((ULONG)0x00000133)
#define KERNEL_SECURITY_CHECK_FAILURE              ((ULONG)0x00000139)

#endif /* MUSTER_BUGCODES_H */
