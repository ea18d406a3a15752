/* Integers from Perl; see number.h. */
#include "number.h"

/* A whole number as its absolute value and a sign. False when it is none. */
static bool
number_read(pTHX_ SV *sv, UV *value, bool *negative)
{
	const char *text;
	STRLEN len;
	int is;
	NV nv;

	if (!SvOK(sv) || SvROK(sv))
		return false;
	*negative = false;
	if (SvIOK(sv)) {
		*negative = !SvIsUV(sv) && SvIVX(sv) < 0;
		*value = *negative ? 0 - (UV)SvIVX(sv) : SvUVX(sv);
		return true;
	}
	if (SvNOK(sv)) {
		nv = SvNVX(sv);
		*negative = nv < 0;
		nv = *negative ? -nv : nv;
		if (!(nv < 18446744073709551616.0) || nv != Perl_floor(nv))
			return false;
		*value = (UV)nv;
		return true;
	}
	text = SvPV_const(sv, len);
	is = grok_number(text, len, value);
	*negative = (is & IS_NUMBER_NEG) != 0;
	return (is & ~IS_NUMBER_NEG) == IS_NUMBER_IN_UV;
}

UV
number_uint(pTHX_ SV *sv, const char *key, UV max)
{
	bool negative;
	UV value;

	SvGETMAGIC(sv);
	if (!number_read(aTHX_ sv, &value, &negative))
		croak("Invalid \"%s\": not a whole number", key);
	if ((negative && value != 0) || value > max)
		croak("Invalid \"%s\": not from 0 to %" UVuf, key, max);
	return value;
}

IV
number_int(pTHX_ SV *sv, const char *key)
{
	bool negative;
	UV value;

	SvGETMAGIC(sv);
	if (!number_read(aTHX_ sv, &value, &negative))
		croak("Invalid \"%s\": not a whole number", key);
	if (value > (UV)IV_MAX)
		croak("Invalid \"%s\": out of range", key);
	return negative ? -(IV)value : (IV)value;
}
