/*
 * Filtering alone: millions of flows a second on one core for one rule and for
 * more, over batches as the decoder makes them, beside the row-at-a-time
 * interpreter that is the test oracle.
 *
 * Rules are of four kinds, of one to three tests. What "one rule" costs is the
 * median of four rules that run alone, one of each kind; a thousand rules are
 * 250 of each kind. Then come flows that the rules are about, and flows that
 * are all new to what the classifier remembers, for whatever that costs.
 *
 * What many rules cost a flow, beside one, is told of a flow that is decoded
 * and filtered, the least that the daemon does with it. One rule alone takes
 * less than to read the column it tests: ratios to that say little.
 */
#define _DEFAULT_SOURCE /* the field ru_maxrss, which POSIX leaves out */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "decode.h"
#include "interpret.h"
#include "parse.h"
#include "ruleset.h"

enum {
	ROWS = 2048,
	BATCHES = 32, /* of different flows: what is remembered is tried */
	ROUNDS = 40,
	TRIES = 5,
	KINDS = 4, /* of rules */
	NEW_BATCHES = 256, /* so many that none is remembered till it is back */
	NEW_ROUNDS = 2,
	TEXT_MAX_OCTETS = 1024 * 1024,
	FLOWS_V5 = 30, /* in a datagram of NetFlow version 5 */
	DATAGRAM_V5 = 24 + 48 * FLOWS_V5
};

/* Targets. */
static const double one_m = 100, rules_x = 2, table_x = 2, load_s = 1,
		    load_mb = 64;

/* What the batches at hand are, and how often to go through them. */
static struct batch *batches[NEW_BATCHES];
static unsigned nbatches = BATCHES, rounds = ROUNDS;
static double decoding; /* ns a flow, before any rule sees it */

