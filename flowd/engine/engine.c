/* The engine; see engine.h. */
#include "engine.h"

enum {
	/*
	 * Rows that nearly every datagram fits into: a batch with less room is
	 * emptied first, so that it ends with a datagram.
	 */
	DATAGRAM_ROWS = 512
};

static void
close_outlets(struct engine *e)
{
	for (unsigned i = 0; i < ENGINE_OUTLETS; i++) {
		if (e->used[i])
			outlet_fini(&e->outlets[i]);
		e->used[i] = false;
	}
}

static bool
open_logdir(struct engine *e, unsigned i)
{
	const struct logdir_conf *dir = &e->conf->logdirs[i];
	const struct block_options options = {
		.compression = dir->compression,
		.level = dir->level,
		.columns = &e->conf->columns,
		.elements = &e->conf->elements,
		.seed = e->seed,
	};
	unsigned number = ENGINE_LOGDIRS + i;

	e->used[number] = outlet_init_blocks(&e->outlets[number], number,
	    &e->sink, &options, dir->flush_ms);
	return e->used[number];
}

static bool
open_outlets(struct engine *e)
{
	const struct conf *conf = e->conf;

	if (conf->logfile != NULL || conf->logsock != NULL) {
		outlet_init_records(&e->outlets[ENGINE_RECORDS],
		    ENGINE_RECORDS, &e->sink, conf->store);
		e->used[ENGINE_RECORDS] = true;
	}
	for (unsigned i = 0; i < conf->nlogdirs; i++)
		if (!open_logdir(e, i))
			return false;
	return true;
}

bool
engine_init(struct engine *e, const struct conf *conf, uint64_t seed,
    const struct outlet_sink *sink)
{
	*e = (struct engine){
		.conf = conf,
		.dec = decoder_new(&conf->limits, seed),
		.batch = batch_new(BATCH_ROWS),
		.sink = *sink,
		.seed = seed,
	};
	if (e->dec != NULL && e->batch != NULL && open_outlets(e)) {
		decoder_set_rates(e->dec, conf->rates, conf->nrates);
		return true;
	}
	engine_fini(e);
	return false;
}

void
engine_fini(struct engine *e)
{
	close_outlets(e);
	decoder_free(e->dec);
	batch_free(e->batch);
}

bool
engine_use(struct engine *e, const struct conf *conf)
{
	engine_finish(e);
	close_outlets(e);
	e->conf = conf;
	decoder_set_rates(e->dec, conf->rates, conf->nrates);
	return open_outlets(e);
}

/* What the rules discard is not selected any more. */
static void
filter(struct engine *e)
{
	size_t before = bitmap_count(e->batch->selected, e->batch->nrows);

	ruleset_run(e->conf->rules, e->batch);
	e->counters.flows += before;
	e->counters.discarded += before -
	    bitmap_count(e->batch->selected, e->batch->nrows);
}

/* What outlets lost is the engine's loss. */
static void
add_up(struct engine *e)
{
	for (unsigned i = 0; i < ENGINE_OUTLETS; i++) {
		struct outlet_losses *l = &e->outlets[i].losses;

		if (!e->used[i])
			continue;
		e->counters.unstorable += l->unstorable;
		e->counters.lost += l->lost;
		*l = (struct outlet_losses){ 0, 0 };
	}
}

/* To a logdir go the rows that rules send there. */
static void
add_to_logdir(struct engine *e, unsigned i)
{
	uint64_t rows[BATCH_ROWS / 64], *all = e->batch->selected;
	bool named = e->conf->logdirs[i].name != NULL;

	if (named || ruleset_logs(e->conf->rules) != 0) {
		ruleset_log_rows(e->conf->rules, e->batch,
		    named ? i : RULESET_UNNAMED, rows);
		e->batch->selected = rows;
	}
	outlet_add(&e->outlets[ENGINE_LOGDIRS + i], e->batch, e->taken,
	    e->now_ms);
	e->batch->selected = all;
}

/* Rows become what the logs are made of. */
static void
encode(struct engine *e)
{
	if (e->batch->nrows == 0)
		return;
	filter(e);
	if (e->watch != NULL)
		e->watch(e->batch, e->watch_arg);
	if (e->used[ENGINE_RECORDS])
		outlet_add(&e->outlets[ENGINE_RECORDS], e->batch, e->taken,
		    e->now_ms);
	for (unsigned i = 0; i < e->conf->nlogdirs; i++)
		if (e->used[ENGINE_LOGDIRS + i])
			add_to_logdir(e, i);
	add_up(e);
	batch_reset(e->batch);
}

static void
take(struct engine *e, const struct datagram *d)
{
	e->counters.datagrams++;
	if (!conf_permits(e->conf, &d->src)) {
		e->counters.refused++;
		return;
	}
	if (batch_room(e->batch) < DATAGRAM_ROWS)
		encode(e);
	decoder_begin(e->dec, d);
	while (decoder_next(e->dec, e->batch))
		encode(e);
}

void
engine_take(struct engine *e, const struct datagram *d)
{
	take(e, d);
	e->taken++;
}

int64_t
engine_due_ms(const struct engine *e)
{
	int64_t due = 0;

	for (unsigned i = ENGINE_LOGDIRS; i < ENGINE_OUTLETS; i++) {
		int64_t its = e->used[i] ? e->outlets[i].due_ms : 0;

		if (its != 0 && (due == 0 || its < due))
			due = its;
	}
	return due;
}

void
engine_expire(struct engine *e)
{
	int64_t due = engine_due_ms(e);

	if (due != 0 && e->now_ms >= due)
		engine_flush(e);
}

void
engine_flush(struct engine *e)
{
	encode(e);
	for (unsigned i = 0; i < ENGINE_OUTLETS; i++)
		if (e->used[i])
			outlet_flush(&e->outlets[i], e->taken, e->now_ms);
	add_up(e);
}

void
engine_finish(struct engine *e)
{
	encode(e);
	for (unsigned i = 0; i < ENGINE_OUTLETS; i++)
		if (e->used[i])
			outlet_finish(&e->outlets[i], e->taken);
	add_up(e);
}
