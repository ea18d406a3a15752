/* Limits in the log; see limits_log.h. */
#include "limits_log.h"

static void
limits_log_row_update(struct limits_log_row *row, const struct decoder *dec,
    unsigned limit)
{
	const struct decoder_limit_info *info = &decoder_limit_info[limit];
	struct decoder_limit_state state;
	char last[ADDR_TEXT_MAX];

	decoder_limit(dec, limit, &state);
	if (state.hits == row->logged || !log_due(&row->due))
		return;
	(void)addr_format_scoped(&state.last, last);
	log_warn("limit %s is %llu and was reached %llu times, last by %s; "
		 "see \"limit %s\" in flowd.conf(5)",
	    info->name, (unsigned long long)state.value,
	    (unsigned long long)(state.hits - row->logged), last, info->name);
	row->logged = state.hits;
}

void
limits_log_update(struct limits_log *l, const struct decoder *dec)
{
	uint64_t hits = decoder_hits(dec), logged = 0;

	if (hits == l->hits)
		return;
	for (unsigned i = 0; i < DECODER_LIMIT_COUNT; i++) {
		limits_log_row_update(&l->rows[i], dec, i);
		logged += l->rows[i].logged;
	}
	/* Limits that are not due yet are checked again next time. */
	l->hits = logged;
}

void
limits_log_all(const struct decoder *dec, const char *name)
{
	for (unsigned i = 0; i < DECODER_LIMIT_COUNT; i++) {
		struct decoder_limit_state state;

		decoder_limit(dec, i, &state);
		if (state.hits > 0)
			log_warn("%s: limit %s is %llu and was reached %llu "
				 "times", name, decoder_limit_info[i].name,
			    (unsigned long long)state.value,
			    (unsigned long long)state.hits);
	}
}
