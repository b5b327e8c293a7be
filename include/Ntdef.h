/* SPDX-License-Identifier: MIT */
#include "ntdef.h" /* the same header under the spelling that many drivers use */
