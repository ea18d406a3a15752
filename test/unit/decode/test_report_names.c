/*
 * Names that options data give, in reports: for which flows they hold, when
 * several exporters may be behind one address.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode.h"

enum {
	IPFIX = 10,
	V9 = 9
};

static struct decoder *dec;
static struct batch *batch;
static struct buf out;
static uint32_t sent;

static int
decoder_setup(void **unused)
{
	(void)unused;
	dec = decoder_new(NULL, 1);
	batch = batch_new(64);
	buf_init(&out, 1 << 20);
	sent = 0;
	return dec == NULL || batch == NULL;
}

static int
decoder_teardown(void **unused)
{
	(void)unused;
	decoder_free(dec);
	batch_free(batch);
	buf_fini(&out);
	return 0;
}

/* Sequence numbers are such that no port continues another one. */
static void
send_sets(unsigned version, uint16_t port, uint32_t domain,
    const uint8_t *sets, size_t len)
{
	uint8_t d[128] = { 0 };
	size_t head = version == V9 ? 20 : 16;

	store_be16(d, (uint16_t)version);
	store_be16(d + 2, version == V9 ? 1 : (uint16_t)(head + len));
	store_be32(d + (version == V9 ? 8 : 4), 1700000000);
	store_be32(d + (version == V9 ? 12 : 8),
	    port * UINT32_C(50000) + 977 * ++sent);
	store_be32(d + head - 4, domain);
	memcpy(d + head, sets, len);
	decoder_begin(dec, &(struct datagram) { .payload = { d, head + len },
	    .src = addr_from_v4(0xc0000201), .port = port,
	    .recv_ns = INT64_C(1700000000) * 1000000000 + sent });
	while (decoder_next(dec, batch))
		batch_reset(batch);
	batch_reset(batch);
}

/* The stream announces this name of an interface. */
static void
name_announce(uint16_t port, uint32_t domain, uint8_t interface,
    const char name[4])
{
	uint8_t sets[] = {
		0, 1, 0, 18, 1, 3, 0, 4, 0, 4, 0, 2, 0, 4, 0, 82, 0, 4,
		1, 3, 0, 12, 0, 0, 0, interface, 0, 0, 0, 0,
	};

	memcpy(sets + sizeof(sets) - 4, name, 4);
	send_sets(V9, port, domain, sets, sizeof(sets));
}

static const uint8_t flow_sets[] = {
	0, 0, 0, 12, 1, 0, 0, 1, 0, 4, 0, 1,	/* the template */
	1, 0, 0, 5, 6				/* a flow */
};

static void
send_flow(uint16_t port, uint32_t domain)
{
	send_sets(V9, port, domain, flow_sets, sizeof(flow_sets));
}

/* What the report of the exporter says of names. */
static const char *
names_report(void)
{
	const char *at;

	buf_reset(&out);
	decoder_dump(dec, &out);
	buf_append_text(&out, "x");
	assert_true(buf_ok(&out));
	/* Without the end of the object and the line. */
	out.ptr[out.len - 3] = '\0';
	at = strstr((char *)out.ptr, ",\"names\":");
	assert_non_null(at);
	return at + 1;
}

#define NAME(key, name) \
	"\"kind\":\"interface\",\"key\":\"" key "\",\"name\":\"" name "\"}"
#define OF_PORT(port, key, name) \
	"{\"version\":9,\"port\":" #port "," NAME(key, name)
#define OF_DOMAIN(port, domain, key, name) \
	"{\"version\":9,\"port\":" #port ",\"domain\":" #domain "," \
	NAME(key, name)

static void
names_of_one_exporter_hold_for_all_its_flows(void **unused)
{
	(void)unused;
	send_flow(1, 256);
	assert_string_equal(names_report(), "\"names\":[],\"port_names\":[]");
	/* Options data have a domain of their own. */
	name_announce(1, 6, 9, "eth9");
	name_announce(1, 6, 2, "eth2");
	assert_string_equal(names_report(),
	    "\"names\":[{" NAME("02", "eth2") ",{" NAME(
		"09", "eth9") "],\"port_names\":[]");
	/* A new name replaces the old one. */
	name_announce(1, 6, 2, "wan0");
	name_announce(1, 6, 9, "a\"b\n");
	assert_string_equal(names_report(),
	    "\"names\":[{" NAME("02", "wan0") ",{" NAME(
		"09", "a\\u0022b\\u000a") "],\"port_names\":[]");
}

static void
names_behind_one_address_hold_for_their_ports(void **unused)
{
	(void)unused;
	name_announce(1, 0, 5, "wan0");
	name_announce(2, 0, 5, "lan0");
	name_announce(1, 0, 6, "same");
	name_announce(2, 0, 6, "same");
	send_flow(1, 0);
	send_flow(2, 0);
	assert_string_equal(names_report(), "\"names\":[{" NAME("06", "same")
	    "],\"port_names\":[" OF_PORT(1, "05", "wan0") ","
	    OF_PORT(2, "05", "lan0") "]");
	/* A third one has not announced any. */
	send_flow(3, 0);
	assert_string_equal(names_report(), "\"names\":[],\"port_names\":["
	    OF_PORT(1, "05", "wan0") "," OF_PORT(2, "05", "lan0") ","
	    OF_PORT(1, "06", "same") "," OF_PORT(2, "06", "same") "]");
}

