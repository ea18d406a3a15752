/*
 * How fast flows become text: each output over batches of flows as NetFlow 5
 * brings them, and the two turns of the classic view they go through.
 *
 *	bench_format [SECONDS [NAME]]	per row, 0.5 without; only the row NAME
 *
 * Prints one row each: million flows a second, nanoseconds and octets a flow.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "classic.h"
#include "format.h"

enum {
	BATCHES = 16,		/* more than the caches hold of one */
	RUN = 64		/* a batch is a multiple of it */
};

struct bench {
	struct batch *batch[BATCHES];
	struct batch *copy;
	struct formatter formatter;
	struct buf out;
	double seconds;
	uint32_t sum;		/* of what was loaded, so that it is */
};

/* A small generator (xorshift64), so that every run sees the same flows. */
static uint64_t
random_next(void)
{
	static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static struct classic
random_flow(uint32_t n)
{
	const uint32_t uptime = 920000000, sec = 1763874834;
	struct classic c = {
		.fields = CLASSIC_ALL &
		    ~(uint32_t)(CLASSIC_TAG | CLASSIC_AGENT_ADDR6 |
			CLASSIC_SRC_ADDR6 | CLASSIC_DST_ADDR6 |
			CLASSIC_GATEWAY_ADDR6),
		.recv_sec = sec + n / 20000,
		.recv_usec = (uint32_t)(random_next() % 1000000),
		.tcp_flags = (uint8_t)random_next(),
		.protocol = random_next() % 4 != 0 ? 6 : 17,
		.agent = addr_from_v4(0xc0000201),
		.src = addr_from_v4(0x0a000000 | (random_next() & 0xffff)),
		.dst = addr_from_v4((uint32_t)random_next()),
		.gateway = addr_from_v4(0x0a0000fe),
		.src_port = (uint16_t)random_next(),
		.dst_port = random_next() % 2 != 0 ? 443 : 53,
		.packets = 1 + random_next() % 64,
		.octets = 40 + random_next() % 90000,
		.if_in = 1 + random_next() % 8,
		.if_out = 1 + random_next() % 8,
		.sys_uptime_ms = uptime + n / 20,
		.time_sec = sec + n / 20000,
		.time_nanosec = (uint32_t)(random_next() % 1000000000),
		.netflow_version = 5,
		.src_as = (uint16_t)random_next(),
		.dst_as = (uint16_t)random_next(),
		.src_mask = 24,
		.dst_mask = 16,
		.engine_id = 1,
		.sequence = n,
	};

	c.flow_finish_ms = c.sys_uptime_ms - random_next() % 15000;
	c.flow_start_ms = c.flow_finish_ms - random_next() % 60000;
	return c;
}

static void
bench_fill(struct bench *b)
{
	uint32_t n = 0;

	for (size_t i = 0; i < BATCHES; i++) {
		b->batch[i] = batch_new(BATCH_ROWS);
		if (b->batch[i] == NULL)
			abort();
		b->batch[i]->from_log = true;
		while (batch_room(b->batch[i]) > 0) {
			struct classic c = random_flow(n++);

			classic_append(b->batch[i], &c);
		}
	}
	b->copy = batch_new(BATCH_ROWS);
	if (b->copy == NULL)
		abort();
}

static double
now_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
run_format(struct bench *b, const struct batch *batch,
    const struct format *format)
{
	buf_reset(&b->out);
	format->rows(&b->formatter, batch, &b->out);
	if (!buf_ok(&b->out))
		abort();
}

static void
run_load(struct bench *b, const struct batch *batch)
{
	for (size_t row = 0; row < batch->nrows; row++) {
		struct classic c;

		classic_load(batch, row, &c);
		b->sum += c.fields ^ c.src.v4 ^ c.flow_start_ms;
	}
}

/* In runs, as logs are read. */
static void
run_copy(struct bench *b, const struct batch *batch)
{
	struct classic run[RUN];

	batch_reset(b->copy);
	for (size_t row = 0; row < batch->nrows; row += RUN) {
		for (size_t i = 0; i < RUN; i++)
			classic_load(batch, row + i, &run[i]);
		classic_append_rows(b->copy, run, RUN);
	}
}

/* Addresses as IPv6 has them: zeros in the middle, a random end. */
static void
run_ipv6(struct bench *b, const struct batch *batch)
{
	const uint64_t *octets = batch->col[COL_octets].u64;
	char text[ADDR_TEXT_MAX];

	for (size_t row = 0; row < batch->nrows; row++) {
		struct addr6 v6 = { UINT64_C(0x20010db800000000) | octets[row],
			batch->col[COL_dst_addr].u32[row] };

		b->sum += (uint32_t)addr6_format(v6, text);
	}
}

enum row_kind {
	ROW_FORMAT,
	ROW_IPV6,
	ROW_LOAD,
	ROW_COPY
};

static const struct row {
	const char *name;
	enum row_kind kind;
	const struct format *format;
	uint32_t classic;
} rows[] = {
	{ "classic view", ROW_LOAD, NULL, 0 },
	{ "classic view and back", ROW_COPY, NULL, 0 },
	{ "one IPv6 address", ROW_IPV6, NULL, 0 },
	{ "text, brief", ROW_FORMAT, &format_text, CLASSIC_BRIEF },
	{ "text, all fields", ROW_FORMAT, &format_text, CLASSIC_ALL },
	{ "flowtools", ROW_FORMAT, &format_flowtools, 0 },
	{ "json", ROW_FORMAT, &format_json, 0 },
	{ "csv", ROW_FORMAT, &format_csv, 0 },
};

/* Once over all batches; returns the flows. */
static uint64_t
run_pass(struct bench *b, const struct row *row, uint64_t *octets)
{
	uint64_t flows = 0;

	for (size_t i = 0; i < BATCHES; i++) {
		const struct batch *batch = b->batch[i];

		buf_reset(&b->out);
		if (row->kind == ROW_FORMAT)
			run_format(b, batch, row->format);
		else if (row->kind == ROW_IPV6)
			run_ipv6(b, batch);
		else if (row->kind == ROW_LOAD)
			run_load(b, batch);
		else
			run_copy(b, batch);
		flows += batch->nrows;
		*octets += b->out.len;
	}
	return flows;
}

/* The fastest of many passes: others use this machine too. */
static void
run_row(struct bench *b, const struct row *row)
{
	double until = now_s() + b->seconds, best = 1e9;
	uint64_t flows, octets;

	b->formatter.classic = row->classic;
	do {
		double start = now_s(), spent;

		octets = 0;
		flows = run_pass(b, row, &octets);
		spent = now_s() - start;
		if (spent < best)
			best = spent;
	} while (now_s() < until);
	(void)printf("%-24s %7.2f Mflows/s %7.1f ns/flow %6.1f octets/flow\n",
	    row->name, (double)flows / best / 1e6, best * 1e9 / (double)flows,
	    (double)octets / (double)flows);
}

static void
no_names(uint32_t pen, uint16_t id, struct element_text *text)
{
	(void)pen;
	(void)id;
	*text = (struct element_text) { .type = ELEMENT_OCTETS };
}

int
main(int argc, char **argv)
{
	struct bench b = { .seconds = argc > 1 ? strtod(argv[1], NULL) : 0.5 };

	formatter_init(&b.formatter, no_names);
	buf_init(&b.out, (size_t)64 * 1024 * 1024);
	bench_fill(&b);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (argc <= 2 || strcmp(argv[2], rows[i].name) == 0)
			run_row(&b, &rows[i]);
	for (size_t i = 0; i < BATCHES; i++)
		batch_free(b.batch[i]);
	batch_free(b.copy);
	buf_fini(&b.out);
	return b.sum == 1 ? EXIT_FAILURE : EXIT_SUCCESS;
}
