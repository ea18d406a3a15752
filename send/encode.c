/* Rows as export datagrams; see encode.h. Test: test/unit/send/test_encode.c.
 */
#include <stdlib.h>

#include "encode.h"
#include "layout.h"

enum {
	DATAGRAM_MAX = 65507,	/* a UDP payload over IPv4 */
	PACKET_FIT = 1464,	/* what 30 records of NetFlow 5 take */
	V5_HEADER = 24,
	V5_RECORD = 48,
	V9_HEADER = 20,
	V9_TEMPLATE_SET = 0,
	IPFIX_HEADER = 16,
	IPFIX_TEMPLATE_SET = 2,
	SET_HEADER = 4,
	SET_PADDING = 3,
	FIRST_TEMPLATE = 256,
	/* templates that are kept; the oldest is replaced */
	TEMPLATES_MAX = 64,
	AS_TRANS = 23456 /* stands for an AS of 32 bits (RFC 6793) */
};

static const int64_t second_ns = 1000000000;
static const int64_t ms_ns = 1000000;
/* The exporter's uptime at its first datagram. */
static const int64_t uptime_ms = INT64_C(10) * 86400 * 1000;

/* Differences between the versions. */
struct version {
	unsigned number;
	size_t header_len;
	unsigned records_max;
	int64_t clock_ns;	/* the header's time is a multiple of this */
	uint16_t template_set;
	/* Whether the version can express the row. Called before add(). */
	bool (*holds)(struct encoder *enc, const struct batch *batch,
	    size_t row);
	/* Append a row; false: the datagram is full. */
	bool (*add)(struct encoder *enc, const struct batch *batch, size_t row);
	void (*store_header)(struct encoder *enc);
};

struct encoder {
	const struct version *version;
	struct encode_options options;
	uint32_t sequence;	/* of the next datagram */
	bool has_boot;
	int64_t boot_ms;
	uint64_t left_out;
	/* The current datagram. */
	uint8_t out[DATAGRAM_MAX];
	size_t len;	/* 0: there is none */
	size_t fit;	/* its maximum length */
	int64_t begun_ns;	/* the time of its first row */
	int64_t time_ns;	/* the same with the resolution of the header */
	unsigned flows;
	unsigned ntemplates;	/* template records in it */
	size_t set_at;	/* start of the current set, or 0 */
	const struct layout *set_template;
	/* All templates. */
	layout_key used;	/* of the current batch */
	layout_key key;	/* of the current row */
	unsigned ndatagrams;	/* datagrams since all templates were sent */
	/* templates made so far, of which the last TEMPLATES_MAX are kept */
	unsigned nknown;
	/* the layout of the last row, which most rows repeat */
	struct layout *last;
	struct layout templates[TEMPLATES_MAX];
};

static uint32_t
uptime_at(const struct encoder *enc, int64_t ns)
{
	return (uint32_t)(ns / ms_ns - enc->boot_ms);
}

/* NetFlow 5. */

#define HAS(name) bitmap_test(batch->col[COL_##name].valid, row)
#define GET(member, name) (HAS(name) ? batch->col[COL_##name].member[row] : 0)
#define IS6(name) (HAS(name) && bitmap_test(batch->col[COL_##name].is6, row))

static bool
v5_holds(struct encoder *enc, const struct batch *batch, size_t row)
{
	(void)enc;
	return !IS6(src_addr) && !IS6(dst_addr) && !IS6(next_hop) &&
	    GET(u64, packets) <= UINT32_MAX && GET(u64, octets) <= UINT32_MAX &&
	    GET(u32, if_in) <= UINT16_MAX && GET(u32, if_out) <= UINT16_MAX;
}

static uint16_t
as16(uint32_t as)
{
	return as <= UINT16_MAX ? (uint16_t)as : AS_TRANS;
}

static void
v5_store(const struct encoder *enc, const struct batch *batch, size_t row,
    uint8_t *p)
{
	int64_t start = HAS(flow_start) ? GET(ns, flow_start) : enc->time_ns;
	int64_t end = HAS(flow_end) ? GET(ns, flow_end) : enc->time_ns;

	store_be32(p, GET(u32, src_addr));
	store_be32(p + 4, GET(u32, dst_addr));
	store_be32(p + 8, GET(u32, next_hop));
	store_be16(p + 12, (uint16_t)GET(u32, if_in));
	store_be16(p + 14, (uint16_t)GET(u32, if_out));
	store_be32(p + 16, (uint32_t)GET(u64, packets));
	store_be32(p + 20, (uint32_t)GET(u64, octets));
	store_be32(p + 24, uptime_at(enc, start));
	store_be32(p + 28, uptime_at(enc, end));
	store_be16(p + 32, GET(u16, src_port));
	store_be16(p + 34, GET(u16, dst_port));
	p[36] = 0;
	p[37] = (uint8_t)GET(u16, tcp_flags);
	p[38] = GET(u8, protocol);
	p[39] = GET(u8, tos);
	store_be16(p + 40, as16(GET(u32, src_as)));
	store_be16(p + 42, as16(GET(u32, dst_as)));
	p[44] = GET(u8, src_mask);
	p[45] = GET(u8, dst_mask);
	store_be16(p + 46, 0);
}

