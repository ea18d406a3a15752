/* Numbers with units; see amount.h. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"

struct unit {
	const char *word;
	double factor;
};

static const struct unit span_units[] = {
	{ "ms", 1e6 },
	{ "s", 1e9 },
	{ "m", 60e9 },
	{ "min", 60e9 },
	{ "h", 3600e9 },
	{ "d", 86400e9 },
	{ "w", 604800e9 },
	{ NULL, 0 },
};

static const struct unit memory_units[] = {
	{ "", 1 },
	{ "K", 1024.0 },
	{ "M", 1048576.0 },
	{ "G", 1073741824.0 },
	{ "T", 1099511627776.0 },
	{ NULL, 0 },
};

static const struct unit count_units[] = {
	{ "", 1 },
	{ "k", 1e3 },
	{ "K", 1e3 },
	{ "M", 1e6 },
	{ "G", 1e9 },
	{ "T", 1e12 },
	{ NULL, 0 },
};

/* Digits, of which some may stand behind a point, and one of the units. */
static bool
amount_parse(const char *text, const struct unit *units, double *out)
{
	size_t digits = strspn(text, "0123456789.");
	char *end;
	double n;

	if (digits == 0 || text[0] == '.')
		return false;
	n = strtod(text, &end);
	if (end != text + digits)
		return false;
	for (; units->word != NULL; units++)
		if (strcmp(units->word, end) == 0) {
			*out = n * units->factor;
			return isfinite(*out);
		}
	return false;
}

int
amount_span(const char *text, uint64_t *ns, struct flowd_error *err)
{
	double n;

	if (!amount_parse(text, span_units, &n) || n < 1e6)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is no time span such as 30s, 5m, 1h, 1d or 1w", text);
	if (n > 9e18)
		return flowd_fail(err, FLOWD_EINVAL, "%s: is too long", text);
	*ns = (uint64_t)n;
	return 0;
}

int
amount_memory(const char *text, uint64_t *octets, struct flowd_error *err)
{
	double n;

	if (!amount_parse(text, memory_units, &n) || n < 1 || n > 9e18)
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is no amount of memory such as 512M or 2G", text);
	*octets = (uint64_t)n;
	return 0;
}

int
amount_count(const char *text, double *count, struct flowd_error *err)
{
	if (!amount_parse(text, count_units, count))
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is no number such as 1000, 1.5k or 2M", text);
	return 0;
}
