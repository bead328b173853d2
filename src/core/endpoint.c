/* SPDX-License-Identifier: MIT */
/* The endpoint as a whole; see endpoint.h. The lobby is in lobby.c, STARTs and descriptions in
 * meet.c. */
#include "core/endpoint.h"

#include "core/ask.h"
#include "core/network.h"
#include "core/shot.h"
#include "core/state.h"

static unsigned server_count(const hop_core *core) {
    return core->config.ticket.server_count;
}

/* --- beginning --- */

void hop_endpoint_go(hop_core *core, const hop_input *input) {
    hop_description added = {.candidate_count = 0};
    if (core->gone || core->done) return;
    core->gone = true;
    core->go_us = core->now_us;
    core->mapped.awaited = input->await_mapping;
    hop_network_take_hosts(core, input, &added);
    bool connecting = core->config.mode == HOP_CORE_CONNECT;
    if (connecting) core->deadline_us = core->now_us + core->config.timeout_us;
    unsigned first = connecting && server_count(core) > 1 ? 1 : server_count(core);
    for (unsigned i = 0; i < first; i++)
        hop_caller_start(core, (int)i);
    /* A knocker talks to one; the others know what our NAT does towards their addresses. */
    for (unsigned i = first; i < server_count(core) && core->config.probe; i++)
        hop_output_put(&core->outbox, HOP_OUT_RESOLVE)->server = i;
    core->next_server_us = core->now_us + HOP_SERVER_NEXT_US;
    if (core->config.bare) hop_meet_wait(core);
}

/* --- ending --- */

static void close_everything(hop_core *core) {
    core->done = true;
    for (unsigned i = 0; i < server_count(core); i++)
        hop_caller_stop(core, (int)i);
    hop_probe_stop(core);
    hop_shot_stop(core, core->shooter);
    for (int i = 0; i < HOP_LINKS_PLAIN; i++)
        hop_link_close(core, i);
}

/* Of the servers that failed so. One that is being called when time is up has been silent so far.
 */
static void explain(const hop_core *core, hop_output *failed) {
    for (unsigned i = 0; i < server_count(core); i++) {
        const hop_caller *caller = &core->callers[i];
        bool calling = caller->error == 0 && failed->error == HOP_E_SERVER;
        if (caller->error != failed->error && !calling) continue;
        failed->reason = hop_caller_telling(caller->reason, failed->reason);
        if (calling) failed->reason = hop_caller_telling(failed->reason, HOP_REASON_TIMED_OUT);
        if (caller->refusal != 0) failed->code = caller->refusal;
    }
}

void hop_endpoint_fail(hop_core *core, enum hop_error error) {
    if (core->done) return;
    hop_output *failed = hop_output_put(&core->outbox, HOP_OUT_FAILED);
    failed->error = error;
    explain(core, failed);
    close_everything(core);
}

void hop_endpoint_attempt_over(hop_core *core, int caller) {
    if (core->config.mode != HOP_CORE_LISTEN)
        close_everything(core);
    else if (caller >= 0)
        hop_ask_replenish(core, caller);
}

void hop_endpoint_cancel(hop_core *core) {
    for (unsigned i = 0; i < server_count(core); i++)
        hop_caller_stop(core, (int)i);
    for (int i = 0; i < HOP_ATTEMPTS_MAX && !core->done; i++)
        if (core->attempts[i].state != HOP_ATTEMPT_FREE) hop_attempt_fail(core, i, HOP_E_CANCELLED);
    hop_endpoint_fail(core, HOP_E_CANCELLED);
}

static bool any_attempt(const hop_core *core) {
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++)
        if (core->attempts[i].state != HOP_ATTEMPT_FREE) return true;
    return false;
}

/* --- servers in turn --- */

static unsigned count_state(const hop_core *core, hop_caller_state state) {
    unsigned count = 0;
    for (unsigned i = 0; i < server_count(core); i++)
        count += core->callers[i].state == state;
    return count;
}

/* Several servers may fail in several ways: what a server said is worth more than its silence. */
static enum hop_error best_error(const hop_core *core) {
    enum hop_error best = HOP_E_RESOLVE;
    for (unsigned i = 0; i < server_count(core); i++) {
        enum hop_error error = core->callers[i].error;
        if (error != 0 && error != HOP_E_RESOLVE &&
            (best == HOP_E_RESOLVE || error != HOP_E_SERVER))
            best = error;
    }
    return best;
}

bool hop_endpoint_keeps(const hop_core *core, int caller, enum hop_error error) {
    if (core->config.mode == HOP_CORE_MANUAL) return false;
    bool heard = core->callers[caller].was_ready;
    /* It was there when we knocked: it may be back within our time. */
    if (core->config.mode == HOP_CORE_CONNECT && error == HOP_E_SERVER)
        heard |= core->callers[caller].was_asked;
    for (unsigned i = 0; i < server_count(core) && core->config.mode == HOP_CORE_LISTEN; i++)
        heard |= core->callers[i].was_ready;
    return heard;
}

