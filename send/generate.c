/* The traffic model; see generate.h. Test: test/unit/send/test_generate.c. */
#include <stdlib.h>

#include "generate.h"
#include "xoshiro.h"

enum {
	CLIENTS = 1 << 14,
	SERVERS = 1 << 17,
	ZIPF_STEPS = 1 << 12,
	PORT_BITS = 15,	/* a client's ports: 32768 to 65535 */
	FIRST_PORT = 1 << PORT_BITS,
	CLIENT_AS = 64500,
	ICMP_ECHO = 8 << 8,
	ICMP_PROTOCOL = 1,
	ICMP6_PROTOCOL = 58,
	ICMP6_ECHO = 128 << 8
};

static const int64_t second_ns = 1000000000;
static const int64_t ms_ns = 1000000;

/* Which rank is at this share of all draws: steps of equal probability. */
struct zipf {
	uint32_t rank[ZIPF_STEPS + 1];
};

struct flow {
	bool is6;
	uint8_t protocol, tos, src_mask, dst_mask;
	uint16_t tcp_flags, src_port, dst_port;
	uint32_t src4, dst4, next_hop4;
	struct addr6 src6, dst6, next_hop6;
	uint32_t if_in, if_out, src_as, dst_as;
	uint64_t packets, octets;
	int64_t start_ns, end_ns;
};

struct generator {
	struct xoshiro rng;
	unsigned ipv6_percent;
	uint64_t nflows;
	uint64_t flows_per_sec;
	int64_t start_ns;
	struct zipf clients, servers;
	uint32_t connections[CLIENTS];	/* connections of each client */
	uint64_t pings;
	bool has_reply;
	struct flow reply;	/* reply of the last connection */
	uint8_t service[256];	/* by weight: index of services[] */
};

/* Services: port, protocol, frequency in 256, and the size of replies. */
static const struct service {
	uint16_t port;
	uint8_t protocol;
	uint8_t weight;
	uint8_t longest;	/* maximum packets: 2^n */
	uint16_t reply_octets;	/* average octets of a packet */
} services[] = {
	{ 443, 6, 92, 20, 1100 },
	{ 53, 17, 58, 1, 180 },
	{ 443, 17, 32, 18, 1150 },	/* QUIC */
	{ 80, 6, 24, 16, 900 },
	{ 123, 17, 10, 1, 76 },
	{ 993, 6, 6, 10, 500 },
	{ 25, 6, 5, 10, 120 },
	{ 22, 6, 5, 16, 200 },
	{ 5060, 17, 4, 4, 400 },
	{ 8080, 6, 4, 12, 800 },
	{ 3389, 6, 4, 16, 300 },
	{ 445, 6, 3, 16, 1000 },
	{ 161, 17, 3, 3, 200 },
	{ 51820, 17, 3, 18, 700 },	/* WireGuard */
	{ 1883, 6, 2, 8, 90 },
	{ 6881, 17, 1, 14, 1000 },
};

/* OR of all flags of a flow; most are complete connections. */
static const uint8_t tcp_flags[16] = { 0x1b, 0x1b, 0x1b, 0x1b, 0x1b, 0x1b, 0x1b,
	0x1b, 0x1b, 0x1f, 0x1e, 0x18, 0x18, 0x10, 0x13, 0x1a };
static const uint8_t tos_values[16] = {
	[11] = 0x08, [12] = 0x28, [13] = 0x48, [14] = 0x88, [15] = 0xb8
};

/* The sum of 1 / rank, in 32-bit fractions, cut into equal steps. */
static void
zipf_init(struct zipf *z, uint32_t nranks)
{
	const uint64_t one = UINT64_C(1) << 32;
	uint64_t total = 0, sum = 0;
	size_t step = 0;

	for (uint32_t r = 1; r <= nranks; r++)
		total += one / r;
	for (uint32_t r = 0; r < nranks; r++) {
		while (step < ZIPF_STEPS && total / ZIPF_STEPS * step <= sum)
			z->rank[step++] = r;
		sum += one / (r + 1);
	}
	while (step <= ZIPF_STEPS)
		z->rank[step++] = nranks - 1;
}

