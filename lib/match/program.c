/* Programs over bitmaps; see program.h. */
#include <string.h>

#include "program.h"

/*
 * Registers that an expression needs (Sethi and Ullman, 1970): with the side
 * that needs more computed first, it is the logarithm of its size at most, and
 * a rule has fewer than 2^23 leaves.
 */
static unsigned
expr_registers(const struct expr *e)
{
	unsigned left, right;

	if (e->kind == EXPR_NOT)
		return expr_registers(e->left);
	if (e->kind != EXPR_AND && e->kind != EXPR_OR)
		return 1;
	left = expr_registers(e->left);
	right = expr_registers(e->right);
	if (left == right)
		return left + 1;
	return left > right ? left : right;
}

static size_t
size_of(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_NOT:
		return 1 + size_of(e->left);
	case EXPR_AND:
	case EXPR_OR:
		return 1 + size_of(e->left) + size_of(e->right);
	default:
		return 1;
	}
}

static void
program_put(struct program *prog, enum opcode code, unsigned to, unsigned from,
    const struct expr *leaf)
{
	prog->code[prog->n++] = (struct instruction){ code, (uint8_t)to,
		(uint8_t)from, leaf };
}

/* Compiles e into register to; the registers above it are free. */
static void
expr_compile(struct program *prog, const struct expr *e, unsigned to)
{
	const struct expr *first, *second;

	switch (e->kind) {
	case EXPR_TRUE:
		program_put(prog, OPCODE_ALL, to, 0, NULL);
		return;
	case EXPR_NOT:
		expr_compile(prog, e->left, to);
		program_put(prog, OPCODE_NOT, to, 0, NULL);
		return;
	case EXPR_AND:
	case EXPR_OR:
		first = expr_registers(e->left) >= expr_registers(e->right)
		    ? e->left
		    : e->right;
		second = first == e->left ? e->right : e->left;
		expr_compile(prog, first, to);
		expr_compile(prog, second, to + 1);
		program_put(prog, e->kind == EXPR_AND ? OPCODE_AND : OPCODE_OR,
		    to, to + 1, NULL);
		return;
	default:
		program_put(prog, OPCODE_LEAF, to, 0, e);
	}
}

bool
program_compile(struct program *prog, struct arena *arena,
    const struct expr *e)
{
	prog->n = 0;
	if (expr_registers(e) > PROGRAM_REGISTERS)
		return false;
	prog->code = arena_calloc(arena, size_of(e), sizeof(*prog->code));
	if (prog->code == NULL)
		return false;
	expr_compile(prog, e, 0);
	return true;
}

static void
set_all(uint64_t *out, size_t nrows)
{
	size_t words = bitmap_words(nrows);

	memset(out, 0xff, words * sizeof(*out));
	if (nrows % 64 != 0)
		out[words - 1] = bitmap_low(nrows % 64);
}

static void
rows_invert(uint64_t *out, size_t nrows)
{
	size_t words = bitmap_words(nrows);

	for (size_t w = 0; w < words; w++)
		out[w] = ~out[w];
	if (nrows % 64 != 0)
		out[words - 1] &= bitmap_low(nrows % 64);
}

void
program_run(
    const struct program *prog, struct match_batch *match, uint64_t *out)
{
	uint64_t registers[PROGRAM_REGISTERS][MATCH_WORDS];
	size_t nrows = match->batch->nrows, words = bitmap_words(nrows);

	for (size_t i = 0; i < prog->n; i++) {
		const struct instruction *op = &prog->code[i];
		uint64_t *to = registers[op->to];
		const uint64_t *from = registers[op->from];

		switch (op->code) {
		case OPCODE_ALL:
			set_all(to, nrows);
			break;
		case OPCODE_LEAF:
			leaf_run(op->leaf, match, to);
			break;
		case OPCODE_NOT:
			rows_invert(to, nrows);
			break;
		case OPCODE_AND:
			for (size_t w = 0; w < words; w++)
				to[w] &= from[w];
			break;
		case OPCODE_OR:
			for (size_t w = 0; w < words; w++)
				to[w] |= from[w];
			break;
		}
	}
	memcpy(out, registers[0], words * sizeof(*out));
}

void
program_print(const struct program *prog, struct buf *out)
{
	for (size_t i = 0; i < prog->n; i++) {
		const struct instruction *op = &prog->code[i];

		buf_printf(out, "    r%u = ", op->to);
		switch (op->code) {
		case OPCODE_ALL:
			buf_append_text(out, "all");
			break;
		case OPCODE_LEAF:
			expr_print_leaf(op->leaf, out);
			break;
		case OPCODE_NOT:
			buf_printf(out, "not r%u", op->to);
			break;
		case OPCODE_AND:
		case OPCODE_OR:
			buf_printf(out, "r%u %s r%u", op->to,
			    op->code == OPCODE_AND ? "and" : "or", op->from);
			break;
		}
		buf_append_char(out, '\n');
	}
}
