/* Checking and describing files; see check.h. */
#include <inttypes.h>

#include "check.h"
#include "text.h"
#include "verify.h"

enum {
	VALUES_AT = 2 + 22 + 1 + 12 + 1 + 8 /* characters before the values */
};

static void
put_value(uint64_t v, unsigned type, struct buf *out)
{
	struct clock clock;
	char text[TEXT_MAX], *end;

	clock_init(&clock, true);
	if (type == COLUMN_TIME)
		end = text_rfc3339(text, &clock, (int64_t)v);
	else if (type == COLUMN_MAC)
		end = text_mac(text, v);
	else
		end = text_u64(text, v);
	buf_append(out, text, (size_t)(end - text));
}

static void
put_addrs(const struct addr *min, const struct addr *max, struct buf *out)
{
	char text[ADDR_TEXT_MAX];

	buf_append_char(out, ' ');
	buf_append(out, text, addr_format(min, text));
	if (addr_equal(min, max))
		return;
	buf_append_text(out, " to ");
	buf_append(out, text, addr_format(max, text));
}

/*
 * Appends " MIN to MAX", or nothing. If there are addresses of both families,
 * IPv6 has a line of its own, which is indented.
 */
static void
put_value_range(
    const struct value_range *e, unsigned type, int indent, struct buf *out)
{
	struct addr min, max;

	if (e->some) {
		buf_append_char(out, ' ');
		put_value(e->min, type, out);
		if (e->min != e->max) {
			buf_append_text(out, " to ");
			put_value(e->max, type, out);
		}
	}
	if (e->some4) {
		min = addr_from_v4(e->min4);
		max = addr_from_v4(e->max4);
		put_addrs(&min, &max, out);
	}
	if (e->some4 && e->some6)
		buf_printf(out, "\n%*s", indent, "");
	if (e->some6) {
		min = addr_from_v6(e->min6);
		max = addr_from_v6(e->max6);
		put_addrs(&min, &max, out);
	}
}

static void
put_time(struct buf *out, int64_t ns)
{
	struct clock clock;
	char text[TEXT_MAX];

	clock_init(&clock, true);
	buf_append(out, text, (size_t)(text_rfc3339(text, &clock, ns) - text));
}

/* "1 block", "2 blocks" */
static void
put_number(uint64_t n, const char *what, struct buf *out)
{
	buf_printf(out, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

static void
put_damages(const struct verify_result *r, struct buf *out)
{
	if (r->damages == 0)
		return;
	buf_append_text(out, ", ");
	put_number(r->damages, "place", out);
	buf_append_text(out, r->damages == 1 ? " is damaged" : " are damaged");
}

static void
put_check(const char *path, const struct verify_result *r, struct buf *out)
{
	buf_printf(out, "%s: ", path);
	put_number(r->flows, "flow", out);
	if (r->blocks > 0) {
		buf_append_text(out, " in ");
		put_number(r->blocks, "block", out);
	}
	if (r->damages == 0)
		buf_append_text(out, ", all whole");
	else
		buf_append_text(
		    out, r->flows == 1 ? " is whole" : " are whole");
	put_damages(r, out);
	buf_append_char(out, '\n');
}

static double
a_flow(const struct verify_result *r, uint64_t octets)
{
	return r->flows > 0 ? (double)octets / (double)r->flows : 0;
}

static void
put_row(const struct verify_result *r, const char *name, uint64_t octets,
    struct buf *out)
{
	buf_printf(out, "  %-22s %12" PRIu64 " %8.3f", name, octets,
	    a_flow(r, octets));
}

static void
put_total(const struct verify_result *r, const char *name, uint64_t octets,
    struct buf *out)
{
	put_row(r, name, octets, out);
	buf_append_char(out, '\n');
}

static void
put_columns(const struct verify_result *r, struct buf *out)
{
	buf_printf(out, "  %-22s %12s %8s values\n", "column", "octets",
	    "a flow");
	for (unsigned i = 0; i < COL_COUNT; i++) {
		if (r->column[i].blocks == 0)
			continue;
		put_row(r, column_info[i].name, r->column[i].octets, out);
		put_value_range(&r->column[i].values, column_info[i].type,
		    VALUES_AT, out);
		buf_append_char(out, '\n');
	}
	put_total(r, "(tables)", r->tables, out);
	put_total(r, "(heads of blocks)", r->heads, out);
	if (r->others > 0)
		put_total(r, "(index)", r->others, out);
	if (r->unknown > 0)
		put_total(r, "(unknown columns)", r->unknown, out);
}

static bool
is_empty(const struct verify_result *r)
{
	return r->octets == 0 && r->flows == 0 && r->damages == 0 &&
	    r->kind != SCAN_CAPTURE;
}

/* The size of a capture from a pipe is not known. */
static void
put_octets(const struct verify_result *r, struct buf *out)
{
	if (r->octets == 0 && r->kind == SCAN_CAPTURE)
		return;
	buf_printf(out, "\n  octets %" PRIu64, r->octets);
	if (r->flows > 0)
		buf_printf(out, ", %.2f a flow", a_flow(r, r->octets));
}

static void
put_info(const char *path, const struct verify_result *r, struct buf *out)
{
	static const char *const names[] = { "none", "lz4", "zstd" };

	buf_printf(out, "%s\n  format %s", path,
	    is_empty(r) ? "none: it is empty" : scan_kind_text(r->kind));
	for (unsigned i = 0; i <= COMPRESS_ZSTD; i++)
		if (r->compressed[i] > 0)
			buf_printf(out, ", %s", names[i]);
	buf_append_text(out, r->sealed ? ", sealed" : "");
	put_octets(r, out);
	buf_printf(out, "\n  flows %" PRIu64, r->flows);
	if (r->blocks > 0) {
		buf_append_text(out, " in ");
		put_number(r->blocks, "block", out);
	}
	put_damages(r, out);
	if (r->min_ns <= r->max_ns) {
		buf_append_text(out, "\n  times ");
		put_time(out, r->min_ns);
		buf_append_text(out, " to ");
		put_time(out, r->max_ns);
	}
	buf_append_char(out, '\n');
	if (r->blocks > 0)
		put_columns(r, out);
}

int
check_file(const struct scan_plan *plan, const char *path, bool info,
    struct buf *out, struct flowd_error *err)
{
	struct verify_result result;
	int bad = verify_file(plan, path, &result, err);

	if (bad != 0)
		return bad;
	if (info)
		put_info(path, &result, out);
	else
		put_check(path, &result, out);
	return 0;
}
