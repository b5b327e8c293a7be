/* SPDX-License-Identifier: MIT */
#include "kernel/console/cmdline.h"

#include "lib/nearest.h"
#include "lib/printf.h"
#include "lib/string.h"

enum {
    CMDLINE_MAX_PROCESSORS = 1024,
    CMDLINE_TIMEOUT_MIN_MS = 100,
    CMDLINE_TIMEOUT_MAX_MS = 600000,
    CMDLINE_MAX_TRACED = 64,
    CMDLINE_MESSAGE_SIZE = 192,
    CMDLINE_WORD_SIZE = 64, /* an option with its value; no valid one is longer */
};

static int cmdline_store_test(struct cmdline *cmdline, const char *text, uint64_t number)
{
    size_t length = strlen(text);

    (void)number;
    if (length == 0 || length >= sizeof(cmdline->test)) {
        return -1;
    }
    memcpy(cmdline->test, text, length + 1);
    return 0;
}

static int cmdline_store_maxcpus(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)text;
    cmdline->max_processors = (unsigned)number;
    return 0;
}

static int cmdline_store_nosmp(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)text;
    (void)number;
    cmdline->no_smp = true;
    return 0;
}

static int cmdline_store_timeout(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)text;
    cmdline->timeout_ms = (uint32_t)number;
    return 0;
}

static int cmdline_store_bugcheck(struct cmdline *cmdline, const char *text, uint64_t number)
{
    static const enum arch_end ends[] = { ARCH_END_HALT, ARCH_END_RESET, ARCH_END_EXIT };

    (void)text;
    cmdline->end = ends[number];
    return 0;
}

static int cmdline_store_ipi(struct cmdline *cmdline, const char *text, uint64_t number)
{
    static const enum arch_broadcast broadcasts[] = {
        ARCH_BROADCAST_AUTO,
        ARCH_BROADCAST_SHORTHAND,
        ARCH_BROADCAST_CLUSTER,
        ARCH_BROADCAST_UNICAST,
    };

    (void)text;
    cmdline->broadcast = broadcasts[number];
    return 0;
}

static int cmdline_store_wait(struct cmdline *cmdline, const char *text, uint64_t number)
{
    static const enum wait_policy policies[] = { WAIT_AUTO, WAIT_SPIN, WAIT_HALT };

    (void)text;
    cmdline->wait = policies[number];
    return 0;
}

static int cmdline_store_trace(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)text;
    cmdline->trace_calls = (unsigned)number;
    return 0;
}

static int cmdline_store_phantom(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)text;
    if (cmdline->phantom_count == CMDLINE_MAX_PHANTOMS) {
        return -1;
    }
    cmdline->phantom_hardware_ids[cmdline->phantom_count++] = (uint32_t)number;
    return 0;
}

const struct cmdline_option cmdline_options[] = {
    {
        .name = "test",
        .text = "a name of 1..31 characters",
        .help = "run this test at boot and end with its verdict",
        .essential = true,
        .store = cmdline_store_test,
    },
    {
        .name = "maxcpus",
        .minimum = 1,
        .maximum = CMDLINE_MAX_PROCESSORS,
        .help = "start no more processors than this, the first one included",
        .store = cmdline_store_maxcpus,
    },
    {
        .name = "nosmp",
        .help = "start no processor but the first",
        .store = cmdline_store_nosmp,
    },
    {
        .name = "timeout_ms",
        .minimum = CMDLINE_TIMEOUT_MIN_MS,
        .maximum = CMDLINE_TIMEOUT_MAX_MS,
        .help = "how long a call waits for a silent processor (default 5000)",
        .store = cmdline_store_timeout,
    },
    {
        .name = "bugcheck",
        .choices = "halt|reset|exit",
        .help = "how a bug check ends (default: exit on a known emulator, else halt)",
        .store = cmdline_store_bugcheck,
    },
    {
        .name = "ipi",
        .choices = "auto|shorthand|cluster|unicast",
        .help = "how to interrupt all processors: at once, by groups, one by one (default: the "
                "first that is safe)",
        .store = cmdline_store_ipi,
    },
    {
        .name = "wait",
        .choices = "auto|spin|halt",
        .help = "what a processor does during a long wait in a call (default: halt where "
                "processors outnumber cores)",
        .store = cmdline_store_wait,
    },
    {
        .name = "trace",
        .minimum = 1,
        .maximum = CMDLINE_MAX_TRACED,
        .help = "print what the processors did in the last N calls, before the verdict",
        .store = cmdline_store_trace,
    },
    {
        .name = "phantom",
        .maximum = UINT32_MAX - 1,
        .text = "at most 4 times",
        .help = "add a processor with this hardware id that does not exist (a test aid)",
        .store = cmdline_store_phantom,
    },
    { .name = NULL },
};

