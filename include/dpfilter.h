/* SPDX-License-Identifier: MIT */
/*
 * Component numbers and levels for DbgPrintEx.
 *
 * Source: Windows driver documentation, "Reading and Filtering Debugging Messages".
 */
#ifndef MUSTER_DPFILTER_H
#define MUSTER_DPFILTER_H

/* Levels 0 to 31 name a bit of the mask; a value with DPFLTR_MASK set is itself a mask. */
#define DPFLTR_ERROR_LEVEL   0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL   2
#define DPFLTR_INFO_LEVEL    3
#define DPFLTR_MASK          0x80000000

typedef enum _DPFLTR_TYPE {
    DPFLTR_SYSTEM_ID = 0,
    DPFLTR_ACPI_ID = 24,
    DPFLTR_VIDEO_ID = 27,
    DPFLTR_FLTMGR_ID = 47,
    DPFLTR_PCI_ID = 66,
    DPFLTR_PROCESSOR_ID = 73,
    DPFLTR_IHVDRIVER_ID = 77,
    DPFLTR_IHVVIDEO_ID = 78,
    DPFLTR_IHVAUDIO_ID = 79,
    DPFLTR_IHVNETWORK_ID = 80,
    DPFLTR_IHVSTREAMING_ID = 81,
    DPFLTR_IHVBUS_ID = 82,
    DPFLTR_VERIFIER_ID = 93,
    DPFLTR_DEFAULT_ID = 101,
    DPFLTR_MM_ID = 102,
    DPFLTR_WHEA_ID = 111
} DPFLTR_TYPE;

#endif /* MUSTER_DPFILTER_H */
