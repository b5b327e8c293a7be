# SPDX-License-Identifier: MIT
# gdb's side of `make debug`: the kernel's symbols are loaded from the command line, QEMU waits on
# localhost:1234 before its first instruction.

set pagination off
set confirm off
set tcp connect-timeout 30
target remote localhost:1234

python
import gdb


class Processors(gdb.Command):
    """List every processor: what it executes, its IRQL and its part in a call.

usage: processors

QEMU shows each processor as a thread. The columns: gdb's thread (* the current one), the
processor's index and hardware id ("-" until the kernel has counted it), IRQL (CR8), IF, the phase
of its part in the current call, RIP and the function. `thread N` goes to a processor, `bt` shows
how it came there, `thread apply all bt` does so for all."""

    def __init__(self):
        super().__init__("processors", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        if argument:
            raise gdb.GdbError("usage: processors")
        current = gdb.selected_thread()
        if current is None:
            raise gdb.GdbError("there is no machine")
        print("  thread index id     IRQL IF phase        RIP                function")
        try:
            for thread in sorted(gdb.selected_inferior().threads(), key=lambda t: t.num):
                thread.switch()
                print(("* " if thread.num == current.num else "  ") + describe(thread))
        finally:
            current.switch()


def describe(thread):
    frame = gdb.newest_frame()
    rip = number("$pc")
    index, hardware_id, phase = seat()
    return "%-6d %-5s %-6s %-4d %-2d %-12s 0x%016x %s" % (
        thread.num, index, hardware_id, number("$cr8"), number("(unsigned)$eflags") >> 9 & 1,
        phase, rip, frame.name() or "")


def number(expression):
    return int(gdb.parse_and_eval(expression)) & 0xFFFFFFFFFFFFFFFF


# The kernel's structure of the current thread's processor is found through GS.
def seat():
    try:
        if number("((struct percpu *)$gs_base)->self") != number("$gs_base"):
            return "-", "-", "-"
        processor = gdb.parse_and_eval("*((struct percpu *)$gs_base)->processor")
        index = int(processor["index"])
        if number("processors[%d]" % index) != int(processor.address):
            return "-", "-", "-"
        phase = gdb.parse_and_eval("(enum seat_phase)processors[%d]->seat.phase" % index)
        return index, number("ipi_apic_ids[%d]" % index), str(phase)
    except gdb.error:
        return "-", "-", "-"


Processors()
end

printf "\nQEMU waits before its first instruction. `tbreak kernel_main' and `continue' go to the\n"
printf "kernel; `processors' lists the processors; `help processors' explains its columns.\n\n"
