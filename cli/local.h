/* SPDX-License-Identifier: MIT */
/*
 * The local ends that a connection can have: stdin and stdout, a command, a TCP service. Each gives
 * a descriptor to read from and one to write to, for the pump to take over.
 */
#ifndef CLI_LOCAL_H
#define CLI_LOCAL_H

#include <stdbool.h>
#include <stddef.h>

#define LOCAL_HOST_SIZE 256
#define LOCAL_PORT_SIZE 6

/* "host:port" or "[ip6]:port" in two. False when it is not that. */
bool local_split(const char *text, char ret_host[static LOCAL_HOST_SIZE],
                 char ret_port[static LOCAL_PORT_SIZE]);

/* A copy of stdin or stdout. With `last`, the original leads nowhere from here on, so that closing
 * the copy is seen at the other end of a pipe. */
int local_stdio(int fd, bool last);

/* Starts a command in a shell. 0, or an errno. */
int local_exec(const char *command, int *ret_in, int *ret_out);

/* Connects to "host:port"; blocks. 0, or an errno. */
int local_dial(const char *service, int *ret_fd);

/* Listens on "addr:port". 0, or an errno. */
int local_listen(const char *address, int *ret_fd);

/* "ip:port" that a socket is bound to. */
void local_name(int fd, char *ret_name, size_t size);

#endif
