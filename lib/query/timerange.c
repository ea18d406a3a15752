/* Ranges of time; see timerange.h. */
#include <string.h>

#include "datetime.h"
#include "timerange.h"

enum {
	TEXT = 64 /* octets of the longest time and its 0 */
};

/* Copies the text before the comma; NULL when it is too long for a time. */
static const char *
split_at_comma(const char *text, char start[TEXT])
{
	size_t len = strcspn(text, ",");

	if (len >= TEXT)
		return NULL;
	memcpy(start, text, len);
	start[len] = '\0';
	return text + len + (text[len] == ',');
}

/* If a time occurs twice, a start is the first, and an end the last. */
static int
parse_ends(const char *start, const char *end, struct datetime_view view,
    struct timerange *range, bool *skipped, struct flowd_error *err)
{
	struct datetime first, last;
	int bad;

	if (*start != '\0') {
		bad = datetime_parse(start, &view, &first, err);
		if (bad != 0)
			return bad;
		range->after_ns = first.first_ns;
		view.start = &first;
		*skipped = first.skipped;
	}
	if (*end == '\0')
		return 0;
	bad = datetime_parse(end, &view, &last, err);
	if (bad != 0)
		return bad;
	range->before_ns = last.begin_late_ns;
	*skipped = *skipped || last.skipped;
	return 0;
}

/* A hint for "10:00-11:00", "10:00 11:00", "10:00..11:00". */
static int
with_comma(const char *text, const struct datetime_view *view, int bad,
    struct flowd_error *err)
{
	static const char between[] = "-. ";
	struct datetime ignored;
	char start[TEXT];

	for (size_t i = 1; i < sizeof(start) && text[i - 1] != '\0'; i++) {
		const char *end = text + i + strspn(text + i, between);

		if (end == text + i || *end == '\0')
			continue;
		memcpy(start, text, i);
		start[i] = '\0';
		if ((strchr(start, ':') == NULL) ==
			(strchr(end, ':') == NULL) &&
		    datetime_parse(start, view, &ignored, NULL) == 0 &&
		    datetime_parse(end, view, &ignored, NULL) == 0)
			return flowd_fail(err, bad, "\"%s\": the ends of a "
			    "range have a comma between: %s,%s", text, start,
			    end);
	}
	return bad;
}

int
timerange_parse(const char *text, int64_t now_ns, bool utc,
    struct timerange *range, struct flowd_error *err)
{
	const struct datetime_view view = { .now_ns = now_ns, .utc = utc };
	char start[TEXT];
	const char *end = split_at_comma(text, start);
	bool skipped = false;
	int bad;

	*range = (struct timerange){ INT64_MIN, INT64_MAX };
	if (end == NULL || (*start == '\0' && *end == '\0'))
		return flowd_fail(err, FLOWD_EINVAL,
		    "\"%.64s\" is not START, START,END or ,END", text);
	bad = parse_ends(start, end, view, range, &skipped, err);
	if (bad != 0)
		return with_comma(text, &view, bad, err);
	/* An hour that the clock skips is a valid, empty range. */
	if (range->before_ns < range->after_ns ||
	    (range->before_ns == range->after_ns && !skipped))
		return flowd_fail(err, FLOWD_EINVAL,
		    "\"%s\" ends before it begins; an end without a date is "
		    "of the day of the start", text);
	return 0;
}