static bool
v5_add(struct encoder *enc, const struct batch *batch, size_t row)
{
	if (enc->len + V5_RECORD > enc->fit)
		return false;
	v5_store(enc, batch, row, enc->out + enc->len);
	enc->len += V5_RECORD;
	return true;
}

static void
v5_store_header(struct encoder *enc)
{
	uint8_t *p = enc->out;

	store_be16(p, 5);
	store_be16(p + 2, (uint16_t)enc->flows);
	store_be32(p + 4, uptime_at(enc, enc->time_ns));
	store_be32(p + 8, (uint32_t)(enc->time_ns / second_ns));
	store_be32(p + 12, (uint32_t)(enc->time_ns % second_ns));
	store_be32(p + 16, enc->sequence);
	p[20] = (uint8_t)(enc->options.domain >> 8); /* engine type */
	p[21] = (uint8_t)enc->options.domain; /* engine id */
	store_be16(p + 22, 0); /* not sampled */
	enc->sequence += enc->flows;
}

/* NetFlow 9 and IPFIX. */

static void
set_close(struct encoder *enc)
{
	if (enc->set_at == 0)
		return;
	while (enc->len % 4 != 0)
		enc->out[enc->len++] = 0;
	store_be16(enc->out + enc->set_at + 2,
	    (uint16_t)(enc->len - enc->set_at));
	enc->set_at = 0;
	enc->set_template = NULL;
}

static void
set_open(struct encoder *enc, uint16_t id)
{
	set_close(enc);
	enc->set_at = enc->len;
	store_be16(enc->out + enc->len, id);
	enc->len += SET_HEADER;
}

/* Appends a template, to a set of templates or in a new one. */
static void
put_template(struct encoder *enc, struct layout *t)
{
	if (enc->set_at == 0 || enc->set_template != NULL)
		set_open(enc, enc->version->template_set);
	enc->len = (size_t)(layout_store(t, enc->out + enc->len) - enc->out);
	enc->ntemplates++;
	t->announced = true;
}

static void
put_all_templates(struct encoder *enc)
{
	unsigned n = enc->nknown < TEMPLATES_MAX ? enc->nknown : TEMPLATES_MAX;

	for (unsigned i = 0; i < n; i++)
		put_template(enc, &enc->templates[i]);
}

/* Ids are reused only after all others have been used. */
static struct layout *
template_new(struct encoder *enc, layout_key key)
{
	unsigned n = enc->nknown++;
	struct layout *t = &enc->templates[n % TEMPLATES_MAX];

	/* The current data set is compared by its pointer only. */
	set_close(enc);
	layout_init(t, key,
	    (uint16_t)(FIRST_TEMPLATE + n % (UINT16_MAX - FIRST_TEMPLATE)),
	    enc->version->number == 10);
	return t;
}

static struct layout *
template_for(struct encoder *enc, layout_key key)
{
	if (enc->last != NULL && enc->last->key == key)
		return enc->last;
	for (unsigned i = 0; i < TEMPLATES_MAX && i < enc->nknown; i++)
		if (enc->templates[i].key == key)
			return &enc->templates[i];
	return template_new(enc, key);
}

static size_t
room_needed(const struct encoder *enc, const struct layout *t)
{
	size_t need = t->record_len + SET_PADDING;

	if (!t->announced)
		need += SET_HEADER + LAYOUT_ROOM;
	if (enc->set_template != t)
		need += SET_HEADER;
	return need;
}

/* A template has at least one field. */
static bool
set_holds(struct encoder *enc, const struct batch *batch, size_t row)
{
	enc->key = layout_key_of(batch, row, enc->used);
	return enc->key != 0;
}

static bool
set_add(struct encoder *enc, const struct batch *batch, size_t row)
{
	struct layout *t = template_for(enc, enc->key);

	enc->last = t;
	if (enc->flows > 0 && enc->len + room_needed(enc, t) > enc->fit)
		return false;
	if (!t->announced)
		put_template(enc, t);
	if (enc->set_template != t) {
		set_open(enc, t->id);
		enc->set_template = t;
	}
	layout_store_row(t, batch, row, enc->boot_ms, enc->out + enc->len);
	enc->len += t->record_len;
	return true;
}