/* A rank from 28 random bits: a step, and a place between it and the next. */
static uint32_t
zipf_draw(const struct zipf *z, uint64_t *word)
{
	uint32_t step = xoshiro_bits(word, 12);
	uint32_t first = z->rank[step], next = z->rank[step + 1];

	return first + ((next - first) * xoshiro_bits(word, 16) >> 16);
}

static void
services_init(uint8_t by_weight[256])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		for (unsigned w = 0; w < services[i].weight && n < 256; w++)
			by_weight[n++] = (uint8_t)i;
}

struct generator *
generator_new(const struct generate_options *options)
{
	struct generator *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	xoshiro_init(&g->rng, options->seed);
	g->ipv6_percent = options->ipv6_percent;
	g->start_ns = options->start_ns;
	/* The clock has a resolution of one flow per nanosecond. */
	g->flows_per_sec = options->flows_per_sec < (uint64_t)second_ns
	    ? options->flows_per_sec
	    : (uint64_t)second_ns;
	zipf_init(&g->clients, CLIENTS);
	zipf_init(&g->servers, SERVERS);
	services_init(g->service);
	return g;
}

void
generator_free(struct generator *g)
{
	free(g);
}

/* The time of export of the next flow, which advances evenly. */
static int64_t
now_ns(const struct generator *g)
{
	uint64_t sec = g->nflows / g->flows_per_sec;
	uint64_t rest = g->nflows % g->flows_per_sec;

	return g->start_ns + (int64_t)sec * second_ns +
	    (int64_t)(rest * (uint64_t)second_ns / g->flows_per_sec);
}

/*
 * Uses ports in a scattered order: multiplying by an odd factor is a bijection.
 */
static uint16_t
client_port(uint32_t connection)
{
	uint32_t v = connection % FIRST_PORT * 20011 % FIRST_PORT;

	v ^= v >> 7;
	return (uint16_t)(FIRST_PORT + v * 12345 % FIRST_PORT);
}

/*
 * A client, its address and its port: together they are never used again. The
 * address changes with every 32,768 connections.
 */
static void
choose_client(struct generator *g, uint64_t *word, struct flow *f)
{
	uint32_t client = zipf_draw(&g->clients, word);
	uint32_t connection = g->connections[client]++;
	uint32_t place = (connection >> PORT_BITS) * CLIENTS + client;

	f->src_port = client_port(connection);
	f->src_as = CLIENT_AS;
	f->if_in = 1 + client % 24;
	if (f->is6) {
		f->src6.hi = UINT64_C(0x20010db800000000) | client >> 4;
		f->src6.lo = splitmix64_mix(place);
		f->src_mask = 64;
	} else {
		f->src4 = UINT32_C(10) << 24 | (place & 0xffffff);
		f->src_mask = 24;
	}
}

/*
 * Chooses a server, whose rank determines all its properties. Returns bits that
 * depend on the server only.
 */
static uint64_t
choose_server(struct generator *g, uint64_t *word, struct flow *f)
{
	uint32_t server = zipf_draw(&g->servers, word);
	uint64_t own = splitmix64_mix(server + 1), bits = own;

	f->dst_as = 1000 + xoshiro_bits(&bits, 15);
	if (xoshiro_bits(&bits, 4) == 0)
		f->dst_as += 200000;
	f->if_out = 101 + xoshiro_bits(&bits, 2);
	if (f->is6) {
		f->dst6.hi = UINT64_C(0x2a00000000000000) | own >> 16;
		f->dst6.lo = 1 + (server & 0xff);
		f->dst_mask = (uint8_t)(32 + xoshiro_bits(&bits, 4));
		f->next_hop6.hi = UINT64_C(0x20010db8ffff0000);
		f->next_hop6.lo = f->if_out;
	} else {
		f->dst4 = UINT32_C(2) << 30 | (uint32_t)(own >> 34);
		f->dst_mask = (uint8_t)(16 + xoshiro_bits(&bits, 3));
		f->next_hop4 = UINT32_C(0xc0000200) + f->if_out;
	}
	return own;
}

