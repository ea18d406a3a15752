/*
 * Columnar logs alone: all columns of a file decoded into batches, by one
 * thread and by two, which take turns with its blocks, and by CPU seconds,
 * which do not count what else the machine does; and what it costs to
 * encode these batches again, as a collector does, without an index.
 *
 *	blocks FILE...	called by bench_columnar.py
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "segment.h"

enum {
	THREADS = 2,
	RUNS = 5,
	BLOCKS = 65536
};

struct file {
	struct bytes all;
	size_t at[BLOCKS];	/* of the blocks of flows */
	size_t n;
	atomic_size_t next;
	atomic_ullong rows;
};

static const struct colset all_columns = { { ~UINT64_C(0), ~UINT64_C(0) } };

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void *
decode(void *arg)
{
	struct file *f = arg;
	struct block_reader *r = block_reader_new();
	struct batch *batch = batch_new(BATCH_ROWS);
	struct block *b = block_new();
	size_t i;

	while ((i = atomic_fetch_add(&f->next, 1)) < f->n) {
		struct bytes in = { f->all.ptr + f->at[i],
			f->all.len - f->at[i] };

		if (block_parse(in, b, NULL) != 0)
			abort();
		block_reader_begin(r, b);
		if (block_reader_open(r, all_columns, NULL) != 0)
			abort();
		for (size_t row = 0; row < b->nrows;) {
			batch_reset(batch);
			row += block_reader_rows(r, row, all_columns, batch);
		}
		atomic_fetch_add(&f->rows, b->nrows);
	}
	block_reader_free(r);
	batch_free(batch);
	block_free(b);
	return NULL;
}

/* CPU seconds for all rows, with encoding or without. */
static double
copy(struct file *f, enum compression compression, bool encode)
{
	struct block_options o = { .compression = compression, .seed = 1 };
	struct block_writer *w = block_writer_new(&o);
	struct block_reader *r = block_reader_new();
	struct batch *batch = batch_new(BATCH_ROWS);
	struct block *b = block_new();
	double begin = bench_cpu();
	struct buf out;

	buf_init(&out, BLOCK_MAX);
	for (size_t i = 0; i < f->n; i++) {
		if (block_parse((struct bytes){ f->all.ptr + f->at[i],
			f->all.len - f->at[i] }, b, NULL) != 0)
			abort();
		block_reader_begin(r, b);
		if (block_reader_open(r, all_columns, NULL) != 0)
			abort();
		for (size_t row = 0, at = 0; row < b->nrows; at = 0) {
			batch_reset(batch);
			row += block_reader_rows(r, row, all_columns, batch);
			while (encode && (at = block_writer_add(w, batch,
			    at)) < batch->nrows) {
				(void)block_writer_finish(w, &out);
				buf_reset(&out);
			}
		}
	}
	(void)block_writer_finish(w, &out);
	begin = bench_cpu() - begin;
	block_writer_free(w);
	block_reader_free(r);
	batch_free(batch);
	block_free(b);
	buf_fini(&out);
	return begin;
}

static void
bench_encode(struct file *f)
{
	static const char *const names[] = { "none", "lz4", "zstd" };

	for (int c = COMPRESS_NONE; c <= COMPRESS_ZSTD; c++) {
		double best = 1e9;

		for (unsigned i = 0; i < RUNS; i++) {
			double bare = copy(f, (enum compression)c, false);
			double all = copy(f, (enum compression)c, true);

			best = all - bare < best ? all - bare : best;
		}
		printf("columnar encode %-5s %.3f s/M flows\n", names[c],
		    best / (double)atomic_load(&f->rows) * 1e6);
	}
}

/* Million flows a second; and a CPU second, if that is more than before. */
static double
run(struct file *f, unsigned threads, double *by_cpu)
{
	pthread_t t[THREADS];
	double begin = now(), cpu = bench_cpu(), flows;

	atomic_store(&f->next, 0);
	atomic_store(&f->rows, 0);
	for (unsigned i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, decode, f) != 0)
			abort();
	for (unsigned i = 0; i < threads; i++)
		(void)pthread_join(t[i], NULL);
	flows = (double)atomic_load(&f->rows) / 1e6;
	cpu = flows / (bench_cpu() - cpu);
	*by_cpu = cpu > *by_cpu ? cpu : *by_cpu;
	return flows / (now() - begin);
}

static void
find_blocks(struct file *f)
{
	struct segment_damage damage;
	struct block *b = block_new();
	struct segment_walk w;

	segment_walk_init(&w, f->all, true);
	while (f->n < BLOCKS && segment_next(&w, b, &damage) == 1)
		if (b->kind == BLOCK_FLOWS)
			f->at[f->n++] = w.block_at;
	block_free(b);
}

static int
bench(const char *path)
{
	static struct file f;
	int fd = open(path, O_RDONLY);
	double best[THREADS] = { 0 }, by_cpu = 0;
	struct stat st;
	void *p;

	if (fd == -1 || fstat(fd, &st) == -1 ||
	    (p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd,
		 0)) == MAP_FAILED) {
		perror(path);
		return 1;
	}
	f.n = 0;
	f.all = (struct bytes){ p, (size_t)st.st_size };
	find_blocks(&f);
	for (unsigned i = 0; i < RUNS; i++)
		for (unsigned t = 0; t < THREADS; t++) {
			double got = run(&f, t + 1, &by_cpu);

			best[t] = got > best[t] ? got : best[t];
		}
	printf("columnar decode %-10s %5.1f M flows/s, two threads %5.1f"
	       "  target 50  (2 CPU seconds %.1f)\n", path, best[0], best[1],
	    2 * by_cpu);
	bench_encode(&f);
	return 0;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= bench(argv[i]);
	return failed;
}
