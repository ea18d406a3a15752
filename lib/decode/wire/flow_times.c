/* Flow times; see flow_times.h. Test: test/unit/decode/test_flow_times.c. */
#include "flow_times.h"
#include "vectorize.h"

static const int64_t ms_ns = 1000000;

/* Marks col in the rows in which from has a value. */
static void
mark_same_rows(struct batch *batch, unsigned col, unsigned from, size_t first,
    size_t n)
{
	colset_add(&batch->used, col);
	bitmap_or_range(batch->col[col].valid, batch->col[from].valid, first,
	    n);
}

/*
 * Export time minus the age of the flow: the difference of two 32-bit counters
 * of milliseconds, modulo 2^32, read as signed.
 */
VECTORIZE static void
derive_from_header(struct batch *batch, const struct message *m, unsigned col,
    unsigned uptime_col, size_t first, size_t n)
{
	const uint32_t *uptime = batch->col[uptime_col].u32 + first;
	int64_t *out = batch->col[col].ns + first;
	const int64_t export_ns = m->export_ns;
	const uint32_t now = m->uptime_ms;

	for (size_t r = 0; r < n; r++)
		out[r] = export_ns - (int32_t)(now - uptime[r]) * ms_ns;
	mark_same_rows(batch, col, uptime_col, first, n);
}

/*
 * Start of the exporter plus uptime, with as many wraps of the uptime as bring
 * the time closest to the export time.
 */
static int64_t
time_since_init(int64_t init_ns, uint32_t uptime_ms, int64_t export_ns)
{
	const int64_t wrap_ns = ms_ns << 32;
	int64_t at, past;

	/* Invalid input must not overflow. */
	if (init_ns < 0 || init_ns > INT64_MAX / 4)
		init_ns = 0;
	at = init_ns + uptime_ms * ms_ns;
	past = export_ns - at;
	if (past > wrap_ns / 2)
		at += (past + wrap_ns / 2) / wrap_ns * wrap_ns;
	return at;
}

/* IPFIX: element 160 of the record, else the start from options data. */
static void
derive_from_init_time(struct batch *batch, const struct message *m,
    const int64_t *start_ns, unsigned col, unsigned uptime_col,
    size_t first, size_t n)
{
	const struct column *init = &batch->col[COL_system_init_time];
	const struct column *uptime = &batch->col[uptime_col];

	if (start_ns == NULL && !colset_has(&batch->used, COL_system_init_time))
		return;
	for (size_t r = first; r < first + n; r++) {
		const int64_t *init_ns = start_ns;

		if (bitmap_test(init->valid, r))
			init_ns = &init->ns[r];
		if (init_ns == NULL || !bitmap_test(uptime->valid, r) ||
		    batch_has(batch, col, r))
			continue;
		batch_set_uint(batch, col, r,
		    (uint64_t)time_since_init(*init_ns, uptime->u32[r],
			m->export_ns));
	}
}

/* As derive_from_header(), for rows without an absolute time. */
static void
derive_missing_from_header(struct batch *batch, const struct message *m,
    unsigned col, unsigned uptime_col, size_t first, size_t n)
{
	const struct column *uptime = &batch->col[uptime_col];

	for (size_t r = first; r < first + n; r++) {
		int32_t past;

		if (!bitmap_test(uptime->valid, r) || batch_has(batch, col, r))
			continue;
		past = (int32_t)(m->uptime_ms - uptime->u32[r]);
		batch_set_uint(batch, col, r,
		    (uint64_t)(m->export_ns - past * ms_ns));
	}
}

/* rest: some rows have the time already. */
static void
derive_time_of(struct batch *batch, const struct message *m,
    const int64_t *start_ns, unsigned col, unsigned uptime_col,
    bool rest, size_t first, size_t n)
{
	if (m->version->off_uptime_ms == 0)
		derive_from_init_time(
		    batch, m, start_ns, col, uptime_col, first, n);
	else if (rest)
		derive_missing_from_header(batch, m, col, uptime_col, first, n);
	else
		derive_from_header(batch, m, col, uptime_col, first, n);
}

/* The uptime column of an IPFIX exporter whose start is known. */
static void
derive_system_uptime(struct batch *batch, const struct message *m,
    const int64_t *start_ns, size_t first, size_t n)
{
	int64_t up_ns;

	if (m->version->off_uptime_ms != 0 || start_ns == NULL)
		return;
	up_ns = m->export_ns - *start_ns;
	if (up_ns < 0)
		return;
	batch_fill_uint(batch, COL_sys_uptime_ms, first, n,
	    (uint32_t)(up_ns / ms_ns));
}

void
flow_times_derive(const struct plan *plan, const struct message *m,
    const int64_t *start_ns, struct batch *batch, size_t first,
    size_t n)
{
	if (plan->derive & (DERIVE_START | DERIVE_START_REST))
		derive_time_of(batch, m, start_ns, COL_flow_start,
		    COL_flow_start_uptime_ms,
		    plan->derive & DERIVE_START_REST, first, n);
	if (plan->derive & (DERIVE_END | DERIVE_END_REST))
		derive_time_of(batch, m, start_ns, COL_flow_end,
		    COL_flow_end_uptime_ms, plan->derive & DERIVE_END_REST,
		    first, n);
	derive_system_uptime(batch, m, start_ns, first, n);
}
