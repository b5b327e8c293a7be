#include "kernel/inject.h"

const struct inject_hooks *inject_hooks;
