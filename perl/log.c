/* Logs that are read; see log.h. */
#include "log.h"
#include "options.h"

/* All that flowd_classic_load() looks at. */
static const char classic_columns[] =
    "tag,recv_time,recv_time_carry,tcp_flags,protocol,tos,agent_addr,"
    "src_addr,dst_addr,next_hop,src_port,dst_port,packets,octets,if_in,if_out,"
    "sys_uptime_ms,agent_time,agent_time_carry,netflow_version,"
    "flow_start_uptime_ms,flow_end_uptime_ms,flow_start,flow_end,event_time,"
    "src_as,dst_as,src_mask,dst_mask,engine_type,engine_id,sequence,source_id,"
    "crc32";

static void
log_free(pTHX_ void *object)
{
	struct log *log = object;

	flowd_scan_close(log->scan);
	flow_maker_fini(aTHX_ &log->flows);
	row_maker_fini(aTHX_ &log->rows);
	Safefree(log);
}

const struct handle_type log_type = { "Flowd", "log", log_free };

struct log *
log_open(pTHX_ SV *paths, HV *options)
{
	struct flowd_scan_options o;
	struct flowd_error err;
	struct flowd_scan *scan;
	struct log *log;
	const char *columns = option_text(aTHX_ options, "columns");
	U32 fields = (U32)option_uint(aTHX_ options, "fields", U32_MAX);

	option_scan(aTHX_ paths, options, &o);
	o.columns = columns == NULL ? classic_columns
	    : strEQ(columns, "*")   ? NULL
				    : columns;
	scan = flowd_scan_open(&o, &err);
	if (scan == NULL)
		fail(aTHX_ &err);
	Newxz(log, 1, struct log);
	log->scan = scan;
	log->is_rows = columns != NULL;
	log->fields = fields != 0 ? fields : U32_MAX;
	flow_maker_init(aTHX_ &log->flows);
	row_maker_init(&log->rows);
	return log;
}

/* The next flow is that of log->row; false at the end. */
static bool
log_next(pTHX_ struct log *log)
{
	struct flowd_error err;
	int got;

	if (log->batch != NULL &&
	    ++log->row < flowd_batch_rows(log->batch))
		return true;
	log->batch = NULL;
	got = flowd_scan_next(log->scan, &log->batch, &err);
	if (got <= 0)
		log->batch = NULL;
	if (got < 0)
		fail(aTHX_ &err);
	log->row = 0;
	if (got > 0 && log->is_rows)
		row_maker_batch(aTHX_ &log->rows, log->batch);
	return got > 0;
}

SV *
log_flow(pTHX_ struct log *log)
{
	struct flowd_classic c;

	if (log->is_rows)
		croak("the log was opened with columns: see read_row()");
	if (!log_next(aTHX_ log) ||
	    flowd_classic_load(log->batch, log->row, &c) != 0)
		return NULL;
	c.fields &= log->fields;
	/* Only what was read from a record has a checksum. */
	if (!flowd_batch_has(log->batch, FLOWD_COL_crc32, log->row))
		c.fields &= ~(uint32_t)FLOWD_FIELD_CRC32;
	return flow_hash(aTHX_ &log->flows, &c);
}

SV *
log_row(pTHX_ struct log *log)
{
	if (!log->is_rows)
		croak("the log was opened without columns: see read_flow()");
	return log_next(aTHX_ log) ? row_hash(aTHX_ &log->rows, log->row)
				   : NULL;
}

UV
log_count(pTHX_ struct log *log)
{
	struct flowd_error err;
	uint64_t flows;

	if (flowd_scan_count(log->scan, &flows, &err) < 0)
		fail(aTHX_ &err);
	return flows;
}
