/* SPDX-License-Identifier: MIT */
/* How wide a text will be, and where it breaks; see picture_inside.h. No font is asked: the reader
 * has another one anyway. */
#include <string.h>

#include "cli/picture_inside.h"

/* Thousandths of the font's size; those of DejaVu Sans, one of the widest that readers have. */
static int character_width(char c) {
    if (strchr("iljI.,:;'|![]() ", c) != NULL) return 385;
    if (strchr("frt/-\"", c) != NULL) return 415;
    if (strchr("mwMW@%", c) != NULL) return 975;
    if (c >= 'A' && c <= 'Z') return 715;
    return 625;
}

int picture_text_width(const char *text, size_t size, int font_size) {
    int sum = 0;
    for (size_t i = 0; i < size; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80) sum += character_width(text[i]);
    return (sum * font_size + 999) / 1000;
}

/* How much of the text is its next line. */
static size_t line_size(const char *text, int font_size, int width) {
    size_t whole = strcspn(text, "\n");
    size_t fits = 0;
    for (size_t at = 0; at < whole;) {
        size_t end = at + 1;
        while (end < whole && text[end] != ' ')
            end++;
        if (picture_text_width(text, end, font_size) > width) break;
        fits = end;
        at = end;
    }
    if (fits > 0) return fits;
    while (fits < whole && picture_text_width(text, fits + 1, font_size) <= width)
        fits++;
    while (fits > 0 && fits < whole && ((unsigned char)text[fits] & 0xc0) == 0x80)
        fits--;
    return fits > 0 ? fits : whole;
}

unsigned picture_text_wrap(const char *text, int font_size, int width,
                           picture_piece ret_pieces[static PICTURE_LINES_MAX]) {
    unsigned count = 0;
    while (*text != '\0' && count < PICTURE_LINES_MAX) {
        size_t size = line_size(text, font_size, width);
        ret_pieces[count++] = (picture_piece){text, size};
        text += size;
        while (*text == ' ' || *text == '\n')
            text++;
    }
    return count;
}

size_t picture_text_character(const char *text, size_t size) {
    unsigned char first = (unsigned char)text[0];
    if (first < 0x80) return first >= 0x20 && first != 0x7f;
    unsigned char next = size > 1 ? (unsigned char)text[1] : 0;
    size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first < 0xc2 || first > 0xf4 || length > size) return 0;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80) return 0;
    if (first == 0xc2 && next < 0xa0) return 0;
    if ((first == 0xe0 && next < 0xa0) || (first == 0xed && next > 0x9f)) return 0;
    if ((first == 0xf0 && next < 0x90) || (first == 0xf4 && next > 0x8f)) return 0;
    if (first == 0xef && next == 0xbf && (unsigned char)text[2] >= 0xbe) return 0;
    return length;
}
