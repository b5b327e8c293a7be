/* SPDX-License-Identifier: MIT */
/*
 * A call with a deadline far shorter than the kernel's own, at which a processor does not arrive.
 * The caller rings it again and asks it for its state before it gives up, and the verdict reports
 * the answer. The system goes on.
 */
#define DRIVER_NAME "gives_up"
#define TIMEOUT_MS  2000

#include "gives_up.h"
