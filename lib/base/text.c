/* Numbers and times as text; see text.h. Test: test/unit/base/test_text.c. */
#include <string.h>
#include <time.h>

#include "endian_be.h"
#include "text.h"

enum {
	QUARTER_SEC = 900,
	DAY_SEC = 86400
};

static const char digits[] = "0123456789abcdef";

/* "00" to "99" */
static const char pairs[] =
    "00010203040506070809101112131415161718192021222324"
    "25262728293031323334353637383940414243444546474849"
    "50515253545556575859606162636465666768697071727374"
    "75767778798081828384858687888990919293949596979899";

/* clang-format off */
#define TEN(tens, len) \
	{ tens "0", len }, { tens "1", len }, { tens "2", len }, \
	{ tens "3", len }, { tens "4", len }, { tens "5", len }, \
	{ tens "6", len }, { tens "7", len }, { tens "8", len }, \
	{ tens "9", len }

const struct text_small text_small[256] = {
	TEN("", 1), TEN("1", 2), TEN("2", 2), TEN("3", 2), TEN("4", 2),
	TEN("5", 2), TEN("6", 2), TEN("7", 2), TEN("8", 2), TEN("9", 2),
	TEN("10", 3), TEN("11", 3), TEN("12", 3), TEN("13", 3), TEN("14", 3),
	TEN("15", 3), TEN("16", 3), TEN("17", 3), TEN("18", 3), TEN("19", 3),
	TEN("20", 3), TEN("21", 3), TEN("22", 3), TEN("23", 3), TEN("24", 3),
	{ "250", 3 }, { "251", 3 }, { "252", 3 }, { "253", 3 },
	{ "254", 3 }, { "255", 3 },
};
#undef TEN
/* clang-format on */

static const uint64_t e8 = 100000000;

/*
 * The eight digits of v < 10^8, one per octet, the first in the highest: halves
 * are split into quarters and these into digits, all lanes of a step at once. A
 * division by 100 or 10 is a multiplication that is exact for every value of a
 * lane.
 */
static inline uint64_t
eight_digits(uint32_t v)
{
	uint64_t x = (uint64_t)(v / 10000) << 32 | v % 10000;
	uint64_t high = (x * 10486 >> 20) & UINT64_C(0x0000007f0000007f);

	x = (high << 16) + (x - 100 * high);
	high = (x * 103 >> 10) & UINT64_C(0x000f000f000f000f);
	return (high << 8) + (x - 10 * high);
}

/* Writes eight octets, of which the last n of eight digits count. */
static inline char *
put_digits(char *out, uint64_t eight, unsigned n)
{
	const uint64_t zeros = UINT64_C(0x3030303030303030);

	store_be64((uint8_t *)out, (eight | zeros) << (64 - 8 * n));
	return out + n;
}

/* The number of digits without leading zeros; 1 for 0. */
static inline unsigned
digits_significant(uint64_t eight)
{
	return 8 - (unsigned)__builtin_clzll(eight | 1) / 8;
}

/* Separate from text_u64(), which then needs no stack. */
static __attribute__((noinline)) char *
text_long(char *out, uint64_t v)
{
	out = text_u64(out, v / e8);
	return put_digits(out, eight_digits((uint32_t)(v % e8)), 8);
}

/* No branch depends on the number of digits, which varies between flows. */
char *
text_u64(char *out, uint64_t v)
{
	uint64_t eight;

	if (v < 256)
		return text_u8(out, (uint8_t)v);
	if (v >= e8)
		return text_long(out, v);
	eight = eight_digits((uint32_t)v);
	return put_digits(out, eight, digits_significant(eight));
}

char *
text_i64(char *out, int64_t v)
{
	if (v >= 0)
		return text_u64(out, (uint64_t)v);
	*out++ = '-';
	return text_u64(out, -(uint64_t)v);
}

char *
text_u64_pad(char *out, uint64_t v, unsigned width)
{
	uint64_t eight;
	unsigned n;

	if (v >= e8 || width > 8) {
		out = text_u64_pad(out, v / e8, width > 9 ? width - 8 : 1);
		return put_digits(out, eight_digits((uint32_t)(v % e8)), 8);
	}
	eight = eight_digits((uint32_t)v);
	n = digits_significant(eight);
	return put_digits(out, eight, n > width ? n : width);
}

