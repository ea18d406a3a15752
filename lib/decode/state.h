/*
 * The saved state of a decoder: flowd-state(5) describes the format.
 * state_save.c writes it, state_load.c reads it.
 *
 * A state is as untrusted as a datagram. It holds templates in wire format,
 * and the code that reads datagrams reads them.
 * Test: test/unit/decode/test_state.c; fuzz: fuzz/fuzz_state.c.
 */
#ifndef FLOWD_STATE_H
#define FLOWD_STATE_H

enum {
	STATE_VERSION = 1,
	STATE_MAGIC_LEN = 8,
	STATE_LENGTH_AT = 12,
	STATE_HEAD = 16,	/* magic, version, reserved, length */
	STATE_TAIL = 4,		/* checksum of everything before */
	STATE_ITEM_HEAD = 6	/* type, length */
};

#define STATE_MAGIC "FLOWSTAT"

/*
 * Items. A stream belongs to the exporter before it, and what follows to that
 * stream. STATE_EXPORTER_NAME did not tell which stream had announced the name.
 */
enum state_item {
	STATE_EXPORTER = 1,
	STATE_STREAM,
	STATE_TEMPLATE,
	STATE_SAMPLING,		/* only read: STATE_SCOPED replaces it */
	STATE_SAMPLER,
	STATE_EXPORTER_NAME,	/* skipped: STATE_NAME replaces it */
	STATE_COUNTING,
	STATE_SCOPED,
	STATE_NAME
};

enum {
	/* Flags of a stream. */
	STATE_SEQUENCE_KNOWN = 1 << 0,
	STATE_SEQUENCE_MINIMUM = 1 << 1,
	STATE_BROUGHT_FLOWS = 1 << 2,
	STATE_CHANGES_PORTS = 1 << 3,
	STATE_WORKS = 1 << 4,
	/* Flags of STATE_SAMPLING. */
	STATE_INIT_KNOWN = 1 << 0,
	/* Flags of STATE_COUNTING. */
	STATE_COUNTING_LEARNT = 1 << 0,
	STATE_COUNTING_SHARED = 1 << 1
};

#endif
