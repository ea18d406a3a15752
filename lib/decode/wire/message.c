/* Messages; see message.h. Test: test/unit/decode/test_message.c. */
#include "element.h"
#include "message.h"

/* IANA elements, and octets to skip. */
#define IE(id, len) { PEN_IANA, id, len }
#define SKIP(len) { PEN_IANA, ELEMENT_PADDING_OCTETS, len }

/* The first 36 octets of v1, v5 and v7 records. */
#define FIELDS_FIRST \
	IE(8, 4),		/* sourceIPv4Address */ \
	IE(12, 4),		/* destinationIPv4Address */ \
	IE(15, 4),		/* ipNextHopIPv4Address */ \
	IE(10, 2),		/* ingressInterface */ \
	IE(14, 2),		/* egressInterface */ \
	IE(2, 4),		/* packetDeltaCount */ \
	IE(1, 4),		/* octetDeltaCount */ \
	IE(22, 4),		/* flowStartSysUpTime */ \
	IE(21, 4),		/* flowEndSysUpTime */ \
	IE(7, 2),		/* sourceTransportPort */ \
	IE(11, 2)		/* destinationTransportPort */

/* The next 12 octets of v5 and v7. */
#define FIELDS_SECOND \
	SKIP(1), \
	IE(6, 1),		/* tcpControlBits */ \
	IE(4, 1),		/* protocolIdentifier */ \
	IE(5, 1),		/* ipClassOfService */ \
	IE(16, 2),		/* bgpSourceAsNumber */ \
	IE(17, 2),		/* bgpDestinationAsNumber */ \
	IE(9, 1),		/* sourceIPv4PrefixLength */ \
	IE(13, 1),		/* destinationIPv4PrefixLength */ \
	SKIP(2)

static const struct field fields_v1[] = {
	FIELDS_FIRST,
	SKIP(2),
	IE(4, 1),
	IE(5, 1),
	IE(6, 1),
	SKIP(7),
};

static const struct field fields_v5[] = { FIELDS_FIRST, FIELDS_SECOND };

/* The router's address comes last. */
static const struct field fields_v7[] = { FIELDS_FIRST, FIELDS_SECOND,
	SKIP(4) };

/* Units that sequence numbers may count; see counting.h. */
#define UNITS_OF_FIXED \
	(UNIT(SEQUENCE_FLOWS) | UNIT(SEQUENCE_FLOWS_TOO) | \
	    UNIT(SEQUENCE_MESSAGES) | UNIT(SEQUENCE_NONE))
#define UNITS_OF_SETS \
	(UNITS_OF_FIXED | UNIT(SEQUENCE_RECORDS) | \
	    UNIT(SEQUENCE_RECORDS_TOO) | UNIT(SEQUENCE_EVERYTHING))

#define BUILT_IN(f) .nfields = sizeof(f) / sizeof((f)[0]), .fields = (f)

const struct version versions[VERSION_COUNT] = {
	{ .number = 1, .header_len = 16, .off_count = 2, .off_uptime_ms = 4,
	    .off_sec = 8, .off_nsec = 12, .max_records = 24, .record_len = 48,
	    .sequence_unit = SEQUENCE_NONE,
	    .sequence_units = UNIT(SEQUENCE_NONE), BUILT_IN(fields_v1) },
	{ .number = 5, .header_len = 24, .off_count = 2, .off_uptime_ms = 4,
	    .off_sec = 8, .off_nsec = 12, .off_sequence = 16,
	    .off_engine = 20, .off_sampling = 22, .max_records = 30,
	    .record_len = 48, .sequence_unit = SEQUENCE_FLOWS,
	    .sequence_units = UNITS_OF_FIXED, BUILT_IN(fields_v5) },
	{ .number = 7, .header_len = 24, .off_count = 2, .off_uptime_ms = 4,
	    .off_sec = 8, .off_nsec = 12, .off_sequence = 16,
	    .max_records = 30, .record_len = 52,
	    .sequence_unit = SEQUENCE_FLOWS,
	    .sequence_units = UNITS_OF_FIXED, BUILT_IN(fields_v7) },
	/* RFC 3954, 5.1 */
	{ .number = 9, .header_len = 20, .off_uptime_ms = 4, .off_sec = 8,
	    .off_sequence = 12, .off_domain = 16,
	    .sequence_unit = SEQUENCE_MESSAGES,
	    .sequence_units = UNITS_OF_SETS, .sets = true,
	    .set_template = 0, .set_options = 1,
	    .style_template = TEMPLATE_V9,
	    .style_options = TEMPLATE_V9_OPTIONS },
	/* RFC 7011, 3.1 */
	{ .number = 10, .header_len = 16, .off_length = 2, .off_sec = 4,
	    .off_sequence = 8, .off_domain = 12,
	    .sequence_unit = SEQUENCE_RECORDS,
	    .sequence_units = UNITS_OF_SETS, .sets = true,
	    .set_template = 2, .set_options = 3,
	    .style_template = TEMPLATE_IPFIX,
	    .style_options = TEMPLATE_IPFIX_OPTIONS },
};

int
version_find(uint16_t number)
{
	for (int i = 0; i < VERSION_COUNT; i++)
		if (versions[i].number == number)
			return i;
	return -1;
}

/* 32 bits of the header at off, or 0 if the version has no such field. */
static uint32_t
header_u32(const uint8_t *header, uint8_t off)
{
	return off != 0 ? load_be32(header + off) : 0;
}

