/* SPDX-License-Identifier: MIT */
#include "kernel/inject/rule.h"

#include "lib/string.h"

#define WORD_LIMIT   4
#define AMOUNT_LIMIT 600000000 /* ten minutes in microseconds */
#define WAKE_SUFFIX  "-wake"
#define ALL_KINDS    "drop|delay|duplicate|misdirect|wedge|fault|pause|storm:K:... (docs/faults.md)"
#define TOO_MANY     "no more than 8 rules"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(INJECT_RULE_LIMIT == 8, "the complaint says 8");

/* The text, split at its colons. */
struct words {
    char *word[WORD_LIMIT];
    unsigned count;
};

static const char *const place_names[] = {
    [HOOK_ENTRY] = "entry",         [HOOK_ARRIVAL] = "arrival",  [HOOK_WORKER] = "worker",
    [HOOK_FINISH] = "finish",       [HOOK_COLLECT] = "collect",  [INJECT_MASKED] = "masked",
    [INJECT_PRIORITY] = "priority", [INJECT_UNMASKABLE] = "nmi",
};

static const char *const fault_names[] = {
    [ARCH_FAULT_PAGE] = "page",     [ARCH_FAULT_PROTECTION] = "protection",
    [ARCH_FAULT_OPCODE] = "opcode", [ARCH_FAULT_DIVIDE] = "divide",
    [ARCH_FAULT_STACK] = "stack",   [ARCH_FAULT_DOUBLE] = "double",
    [ARCH_FAULT_NMI] = "nmi",
};

/* Returns false if there are too many words. */
static bool split(char *text, struct words *words)
{
    words->count = 0;
    for (char *rest = text; rest != NULL;) {
        char *colon = strchr(rest, ':');
        if (words->count == WORD_LIMIT) {
            return false;
        }
        words->word[words->count++] = rest;
        if (colon != NULL) {
            *colon++ = '\0';
        }
        rest = colon;
    }
    return true;
}

/* Cuts `word` at `separator`. Returns the part after it, or NULL if there is no separator. */
static char *cut(char *word, char separator)
{
    char *at = strchr(word, separator);

    if (at == NULL) {
        return NULL;
    }
    *at = '\0';
    return at + 1;
}