/* Flows of anybody. */
static void
random_flows(struct batch *batch, uint64_t seed)
{
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

/* Flows with what rules are about only, so that hardly two are alike. */
static void
fill_about(struct batch *batch, uint64_t seed)
{
	size_t first;

	batch_reset(batch);
	first = batch_append(batch, ROWS);
	for (size_t row = first; row < first + ROWS; row++) {
		uint64_t r = bench_random(&seed);
		struct addr src = addr_from_v4(10 << 24 | (r & 0x3fcff));
		struct addr dst = addr_from_v4(r >> 20 & 1
			? 192U << 24 | 2 << 16 | (r >> 21 & 0xfcffff)
			: 172U << 24 | 16 << 16 | 3 << 8 | (r >> 21 & 0xfcff));

		r = bench_random(&seed);
		batch_set_addr(batch, COL_src_addr, row, &src);
		batch_set_addr(batch, COL_dst_addr, row, &dst);
		batch_set_uint(batch, COL_src_port, row, r & 0xffff);
		batch_set_uint(batch, COL_dst_port, row,
		    2 + (r >> 16 & 255) % 250 * 4);
		batch_set_uint(batch, COL_protocol, row, r >> 32 & 1 ? 6 : 17);
		batch_set_uint(batch, COL_tos, row, r >> 33 & 1 ? 8 : 0);
	}
}

/* Decode as many flows of version 5 as the batches have. */
static void
decode_flows(struct decoder *dec, uint8_t *p, struct batch *batch)
{
	struct datagram d = { .payload = { p, DATAGRAM_V5 },
		.src = addr_from_v4(0x7f000001) };
	static uint32_t sequence;

	for (unsigned i = 0; i < ROWS * BATCHES / FLOWS_V5; i++) {
		store_be32(p + 16, sequence);
		sequence += FLOWS_V5;
		d.recv_ns = (INT64_C(1700000000000) + sequence) * 1000000;
		decoder_begin(dec, &d);
		while (decoder_next(dec, batch))
			batch_reset(batch);
	}
	batch_reset(batch);
}

/* ns a flow to decode it: the best of some tries. */
static double
bench_decoding(void)
{
	struct decoder *dec = decoder_new(NULL, 1);
	struct batch *batch = batch_new(ROWS);
	uint8_t p[DATAGRAM_V5] = { 0, 5, 0, FLOWS_V5 };
	uint64_t seed = 5;
	double best = 1e9;

	if (dec == NULL || batch == NULL)
		return 0;
	store_be32(p + 4, 1000000000); /* uptime, and seconds since 1970 */
	store_be32(p + 8, 1700000000);
	for (size_t i = 24; i < sizeof(p); i++)
		p[i] = (uint8_t)bench_random(&seed);
	for (int try = 0; try < TRIES * 4; try++) {
		double begin = bench_cpu(), ns;

		decode_flows(dec, p, batch);
		ns = (bench_cpu() - begin) * 1e9 / (ROWS * BATCHES);
		best = ns < best ? ns : best;
	}
	printf("filter nothing, decoding     %6.1f ns a flow of version 5\n",
	    best);
	decoder_free(dec);
	batch_free(batch);
	return best;
}

/* n rules of several kinds, from the first one on. */
static void
write_rules(struct buf *text, unsigned first, unsigned n)
{
	for (unsigned i = first; i < first + n; i++)
		switch (i % KINDS) {
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

/* Millions of flows a second, the best of some tries. */
static double
run_fast(struct ruleset *set)
{
	double best = 0;

	for (int try = 0; try < TRIES; try++) {
		double begin = bench_cpu(), got;

		for (unsigned i = 0; i < rounds * nbatches; i++) {
			struct batch *batch = batches[i % nbatches];

			/* All rows again, as if they were new. */
			bitmap_set_range(batch->selected, 0, ROWS);
			ruleset_run(set, batch);
		}
		got = (double)ROWS * rounds * nbatches /
		    (bench_cpu() - begin) / 1e6;
		best = got > best ? got : best;
	}
	return best;
}

static double
run_slow(const struct rule *rules, const struct batch *batch)
{
	double begin = bench_cpu();
	volatile size_t decided = 0;

	for (size_t row = 0; row < ROWS; row++)
		decided += interpret_rules(rules, batch, row) != NULL;
	(void)decided;
	return (double)ROWS / (bench_cpu() - begin) / 1e6;
}

static void
print_diag(const struct diag *d, void *arg)
{
	(void)arg;
	fprintf(stderr, "%s\n", d->text);
}

/* Parse a text of rules; NULL after an error has been printed. */
static struct ruleset *
rules_compile(struct filter *filter, struct source *src, const struct buf *text)
{
	struct diag_sink sink = { .report = print_diag };
	uint32_t fields;

	*src = source_of_text("bench", (struct bytes){ text->ptr, text->len });
	if (filter_init(filter) != 0 ||
	    parse_config_rules(filter, src, &sink, &fields) != 0 ||
	    prefix_tables_load(filter->tables, &sink) != 0)
		return NULL;
	return ruleset_new(filter->rules);
}

/* How n rules run, from the first one on; 0 after an error. */
static double
try_rules(unsigned first, unsigned n, double *slow)
{
	struct source src;
	struct filter filter;
	struct buf text;
	struct ruleset *set;
	double fast = 0;

	buf_init(&text, TEXT_MAX_OCTETS);
	write_rules(&text, first, n);
	set = rules_compile(&filter, &src, &text);
	if (set != NULL) {
		fast = run_fast(set);
		*slow = run_slow(filter.rules, batches[0]);
	}
	ruleset_free(set);
	filter_fini(&filter);
	buf_fini(&text);
	return fast;
}

static int
compare_seconds(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

/* What one rule costs: ns a flow. */
static double
bench_one(void)
{
	double slow = 0, ns[KINDS];

	for (unsigned kind = 0; kind < KINDS; kind++) {
		double fast = try_rules(kind, 1, &slow);

		printf("filter one rule of kind %u  %8.2f M flows/s  target "
		       "%.0f  row at a time %6.2f  %5.1f x\n", kind + 1, fast,
		    one_m, slow, fast / slow);
		ns[kind] = 1000 / fast;
	}
	qsort(ns, KINDS, sizeof(ns[0]), compare_seconds);
	return (ns[KINDS / 2 - 1] + ns[KINDS / 2]) / 2;
}

static void
bench_rules(const char *flows, unsigned n, double one)
{
	double slow = 0, fast = try_rules(0, n, &slow);

	printf("filter %4u rules%-9s %8.2f M flows/s  %6.1f ns, one %.1f  "
	       "decoded and filtered x %.2f of one rule", n, flows, fast,
	    1000 / fast, one, (decoding + 1000 / fast) / (decoding + one));
	if (*flows == '\0')
		printf("  target %.0f", rules_x);
	printf("  row at a time %6.2f  %5.1f x\n", slow, fast / slow);
}

/* Flows that the rules are about: few and remembered, and always new ones. */
static void
bench_about(double one)
{
	for (unsigned i = 0; i < BATCHES / 2; i++)
		fill_about(batches[i], i + 1);
	nbatches = BATCHES / 2;
	bench_rules(", about", 1000, one);
	for (unsigned i = 0; i < NEW_BATCHES; i++)
		fill_about(batches[i], i + 1);
	nbatches = NEW_BATCHES;
	rounds = NEW_ROUNDS;
	bench_rules(", new", 1000, one);
}

/* A file of n prefixes of 16 to 24 bits, all over. */
static bool
write_prefixes(const char *path, unsigned n)
{
	FILE *f = fopen(path, "w");
	uint64_t seed = 7;

	if (f == NULL)
		return false;
	for (unsigned i = 0; i < n; i++) {
		unsigned len = 16 + bench_random(&seed) % 9;
		uint32_t a = bench_random(&seed) & UINT32_MAX << (32 - len);

		fprintf(f, "%u.%u.%u.%u/%u\n", a >> 24, a >> 16 & 255,
		    a >> 8 & 255, a & 255, len);
	}
	return fclose(f) == 0;
}

/* A rule with a table of n prefixes; the time to load it is told, too. */
static double
try_table(const char *path, unsigned n, double *load)
{
	struct source src;
	struct filter filter;
	struct buf text;
	struct ruleset *set;
	double fast = 0, begin;

	if (!write_prefixes(path, n))
		return 0;
	buf_init(&text, TEXT_MAX_OCTETS);
	buf_printf(&text, "table <t> file \"%s\"\naccept tag 1 src <t>\n",
	    path);
	begin = bench_cpu();
	set = rules_compile(&filter, &src, &text);
	*load = bench_cpu() - begin;
	if (set != NULL)
		fast = run_fast(set);
	ruleset_free(set);
	filter_fini(&filter);
	buf_fini(&text);
	return fast;
}

/* In a process of its own, so that its memory is what the table takes. */
static void
bench_table(const char *path, unsigned n, double *empty)
{
	double result[2] = { 0, 0 };
	struct rusage before, after;
	int fds[2];
	pid_t pid;

	(void)fflush(stdout);
	if (pipe(fds) == -1 || (pid = fork()) == -1)
		return;
	if (pid == 0) {
		(void)getrusage(RUSAGE_SELF, &before);
		result[0] = try_table(path, n, &result[1]);
		(void)getrusage(RUSAGE_SELF, &after);
		if (*empty == 0)
			*empty = result[0];
		printf("filter table of %7u %8.2f M flows/s  %6.1f ns  "
		       "decoded and filtered x %.2f of an empty one  target "
		       "%.0f  loaded in %.3f s, %.1f MB more  target %.0f s, "
		       "%.0f MB\n", n, result[0], 1000 / result[0],
		    (decoding + 1000 / result[0]) /
			(decoding + 1000 / *empty), table_x, result[1],
		    (double)(after.ru_maxrss - before.ru_maxrss) / 1024,
		    load_s, load_mb);
		(void)fflush(stdout);
		_exit(write(fds[1], result, sizeof(result)) == -1);
	}
	(void)close(fds[1]);
	if (read(fds[0], result, sizeof(result)) > 0 && *empty == 0)
		*empty = result[0];
	(void)waitpid(pid, NULL, 0);
	(void)close(fds[0]);
}

static void
bench_tables(void)
{
	char path[] = "/tmp/flowd-bench-XXXXXX";
	int fd = mkstemp(path);
	double empty = 0;

	if (fd == -1)
		return;
	bench_table(path, 0, &empty);
	bench_table(path, 1000, &empty);
	bench_table(path, 100000, &empty);
	bench_table(path, 1000000, &empty);
	(void)close(fd);
	(void)unlink(path);
}

int
main(void)
{
	double one;

	for (unsigned i = 0; i < NEW_BATCHES; i++) {
		batches[i] = batch_new(ROWS);
		if (batches[i] == NULL)
			return 1;
		random_flows(batches[i], i + 1);
	}
	decoding = bench_decoding();
	one = bench_one();
	bench_rules("", 10, one);
	bench_rules("", 100, one);
	bench_rules("", 1000, one);
	bench_tables();
	bench_about(one);
	for (unsigned i = 0; i < NEW_BATCHES; i++)
		batch_free(batches[i]);
	return 0;
}
