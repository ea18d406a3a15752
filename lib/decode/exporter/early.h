/*
 * Early data: sets of data records that came before their template. They wait
 * in a small buffer, with the header of their message, and are decoded as soon
 * as the template is known, as of the time when they came.
 *
 *	early_queue	the sets of one stream and template number
 *
 * What is held is bounded for each exporter, for all, and in time; every set
 * is counted, see counters.def. Called by decode.c, stream.c and template_store.c.
 * Test: test/unit/decode/test_early.c.
 */
#ifndef FLOWD_EARLY_H
#define FLOWD_EARLY_H

#include "exporter.h"

struct early_queue {
	struct map_node node;	/* by stream and number */
	struct list of_stream;
	struct list ready;	/* of those whose template came */
	struct list sets;	/* last come first */
	struct stream *stream;
	uint16_t id;
	bool assumed;		/* it has waited long enough: template_lend() */
};

/* One set that waits. */
struct early {
	struct list age;	/* of all, last come first */
	struct list of_exporter;	/* last come first */
	struct list of_queue;
	struct early_queue *queue;	/* NULL once it was taken */
	struct stream *stream;
	struct message message;	/* it came in */
	uint16_t id;
	size_t octets;		/* of memory */
	size_t len;
	uint8_t data[];		/* the set behind its header */
};

/* Hold a copy of the set, or count that it cannot be held. */
void early_hold(struct exporters *all, struct stream *s,
    const struct message *m, uint16_t id, struct bytes set);

/* The stream learned a template: what waited for it is ready. */
void early_ready(struct exporters *all, const struct stream *s, uint16_t id);
/* What waits in the stream from waits in the other one; all of it is older
 * than what waits there. Without memory it stays where it is. */
void early_move(struct exporters *all, struct stream *from,
    struct stream *to);
/* The stream may be able to borrow templates now. */
void early_retry(struct exporters *all, struct stream *s);
/*
 * Take the oldest set whose template is known, with this template; or NULL.
 * The caller frees it, and calls again until there is none.
 */
struct early *early_take(struct exporters *all, struct template **t);
void early_free(struct early *e);

/* Drop what has waited for too long, or have it use a template that is lent. */
void early_expire(struct exporters *all, int64_t now_ns);
/* Drop all that a stream holds, which is forgotten. */
void early_forget(struct exporters *all, struct stream *s);

#endif
