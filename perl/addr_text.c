/* Texts of addresses; see addr_text.h. */
#include "addr_text.h"

enum { USES_MAX = 16 };

void
addr_texts_fini(pTHX_ struct addr_texts *t)
{
	for (size_t i = 0; i < ADDR_TEXTS; i++)
		SvREFCNT_dec(t->kept[i].text);
}

static size_t
addr_slot(const struct flowd_addr *a)
{
	uint64_t half[2];

	memcpy(half, a->octets, sizeof(half));
	return (size_t)(((half[0] ^ half[1] * 31) *
			    UINT64_C(0x9e3779b97f4a7c15)) >> 52) %
	    ADDR_TEXTS;
}

static int
addr_is(const struct flowd_addr *a, const struct flowd_addr *b)
{
	return a->family == b->family && a->scope == b->scope &&
	    memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

SV *
addr_text(pTHX_ struct addr_texts *t, const struct flowd_addr *a)
{
	struct addr_text *kept = &t->kept[addr_slot(a)];
	char text[FLOWD_ADDR_TEXT];
	size_t len;

	if (kept->text != NULL && addr_is(&kept->addr, a)) {
		kept->uses += kept->uses < USES_MAX;
		return newSVhek(
		    SvSHARED_HEK_FROM_PV(SvPVX_const(kept->text)));
	}
	len = flowd_addr_format(a, text);
	/* One that is met once does not take the place of a busy one. */
	if (kept->text != NULL && kept->uses > 0) {
		kept->uses--;
		return newSVpvn(text, len);
	}
	SvREFCNT_dec(kept->text);
	kept->text = newSVpvn_share(text, (I32)len, 0);
	kept->addr = *a;
	kept->uses = 1;
	return newSVhek(SvSHARED_HEK_FROM_PV(SvPVX_const(kept->text)));
}

void
addr_parse(pTHX_ SV *sv, const char *key, struct flowd_addr *a)
{
	const char *text;
	STRLEN len;

	Zero(a, 1, struct flowd_addr);
	if (sv == NULL || !SvOK(sv))
		return;
	text = SvPV_const(sv, len);
	if (len == 0)
		return;
	if (SvROK(sv) || strlen(text) != len || flowd_addr_parse(text, a) != 0)
		croak("Invalid \"%s\"", key);
}
