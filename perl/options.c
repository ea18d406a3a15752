/* Options of the library from a hash; see options.h. */
#include "number.h"
#include "options.h"

static SV *
option_find(pTHX_ HV *options, const char *name)
{
	SV **found = hv_fetch(options, name, (I32)strlen(name), 0);

	return found != NULL && SvOK(*found) ? *found : NULL;
}

/* A text without a 0 in it, at which the library would end. */
const char *
text_of(pTHX_ SV *sv, const char *name)
{
	STRLEN len;
	const char *text = SvPV_const(sv, len);

	if (strlen(text) != len)
		croak("Invalid \"%s\": it has a NUL character", name);
	return text;
}

const char *
option_text(pTHX_ HV *options, const char *name)
{
	SV *sv = option_find(aTHX_ options, name);

	return sv != NULL ? text_of(aTHX_ sv, name) : NULL;
}

UV
option_uint(pTHX_ HV *options, const char *name, UV max)
{
	SV *sv = option_find(aTHX_ options, name);

	return sv != NULL ? number_uint(aTHX_ sv, name, max) : 0;
}

IV
option_int(pTHX_ HV *options, const char *name)
{
	SV *sv = option_find(aTHX_ options, name);

	return sv != NULL ? number_int(aTHX_ sv, name) : 0;
}

const char *const *
option_paths(pTHX_ SV *paths)
{
	AV *av = SvROK(paths) && SvTYPE(SvRV(paths)) == SVt_PVAV
	    ? (AV *)SvRV(paths)
	    : NULL;
	SSize_t n = av != NULL ? av_len(av) + 1 : 1;
	SV *buffer = sv_2mortal(
	    newSV(((size_t)n + 1) * sizeof(const char *)));
	const char **list = (const char **)(void *)SvPVX(buffer);

	for (SSize_t i = 0; i < n; i++) {
		SV **at = av != NULL ? av_fetch(av, i, 0) : &paths;

		if (at == NULL || !SvOK(*at))
			croak("a path is not defined");
		list[i] = text_of(aTHX_ *at, "path");
	}
	list[n] = NULL;
	return list;
}

void
option_scan(pTHX_ SV *paths, HV *options, struct flowd_scan_options *o)
{
	Zero(o, 1, struct flowd_scan_options);
	o->paths = option_paths(aTHX_ paths);
	o->where = option_text(aTHX_ options, "where");
	o->rules = option_text(aTHX_ options, "rules");
	o->time = option_text(aTHX_ options, "time");
	o->start_ns = option_int(aTHX_ options, "start_ns");
	o->end_ns = option_int(aTHX_ options, "end_ns");
	o->flows_max = option_uint(aTHX_ options, "limit", UV_MAX);
	o->threads =
	    (unsigned)option_uint(aTHX_ options, "threads", 1024);
	/* A log that somebody cuts shall not end the program by SIGBUS. */
	if (option_uint(aTHX_ options, "mapped", 1))
		o->flags |= FLOWD_SCAN_MMAP;
	if (option_uint(aTHX_ options, "legacy", 1))
		o->flags |= FLOWD_SCAN_LEGACY;
	if (option_uint(aTHX_ options, "salvage", 1))
		o->flags |= FLOWD_SCAN_SALVAGE;
	if (option_uint(aTHX_ options, "utc", 1))
		o->flags |= FLOWD_SCAN_UTC;
}