static void
names_of_a_port_without_flows_hold_for_others(void **unused)
{
	(void)unused;
	name_announce(1, 0, 5, "wan0");
	send_flow(2, 0);
	send_flow(3, 7);
	assert_string_equal(names_report(), "\"names\":[{" NAME("05", "wan0")
	    "],\"port_names\":[]");
	/* But not when another port says otherwise, with flows or without. */
	name_announce(3, 7, 5, "lan0");
	assert_string_equal(names_report(), "\"names\":[],\"port_names\":["
	    OF_PORT(1, "05", "wan0") "," OF_PORT(3, "05", "lan0") "]");
	name_announce(3, 7, 5, "wan0");
	name_announce(4, 0, 5, "lan0");
	assert_string_equal(names_report(), "\"names\":[],\"port_names\":["
	    OF_PORT(1, "05", "wan0") "," OF_PORT(3, "05", "wan0") ","
	    OF_PORT(4, "05", "lan0") "]");
}

/* Its flows may come: it is no exporter of options data alone. */
static void
names_of_a_port_that_may_bring_flows_are_its_own(void **unused)
{
	(void)unused;
	send_flow(2, 0);
	name_announce(1, 0, 5, "wan0");
	assert_string_equal(names_report(), "\"names\":[{" NAME("05", "wan0")
	    "],\"port_names\":[]");
	/* A template of flows, in another domain. */
	send_sets(V9, 1, 3, flow_sets, 12);
	assert_string_equal(names_report(), "\"names\":[],\"port_names\":["
	    OF_PORT(1, "05", "wan0") "]");
	/* Data without its template. */
	name_announce(2, 0, 6, "lan0");
	name_announce(4, 0, 6, "lan0");
	assert_non_null(strstr(names_report(), "{" NAME("06", "lan0")));
	send_sets(V9, 4, 0, flow_sets + 12, 5);
	assert_null(strstr(names_report(), "{" NAME("06", "lan0")));
	/* Its template comes: these were options data. */
	name_announce(2, 0, 7, "dmz0");
	name_announce(1, 0, 7, "dmz0");
	send_sets(V9, 6, 0, (const uint8_t[]) { 1, 3, 0, 12, 0, 0, 0, 7, 'd',
	    'm', 'z', '0' }, 12);
	assert_null(strstr(names_report(), OF_PORT(6, "07", "dmz0")));
	name_announce(6, 0, 8, "any0");
	assert_non_null(strstr(names_report(), "{" NAME("07", "dmz0")));
}

static void
names_of_domains_that_differ_hold_for_each(void **unused)
{
	(void)unused;
	name_announce(1, 1, 5, "wan0");
	name_announce(1, 2, 5, "lan0");
	name_announce(1, 1, 6, "same");
	name_announce(1, 2, 6, "same");
	send_flow(1, 1);
	send_flow(1, 2);
	send_flow(1, 3);
	assert_string_equal(names_report(), "\"names\":[{" NAME("06", "same")
	    "],\"port_names\":[" OF_DOMAIN(1, 1, "05", "wan0") ","
	    OF_DOMAIN(1, 2, "05", "lan0") "]");
}

static void
names_hold_for_their_version(void **unused)
{
	static const uint8_t ipfix_flow[] = { 0, 2, 0, 12, 1, 0, 0, 1, 0, 4, 0,
		1, 1, 0, 0, 5, 6 };

	(void)unused;
	name_announce(1, 0, 5, "wan0");
	send_sets(IPFIX, 2, 0, ipfix_flow, sizeof(ipfix_flow));
	assert_string_equal(names_report(), "\"names\":[],\"port_names\":["
	    OF_PORT(1, "05", "wan0") "]");
}

/* It changes its port each time, which its sequence numbers prove. */
static void
names_follow_an_exporter_to_its_new_port(void **unused)
{
	uint8_t sets[] = {
		0, 1, 0, 18, 1, 3, 0, 4, 0, 4, 0, 2, 0, 4, 0, 82, 0, 4,
		1, 3, 0, 12, 0, 0, 0, 5, 'w', 'a', 'n', '0',
	};
	uint8_t d[128] = { 0, 9, 0, 1 };

	(void)unused;
	store_be32(d + 8, 1700000000);
	for (uint32_t i = 0; i < 20; i++) {
		const uint8_t *body = i == 0 ? sets : flow_sets;
		size_t len = i == 0 ? sizeof(sets) : sizeof(flow_sets);

		store_be32(d + 12, 100 + i);
		memcpy(d + 20, body, len);
		decoder_begin(dec, &(struct datagram) {
		    .payload = { d, 20 + len },
		    .src = addr_from_v4(0xc0000201),
		    .port = (uint16_t)(40000 + i), .recv_ns = i });
		assert_false(decoder_next(dec, batch));
		batch_reset(batch);
	}
	assert_string_equal(names_report(), "\"names\":[{" NAME("05", "wan0")
	    "],\"port_names\":[]");
	assert_non_null(strstr((char *)out.ptr, "\"streams_known\":1,"));
}

