/* SPDX-License-Identifier: MIT */
#include "kernel/rendezvous/hooks.h"

const struct hooks *hooks;
