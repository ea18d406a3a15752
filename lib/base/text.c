/* Numbers and times as text; see text.h. Test: test/unit/base/test_text.c. */
#include <string.h>
#include <time.h>

#include "text.h"

enum {
	QUARTER_SEC = 900,
	DAY_SEC = 86400
};

static const char digits[] = "0123456789abcdef";

/* "00" to "99": two digits at a time halve the divisions. */
static const char pairs[] =
    "00010203040506070809101112131415161718192021222324"
    "25262728293031323334353637383940414243444546474849"
    "50515253545556575859606162636465666768697071727374"
    "75767778798081828384858687888990919293949596979899";

char *
text_u64(char *out, uint64_t v)
{
	char room[20], *p = room + sizeof(room);
	size_t len;

	while (v >= 100) {
		p -= 2;
		memcpy(p, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (v >= 10) {
		p -= 2;
		memcpy(p, pairs + v * 2, 2);
	} else {
		*--p = digits[v];
	}
	len = (size_t)(room + sizeof(room) - p);
	memcpy(out, p, len);
	return out + len;
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
	char room[20];
	unsigned len = (unsigned)(text_u64(room, v) - room);

	for (; width > len; width--)
		*out++ = '0';
	memcpy(out, room, len);
	return out + len;
}

char *
text_hex(char *out, uint64_t v, unsigned width)
{
	unsigned n = 1;

	while (n < 16 && v >> (4 * n) != 0)
		n++;
	if (n < width)
		n = width;
	for (unsigned i = n; i > 0; i--)
		*out++ = i > 16 ? '0' : digits[v >> (4 * (i - 1)) & 0xf];
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

/* Learn the date and the offset of the quarter of an hour that holds sec. */
static void
clock_fill(struct clock *clock, int64_t quarter)
{
	time_t t = (time_t)(quarter * QUARTER_SEC);
	struct tm tm;
	char *p = clock->date;
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
	clock->date_len = (uint8_t)(p - clock->date);
	seconds_of_day = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
	clock->base = quarter * QUARTER_SEC - seconds_of_day;
	clock->quarter = quarter;
	clock->filled = true;
}

char *
text_time(char *out, struct clock *clock, int64_t sec)
{
	int64_t quarter = floor_div(sec, QUARTER_SEC);
	unsigned of_day;

	if (!clock->filled || clock->quarter != quarter)
		clock_fill(clock, quarter);
	of_day = (unsigned)(sec - clock->base);
	memcpy(out, clock->date, sizeof(clock->date));
	out += clock->date_len;
	memcpy(out, pairs + of_day / 3600 * 2, 2);
	out[2] = ':';
	memcpy(out + 3, pairs + of_day / 60 % 60 * 2, 2);
	out[5] = ':';
	memcpy(out + 6, pairs + of_day % 60 * 2, 2);
	return out + 8;
}

/* Behind the point: as few of 3, 6 and 9 digits as the value needs. */
static char *
text_fraction(char *out, unsigned ns)
{
	if (ns == 0)
		return out;
	*out++ = '.';
	if (ns % 1000000 == 0)
		return text_u64_pad(out, ns / 1000000, 3);
	if (ns % 1000 == 0)
		return text_u64_pad(out, ns / 1000, 6);
	return text_u64_pad(out, ns, 9);
}

char *
text_rfc3339(char *out, struct clock *clock, int64_t ns)
{
	const int64_t second_ns = 1000000000;
	int64_t sec = floor_div(ns, second_ns);

	out = text_time(out, clock, sec);
	out = text_fraction(out, (unsigned)(ns - sec * second_ns));
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
