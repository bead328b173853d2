/* SPDX-License-Identifier: MIT */
/*
 * The scenarios of the anomaly loops: small uses of the library that must end well when nothing
 * fails, and else end in time, with a documented error, and leave nothing behind. Each says true
 * when all went well. They use no wrapped call themselves (anomaly.h): readv and writev stand in
 * for recv and send.
 */
#ifndef HOP_TESTS_SCENARIO_H
#define HOP_TESTS_SCENARIO_H

#include "anomaly/anomaly.h"
#include "api/conn.h"
#include "api/server.h"

/* No attempt of a scenario lasts longer. Short, because most failures wait for it; longer when a
 * machine under load was not done with a run in which nothing stood in the way. */
extern int scenario_timeout_ms;

typedef struct scenario {
    const char *name;
    bool (*run)(void);
    bool slow; /* a run takes long, so there are fewer of them where time is short */
} scenario;

/* A server for all of them. */
extern test_server scenario_server;
void scenario_tickets(void);

/* The call's error is one of those that its description allows; a HOP_E_SYSTEM has the errno that
 * was planned. */
void scenario_error(int error, const char *allowed);

bool scenario_open(void);
bool scenario_by_hand(void);
bool scenario_interface(void);
bool scenario_by_ticket(void);
bool scenario_nobody(void);
bool scenario_cancelled(void);
bool scenario_name(void);
bool scenario_no_name(void);
bool scenario_texts(void);
bool scenario_conn_plain(void);
bool scenario_conn_tls(void);
bool scenario_conn_token(void);

#endif
