/* SPDX-License-Identifier: MIT */
/*
 * hopconn version: what this program is made of. Nothing in it changes from run to run or from one
 * build of the same source to the next.
 */
#include <hopconn/hopconn.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/out.h"
#include "hop_config.h"

int cmd_version(int argc, char **argv) {
    struct options options;
    int status;
    if (!options_parse("version", argc, argv, &options, &status)) return status;
    bool good = out_result("hopconn %s\n"
                           "build: %s, %s, sanitizers: %s\n"
                           "with: OpenSSL %s, c-ares %s, libuv %s, cJSON %s, libcurl %s, "
                           "miniupnpc %s\n",
                           hop_version(), HOP_BUILD_COMPILER, HOP_BUILD_TYPE, HOP_BUILD_SANITIZE,
                           HOP_BUILD_OPENSSL, HOP_BUILD_CARES, HOP_BUILD_LIBUV, HOP_BUILD_CJSON,
                           HOP_BUILD_LIBCURL, HOP_BUILD_MINIUPNPC);
    return good ? STATUS_DONE : STATUS_OTHER;
}
