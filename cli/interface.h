/* SPDX-License-Identifier: MIT */
/*
 * Names of this machine's network interfaces, as people get them wrong.
 */
#ifndef CLI_INTERFACE_H
#define CLI_INTERFACE_H

/* NULL, or what is wrong with the name, with those that there are: good until the next call. */
const char *interface_wrong(const char *name);

#endif
