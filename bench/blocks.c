/*
 * Reading columnar logs alone: all columns of a file decoded into batches, by
 * one thread and by two, which take turns with its blocks, and by CPU seconds,
 * which do not count what else the machine does.
 *
 *	blocks FILE...	called by bench_columnar.py
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "block_reader.h"
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
now_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void *
blocks_decode(void *arg)
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
			row += block_reader_rows(r, row, BATCH_ROWS,
			    all_columns, batch);
		}
		atomic_fetch_add(&f->rows, b->nrows);
	}
	block_reader_free(r);
	batch_free(batch);
	block_free(b);
	return NULL;
}

static double
blocks_run(struct file *f, unsigned threads, double *by_cpu)
{
	pthread_t t[THREADS];
	double begin = now_s(), cpu = bench_cpu(), flows;

	atomic_store(&f->next, 0);
	atomic_store(&f->rows, 0);
	for (unsigned i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, blocks_decode, f) != 0)
			abort();
	for (unsigned i = 0; i < threads; i++)
		(void)pthread_join(t[i], NULL);
	flows = (double)atomic_load(&f->rows) / 1e6;
	cpu = flows / (bench_cpu() - cpu);
	*by_cpu = cpu > *by_cpu ? cpu : *by_cpu;
	return flows / (now_s() - begin);
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
blocks_bench(const char *path)
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
			double got = blocks_run(&f, t + 1, &by_cpu);

			best[t] = got > best[t] ? got : best[t];
		}
	printf("columnar decode %-14s %6.1f M flows/s, two threads %6.1f"
	       "  target 50  (2 CPU seconds %.1f)\n", path, best[0], best[1],
	    2 * by_cpu);
	return 0;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= blocks_bench(argv[i]);
	return failed;
}
