/*
 * Filtering alone: millions of flows a second on one core for one rule and for
 * more, over batches as the decoder makes them, beside the row-at-a-time
 * interpreter that is the test oracle.
 */
#include <stdlib.h>

#include "bench.h"
#include "interpret.h"
#include "parse.h"
#include "ruleset.h"

enum {
	ROWS = 2048,
	TEXT_MAX_OCTETS = 1024 * 1024
};

static void
fill(struct batch *batch)
{
	uint64_t seed = 1;
	size_t first = batch_append(batch, ROWS);

	for (size_t row = first; row < first + ROWS; row++) {
		struct addr src = addr_from_v4(bench_random(&seed));
		struct addr dst = addr_from_v4(bench_random(&seed));

		batch_set_addr(batch, COL_src_addr, row, &src);
		batch_set_addr(batch, COL_dst_addr, row, &dst);
		batch_set_uint(batch, COL_src_port, row,
		    bench_random(&seed) % 65536);
		batch_set_uint(batch, COL_dst_port, row,
		    bench_random(&seed) % 1024);
		batch_set_uint(batch, COL_protocol, row,
		    bench_random(&seed) % 4 ? 6 : 17);
		batch_set_uint(batch, COL_tos, row, 0);
	}
}

/* n rules of several kinds. */
static void
write_rules(struct buf *text, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		switch (i % 4) {
		case 0:
			buf_printf(text, "accept tag %u src 10.%u.%u.0/24\n",
			    i, i / 256, i % 256);
			break;
		case 1:
			buf_printf(text, "discard dst any port %u proto tcp\n",
			    1 + i % 1023);
			break;
		case 2:
			buf_printf(text, "accept dst 192.%u.0.0/16 "
			    "proto udp\n", i % 256);
			break;
		default:
			buf_printf(text, "accept tag %u src ! 10.0.0.0/8 "
			    "dst 172.16.%u.0/24 tos 8\n", i, i % 256);
			break;
		}
}

static double
run_fast(const struct rule *rules, struct batch *batch, unsigned rounds)
{
	struct ruleset *set = ruleset_new(rules);
	double begin = bench_cpu();

	if (set == NULL)
		return 0;
	for (unsigned i = 0; i < rounds; i++) {
		/* All rows again, as if they were new. */
		bitmap_set_range(batch->selected, 0, ROWS);
		ruleset_run(set, batch);
	}
	ruleset_free(set);
	return (double)ROWS * rounds / (bench_cpu() - begin) / 1e6;
}

static double
run_slow(const struct rule *rules, const struct batch *batch)
{
	double begin = bench_cpu();
	volatile size_t decided = 0;

	for (size_t row = 0; row < ROWS; row++)
		decided += interpret_rules(rules, batch, row) != NULL;
	return (double)ROWS / (bench_cpu() - begin) / 1e6;
}

static void
ignore_diag(const struct diag *d, void *arg)
{
	(void)arg;
	fprintf(stderr, "%s\n", d->text);
}

static int
bench_rules(unsigned n, struct batch *batch, double *one)
{
	struct diag_sink sink = { .report = ignore_diag };
	struct source src;
	struct ast ast;
	struct buf text;
	double fast = 0, slow;

	buf_init(&text, TEXT_MAX_OCTETS);
	write_rules(&text, n);
	src = source_of_text("bench", (struct bytes) { text.ptr, text.len });
	if (ast_init(&ast) != 0 || parse_config(&ast, &src, &sink) != 0)
		return 1;
	for (int i = 0; i < 5; i++) {
		double got = run_fast(ast_rules(&ast), batch,
		    4000 / n + 1);

		fast = got > fast ? got : fast;
	}
	slow = run_slow(ast_rules(&ast), batch);
	if (*one == 0)
		*one = fast;
	printf("filter %4u rules %8.2f M flows/s  row at a time %6.2f  "
	       "%5.1f x  one rule %6.1f x\n", n, fast, slow, fast / slow,
	    *one / fast);
	ast_fini(&ast);
	buf_fini(&text);
	return 0;
}

int
main(void)
{
	struct batch *batch = batch_new(BATCH_ROWS);
	double one = 0;
	int failed = batch == NULL;

	if (!failed) {
		fill(batch);
		failed = bench_rules(1, batch, &one) |
		    bench_rules(10, batch, &one) |
		    bench_rules(100, batch, &one) |
		    bench_rules(1000, batch, &one);
	}
	batch_free(batch);
	return failed;
}
