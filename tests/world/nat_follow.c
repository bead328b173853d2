/* SPDX-License-Identifier: MIT */
/*
 * Linux follows the TCP connections that it translates or filters, and takes no packet for part of
 * one whose flags or sequence numbers do not fit; so that a hole is not simply open. The states and
 * the window checks are those of Linux's nf_conntrack_proto_tcp.c with the defaults
 * (nf_conntrack_tcp_loose=1, be_liberal=0); tests/lab/test_conntrack.py compares them with the
 * kernel that runs. Packets of the world have no window field: one is assumed, as Linux offers it.
 * No SACK.
 */
#include "nat_inside.h"

#define SECOND          INT64_C(1000000)
#define WINDOW_SYN      64240u        /* offered in a SYN, unscaled */
#define WINDOW          (1u << 20)    /* later on: enough for what the world sends */
#define WINDOW_UNSCALED (WINDOW >> 7) /* so it looks where no SYN has told the scale */
#define ACK_BEHIND      66000u        /* so far an acknowledgement may be behind, at the least */
#define REPEATS_MAX     3
#define UNANSWERED_US   (300 * SECOND) /* life when data is repeated or unacknowledged */

/* States as letters, in the order of the columns below. '.': the packet passes and the entry stays
 * as it is; '-': the packet is invalid. */
enum {
    BEGUN,
    SYN_SENT,
    SYN_RECV,
    ESTABLISHED,
    FIN_WAIT,
    CLOSE_WAIT,
    LAST_ACK,
    TIME_WAIT,
    CLOSE,
    SYN_SENT2,
    PASSES,
    INVALID
};
static const char letters[] = "0srefcltx2.-";

/* What a packet is to it, by its flags. */
enum { IS_SYN, IS_SYNACK, IS_FIN, IS_ACK, IS_RST, IS_NOTHING };

/* The next state, by direction (outwards first), packet and state. */
static const char *const steps[2][5] = {
    {
        "ss.....ss2", /* SYN: anew over what has ended; else perhaps we are the ones out of step */
        "--r------r", /* SYN-ACK: only in a simultaneous open */
        "--ffllltx-", /* FIN */
        "e-eeccttx-", /* ACK; as the first packet: picked up in its midst */
        "-xxxxxxxxx", /* RST */
    },
    {
        "-2-----s-2", /* SYN: simultaneous open */
        "-r.......r", /* SYN-ACK */
        "--ffllltx-", /* FIN */
        "-.reccttx.", /* ACK; after our SYN alone: of a half-open connection of theirs */
        "-xxxxxxxxx", /* RST */
    },
};

typedef enum fit {
    FITS,
    FITS_NOT,
    FITS_LATE,  /* passes, but says nothing */
    FITS_BEYOND /* so does more than was allowed, when it is not much */
} fit;

static unsigned index_of(const packet *parcel);
static unsigned step(bool in, unsigned index, unsigned state);
static uint32_t end_of(const packet *parcel);
static bool before(uint32_t a, uint32_t b);
static nat_followed let_pass(nat_entry *entry, const packet *parcel, unsigned index, bool in);
static bool answers_ignored_syn(const nat_entry *entry, const packet *parcel, unsigned index,
                                bool in);
static bool reset_ends(const nat_entry *entry, const packet *parcel, bool in, bool *ret_trusted,
                       bool *ret_keeps);
static void note_invalid(const nat *box, nat_entry *entry, unsigned index, bool in);
static fit fit_window(nat_entry *entry, const packet *parcel, unsigned index, bool in);
static void begin_flow(nat_flow *sender, uint32_t end);
static fit judge(const nat_flow *sender, const nat_flow *receiver, uint32_t seq, uint32_t end,
                 uint32_t ack);
static void take_note(nat_entry *entry, const packet *parcel, uint32_t end, uint32_t ack, bool in);
static void count_repeats(nat_entry *entry, const packet *parcel, uint32_t end, bool in);
static int64_t life_of(const nat *box, const nat_entry *entry, unsigned index);

