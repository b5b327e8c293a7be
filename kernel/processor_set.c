/* SPDX-License-Identifier: MIT */
#include "kernel/processor_set.h"

unsigned processor_set_used_words = 1;