size_t cmdline_describe(const struct cmdline_option *option, char *buffer, size_t size)
{
    if (option->choices != NULL) {
        return printf_format(buffer, size, "%s", option->choices);
    }
    if (option->maximum != 0) {
        return printf_format(buffer, size, "%llu..%llu%s%s", (unsigned long long)option->minimum,
                             (unsigned long long)option->maximum, option->text != NULL ? ", " : "",
                             option->text != NULL ? option->text : "");
    }
    return printf_format(buffer, size, "%s", option->text != NULL ? option->text : "no value");
}

/*
 * Finds `value` in choices separated by bars. Returns 0 with its index in *index, or -1 if it is
 * not among them.
 */
static int cmdline_find_choice(const char *choices, const char *value, uint64_t *index)
{
    size_t length = strlen(value);

    for (*index = 0; choices != NULL; (*index)++) {
        const char *bar = strchr(choices, '|');
        size_t choice_length = bar != NULL ? (size_t)(bar - choices) : strlen(choices);

        if (length == choice_length && strncmp(choices, value, length) == 0) {
            return 0;
        }
        choices = bar != NULL ? bar + 1 : NULL;
    }
    return -1;
}

static bool cmdline_is_flag(const struct cmdline_option *option)
{
    return option->choices == NULL && option->maximum == 0 && option->text == NULL;
}

/* What happens to a bad value; NULL stands for an unknown option. */
static const char *cmdline_consequence(const struct cmdline_option *option)
{
    return option != NULL && option->essential ? "refused" : "ignored";
}

/* Stores `value` (NULL: there was no equals sign). Returns 0, or -1 if the value is bad. */
static int cmdline_apply(const struct cmdline_option *option, const char *value,
                         struct cmdline *out)
{
    uint64_t number = 0;

    if (cmdline_is_flag(option) != (value == NULL)) {
        return -1;
    }
    if (option->choices != NULL) {
        if (cmdline_find_choice(option->choices, value, &number) < 0) {
            return -1;
        }
    } else if (option->maximum != 0) {
        if (string_to_u64(value, &number) < 0 || number < option->minimum ||
            number > option->maximum) {
            return -1;
        }
    }
    return option->store(out, value, number);
}

/* The row of `options` whose name is the first `length` bytes of `word`, or NULL. */
static const struct cmdline_option *cmdline_find_row(const struct cmdline_option *options,
                                                     const char *word, size_t length)
{
    for (const struct cmdline_option *option = options; option->name != NULL; option++) {
        if (strlen(option->name) == length && strncmp(option->name, word, length) == 0) {
            return option;
        }
    }
    return NULL;
}

/* The same in all tables. */
static const struct cmdline_option *cmdline_find_option(const struct cmdline_option *const *tables,
                                                        const char *word, size_t length)
{
    const struct cmdline_option *option = NULL;

    for (; *tables != NULL && option == NULL; tables++) {
        option = cmdline_find_row(*tables, word, length);
    }
    return option;
}

