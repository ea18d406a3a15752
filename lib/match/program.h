/*
 * Programs: an expression compiled to instructions over bitmaps of rows. A leaf
 * loads a register; and, or, not combine registers.
 *
 * Test: test/unit/filter/test_ruleset.c.
 */
#ifndef FLOWD_PROGRAM_H
#define FLOWD_PROGRAM_H

#include "arena.h"
#include "leaf.h"

enum {
	PROGRAM_REGISTERS = 24
};

enum opcode {
	OPCODE_ALL, /* to = every row */
	OPCODE_LEAF, /* to = leaf */
	OPCODE_NOT, /* to = not to */
	OPCODE_AND, /* to = to and from */
	OPCODE_OR /* to = to or from */
};

struct instruction {
	enum opcode code;
	uint8_t to, from; /* registers */
	const struct expr *leaf;
};

struct program {
	struct instruction *code;
	size_t n;
};

/* The code lies in arena. False when out of memory. */
bool program_compile(struct program *prog, struct arena *arena,
    const struct expr *e);

/* Write to out, which has MATCH_WORDS words, which rows match. */
void program_run(const struct program *prog, struct match_batch *match,
    uint64_t *out);

/* Print one instruction per line. */
void program_print(const struct program *prog, struct buf *out);

#endif