static void
read_engine(struct message *m, const uint8_t *header)
{
	const struct version *v = m->version;

	if (v->off_engine != 0) {
		m->engine_type = header[v->off_engine];
		m->engine_id = header[v->off_engine + 1];
		m->domain = load_be16(header + v->off_engine);
	}
	if (v->off_sampling != 0) {
		uint16_t word = load_be16(header + v->off_sampling);

		m->sampling_algorithm = (uint8_t)(word >> 14);
		m->sampling_interval = word & 0x3fff;
	}
}

static void
read_header(struct message *m, const uint8_t *header)
{
	const struct version *v = m->version;
	const int64_t second_ns = 1000000000;
	uint32_t nsec = header_u32(header, v->off_nsec);

	m->uptime_ms = header_u32(header, v->off_uptime_ms);
	m->export_ns = header_u32(header, v->off_sec) * second_ns + nsec;
	m->export_nsec = nsec;
	m->export_carry_sec = (uint8_t)(nsec / second_ns);
	m->sequence = header_u32(header, v->off_sequence);
	m->domain = header_u32(header, v->off_domain);
	if (v->off_count != 0)
		m->nrecords = load_be16(header + v->off_count);
	read_engine(m, header);
}

/*
 * v1 to v7: requires the records that the header counts; octets after them do
 * no harm. Accepts more records than usual if the length matches exactly.
 */
static int
check_records(struct message *m, struct bytes *body)
{
	const struct version *v = m->version;
	size_t octets = (size_t)m->nrecords * v->record_len, had = body->len;

	body->len = 0;
	if (octets == 0 || (m->nrecords > v->max_records && octets != had))
		return -MALFORMED_RECORD_COUNT;
	if (octets > had)
		return -MALFORMED_LENGTH;
	body->len = octets;
	return octets == had ? 0 : -MALFORMED_LENGTH;
}

/* Whether the length of the header fits; zeros may follow. */
static bool
length_is_good(size_t len, const struct bytes *payload)
{
	return len <= payload->len &&
	    bytes_zero(bytes_behind(*payload, len));
}

/* v9 and IPFIX: requires something after the header. */
static int
check_sets(const struct version *v, const struct bytes *payload,
    struct bytes *body)
{
	if (bytes_zero(*body)) {
		body->len = 0;
		return -MALFORMED_NO_SETS;
	}
	if (v->off_length != 0 &&
	    !length_is_good(load_be16(payload->ptr + v->off_length), payload))
		return -MALFORMED_MESSAGE_LENGTH;
	return 0;
}

/*
 * sFlow has a 32-bit version, whose upper half is 0 where NetFlow's version is,
 * and then the address family of the agent.
 */
static bool
is_sflow(const struct bytes *payload)
{
	const size_t header_len = 28;
	uint32_t version, family;

	if (payload->len < header_len)
		return false;
	version = load_be32(payload->ptr);
	family = load_be32(payload->ptr + 4);
	return (version == 2 || version == 4 || version == 5) &&
	    (family == 1 || family == 2);
}

int
message_read(struct message *m, const struct datagram *d, struct bytes *body)
{
	const struct bytes *payload = &d->payload;
	int version;

	*m = (struct message) { .agent = d->src, .recv_ns = d->recv_ns };
	if (payload->len < 4)
		return -MALFORMED_SHORT_DATAGRAM;
	version = version_find(load_be16(payload->ptr));
	if (version < 0)
		return is_sflow(payload) ? -MALFORMED_SFLOW
					 : -MALFORMED_VERSION;
	m->version = &versions[version];
	if (payload->len < m->version->header_len)
		return -MALFORMED_SHORT_HEADER;
	read_header(m, payload->ptr);
	body->ptr = payload->ptr + m->version->header_len;
	body->len = payload->len - m->version->header_len;
	return m->version->sets ? check_sets(m->version, payload, body)
				: check_records(m, body);
}

/* A column with one value for all flows. */
struct constant {
	uint8_t col;
	uint64_t value;
};

/* The constant columns of this message. Returns how many. */
static size_t
message_constants(const struct message *m, struct constant *c)
{
	const struct version *v = m->version;
	size_t n = 0;

	c[n++] = (struct constant) { COL_recv_time, (uint64_t)m->recv_ns };
	c[n++] = (struct constant) { COL_netflow_version, v->number };
	c[n++] = (struct constant) { COL_agent_time, (uint64_t)m->export_ns };
	if (m->export_carry_sec != 0)
		c[n++] = (struct constant) { COL_agent_time_carry,
			m->export_carry_sec };
	if (v->off_uptime_ms != 0)
		c[n++] = (struct constant) { COL_sys_uptime_ms, m->uptime_ms };
	if (v->off_sequence != 0)
		c[n++] = (struct constant) { COL_sequence, m->sequence };
	if (v->off_domain != 0)
		c[n++] = (struct constant) { COL_source_id, m->domain };
	if (v->off_engine != 0) {
		c[n++] = (struct constant) { COL_engine_type, m->engine_type };
		c[n++] = (struct constant) { COL_engine_id, m->engine_id };
	}
	if (m->sampling_interval != 0) {
		c[n++] = (struct constant) { COL_sampling_interval,
			m->sampling_interval };
		c[n++] = (struct constant) { COL_sampling_algorithm,
			m->sampling_algorithm };
	}
	return n;
}

void
message_fill(const struct message *m, struct batch *batch, size_t first,
    size_t n)
{
	struct constant constants[COL_COUNT];
	uint8_t cols[COL_COUNT];
	size_t ncols = message_constants(m, constants);

	for (size_t i = 0; i < ncols; i++) {
		cols[i] = constants[i].col;
		batch_spread_uint(batch, cols[i], first, n,
		    constants[i].value);
	}
	batch_mark_columns(batch, cols, ncols, first, n);
	batch_fill_addr(batch, COL_agent_addr, first, n, &m->agent);
}
