/*
 * What writing a columnar log costs a collector: the datagrams of captures are
 * decoded into a batch and its rows gathered into blocks, as the daemon does,
 * and only the latter is timed, by its two steps.
 *
 *	encode COMPRESSION CAPTURE...	called by bench_columnar.py
 *
 * It prints nanoseconds of CPU a flow for gathering and
 * for finishing blocks, and octets a flow. The least of some runs is taken:
 * other work on the machine only ever adds.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "block_writer.h"
#include "capture.h"
#include "decode.h"

enum {
	RUNS = 7
};

struct run {
	struct block_writer *writer;
	struct batch *batch;
	struct buf out;
	double gather, finish;	/* seconds of CPU */
	size_t octets, rows;
};

static void
run_finish(struct run *r)
{
	double begin = bench_cpu();

	if (block_writer_finish(r->writer, &r->out) < 0)
		abort();
	r->finish += bench_cpu() - begin;
	r->octets += r->out.len;
	buf_reset(&r->out);
}

/* The batch is full, or the capture ends. */
static void
run_store(struct run *r)
{
	size_t row = 0;

	r->rows += r->batch->nrows;
	for (;;) {
		double begin = bench_cpu();

		row = block_writer_add(r->writer, r->batch, row);
		r->gather += bench_cpu() - begin;
		if (row == r->batch->nrows)
			break;
		run_finish(r);
	}
	batch_reset(r->batch);
}

static struct capture *
open_capture(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct capture *cap;
	struct flowd_error err;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	cap = capture_open(f, path, &err);
	if (cap == NULL) {
		(void)fprintf(stderr, "%s: %s\n", path, err.text);
		exit(1);
	}
	return cap;
}

static void
run_capture(struct run *r, const char *path)
{
	struct capture *cap = open_capture(path);
	struct decoder *dec = decoder_new(NULL, 1);
	struct capture_datagram d;

	if (dec == NULL)
		abort();
	r->gather = r->finish = 0;
	r->octets = r->rows = 0;
	while (capture_next(cap, &d, NULL) == 1) {
		decoder_begin(dec, &(struct datagram){ .payload = d.payload,
			.src = d.src, .port = d.src_port,
			.recv_ns = d.time_ns });
		while (decoder_next(dec, r->batch))
			run_store(r);
	}
	run_store(r);
	run_finish(r);
	decoder_free(dec);
	capture_close(cap);
}

/* One writer for all runs, as a daemon has: memory is there from the second. */
static void
encode_bench(const char *path, enum compression compression, const char *name)
{
	struct block_options o = { .compression = compression, .seed = 1 };
	double gather = 1e9, last = 1e9;
	struct run r = { .writer = block_writer_new(&o),
		.batch = batch_new(BATCH_ROWS) };

	if (r.writer == NULL || r.batch == NULL)
		abort();
	buf_init(&r.out, BLOCK_MAX);
	for (unsigned i = 0; i < RUNS; i++) {
		run_capture(&r, path);
		gather = r.gather < gather ? r.gather : gather;
		last = r.finish < last ? r.finish : last;
	}
	gather *= 1e9 / (double)r.rows;
	last *= 1e9 / (double)r.rows;
	printf("encode %-20s %-4s gather %5.1f  finish %5.1f  all %5.1f "
	       "ns/flow  %5.2f octets/flow\n", path, name, gather, last,
	    gather + last, (double)r.octets / (double)r.rows);
	buf_fini(&r.out);
	batch_free(r.batch);
	block_writer_free(r.writer);
}

int
main(int argc, char **argv)
{
	static const char *const names[] = { "none", "lz4", "zstd" };
	int c = COMPRESS_ZSTD;

	while (argc > 1 && c > COMPRESS_NONE && strcmp(argv[1], names[c]) != 0)
		c--;
	for (int i = 2; i < argc; i++)
		encode_bench(argv[i], (enum compression)c, names[c]);
	return 0;
}
