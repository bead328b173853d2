/* SPDX-License-Identifier: MIT */
/* Recordings as events; see retell.h. */
#include "lib/retell.h"

#include <stdio.h>
#include <stdlib.h>

#define hop_description hop_wire_description
#include "core/player.h"
#undef hop_description
#include "lib/story.h"

struct hop_retell {
    hop_events events;
    void *core_memory;
    hop_player player;
};

static void make_step(hop_retell *retell);

hop_retell *hop_retell_new(const void *bytes, size_t size) {
    hop_retell *retell = calloc(1, sizeof *retell);
    if (retell == NULL) return NULL;
    retell->core_memory = calloc(1, hop_core_size());
    if (retell->core_memory == NULL) {
        free(retell);
        return NULL;
    }
    hop_player_init(&retell->player, bytes, size, retell->core_memory);
    return retell;
}

hop_retell *hop_retell_free(hop_retell *retell) {
    if (retell == NULL) return NULL;
    hop_events_clear(&retell->events);
    free(retell->core_memory);
    free(retell);
    return NULL;
}

bool hop_retell_next(hop_retell *retell, hop_event *ret_event) {
    while (retell->events.count == 0 && retell->player.state == HOP_PLAYER_STEP)
        make_step(retell);
    return hop_events_take(&retell->events, ret_event);
}

hop_retell_end hop_retell_ending(const hop_retell *retell, char *text, size_t size) {
    const hop_player *player = &retell->player;
    text[0] = 0;
    switch (player->state) {
    case HOP_PLAYER_STEP:
    case HOP_PLAYER_END:
    case HOP_PLAYER_BROKEN: return HOP_RETELL_WHOLE;
    case HOP_PLAYER_FULL:
        snprintf(text, size, "the recording stops here, it was big enough; the endpoint went on");
        return HOP_RETELL_CUT;
    case HOP_PLAYER_CUT:
        snprintf(text, size,
                 "the recording breaks off here: the program was killed, still runs, "
                 "or could not write any more");
        return HOP_RETELL_CUT;
    case HOP_PLAYER_NONE: snprintf(text, size, "this is no recording"); break;
    case HOP_PLAYER_VERSION:
        snprintf(text, size, "a recording of version %u, this program knows version %u",
                 player->version, HOP_RECORDING_VERSION);
        break;
    case HOP_PLAYER_DAMAGED: snprintf(text, size, "the recording is damaged here"); break;
    case HOP_PLAYER_ASTRAY:
        snprintf(text, size,
                 "from here on this program (%s) does not do what the recorded one (%s) did: it is "
                 "another version, or the file was changed",
                 hop_version(), player->config.program);
        break;
    }
    return HOP_RETELL_FOREIGN;
}

static void make_step(hop_retell *retell) {
    hop_player *player = &retell->player;
    hop_player_state state = hop_player_step(player);
    int64_t at_us = player->now_us - player->config.zero_us;
    for (unsigned i = 0; i < player->output_count; i++) {
        const hop_player_output *output = &player->outputs[i];
        hop_driver_detail detail = {.local = &output->local};
        hop_story_put(&retell->events, player->core, &output->output, &detail, at_us);
    }
    if (state == HOP_PLAYER_BROKEN) hop_story_put_broken(&retell->events, player->error, at_us);
}
