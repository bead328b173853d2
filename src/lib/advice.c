/* SPDX-License-Identifier: MIT */
/* From facts to the one advice; see advice.h. */
#include "lib/inside.h"

#include "lib/advice.h"

#include "wire/message.h"

static unsigned nat_facts(const hop_report *report);
static unsigned pair_facts(const hop_report_pair *pair);
static unsigned reason_facts(hop_reason reason);
static unsigned code_facts(unsigned code);
static bool is_outside(const hop_report_pair *pair);

/* A row fits when all facts of need and none of without are there. Who cannot dial at all needs no
 * word about NATs, and two behind one NAT none about its ports. */
typedef struct row {
    int error;
    unsigned need, without;
    hop_advice advice;
} row;

static const row rows[] = {
    {HOP_E_SERVER, HOP_FACT_FORBIDDEN, 0, HOP_ADVICE_LOCAL_FIREWALL},
    {HOP_E_SERVER, HOP_FACT_LOCAL, 0, HOP_ADVICE_LOCAL_LIMIT},
    {HOP_E_SERVER, HOP_FACT_ONE_INTERFACE | HOP_FACT_NO_ROUTE, 0, HOP_ADVICE_WRONG_INTERFACE},
    {HOP_E_SERVER, HOP_FACT_ONE_INTERFACE | HOP_FACT_SILENT, 0, HOP_ADVICE_WRONG_INTERFACE},
    {HOP_E_SERVER, HOP_FACT_ONE_INTERFACE | HOP_FACT_UNREACHABLE, 0, HOP_ADVICE_WRONG_INTERFACE},
    {HOP_E_SERVER, HOP_FACT_NO_ROUTE, 0, HOP_ADVICE_OFFLINE},
    {HOP_E_SERVER, HOP_FACT_HUNG_UP, 0, HOP_ADVICE_SERVER_HANGS_UP},
    {HOP_E_SERVER, HOP_FACT_REFUSED, 0, HOP_ADVICE_SERVER_REFUSES},
    {HOP_E_SERVER, HOP_FACT_SILENT, 0, HOP_ADVICE_SERVER_SILENT},
    {HOP_E_SERVER, HOP_FACT_UNREACHABLE, 0, HOP_ADVICE_SERVER_SILENT},
    {HOP_E_REFUSED, HOP_FACT_BUSY, 0, HOP_ADVICE_SERVER_FULL},
    {HOP_E_REFUSED, HOP_FACT_VERSION, 0, HOP_ADVICE_SERVER_VERSION},
    {HOP_E_IMPOSTOR, 0, HOP_FACT_ATTEMPT, HOP_ADVICE_WRONG_DESCRIPTION},
    {HOP_E_BROKEN, HOP_FACT_PROVED | HOP_FACT_HUNG_UP, 0, HOP_ADVICE_PEER_LEFT},
    {HOP_E_NO_PATH, HOP_FACT_PROVED | HOP_FACT_HUNG_UP, 0, HOP_ADVICE_PEER_LEFT},
    {HOP_E_NO_PATH, HOP_FACT_CONNECTED, HOP_FACT_PROVED, HOP_ADVICE_ANSWERED_BY_ANOTHER},
    {HOP_E_NO_PATH, HOP_FACT_PROVED, 0, HOP_ADVICE_NONE},
    {HOP_E_NO_PATH, HOP_FACT_OTHER_FAMILY, HOP_FACT_DIALLED, HOP_ADVICE_NO_COMMON_FAMILY},
    {HOP_E_NO_PATH, HOP_FACT_PRIVATE, HOP_FACT_DIALLED, HOP_ADVICE_ONLY_PRIVATE},
    {HOP_E_NO_PATH, 0, HOP_FACT_DIALLED, HOP_ADVICE_NO_ADDRESS},
    {HOP_E_NO_PATH, HOP_FACT_FORBIDDEN, 0, HOP_ADVICE_LOCAL_FIREWALL},
    {HOP_E_NO_PATH, HOP_FACT_LOCAL, 0, HOP_ADVICE_LOCAL_LIMIT},
    {HOP_E_NO_PATH, HOP_FACT_ONE_INTERFACE | HOP_FACT_NO_ROUTE,
     HOP_FACT_REFUSED | HOP_FACT_SILENT | HOP_FACT_UNREACHABLE, HOP_ADVICE_WRONG_INTERFACE},
    {HOP_E_NO_PATH, HOP_FACT_NO_ROUTE, HOP_FACT_REFUSED | HOP_FACT_SILENT | HOP_FACT_UNREACHABLE,
     HOP_ADVICE_OFFLINE},
    {HOP_E_NO_PATH, HOP_FACT_SAME_NAT, 0, HOP_ADVICE_NO_HAIRPIN},
    {HOP_E_NO_PATH, HOP_FACT_OWN_RANDOM | HOP_FACT_PEER_RANDOM, 0, HOP_ADVICE_BOTH_RANDOM},
    {HOP_E_NO_PATH, HOP_FACT_OWN_RANDOM | HOP_FACT_PEER_SEQUENTIAL, 0,
     HOP_ADVICE_RANDOM_SEQUENTIAL},
    {HOP_E_NO_PATH, HOP_FACT_OWN_SEQUENTIAL | HOP_FACT_PEER_RANDOM, 0,
     HOP_ADVICE_RANDOM_SEQUENTIAL},
    {HOP_E_NO_PATH, HOP_FACT_OWN_RANDOM, 0, HOP_ADVICE_ONE_RANDOM},
    {HOP_E_NO_PATH, HOP_FACT_PEER_RANDOM, 0, HOP_ADVICE_ONE_RANDOM},
    {HOP_E_NO_PATH, HOP_FACT_OWN_SEQUENTIAL, 0, HOP_ADVICE_SEQUENTIAL},
    {HOP_E_NO_PATH, HOP_FACT_PEER_SEQUENTIAL, 0, HOP_ADVICE_SEQUENTIAL},
    {HOP_E_NO_PATH, HOP_FACT_DOUBLE_NAT, 0, HOP_ADVICE_DOUBLE_NAT},
    {HOP_E_NO_PATH, HOP_FACT_REFUSED, HOP_FACT_SILENT, HOP_ADVICE_ALL_REFUSED},
    {HOP_E_NO_PATH, HOP_FACT_UNREACHABLE, HOP_FACT_SILENT, HOP_ADVICE_UNREACHABLE},
    {HOP_E_NO_PATH, HOP_FACT_SILENT, HOP_FACT_REFUSED | HOP_FACT_UNREACHABLE,
     HOP_ADVICE_ALL_SILENT},
};

