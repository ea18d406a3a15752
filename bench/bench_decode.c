/*
 * Decoding alone: millions of flows a second on one core, for v5, v9 and
 * IPFIX, beside the checked row-wise decoder that is the test oracle.
 *
 * The fast figure is of whole datagrams through decoder_begin() and
 * decoder_next(): headers, sequence numbers, templates and all columns. The
 * oracle's is of the records alone, which is in its favour.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "decode.h"
#include "message.h"
#include "rowwise.h"

enum {
	DATAGRAMS = 256,
	DATAGRAM_MAX = 1472,
	REPEATS = 5
};

struct load {
	const char *name;
	const char *target;	/* million flows a second */
	const struct field *fields;
	size_t nfields;
	size_t per_datagram;
	size_t skip;		/* octets in front of the records */
	size_t record_len;
	size_t len[DATAGRAMS];
	uint8_t data[DATAGRAMS][DATAGRAM_MAX];
};

/* What routers send: the elements of Cisco's "NetFlow original" record. */
static const struct field fields_router[] = {
	{ 0, 8, 4 }, { 0, 12, 4 }, { 0, 15, 4 }, { 0, 10, 4 }, { 0, 14, 4 },
	{ 0, 2, 4 }, { 0, 1, 4 }, { 0, 22, 4 }, { 0, 21, 4 }, { 0, 7, 2 },
	{ 0, 11, 2 }, { 0, 6, 1 }, { 0, 4, 1 }, { 0, 5, 1 }, { 0, 16, 4 },
	{ 0, 17, 4 }, { 0, 9, 1 }, { 0, 13, 1 }, { 0, 61, 1 },
};

/* The same in IPv6 with 64-bit counters and times in milliseconds. */
static const struct field fields_ipfix6[] = {
	{ 0, 27, 16 }, { 0, 28, 16 }, { 0, 62, 16 }, { 0, 10, 4 },
	{ 0, 14, 4 }, { 0, 2, 8 }, { 0, 1, 8 }, { 0, 152, 8 }, { 0, 153, 8 },
	{ 0, 7, 2 }, { 0, 11, 2 }, { 0, 6, 2 }, { 0, 4, 1 }, { 0, 5, 1 },
	{ 0, 16, 4 }, { 0, 17, 4 }, { 0, 29, 1 }, { 0, 30, 1 },
};

/* Both families in each record, one of them zero: which is chosen each time. */
static const struct field fields_both[] = {
	{ 0, 8, 4 }, { 0, 12, 4 }, { 0, 27, 16 }, { 0, 28, 16 }, { 0, 10, 4 },
	{ 0, 14, 4 }, { 0, 2, 8 }, { 0, 1, 8 }, { 0, 152, 8 }, { 0, 153, 8 },
	{ 0, 7, 2 }, { 0, 11, 2 }, { 0, 4, 1 }, { 0, 9, 1 }, { 0, 29, 1 },
	{ 0, 13, 1 }, { 0, 30, 1 },
};

static size_t
put_template(uint8_t *p, uint16_t set_id, const struct load *load)
{
	uint16_t len = (uint16_t)(8 + 4 * load->nfields);

	store_be16(p, set_id);
	store_be16(p + 2, len);
	store_be16(p + 4, 256);
	store_be16(p + 6, (uint16_t)load->nfields);
	for (size_t i = 0; i < load->nfields; i++) {
		store_be16(p + 8 + 4 * i, load->fields[i].id);
		store_be16(p + 10 + 4 * i, load->fields[i].len);
	}
	return len;
}

static size_t
put_header(uint8_t *p, unsigned version, size_t count, uint32_t sequence)
{
	const struct version *v = &versions[version_find((uint16_t)version)];

	memset(p, 0, v->header_len);
	store_be16(p, (uint16_t)version);
	store_be16(p + 2, (uint16_t)count);
	store_be32(p + v->off_sec, 1700000000);
	store_be32(p + v->off_sequence, sequence);
	if (v->off_uptime_ms != 0)
		store_be32(p + v->off_uptime_ms, 1000000000);
	return v->header_len;
}

static void
make_load(struct load *load, unsigned version, uint64_t *seed)
{
	uint32_t sequence = 0;

	load->record_len = 0;
	for (size_t i = 0; i < load->nfields; i++)
		load->record_len += load->fields[i].len;
	load->per_datagram = version == 5 ? 30
					  : (DATAGRAM_MAX - 24) /
		load->record_len;
	for (size_t d = 0; d < DATAGRAMS; d++) {
		uint8_t *p = load->data[d];
		size_t n = load->per_datagram * load->record_len, at;

		at = put_header(p, version, load->per_datagram, sequence);
		sequence += version == 9 ? 1 : (uint32_t)load->per_datagram;
		if (version != 5) {
			store_be16(p + at, 256);
			store_be16(p + at + 2, (uint16_t)(4 + n));
			at += 4;
		}
		load->skip = at;
		for (size_t i = 0; i < n; i++)
			p[at + i] = (uint8_t)bench_random(seed);
		load->len[d] = at + n;
		if (version == 10)
			store_be16(p + 2, (uint16_t)load->len[d]);
	}
}

