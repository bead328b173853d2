/* SPDX-License-Identifier: MIT */
/* Any text as the list of a peer's addresses that people type: at most as many as may be dialled,
 * none twice, and those dismissed are named. */
#include <string.h>

#include "lib/conn_inside.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    hop_candidate candidates[HOP_CANDIDATES_MAX];
    unsigned count = 0;
    char *dismissed = NULL;
    if (size == 0) return 0;
    unsigned address_max = 1 + bytes[0] % HOP_CANDIDATES_MAX;
    char *text = strndup((const char *)bytes + 1, size - 1);
    FUZZ_CHECK(text != NULL);
    int error = hop_conn_addresses_parse(text, address_max, candidates, &count, &dismissed);
    bool described = strstr(text, "hopd1-") != NULL;
    if (error == 0) {
        FUZZ_CHECK(described ? count <= HOP_CANDIDATES_MAX : count >= 1 && count <= address_max);
        for (unsigned i = 0; i < count && !described; i++)
            for (unsigned j = 0; j < i; j++)
                FUZZ_CHECK(!hop_address_equal(&candidates[i].address, &candidates[j].address));
        FUZZ_CHECK(dismissed == NULL || (count == address_max && strlen(dismissed) > 0));
    } else {
        FUZZ_CHECK(error == HOP_E_INVALID && dismissed == NULL);
    }
    free(dismissed);
    free(text);
    return 0;
}
