/* SPDX-License-Identifier: MIT */
#include "wdm.h" /* the same header under the spelling that many drivers use */
