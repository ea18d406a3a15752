/*
 * Texts of addresses. Flows come from few exporters and to few servers: the
 * text of an address that was met before is shared, not made again.
 *
 * Used by flow.c and row.c.
 */
#ifndef FLOWD_PERL_ADDR_TEXT_H
#define FLOWD_PERL_ADDR_TEXT_H

#include "perl_api.h"

enum {
	ADDR_TEXTS = 4096 /* addresses that are kept */
};

struct addr_texts {
	struct addr_text {
		SV *text; /* NULL: none */
		struct flowd_addr addr;
		unsigned uses; /* more than misses of its place */
	} kept[ADDR_TEXTS];
};

void addr_texts_fini(pTHX_ struct addr_texts *t);
/* A new scalar; "" for no address. */
SV *addr_text(pTHX_ struct addr_texts *t, const struct flowd_addr *a);

/*
 * Read an address from a scalar; croaks with the key when it is none. NULL,
 * undef and "" are no address.
 */
void addr_parse(pTHX_ SV *sv, const char *key, struct flowd_addr *a);

#endif