char *
text_hex(char *out, uint64_t v, unsigned width)
{
	unsigned n = 16 - (unsigned)__builtin_clzll(v | 1) / 4;

	for (; width > 16; width--)
		*out++ = '0';
	if (n < width)
		n = width;
	while (n-- > 0)
		*out++ = digits[v >> (4 * n) & 0xf];
	return out;
}

char *
text_mac(char *out, uint64_t mac)
{
	for (int shift = 40; shift >= 0; shift -= 8) {
		*out++ = digits[mac >> (shift + 4) & 0xf];
		*out++ = digits[mac >> shift & 0xf];
		if (shift > 0)
			*out++ = ':';
	}
	return out;
}

char *
text_octets(char *out, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 0xf];
	}
	return out;
}

void
clock_init(struct clock *clock, bool utc)
{
	*clock = (struct clock) { .utc = utc };
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Looks up the date and UTC offset of the quarter of an hour with sec. */
static void
clock_fill(const struct clock *clock, struct clock_quarter *q,
    int64_t quarter)
{
	time_t t = (time_t)(quarter * QUARTER_SEC);
	struct tm tm;
	char *p = q->date;
	int64_t seconds_of_day;

	memset(&tm, 0, sizeof(tm));
	if (clock->utc)
		(void)gmtime_r(&t, &tm);
	else
		(void)localtime_r(&t, &tm);
	p = text_u64_pad(p, (uint64_t)(tm.tm_year + 1900) % 1000000, 4);
	*p++ = '-';
	p = text_u64_pad(p, (uint64_t)tm.tm_mon + 1, 2);
	*p++ = '-';
	p = text_u64_pad(p, (uint64_t)tm.tm_mday, 2);
	*p++ = 'T';
	q->date_len = (uint8_t)(p - q->date);
	seconds_of_day = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
	q->base = quarter * QUARTER_SEC - seconds_of_day;
	q->quarter = quarter;
}

char *
text_time(char *out, struct clock *clock, int64_t sec)
{
	int64_t quarter = floor_div(sec, QUARTER_SEC);
	struct clock_quarter *q = &clock->memory[quarter &
	    (CLOCK_QUARTERS - 1)];
	unsigned of_day;

	if (q->date_len == 0 || q->quarter != quarter)
		clock_fill(clock, q, quarter);
	of_day = (unsigned)(sec - q->base);
	memcpy(out, q->date, sizeof(q->date));
	out += q->date_len;
	memcpy(out, pairs + of_day / 3600 * 2, 2);
	out[2] = ':';
	memcpy(out + 3, pairs + of_day / 60 % 60 * 2, 2);
	out[5] = ':';
	memcpy(out + 6, pairs + of_day % 60 * 2, 2);
	return out + 8;
}

/* The fraction with 3, 6 or 9 digits, as few as the value needs. */
static char *
text_fraction(char *out, uint32_t ns)
{
	unsigned known = ns % 1000 != 0 ? 9 : ns % 1000000 != 0 ? 6 : 3;

	if (ns == 0)
		return out;
	out[0] = '.';
	out[1] = (char)('0' + ns / 100000000);
	(void)put_digits(out + 2, eight_digits(ns % 100000000), 8);
	return out + 1 + known;
}

char *
text_rfc3339(char *out, struct clock *clock, int64_t ns)
{
	const int64_t second_ns = 1000000000;
	int64_t sec = floor_div(ns, second_ns);

	out = text_time(out, clock, sec);
	ns %= second_ns;
	out = text_fraction(out, (uint32_t)(ns < 0 ? ns + second_ns : ns));
	*out++ = 'Z';
	return out;
}

char *
text_interval(char *out, uint32_t sec)
{
	static const struct {
		uint32_t sec;
		char unit;
	} units[] = {
		{ 52 * 7 * DAY_SEC, 'y' },
		{ 7 * DAY_SEC, 'w' },
		{ DAY_SEC, 'd' },
		{ 3600, 'h' },
		{ 60, 'm' },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (sec < units[i].sec)
			continue;
		out = text_u64(out, sec / units[i].sec);
		*out++ = units[i].unit;
		sec %= units[i].sec;
	}
	out = text_u64(out, sec);
	*out++ = 's';
	return out;
}
