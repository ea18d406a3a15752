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

/* count * 10 + digit. False if that is more than UINT64_MAX. */
static bool
amount_append(uint64_t *count, unsigned digit)
{
	return !__builtin_mul_overflow(*count, 10, count) &&
	    !__builtin_add_overflow(*count, digit, count);
}

/* Digits and a point, times a power of ten. */
static void
amount_digits(
    const char *text, unsigned power, uint64_t *count, bool *fraction)
{
	bool point = false, fits = true;

	*count = 0;
	*fraction = false;
	for (; (*text >= '0' && *text <= '9') || *text == '.'; text++) {
		if (*text == '.')
			point = true;
		else if (!point || power > 0)
			fits &= amount_append(count, (unsigned)(*text - '0'));
		else
			*fraction |= *text != '0';
		power -= point && *text != '.' && power > 0;
	}
	for (; power > 0; power--)
		fits &= amount_append(count, 0);
	if (!fits) {
		*count = UINT64_MAX;
		*fraction = true;
	}
}

static int
amount_fail_number(const char *text, struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_EINVAL,
	    "%s: is no number such as 1000, 1.5k or 2M", text);
}

int
amount_real(const char *text, double *real, struct flowd_error *err)
{
	return amount_parse(text, count_units, real)
	    ? 0
	    : amount_fail_number(text, err);
}

int
amount_count(const char *text, uint64_t *count, bool *fraction,
    struct flowd_error *err)
{
	static const char powers[] = "kMGT";
	const char *unit = text + strspn(text, "0123456789."), *at;
	double real;

	if (!amount_parse(text, count_units, &real))
		return amount_fail_number(text, err);
	at = strchr(powers, *unit == 'K' ? 'k' : *unit);
	amount_digits(text,
	    *unit != '\0' && at != NULL ? 3 * (unsigned)(at - powers) + 3 : 0,
	    count, fraction);
	return 0;
}
