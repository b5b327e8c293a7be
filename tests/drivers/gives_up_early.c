/* SPDX-License-Identifier: MIT */
/*
 * A call with a deadline of a millisecond, at which a processor does not arrive, while the caller
 * itself is held up for longer. No processor was asked anything, and the verdict says so. The
 * system goes on.
 */
#define DRIVER_NAME "gives_up_early"
#define TIMEOUT_MS  1

#include "gives_up.h"
