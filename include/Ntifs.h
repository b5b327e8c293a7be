/* SPDX-License-Identifier: MIT */
#include "ntifs.h" /* the same header under the spelling that many drivers use */