bool nat_follow_begin(nat_entry *entry, const packet *parcel) {
    unsigned state = step(false, index_of(parcel), BEGUN);
    if (state == INVALID) return false;
    nat_flow *sender = &entry->flows[0];
    begin_flow(sender, end_of(parcel));
    if (state == SYN_SENT) return true;
    sender->window = WINDOW_UNSCALED;
    sender->end_max = sender->end + WINDOW_UNSCALED;
    sender->scaled = false;
    sender->liberal = entry->flows[1].liberal = true;
    return true;
}

nat_followed nat_follow(const nat *box, nat_entry *entry, const packet *parcel, bool in) {
    unsigned index = index_of(parcel), old = entry->state, next = step(in, index, old);
    bool trusted = false, keeps = false;
    if (next == INVALID) return NAT_INVALID;
    if (next == SYN_SENT && old >= TIME_WAIT) {
        bool ended = entry->flows[0].closed_first || entry->flows[1].closed_first ||
                     (entry->last_in == in && entry->last_index == IS_RST);
        if (ended) return NAT_REOPENED; /* RFC 9293 section 3.6.1 */
        next = PASSES;
    }
    if (next == PASSES && answers_ignored_syn(entry, parcel, index, in)) {
        /* The two ends agree, it was we who were out of step. */
        entry->flows[!in].liberal = false;
        begin_flow(&entry->flows[!in], entry->last_end);
        entry->flows[in] = (nat_flow){.liberal = entry->flows[in].liberal};
        old = SYN_SENT;
        next = SYN_RECV;
    }
    bool challenge = old == LAST_ACK && index == IS_ACK && entry->challenged &&
                     entry->last_index == IS_SYN && entry->last_in != in;
    if (challenge) { /* not of the last FIN */
        entry->challenged = false;
        return NAT_FOLLOWED;
    }
    if (next == PASSES) return let_pass(entry, parcel, index, in);
    if (next == SYN_SENT2) entry->simultaneous = true;
    if (next == SYN_RECV && in && index == IS_ACK && entry->simultaneous) next = ESTABLISHED;
    if (index == IS_RST && !reset_ends(entry, parcel, in, &trusted, &keeps)) return NAT_INVALID;
    if (keeps) next = old;
    fit fits = trusted ? FITS : fit_window(entry, parcel, index, in);
    if (fits == FITS_NOT) {
        note_invalid(box, entry, index, in);
        return NAT_INVALID;
    }
    if (fits == FITS_LATE) return NAT_FOLLOWED;
    entry->last_index = (uint8_t)index;
    entry->last_in = in;
    entry->state = (uint8_t)next;
    if (old != next && next == FIN_WAIT) entry->flows[in].closed_first = true;
    int64_t life_us = life_of(box, entry, index);
    if (!entry->seen_reply) {
        /* A refusal, or our own kernel's RST: there was never a connection. */
        if (index == IS_RST) return NAT_FOLLOWED_END;
        if (index == IS_SYN && old == SYN_SENT) return NAT_FOLLOWED; /* lives no longer for it */
        if (next == ESTABLISHED && life_us > UNANSWERED_US) life_us = UNANSWERED_US;
    } else if ((old == SYN_RECV || old == ESTABLISHED) && next == ESTABLISHED) {
        entry->assured = true;
    }
    entry->until_us = box->now_us + life_us;
    return NAT_FOLLOWED;
}

static unsigned index_of(const packet *parcel) {
    uint8_t flags = parcel->flags;
    if (flags & PACKET_RST) return IS_RST;
    if (flags & PACKET_SYN) return flags & PACKET_ACK ? IS_SYNACK : IS_SYN;
    if (flags & PACKET_FIN) return IS_FIN;
    return flags & PACKET_ACK ? IS_ACK : IS_NOTHING;
}

static unsigned step(bool in, unsigned index, unsigned state) {
    if (index == IS_NOTHING) return INVALID;
    char letter = steps[in][index][state];
    unsigned found = 0;
    while (letters[found] != letter)
        found++;
    return found;
}

/* An end of a connection that does not fit: when both sides have sent one, it does not live on for
 * days. */
static void note_invalid(const nat *box, nat_entry *entry, unsigned index, bool in) {
    bool ends = index == IS_FIN || index == IS_RST;
    if (!entry->assured || !ends) return;
    bool again =
        entry->last_in != in && (entry->last_index == IS_FIN || entry->last_index == IS_RST);
    if (again && entry->until_us > box->now_us + UNANSWERED_US)
        entry->until_us = box->now_us + UNANSWERED_US;
    if (again) return;
    entry->last_index = (uint8_t)index;
    entry->last_in = in;
}

