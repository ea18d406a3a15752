/* Cells of reports; see report_cells.h. */
#include "report_cells.h"

void
report_set_addr(struct report *r, enum report_field f, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	report_set_text(r, f, addr_format_scoped(a, text));
}

void
report_set_time(struct report *r, enum report_field f, int64_t ns)
{
	if (ns > 0)
		report_set_ns(r, f, ns);
}

uint64_t
early_lost(const struct decode_counters *c)
{
	return c->early_expired + c->early_evicted + c->early_refused;
}

uint64_t
malformed_count(const struct decode_counters *c)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < MALFORMED_COUNT; i++)
		n += c->malformed[i];
	return n;
}

uint64_t
limited_count(const struct decode_counters *c)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < DECODER_LIMIT_COUNT; i++)
		n += c->limited[i];
	return n;
}
