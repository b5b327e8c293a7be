/* SPDX-License-Identifier: MIT */
#include "intrin.h" /* the same header under the spelling that many drivers use */
