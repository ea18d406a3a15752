/*
 * Classic flows: a hash with the keys of the first Flowd module, of the classic
 * view of a flow in the library, and back.
 *
 * Tests: t/classic.t, t/write.t.
 */
#ifndef FLOWD_PERL_FLOW_H
#define FLOWD_PERL_FLOW_H

#include "addr_text.h"
#include "shape.h"

struct flow_maker {
	struct shapes shapes;
	struct addr_texts addrs;
	/* Which keys the fields of the flow before had. */
	uint32_t fields;
	struct keyset keys;
};

void flow_maker_init(pTHX_ struct flow_maker *m);
void flow_maker_fini(pTHX_ struct flow_maker *m);
/* A reference to a new hash. */
SV *flow_hash(pTHX_ struct flow_maker *m, const struct flowd_classic *c);

/*
 * Read such a hash. A key that is not there is 0, and a field is there when
 * one of its keys is; "fields" can only take away. Other keys are the
 * caller's. Croaks when a value is wrong.
 */
void flow_take(pTHX_ SV *hash, struct flowd_classic *c);

#endif
