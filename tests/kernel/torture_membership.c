/* Nobody goes or comes yet. */
#include "tests/kernel/torture.h"
bool torture_must_leave(struct torture_processor *self)
{
    (void)self;
    return false;
}
void torture_change(struct torture_lane *lane)
{
    (void)lane;
}
void torture_bring_back(struct torture_lane *lane)
{
    (void)lane;
}