static uint32_t end_of(const packet *parcel) {
    return parcel->seq + parcel->size + ((parcel->flags & PACKET_SYN) != 0) +
           ((parcel->flags & PACKET_FIN) != 0);
}

static bool before(uint32_t a, uint32_t b) {
    return (int32_t)(a - b) < 0;
}

/* It may be we who are wrong: noted, for what is answered to it. */
static nat_followed let_pass(nat_entry *entry, const packet *parcel, unsigned index, bool in) {
    entry->last_index = (uint8_t)index;
    entry->last_in = in;
    entry->last_seq = parcel->seq;
    entry->last_end = end_of(parcel);
    if (entry->state == SYN_SENT && index == IS_ACK && in) entry->last_ack = parcel->ack;
    if (index == IS_SYN && !in) {
        entry->challenged = entry->state == LAST_ACK;
        entry->simultaneous = false;
    }
    return NAT_FOLLOWED;
}

static bool answers_ignored_syn(const nat_entry *entry, const packet *parcel, unsigned index,
                                bool in) {
    return index == IS_SYNACK && entry->last_index == IS_SYN && entry->last_in != in &&
           parcel->ack == entry->last_end;
}

/* False: the RST is invalid, it lies before what its receiver has acknowledged. ret_trusted: its
 * window is not looked at; ret_keeps: it passes, but ends nothing (RFC 5961 section 3.2). */
static bool reset_ends(const nat_entry *entry, const packet *parcel, bool in, bool *ret_trusted,
                       bool *ret_keeps) {
    const nat_flow *receiver = &entry->flows[!in];
    bool established = entry->state == ESTABLISHED && entry->assured;
    if (entry->state == FIN_WAIT || entry->state == CLOSE_WAIT || entry->state == LAST_ACK ||
        entry->state == TIME_WAIT || entry->state == CLOSE) {
        *ret_trusted = true;
        return true;
    }
    /* RFC 5961 section 4.2: so one who has dialled anew answers a challenge ACK. */
    if (entry->state == SYN_SENT && !in && entry->last_index == IS_ACK && entry->last_in &&
        parcel->seq == entry->last_ack) {
        *ret_trusted = true;
        return true;
    }
    if (receiver->has_ack && entry->last_index != IS_SYN) {
        if (parcel->seq == 0 && !established) return true;
        if (before(parcel->seq, receiver->ack_max)) return false;
        bool exact =
            !established || parcel->seq == receiver->ack_max ||
            (entry->last_index == IS_ACK && entry->last_in == in && parcel->seq == entry->last_end);
        if (exact) return true;
        *ret_keeps = true;
    }
    bool of_ignored = (entry->seen_reply && entry->last_index == IS_SYN && entry->last_in != in) ||
                      (!entry->assured && entry->last_index == IS_ACK);
    *ret_trusted = of_ignored && parcel->ack == entry->last_end;
    return true;
}

static fit fit_window(nat_entry *entry, const packet *parcel, unsigned index, bool in) {
    nat_flow *sender = &entry->flows[in], *receiver = &entry->flows[!in];
    uint32_t seq = parcel->seq, end = end_of(parcel);
    bool syn = (parcel->flags & PACKET_SYN) != 0, ack_set = (parcel->flags & PACKET_ACK) != 0;
    uint32_t ack = parcel->ack;
    if (sender->window == 0 && syn) {
        begin_flow(sender, end);
        if (!ack_set) return FITS; /* simultaneous open */
    } else if (sender->window == 0) {
        sender->end = end;
        sender->window = index == IS_RST ? 1 : WINDOW_UNSCALED;
        sender->end_max = end + sender->window;
        if (receiver->window == 0)
            receiver->end = receiver->end_max = ack;
        else if (ack == receiver->end + 1) /* answers a keepalive */
            receiver->end++;
    } else if (syn && before(sender->end, end) &&
               (entry->state == SYN_SENT || entry->state == SYN_RECV)) {
        begin_flow(sender, end); /* dialled anew, RFC 9293 section 3.4.3 */
        if (in && !ack_set) return FITS;
    }
    if (!ack_set || (index == IS_RST && ack == 0)) ack = receiver->end;
    if (index == IS_RST && seq == 0 && entry->state == SYN_SENT) seq = end = sender->end;
    fit fits = judge(sender, receiver, seq, end, ack);
    if (fits == FITS_BEYOND) {
        sender->end = end;
        sender->unacknowledged = true;
        return FITS_LATE;
    }
    if (fits != FITS) return sender->liberal ? FITS : fits;
    take_note(entry, parcel, end, ack, in);
    if (index == IS_ACK) count_repeats(entry, parcel, end, in);
    return FITS;
}