static void
learn_template(struct decoder *dec, const struct load *load, unsigned version,
    struct batch *batch)
{
	uint8_t p[DATAGRAM_MAX];
	size_t len;

	if (version == 5)
		return;
	/* The number before the first: of a message, or of no records. */
	len = put_header(p, version, 1, version == 9 ? UINT32_MAX : 0);
	len += put_template(p + len, version == 9 ? 0 : 2, load);
	if (version == 10)
		store_be16(p + 2, (uint16_t)len);
	decoder_begin(dec, &(struct datagram) {
	    .payload = { p, len }, .src = addr_from_v4(0x7f000001) });
	(void)decoder_next(dec, batch);
}

/* Of each record the addresses of one family are zero. */
static void
leave_one_family(struct load *load, uint64_t *seed)
{
	for (size_t d = 0; d < DATAGRAMS; d++)
		for (size_t r = 0; r < load->per_datagram; r++) {
			uint8_t *p = load->data[d] + load->skip +
			    r * load->record_len;

			if (bench_random(seed) % 8 == 0)
				memset(p, 0, 8);
			else
				memset(p + 8, 0, 32);
		}
}

/* Million flows a second of the decoder. */
static double
run_fast(struct decoder *dec, struct load *load, struct batch *batch,
    size_t rounds)
{
	static int64_t now_ns = INT64_C(1700000000000000000);
	double begin = bench_cpu();
	size_t flows = 0;

	for (size_t round = 0; round < rounds; round++)
		for (size_t d = 0; d < DATAGRAMS; d++) {
			now_ns += 1000000;
			decoder_begin(dec, &(struct datagram) {
			    .payload = { load->data[d], load->len[d] },
			    .src = addr_from_v4(0x7f000001),
			    .recv_ns = now_ns });
			while (decoder_next(dec, batch)) {
				flows += batch->nrows;
				batch_reset(batch);
			}
		}
	flows += batch->nrows;
	batch_reset(batch);
	return (double)flows / (bench_cpu() - begin) / 1e6;
}

static double
run_slow(const struct load *load, struct batch *batch, size_t rounds)
{
	double begin = bench_cpu();
	size_t flows = 0;

	for (size_t round = 0; round < rounds; round++)
		for (size_t d = 0; d < DATAGRAMS; d++) {
			struct bytes set = { load->data[d] + load->skip,
				load->len[d] - load->skip };

			(void)rowwise_decode(load->fields, load->nfields, set,
			    1700000000 * INT64_C(1000000000), batch);
			flows += batch->nrows;
			batch_reset(batch);
		}
	return (double)flows / (bench_cpu() - begin) / 1e6;
}

static int
bench_load(struct load *load, unsigned version, struct batch *batch)
{
	struct decoder *dec = decoder_new(NULL, 1);
	uint64_t seed = version;
	double fast = 0, slow;

	if (dec == NULL)
		return 1;
	make_load(load, version, &seed);
	if (load->fields == fields_both)
		leave_one_family(load, &seed);
	learn_template(dec, load, version, batch);
	(void)run_fast(dec, load, batch, 20);
	for (int i = 0; i < REPEATS; i++) {
		double got = run_fast(dec, load, batch, 400);

		fast = got > fast ? got : fast;
	}
	slow = run_slow(load, batch, 2);
	printf("decode %-12s %7.1f M flows/s  target %3s  row-wise %5.2f"
	       "  %5.1f x\n", load->name, fast,
	    load->target != NULL ? load->target : "-", slow, fast / slow);
	decoder_free(dec);
	return 0;
}

int
main(void)
{
	static struct load v5 = { .name = "v5", .target = "60" };
	static struct load v9 = { .name = "v9", .target = "40",
		.fields = fields_router,
		.nfields = sizeof(fields_router) / sizeof(fields_router[0]) };
	static struct load ipfix = { .name = "IPFIX", .target = "40",
		.fields = fields_router,
		.nfields = sizeof(fields_router) / sizeof(fields_router[0]) };
	static struct load ipfix6 = { .name = "IPFIX IPv6",
		.fields = fields_ipfix6,
		.nfields = sizeof(fields_ipfix6) / sizeof(fields_ipfix6[0]) };
	static struct load both = { .name = "IPFIX both",
		.fields = fields_both,
		.nfields = sizeof(fields_both) / sizeof(fields_both[0]) };
	struct batch *batch = batch_new(BATCH_ROWS);
	int failed = batch == NULL;

	v5.fields = versions[version_find(5)].fields;
	v5.nfields = versions[version_find(5)].nfields;
	if (!failed)
		failed = bench_load(&v5, 5, batch) |
		    bench_load(&v9, 9, batch) |
		    bench_load(&ipfix, 10, batch) |
		    bench_load(&ipfix6, 10, batch) |
		    bench_load(&both, 10, batch);
	batch_free(batch);
	return failed;
}
