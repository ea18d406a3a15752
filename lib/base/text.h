/*
 * Numbers and times as text, fast: printf() is too slow for a line a flow.
 *
 * Every function writes at out, which has room for TEXT_MAX octets, and
 * returns the place behind what it wrote. No 0 is written.
 * Tests: test/unit/base/test_text.c compares each with printf().
 */
#ifndef FLOWD_TEXT_H
#define FLOWD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	TEXT_MAX = 64
};

/* 0 to 255 in decimal; most numbers of a flow are small. */
struct text_small {
	char text[7];
	uint8_t len;
};

extern const struct text_small text_small[256];

enum {
	CLOCK_QUARTERS = 16
};

/*
 * Broken-down time with a memory: the dates of the last quarters of an hour
 * that were asked for, so that the times of a flow, which are near each other,
 * cost no calendar. Zones change their offset on quarters only.
 */
struct clock_quarter {
	int64_t quarter;	/* sec / 900 */
	int64_t base;		/* seconds since 1970 of the day's midnight */
	char date[16];		/* "YYYY-MM-DDT" */
	uint8_t date_len;	/* 0: not filled */
};

struct clock {
	bool utc;
	struct clock_quarter memory[CLOCK_QUARTERS];
};

void clock_init(struct clock *clock, bool utc);

/* Without a branch on the number of digits, as addresses need it. */
static inline char *
text_u8(char *out, uint8_t v)
{
	memcpy(out, text_small[v].text, 4);
	return out + text_small[v].len;
}

char *text_u64(char *out, uint64_t v);
char *text_i64(char *out, int64_t v);
/* At least width digits, zeros in front. width up to 20. */
char *text_u64_pad(char *out, uint64_t v, unsigned width);
/* Lower case, at least width digits, zeros in front. */
char *text_hex(char *out, uint64_t v, unsigned width);
/* 00:11:22:aa:bb:cc */
char *text_mac(char *out, uint64_t mac);
/* Lower-case hexadecimal of octets; writes 2 * len, len up to the caller. */
char *text_octets(char *out, const uint8_t *p, size_t len);

/* YYYY-MM-DDTHH:MM:SS in the clock's zone, without a zone mark. */
char *text_time(char *out, struct clock *clock, int64_t sec);
/*
 * RFC 3339 in UTC with the digits that are known: none, 3, 6 or 9 behind the
 * point, as few as the value needs. 2026-11-23T04:33:52.674663Z
 */
char *text_rfc3339(char *out, struct clock *clock, int64_t ns);
/*
 * A time span as flowd always wrote it: y (364 days), w, d, h, m, each only if
 * not zero, then s always: 7w17h2m47s
 */
char *text_interval(char *out, uint32_t sec);

#endif
