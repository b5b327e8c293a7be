/* SPDX-License-Identifier: MIT */
/*
 * A call that is given a millisecond, where a processor does not come and the caller is itself held
 * up for longer: nobody was asked anything, and the verdict says so. The system goes on.
 */
#define DRIVER_NAME "gives_up_early"
#define TIMEOUT_MS  1

#include "gives_up.h"
