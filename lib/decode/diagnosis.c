/*
 * Why datagrams gave no flows, for people; the contract is in decode.h.
 * Test: test/unit/decode/test_diagnosis.c.
 */
#include <inttypes.h>

#include "decode.h"
#include "decoder.h"

#define READS "flowd reads NetFlow 1, 5, 7, 9 and IPFIX"

void
decoder_put_foreign(const struct foreign *f, struct buf *out)
{
	if (f->sflow)
		buf_append_text(out, "sFlow; " READS);
	else
		buf_printf(out, "version %u; " READS, f->version);
}

/* "3 datagrams" */
static void
put_times(uint64_t n, const char *what, struct buf *out)
{
	buf_printf(out, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

/* How datagrams were malformed most often, but for their version. */
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

/* There was nothing wrong. */
static void
put_sound(const struct decode_counters *c, struct buf *out)
{
	put_times(c->datagrams, "datagram", out);
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
    const struct foreign *foreign, struct buf *out)
{
	uint64_t nforeign =
	    c->malformed[MALFORMED_VERSION] + c->malformed[MALFORMED_SFLOW];
	int worst = worst_malformed(c);
	uint64_t nworst = c->malformed[worst];

	if (c->datagrams == 0) {
		buf_append_text(out, "no datagrams");
	} else if (nforeign > c->no_template && nforeign >= nworst) {
		put_times(nforeign, "datagram", out);
		buf_append_text(out, " of ");
		decoder_put_foreign(foreign, out);
	} else if (c->no_template > 0 && c->no_template >= nworst) {
		put_times(c->no_template, "set", out);
		buf_append_text(out,
		    " of data without their template, which "
		    "exporters send every few minutes");
	} else if (nworst > 0) {
		put_times(nworst, "time", out);
		buf_printf(out, " malformed: %s", malformed_info[worst].text);
	} else {
		put_sound(c, out);
	}
}

void
decoder_counters_less(
    struct decode_counters *c, const struct decode_counters *less)
{
	counters_sub(c, less);
}

bool
decoder_foreign_next(
    struct decoder *dec, struct addr *addr, struct foreign *foreign)
{
	struct exporters *all = decoder_exporters_of(dec);
	struct list *last = list_last(&all->foreign);
	struct exporter *x;

	if (last == NULL)
		return false;
	x = LIST_ENTRY(last, struct exporter, foreign_link);
	list_remove(last);
	*addr = x->addr;
	*foreign = x->foreign;
	return true;
}
