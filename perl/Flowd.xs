/*
 * The functions of the modules in lib/ that are in C. They only convert; what
 * they do is in the files beside.
 */
#include "flow.h"
#include "handle.h"
#include "log.h"
#include "options.h"
#include "query.h"
#include "text.h"
#include "writer.h"

/* What functions without an object use: one in each thread of Perl. */
#define MY_CXT_KEY "Flowd::_records" XS_VERSION

typedef struct {
	/* NULL: not used yet. */
	struct flow_maker *records; /* of deserialise() */
	struct flowd_batch *line; /* of format() */
} my_cxt_t;

START_MY_CXT

/* The flow of a record in memory. */
static SV *
record_hash(pTHX_ SV *record)
{
	dMY_CXT;
	struct flowd_classic c;
	struct flowd_error err;
	STRLEN len;
	const char *octets = SvPVbyte(record, len);

	if (flowd_classic_decode(octets, len, &c, &err) < 0)
		fail(aTHX_ &err);
	if (MY_CXT.records == NULL) {
		Newx(MY_CXT.records, 1, struct flow_maker);
		flow_maker_init(aTHX_ MY_CXT.records);
	}
	return flow_hash(aTHX_ MY_CXT.records, &c);
}

MODULE = Flowd  PACKAGE = Flowd

PROTOTYPES: DISABLE

BOOT:
{
	MY_CXT_INIT;
	MY_CXT.records = NULL;
	MY_CXT.line = NULL;
	handle_boot();
}

#ifdef USE_ITHREADS

void
CLONE(...)
CODE:
	MY_CXT_CLONE;
	MY_CXT.records = NULL;
	MY_CXT.line = NULL;
	PERL_UNUSED_VAR(items);

#endif

SV *
_open(SV *class, SV *paths, HV *options)
CODE:
	RETVAL = SvREFCNT_inc(handle_new(
	    aTHX_ &log_type, class, log_open(aTHX_ paths, options)));
OUTPUT:
	RETVAL

SV *
read_flow(struct log *log)
CODE:
	RETVAL = log_flow(aTHX_ log);
	if (RETVAL == NULL)
		RETVAL = newSViv(0);
OUTPUT:
	RETVAL

SV *
read_row(struct log *log)
CODE:
	RETVAL = log_row(aTHX_ log);
	if (RETVAL == NULL)
		RETVAL = newSV(0);
OUTPUT:
	RETVAL

UV
count(struct log *log)
CODE:
	RETVAL = log_count(aTHX_ log);
OUTPUT:
	RETVAL

void
warnings(struct log *log)
PREINIT:
	struct flowd_error last;
	UV n;
PPCODE:
	n = flowd_scan_warnings(log->scan, &last);
	mXPUSHu(n);
	if (n > 0 && GIMME_V == G_LIST)
		mXPUSHs(newSVpv(last.text, 0));

void
finish(SV *self)
PREINIT:
	void *log;
CODE:
	log = handle_take(aTHX_ self, &log_type);
	if (log != NULL)
		log_type.free(aTHX_ log);

SV *
_format(SV *flow, U32 fields, bool utc)
PREINIT:
	dMY_CXT;
CODE:
	RETVAL = text_format(aTHX_ &MY_CXT.line, flow, fields, utc);
OUTPUT:
	RETVAL

SV *
deserialise(SV *record)
CODE:
	RETVAL = record_hash(aTHX_ record);
OUTPUT:
	RETVAL

SV *
serialise(SV *flow, U32 fields = FLOWD_FIELDS_ALL)
PREINIT:
	char octets[FLOWD_RECORD_MAX];
	struct flowd_classic c;
	int len;
CODE:
	flow_take(aTHX_ flow, &c);
	/* A record that is written has a checksum. */
	c.fields |= FLOWD_FIELD_CRC32;
	len = flowd_classic_encode(&c, fields, octets);
	if (len < 0)
		croak("%s", flowd_result_text(len));
	RETVAL = newSVpvn(octets, (STRLEN)len);
