/*
 * Is it the same exporting process? Some exporters send each datagram from
 * another port, and a network address translator gives others a new port now
 * and then; but behind one address there may as well be many exporters, each
 * with templates of its own. Sequence numbers tell, but one number alone does
 * not: exporters that were started together count alike. The contract is in
 * port_change.h. Test: test_stream.c.
 */
#include "port_change.h"
#include "session.h"

enum {
	/* Streams that are looked at for one that goes on. */
	STREAMS_EXAMINED = 32,
	/* Numbers below come up wherever something has just begun. */
	NUMBER_MIN = 16,
	/* How far off a stream that changes its port may be: in datagrams,
	 * and in flows or records. */
	WINDOW_MESSAGES = 128,
	WINDOW_RECORDS = 4096,
	/* Datagrams by which a stream has shown that it stays on its port. */
	DATAGRAMS_MIN = 4,
	/* New ports in a row, each with the number that the one before
	 * expects, that show an exporter that changes its port each time: */
	CHAIN_PROOF = 4,
	/* and where there are more streams than are looked at. */
	CHAIN_PROOF_MANY = 16,
	/* Ports that none came again of, so that ports tell nothing. */
	PORTS_MIN = 16,
	/* A stream has stopped when it is silent for so many of its pauses,
	 * and for so long if it was not there for that long. */
	STOPPED_GAPS = 3,
	SILENT_MS = 180000
};

/*
 * The number that it goes on with; false when that is not known, as where it
 * depends on what the message has, or its numbers do not count.
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

/* How far the number is ahead of what is expected; false when not near. */
static bool
stream_in_window(const struct stream *s, uint32_t number, int32_t *ahead)
{
	uint32_t expected;

	if (!stream_expects(s, &expected))
		return false;
	*ahead = (int32_t)(number - expected);
	return *ahead <= stream_window(s) && *ahead >= -stream_window(s);
}

/* What is found among the streams of an exporter. */
struct candidates {
	struct stream *exact, *hopping, *near;
	unsigned nexact, nhopping, nnear;
	bool all;		/* all of them were looked at */
};

/*
 * A stream that changes its port does so with each datagram: then one that is
 * lost, late or repeated has another port too. What is behind was made before;
 * what was made later is of a process that has just begun.
 */
static void
candidates_add_near(struct candidates *f, struct stream *s,
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
candidates_add(struct candidates *f, struct stream *s, const struct message *m)
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
		f->hopping = s;
		f->nhopping++;
	}
}

/* It was used of late, so that there is no need to look at all of them. */
static struct candidates
candidates_find(const struct exporter *x, const struct message *m)
{
	struct candidates f = { .all = true };
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
 * Streams beside one, as this may be where many exporters are: since its first
 * datagram they came once, with a number that belongs to no other; or have
 * stayed on their ports, or change them, too.
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
 * Is the chain up to s so long that a new port that goes on with it shows one
 * exporter? Where others are some have numbers in a row by chance.
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

/* A port that came once expects the number. */
static void
port_change_by_chain(struct port_change *a, const struct candidates *f)
{
	struct stream *s = f->exact;

	if (!stream_is_single(s) || s->after != NULL)
		return;
	if (chain_is_proof(s, f->all))
		a->stream = s;
	else
		a->before_port = s->port;
}

/* The one that changes its port, if it is alone. */
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
	struct candidates f;

	*a = (struct port_change) { .stream = NULL, .before_port = -1 };
	if (m->version->off_sequence == 0)
		return;
	f = candidates_find(x, m);
	if (f.nhopping == 1 && f.nexact == 1)
		a->stream = f.hopping;
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
 * Silent for longer than it ever was, by far? Exporters send in bursts, most
 * of them at least once a minute.
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

/* Another one that changes its port, or that came once, if it is alone. */
static bool
stream_is_earlier_part(const struct stream *other, const struct stream *s)
{
	struct neighbours b = neighbours_count(s, other->first_ns);

	return stream_is_single(other)
	    ? b.nother == 0 && b.nsingle == chain_is_single(other)
	    : stream_changes_ports(other) && b.nother == 1 && b.nsingle == 0;
}

/*
 * Did s go on where the other stopped? It began after the other one's last
 * datagram, with a number that is not far from where the other was. Then it
 * changes its port each time, as the other does for all that is known; or both
 * have stayed on their ports, and the other one has stopped.
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