static void
swap_ends(const struct flow *f, struct flow *r)
{
	*r = *f;
	r->src4 = f->dst4;
	r->dst4 = f->src4;
	r->src6 = f->dst6;
	r->dst6 = f->src6;
	r->src_port = f->dst_port;
	r->dst_port = f->src_port;
	r->src_as = f->dst_as;
	r->dst_as = f->src_as;
	r->src_mask = f->dst_mask;
	r->dst_mask = f->src_mask;
	r->if_in = f->if_out;
	r->if_out = f->if_in;
	r->next_hop4 = UINT32_C(0x0aff0000) + f->if_in;
	r->next_hop6.lo = f->if_in;
}

/* Draws a number of packets: twice as many occur half as often. */
static uint64_t
draw_packets(uint64_t *word, unsigned longest)
{
	uint64_t bits = xoshiro_bits(word, 21) | UINT64_C(1) << longest;
	unsigned n = (unsigned)__builtin_ctzll(bits);

	return (UINT64_C(1) << n) + (*word & ((UINT64_C(1) << n) - 1));
}

/* At most two minutes, an exporter's usual timeout; 0 for a single packet. */
static int64_t
duration_ms(uint64_t packets, uint32_t gap_ms)
{
	uint64_t ms = (packets - 1) * gap_ms;

	return (int64_t)(ms < 120000 ? ms : 120000 - gap_ms);
}

/* Sets an end within the 15 seconds before the last full second. */
static void
set_times(struct generator *g, uint64_t *word, struct flow *f)
{
	int64_t now = now_ns(g) / second_ns * second_ns;
	uint32_t idle_ms = 1000 + xoshiro_bits(word, 14);
	uint32_t gap_ms = 1 + xoshiro_bits(word, 8);

	f->end_ns = now - idle_ms * ms_ns;
	f->start_ns = f->end_ns - duration_ms(f->packets, gap_ms) * ms_ns;
}

/* A connection to a service, mostly with its reverse direction. */
static void
connect_service(struct generator *g, uint64_t *word, uint64_t own,
    struct flow *f)
{
	uint64_t more = xoshiro_next(&g->rng);
	size_t slot = (own & 0xf0) | xoshiro_bits(&more, 4);
	const struct service *s = &services[g->service[slot]];
	struct flow *r = &g->reply;

	f->protocol = s->protocol;
	f->dst_port = s->port;
	f->tos = tos_values[xoshiro_bits(&more, 4)];
	f->tcp_flags = 0;
	f->packets = draw_packets(&more, s->longest);
	if (s->protocol == 6) {
		f->tcp_flags = tcp_flags[xoshiro_bits(&more, 4)];
		f->packets += 3;
	}
	f->octets = f->packets * (46 + xoshiro_bits(&more, 7));
	set_times(g, word, f);
	g->has_reply = xoshiro_bits(&more, 3) != 0;
	if (!g->has_reply && s->protocol == 6) {
		f->packets = 1;	/* nobody answers */
		f->octets = 60;
		f->tcp_flags = 0x02;
		f->start_ns = f->end_ns;
	}
	swap_ends(f, r);
	r->start_ns += (int64_t)(1 + (*word & 63)) * ms_ns;
	r->end_ns += (int64_t)(64 + (*word & 255)) * ms_ns;
	r->packets = f->packets + f->packets * xoshiro_bits(&more, 3) / 4;
	r->octets = r->packets *
	    (s->reply_octets - s->reply_octets / 8 +
		(s->reply_octets / 4 * xoshiro_bits(&more, 6) >> 6));
}

