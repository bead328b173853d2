/* SPDX-License-Identifier: MIT */
/*
 * Lines on stderr, whole and clean: what peers and servers say may hold control characters, which
 * a terminal would obey, or bytes that are no UTF-8, which JSON forbids.
 */
#include "cli/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#define LINE_MAX_SIZE 2048

static int64_t begin_us;
static bool mode_json;
static bool mode_verbose;
static int64_t told_at_us; /* 0: now */
static int told_fd = STDERR_FILENO;
static bool told_badly; /* something could not be written */
static void (*divert_line)(void *context, bool story, const char *text);
static void *divert_context;

static int64_t clock_us(void);
static bool divert(bool story, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));
static void write_line(char *line, size_t size);
static void clean_text(char *text);
static void clean_utf8(char *text);

void out_begin(void) {
    begin_us = clock_us();
}

void out_choose(bool json, bool verbose) {
    mode_json = json;
    mode_verbose = verbose;
}

bool out_json(void) {
    return mode_json;
}

bool out_verbose(void) {
    return mode_verbose;
}

double out_ms(void) {
    return (double)(told_at_us != 0 ? told_at_us : clock_us() - begin_us) / 1000.0;
}

int64_t out_zero_us(void) {
    return begin_us;
}

void out_at(int64_t at_us) {
    told_at_us = at_us;
}

bool out_to_stdout(bool on) {
    bool good = !told_badly;
    told_badly = false;
    told_fd = on ? STDOUT_FILENO : STDERR_FILENO;
    return good;
}

void out_divert(void (*line)(void *context, bool story, const char *text), void *context) {
    divert_line = line;
    divert_context = context;
}

cJSON *out_event(const char *name) {
    cJSON *event = cJSON_CreateObject();
    cJSON_AddStringToObject(event, "event", name);
    cJSON_AddNumberToObject(event, "at_ms", out_ms());
    return event;
}

void out_emit(cJSON *event) {
    char *line = mode_json ? cJSON_PrintUnformatted(event) : NULL;
    if (line != NULL) {
        /* The zero's place is the newline's: lines leave with one write. */
        clean_utf8(line);
        write_line(line, strlen(line));
        cJSON_free(line);
    }
    cJSON_Delete(event);
}

void out_line(const char *format, ...) {
    if (mode_json) return;
    char line[LINE_MAX_SIZE] = "hopconn: ";
    size_t start = strlen(line);
    va_list list;
    va_start(list, format);
    bool diverted = divert(false, format, list);
    if (!diverted) vsnprintf(line + start, sizeof line - start, format, list);
    va_end(list);
    if (diverted) return;
    clean_text(line);
    write_line(line, strlen(line));
}

void out_story(const char *format, ...) {
    if (mode_json || !mode_verbose) return;
    char line[LINE_MAX_SIZE];
    int start = snprintf(line, sizeof line, "[%8.1f ms] ", out_ms());
    if (start < 0) return;
    va_list list;
    va_start(list, format);
    bool diverted = divert(true, format, list);
    if (!diverted) vsnprintf(line + start, sizeof line - (size_t)start, format, list);
    va_end(list);
    if (diverted) return;
    clean_text(line);
    write_line(line, strlen(line));
}

bool out_result(const char *format, ...) {
    va_list list;
    va_start(list, format);
    int size = vprintf(format, list);
    va_end(list);
    return size >= 0 && fflush(stdout) == 0;
}

static bool divert(bool story, const char *format, va_list list) {
    char line[LINE_MAX_SIZE];
    if (divert_line == NULL) return false;
    vsnprintf(line, sizeof line, format, list);
    clean_text(line);
    divert_line(divert_context, story, line);
    return true;
}

static int64_t clock_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Takes the place of the terminating zero for the newline, so that a line is one write and the
 * lines of two programs on one terminal do not mix. */
static void write_line(char *line, size_t size) {
    line[size] = '\n';
    size_t left = size + 1;
    while (left > 0) {
        ssize_t done = write(told_fd, line, left);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            told_badly = true;
            break; /* nobody hears us; the exit status still tells */
        }
        line += done;
        left -= (size_t)done;
    }
}

static void clean_text(char *text) {
    clean_utf8(text);
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
    }
}

/* The length of the UTF-8 character at text; 0 when it is none (RFC 3629, section 4). */
static size_t utf8_length(const unsigned char *text) {
    size_t length = text[0] < 0x80                       ? 1
                    : text[0] >= 0xc2 && text[0] <= 0xdf ? 2
                    : text[0] >= 0xe0 && text[0] <= 0xef ? 3
                    : text[0] >= 0xf0 && text[0] <= 0xf4 ? 4
                                                         : 0;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) return 0;
    }
    /* C1 control characters, too long forms, surrogates, beyond the last code point. */
    if (text[0] == 0xc2 && text[1] < 0xa0) return 0;
    if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f)) return 0;
    if ((text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f)) return 0;
    return length;
}

static void clean_utf8(char *text) {
    while (*text != '\0') {
        size_t length = utf8_length((const unsigned char *)text);
        if (length == 0) *text = '?';
        text += length == 0 ? 1 : length;
    }
}