static bool read_number(const char *word, uint32_t least, uint32_t most, uint32_t *number)
{
    uint64_t value;

    if (string_to_u64(word, &value) < 0 || value < least || value > most) {
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

static bool read_range(char *word, struct inject_rule *rule)
{
    if (strcmp(word, "*") == 0) {
        rule->first = 1;
        rule->last = UINT32_MAX;
        return true;
    }
    char *end = cut(word, '-');
    return read_number(word, 1, UINT32_MAX, &rule->first) &&
           read_number(end != NULL ? end : word, rule->first, UINT32_MAX, &rule->last);
}

/* The index of `word` among `names`, or `count`. */
static unsigned find(const char *word, const char *const *names, unsigned count)
{
    unsigned i = 0;

    while (i < count && strcmp(word, names[i]) != 0) {
        i++;
    }
    return i;
}

/* Reads a name, optionally with @N; without it, the rule is for the first time. */
static bool read_named(char *word, const char *const *names, unsigned count, unsigned *index,
                       struct inject_rule *rule)
{
    char *range = cut(word, '@');

    rule->first = rule->last = 1;
    *index = find(word, names, count);
    return *index < count && (range == NULL || read_range(range, rule));
}

static bool read_place(char *word, unsigned count, struct inject_rule *rule)
{
    bool timed = strchr(word, '@') != NULL;
    unsigned index;

    if (!read_named(word, place_names, count, &index, rule)) {
        return false;
    }
    rule->place = index;
    return index <= HOOK_COLLECT || !timed; /* anything not at a point of a call happens at once */
}

static bool read_fault(char *word, struct inject_rule *rule)
{
    unsigned index;
    bool good = read_named(word, fault_names, COUNT(fault_names), &index, rule);

    rule->fault = (enum arch_fault)index;
    rule->place = HOOK_WORKER;
    return good;
}

/* ---- the kinds, each with what follows K ---- */

static bool read_drop(const struct words *words, struct inject_rule *rule)
{
    return words->count == 3 && read_range(words->word[2], rule);
}

static bool read_late(const struct words *words, struct inject_rule *rule)
{
    return words->count == 4 && read_range(words->word[2], rule) &&
           read_number(words->word[3], 0, AMOUNT_LIMIT, &rule->amount);
}

static bool read_misdirect(const struct words *words, struct inject_rule *rule)
{
    return words->count == 4 && read_range(words->word[2], rule) &&
           read_number(words->word[3], 0, PROCESSOR_LIMIT - 1, &rule->other);
}

static bool read_wedge(const struct words *words, struct inject_rule *rule)
{
    return words->count >= 3 && read_place(words->word[2], COUNT(place_names), rule) &&
           rule->place != HOOK_COLLECT &&
           (words->count == 3 || read_number(words->word[3], 1, AMOUNT_LIMIT, &rule->amount));
}

static bool read_injected_fault(const struct words *words, struct inject_rule *rule)
{
    return words->count == 3 && read_fault(words->word[2], rule);
}

static bool read_pause(const struct words *words, struct inject_rule *rule)
{
    return words->count == 4 && read_place(words->word[2], HOOK_COLLECT + 1, rule) &&
           read_number(words->word[3], 1, AMOUNT_LIMIT, &rule->amount);
}

static bool read_storm(const struct words *words, struct inject_rule *rule)
{
    return words->count == 3 && read_number(words->word[2], 1, AMOUNT_LIMIT, &rule->amount);
}

static const struct kind {
    const char *name;
    const char *form;
    bool (*read)(const struct words *words, struct inject_rule *rule);
} kinds[] = {
    [INJECT_DROP] = { "drop", "drop[-wake]:K:N", read_drop },
    [INJECT_DELAY] = { "delay", "delay[-wake]:K:N:US", read_late },
    [INJECT_DUPLICATE] = { "duplicate", "duplicate[-wake]:K:N:US", read_late },
    [INJECT_MISDIRECT] = { "misdirect", "misdirect[-wake]:K:N:M", read_misdirect },
    [INJECT_WEDGE] = { "wedge", "wedge:K:masked|priority|nmi|entry|arrival|worker|finish[@N][:MS]",
                       read_wedge },
    [INJECT_FAULT] = { "fault", "fault:K:page|protection|opcode|divide|stack|double|nmi[@N]",
                       read_injected_fault },
    [INJECT_PAUSE] = { "pause", "pause:K:entry|arrival|worker|finish|collect[@N]:US", read_pause },
    [INJECT_STORM] = { "storm", "storm:K:COUNT", read_storm },
};

/* Removes "-wake" from the end of a kind's name. Returns whether it was there. */
static bool strip_wake(char *name)
{
    size_t length = strlen(name), suffix = sizeof(WAKE_SUFFIX) - 1;

    if (length < suffix || strcmp(name + length - suffix, WAKE_SUFFIX) != 0) {
        return false;
    }
    name[length - suffix] = '\0';
    return true;
}

/* The kind called `name`, or the number of kinds if there is none. */
static unsigned find_kind(char *name, bool *wake)
{
    unsigned kind = 0;

    *wake = strip_wake(name);
    while (kind < COUNT(kinds) && strcmp(name, kinds[kind].name) != 0) {
        kind++;
    }
    return *wake && kind > INJECT_MISDIRECT ? COUNT(kinds) : kind;
}

int inject_parse(const char *text, struct inject_rule *rule)
{
    char copy[INJECT_TEXT_SIZE];
    size_t length = strlen(text);
    struct words words;

    if (length >= sizeof(copy)) {
        return -1;
    }
    *rule = (struct inject_rule){ 0 };
    memcpy(copy, text, length + 1);
    memcpy(rule->text, text, length + 1);
    if (!split(copy, &words) || words.count < 2) {
        return -1;
    }
    unsigned kind = find_kind(words.word[0], &rule->wake);
    if (kind == COUNT(kinds) ||
        !read_number(words.word[1], 0, PROCESSOR_LIMIT - 1, &rule->processor)) {
        return -1;
    }
    rule->kind = (enum inject_kind)kind;
    return kinds[kind].read(&words, rule) ? 0 : -1;
}

const char *inject_expected(const char *text)
{
    char name[INJECT_TEXT_SIZE] = { 0 };
    struct inject_rule rule;
    const char *colon = strchr(text, ':');
    size_t length = colon != NULL ? (size_t)(colon - text) : strlen(text);
    bool wake;

    if (inject_parse(text, &rule) == 0) {
        return TOO_MANY;
    }
    memcpy(name, text, length < sizeof(name) ? length : sizeof(name) - 1);
    unsigned kind = find_kind(name, &wake);
    return kind < COUNT(kinds) ? kinds[kind].form : ALL_KINDS;
}
