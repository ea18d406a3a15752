/* Queries; see query.h. */
#include "options.h"
#include "query.h"

static void
query_free(pTHX_ void *object)
{
	struct query *q = object;

	PERL_UNUSED_CONTEXT;
	flowd_groups_free(q->groups);
	flowd_query_free(q->query);
	Safefree(q);
}

const struct handle_type query_type = { "Flowd::Query", "query",
	query_free };

static int
series(pTHX_ const char *name)
{
	static const char *const names[] = {
		[FLOWD_SERIES_EACH] = "each",
		[FLOWD_SERIES_AVERAGE] = "average",
		[FLOWD_SERIES_MAX] = "max",
		[FLOWD_SERIES_LAST] = "last",
	};

	if (name == NULL)
		return FLOWD_SERIES_EACH;
	for (int i = 0; i < (int)C_ARRAY_LENGTH(names); i++)
		if (strEQ(name, names[i]))
			return i;
	croak("series is each, average, max or last, not \"%s\"", name);
}

struct query *
query_new(pTHX_ HV *options)
{
	struct flowd_query_options o;
	struct flowd_error err;
	struct flowd_query *query;
	struct query *q;

	Zero(&o, 1, struct flowd_query_options);
	o.keys = option_text(aTHX_ options, "keys");
	o.measures = option_text(aTHX_ options, "measures");
	o.order = option_text(aTHX_ options, "order");
	o.ascending = (int)option_uint(aTHX_ options, "ascending", 1);
	o.groups_max = option_uint(aTHX_ options, "limit", UV_MAX);
	o.bin_ns = option_uint(aTHX_ options, "bin_ns", IV_MAX);
	o.bin_by_end = (int)option_uint(aTHX_ options, "bin_by_end", 1);
	o.series = series(aTHX_ option_text(aTHX_ options, "series"));
	o.scale = (int)option_uint(aTHX_ options, "scale", 1);
	o.utc = (int)option_uint(aTHX_ options, "utc", 1);
	o.memory = option_uint(aTHX_ options, "memory", UV_MAX);
	query = flowd_query_new(&o, &err);
	if (query == NULL)
		fail(aTHX_ &err);
	Newxz(q, 1, struct query);
	q->query = query;
	return q;
}

void
query_run(pTHX_ struct query *q, SV *paths, HV *options)
{
	struct flowd_scan_options o;
	struct flowd_scan *scan;
	struct flowd_error err, last;
	uint64_t warnings;
	int bad;

	option_scan(aTHX_ paths, options, &o);
	flowd_groups_free(q->groups);
	q->groups = NULL;
	scan = flowd_query_scan(q->query, &o, &err);
	if (scan == NULL)
		fail(aTHX_ &err);
	bad = flowd_query_run(q->query, scan, &err);
	warnings = flowd_scan_warnings(scan, &last);
	flowd_scan_close(scan);
	if (bad < 0)
		fail(aTHX_ &err);
	warn_last(aTHX_ warnings, &last);
}

static struct flowd_groups *
query_groups(pTHX_ struct query *q)
{
	struct flowd_error err;

	if (q->groups == NULL)
		q->groups = flowd_query_groups(q->query, &err);
	if (q->groups == NULL)
		fail(aTHX_ &err);
	return q->groups;
}

/* --- Values --- */

/* An address, or a network with its prefix. */
static SV *
network_text(pTHX_ const struct flowd_value *v)
{
	unsigned whole = v->addr.family == FLOWD_ADDR_V6 ? 128 : 32;
	char text[FLOWD_ADDR_TEXT];
	size_t len = flowd_addr_format(&v->addr, text);

	return v->prefix >= whole ? newSVpvn(text, len)
				  : newSVpvf("%s/%u", text, v->prefix);
}

static SV *
query_value(pTHX_ const struct flowd_groups *g, size_t row, size_t column)
{
	struct flowd_value v;

	if (flowd_groups_value(g, row, column, &v) < 0)
		return newSV(0);
	switch ((enum flowd_value_kind)v.kind) {
	case FLOWD_VALUE_UINT:
		return newSVuv(v.uint);
	case FLOWD_VALUE_REAL:
		return newSVnv(v.real);
	case FLOWD_VALUE_TIME:
	case FLOWD_VALUE_NS:
		return newSViv(v.ns);
	case FLOWD_VALUE_ADDR:
		return network_text(aTHX_ &v);
	case FLOWD_VALUE_TEXT:
		return newSVpvn(v.text, v.length);
	case FLOWD_VALUE_OCTETS:
		return newSVpvn((const char *)v.octets, v.length);
	case FLOWD_VALUE_NONE:
		break;
	}
	return newSV(0);
}

static SV *
row_hash_of(pTHX_ const struct flowd_groups *g, size_t row)
{
	size_t n = flowd_groups_columns(g);
	HV *hv = newHV();

	for (size_t i = 0; i < n; i++) {
		const char *name = flowd_groups_name(g, i);

		(void)hv_store(hv, name, (I32)strlen(name),
		    query_value(aTHX_ g, row, i), 0);
	}
	return newRV_noinc((SV *)hv);
}

static SV *
row_array_of(pTHX_ const struct flowd_groups *g, size_t row)
{
	size_t n = flowd_groups_columns(g);
	AV *av = newAV();

	for (size_t i = 0; i < n; i++)
		av_push(av, query_value(aTHX_ g, row, i));
	return newRV_noinc((SV *)av);
}

/* --- Rows --- */

SV *
query_names(pTHX_ struct query *q)
{
	const struct flowd_groups *g = query_groups(aTHX_ q);
	size_t n = flowd_groups_columns(g);
	AV *av = newAV();

	for (size_t i = 0; i < n; i++)
		av_push(av, newSVpv(flowd_groups_name(g, i), 0));
	return newRV_noinc((SV *)av);
}

SV *
query_rows(pTHX_ struct query *q, int as_hash)
{
	const struct flowd_groups *g = query_groups(aTHX_ q);
	size_t n = flowd_groups_rows(g);
	AV *av = newAV();

	for (size_t row = 0; row < n; row++)
		av_push(av, as_hash ? row_hash_of(aTHX_ g, row)
				    : row_array_of(aTHX_ g, row));
	return newRV_noinc((SV *)av);
}

SV *
query_row(pTHX_ struct query *q, size_t row)
{
	return row_hash_of(aTHX_ query_groups(aTHX_ q), row);
}

SV *
query_notes(pTHX_ struct query *q)
{
	struct flowd_notes n;
	HV *hv = newHV();

	flowd_groups_notes(query_groups(aTHX_ q), &n);
	(void)hv_stores(hv, "flows", newSVuv(n.flows));
	(void)hv_stores(hv, "groups", newSVuv(n.groups));
	(void)hv_stores(hv, "unscaled", newSVuv(n.unscaled));
	(void)hv_stores(hv, "timeless", newSVuv(n.timeless));
	(void)hv_stores(hv, "too_long", newSVuv(n.too_long));
	(void)hv_stores(hv, "saturated", newSVuv(n.saturated != 0));
	return newRV_noinc((SV *)hv);
}
