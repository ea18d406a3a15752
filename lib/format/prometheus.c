/* Metrics as text for Prometheus; see prometheus.h. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "prometheus.h"
#include "utf8.h"

enum { DIGITS_LEAST = 15, DIGITS_MOST = 17 }; /* decimal digits of a double */

static const char *const types[] = {
	[PROMETHEUS_COUNTER] = "counter",
	[PROMETHEUS_GAUGE] = "gauge",
};

void
prometheus_init(struct prometheus *p, struct buf *out)
{
	*p = (struct prometheus){ .out = out };
}

/* [a-zA-Z_][a-zA-Z0-9_]*; the names of metrics may have colons, too. */
static bool
is_name(const char *name, bool colons)
{
	const char *c = name;

	for (; *c != '\0'; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') &&
		    *c != '_' && !(*c == ':' && colons) &&
		    !(*c >= '0' && *c <= '9' && c != name))
			return false;
	return c != name;
}

/* Labels that begin with two underscores are reserved for the server. */
static bool
is_label(const char *name)
{
	return is_name(name, false) && strncmp(name, "__", 2) != 0;
}

/*
 * The format is UTF-8: invalid octets become U+FFFD. A quote is escaped where
 * it would end the text.
 */
static void
put_escaped(struct buf *out, const char *text, bool quoted)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t left = strlen(text), len;

	for (; left > 0; p += len, left -= len) {
		len = utf8_len(p, left);
		if (len == 0) {
			buf_append_text(out, "\xef\xbf\xbd");
			len = 1;
		} else if (*p == '\\' || (*p == '"' && quoted)) {
			buf_append_char(out, '\\');
			buf_append_char(out, (char)*p);
		} else if (*p == '\n') {
			buf_append_text(out, "\\n");
		} else {
			buf_append(out, p, len);
		}
	}
}

void
prometheus_metric(struct prometheus *p, const char *name,
    enum prometheus_type type, const char *help)
{
	p->name = name;
	if (!is_name(name, true)) {
		p->out->failed = true;
		return;
	}
	buf_printf(p->out, "# HELP %s ", name);
	put_escaped(p->out, help, false);
	buf_printf(p->out, "\n# TYPE %s %s\n", name, types[type]);
}

static void
put_labels(struct buf *out, const struct prometheus_label *label)
{
	const char *before = "{";

	if (label == NULL || label->name == NULL)
		return;
	for (; label->name != NULL; label++) {
		out->failed |= !is_label(label->name);
		buf_printf(out, "%s%s=\"", before, label->name);
		put_escaped(out, label->value, true);
		buf_append_char(out, '"');
		before = ",";
	}
	buf_append_char(out, '}');
}

static void
put_sample(struct prometheus *p, const struct prometheus_label *labels,
    const char *value)
{
	/* Without a metric there is no sample. */
	if (p->name == NULL) {
		p->out->failed = true;
		return;
	}
	buf_append_text(p->out, p->name);
	put_labels(p->out, labels);
	buf_printf(p->out, " %s\n", value);
}

void
prometheus_u64(struct prometheus *p, const struct prometheus_label *labels,
    uint64_t value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	put_sample(p, labels, text);
}

static void
format_double(char *text, size_t size, double value)
{
	for (int digits = DIGITS_LEAST; digits <= DIGITS_MOST; digits++) {
		(void)snprintf(text, size, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
}

void
prometheus_double(struct prometheus *p, const struct prometheus_label *labels,
    double value)
{
	char text[64];

	if (isnan(value))
		put_sample(p, labels, "NaN");
	else if (isinf(value))
		put_sample(p, labels, value > 0 ? "+Inf" : "-Inf");
	else {
		format_double(text, sizeof(text), value);
		put_sample(p, labels, text);
	}
}
