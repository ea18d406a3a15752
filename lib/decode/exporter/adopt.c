/*
 * Is it the same exporting process? Some exporters send each datagram from
 * another port, and a network address translator gives others a new port now
 * and then; but behind one address there may as well be many exporters, each
 * with templates of its own. Sequence numbers tell, but one number alone does
 * not: exporters that were started together count alike. The contract is in
 * adopt.h. Test: test_stream.c.
 */
#include "adopt.h"
#include "session.h"

enum {
	/* Streams that are looked at for one that goes on. */
	ADOPT_LOOK = 32,
	/* Numbers below come up wherever something has just begun. */
	TELLING = 16,
	/* How far off a stream that changes its port may be: in datagrams,
	 * and in flows or records. */
	NEAR_MESSAGES = 128,
	NEAR_RECORDS = 4096,
	/* Datagrams by which a stream has shown that it stays on its port. */
	STAYED = 4,
	/* New ports in a row, each with the number that the one before
	 * expects, that show an exporter that changes its port each time: */
	CHAIN_TELLS = 4,
	/* and where there are more streams than are looked at. */
	CHAIN_TELLS_MANY = 16,
	/* Ports that none came again of, so that ports tell nothing. */
	LEND_PORTS = 16,
	/* A stream has stopped when it is silent for so many of its pauses,
	 * and for so long if it was not there for that long. */
	SILENT_TIMES = 3,
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
	const struct sequence *seq = &c->way.sequence;
	enum sequence_unit unit = counting_unit(c);

	*number = s->guessed ? s->guess : seq->next;
	return (s->guessed || (seq->known && !seq->slack)) &&
	    unit != SEQUENCE_NONE && !unit_counts_own(unit);
}

static int32_t
stream_near(const struct stream *s)
{
	return counting_unit(session_counting(s)) == SEQUENCE_MESSAGES
	    ? NEAR_MESSAGES
	    : NEAR_RECORDS;
}

/* How far the number is ahead of what is expected; false when not near. */
static bool
stream_is_near(const struct stream *s, uint32_t number, int32_t *ahead)
{
	uint32_t expected;

	if (!stream_expects(s, &expected))
		return false;
	*ahead = (int32_t)(number - expected);
	return *ahead <= stream_near(s) && *ahead >= -stream_near(s);
}