static void
v9_store_header(struct encoder *enc)
{
	uint8_t *p = enc->out;

	set_close(enc);
	store_be16(p, 9);
	store_be16(p + 2, (uint16_t)(enc->flows + enc->ntemplates));
	store_be32(p + 4, uptime_at(enc, enc->time_ns));
	store_be32(p + 8, (uint32_t)(enc->time_ns / second_ns));
	store_be32(p + 12, enc->sequence);
	store_be32(p + 16, enc->options.domain);
	enc->sequence++;
}

static void
ipfix_store_header(struct encoder *enc)
{
	uint8_t *p = enc->out;

	set_close(enc);
	store_be16(p, 10);
	store_be16(p + 2, (uint16_t)enc->len);
	store_be32(p + 4, (uint32_t)(enc->time_ns / second_ns));
	store_be32(p + 8, enc->sequence);
	store_be32(p + 12, enc->options.domain);
	enc->sequence += enc->flows;
}

/* Any version. */

static const struct version versions[] = {
	{ 5, V5_HEADER, ENCODE_V5_RECORDS, 1, 0, v5_holds, v5_add,
	    v5_store_header },
	{ 9, V9_HEADER, UINT16_MAX, INT64_C(1000000000), V9_TEMPLATE_SET,
	    set_holds, set_add, v9_store_header },
	{ 10, IPFIX_HEADER, UINT16_MAX, INT64_C(1000000000), IPFIX_TEMPLATE_SET,
	    set_holds, set_add, ipfix_store_header },
};

static const struct version *
version_find(unsigned number)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i].number == number)
			return &versions[i];
	return NULL;
}

bool
encode_knows_version(unsigned version)
{
	return version_find(version) != NULL;
}

struct encoder *
encoder_new(const struct encode_options *options)
{
	struct encoder *enc = calloc(1, sizeof(*enc));

	if (enc == NULL)
		return NULL;
	enc->options = *options;
	enc->version = version_find(options->version);
	enc->fit = PACKET_FIT;
	if (options->records != 0)
		enc->fit = DATAGRAM_MAX;
	if (enc->options.records == 0 ||
	    enc->options.records > enc->version->records_max)
		enc->options.records = enc->version->records_max;
	return enc;
}

void
encoder_free(struct encoder *enc)
{
	free(enc);
}

static int64_t
export_time(const struct batch *batch, size_t row)
{
	int64_t ns = 0;

	if (HAS(agent_time))
		ns = GET(ns, agent_time);
	else if (HAS(recv_time))
		ns = GET(ns, recv_time);
	else if (HAS(flow_end))
		ns = GET(ns, flow_end);
	return ns;
}

struct colset
encoder_columns(void)
{
	struct colset set = layout_columns();

	colset_add(&set, COL_agent_time);
	colset_add(&set, COL_recv_time);
	return set;
}

/* Down to what the header can say. */
static int64_t
header_time(const struct encoder *enc, int64_t ns)
{
	return ns - ns % enc->version->clock_ns;
}

static void
datagram_begin(struct encoder *enc, int64_t begun_ns)
{
	int64_t time_ns = header_time(enc, begun_ns);

	if (!enc->has_boot) {
		enc->has_boot = true;
		enc->boot_ms = time_ns / ms_ns - uptime_ms;
	}
	enc->begun_ns = begun_ns;
	enc->time_ns = time_ns;
	enc->len = enc->version->header_len;
	enc->flows = 0;
	enc->ntemplates = 0;
	enc->set_at = 0;
	enc->set_template = NULL;
	if (enc->ndatagrams++ >= enc->options.refresh) {
		enc->ndatagrams = 1;
		put_all_templates(enc);
	}
}

/* Whether the row must not be in the datagram under way. */
static bool
goes_apart(const struct encoder *enc, const struct batch *batch, size_t row)
{
	return enc->flows >= enc->options.records ||
	    (HAS(agent_time) &&
		header_time(enc, export_time(batch, row)) != enc->time_ns);
}

bool
encoder_add(struct encoder *enc, const struct batch *batch, size_t *row)
{
	enc->used = layout_fields_used(batch);
	for (; *row < batch->nrows; ++*row) {
		if (!enc->version->holds(enc, batch, *row)) {
			enc->left_out++;
			continue;
		}
		if (enc->len != 0 && goes_apart(enc, batch, *row))
			return true;
		if (enc->len == 0)
			datagram_begin(enc, export_time(batch, *row));
		if (!enc->version->add(enc, batch, *row))
			return true;
		enc->flows++;
	}
	return false;
}

struct encoded
encoder_finish(struct encoder *enc)
{
	struct encoded e = { { enc->out, enc->len }, enc->begun_ns,
		enc->flows };

	if (enc->len == 0)
		return e;
	enc->version->store_header(enc);
	e.payload.len = enc->len;
	enc->len = 0;
	return e;
}

uint64_t
encoder_left_out(const struct encoder *enc)
{
	return enc->left_out;
}
