/*
 * Is it the same exporting process? Some exporters send each datagram from
 * another port, and a network address translator gives others a new port now
 * and then; but behind one address there may as well be many exporters, each
 * with templates of its own. Sequence numbers tell. The contract is in
 * exporter.h. Test: test_stream.c.
 */
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
	/* The part of that in which two count alike. */
	RIVAL = 8,
	/* Datagrams by which a stream has shown that it stays on its port. */
	STAYED = 4
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
	int64_t rival_ns;	/* the last of one that counts alike, or 0 */
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
	if (!stream_hops(s)) {
		if (!stream_came_once(s) && ahead <= stream_near(s) / RIVAL &&
		    ahead >= -stream_near(s) / RIVAL)
			f->rival_ns = s->last_ns > f->rival_ns
			    ? s->last_ns
			    : f->rival_ns;
	} else if (ahead >= 0 ||
	    m->export_ns <= session_counting(s)->way.sequence.export_ns) {
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
 * Does the number tell enough where the stream has stayed on its port so far?
 * Two that have just begun count alike: there a second one has to follow on
 * the first. So do two that go on side by side from ports of their own.
 * A message that has templates needs no other stream, but for what is counted.
 */
static bool
adoption_is_telling(const struct found *f, const struct message *m, bool brings)
{
	const struct stream *s = f->exact;

	if (stream_came_once(s) && s->chain > 0)
		return true;
	if (brings && !(stream_came_once(s) && s->brought_flows))
		return false;
	return m->sequence >= TELLING && f->rival_ns <= s->first_ns &&
	    (f->all || templates_alike(s));
}

void
adoption_find(struct adoption *a, const struct exporter *x,
    const struct message *m, bool brings)
{
	struct found f;

	*a = (struct adoption) { .stream = NULL };
	if (m->version->off_sequence == 0)
		return;
	f = adoption_look(x, m);
	if (f.nhopping == 1) {
		a->stream = f.hopping;
	} else if (f.nexact == 1) {
		if (adoption_is_telling(&f, m, brings))
			a->stream = f.exact;
		else if (stream_came_once(f.exact))
			a->chain = f.exact->chain < UINT8_MAX
			    ? f.exact->chain + 1U
			    : UINT8_MAX;
	} else if (f.nexact == 0 && f.nnear == 1 && m->sequence >= TELLING) {
		a->stream = f.near;
	}
}

/*
 * Did s go on where the other stopped? It changes its port, or has one for
 * some time; and the other one has been silent since s began, with a number
 * that is not far from where the other was.
 */
bool
stream_succeeds(const struct stream *s, const struct stream *other)
{
	int32_t ahead;

	if (other->last_ns > s->first_ns ||
	    !stream_is_near(other, s->began, &ahead) || ahead < 0)
		return false;
	return stream_hops(s) ||
	    (s->began >= TELLING && s->ndatagrams >= STAYED);
}
