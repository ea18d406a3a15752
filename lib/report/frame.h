/*
 * The protocol between flowctl and the processes of flowd: frames, each with a
 * type and the serial number of the request it belongs to. Each side treats
 * the other's octets as untrusted.
 *
 *	flowctl ---> control ---> engine, writer, ...
 *		ASK, METRICS, RELOAD, ROTATE, TAIL
 *	flowctl <--- control <--- engine, writer, ...
 *		REPORT, TEXT, FLOWS; END closes every answer
 *
 * Called by flowd/ipc/conn.c and flowctl. Test: test/unit/report/test_frame.c;
 * fuzz: fuzz/fuzz_frame.c.
 */
#ifndef FLOWD_FRAME_H
#define FLOWD_FRAME_H

#include "addr.h"
#include "buf.h"
#include "result.h"
#include "wire.h"

enum frame_type {
	FRAME_ASK = 1, /* struct ask: for reports */
	FRAME_METRICS, /* for metrics, as a text */
	FRAME_RELOAD,
	FRAME_ROTATE,
	FRAME_TAIL, /* flows from now on */
	FRAME_TAIL_END, /* no more; to engines only */
	FRAME_REPORT, /* rows: report_encode() */
	FRAME_TEXT, /* of metrics, or of errors */
	FRAME_FLOWS, /* struct flows_head and a block, or none */
	FRAME_END, /* struct frame_end */
	FRAME_TYPES
};

enum {
	FRAME_HEAD = 12,
	FRAME_REQUEST_MAX = 64, /* octets of the body of a question */
	FRAME_BODY_MAX = 64 * 1024 * 1024 /* of an answer */
};

struct frame {
	enum frame_type type;
	uint32_t serial;
	struct bytes body; /* borrowed */
};

void frame_put(struct buf *out, enum frame_type type, uint32_t serial,
    struct bytes body);
/*
 * Begin a frame whose body is appended to out next. frame_close() takes what
 * that returned, and sets the length.
 */
size_t frame_open(struct buf *out, enum frame_type type, uint32_t serial);
void frame_close(struct buf *out, size_t begin);

/*
 * The frame that in begins with, whose body has max octets at most. Returns
 * the octets it takes; 0 when it is not whole yet; FLOWD_EVERSION, or
 * FLOWD_EFORMAT for what is none.
 */
int64_t frame_next(struct bytes in, size_t max, struct frame *f);

/* What is asked for: kinds of reports, and an exporter or all. */
struct ask {
	uint32_t kinds; /* 1 << enum report_kind */
	struct addr only; /* ADDR_NONE: all */
	bool metrics; /* all of them, as metrics have them; see responder.h */
};

void ask_put(struct buf *out, uint32_t serial, const struct ask *ask);
/* Returns 0 or FLOWD_EFORMAT. */
int ask_read(struct bytes body, struct ask *ask);

/* In front of a block of flows (lib/store/v4/block_head.h). */
struct flows_head {
	uint32_t nrows; /* in the block */
	uint64_t dropped; /* flows that did not fit, since the last frame */
};

enum { FLOWS_HEAD = 12 };

void flows_put(struct buf *out, const struct flows_head *head,
    struct bytes block);
/* block is what is behind the head. Returns 0 or FLOWD_EFORMAT. */
int flows_read(struct bytes body, struct flows_head *head,
    struct bytes *block);

/* How an answer ends. */
enum end_status {
	END_GOOD, /* a text before an order's is what was warned of */
	END_FAILED, /* why is in a text before */
	END_CUT, /* there was more than fits, or somebody did not answer */
	END_BUSY, /* too many ask */
	END_STATUSES
};

void end_put(struct buf *out, uint32_t serial, enum end_status status);
/* Returns the status or FLOWD_EFORMAT. */
int end_read(struct bytes body);

#endif
