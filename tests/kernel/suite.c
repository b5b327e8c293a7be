#include "tests/kernel/suite.h"

#include "kernel/log.h"
#include "lib/string.h"

static const struct suite_case none[] = {{"x", 0}};
void suite_fail(const char *file, int line, const char *condition)
{
    log_line("# %s:%d: %s", file, line, condition);
}
void suite_skip(const char *reason) { log_line("# %s", reason); }
bool suite_run(const char *name) { log_line("%s %s", name, none[0].name); return true; }
