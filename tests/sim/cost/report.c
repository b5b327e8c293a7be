/* SPDX-License-Identifier: MIT */
#include "tests/sim/cost/report.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/cost/simulate.h"
#include "tests/sim/cost/symbols.h"
#include "tests/sim/sim.h"

#define LABEL_SIZE 96

/* ---- figures ---- */

void report_heading(void)
{
    printf(
        "One call of KeIpiGenericCall in virtual ns, the %uth in a row: the others run and are "
        "interrupted,\nthe worker does nothing. On the critical path: transfers, lines that went "
        "from one processor\nto another; queued, readers that were served before. Floor: what "
        "physics allows, estimated.\n\n"
        "machine    processors    call | publish  ICR deliver  arrive release worker    done"
        "  return | transfers queued | floor\n",
        SIMULATE_CALL);
}

void report_row(const struct machine *machine, const struct path_summary *summary)
{
    const uint64_t *ns = summary->phase_ns;

    printf("%-10s %10u %7lu | %7lu %4lu %7lu %7lu %7lu %6lu %7lu %7lu | %9u %6u |", machine->name,
           machine->processors, summary->call_ns, ns[PHASE_PUBLISH], ns[PHASE_ICR],
           ns[PHASE_DELIVERY], ns[PHASE_ARRIVE], ns[PHASE_RELEASE], ns[PHASE_WORKER],
           ns[PHASE_DONE], ns[PHASE_RETURN], summary->transfers, summary->queued);
    if (machine->floor_ns != 0) {
        uint64_t tenths = (summary->call_ns * 10 + machine->floor_ns / 2) / machine->floor_ns;
        printf(" %5u (%lu.%lu x)\n", machine->floor_ns, tenths / 10, tenths % 10);
    } else {
        printf("     -\n");
    }
    fflush(stdout);
}

void report_line(char line[REPORT_LINE_SIZE], const struct machine *machine,
                 const struct path_summary *summary)
{
    int used = snprintf(line, REPORT_LINE_SIZE, "cost machine=%s processors=%u call_ns=%lu",
                        machine->name, machine->processors, summary->call_ns);
    for (unsigned i = 0; i < PATH_PHASES; i++) {
        used += snprintf(line + used, REPORT_LINE_SIZE - (size_t)used, " %s_ns=%lu",
                         path_phase_name(i), summary->phase_ns[i]);
    }
    snprintf(line + used, REPORT_LINE_SIZE - (size_t)used, " transfers=%u queued=%u",
             summary->transfers, summary->queued);
}

/* ---- the path ---- */

/* The part of a processor's structure that contains an offset. */
static const char *part_of_processor(uintptr_t offset)
{
    if (offset >= offsetof(struct processor, trace)) {
        return "trace";
    }
    return offset >= offsetof(struct processor, seat) ? "seat" : "index";
}

/* A name for a line: the variable, or the part of a processor's structure. */
static void name_line(char label[LABEL_SIZE], uintptr_t address)
{
    uintptr_t first = (uintptr_t)sim_cpus[0].processor, offset;
    unsigned processor = (unsigned)((address - first) / sizeof(struct processor));

    if (address >= first && processor < sim_count) {
        snprintf(label, LABEL_SIZE, "%s of processor %u",
                 part_of_processor((address - first) % sizeof(struct processor)), processor);
        return;
    }
    const char *name = symbols_name(address, &offset);
    if (name != NULL) {
        snprintf(label, LABEL_SIZE, "%s+%lu", name, offset);
    } else {
        snprintf(label, LABEL_SIZE, "0x%lx", address);
    }
}

static const char *function_name(const struct event *event)
{
    uintptr_t offset;
    const char *name = symbols_name(event->function, &offset);
    return name != NULL ? name : "";
}

static void describe(char text[LABEL_SIZE * 2], const struct path_step *step)
{
    const struct event *event = path_event(step->event);
    char line[LABEL_SIZE];

    switch (event->kind) {
    case EVENT_LOAD:
        name_line(line, event->address);
        snprintf(text, LABEL_SIZE * 2,
                 path_step_is_queued(step) ? "is served first: %s from %u" : "loads %s from %u",
                 line, event->peer);
        break;
    case EVENT_STORE:
    case EVENT_RMW:
        name_line(line, event->address);
        snprintf(text, LABEL_SIZE * 2, "%s %s", event->kind == EVENT_STORE ? "stores to" : "takes",
                 line);
        break;
    case EVENT_MACHINE:
        snprintf(text, LABEL_SIZE * 2, "%s", event->name);
        break;
    case EVENT_MARK:
        snprintf(text, LABEL_SIZE * 2, "%s",
                 event->mark == PHASE_WORKER ? "enters the worker" : "leaves the worker");
        break;
    default:
        snprintf(text, LABEL_SIZE * 2, "%s",
                 event->kind == EVENT_ICR   ? "writes the ICR"
                 : event->kind == EVENT_IPI ? "its interrupt is on the way"
                                            : "runs");
    }
}

/* Steps of the same kind are shown as one: instructions, and loads by the same function. */
static bool repeats(const struct path_step *step, const struct path_step *next)
{
    const struct event *first = path_event(step->event), *second = path_event(next->event);
    bool same_loads = first->kind == EVENT_LOAD && first->function == second->function &&
                      path_step_is_queued(step) == path_step_is_queued(next);
    return first->kind == second->kind && step->phase == next->phase &&
           (same_loads || (first->kind == EVENT_RUN && first->processor == second->processor));
}

/* Steps that take no time are left out, except those that show a change of a line. */
static bool is_shown(const struct path_step *step)
{
    const struct event *event = path_event(step->event);
    return step->to_ns > step->from_ns || event->kind == EVENT_STORE || event->kind == EVENT_MARK ||
           event->kind == EVENT_RMW;
}

static void print_step(const struct path_step *step, uint64_t begin_ns, uint64_t ns, unsigned times)
{
    const struct event *event = path_event(step->event);
    char text[LABEL_SIZE * 2], count[32] = "";

    describe(text, step);
    if (times > 1 && event->kind == EVENT_RUN) {
        snprintf(count, sizeof(count), ", and what follows");
    } else if (times > 1) {
        snprintf(count, sizeof(count), " (%u times)", times);
    }
    printf("%8lu %7lu  %-8s %9u  %-20s  %s%s\n", step->from_ns - begin_ns, ns,
           path_phase_name(step->phase), event->processor, function_name(event), text, count);
}

void report_path(const struct machine *machine)
{
    const uint64_t begin_ns = path_step(0)->from_ns;
    const struct path_step *step, *next;

    printf("\n%s, %u processors: the critical path\n"
           "      at      ns  phase    processor  function              what\n",
           machine->title, machine->processors);
    for (uint32_t i = 0; (step = path_step(i)) != NULL; i++) {
        uint64_t ns = step->to_ns - step->from_ns;
        unsigned times = 1;
        while ((next = path_step(i + 1)) != NULL && repeats(step, next)) {
            ns += next->to_ns - next->from_ns;
            times++;
            i++;
        }
        if (is_shown(step)) {
            print_step(step, begin_ns, ns, times);
        }
    }
    printf("\n");
}
