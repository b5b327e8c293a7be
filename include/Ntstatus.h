/* SPDX-License-Identifier: MIT */
#include "ntstatus.h" /* the same header under the spelling that many drivers use */
