/* Spans that a clock went ahead over; see clockgaps.h. */
#define _DEFAULT_SOURCE /* timegm(3), which the BSDs and musl have, too */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clockgaps.h"

enum { TIME_LEN = sizeof("2026-11-23T10:05:00Z") - 1 };

static const char head[] =
    "# What the clock went ahead over; see \"keep\" in flowd.conf(5).\n";

static void
print_time(int64_t sec, struct buf *out)
{
	time_t t = (time_t)sec;
	char text[TIME_LEN + 16];
	struct tm tm = { 0 };

	(void)gmtime_r(&t, &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_append_text(out, text);
}

void
clockgaps_print(const struct clockgaps *g, struct buf *out)
{
	buf_append_text(out, head);
	if (g->seen_sec != 0) {
		buf_append_text(out, "seen ");
		print_time(g->seen_sec, out);
		buf_append_char(out, '\n');
	}
	for (size_t i = 0; i < g->n; i++) {
		buf_append_text(out, "gap ");
		print_time(g->gap[i].from_sec, out);
		buf_append_char(out, ' ');
		print_time(g->gap[i].to_sec, out);
		buf_append_char(out, '\n');
	}
}

/*
 * A time is valid only if it prints the same again. Returns the text behind it.
 */
static const char *
parse_time(const char *p, int64_t *sec)
{
	struct tm tm = { 0 };
	struct buf again;
	bool same;

	if (strnlen(p, TIME_LEN) < TIME_LEN ||
	    sscanf(p, "%4d-%2d-%2dT%2d:%2d:%2dZ", &tm.tm_year, &tm.tm_mon,
		&tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return NULL;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*sec = timegm(&tm);
	if (*sec < 0)
		return NULL;
	buf_init(&again, TIME_LEN + 16);
	print_time(*sec, &again);
	same = buf_ok(&again) && again.len == TIME_LEN &&
	    memcmp(again.ptr, p, TIME_LEN) == 0;
	buf_fini(&again);
	return same ? p + TIME_LEN : NULL;
}

static const char *
parse_gap(struct clockgaps *g, const char *p)
{
	struct clockgap gap;

	p = parse_time(p, &gap.from_sec);
	if (p == NULL || *p != ' ')
		return NULL;
	p = parse_time(p + 1, &gap.to_sec);
	if (p == NULL || gap.to_sec <= gap.from_sec)
		return NULL;
	clockgaps_add(g, gap.from_sec, gap.to_sec);
	return p;
}

/* Returns the next line, or NULL when it is none of these. */
static const char *
parse_line(struct clockgaps *g, const char *p)
{
	if (*p == '#')
		p += strcspn(p, "\n");
	else if (strncmp(p, "seen ", 5) == 0)
		p = parse_time(p + 5, &g->seen_sec);
	else if (strncmp(p, "gap ", 4) == 0)
		p = parse_gap(g, p + 4);
	else if (*p != '\n')
		return NULL;
	return p != NULL && *p == '\n' ? p + 1 : NULL;
}

int
clockgaps_parse(struct clockgaps *g, const char *text)
{
	*g = (struct clockgaps){ .n = 0 };
	while (text != NULL && *text != '\0')
		text = parse_line(g, text);
	if (text != NULL)
		return 0;
	*g = (struct clockgaps){ .n = 0 };
	return FLOWD_EFORMAT;
}

static void
remove_at(struct clockgaps *g, size_t i)
{
	g->n--;
	memmove(&g->gap[i], &g->gap[i + 1], (g->n - i) * sizeof(g->gap[0]));
}

/* The joined gap is as long as both, and ends where the second one ends. */
static void
join_oldest(struct clockgaps *g)
{
	int64_t len = g->gap[0].to_sec - g->gap[0].from_sec;
	int64_t *from_sec = &g->gap[1].from_sec;

	*from_sec = *from_sec > len ? *from_sec - len : 0;
	remove_at(g, 0);
}

void
clockgaps_add(struct clockgaps *g, int64_t from_sec, int64_t to_sec)
{
	size_t i;

	if (to_sec <= from_sec)
		return;
	if (g->n == CLOCKGAPS_MAX)
		join_oldest(g);
	for (i = g->n; i > 0 && g->gap[i - 1].from_sec > from_sec; i--)
		g->gap[i] = g->gap[i - 1];
	g->gap[i] = (struct clockgap){ from_sec, to_sec };
	g->n++;
}

/* Drops a gap that lies in the future: the clock may pass it normally. */
void
clockgaps_back(struct clockgaps *g, int64_t now_sec)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->gap[i].from_sec < now_sec &&
		    g->gap[i].to_sec > now_sec)
			g->gap[i].to_sec = now_sec;
}

bool
clockgaps_drop(struct clockgaps *g, int64_t oldest_sec)
{
	size_t before = g->n;

	for (size_t i = g->n; i > 0; i--)
		if (g->gap[i - 1].from_sec < oldest_sec)
			remove_at(g, i - 1);
	return g->n < before;
}

int64_t
clockgaps_age(const struct clockgaps *g, int64_t start_sec, int64_t end_sec,
    int64_t now_sec)
{
	int64_t covered = INT64_MIN, age = now_sec;

	for (size_t i = 0; i < g->n; i++) {
		int64_t from = g->gap[i].from_sec, to = g->gap[i].to_sec;

		if (from < start_sec || to > now_sec)
			continue;
		if (covered == INT64_MIN && end_sec > from)
			end_sec = from;
		/* They may lie within one another. */
		if (from < covered)
			from = covered;
		if (to > from)
			age -= to - from;
		if (to > covered)
			covered = to;
	}
	return age - end_sec;
}
