/*
 * "limit" statements: limits of the decoder and of the daemon; see conf.h.
 *
 * Test: test/program/tree/test_conf_man.py.
 */
#include <string.h>

#include "conf_statements.h"
#include "quantity.h"
#include "suggest.h"

#define MI ((uint64_t)1024 * 1024)

enum {
#define LIMIT(name, value, least, most, text) DAEMON_##name,
#include "conf_limits.def"
#undef LIMIT
	DAEMON_LIMIT_COUNT,
	LIMITS = DECODER_LIMIT_COUNT + DAEMON_LIMIT_COUNT
};

/* A limit of the decoder or of the daemon. */
struct limit_row {
	const char *name;
	uint64_t least, most;
	size_t offset; /* in struct decoder_limits or conf_limits */
};

static const struct daemon_limit {
	struct limit_row row;
	uint64_t value; /* the default */
} daemon_limits[DAEMON_LIMIT_COUNT] = {
#define LIMIT(name_, value_, least_, most_, text_) \
	[DAEMON_##name_] = { { #name_, least_, most_, \
			      offsetof(struct conf_limits, name_) }, \
		value_ },
#include "conf_limits.def"
#undef LIMIT
};

static struct limit_row
row_of(size_t i)
{
	if (i >= DECODER_LIMIT_COUNT)
		return daemon_limits[i - DECODER_LIMIT_COUNT].row;
	return (struct limit_row){ decoder_limit_info[i].name, 1, UINT64_MAX,
		decoder_limit_info[i].offset };
}

/* The index of a limit; LIMITS when it is unknown. */
static size_t
find_limit(const char *name)
{
	size_t i = 0;

	while (i < LIMITS && strcmp(row_of(i).name, name) != 0)
		i++;
	return i;
}

static const char *
suggest_limit(const char *name)
{
	const char *words[LIMITS];

	for (size_t i = 0; i < LIMITS; i++)
		words[i] = row_of(i).name;
	return suggest_word(name, words, LIMITS);
}

/* Parse a value: a duration (5m) for names in _ms, else a count (32M). */
static bool
limit_value(const struct limit *l, uint64_t *value)
{
	static const char ms[] = "_ms";
	size_t len = strlen(l->name);

	if (len < strlen(ms) || strcmp(l->name + len - strlen(ms), ms) != 0)
		return quantity_count(l->value, value) == 0 && *value > 0;
	if (quantity_span(l->value, 1000000, value) != 0)
		return false;
	*value /= 1000000;
	return *value > 0;
}

static void
report_unknown(struct conf_builder *m, const struct stmt *stmt)
{
	const char *name = stmt->limit.name, *near = suggest_limit(name);

	if (near != NULL)
		diag_report(&m->sink, &stmt->at,
		    "unknown limit \"%s\"; did you mean \"%s\"?", name, near);
	else
		diag_report(&m->sink, &stmt->at, "unknown limit \"%s\"",
		    name);
}

/* Upper limits are multiples of Mi, lower ones may be any number. */
static uint64_t
unit_of(uint64_t value)
{
	return value % MI == 0 ? MI : 1;
}

static bool
check_value(struct conf_builder *m, const struct stmt *stmt,
    const struct limit_row *row, uint64_t *value)
{
	const struct limit *l = &stmt->limit;

	if (!limit_value(l, value))
		diag_report(&m->sink, &stmt->at,
		    "limit %s: \"%s\" is not a number above 0", l->name,
		    l->value);
	else if (*value < row->least || *value > row->most)
		diag_report(&m->sink, &stmt->at,
		    "limit %s: %s is not from %llu%s to %lluMi", l->name,
		    l->value,
		    (unsigned long long)(row->least / unit_of(row->least)),
		    unit_of(row->least) == MI ? "Mi" : "",
		    (unsigned long long)(row->most / MI));
	else
		return true;
	return false;
}

void
conf_limit(struct conf_builder *m, const struct stmt *stmt)
{
	size_t i = find_limit(stmt->limit.name);
	struct limit_row row;
	uint64_t value;
	char *to;

	if (i == LIMITS) {
		report_unknown(m, stmt);
		return;
	}
	row = row_of(i);
	if (!check_value(m, stmt, &row, &value))
		return;
	to = i < DECODER_LIMIT_COUNT ? (char *)&m->conf->limits
				     : (char *)&m->conf->daemon_limits;
	memcpy(to + row.offset, &value, sizeof(value));
}

size_t
conf_ring_octets(const struct conf *conf)
{
	uint64_t octets = conf->daemon_limits.mailbox_octets;

	if (octets == 0)
		octets = daemon_limits[DAEMON_mailbox_octets].value;
	return (size_t)octets;
}

size_t
conf_metrics_exporters(const struct conf *conf)
{
	uint64_t most = conf->daemon_limits.metrics_exporters;

	if (most == 0)
		most = daemon_limits[DAEMON_metrics_exporters].value;
	return (size_t)most;
}
