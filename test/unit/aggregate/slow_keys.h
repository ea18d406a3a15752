/*
 * The values of keys in a row of a batch, worked out one by one: what tests
 * compare with.
 */
#ifndef FLOWD_TEST_AGGREGATE_SLOW_KEYS_H
#define FLOWD_TEST_AGGREGATE_SLOW_KEYS_H

#include "random_flows.h"
#include "civil.h"
#include "flow_time.h"
#include "key_layout.h"
#include "prefix_map.h"

enum {
	SLOW_EAST_SEC = 5400 /* of the zone of these tests */
};

/* An address of which the bits behind the prefix are cleared, one by one. */
static inline struct key_value
slow_addr(const struct key_part *p, const struct addr *a)
{
	struct key_value v = { KEY_ABSENT, 0, 0 };

	if (a->family == ADDR_V4) {
		v.presence = KEY_PLAIN;
		v.lo = a->v4;
		for (unsigned bit = p->prefix4; bit < 32; bit++)
			v.lo &= ~(UINT64_C(1) << (31 - bit));
	} else if (a->family == ADDR_V6) {
		v = (struct key_value){ KEY_V6, a->v6.lo, a->v6.hi };
		for (unsigned bit = p->prefix6; bit < 128; bit++)
			if (bit < 64)
				v.hi &= ~(UINT64_C(1) << (63 - bit));
			else
				v.lo &= ~(UINT64_C(1) << (127 - bit));
	}
	return v;
}

static inline struct key_value
slow_service(const struct batch *batch, size_t row)
{
	uint64_t protocol = batch_uint(batch, COL_protocol, row);
	uint64_t a = batch_uint(batch, COL_src_port, row);
	uint64_t b = batch_uint(batch, COL_dst_port, row);
	uint64_t port = a;

	if (a == 0 || (b > 0 && b < a))
		port = b;
	if (protocol == 1 || protocol == 58)
		port = 0;
	if (protocol == 0 || port >= 49152)
		return (struct key_value){ KEY_ABSENT, 0, 0 };
	return (struct key_value){ KEY_PLAIN, protocol * 65536 + port, 0 };
}

static inline struct key_value
slow_civil(const struct batch *batch, size_t row, unsigned function)
{
	struct key_value v = { KEY_PLAIN, 0, 0 };
	int64_t ns;
	uint64_t sec;

	if (!flow_time(batch, row, &ns))
		return (struct key_value){ KEY_ABSENT, 0, 0 };
	sec = (uint64_t)ns / (uint64_t)SECOND_NS + SLOW_EAST_SEC;
	v.lo = function == KEY_DAY ? sec / 86400
	    : function == KEY_HOUR ? sec % 86400 / 3600
				   : (sec / 86400 + 4) % 7;
	return v;
}

static inline struct key_value
slow_entry(const struct key_part *p, unsigned col, const struct batch *batch,
    size_t row)
{
	struct addr a = batch_addr(batch, col, row);
	uint32_t entry = a.family == ADDR_V4 ? prefix_map_find4(p->map, a.v4)
	    : a.family == ADDR_V6	     ? prefix_map_find6(p->map, a.v6)
					     : 0;

	if (entry == 0)
		return (struct key_value){ KEY_ABSENT, 0, 0 };
	return (struct key_value){ KEY_PLAIN, entry - 1, 0 };
}

static inline struct key_value
slow_key(const struct key_part *p, unsigned side, const struct batch *batch,
    size_t row)
{
	unsigned col = p->col[side];
	struct key_value v = { KEY_ABSENT, 0, 0 };
	struct addr a;

	if (p->function == KEY_SERVICE)
		return slow_service(batch, row);
	if (p->function == KEY_ENTRY)
		return slow_entry(p, col, batch, row);
	if (p->function != KEY_COLUMN && p->function != KEY_INTERFACE)
		return slow_civil(batch, row, p->function);
	if (p->type == KEY_ADDR) {
		a = batch_addr(batch, col, row);
		return slow_addr(p, &a);
	}
	if (batch_has(batch, col, row))
		v = (struct key_value){ KEY_PLAIN, batch_uint(batch, col, row),
			0 };
	return v;
}

static inline void
slow_keys(const struct key *key, unsigned side, const struct batch *batch,
    size_t row, struct key_value value[KEY_PARTS])
{
	struct key_value swap;

	for (unsigned i = 0; i < key->nparts; i++)
		value[i] = slow_key(&key->part[i], side, batch, row);
	if (key->unordered < 0 ||
	    key_value_compare(&value[key->unordered],
		&value[key->unordered + 1]) <= 0)
		return;
	swap = value[key->unordered];
	value[key->unordered] = value[key->unordered + 1];
	value[key->unordered + 1] = swap;
}

#endif
