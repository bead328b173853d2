/* SPDX-License-Identifier: MIT */
/*
 * Where a ticket comes from: the word itself, a file, stdin or the environment, so that it need not
 * stand in the list of processes.
 */
#ifndef CLI_TICKET_SOURCE_H
#define CLI_TICKET_SOURCE_H

#include <stddef.h>

#include <hopconn/hopconn.h>

/* argument: the TICKET of the command line, or NULL for HOPCONN_TICKET. Returns STATUS_DONE, or
 * another status after it told what is wrong. */
int ticket_source_read(const char *argument, char ret_ticket[static HOP_TICKET_SIZE]);

#endif
