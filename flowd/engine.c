/* The engine; see engine.h. */
#include "engine.h"
#include "v3.h"

enum {
	OUT_DELIVER = 256 * 1024, /* octets that go out in one write */
	OUT_MAX = OUT_DELIVER + BATCH_ROWS * V3_RECORD_MAX
};

bool
engine_init(struct engine *e, const struct conf *conf, uint64_t seed,
    void (*deliver)(struct bytes records, void *arg), void *arg)
{

	*e = (struct engine){
		.conf = conf,
		.dec = decoder_new(&conf->limits, seed),
		.batch = batch_new(BATCH_ROWS),
		.deliver = deliver,
		.arg = arg,
	};
	buf_init(&e->out, OUT_MAX);
	if (e->dec != NULL && e->batch != NULL)
		return true;
	engine_fini(e);
	return false;
}

void
engine_fini(struct engine *e)
{
	decoder_free(e->dec);
	batch_free(e->batch);
	buf_fini(&e->out);
}

static void
deliver(struct engine *e)
{
	if (e->out.len == 0)
		return;
	e->deliver((struct bytes){ e->out.ptr, e->out.len }, e->arg);
	buf_reset(&e->out);
}

/* What the rules discard is not selected any more. */
static void
filter(struct engine *e)
{
	size_t before = bitmap_count(e->batch->selected, e->batch->nrows);

	ruleset_run(e->conf->rules, e->batch);
	e->counters.discarded += before -
	    bitmap_count(e->batch->selected, e->batch->nrows);
}

/* Rows become records. There is room for a batch whenever this is called. */
static void
encode(struct engine *e)
{
	int n;

	if (e->batch->nrows == 0)
		return;
	filter(e);
	n = v3_write(e->batch, e->conf->store, &e->out,
	    &e->counters.unstorable);
	if (n >= 0)
		e->counters.records += (uint64_t)n;
	else
		e->counters.lost += bitmap_count(e->batch->selected,
		    e->batch->nrows);
	batch_reset(e->batch);
	if (e->out.len >= OUT_DELIVER)
		deliver(e);
}

void
engine_take(struct engine *e, const struct datagram *d)
{
	e->counters.datagrams++;
	if (!conf_permits(e->conf, &d->src)) {
		e->counters.refused++;
		return;
	}
	decoder_begin(e->dec, d);
	while (decoder_next(e->dec, e->batch))
		encode(e);
}

void
engine_flush(struct engine *e)
{
	encode(e);
	deliver(e);
}