/* A server that failed before the first one heard us is called again, too. */
static void call_failed_again(hop_core *core) {
    for (unsigned i = 0; i < server_count(core); i++) {
        const hop_caller *caller = &core->callers[i];
        if (caller->state == HOP_CALLER_FAILED)
            hop_caller_fail(core, (int)i, caller->error, HOP_REASON_NONE);
    }
}

static void start_next_server(hop_core *core) {
    for (unsigned i = 0; i < server_count(core); i++) {
        if (core->callers[i].state == HOP_CALLER_IDLE) {
            core->next_server_us = core->now_us + HOP_SERVER_NEXT_US;
            hop_caller_start(core, (int)i);
            return;
        }
    }
    core->next_server_us = INT64_MAX;
}

void hop_endpoint_caller_failed(hop_core *core) {
    if (core->done || any_attempt(core) || core->config.mode == HOP_CORE_MANUAL)
        return; /* the manual way does without; tick() looks whether all have answered */
    if (core->config.mode == HOP_CORE_CONNECT) start_next_server(core);
    if (count_state(core, HOP_CALLER_FAILED) == server_count(core))
        hop_endpoint_fail(core, best_error(core));
}

/* The listener is registered with the ticket's other servers too. */
void hop_endpoint_caller_lost(hop_core *core) {
    if (core->config.mode == HOP_CORE_CONNECT) start_next_server(core);
}

/* A knocker talks to one server, the first that hears it: its listener is registered with all of
 * them. */
void hop_endpoint_caller_ready(hop_core *core, int caller) {
    const hop_caller *ready = &core->callers[caller];
    if (core->config.mode == HOP_CORE_LISTEN) {
        hop_output_put(&core->outbox, HOP_OUT_LISTENING)->address = core->links[ready->link].remote;
        call_failed_again(core);
    }
    if (core->config.mode != HOP_CORE_CONNECT) return;
    core->next_server_us = INT64_MAX;
    for (unsigned i = 0; i < server_count(core); i++)
        if ((int)i != caller) hop_caller_stop(core, (int)i);
}

/* --- time --- */

/* A server that was lost and has not come back cannot tell whether somebody listens. */
static enum hop_error error_at_deadline(const hop_core *core) {
    bool heard = false;
    bool resolving = false;
    for (unsigned i = 0; i < server_count(core); i++) {
        heard |= core->callers[i].state == HOP_CALLER_READY;
        resolving |= core->callers[i].state == HOP_CALLER_RESOLVING;
    }
    return heard ? HOP_E_NOBODY : resolving ? HOP_E_RESOLVE : HOP_E_SERVER;
}

/* Complete when every STUN server has answered or failed; a silent one is not waited for for long.
 */
static void describe_when_complete(hop_core *core) {
    unsigned settled = count_state(core, HOP_CALLER_READY) + count_state(core, HOP_CALLER_FAILED);
    bool waited = core->now_us >= core->go_us + HOP_DESCRIBE_TIMEOUT_US;
    if (core->described || (settled < server_count(core) && !waited)) return;
    if (core->mapped.awaited && core->now_us < core->go_us + HOP_DESCRIBE_MAPPING_US) return;
    core->described = true;
    hop_meet_describe(core, &core->description);
    hop_output_put(&core->outbox, HOP_OUT_DESCRIBED);
}

void hop_endpoint_tick(hop_core *core) {
    if (core->config.mode == HOP_CORE_CONNECT && core->next_server_us <= core->now_us)
        start_next_server(core);
    for (unsigned i = 0; i < server_count(core) && !core->done; i++)
        hop_caller_tick(core, (int)i);
    for (int i = 0; i < HOP_ATTEMPTS_MAX && !core->done; i++)
        hop_attempt_tick(core, i);
    if (core->done) return;
    hop_probe_tick(core);
    hop_lobby_tick(core);
    if (core->config.mode == HOP_CORE_MANUAL) describe_when_complete(core);
    if (core->deadline_us <= core->now_us && !any_attempt(core))
        hop_endpoint_fail(core, error_at_deadline(core));
}

int64_t hop_endpoint_deadline(const hop_core *core) {
    int64_t soonest = hop_state_sooner(hop_lobby_deadline(core), hop_probe_deadline(core));
    for (unsigned i = 0; i < server_count(core); i++)
        soonest = hop_state_sooner(soonest, hop_caller_deadline(core, (int)i));
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++)
        soonest = hop_state_sooner(soonest, hop_attempt_deadline(core, i));
    if (core->config.mode == HOP_CORE_CONNECT)
        soonest = hop_state_sooner(soonest, core->next_server_us);
    if (core->config.mode == HOP_CORE_MANUAL && !core->described) {
        int64_t mapping_us = core->go_us + HOP_DESCRIBE_MAPPING_US;
        bool early = core->mapped.awaited && core->now_us < mapping_us;
        soonest =
            hop_state_sooner(soonest, early ? mapping_us : core->go_us + HOP_DESCRIBE_TIMEOUT_US);
    }
    /* A running attempt has the same deadline, and may outlast it when a link has proved itself. */
    return any_attempt(core) ? soonest : hop_state_sooner(soonest, core->deadline_us);
}
