/*
 * Port changes; see port_change.h.
 * Test: test_stream.c.
 *
 * Some exporters send each datagram from a new port, and NAT changes ports now
 * and then. But behind one address there may also be many exporters with
 * different templates. Sequence numbers tell these apart. A single matching
 * number does not: exporters that started together have the same numbers.
 */
#include "port_change.h"
#include "session.h"

enum {
	/* Recently used streams that are examined. */
	STREAMS_EXAMINED = 32,
	/* Lower numbers are common, as every sequence starts with them. */
	NUMBER_MIN = 16,
	/*
	 * The window for streams that change ports: in messages, and in flows
	 * or records.
	 */
	WINDOW_MESSAGES = 128,
	WINDOW_RECORDS = 4096,
	/* Datagrams that show that a stream stays on its port. */
	DATAGRAMS_MIN = 4,
	/*
	 * Links that prove that an exporter changes its port each time, if all
	 * streams were examined, ...
	 */
	CHAIN_PROOF = 4,
	/* ... and otherwise. */
	CHAIN_PROOF_MANY = 16,
	/* Ports with a single datagram that show that ports are random. */
	PORTS_MIN = 16,
	/*
	 * A stream has stopped after so many times its longest gap; and after
	 * SILENT_MS if it was not active for that long.
	 */
	STOPPED_GAPS = 3,
	SILENT_MS = 180000
};

/*
 * The next sequence number. Returns false if it is unknown: it depends on the
 * message itself, or the exporter's numbers do not count.
 */
static bool
stream_expects(const struct stream *s, uint32_t *number)
{
	const struct counting *c = session_counting(s);
	const struct sequence *seq = &c->best.sequence;
	enum sequence_unit unit = counting_unit(c);

	*number = s->has_expected ? s->expected : seq->next;
	return (s->has_expected || (seq->known && !seq->next_is_minimum)) &&
	    unit != SEQUENCE_NONE && !unit_counts_own(unit);
}

static int32_t
stream_window(const struct stream *s)
{
	return counting_unit(session_counting(s)) == SEQUENCE_MESSAGES
	    ? WINDOW_MESSAGES
	    : WINDOW_RECORDS;
}

/*
 * How far the number is ahead of the expected one. Returns false outside of the
 * window.
 */
static bool
stream_in_window(const struct stream *s, uint32_t number, int32_t *ahead)
{
	uint32_t expected;

	if (!stream_expects(s, &expected))
		return false;
	*ahead = (int32_t)(number - expected);
	return *ahead <= stream_window(s) && *ahead >= -stream_window(s);
}

/* The streams of an exporter that a message may continue. */
struct port_candidates {
	struct stream *exact, *moving, *near;
	unsigned nexact, nmoving, nnear;
	bool all;		/* all streams were examined */
};

/*
 * If a stream changes its port each time, lost, late and repeated datagrams
 * come from other ports, too. A late one was exported before; one exported
 * later belongs to a process that has just started.
 */
static void
candidates_add_near(struct port_candidates *f, struct stream *s,
    const struct message *m, int32_t ahead)
{
	if (stream_changes_ports(s) &&
	    (ahead >= 0 ||
		m->export_ns <=
		    session_counting(s)->best.sequence.export_ns)) {
		f->near = s;
		f->nnear++;
	}
}

static void
candidates_add(
    struct port_candidates *f, struct stream *s, const struct message *m)
{
	int32_t ahead;

	if (s->version != m->version->number || s->domain != m->domain ||
	    !stream_in_window(s, m->sequence, &ahead))
		return;
	if (ahead != 0) {
		candidates_add_near(f, s, m, ahead);
		return;
	}
	f->exact = s;
	f->nexact++;
	if (stream_changes_ports(s)) {
		f->moving = s;
		f->nmoving++;
	}
}

/* Recently used streams are enough. */
static struct port_candidates
candidates_find(const struct exporter *x, const struct message *m)
{
	struct port_candidates f = { .all = true };
	struct list *link, *next;
	int looked = 0;

	LIST_FOREACH(link, next, &x->streams) {
		if (looked++ == STREAMS_EXAMINED) {
			f.all = false;
			break;
		}
		candidates_add(&f, LIST_ENTRY(link, struct stream, use), m);
	}
	return f;
}

/*
 * Streams besides s that were active since, as signs of other exporters: those
 * with a single datagram that are not part of a chain; and those that stay on
 * their ports, or change them as well.
 */
struct neighbours {
	unsigned nsingle, nother;
};

static bool
chain_is_single(const struct stream *s)
{
	return chain_before(s) == NULL && s->after == NULL;
}

static void
neighbours_add(struct neighbours *b, const struct stream *s)
{
	if (!stream_is_single(s))
		b->nother +=
		    stream_changes_ports(s) || s->ndatagrams >= DATAGRAMS_MIN;
	else
		b->nsingle += chain_is_single(s);
}

