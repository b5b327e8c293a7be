/* SPDX-License-Identifier: MIT */
#include "ntddk.h" /* the same header under the spelling that many drivers use */
