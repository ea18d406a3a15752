/* Options data; see options_data.h. Test: test_options_data.c. */
#include "option_name.h"
#include "option_record.h"
#include "options_data.h"
#include "scoped_store.h"

static void
apply_names(struct exporters *all, struct stream *s,
    const struct option_values *v)
{
	for (int kind = 0; kind < NAME_KINDS; kind++)
		if (v->name[kind].len > 0)
			name_set(all, s, (enum name_kind)kind, v->key[kind],
			    v->name[kind]);
}

/* The sampling rate and the start of the exporter, for a scope. */
static void
apply_scoped(struct exporters *all, struct stream *s,
    const struct option_values *v, int64_t now_ns)
{
	if (v->scope.unsupported) {
		s->counters.unknown_scopes += v->has_rate;
		return;
	}
	if (v->has_rate)
		scoped_set(all, s, SCOPED_RATE, &v->scope,
		    scoped_from_rate(v->rate), now_ns);
	if (v->has_start)
		scoped_set(all, s, SCOPED_START, &v->scope,
		    (uint64_t)v->start_ns, now_ns);
}

void
options_apply(struct exporters *all, struct stream *s, struct bytes other,
    size_t nscope, int64_t now_ns)
{
	struct option_values v;

	options_read(other, nscope, &s->exporter->addr, &v);
	apply_scoped(all, s, &v, now_ns);
	apply_names(all, s, &v);
}
