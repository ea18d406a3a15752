/* The pipeline; see pipeline.h. */
#include "pipeline.h"

enum {
	/*
	 * Enough rows for nearly every datagram. A batch with less room is
	 * emptied first, so that batches end at a datagram boundary.
	 */
	DATAGRAM_ROWS = 512
};

static void
close_encoders(struct pipeline *p)
{
	for (unsigned i = 0; i < PIPELINE_ENCODERS; i++) {
		if (p->used[i])
			encoder_fini(&p->encoders[i]);
		p->used[i] = false;
	}
}

static bool
open_logdir(struct pipeline *p, unsigned i)
{
	const struct logdir_conf *dir = &p->conf->logdirs[i];
	const struct block_options options = {
		.compression = dir->compression,
		.level = dir->level,
		.columns = &p->conf->columns,
		.elements = &p->conf->elements,
		.seed = p->seed,
	};
	unsigned number = PIPELINE_LOGDIRS + i;

	p->used[number] = encoder_init_blocks(&p->encoders[number], number,
	    &p->sink, &options, dir->flush_ms);
	return p->used[number];
}

/* One encoder of records serves all logs that hold records. */
static bool
open_records(struct pipeline *p)
{
	if (!p->used[PIPELINE_RECORDS])
		encoder_init_records(&p->encoders[PIPELINE_RECORDS],
		    PIPELINE_RECORDS, &p->sink, p->conf->store);
	p->used[PIPELINE_RECORDS] = true;
	return true;
}

unsigned
pipeline_encoder(const struct conf_log *log)
{
	return destination_info[log->kind].unit == UNIT_RECORDS
	    ? PIPELINE_RECORDS : PIPELINE_LOGDIRS + log->index;
}

static bool
open_encoders(struct pipeline *p)
{
	struct conf_log logs[CONF_LOGS_MAX];
	size_t n = conf_logs(p->conf, logs);
	bool good = true;

	for (size_t i = 0; i < n && good; i++)
		good = pipeline_encoder(&logs[i]) == PIPELINE_RECORDS
		    ? open_records(p) : open_logdir(p, logs[i].index);
	return good;
}

bool
pipeline_init(struct pipeline *p, const struct conf *conf, uint64_t seed,
    const struct encoder_sink *sink)
{
	*p = (struct pipeline){
		.conf = conf,
		.dec = decoder_new(&conf->limits, seed),
		.batch = batch_new(BATCH_ROWS),
		.sink = *sink,
		.seed = seed,
	};
	if (p->dec != NULL && p->batch != NULL && open_encoders(p)) {
		decoder_set_rates(p->dec, conf->rates, conf->nrates);
		return true;
	}
	pipeline_fini(p);
	return false;
}

void
pipeline_fini(struct pipeline *p)
{
	close_encoders(p);
	decoder_free(p->dec);
	batch_free(p->batch);
}

bool
pipeline_use(struct pipeline *p, const struct conf *conf)
{
	pipeline_finish(p);
	close_encoders(p);
	p->conf = conf;
	decoder_set_rates(p->dec, conf->rates, conf->nrates);
	return open_encoders(p);
}

/* Run the rules: discarded rows are deselected. */
static void
batch_filter(struct pipeline *p)
{
	size_t before = bitmap_count(p->batch->selected, p->batch->nrows);

	ruleset_run(p->conf->rules, p->batch);
	p->counters.flows += before;
	p->counters.discarded += before -
	    bitmap_count(p->batch->selected, p->batch->nrows);
}

/* Add the losses of the encoders to the engine's counters. */
static void
collect_losses(struct pipeline *p)
{
	for (unsigned i = 0; i < PIPELINE_ENCODERS; i++) {
		struct encoder_losses *l = &p->encoders[i].losses;

		if (!p->used[i])
			continue;
		p->counters.unstorable += l->unstorable;
		p->counters.lost += l->lost;
		*l = (struct encoder_losses){ 0, 0 };
	}
}

/* Encode the rows that the rules send to this logdir. */
static void
add_to_logdir(struct pipeline *p, unsigned i)
{
	uint64_t rows[BATCH_ROWS / 64], *all = p->batch->selected;
	bool named = p->conf->logdirs[i].name != NULL;

	if (named || ruleset_logs(p->conf->rules) != 0) {
		ruleset_log_rows(p->conf->rules, p->batch,
		    named ? i : RULESET_UNNAMED, rows);
		p->batch->selected = rows;
	}
	encoder_add(&p->encoders[PIPELINE_LOGDIRS + i], p->batch, p->taken,
	    p->now_ms);
	p->batch->selected = all;
}

/* Filter the batch, and encode it for each log. */
static void
batch_encode(struct pipeline *p)
{
	if (p->batch->nrows == 0)
		return;
	batch_filter(p);
	if (p->watch != NULL)
		p->watch(p->batch, p->watch_arg);
	if (p->used[PIPELINE_RECORDS])
		encoder_add(&p->encoders[PIPELINE_RECORDS], p->batch, p->taken,
		    p->now_ms);
	for (unsigned i = 0; i < p->conf->nlogdirs; i++)
		if (p->used[PIPELINE_LOGDIRS + i])
			add_to_logdir(p, i);
	collect_losses(p);
	batch_reset(p->batch);
}

static void
datagram_take(struct pipeline *p, const struct datagram *d)
{
	p->counters.datagrams++;
	if (!conf_permits(p->conf, &d->src)) {
		p->counters.refused++;
		return;
	}
	if (batch_room(p->batch) < DATAGRAM_ROWS)
		batch_encode(p);
	decoder_begin(p->dec, d);
	while (decoder_next(p->dec, p->batch))
		batch_encode(p);
}

void
pipeline_take(struct pipeline *p, const struct datagram *d)
{
	datagram_take(p, d);
	p->taken++;
}

int64_t
pipeline_due_ms(const struct pipeline *p)
{
	int64_t due = 0;

	for (unsigned i = PIPELINE_LOGDIRS; i < PIPELINE_ENCODERS; i++) {
		int64_t its = p->used[i] ? p->encoders[i].due_ms : 0;

		if (its != 0 && (due == 0 || its < due))
			due = its;
	}
	return due;
}

void
pipeline_expire(struct pipeline *p)
{
	int64_t due = pipeline_due_ms(p);

	if (due != 0 && p->now_ms >= due)
		pipeline_flush(p);
}

void
pipeline_flush(struct pipeline *p)
{
	batch_encode(p);
	for (unsigned i = 0; i < PIPELINE_ENCODERS; i++)
		if (p->used[i])
			encoder_flush(&p->encoders[i], p->taken, p->now_ms);
	collect_losses(p);
}

void
pipeline_finish(struct pipeline *p)
{
	batch_encode(p);
	for (unsigned i = 0; i < PIPELINE_ENCODERS; i++)
		if (p->used[i])
			encoder_finish(&p->encoders[i], p->taken);
	collect_losses(p);
}