typedef struct words {
    const char *name, *text;
} words;

static const words texts[] = {
#define HOP_ADVICE_ROW(code, name, sentences)                                                      \
    [HOP_ADVICE_##code] = {name, sentences " See " name " in docs/troubleshooting.md."},
    HOP_ADVICE_MAP(HOP_ADVICE_ROW)
#undef HOP_ADVICE_ROW
};

hop_advice hop_advice_choose(int error, unsigned facts) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *one = &rows[i];
        if (one->error == error && (facts & one->need) == one->need && (facts & one->without) == 0)
            return one->advice;
    }
    return HOP_ADVICE_NONE;
}

const char *hop_advice_name(hop_advice advice, int error) {
    return advice == HOP_ADVICE_NONE ? hop_error_name(error) : texts[advice].name;
}

const char *hop_advice_text(hop_advice advice, int error) {
    return advice == HOP_ADVICE_NONE ? hop_error_advice(error) : texts[advice].text;
}

unsigned hop_advice_facts(const hop_output *failed) {
    const hop_report *report = failed->report;
    if (report == NULL) return reason_facts(failed->reason) | code_facts(failed->code);
    unsigned facts = HOP_FACT_ATTEMPT | nat_facts(report) | reason_facts(failed->reason);
    bool outside = false;
    for (unsigned i = 0; i < report->pair_count; i++)
        outside = outside || is_outside(&report->pairs[i]);
    for (unsigned i = 0; i < report->pair_count; i++)
        if (!outside || is_outside(&report->pairs[i]) || report->pairs[i].connected)
            facts |= pair_facts(&report->pairs[i]);
    if (report->authenticated) facts |= HOP_FACT_PROVED;
    if (report->accepted_count > report->stranger_count) facts |= HOP_FACT_CONNECTED;
    return facts;
}