static struct neighbours
neighbours_count(const struct stream *one, int64_t since_ns)
{
	struct neighbours b = { 0, 0 };
	const struct list *link, *next;
	int looked = 0;

	LIST_FOREACH(link, next, &one->exporter->streams) {
		const struct stream *s = LIST_ENTRY(link, struct stream, use);

		if (s != one && s->version == one->version &&
		    s->domain == one->domain && s->last_ns >= since_ns)
			neighbours_add(&b, s);
		if (++looked == STREAMS_EXAMINED)
			break;
	}
	return b;
}

/*
 * Whether the chain up to s proves a single exporter. Among many exporters,
 * some have consecutive numbers by chance: the more there are, the more links
 * are required.
 */
static bool
chain_is_proof(const struct stream *s, bool all)
{
	const struct stream *first = s, *before;
	unsigned n = 1;

	while ((before = chain_before(first)) != NULL) {
		first = before;
		n++;
	}
	if (n < CHAIN_PROOF || n >= CHAIN_PROOF_MANY)
		return n >= CHAIN_PROOF_MANY;
	return all &&
	    n >= CHAIN_PROOF + neighbours_count(s, first->first_ns).nsingle;
}

/* A port with a single datagram expects the number. */
static void
port_change_by_chain(struct port_change *a, const struct port_candidates *f)
{
	struct stream *s = f->exact;

	if (!stream_is_single(s) || s->after != NULL)
		return;
	if (chain_is_proof(s, f->all))
		a->stream = s;
	else
		a->before_port = s->port;
}

/* Requires that there are no other exporters. */
static void
port_change_by_window(struct port_change *a, struct stream *s)
{
	struct neighbours b = neighbours_count(s, s->first_ns);

	if (b.nsingle == 0 && b.nother == 0)
		a->stream = s;
}

void
port_change_find(struct port_change *a, const struct exporter *x,
    const struct message *m)
{
	struct port_candidates f;

	*a = (struct port_change) { .stream = NULL, .before_port = -1 };
	if (m->version->off_sequence == 0)
		return;
	f = candidates_find(x, m);
	if (f.nmoving == 1 && f.nexact == 1)
		a->stream = f.moving;
	else if (f.nexact == 1)
		port_change_by_chain(a, &f);
	else if (f.nexact == 0 && f.nnear == 1 && m->sequence >= NUMBER_MIN)
		port_change_by_window(a, f.near);
}

bool
exporter_ports_are_random(const struct exporter *x)
{
	const struct list *link, *next;
	int looked = 0;

	LIST_FOREACH(link, next, &x->streams) {
		const struct stream *s = LIST_ENTRY(link, struct stream, use);

		if (!stream_is_single(s) && !stream_changes_ports(s))
			return false;
		if (++looked == STREAMS_EXAMINED)
			break;
	}
	return looked >= PORTS_MIN;
}

void
chain_append(struct stream *before, struct stream *s)
{
	before->after = s;
	s->before = before;
}

void
chain_remove(struct stream *s)
{
	if (s->before != NULL)
		s->before->after = NULL;
	if (s->after != NULL)
		s->after->before = NULL;
	s->before = s->after = NULL;
}

struct stream *
chain_before(const struct stream *s)
{
	return s->before != NULL && stream_is_single(s->before) ? s->before
								: NULL;
}

/*
 * Whether it is silent for much longer than ever before. Exporters send in
 * bursts, mostly at least once a minute.
 */
static bool
stream_has_stopped(const struct stream *s, int64_t now_ns)
{
	int64_t silent_ns = now_ns - s->last_ns;

	return s->ndatagrams >= DATAGRAMS_MIN &&
	    silent_ns / STOPPED_GAPS > s->longest_gap_ns &&
	    (silent_ns >= ms_to_ns(SILENT_MS) ||
		s->last_ns - s->first_ns >= ms_to_ns(SILENT_MS));
}

/*
 * Whether the other stream is an earlier part of the same exporter, which
 * changes its ports, and there is no other exporter.
 */
static bool
stream_is_earlier_part(const struct stream *other, const struct stream *s)
{
	struct neighbours b = neighbours_count(s, other->first_ns);

	return stream_is_single(other)
	    ? b.nother == 0 && b.nsingle == chain_is_single(other)
	    : stream_changes_ports(other) && b.nother == 1 && b.nsingle == 0;
}

/*
 * Whether s continues the sequence of the other stream: it starts after the
 * other's last datagram, with a number near the expected one. Then either both
 * change their ports; or both stay on theirs, and the other has stopped.
 */
bool
stream_continues(const struct stream *s, const struct stream *other)
{
	int32_t ahead;

	if (other->last_ns > s->first_ns ||
	    !stream_in_window(other, s->first_sequence, &ahead) || ahead < 0)
		return false;
	if (stream_changes_ports(s))
		return stream_is_earlier_part(other, s);
	return s->first_sequence >= NUMBER_MIN &&
	    s->ndatagrams >= DATAGRAMS_MIN &&
	    stream_has_stopped(other, s->last_ns);
}
