/*
 * Decoding export datagrams: NetFlow 1, 5, 7 and 9, and IPFIX.
 *
 *	flowd_decoder_begin(d, payload, len, &exporter, port, received_ns);
 *	while (flowd_decoder_next(d, batch) == 1)
 *		... the batch is full: use its rows, flowd_batch_clear(batch)
 *	... the datagram is done; the batch may still hold rows
 *
 * A decoder keeps the templates, options data and sequence numbers of every
 * exporter, in memory that is bounded. No datagram is an error: what cannot be
 * decoded is counted, under its name and for its exporter. Data that comes
 * before its template waits, and its flows come with the datagram that brings
 * that. A decoder opens no sockets and reads no clock.
 *
 * It is used by one thread at a time; several threads may use one each.
 */
#ifndef LIBFLOWD_DECODER_H
#define LIBFLOWD_DECODER_H

#include <flowd/batch.h>

#ifdef __cplusplus
extern "C" {
#endif

struct flowd_decoder;

/* NULL with err set when out of memory. */
struct flowd_decoder *flowd_decoder_new(struct flowd_error *err);
/* NULL is none. */
void flowd_decoder_free(struct flowd_decoder *d);

/*
 * Begin with the payload of a UDP datagram, which is borrowed until it is done.
 * exporter and port are its source; received_ns is when it was received, in
 * nanoseconds since 1970-01-01 UTC. Rows of a datagram that was not done are
 * lost. Returns 0, or FLOWD_EINVAL when exporter is no address.
 */
int flowd_decoder_begin(struct flowd_decoder *d, const void *payload,
    size_t len, const struct flowd_addr *exporter, uint16_t port,
    int64_t received_ns);

/*
 * Append flows of the datagram to a batch, of the columns that it has. Returns
 * 1 when the batch is full and there are more, 0 when the datagram is done, or
 * FLOWD_EINVAL when others have references to the batch. A batch that has rows
 * of a log of versions 2 or 3 counts as full.
 */
int flowd_decoder_next(struct flowd_decoder *d, struct flowd_batch *batch);

enum flowd_report {
	/* One line: sums of all exporters, and all counters. */
	FLOWD_REPORT_TOTALS = 0,
	/* A line for each exporter: addresses, times, counters. */
	FLOWD_REPORT_EXPORTERS = 1,
	/* The same with streams, templates, sampling rates and names. */
	FLOWD_REPORT_ALL = 2
};

/*
 * What is known of exporters as JSON, one object a line, as flowctl(8) and
 * flowd-reader --exporters print it. The text is ended by a 0, and valid until
 * the next call with the decoder. Returns 0, or a negative FLOWD_E* with err
 * set.
 */
int flowd_decoder_report(struct flowd_decoder *d, int report,
    const char **text, size_t *len, struct flowd_error *err);

/*
 * The state: exporters with their templates, sampling rates, names and sequence
 * numbers, without counters; see flowd-state(5). It is valid until the next
 * call with the decoder. Returns 0, or a negative FLOWD_E* with err set.
 */
int flowd_decoder_save(struct flowd_decoder *d, const uint8_t **state,
    size_t *len, struct flowd_error *err);
/*
 * Add a state, of which the octets are not trusted. What the decoder knows from
 * datagrams wins. Returns 0; FLOWD_EVERSION or FLOWD_ECHECKSUM, and nothing was
 * loaded; FLOWD_EFORMAT, and what stands before the bad place was; or
 * FLOWD_ENOMEM; with err set.
 */
int flowd_decoder_load(struct flowd_decoder *d, const void *state, size_t len,
    struct flowd_error *err);

#ifdef __cplusplus
}
#endif

#endif