OUTPUT:
	RETVAL

UV
header_length()
CODE:
	RETVAL = FLOWD_RECORD_HEAD;
OUTPUT:
	RETVAL

UV
flow_length(SV *header)
PREINIT:
	const char *octets;
	STRLEN len;
CODE:
	octets = SvPVbyte(header, len);
	if (len < FLOWD_RECORD_HEAD)
		croak("a header has %d octets", (int)FLOWD_RECORD_HEAD);
	RETVAL = (UV)(U8)octets[1] * 4;
OUTPUT:
	RETVAL

const char *
library_version()
CODE:
	RETVAL = flowd_version();
OUTPUT:
	RETVAL

void
columns()
PREINIT:
	const struct flowd_column_info *info;
PPCODE:
	for (size_t i = 0; (info = flowd_column_at(i)) != NULL; i++)
		mXPUSHs(newSVpv(info->name, 0));

MODULE = Flowd  PACKAGE = Flowd::Writer

SV *
_open(SV *class, SV *path, HV *options)
CODE:
	RETVAL = SvREFCNT_inc(handle_new(aTHX_ &writer_type, class,
	    writer_open(aTHX_ text_of(aTHX_ path, "path"), options)));
OUTPUT:
	RETVAL

void
write_flow(SV *self, SV *flow)
CODE:
	ENTER;
	writer_flow(aTHX_ handle_use(aTHX_ self, &writer_type), flow);
	LEAVE;

void
write_row(SV *self, SV *row)
CODE:
	ENTER;
	writer_row(aTHX_ handle_use(aTHX_ self, &writer_type), row);
	LEAVE;

UV
_copy(SV *self, SV *paths, HV *options)
CODE:
	ENTER;
	RETVAL = writer_copy(
	    aTHX_ handle_use(aTHX_ self, &writer_type), paths, options);
	LEAVE;
OUTPUT:
	RETVAL

void
flush(struct writer *writer)
CODE:
	writer_flush(aTHX_ writer);

UV
left_out(struct writer *writer)
CODE:
	RETVAL = flowd_writer_left_out(writer->writer);
OUTPUT:
	RETVAL

void
close(SV *self)
PREINIT:
	void *writer;
CODE:
	writer = handle_take(aTHX_ self, &writer_type);
	if (writer != NULL)
		writer_close(aTHX_ writer);

MODULE = Flowd  PACKAGE = Flowd::Query

SV *
_new(SV *class, HV *options)
CODE:
	RETVAL = SvREFCNT_inc(handle_new(
	    aTHX_ &query_type, class, query_new(aTHX_ options)));
OUTPUT:
	RETVAL

void
_run(SV *self, SV *paths, HV *options)
CODE:
	ENTER;
	query_run(
	    aTHX_ handle_use(aTHX_ self, &query_type), paths, options);
	LEAVE;

SV *
names(struct query *query)
CODE:
	RETVAL = query_names(aTHX_ query);
OUTPUT:
	RETVAL

SV *
rows(struct query *query)
ALIAS:
	arrays = 1
CODE:
	RETVAL = query_rows(aTHX_ query, ix == 0);
OUTPUT:
	RETVAL

SV *
total(struct query *query)
ALIAS:
	other = 1
CODE:
	RETVAL = query_row(
	    aTHX_ query, ix == 0 ? FLOWD_ROW_TOTAL : FLOWD_ROW_OTHER);
OUTPUT:
	RETVAL

SV *
notes(struct query *query)
CODE:
	RETVAL = query_notes(aTHX_ query);
OUTPUT:
	RETVAL

void
finish(SV *self)
PREINIT:
	void *query;
CODE:
	query = handle_take(aTHX_ self, &query_type);
	if (query != NULL)
		query_type.free(aTHX_ query);
