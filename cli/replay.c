/* SPDX-License-Identifier: MIT */
/*
 * hopconn replay FILE: the story of a recorded endpoint, line by line as -v (or --json) told it
 * when it happened; with --svg as a picture. Here the story is the result: it goes to stdout. No
 * network is touched.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hopconn/hopconn.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/replay_picture.h"
#include "cli/tell.h"
#include "lib/retell.h"

#define FILE_MAX_SIZE ((size_t)64 << 20) /* four times what a recorder writes */

static unsigned char *read_all(const char *path, size_t *ret_size);
static unsigned char *read_stream(FILE *stream, size_t *ret_size);
static int retell(const char *path, const unsigned char *bytes, size_t size, bool svg);
static int tell_all(hop_retell *told);
static int draw(hop_retell *told, const char *path, const unsigned char *bytes, size_t size);

int cmd_replay(int argc, char **argv) {
    struct options options;
    int status;
    if (!options_parse("replay", argc, argv, &options, &status)) return status;
    if (options.argument == NULL)
        return tell_usage("replay needs a recording: hopconn replay FILE");
    size_t size;
    unsigned char *bytes = read_all(options.argument, &size);
    if (bytes == NULL) {
        tell_failed(HOP_E_SYSTEM, "Name a file that --record or HOP_RECORD has written.",
                    "cannot read %s: %s", options.argument, strerror(errno));
        return STATUS_OTHER;
    }
    status = retell(options.argument, bytes, size, options.svg);
    free(bytes);
    return status;
}

static int retell(const char *path, const unsigned char *bytes, size_t size, bool svg) {
    char text[512];
    hop_retell *told = hop_retell_new(bytes, size);
    if (told == NULL) {
        tell_error(HOP_E_MEMORY);
        return STATUS_OTHER;
    }
    int error = svg ? draw(told, path, bytes, size) : tell_all(told);
    hop_retell_end end = hop_retell_ending(told, text, sizeof text);
    hop_retell_free(told);
    if (error == HOP_E_SYSTEM)
        tell_failed(error, NULL, "cannot write to stdout");
    else if (error == HOP_E_MEMORY)
        tell_error(error);
    if (error == HOP_E_SYSTEM || error == HOP_E_MEMORY) return STATUS_OTHER;
    if (end == HOP_RETELL_FOREIGN) {
        tell_failed(HOP_E_INVALID, "Tell it with the version of hopconn that recorded it.",
                    "%s: %s", path, text);
        return STATUS_OTHER;
    }
    if (end == HOP_RETELL_CUT) out_line("%s: %s", path, text);
    return error == 0 ? STATUS_DONE : STATUS_OTHER;
}

/* 0, or the error. */
static int tell_all(hop_retell *told) {
    hop_event event;
    out_choose(out_json(), true);
    out_to_stdout(true);
    while (hop_retell_next(told, &event))
        tell_recorded(&event);
    return out_to_stdout(false) ? 0 : HOP_E_SYSTEM;
}

/* The story is gone through as well, for how it ends. HOP_E_INVALID: there is nothing to draw. */
static int draw(hop_retell *told, const char *path, const unsigned char *bytes, size_t size) {
    hop_event event;
    size_t drawn_size;
    bool any = false, json = out_json(), verbose = out_verbose();
    while (hop_retell_next(told, &event))
        any = true;
    if (!any) return HOP_E_INVALID;
    const char *name = strrchr(path, '/');
    char *svg = replay_picture(name == NULL ? path : name + 1, bytes, size, &drawn_size);
    out_choose(json, verbose);
    if (svg == NULL) return HOP_E_MEMORY;
    bool good = out_result("%s", svg);
    free(svg);
    return good ? 0 : HOP_E_SYSTEM;
}

/* NULL and errno. */
static unsigned char *read_all(const char *path, size_t *ret_size) {
    if (strcmp(path, "-") == 0) return read_stream(stdin, ret_size);
    FILE *file = fopen(path, "rbe");
    if (file == NULL) return NULL;
    unsigned char *bytes = read_stream(file, ret_size);
    int saved = errno;
    fclose(file);
    errno = saved;
    return bytes;
}

static unsigned char *read_stream(FILE *stream, size_t *ret_size) {
    size_t size = 0, room = 65536;
    unsigned char *bytes = malloc(room);
    while (bytes != NULL) {
        size += fread(bytes + size, 1, room - size, stream);
        if (size < room) break;
        unsigned char *more = room < FILE_MAX_SIZE ? realloc(bytes, room * 2) : NULL;
        if (more == NULL) {
            if (room >= FILE_MAX_SIZE) errno = EFBIG;
            int saved = errno;
            free(bytes);
            errno = saved;
        }
        bytes = more;
        room *= 2;
    }
    if (bytes != NULL && ferror(stream)) {
        int saved = errno;
        free(bytes);
        errno = saved;
        return NULL;
    }
    *ret_size = size;
    return bytes;
}
