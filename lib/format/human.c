/* Numbers and times for people; see human.h. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "human.h"

/*
 * Three digits in all, rounded: 1.23, 12.3, 123. Returns the length.
 */
static int
three_digits(char *out, size_t size, uint64_t whole, unsigned thousandths)
{
	uint64_t v = whole * 1000 + thousandths;

	if (v < 9995) {
		v = (v + 5) / 10;
		return snprintf(out, size, "%u.%02u", (unsigned)(v / 100),
		    (unsigned)(v % 100));
	}
	if (v < 99950) {
		v = (v + 50) / 100;
		return snprintf(out, size, "%u.%u", (unsigned)(v / 10),
		    (unsigned)(v % 10));
	}
	return snprintf(out, size, "%" PRIu64, (v + 500) / 1000);
}

/* n in units of base to the power, as whole and thousandths. */
static uint64_t
human_divide(uint64_t n, unsigned base, unsigned power, unsigned *thousandths)
{
	uint64_t unit = 1, rest;

	for (unsigned i = 0; i < power; i++)
		unit *= base;
	rest = n % unit;
	n /= unit;
	/* Avoids overflow of the product below. */
	while (unit > UINT64_MAX / 1000 / base) {
		unit /= base;
		rest /= base;
	}
	*thousandths = (unsigned)(rest * 1000 / unit);
	return n;
}

/* Does it need the next unit? 999.5 k is 1.00 M. */
static bool
is_large(uint64_t whole, unsigned thousandths, unsigned base, unsigned power)
{
	if (power == 0)
		return whole >= base;
	return whole * 1000 + thousandths >= base * 1000ULL - 500;
}

static const char *
human_scale(char *out, uint64_t n, unsigned base, const char *const prefixes[],
    const char *unit)
{
	unsigned power = 0, thousandths = 0;
	uint64_t whole = n;
	int len;

	while (power < 6 && is_large(whole, thousandths, base, power))
		whole = human_divide(n, base, ++power, &thousandths);
	len = power == 0
	    ? snprintf(out, HUMAN_MAX, "%" PRIu64, n)
	    : three_digits(out, HUMAN_MAX, whole, thousandths);
	if (power > 0 || unit[0] != '\0')
		(void)snprintf(out + len, (size_t)(HUMAN_MAX - len), " %s%.16s",
		    prefixes[power], unit);
	return out;
}

const char *
human_si(char out[HUMAN_MAX], uint64_t n, const char *unit)
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T", "P",
		"E" };

	return human_scale(out, n, 1000, prefixes, unit);
}

const char *
human_iec(char out[HUMAN_MAX], uint64_t n, const char *unit)
{
	static const char *const prefixes[] = { "", "Ki", "Mi", "Gi", "Ti",
		"Pi", "Ei" };

	return human_scale(out, n, 1024, prefixes, unit);
}

enum { S_PER_MIN = 60, S_PER_H = 3600, S_PER_D = 86400 };

static const uint64_t ns_per_us = 1000;
static const uint64_t ns_per_ms = 1000000;
static const uint64_t ns_per_s = 1000000000;

/* Two units of time, the smaller of which may be left out. */
static const struct time_unit {
	unsigned large_s, small_s;
	const char *large, *small;
} spans[] = {
	{ S_PER_D, S_PER_H, "d", "h" },
	{ S_PER_H, S_PER_MIN, "h", "min" },
	{ S_PER_MIN, 1, "min", "s" },
};

enum { NSPANS = sizeof(spans) / sizeof(spans[0]) };

static const struct time_unit *
find_span(uint64_t s)
{
	for (unsigned i = 0; i < NSPANS; i++)
		if (s >= spans[i].large_s)
			return &spans[i];
	return NULL;
}

static uint64_t
human_magnitude(int64_t ns)
{
	return ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
}

/* Less than a minute. */
static void
format_short(char *out, size_t size, uint64_t ns)
{
	int len;

	if (ns == 0) {
		(void)snprintf(out, size, "0 s");
	} else if (ns < ns_per_us) {
		(void)snprintf(out, size, "%" PRIu64 " ns", ns);
	} else if (ns < ns_per_ms) {
		(void)snprintf(out, size, "%" PRIu64 " us", ns / ns_per_us);
	} else if (ns < ns_per_s) {
		(void)snprintf(out, size, "%" PRIu64 " ms", ns / ns_per_ms);
	} else {
		len = three_digits(out, size, ns / ns_per_s,
		    (unsigned)(ns % ns_per_s / ns_per_ms));
		(void)snprintf(out + len, size - (size_t)len, " s");
	}
}

const char *
human_duration(char out[HUMAN_MAX], int64_t ns)
{
	uint64_t n = human_magnitude(ns), s = n / ns_per_s;
	const struct time_unit *span = find_span(s);
	const char *sign = ns < 0 ? "-" : "";
	char text[HUMAN_MAX - 1];

	if (span == NULL)
		format_short(text, sizeof(text), n);
	else if (n % (span->large_s * ns_per_s) == 0)
		(void)snprintf(text, sizeof(text), "%" PRIu64 " %s",
		    s / span->large_s, span->large);
	else
		(void)snprintf(text, sizeof(text), "%" PRIu64 " %s %u %s",
		    s / span->large_s, span->large,
		    (unsigned)(s % span->large_s / span->small_s),
		    span->small);
	(void)snprintf(out, HUMAN_MAX, "%s%s", sign, text);
	return out;
}

const char *
human_ago(char out[HUMAN_MAX], int64_t then_ns, int64_t now_ns)
{
	bool future = then_ns > now_ns;
	uint64_t s = (future ? (uint64_t)then_ns - (uint64_t)now_ns
			     : (uint64_t)now_ns - (uint64_t)then_ns) /
	    ns_per_s;
	const struct time_unit *span = find_span(s);
	const char *before = future ? "in " : "", *after = future ? "" : " ago";

	if (then_ns == 0)
		(void)snprintf(out, HUMAN_MAX, "never");
	else if (s == 0)
		(void)snprintf(out, HUMAN_MAX, "now");
	else
		(void)snprintf(out, HUMAN_MAX, "%s%" PRIu64 " %s%s", before,
		    span != NULL ? s / span->large_s : s,
		    span != NULL ? span->large : "s", after);
	return out;
}