static void begin_flow(nat_flow *sender, uint32_t end) {
    bool liberal = sender->liberal;
    *sender = (nat_flow){
        .end = end, .end_max = end, .window = WINDOW_SYN, .scaled = true, .liberal = liberal};
}

/* Neither beyond what the receiver allows, nor older than it can still want; nothing acknowledged
 * that was not sent. */
static fit judge(const nat_flow *sender, const nat_flow *receiver, uint32_t seq, uint32_t end,
                 uint32_t ack) {
    bool recent = receiver->window == 0 || before(sender->end - receiver->window - 1, end);
    uint32_t behind = sender->window > ACK_BEHIND ? sender->window : ACK_BEHIND;
    bool ack_recent = before(receiver->end - behind - 1, ack);
    bool ack_sent = before(ack, receiver->end + 1);
    if (!before(seq, sender->end_max + 1)) {
        uint32_t beyond = end - sender->end_max + 1;
        bool little = receiver->window > 0 && recent && beyond <= receiver->window;
        return little && ack_recent && ack_sent ? FITS_BEYOND : FITS_NOT;
    }
    if (!ack_sent) return FITS_NOT;
    return recent && ack_recent ? FITS : FITS_LATE;
}

static void take_note(nat_entry *entry, const packet *parcel, uint32_t end, uint32_t ack, bool in) {
    nat_flow *sender = &entry->flows[in], *receiver = &entry->flows[!in];
    uint32_t window = parcel->flags & PACKET_RST ? 0 : sender->scaled ? WINDOW : WINDOW_UNSCALED;
    if (parcel->flags & PACKET_SYN) window = WINDOW_SYN;
    if (sender->window < window) sender->window = window;
    if (before(sender->end, end)) {
        sender->end = end;
        sender->unacknowledged = true;
    }
    if (parcel->flags & PACKET_ACK) {
        if (!sender->has_ack || before(sender->ack_max, ack)) sender->ack_max = ack;
        sender->has_ack = true;
    }
    if (receiver->window != 0 && before(sender->end_max, end))
        receiver->window += end - sender->end_max;
    if (before(receiver->end_max - 1, ack + window))
        receiver->end_max = ack + window + (window == 0);
    if (ack == receiver->end) receiver->unacknowledged = false;
}

static void count_repeats(nat_entry *entry, const packet *parcel, uint32_t end, bool in) {
    bool same = entry->last_in == in && entry->last_seq == parcel->seq &&
                entry->last_ack == parcel->ack && entry->last_end == end;
    if (same && entry->repeats < UINT8_MAX) entry->repeats++;
    if (same) return;
    entry->last_in = in;
    entry->last_seq = parcel->seq;
    entry->last_ack = parcel->ack;
    entry->last_end = end;
    entry->repeats = 0;
}

static int64_t life_of(const nat *box, const nat_entry *entry, unsigned index) {
    static const int64_t seconds[] = {0, 0, 60, 0, 120, 60, 30, 120, 10, 0};
    int64_t life_us = seconds[entry->state] * SECOND;
    if (entry->state == SYN_SENT || entry->state == SYN_SENT2) life_us = box->traits.syn_us;
    if (entry->state == ESTABLISHED) life_us = box->traits.idle_us;
    bool doubtful = entry->repeats >= REPEATS_MAX || entry->flows[0].unacknowledged ||
                    entry->flows[1].unacknowledged;
    if (doubtful && life_us > UNANSWERED_US) life_us = UNANSWERED_US;
    return index == IS_RST ? seconds[CLOSE] * SECOND : life_us;
}
