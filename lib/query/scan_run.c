/* Scans that feed a consumer; see scan.h. */
#include <stdlib.h>

#include "parallel.h"
#include "vectorize.h"

struct scan_runner {
	struct scan *scan;
	const struct scan_consumer *consumer;
	void *arg;
	void *state, *partial; /* of this thread */
	struct parallel *parallel; /* NULL: this thread does all */
};

int
scan_consumer_begin(const struct scan_consumer *c, void *arg, void **state,
    struct flowd_error *err)
{
	if (c->begin == NULL)
		return 0;
	*state = c->begin(arg, err);
	return *state != NULL ? 0 : FLOWD_ENOMEM;
}

int
scan_consumer_partial(const struct scan_consumer *c, void *arg,
    void **partial, struct flowd_error *err)
{
	if (c->partial == NULL)
		return 0;
	*partial = c->partial(arg, err);
	return *partial != NULL ? 0 : FLOWD_ENOMEM;
}

void
scan_consumer_end(const struct scan_consumer *c, void *state, void *partial)
{
	if (partial != NULL && c->drop != NULL)
		c->drop(partial);
	if (state != NULL && c->end != NULL)
		c->end(state);
}

/* Emit the partial result of this thread. */
static int
runner_emit(struct scan_runner *r, struct flowd_error *err)
{
	return r->partial != NULL ? r->consumer->emit(r->arg, r->partial, err)
				  : 0;
}

/* Emit the results of all threads, unless an ordered consumer has had them. */
static int
runner_emit_all(struct scan_runner *r, struct flowd_error *err)
{
	int bad;

	if (r->consumer->ordered)
		return 0;
	bad = runner_emit(r, err);
	return bad == 0 && r->parallel != NULL ? parallel_emit(r->parallel, err)
					       : bad;
}

/* Emit all results before waiting. */
static int
runner_idle(void *arg, struct flowd_error *err)
{
	struct scan_runner *r = arg;
	int bad = runner_emit_all(r, err);

	return bad == 0 ? scan_idle(r->scan, err) : bad;
}

static int
runner_read_rows(struct scan_runner *r, struct flowd_error *err)
{
	int got;

	while ((got = scan_file_read(r->scan, runner_idle, r, err)) > 0) {
		got = r->consumer->batch(
		    r->state, r->partial, r->scan->batch, err);
		if (got == 0 && r->consumer->ordered)
			got = runner_emit(r, err);
		if (got != 0)
			return got;
	}
	return got;
}

/* The next file for this thread: 1, 0 when there is none, or < 0. */
static int
runner_open(struct scan_runner *r, struct flowd_error *err)
{
	return r->parallel != NULL ? parallel_read(r->parallel, err)
				   : scan_file_open(r->scan, err);
}

static int
runner_run(struct scan_runner *r, struct flowd_error *err)
{
	unsigned threads = parallel_threads(r->scan);
	int got;

	/* parallel.c also asks the consumer's head(), even with one thread. */
	if ((threads > 1 || (threads == 1 && r->consumer->head != NULL)) &&
	    (r->parallel = parallel_new(r->scan, r->consumer, r->arg, r->state,
		 r->partial, threads, err)) == NULL)
		return FLOWD_ENOMEM;
	while ((got = runner_open(r, err)) == 1) {
		got = runner_read_rows(r, err);
		if ((got = scan_file_close(r->scan, got, err)) != 0)
			return got;
	}
	return got;
}

int
scan_run(struct scan *s, const struct scan_consumer *consumer, void *arg,
    struct flowd_error *err)
{
	struct scan_runner r = { .scan = s, .consumer = consumer, .arg = arg };
	struct flowd_error second;
	int bad, also;

	bad = scan_consumer_begin(consumer, arg, &r.state, err);
	if (bad == 0)
		bad = scan_consumer_partial(consumer, arg, &r.partial, err);
	if (bad == 0)
		bad = runner_run(&r, err);
	/* Emit the results before reporting an error. */
	also = runner_emit_all(&r, bad == 0 ? err : &second);
	parallel_free(r.parallel);
	scan_consumer_end(consumer, r.state, r.partial);
	return bad != 0 ? bad : also;
}

/* --- Counting: a partial result is a number --- */

static void *
count_partial(void *arg, struct flowd_error *err)
{
	uint64_t *flows = calloc(1, sizeof(*flows));

	(void)arg;
	if (flows == NULL)
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	return flows;
}

VECTORIZE static size_t
count_rows(const uint64_t *rows, size_t nrows)
{
	return bitmap_count(rows, nrows);
}

static int
count_batch(void *state, void *partial, const struct batch *rows,
    struct flowd_error *err)
{
	uint64_t *flows = partial;

	(void)state;
	(void)err;
	*flows += count_rows(rows->selected, rows->nrows);
	return 0;
}

static int
count_emit(void *arg, void *partial, struct flowd_error *err)
{
	uint64_t *sum = arg, *flows = partial;

	(void)err;
	*sum += *flows;
	*flows = 0;
	return 0;
}

static const struct scan_consumer count_consumer = {
	.batch = count_batch,
	.partial = count_partial,
	.emit = count_emit,
	.drop = free,
};

int
scan_count(struct scan *s, uint64_t *flows, struct flowd_error *err)
{
	*flows = 0;
	/* No value of a flow is wanted, but for those that a filter tests. */
	s->plan.columns = s->filter.want = (struct colset){ { 0, 0 } };
	s->batch->unasked = row_filter_unasked(&s->filter);
	return scan_run(s, &count_consumer, flows, err);
}
