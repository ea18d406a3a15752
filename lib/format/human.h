/*
 * Numbers and times for people: three digits and a unit. Programs are given
 * plain numbers instead.
 *
 * Each function writes a text that ends with 0 at out, which has room for
 * HUMAN_MAX octets, and returns out.
 * Test: test/unit/format/test_human.c.
 */
#ifndef FLOWD_HUMAN_H
#define FLOWD_HUMAN_H

#include <stdint.h>

enum { HUMAN_MAX = 48 };

/* 0, 999, 1.23 k, 45.6 M; with the unit "b/s": 45.6 Mb/s. unit may be "". */
const char *human_si(char out[HUMAN_MAX], uint64_t n, const char *unit);
/* 1023 B, 4.00 KiB, 1.50 GiB; unit is mostly "B". */
const char *human_iec(char out[HUMAN_MAX], uint64_t n, const char *unit);

/*
 * The two largest units: 250 ms, 1.50 s, 12.0 s, 3 min 20 s, 2 h 5 min,
 * 3 d 4 h. The smaller one is left out where nothing is left for it: 5 min is
 * exact, 5 min 0 s is rounded down. Years are not used: 400 d.
 */
const char *human_duration(char out[HUMAN_MAX], int64_t ns);
/*
 * How long ago a time is: "now" within a second, "12 s ago", "3 min ago"; "in
 * 12 s" for the future, and "never" for 0, which means no time.
 */
const char *human_ago(char out[HUMAN_MAX], int64_t then_ns, int64_t now_ns);

#endif