/* A sweep of pings: one host, a new destination every time. */
static void
make_ping(struct generator *g, uint64_t *word, struct flow *f)
{
	uint64_t n = g->pings++;

	f->protocol = f->is6 ? ICMP6_PROTOCOL : ICMP_PROTOCOL;
	f->src_port = 0;
	f->dst_port = f->is6 ? ICMP6_ECHO : ICMP_ECHO;
	f->dst4 = UINT32_C(1) << 30 | (n * 0x12d687 & 0x1fffffff);
	f->dst6.lo = UINT64_C(1) << 32 | n;
	f->tos = 0;
	f->tcp_flags = 0;
	f->packets = 1 + xoshiro_bits(word, 2);
	f->octets = f->packets * 84;
	set_times(g, word, f);
	g->has_reply = false;
}

static void
make_flow(struct generator *g, struct flow *f)
{
	uint64_t word, own, clock;

	if (g->has_reply) {
		g->has_reply = false;
		*f = g->reply;
		return;
	}
	word = xoshiro_next(&g->rng);
	clock = xoshiro_next(&g->rng);
	f->is6 = xoshiro_bits(&clock, 20) * 100 >> 20 < g->ipv6_percent;
	choose_client(g, &word, f);
	own = choose_server(g, &word, f);
	if (xoshiro_bits(&clock, 6) == 0)
		make_ping(g, &clock, f);
	else
		connect_service(g, &clock, own, f);
}

static void
put_addr(struct column *c, size_t row, bool is6, uint32_t v4,
    const struct addr6 *v6)
{
	if (is6) {
		c->v6[row] = *v6;
		bitmap_set(c->is6, row);
	} else {
		c->u32[row] = v4;
	}
}

static void
put_flow(struct batch *batch, size_t row, const struct flow *f)
{
	struct column *c = batch->col;

	put_addr(&c[COL_src_addr], row, f->is6, f->src4, &f->src6);
	put_addr(&c[COL_dst_addr], row, f->is6, f->dst4, &f->dst6);
	put_addr(&c[COL_next_hop], row, f->is6, f->next_hop4, &f->next_hop6);
	c[COL_src_port].u16[row] = f->src_port;
	c[COL_dst_port].u16[row] = f->dst_port;
	c[COL_protocol].u8[row] = f->protocol;
	c[COL_tcp_flags].u16[row] = f->tcp_flags;
	c[COL_tos].u8[row] = f->tos;
	c[COL_packets].u64[row] = f->packets;
	c[COL_octets].u64[row] = f->octets;
	c[COL_if_in].u32[row] = f->if_in;
	c[COL_if_out].u32[row] = f->if_out;
	c[COL_src_as].u32[row] = f->src_as;
	c[COL_dst_as].u32[row] = f->dst_as;
	c[COL_src_mask].u8[row] = f->src_mask;
	c[COL_dst_mask].u8[row] = f->dst_mask;
	c[COL_flow_start].ns[row] = f->start_ns;
	c[COL_flow_end].ns[row] = f->end_ns;
}

static const uint8_t columns[] = { COL_recv_time, COL_src_addr, COL_dst_addr,
	COL_next_hop, COL_src_port, COL_dst_port, COL_protocol, COL_tcp_flags,
	COL_tos, COL_packets, COL_octets, COL_if_in, COL_if_out, COL_src_as,
	COL_dst_as, COL_src_mask, COL_dst_mask, COL_flow_start, COL_flow_end };

void
generator_fill(struct generator *g, struct batch *batch, size_t n)
{
	size_t first = batch_append(batch, n);
	struct flow f = { .is6 = false };

	for (size_t row = first; row < first + n; row++) {
		make_flow(g, &f);
		put_flow(batch, row, &f);
		batch->col[COL_recv_time].ns[row] = now_ns(g);
		g->nflows++;
	}
	for (size_t i = 0; i < sizeof(columns); i++)
		batch_mark(batch, columns[i], first, n);
}