/* Writes to `message` that the option is not known, with the nearest name if one is near. */
static void cmdline_name_nearest(const char *word, size_t name_length,
                                 const struct cmdline_option *const *tables,
                                 char message[CMDLINE_MESSAGE_SIZE])
{
    struct nearest nearest;

    nearest_begin(&nearest, word, name_length);
    for (const struct cmdline_option *const *table = tables; *table != NULL; table++) {
        for (const struct cmdline_option *option = *table; option->name != NULL; option++) {
            nearest_offer(&nearest, option->name);
        }
    }
    size_t length = printf_format(message, CMDLINE_MESSAGE_SIZE,
                                  "option '%s' is not known and is ignored", word);
    if (nearest.name != NULL) {
        size_t nearest_length = strlen(nearest.name);
        bool is_flag = cmdline_is_flag(cmdline_find_option(tables, nearest.name, nearest_length));
        printf_format(message + length, CMDLINE_MESSAGE_SIZE - length, "; did you mean %s%s?",
                      nearest.name, is_flag ? "" : "=");
    }
}

/* Writes to `message` that the value (NULL: there was no equals sign) is bad. */
static void cmdline_name_expected(const char *word, const char *value,
                                  const struct cmdline_option *option,
                                  char message[CMDLINE_MESSAGE_SIZE])
{
    char expected[CMDLINE_WORD_SIZE];

    cmdline_describe(option, expected, sizeof(expected));
    printf_format(message, CMDLINE_MESSAGE_SIZE, "%s: expected %s: %s", word,
                  option->expected != NULL && value != NULL ? option->expected(value) : expected,
                  cmdline_consequence(option));
}

/*
 * Parses one word, whose end may be cut off. On failure writes the complaint to `message` and
 * returns -1.
 */
static int cmdline_parse_word(const char *word, bool is_cut,
                              const struct cmdline_option *const *tables, struct cmdline *out,
                              char message[CMDLINE_MESSAGE_SIZE])
{
    const char *equals = strchr(word, '=');
    const char *value = equals != NULL ? equals + 1 : NULL;
    size_t name_length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct cmdline_option *option = cmdline_find_option(tables, word, name_length);

    if (is_cut) {
        printf_format(message, CMDLINE_MESSAGE_SIZE, "option '%.32s...' is too long: %s", word,
                      cmdline_consequence(option));
    } else if (option == NULL) {
        cmdline_name_nearest(word, name_length, tables, message);
    } else if (cmdline_apply(option, value, out) < 0) {
        cmdline_name_expected(word, value, option, message);
    } else {
        return 0;
    }
    out->refused |= option != NULL && option->essential;
    return -1;
}

/* True for a separator of words: space and the control characters, except the NUL. */
static bool cmdline_is_space(char character)
{
    return character > '\0' && character <= ' ';
}

/* The length of the word at `word`: up to white space, the NUL or `limit`. */
static size_t cmdline_word_length(const char *word, size_t limit)
{
    size_t length = 0;

    while (length < limit && word[length] != '\0' && !cmdline_is_space(word[length])) {
        length++;
    }
    return length;
}

/*
 * Takes the word of `length` bytes. It is copied first, since the line stays as the loader left
 * it. A word that does not fit into the copy cannot be valid; its beginning is enough to say so.
 */
static void cmdline_take_word(const char *word, size_t length,
                              const struct cmdline_option *const *tables, struct cmdline *out,
                              void (*complain)(const char *message))
{
    char copy[CMDLINE_WORD_SIZE];
    char message[CMDLINE_MESSAGE_SIZE];
    bool is_cut = length >= sizeof(copy);
    size_t copied = is_cut ? sizeof(copy) - 1 : length;

    memcpy(copy, word, copied);
    copy[copied] = '\0';
    if (cmdline_parse_word(copy, is_cut, tables, out, message) < 0 && complain != NULL) {
        complain(message);
    }
}

void cmdline_parse(const char *line, const struct cmdline_option *const *tables,
                   struct cmdline *out, void (*complain)(const char *message))
{
    size_t at = 0;

    *out = (struct cmdline){ .max_processors = 0 };
    while (line != NULL && line[at] != '\0') {
        size_t length = cmdline_word_length(line + at, CMDLINE_MAX_LENGTH + 1 - at);

        if (at + length > CMDLINE_MAX_LENGTH) {
            if (complain != NULL) {
                complain("command line is longer than 4095 bytes: the rest is ignored");
            }
            return;
        }
        if (length > 0) {
            cmdline_take_word(line + at, length, tables, out, complain);
            at += length;
        } else {
            at++;
        }
    }
}