/* What is found among the streams of an exporter. */
struct found {
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
found_near(struct found *f, struct stream *s, const struct message *m,
    int32_t ahead)
{
	if (stream_hops(s) &&
	    (ahead >= 0 ||
		m->export_ns <=
		    session_counting(s)->way.sequence.export_ns)) {
		f->near = s;
		f->nnear++;
	}
}

static void
found_add(struct found *f, struct stream *s, const struct message *m)
{
	int32_t ahead;

	if (s->version != m->version->number || s->domain != m->domain ||
	    !stream_is_near(s, m->sequence, &ahead))
		return;
	if (ahead != 0) {
		found_near(f, s, m, ahead);
		return;
	}
	f->exact = s;
	f->nexact++;
	if (stream_hops(s)) {
		f->hopping = s;
		f->nhopping++;
	}
}

/* It was used of late, so that there is no need to look at all of them. */
static struct found
adoption_look(const struct exporter *x, const struct message *m)
{
	struct found f = { .all = true };
	struct list *link, *next;
	int looked = 0;

	LIST_FOREACH(link, next, &x->streams) {
		if (looked++ == ADOPT_LOOK) {
			f.all = false;
			break;
		}
		found_add(&f, LIST_ENTRY(link, struct stream, use), m);
	}
	return f;
}

/*
 * Streams beside one, as this may be where many exporters are: since its first
 * datagram they came once, with a number that belongs to no other; or have
 * stayed on their ports, or change them, too.
 */
struct beside {
	unsigned nsingle, nother;
};

static bool
chain_is_single(const struct stream *s)
{
	return chain_before(s) == NULL && s->after == NULL;
}

static void
beside_add(struct beside *b, const struct stream *s)
{
	if (!stream_came_once(s))
		b->nother += stream_hops(s) || s->ndatagrams >= STAYED;
	else
		b->nsingle += chain_is_single(s);
}

static struct beside
beside_look(const struct stream *one, int64_t since_ns)
{
	struct beside b = { 0, 0 };
	const struct list *link, *next;
	int looked = 0;

	LIST_FOREACH(link, next, &one->exporter->streams) {
		const struct stream *s = LIST_ENTRY(link, struct stream, use);

		if (s != one && s->version == one->version &&
		    s->domain == one->domain && s->last_ns >= since_ns)
			beside_add(&b, s);
		if (++looked == ADOPT_LOOK)
			break;
	}
	return b;
}

/*
 * Is the chain up to s so long that a new port that goes on with it shows one
 * exporter? Where others are some have numbers in a row by chance.
 */
static bool
chain_tells(const struct stream *s, bool all)
{
	const struct stream *first = s, *before;
	unsigned n = 1;

	while ((before = chain_before(first)) != NULL) {
		first = before;
		n++;
	}
	if (n < CHAIN_TELLS || n >= CHAIN_TELLS_MANY)
		return n >= CHAIN_TELLS_MANY;
	return all &&
	    n >= CHAIN_TELLS + beside_look(s, first->first_ns).nsingle;
}

/* A port that came once expects the number. */
static void
adoption_chain(struct adoption *a, const struct found *f)
{
	struct stream *s = f->exact;

	if (!stream_came_once(s) || s->after != NULL)
		return;
	if (chain_tells(s, f->all))
		a->stream = s;
	else
		a->before_port = s->port;
}

/* The one that changes its port, if it is alone. */
static void
adoption_near(struct adoption *a, struct stream *s)
{
	struct beside b = beside_look(s, s->first_ns);

	if (b.nsingle == 0 && b.nother == 0)
		a->stream = s;
}

void
adoption_find(struct adoption *a, const struct exporter *x,
    const struct message *m)
{
	struct found f;

	*a = (struct adoption) { .stream = NULL, .before_port = -1 };
	if (m->version->off_sequence == 0)
		return;
	f = adoption_look(x, m);
	if (f.nhopping == 1 && f.nexact == 1)
		a->stream = f.hopping;
	else if (f.nexact == 1)
		adoption_chain(a, &f);
	else if (f.nexact == 0 && f.nnear == 1 && m->sequence >= TELLING)
		adoption_near(a, f.near);
}

bool
stream_ports_tell_nothing(const struct exporter *x)
{
	const struct list *link, *next;
	int looked = 0;

	LIST_FOREACH(link, next, &x->streams) {
		const struct stream *s = LIST_ENTRY(link, struct stream, use);

		if (!stream_came_once(s) && !stream_hops(s))
			return false;
		if (++looked == ADOPT_LOOK)
			break;
	}
	return looked >= LEND_PORTS;
}

void
chain_add(struct stream *before, struct stream *s)
{
	before->after = s;
	s->before = before;
}

void
chain_leave(struct stream *s)
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
	return s->before != NULL && stream_came_once(s->before) ? s->before
								: NULL;
}

/*
 * Silent for longer than it ever was, by far? Exporters send in bursts, most
 * of them at least once a minute.
 */
static bool
stream_stopped(const struct stream *s, int64_t now_ns)
{
	int64_t silent_ns = now_ns - s->last_ns;

	return s->ndatagrams >= STAYED &&
	    silent_ns / SILENT_TIMES > s->pause_ns &&
	    (silent_ns >= ms_to_ns(SILENT_MS) ||
		s->last_ns - s->first_ns >= ms_to_ns(SILENT_MS));
}

/* Another one that changes its port, or that came once, if it is alone. */
static bool
stream_is_earlier_hops(const struct stream *other, const struct stream *s)
{
	struct beside b = beside_look(s, other->first_ns);

	return stream_came_once(other)
	    ? b.nother == 0 && b.nsingle == chain_is_single(other)
	    : stream_hops(other) && b.nother == 1 && b.nsingle == 0;
}

/*
 * Did s go on where the other stopped? It began after the other one's last
 * datagram, with a number that is not far from where the other was. Then it
 * changes its port each time, as the other does for all that is known; or both
 * have stayed on their ports, and the other one has stopped.
 */
bool
stream_succeeds(const struct stream *s, const struct stream *other)
{
	int32_t ahead;

	if (other->last_ns > s->first_ns ||
	    !stream_is_near(other, s->began, &ahead) || ahead < 0)
		return false;
	if (stream_hops(s))
		return stream_is_earlier_hops(other, s);
	return s->began >= TELLING && s->ndatagrams >= STAYED &&
	    stream_stopped(other, s->last_ns);
}
