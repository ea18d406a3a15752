/*
 * Early data: data sets that arrive before their template. They wait in a
 * buffer with the header of their message. When the template arrives they are
 * decoded, with their own times.
 *
 *	early_queue	the sets of one stream and template id
 *
 * The buffer is limited by exporter, in total and in time; counters.def counts
 * every set. decode.c and stream.c use it.
 * Test: test/unit/decode/test_early.c.
 */
#ifndef FLOWD_EARLY_H
#define FLOWD_EARLY_H

#include "exporter.h"

struct early_queue {
	struct map_node node;	/* by stream and id */
	struct list of_stream;
	struct list ready;	/* of those with a known template */
	struct list sets;	/* last arrived first */
	struct stream *stream;
	uint16_t id;
	bool assumed;		/* waited for early_ms: template_assume() */
};

/* One waiting set. */
struct early {
	struct list age;	/* of all, last arrived first */
	struct list of_exporter;	/* last arrived first */
	struct list of_queue;
	struct early_queue *queue;	/* NULL once taken */
	struct stream *stream;
	struct message message;	/* that contains it */
	uint16_t id;
	size_t octets;		/* of memory */
	size_t len;
	uint8_t data[];		/* the set after its header */
};

/* Holds a copy of the set, or counts that it could not. */
void early_hold(struct exporters *all, struct stream *s,
    const struct message *m, uint16_t id, struct bytes set);

/* The stream has a new template: sets waiting for it become ready. */
void early_ready(struct exporters *all, const struct stream *s, uint16_t id);
/*
 * Moves waiting sets to another stream, as older than its own. Without memory
 * they stay.
 */
void early_move(struct exporters *all, struct stream *from,
    struct stream *to);
/* The stream may be able to borrow templates now: tries its waiting sets. */
void early_retry(struct exporters *all, struct stream *s);
/*
 * Takes the oldest ready set and its template, or returns NULL. The caller
 * frees the set, and calls again until there is none.
 */
struct early *early_take(struct exporters *all, struct template **t);
void early_free(struct early *e);

/*
 * Drops sets that have waited too long, or makes them ready if a template can
 * be assumed.
 */
void early_expire(struct exporters *all, int64_t now_ns);
/* Drops all sets of a stream that is being removed. */
void early_forget(struct exporters *all, struct stream *s);

#endif
