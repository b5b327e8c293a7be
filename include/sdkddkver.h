/* SPDX-License-Identifier: MIT */
/*
 * Windows versions, as drivers test them: #if (NTDDI_VERSION >= NTDDI_WIN8). Muster calls itself
 * Windows 10, unless the driver chooses another version.
 */
#ifndef MUSTER_SDKDDKVER_H
#define MUSTER_SDKDDKVER_H

#define NTDDI_WINXP    0x05010000
#define NTDDI_WS03     0x05020000
#define NTDDI_VISTA    0x06000000
#define NTDDI_LONGHORN NTDDI_VISTA
#define NTDDI_WS08     0x06000100
#define NTDDI_WIN7     0x06010000
#define NTDDI_WIN8     0x06020000
#define NTDDI_WINBLUE  0x06030000
#define NTDDI_WIN10    0x0A000000

#define _WIN32_WINNT_WINXP   0x0501
#define _WIN32_WINNT_WS03    0x0502
#define _WIN32_WINNT_VISTA   0x0600
#define _WIN32_WINNT_WIN7    0x0601
#define _WIN32_WINNT_WIN8    0x0602
#define _WIN32_WINNT_WINBLUE 0x0603
#define _WIN32_WINNT_WIN10   0x0A00

#ifndef NTDDI_VERSION
#define NTDDI_VERSION NTDDI_WIN10
#endif
#ifndef _WIN32_WINNT
#define _WIN32_WINNT _WIN32_WINNT_WIN10
#endif

#endif /* MUSTER_SDKDDKVER_H */
