/*
 * What a decoder knows of exporters, as octets that outlive it: flowd-state(5)
 * tells the format. state_save.c writes it and state_load.c reads it.
 *
 * It is read as untrusted as what comes from the network. Templates are
 * written as they are on the wire and go through what reads them there.
 *
 * Test: test/unit/decode/test_state.c; fuzz:
 * fuzz/fuzz_state.c.
 */
#ifndef FLOWD_STATE_H
#define FLOWD_STATE_H

enum {
	STATE_VERSION = 1,
	STATE_MAGIC_LEN = 8,
	STATE_LENGTH_AT = 12,
	STATE_HEAD = 16,	/* magic, version, reserved, length */
	STATE_TAIL = 4,		/* checksum of all before it */
	STATE_ITEM_HEAD = 6	/* type, length */
};

#define STATE_MAGIC "FLOWSTAT"

/* Items. A stream is of the exporter before it, what follows of that. */
enum state_item {
	STATE_EXPORTER = 1,
	STATE_STREAM,
	STATE_TEMPLATE,
	STATE_SAMPLING,		/* read only: STATE_STATED has it all */
	STATE_SAMPLER,
	STATE_NAME,		/* of the exporter */
	STATE_COUNTING,
	STATE_STATED
};

enum {
	/* of a stream */
	STATE_SEQUENCE_KNOWN = 1 << 0,
	STATE_SEQUENCE_SLACK = 1 << 1,
	STATE_BROUGHT_FLOWS = 1 << 2,
	STATE_HOPS = 1 << 3,
	STATE_WENT_ON = 1 << 4,
	/* of sampling */
	STATE_INIT_KNOWN = 1 << 0,
	/* of counting */
	STATE_COUNTING_LEARNT = 1 << 0,
	STATE_COUNTING_SHARED = 1 << 1
};

#endif
