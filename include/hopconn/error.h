/* SPDX-License-Identifier: MIT */
/*
 * The one table of errors: code, name, what happened, what to do about it. Everything that speaks
 * of an error (the enum, hop_error_name(), the command's exit status, the docs) is made from it.
 * It is not a place for operating-system errors: those are turned into one of these where they
 * occur.
 */
#ifndef HOPCONN_ERROR_H
#define HOPCONN_ERROR_H

/* X(code, name, sentence, advice) */
#define HOP_ERROR_MAP(X)                                                                           \
    X(-1, INVALID, "an argument is not valid", "Look at the description of the call.")             \
    X(-2, MEMORY, "out of memory", "Free some memory and try again.")                              \
    X(-3, SYSTEM, "the operating system refused",                                                  \
      "Look at errno; often a limit on open files or a missing permission.")                       \
    X(-4, TICKET, "this is not a ticket",                                                          \
      "Copy the whole line that 'hopconn ticket' printed; its last characters are a check sum.")   \
    X(-5, DESCRIPTION, "this is not a description",                                                \
      "Copy the whole line that the other side printed.")                                          \
    X(-6, PORT, "the local port is not free",                                                      \
      "Choose another local port, or none, so that a free one is taken.")                          \
    X(-7, RESOLVE, "the name of the rendezvous server could not be resolved",                      \
      "Check the spelling of the server in the ticket, and this machine's DNS.")                   \
    X(-8, SERVER, "no rendezvous server of the ticket could be reached",                           \
      "Check that 'hopconn serve' runs there and that its TCP port is open to the world.")         \
    X(-9, REFUSED, "the rendezvous server refused",                                                \
      "Read the reason it gave; it may be busy, or speak another version of the protocol.")        \
    X(-10, CLOCK, "the rendezvous server's clock and ours cannot be reconciled",                   \
      "Set the clock of this machine or of the server.")                                           \
    X(-11, NOBODY, "nobody listens with this ticket",                                              \
      "Start 'hopconn listen' with the same ticket on the other machine, or wait longer.")         \
    X(-12, NO_PATH, "the peer is there, but no path to it worked",                                 \
      "Forward a port on one side or use IPv6; the report says what was tried.")                   \
    X(-13, IMPOSTOR, "somebody answered who does not hold the secret",                             \
      "Compare the tickets on both machines; if they agree, somebody is on the path.")             \
    X(-14, BROKEN, "the connection broke before it was handed over", "Try again.")                 \
    X(-15, CANCELLED, "cancelled", "Nothing to do: it was asked for.")                             \
    X(-16, STATE, "this call does not fit the state of the endpoint",                              \
      "An endpoint makes one attempt; a descriptor can be taken once, after 'established'.")       \
    X(-17, TIMEOUT, "nothing happened within the time given", "Wait longer.")                      \
    X(-18, TOO_MANY, "too many at once",                                                           \
      "Take the established descriptors, or wait until some attempts are over.")                   \
    X(-19, PROTOCOL, "the other side does not speak our protocol",                                 \
      "Check that server, peer and this program have matching versions.")                          \
    X(-20, ALREADY, "the attempt was started before",                                              \
      "One connection makes one attempt; make a new one.")                                         \
    X(-21, STOPPED, "the connection has stopped", "Make a new connection.")                        \
    X(-22, FULL, "the write queue is full", "Wait for on_room, then write again.")                 \
    X(-23, DISMISSED, "too many addresses, some are not tried",                                    \
      "Name fewer addresses, or raise address_max.")                                               \
    X(-24, PEER_CLOSED, "the peer closed the connection",                                          \
      "Nothing to do: all that it sent was delivered.")                                            \
    X(-25, TRUNCATED, "the stream was cut before its end",                                         \
      "What came last may be missing; connect again.")                                             \
    X(-26, CLOSED, "closed by us", "Nothing to do: it was asked for.")                             \
    X(-27, PUBLIC_IP, "the public address could not be learnt",                                    \
      "Look at the text; set stun or public_ip, or go without by HOP_CONN_NO_PUBLIC_IP.")          \
    X(-28, RECORD, "the recording cannot be written",                                              \
      "Look at errno; name a file in a folder that exists and that you may write to.")             \
    X(-29, INTERFACE, "there is no such network interface",                                        \
      "Name one of those that 'ip link' shows, or none.")

enum hop_error {
#define HOP_ERROR_ENUM(code, name, sentence, advice) HOP_E_##name = (code),
    HOP_ERROR_MAP(HOP_ERROR_ENUM)
#undef HOP_ERROR_ENUM
};

#endif
