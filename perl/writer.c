/* Logs that are written; see writer.h. */
#include "flow.h"
#include "options.h"
#include "row.h"
#include "writer.h"

enum { GATHERED = 4096 /* rows */ };

/* Write the rows that were gathered. */
static int
writer_gathered(struct writer *w, struct flowd_error *err)
{
	int bad = 0;

	if (flowd_batch_rows(w->batch) > 0)
		bad = flowd_writer_rows(
		    w->writer, w->batch, 0, SIZE_MAX, err);
	(void)flowd_batch_clear(w->batch);
	return bad < 0 ? bad : 0;
}

/* Close the file, whatever happens, and free all. */
static int
writer_end(struct writer *w, struct flowd_error *err)
{
	struct flowd_error second;
	int bad = writer_gathered(w, err);
	int worse = flowd_writer_close(w->writer, bad == 0 ? err : &second);

	flowd_batch_free(w->batch);
	Safefree(w);
	return bad == 0 ? worse : bad;
}

/* Nobody called close(). */
static void
writer_free(pTHX_ void *object)
{
	struct flowd_error err;

	if (writer_end(object, &err) < 0)
		warn("%s", err.text);
}

const struct handle_type writer_type = { "Flowd::Writer", "log",
	writer_free };

static int
compression(pTHX_ const char *name)
{
	static const char *const names[] = {
		[FLOWD_COMPRESS_ZSTD] = "zstd",
		[FLOWD_COMPRESS_LZ4] = "lz4",
		[FLOWD_COMPRESS_NONE] = "none",
	};

	if (name == NULL)
		return FLOWD_COMPRESS_ZSTD;
	for (int i = 0; i < (int)C_ARRAY_LENGTH(names); i++)
		if (strEQ(name, names[i]))
			return i;
	croak("compression is zstd, lz4 or none, not \"%s\"", name);
}

struct writer *
writer_open(pTHX_ const char *path, HV *options)
{
	struct flowd_writer_options o;
	struct flowd_error err;
	struct writer *w;

	Zero(&o, 1, struct flowd_writer_options);
	o.version = (int)option_uint(aTHX_ options, "version", 255);
	o.compression =
	    compression(aTHX_ option_text(aTHX_ options, "compression"));
	o.level = (int)option_uint(aTHX_ options, "level", 255);
	o.fields = (uint32_t)option_uint(aTHX_ options, "fields", U32_MAX);
	Newxz(w, 1, struct writer);
	w->batch = flowd_batch_new(NULL, GATHERED, &err);
	w->writer = w->batch != NULL ? flowd_writer_open(path, &o, &err)
				     : NULL;
	if (w->writer != NULL)
		return w;
	flowd_batch_free(w->batch);
	Safefree(w);
	fail(aTHX_ &err);
}

/* Have room for a row of this kind in the batch. */
static void
writer_room(pTHX_ struct writer *w, int is_rows)
{
	struct flowd_error err;

	if (flowd_batch_rows(w->batch) == GATHERED || w->is_rows != is_rows)
		if (writer_gathered(w, &err) < 0)
			fail(aTHX_ &err);
	w->is_rows = is_rows;
}

void
writer_flow(pTHX_ struct writer *w, SV *hash)
{
	struct flowd_classic c;
	int row;

	flow_take(aTHX_ hash, &c);
	writer_room(aTHX_ w, 0);
	row = flowd_classic_append(w->batch, &c);
	if (row < 0)
		croak("%s", flowd_result_text(row));
}

void
writer_row(pTHX_ struct writer *w, SV *hash)
{
	writer_room(aTHX_ w, 1);
	row_append(aTHX_ hash, w->batch);
}

UV
writer_copy(pTHX_ struct writer *w, SV *paths, HV *options)
{
	const struct flowd_batch *batch;
	struct flowd_scan_options o;
	struct flowd_scan *scan;
	struct flowd_error err, last;
	uint64_t warnings;
	int got, put = 0;
	UV flows = 0;

	option_scan(aTHX_ paths, options, &o);
	writer_flush(aTHX_ w);
	scan = flowd_scan_open(&o, &err);
	if (scan == NULL)
		fail(aTHX_ &err);
	while ((got = flowd_scan_next(scan, &batch, &err)) > 0) {
		put = flowd_writer_rows(w->writer, batch, 0, SIZE_MAX, &err);
		if (put < 0)
			break;
		flows += (UV)put;
	}
	warnings = flowd_scan_warnings(scan, &last);
	flowd_scan_close(scan);
	if (got < 0 || put < 0)
		fail(aTHX_ &err);
	warn_last(aTHX_ warnings, &last);
	return flows;
}

void
writer_flush(pTHX_ struct writer *w)
{
	struct flowd_error err;

	if (writer_gathered(w, &err) < 0 ||
	    flowd_writer_flush(w->writer, &err) < 0)
		fail(aTHX_ &err);
}

void
writer_close(pTHX_ struct writer *w)
{
	struct flowd_error err;

	if (writer_end(w, &err) < 0)
		fail(aTHX_ &err);
}
