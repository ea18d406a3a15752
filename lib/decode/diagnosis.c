/*
 * Why datagrams gave no flows, as text; decode.h has the contract.
 * Test: test/unit/decode/test_diagnosis.c.
 */
#include <inttypes.h>

#include "decode.h"
#include "decoder.h"

#define READS "flowd reads NetFlow 1, 5, 7, 9 and IPFIX"

void
decoder_put_unsupported(const struct unsupported *f, struct buf *out)
{
	if (f->sflow)
		buf_append_text(out, "sFlow; " READS);
	else
		buf_printf(out, "version %u; " READS, f->version);
}

/* "3 datagrams" */
static void
put_count(uint64_t n, const char *what, struct buf *out)
{
	buf_printf(out, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

/* The most frequent malformation other than an unsupported version. */
static int
worst_malformed(const struct decode_counters *c)
{
	int worst = MALFORMED_NONE;

	for (int i = 1; i < MALFORMED_COUNT; i++)
		if (i != MALFORMED_VERSION && i != MALFORMED_SFLOW &&
		    c->malformed[i] > c->malformed[worst])
			worst = i;
	return worst;
}

/* No datagram was malformed. */
static void
put_well_formed(const struct decode_counters *c, struct buf *out)
{
	put_count(c->datagrams, "datagram", out);
	if (c->templates + c->options > 0)
		buf_printf(out,
		    " with %" PRIu64 " templates and %" PRIu64
		    " records of options data, and no other data",
		    c->templates, c->options);
	else
		buf_append_text(out, " without data");
}

void
decoder_put_diagnosis(const struct decode_counters *c,
    const struct unsupported *unsupported, struct buf *out)
{
	uint64_t nforeign =
	    c->malformed[MALFORMED_VERSION] + c->malformed[MALFORMED_SFLOW];
	int worst = worst_malformed(c);
	uint64_t nworst = c->malformed[worst];

	if (c->datagrams == 0) {
		buf_append_text(out, "no datagrams");
	} else if (nforeign > c->no_template && nforeign >= nworst) {
		put_count(nforeign, "datagram", out);
		buf_append_text(out, " of ");
		decoder_put_unsupported(unsupported, out);
	} else if (c->no_template > 0 && c->no_template >= nworst) {
		put_count(c->no_template, "set", out);
		buf_append_text(out,
		    " of data without their template, which "
		    "exporters send every few minutes");
	} else if (nworst > 0) {
		put_count(nworst, "time", out);
		buf_printf(out, " malformed: %s", malformed_info[worst].text);
	} else {
		put_well_formed(c, out);
	}
}

void
decoder_counters_less(
    struct decode_counters *c, const struct decode_counters *less)
{
	counters_sub(c, less);
}

bool
decoder_unsupported_next(
    struct decoder *dec, struct addr *addr, struct unsupported *unsupported)
{
	struct exporters *all = decoder_exporters_of(dec);
	struct list *last = list_last(&all->unsupported);
	struct exporter *x;

	if (last == NULL)
		return false;
	x = LIST_ENTRY(last, struct exporter, unsupported_link);
	list_remove(last);
	*addr = x->addr;
	*unsupported = x->unsupported;
	return true;
}
