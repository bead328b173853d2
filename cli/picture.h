/* SPDX-License-Identifier: MIT */
/*
 * A sequence diagram as SVG text: lanes from left to right, time downwards. Whoever draws says what
 * happened and when; where it goes on the paper is decided here: labels get room, long silence
 * becomes a visible break, what happens again and again is folded into one bracket. It reads and
 * writes no files, knows no clock, and computes in integers: the same calls give the same bytes.
 *
 *     picture *drawn = picture_new("bob calls", "");
 *     unsigned bob = picture_lane(drawn, &(picture_lane_text){.name = "bob"});
 *     picture_note(drawn, bob, 5000, 0, "dials");
 *     char *svg = picture_svg(drawn, &size);
 */
#ifndef CLI_PICTURE_H
#define CLI_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct picture picture;

/* What travels: decides colour and dashes. */
typedef enum picture_kind {
    PICTURE_SYN,
    PICTURE_ANSWER,  /* SYN-ACK */
    PICTURE_REFUSAL, /* RST, an ICMP error */
    PICTURE_PROOF,   /* HELLO, CONFIRM, NOMINATE */
    PICTURE_SERVER,  /* said to or by a server */
    PICTURE_OTHER,
    PICTURE_KINDS
} picture_kind;

/* How a leg ends. */
typedef enum picture_fate {
    PICTURE_GOES_ON, /* the next leg begins there: no arrow head */
    PICTURE_ARRIVES, /* an arrow head */
    PICTURE_STOPPED, /* a cross where it ends */
    PICTURE_LOST,    /* a cross half way */
    PICTURE_UNKNOWN  /* a question mark near its end: nobody knows where it was lost */
} picture_fate;

typedef enum picture_state {
    PICTURE_DIALLING,  /* our SYN is out */
    PICTURE_HALF_OPEN, /* the SYNs have crossed */
    PICTURE_CONNECTED,
    PICTURE_NOMINATED,
    PICTURE_STATES
} picture_state;

/* On which side of its lane a participant's notes stand; without notes it needs no room for them.
 */
typedef enum picture_side { PICTURE_NO_NOTES, PICTURE_LEFT, PICTURE_RIGHT } picture_side;

typedef struct picture_lane_text {
    picture_side notes;
    bool box;          /* something in between: a NAT, a firewall, a server */
    bool dim;          /* nothing happens there */
    const char *name;  /* short */
    const char *below; /* further lines, '\n' between them; NULL: none */
} picture_lane_text;

typedef struct picture_leg {
    picture_kind kind;
    picture_fate fate;
    unsigned from, to;   /* lanes */
    unsigned start, end; /* points */
    unsigned episode;
    bool passing;       /* it did not begin at `from`: the label says how it goes on */
    const char *label;  /* where it starts; NULL: none */
    const char *reason; /* where it ends; NULL: none */
} picture_leg;

/* Texts are copied everywhere. When memory is short, picture_svg() says so in the end. */
picture *picture_new(const char *title, const char *subtitle);
/* Returns NULL. NULL is fine. */
picture *picture_free(picture *drawn);
/* One more line above the diagram: how it ended. */
void picture_verdict(picture *drawn, bool good, const char *text);
/* One more line below the verdicts, smaller. */
void picture_remark(picture *drawn, const char *text);

/* The next lane to the right. */
unsigned picture_lane(picture *drawn, const picture_lane_text *text);
/* A moment. Of two at the same time the one made first is the upper one. What shares a point is at
 * one height. */
unsigned picture_point(picture *drawn, int64_t at_us);

/* A series of like efforts at one lane, by which they can be folded: one thread for each address
 * that is dialled. 0 is no episode: never folded. */
unsigned picture_episode(picture *drawn, unsigned lane, unsigned thread, unsigned start);
/* It is over. outcome: a participle, "refused"; fruitless: may be folded away among its like. */
void picture_episode_end(picture *drawn, unsigned episode, unsigned end, bool fruitless,
                         const char *outcome);

/* Half a packet's way, or all of it. */
void picture_go(picture *drawn, const picture_leg *leg);
/* What a lane's participant says or learns. */
void picture_note(picture *drawn, unsigned lane, int64_t at_us, unsigned episode, const char *text);
/* The same in bold: what decides. */
void picture_note_strong(picture *drawn, unsigned lane, int64_t at_us, unsigned episode,
                         const char *text);
/* A state that lasts, on the lane; slot: those of different links stand side by side. */
void picture_bar(picture *drawn, unsigned lane, unsigned slot, unsigned start, unsigned end,
                 unsigned episode, picture_state state);
/* A timer came due. */
void picture_tick(picture *drawn, unsigned lane, unsigned point, unsigned episode);

/* The whole as text, ended by a zero; the caller frees it. NULL: no memory. */
char *picture_svg(picture *drawn, size_t *ret_size);

#endif
