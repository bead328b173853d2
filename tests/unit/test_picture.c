/* SPDX-License-Identifier: MIT */
/* The drawing (cli/picture.h): text that XML cannot hold, folding, bounds, the same bytes each
 * time. That nothing overlaps is tests/story/picture.py's business. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/picture.h"

static picture *draw_two(unsigned *ret_left, unsigned *ret_right) {
    picture *drawn = picture_new("title", "subtitle");
    assert_non_null(drawn);
    *ret_left = picture_lane(
        drawn, &(picture_lane_text){.notes = PICTURE_LEFT, .name = "left", .below = "a\nb"});
    *ret_right = picture_lane(drawn, &(picture_lane_text){.box = true, .name = "right"});
    return drawn;
}

static char *finish(picture *drawn) {
    size_t size = 0;
    char *svg = picture_svg(drawn, &size);
    assert_non_null(svg);
    assert_int_equal(size, strlen(svg));
    picture_free(drawn);
    return svg;
}

static unsigned count_of(const char *text, const char *word) {
    unsigned count = 0;
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        count++;
    return count;
}

/* One dial that is refused. */
static void dial(picture *drawn, unsigned left, unsigned right, int64_t at_us, bool fruitless) {
    unsigned start = picture_point(drawn, at_us), end = picture_point(drawn, at_us + 20000);
    unsigned there = picture_point(drawn, at_us + 10000);
    unsigned episode = picture_episode(drawn, left, 0, start);
    picture_leg leg = {.kind = PICTURE_SYN,
                       .fate = PICTURE_ARRIVES,
                       .from = left,
                       .to = right,
                       .start = start,
                       .end = there,
                       .episode = episode,
                       .label = "SYN"};
    picture_go(drawn, &leg);
    leg = (picture_leg){PICTURE_REFUSAL, PICTURE_ARRIVES, right, left, there, end,
                        episode,         false,           "RST", NULL};
    picture_go(drawn, &leg);
    picture_note(drawn, left, at_us, episode, "dials");
    picture_bar(drawn, left, 0, start, end, episode, PICTURE_DIALLING);
    picture_tick(drawn, left, start, episode);
    picture_episode_end(drawn, episode, end, fruitless, "refused");
}

static void escapes(void **state) {
    unsigned left, right;
    picture *drawn = draw_two(&left, &right);
    (void)state;
    picture_note(drawn, left, 0, 0, "<b> & \"c\" ]]> \x01\xff\xc0\x80 \xe2\x80\xa6 \xef\xbf\xbf");
    picture_verdict(drawn, false, "</text><script>");
    char *svg = finish(drawn);
    assert_non_null(strstr(svg, "&lt;b&gt; &amp; &quot;c&quot; ]]&gt; ???? \xe2\x80\xa6 ???"));
    assert_non_null(strstr(svg, "&lt;/text&gt;&lt;script&gt;"));
    assert_null(strstr(svg, "<script"));
    for (const char *at = svg; *at != 0; at++)
        assert_true((unsigned char)*at >= 0x20 || *at == '\n');
    free(svg);
}

static void folds_what_is_fruitless(void **state) {
    unsigned left, right;
    picture *drawn = draw_two(&left, &right);
    (void)state;
    for (int i = 0; i < 17; i++)
        dial(drawn, left, right, i * 100000, i < 16);
    char *svg = finish(drawn);
    assert_non_null(strstr(svg, "13 more dials, each refused"));
    assert_int_equal(count_of(svg, ">dials<"), 4); /* two, the last one, and the one that counts */
    assert_int_equal(count_of(svg, ">SYN<"), 4 + 1);
    free(svg);
}

static void folds_no_few(void **state) {
    unsigned left, right;
    picture *drawn = draw_two(&left, &right);
    (void)state;
    for (int i = 0; i < 5; i++)
        dial(drawn, left, right, i * 100000, true);
    char *svg = finish(drawn);
    assert_null(strstr(svg, "more dials"));
    assert_int_equal(count_of(svg, ">dials<"), 5);
    free(svg);
}

static void stays_small(void **state) {
    unsigned left, right;
    picture *drawn = draw_two(&left, &right);
    char *words = malloc(100001);
    (void)state;
    assert_non_null(words);
    memset(words, 'x', 100000);
    words[100000] = 0;
    for (int i = 0; i < 20000; i++) {
        dial(drawn, left, right, i * 30000, i % 7 != 0);
        if (i % 1000 == 0) picture_note(drawn, left, i * 30000, 0, words);
    }
    char *svg = finish(drawn);
    assert_true(strlen(svg) < 600000);
    assert_non_null(strstr(svg, "more events are not drawn"));
    free(svg);
    free(words);
}

static void is_the_same_each_time(void **state) {
    char *svgs[2];
    (void)state;
    for (int k = 0; k < 2; k++) {
        unsigned left, right;
        picture *drawn = draw_two(&left, &right);
        for (int i = 0; i < 40; i++)
            dial(drawn, left, right, (i * 7919) % 40 * 1000, i % 3 != 0);
        svgs[k] = finish(drawn);
    }
    assert_string_equal(svgs[0], svgs[1]);
    free(svgs[0]);
    free(svgs[1]);
}

static void shows_silence_as_a_break(void **state) {
    unsigned left, right;
    picture *drawn = draw_two(&left, &right);
    (void)state;
    picture_note(drawn, left, 0, 0, "one");
    picture_note(drawn, left, INT64_C(3600000000), 0, "two");
    char *svg = finish(drawn);
    assert_non_null(strstr(svg, "+3600 s"));
    assert_non_null(strstr(svg, ">3600000.0<"));
    free(svg);
}

static void bears_nothing(void **state) {
    (void)state;
    char *svg = finish(picture_new("", ""));
    assert_non_null(strstr(svg, "</svg>"));
    free(svg);
    picture_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(folds_what_is_fruitless),
        cmocka_unit_test(folds_no_few),
        cmocka_unit_test(stays_small),
        cmocka_unit_test(is_the_same_each_time),
        cmocka_unit_test(shows_silence_as_a_break),
        cmocka_unit_test(bears_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
