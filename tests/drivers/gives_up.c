/* SPDX-License-Identifier: MIT */
/*
 * A call with a deadline, far shorter than the kernel's own, to which a processor does not come: it
 * was rung again and asked before that, and the verdict says what it told. The system goes on.
 */
#define DRIVER_NAME "gives_up"
#define TIMEOUT_MS  2000

#include "gives_up.h"
