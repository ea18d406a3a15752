/* Tests of groups; see having.h. */
#include <stdio.h>
#include <string.h>

#include "amount.h"
#include "having.h"

/* The longer ones first. */
static const struct {
	const char *word;
	enum having_test test;
} tests[] = {
	{ "<=", HAVING_AT_MOST },
	{ ">=", HAVING_AT_LEAST },
	{ "!=", HAVING_NOT },
	{ "==", HAVING_EQUAL },
	{ "<", HAVING_LESS },
	{ ">", HAVING_MORE },
	{ "=", HAVING_EQUAL },
};

/* Sets the test; returns the length of its word, or 0. */
static size_t
having_test(struct aggregate_having *h, const char *text)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		size_t len = strlen(tests[i].word);

		if (strncmp(text, tests[i].word, len) == 0) {
			h->test = (uint8_t)tests[i].test;
			return len;
		}
	}
	return 0;
}

static int
having_value(struct aggregate_having *h, const struct measure *m,
    const char *text, const struct datetime_view *view,
    struct flowd_error *err)
{
	struct datetime when;
	uint64_t ns = 0;
	int bad;

	switch ((enum measure_type)m->type) {
	case MEASURE_TIME:
		bad = datetime_parse(text, view, &when, err);
		if (bad != 0)
			return bad;
		h->ns = when.first_ns;
		h->last_ns = when.again_last_ns;
		return 0;
	case MEASURE_NS:
		bad = strcmp(text, "0") == 0 ? 0 : amount_span(text, &ns, err);
		h->ns = (int64_t)ns;
		return bad;
	case MEASURE_REAL:
		return amount_real(text, &h->real, err);
	default:
		return amount_count(text, &h->uint, &h->fraction, err);
	}
}

int
having_parse(struct aggregate_output *o, const char *text,
    const struct datetime_view *view, struct flowd_error *err)
{
	struct aggregate_having *h = &o->having[o->nhaving];
	size_t len = strcspn(text, "<>=!, "), blanks = strspn(text + len, " ");
	char name[MEASURE_NAME_MAX];
	int at, bad;

	if (o->nhaving == AGGREGATE_HAVING)
		return flowd_fail(err, FLOWD_EINVAL,
		    "there are more than %d tests", AGGREGATE_HAVING);
	text += len + blanks;
	if (len == 0 || len >= sizeof(name) || having_test(h, text) == 0)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is no test such as octets>1M or flows>=10",
		    text - len - blanks);
	(void)snprintf(
	    name, sizeof(name), "%.*s", (int)len, text - len - blanks);
	at = measures_find(&o->measures, name);
	if (at < 0) {
		bad = measures_parse(&o->measures, name, err);
		if (bad != 0)
			return bad;
		at = (int)o->measures.n - 1;
	}
	h->measure = (uint8_t)at;
	text += having_test(h, text);
	text += strspn(text, " ");
	bad = having_value(h, &o->measures.measure[at], text, view, err);
	if (bad == 0)
		o->nhaving++;
	return bad;
}
