/*
 * Limits in the configuration; see conf.h.
 * Test: test/program/test_conf_man.py.
 */
#include <string.h>

#include "conf_maker.h"
#include "quantity.h"
#include "suggest.h"

static const struct decoder_limit_info *
find_limit(const char *name)
{
	for (size_t i = 0; i < DECODER_LIMIT_COUNT; i++)
		if (strcmp(decoder_limit_info[i].name, name) == 0)
			return &decoder_limit_info[i];
	return NULL;
}

static const char *
suggest_limit(const char *name)
{
	const char *words[DECODER_LIMIT_COUNT];

	for (size_t i = 0; i < DECODER_LIMIT_COUNT; i++)
		words[i] = decoder_limit_info[i].name;
	return suggest_word(name, words, DECODER_LIMIT_COUNT);
}

/* Those in milliseconds are spans of time, 5m; the others counts, 32M. */
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

void
conf_limit(struct conf_maker *m, const struct stmt *stmt)
{
	const struct limit *l = &stmt->limit;
	const struct decoder_limit_info *info = find_limit(l->name);
	const char *near = suggest_limit(l->name);
	uint64_t value;

	if (info == NULL && near != NULL)
		diag_report(&m->sink, &stmt->at,
		    "unknown limit \"%s\"; did you mean \"%s\"?", l->name,
		    near);
	else if (info == NULL)
		diag_report(&m->sink, &stmt->at, "unknown limit \"%s\"",
		    l->name);
	else if (!limit_value(l, &value))
		diag_report(&m->sink, &stmt->at,
		    "limit %s: \"%s\" is no number above 0", l->name,
		    l->value);
	else
		memcpy((char *)&m->conf->limits + info->offset, &value,
		    sizeof(value));
}