/* A few streams, what they announce, and whether they bring flows. */
enum { PORTS = 4, DOMAINS = 3, KEYS = 3, TEXTS = 2 };

static const char texts[TEXTS][5] = { "wan0", "lan0" };
static int said[PORTS][DOMAINS][KEYS];		/* a text + 1, or 0 */
static bool brings[PORTS][DOMAINS];

static uint32_t
random_chance(uint32_t n)
{
	static uint64_t seed = 1;

	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((seed >> 33) % n);
}

static void
names_fill(void)
{
	memset(said, 0, sizeof(said));
	memset(brings, 0, sizeof(brings));
	for (uint32_t n = 1 + random_chance(12); n > 0; n--) {
		uint32_t port = random_chance(PORTS),
			 domain = random_chance(DOMAINS);
		uint32_t key = random_chance(KEYS),
			 name = random_chance(6) == 0;

		if (random_chance(3) == 0) {
			send_flow((uint16_t)(1000 + port), domain);
			brings[port][domain] = true;
			continue;
		}
		name_announce((uint16_t)(1000 + port), domain, (uint8_t)key,
		    texts[name]);
		said[port][domain][key] = (int)name + 1;
	}
}

/* 0: no name; -1: several. */
static int
names_merge(int name, int other)
{
	if (name == 0 || name == other || other == 0)
		return name == 0 ? other : name;
	return -1;
}

/* What holds for the flows of a stream, step by step. */
static int
name_expected(int port, int domain, int key)
{
	int of_port = 0, of_all = 0, lent = 0;

	if (said[port][domain][key] != 0)
		return said[port][domain][key];
	for (int p = 0; p < PORTS; p++) {
		int its = 0;
		bool flows = false;

		for (int d = 0; d < DOMAINS; d++) {
			its = names_merge(its, said[p][d][key]);
			flows |= brings[p][d];
		}
		if (p == port)
			of_port = its;
		of_all = names_merge(of_all, its);
		if (!flows)
			lent = names_merge(lent, its);
	}
	if (of_port != 0)
		return of_port;
	return of_all > 0 ? lent : of_all;
}

/* Of a stream, of its port, or of all flows. */
enum { LEVELS = 3 };

static void
put_entry(struct buf *entry, int level, int port, int domain, int key,
    const char *text)
{
	buf_reset(entry);
	buf_append_char(entry, '{');
	if (level < 2)
		buf_printf(entry, "\"version\":9,\"port\":%d,", 1000 + port);
	if (level < 1)
		buf_printf(entry, "\"domain\":%d,", domain);
	buf_printf(entry, NAME("%02x", "%s"), (unsigned)key, text);
	buf_append_char(entry, '\0');
	assert_true(buf_ok(entry));
}

/* The name in the report, in the narrowest entry that there is. */
static int
name_reported(const char *report, int port, int domain, int key)
{
	struct buf entry;
	int name = 0;

	buf_init(&entry, 256);
	for (int level = 0; level < LEVELS && name == 0; level++)
		for (int text = 0; text < TEXTS; text++) {
			put_entry(&entry, level, port, domain, key,
			    texts[text]);
			if (strstr(report, (char *)entry.ptr) != NULL)
				name = names_merge(name, text + 1);
		}
	buf_fini(&entry);
	return name;
}

static void
names_are_those_found_step_by_step(void **unused)
{
	unsigned found = 0, none = 0;

	for (int i = 0; i < 3000; i++) {
		const char *report;

		names_fill();
		/* Something is sent, so the exporter is known. */
		report = names_report();
		for (int k = 0; k < PORTS * DOMAINS * KEYS; k++) {
			int port = k % PORTS, domain = k / PORTS % DOMAINS;
			int key = k / PORTS / DOMAINS, want;

			if (!brings[port][domain])
				continue;
			want = name_expected(port, domain, key);
			assert_int_equal(
			    name_reported(report, port, domain, key),
			    want > 0 ? want : 0);
			found += want > 0;
			none += want < 0;
		}
		(void)decoder_teardown(unused);
		assert_int_equal(decoder_setup(unused), 0);
	}
	assert_true(found > 1000 && none > 100);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, decoder_setup, decoder_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_of_one_exporter_hold_for_all_its_flows),
		TEST(names_behind_one_address_hold_for_their_ports),
		TEST(names_of_a_port_without_flows_hold_for_others),
		TEST(names_of_a_port_that_may_bring_flows_are_its_own),
		TEST(names_of_domains_that_differ_hold_for_each),
		TEST(names_hold_for_their_version),
		TEST(names_follow_an_exporter_to_its_new_port),
		TEST(names_are_those_found_step_by_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