/* As core/strategy.c has it: what depends on the address cannot be foretold, either. */
static unsigned nat_facts(const hop_report *report) {
    unsigned facts = 0;
    if (report->own.mapping == HOP_NAT_RANDOM || report->own.mapping == HOP_NAT_DEPENDENT)
        facts |= HOP_FACT_OWN_RANDOM;
    if (report->own.mapping == HOP_NAT_SEQUENTIAL) facts |= HOP_FACT_OWN_SEQUENTIAL;
    if (report->peer.mapping == HOP_NAT_RANDOM || report->peer.mapping == HOP_NAT_DEPENDENT)
        facts |= HOP_FACT_PEER_RANDOM;
    if (report->peer.mapping == HOP_NAT_SEQUENTIAL) facts |= HOP_FACT_PEER_SEQUENTIAL;
    if (report->same_nat) facts |= HOP_FACT_SAME_NAT;
    if (report->map_trouble == HOP_MAP_TROUBLE_DOUBLE_NAT) facts |= HOP_FACT_DOUBLE_NAT;
    return facts;
}

static bool is_outside(const hop_report_pair *pair) {
    return pair->skip == HOP_SKIP_NONE &&
           hop_address_scope(&pair->remote.address) == HOP_SCOPE_PUBLIC;
}

static unsigned pair_facts(const hop_report_pair *pair) {
    if (pair->skip == HOP_SKIP_FAMILY) return HOP_FACT_OTHER_FAMILY;
    if (pair->skip == HOP_SKIP_PRIVATE || pair->skip == HOP_SKIP_LAN) return HOP_FACT_PRIVATE;
    if (pair->skip != HOP_SKIP_NONE) return 0;
    unsigned facts = HOP_FACT_DIALLED;
    if (pair->connected) facts |= HOP_FACT_CONNECTED;
    if (pair->silent_count > 0) facts |= HOP_FACT_SILENT;
    if (pair->last != HOP_REASON_NONE) return facts | reason_facts(pair->last);
    /* The one dial is still waiting. */
    return pair->connected ? facts : facts | HOP_FACT_SILENT;
}

static unsigned reason_facts(hop_reason reason) {
    switch (reason) {
    case HOP_REASON_REFUSED: return HOP_FACT_REFUSED;
    case HOP_REASON_UNREACHABLE: return HOP_FACT_UNREACHABLE;
    case HOP_REASON_NO_ROUTE: return HOP_FACT_NO_ROUTE;
    case HOP_REASON_FORBIDDEN: return HOP_FACT_FORBIDDEN;
    case HOP_REASON_LOCAL: return HOP_FACT_LOCAL;
    case HOP_REASON_TIMED_OUT:
    case HOP_REASON_ABANDONED: return HOP_FACT_SILENT;
    case HOP_REASON_CLOSED:
    case HOP_REASON_RESET: return HOP_FACT_HUNG_UP;
    case HOP_REASON_NONE:
    case HOP_REASON_IN_USE:
    case HOP_REASON_RESOLVE:
    case HOP_REASON_PROTOCOL:
    case HOP_REASON_NETWORK: break;
    }
    return 0;
}

static unsigned code_facts(unsigned code) {
    switch (code) {
    case HOP_REFUSAL_BUSY: return HOP_FACT_BUSY;
    case HOP_REFUSAL_MALFORMED:
    case HOP_REFUSAL_SIGNATURE:
    case HOP_REFUSAL_UNKNOWN_ATTRIBUTE: return HOP_FACT_VERSION;
    default: return 0;
    }
}
