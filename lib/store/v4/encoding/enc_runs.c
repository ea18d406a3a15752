/*
 * The encoding "runs": the length and the integer of each run (run-length
 * encoding); see int_stream.h. For integers that repeat in consecutive rows, as
 * those of an export datagram do.
 */
#include "int_stream.h"

enum {
	PAYS = 8,	/* rows of a run on average */
	STEP = 1024,	/* rows between checks of the number of runs */
	MUCH = 2	/* give up at this factor above what pays off */
};

/* Counts the runs, and stops early at more than max. */
static size_t
count_runs(const struct values *v, size_t max)
{
	size_t n = 1;

	for (size_t at = 1; at < v->n && n <= max;) {
		size_t end = v->n - at < STEP ? v->n : at + STEP;

		n += values_changes(v, at, end);
		at = end;
		if (n * PAYS > MUCH * at && at >= STEP)
			return max + 1;
	}
	return n;
}

/* Do the integers mostly grow, as times and sequence numbers do? */
static bool
runs_grow(const uint64_t *v, size_t n)
{
	size_t down = 0;

	for (size_t i = 1; i < n; i++)
		down += v[i] < v[i - 1];
	return n >= PAYS && down * PAYS < n;
}

/* Their lengths and integers. */
#define FIND(array) \
	do { \
		for (size_t i = 1; i <= v->n; i++) { \
			if (i < v->n && (array)[i] == (array)[i - 1]) \
				continue; \
			lens[run] = (uint32_t)(i - begin); \
			values[run++] = (array)[begin]; \
			begin = i; \
		} \
	} while (0)

static void
find_runs(const struct values *v, uint32_t *lens, uint64_t *values)
{
	size_t run = 0, begin = 0;

	switch (v->width) {
	case 1:
		FIND(v->u8);
		break;
	case 2:
		FIND(v->u16);
		break;
	case 4:
		FIND(v->u32);
		break;
	default:
		FIND(v->u64);
		break;
	}
}

static void
write_runs(struct int_stream_writer *w, const struct values *runs,
    const uint32_t *lens)
{
	struct values out = values_u32(lens, runs->n);
	uint8_t *p = buf_room(w->out, 5);

	if (p == NULL)
		return;
	p[0] = ENCODING_RUNS;
	store_le32(p + 1, (uint32_t)runs->n);
	w->out->len += 5;
	w->depth++;
	int_stream_put(w, &out);
	out = *runs;
	if (!runs_grow(runs->u64, runs->n) || !delta_put(w, &out))
		int_stream_put(w, &out);
	w->depth--;
}

void
runs_put_known(struct int_stream_writer *w, const struct values *runs,
    const uint32_t *begin, size_t n)
{
	struct scratch_mark mark = scratch_mark(w->scratch);
	uint32_t *lens = scratch_take(w->scratch, runs->n * sizeof(*lens));

	if (lens == NULL) {
		w->out->failed = true;
		return;
	}
	for (size_t i = 0; i < runs->n; i++)
		lens[i] = (i + 1 < runs->n ? begin[i + 1] : (uint32_t)n) -
		    begin[i];
	write_runs(w, runs, lens);
	scratch_release(w->scratch, mark);
}

bool
runs_put(struct int_stream_writer *w, const struct values *v)
{
	struct scratch_mark mark = scratch_mark(w->scratch);
	size_t nruns = count_runs(v, v->n / PAYS);
	struct values runs;
	uint32_t *lens;
	uint64_t *values;

	if (nruns * PAYS > v->n)
		return false;
	lens = scratch_take(w->scratch, nruns * sizeof(*lens));
	values = scratch_take(w->scratch, nruns * sizeof(*values));
	if (lens == NULL || values == NULL)
		return false;
	find_runs(v, lens, values);
	runs = values_u64(values, nruns);
	runs.is_signed = v->is_signed;
	runs.scaled = v->scaled;
	write_runs(w, &runs, lens);
	scratch_release(w->scratch, mark);
	return true;
}

/* Turns the lengths into ends, which must increase and reach n exactly. */
static bool
runs_open(struct int_stream *s, unsigned depth)
{
	struct int_stream_source *from = s->source;
	size_t n = wire_le32(&from->w), end = 0;
	uint64_t *lens;
	uint32_t *ends;

	if (!wire_ok(&from->w) || n == 0 || n > s->n)
		return false;
	lens = int_stream_all_inner(from, n, depth + 1);
	ends = scratch_take(from->scratch, n * sizeof(*ends));
	if (lens == NULL || ends == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (lens[i] == 0 || lens[i] > s->n - end)
			return false;
		end += lens[i];
		ends[i] = (uint32_t)end;
	}
	s->runs.ends = ends;
	s->runs.n = n;
	s->runs.values = int_stream_all_inner(from, n, depth + 1);
	return s->runs.values != NULL && end == s->n;
}

/* The run that row is in: the first that ends behind it. */
static size_t
find_run(const struct int_stream *s, size_t row)
{
	size_t lo = 0, hi = s->runs.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->runs.ends[mid] > row)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

#define RUNS_GET(T, name) \
	static void name(const struct int_stream *s, size_t first, size_t n, \
	    T *out) \
	{ \
		size_t run = n > 0 ? find_run(s, first) : 0; \
\
		for (size_t at = first; at < first + n; run++) { \
			size_t end = s->runs.ends[run]; \
			T v = (T)s->runs.values[run]; \
\
			end = end < first + n ? end : first + n; \
			for (; at < end; at++) \
				out[at - first] = v; \
		} \
	}

RUNS_GET(uint32_t, runs_get32)
RUNS_GET(uint64_t, runs_get64)

const struct encoding encoding_runs = { "runs", runs_open, runs_get32,
	runs_get64 };
