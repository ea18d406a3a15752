/* Addresses and prefixes: lib/base/addr.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "../random.h"
#include "addr.h"
#include "result.h"

static struct addr
addr_of(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static void
assert_refused(const char *text)
{
	struct addr a = addr_from_v4(1);

	assert_int_equal(addr_parse(text, &a), FLOWD_EINVAL);
	assert_int_equal(a.family, ADDR_V4);
	assert_int_equal(a.v4, 1);
}

static void
assert_text(const struct addr *a, const char *want)
{
	char text[ADDR_TEXT_MAX];

	text[addr_format(a, text)] = '\0';
	assert_string_equal(text, want);
}

static void
ipv4_is_read_in_its_usual_form(void **state)
{
	(void)state;
	assert_int_equal(addr_of("192.0.2.1").v4, 0xc0000201);
	assert_int_equal(addr_of("192.0.2.1").family, ADDR_V4);
	assert_int_equal(addr_of("0.0.0.0").v4, 0);
	assert_int_equal(addr_of("255.255.255.255").v4, UINT32_MAX);
}

static void
ipv4_is_read_in_the_short_forms_of_inet_aton(void **state)
{
	(void)state;
	assert_int_equal(addr_of("10").v4, 10);
	assert_int_equal(addr_of("127.1").v4, 0x7f000001);
	assert_int_equal(addr_of("10.1.2").v4, 0x0a010002);
	assert_int_equal(addr_of("10.65535").v4, 0x0a00ffff);
	assert_int_equal(addr_of("0x7f.0.0.010").v4, 0x7f000008);
	assert_int_equal(addr_of("4294967295").v4, UINT32_MAX);
}

static void
ipv4_with_a_number_too_large_is_refused(void **state)
{
	(void)state;
	assert_refused("256.0.0.1");
	assert_refused("1.2.3.256");
	assert_refused("1.2.65536");
	assert_refused("1.16777216");
	assert_refused("4294967296");
	assert_refused("18446744073709551616");
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const texts[] = { "", ".", "1.", ".1", "1..2",
		"1.2.3.4.5", "1.2.3.4 ", " 1.2.3.4", "+1.2.3.4", "-1",
		"1.2.3.4x", "0x", "08", "host", "[1.2.3.4]", ":", ":::",
		"1::2::3", "12345::", "::1]", "[::1", "[]", "::1%", "::1%",
		"::1%no such interface", "1:2:3:4:5:6:7", "::g" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_refused(texts[i]);
}

static void
a_name_of_a_host_has_a_hint(void **state)
{
	static const char *const texts[] = { "", "10.0.0.300", "1-2", "::1%x",
		"host:1", "*", "any" };

	(void)state;
	assert_string_equal(
	    addr_hint("localhost", false), "; write 127.0.0.1 or ::1");
	assert_string_equal(
	    addr_hint("localhost", true), "; write 127.0.0.1 or [::1]");
	assert_string_equal(addr_hint("a.example.org", true),
	    "; host names are not looked up");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(addr_hint(texts[i], true), "");
}

static void
ipv6_is_read_with_and_without_brackets(void **state)
{
	struct addr a = addr_of("2001:db8::1"), b = addr_of("[2001:db8::1]");

	(void)state;
	assert_int_equal(a.family, ADDR_V6);
	assert_true(a.v6.hi == UINT64_C(0x20010db800000000));
	assert_true(a.v6.lo == 1);
	assert_int_equal(a.scope, 0);
	assert_true(addr_equal(&a, &b));
}

static void
ipv6_of_any_length_is_read_without_reading_past_it(void **state)
{
	char text[256];

	(void)state;
	memset(text, ':', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_refused(text);
}

static void
a_scope_is_a_number_or_an_interface(void **state)
{
	char text[ADDR_TEXT_MAX], name[IF_NAMESIZE];
	struct addr a = addr_of("fe80::1%7777");

	(void)state;
	assert_int_equal(a.scope, 7777);
	assert_refused("fe80::1%4294967296");
	if (if_indextoname(1, name) == NULL)
		return;
	(void)snprintf(text, sizeof(text), "[fe80::1%%%s]", name);
	assert_int_equal(addr_of(text).scope, 1);
}

static void
addresses_are_equal_only_with_all_that_counts(void **state)
{
	struct addr v4 = addr_from_v4(1), none = { .family = ADDR_NONE };
	struct addr a = addr_of("fe80::1%1"), b = addr_of("fe80::1%2");

	(void)state;
	assert_true(addr_equal(&v4, &v4));
	assert_true(addr_equal(&none, &none));
	assert_false(addr_equal(&v4, &none));
	assert_false(addr_equal(&a, &b));
	b.scope = a.scope;
	assert_true(addr_equal(&a, &b));
	b.v6.hi ^= 1;
	assert_false(addr_equal(&a, &b));
	/* What the family does not name is no difference. */
	v4.v6.lo = 7;
	b = addr_from_v4(1);
	assert_true(addr_equal(&v4, &b));
}

static struct addr
addr_masked(const char *text, unsigned len)
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p), 0);
	assert_int_equal(p.len, len);
	return p.addr;
}

static void
a_prefix_has_the_length_given_or_that_of_a_host(void **state)
{
	(void)state;
	assert_int_equal(addr_masked("10.0.0.0/8", 8).v4, 0x0a000000);
	assert_int_equal(addr_masked("0.0.0.0/0", 0).v4, 0);
	assert_int_equal(addr_masked("10.1.2.3", 32).v4, 0x0a010203);
	assert_int_equal(addr_masked("10.1.2.3/32", 32).v4, 0x0a010203);
	assert_int_equal(addr_masked("2001:db8::/32", 32).family, ADDR_V6);
	assert_int_equal(addr_masked("[2001:db8::]/64", 64).family, ADDR_V6);
	assert_int_equal(addr_masked("[::1]", 128).v6.lo, 1);
	assert_int_equal(addr_masked("::/0", 0).v6.lo, 0);
}

static void
a_prefix_with_bits_behind_its_length_is_refused(void **state)
{
	static const char *const texts[] = { "10.0.0.1/8", "10.0.0.1/31",
		"128.0.0.0/0", "2001:db8::1/64", "2001:db8:0:1::/63",
		"::1/127", "8000::/0" };
	struct prefix p;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(prefix_parse(texts[i], &p), FLOWD_ERANGE);
}

static void
a_prefix_with_a_length_that_is_none_is_refused(void **state)
{
	static const char *const texts[] = { "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8x",
		"::/129", "::/", "/8", "10.0.0.0/8/8", "0.0.0.0/4294967296" };
	struct prefix p;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(prefix_parse(texts[i], &p), FLOWD_EINVAL);
}

/* As slow and plain as can be: bit by bit. */
static bool
matches_bit_by_bit(const struct prefix *p, const struct addr *a)
{
	uint8_t x[16], y[16];

	addr6_store(x, p->addr.family == ADDR_V6 ? p->addr.v6
		: (struct addr6) { (uint64_t)p->addr.v4 << 32, 0 });
	addr6_store(y, a->family == ADDR_V6 ? a->v6
		: (struct addr6) { (uint64_t)a->v4 << 32, 0 });
	for (unsigned i = 0; i < p->len; i++)
		if ((x[i / 8] ^ y[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static void
every_prefix_length_matches_what_it_should(void **state)
{
	struct random r = { 1 };
	char text[ADDR_TEXT_MAX + 4];

	(void)state;
	for (unsigned i = 0; i < 129 * 40; i++) {
		unsigned len = i % 129, flip = random_u32(&r) % 128;
		struct addr a = addr_from_v6((struct addr6) {
		    random_u64(&r), random_u64(&r) });
		struct prefix p = { a, (uint8_t)len };

		if (len < 64)
			p.addr.v6.hi &= len == 0 ? 0 : ~(UINT64_MAX >> len);
		p.addr.v6.lo &= len <= 64 ? 0
		    : len == 128 ? UINT64_MAX : ~(UINT64_MAX >> (len - 64));
		text[addr_format(&p.addr, text)] = '\0';
		(void)snprintf(text + strlen(text), 5, "/%u", len);
		assert_int_equal(prefix_parse(text, &p), 0);
		assert_true(prefix_match(&p, &a));
		if (flip < 64)
			a.v6.lo ^= UINT64_C(1) << flip;
		else
			a.v6.hi ^= UINT64_C(1) << (flip - 64);
		assert_int_equal(prefix_match(&p, &a),
		    matches_bit_by_bit(&p, &a));
	}
	for (unsigned len = 0; len <= 32; len++) {
		struct addr a = addr_from_v4(random_u32(&r));
		struct prefix p = { a, (uint8_t)len };

		p.addr.v4 &= len == 0 ? 0 : ~(uint32_t)0 << (32 - len);
		assert_true(prefix_match(&p, &a));
		a.v4 ^= UINT32_C(1) << random_u32(&r) % 32;
		assert_int_equal(prefix_match(&p, &a),
		    matches_bit_by_bit(&p, &a));
	}
}

static void
a_prefix_matches_no_other_family(void **state)
{
	struct prefix all4 = { .addr = addr_from_v4(0) };
	struct prefix all6 = { .addr = { .family = ADDR_V6 } };
	struct addr v4 = addr_from_v4(0), v6 = addr_of("::");
	struct addr none = { .family = ADDR_NONE };

	(void)state;
	assert_true(prefix_match(&all4, &v4));
	assert_false(prefix_match(&all4, &v6));
	assert_true(prefix_match(&all6, &v6));
	assert_false(prefix_match(&all6, &v4));
	assert_false(prefix_match(&all4, &none));
	assert_false(prefix_match(&all6, &none));
}

static void
a_prefix_asks_for_a_scope_only_if_it_has_one(void **state)
{
	struct prefix any, one;
	struct addr a = addr_of("fe80::1%3");

	(void)state;
	assert_int_equal(prefix_parse("fe80::/10", &any), 0);
	assert_int_equal(prefix_parse("fe80::%3/10", &one), 0);
	assert_true(prefix_match(&any, &a));
	assert_true(prefix_match(&one, &a));
	a.scope = 4;
	assert_true(prefix_match(&any, &a));
	assert_false(prefix_match(&one, &a));
}

static void
assert_text6_is_that_of_the_system(struct addr6 v6)
{
	char text[ADDR_TEXT_MAX], want[INET6_ADDRSTRLEN];
	struct in6_addr in6;

	addr6_store(in6.s6_addr, v6);
	assert_non_null(inet_ntop(AF_INET6, &in6, want, sizeof(want)));
	text[addr6_format(v6, text)] = '\0';
	assert_string_equal(text, want);
}

static void
text_of_ipv6_is_that_of_the_system(void **state)
{
	struct random r = { 2 };

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		struct addr6 v6 = { random_u64(&r), random_u64(&r) };
		uint32_t zeros = random_u32(&r);

		/* Zero groups, and groups of few digits, are what matters. */
		for (unsigned g = 0; g < 4; g++) {
			uint64_t hi = UINT64_C(0xffff) << 16 * g;
			uint64_t few = UINT64_C(0xfff0) << 16 * g;

			v6.hi &= zeros >> g & 1 ? ~hi : ~UINT64_C(0);
			v6.lo &= zeros >> (4 + g) & 1 ? ~hi : ~UINT64_C(0);
			v6.hi &= zeros >> (8 + g) & 1 ? ~few : ~UINT64_C(0);
			v6.lo &= zeros >> (12 + g) & 1 ? ~few : ~UINT64_C(0);
		}
		assert_text6_is_that_of_the_system(v6);
	}
}

static void
text_of_special_ipv6_addresses_is_that_of_the_system(void **state)
{
	static const char *const texts[] = { "::", "::1", "::2", "::ffff",
		"::1:0", "::0.1.0.1", "::1.2.3.4", "::ffff:0:0",
		"::ffff:1.2.3.4", "::ffff:0.0.0.1", "::fffe:1.2.3.4",
		"64:ff9b::1.2.3.4", "::1:ffff:1.2.3.4", "::ffff:0:1.2.3.4",
		"fe80::", "ff02::1", "1:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:0", "1:0:0:4:5:0:0:8", "1:0:0:0:5:0:0:0",
		"1:0:3:0:5:0:7:0", "2001:db8::1:0:0:1", "1::8", "0:0:3::",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_text6_is_that_of_the_system(addr_of(texts[i]).v6);
}

static void
text_of_ipv4_is_that_of_the_system(void **state)
{
	struct random r = { 3 };
	char text[ADDR_TEXT_MAX], want[INET_ADDRSTRLEN];

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		uint32_t v4 = i < 256 ? i * 0x01010101 : random_u32(&r);
		struct in_addr in = { .s_addr = htonl(v4) };

		assert_non_null(inet_ntop(AF_INET, &in, want, sizeof(want)));
		text[addr4_format(v4, text)] = '\0';
		assert_string_equal(text, want);
	}
}

static void
text_of_an_address_is_that_of_its_family(void **state)
{
	struct addr v4 = addr_from_v4(0x01020304), v6 = addr_of("fe80::1%5");
	struct addr none = { .family = ADDR_NONE };

	(void)state;
	assert_text(&v4, "1.2.3.4");
	assert_text(&v6, "fe80::1");
	assert_text(&none, "");
}

static void
octets_of_ipv6_are_in_network_order(void **state)
{
	const uint8_t in[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
		15, 16 };
	struct addr6 a = addr6_load(in);
	uint8_t out[16];

	(void)state;
	assert_true(a.hi == UINT64_C(0x0102030405060708));
	assert_true(a.lo == UINT64_C(0x090a0b0c0d0e0f10));
	addr6_store(out, a);
	assert_memory_equal(in, out, 16);
}

static void
a_sockaddr_holds_all_of_an_address(void **state)
{
	const char *const texts[] = { "192.0.2.1", "2001:db8::1",
		"fe80::1%3" };
	struct sockaddr_storage ss;
	struct addr a, b;
	uint16_t port;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		a = addr_of(texts[i]);
		assert_int_equal(addr_to_sockaddr(&a, 2055, &ss),
		    i == 0 ? sizeof(struct sockaddr_in)
			   : sizeof(struct sockaddr_in6));
		b = addr_from_sockaddr((const struct sockaddr *)&ss, &port);
		assert_true(addr_equal(&a, &b));
		assert_int_equal(port, 2055);
	}
}

static void
no_address_has_no_sockaddr(void **state)
{
	struct addr none = { .family = ADDR_NONE };
	struct sockaddr_storage ss;
	uint16_t port = 1;

	(void)state;
	assert_int_equal(addr_to_sockaddr(&none, 1, &ss), 0);
	ss.ss_family = AF_UNIX;
	none = addr_from_sockaddr((const struct sockaddr *)&ss, &port);
	assert_int_equal(none.family, ADDR_NONE);
	assert_int_equal(port, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_read_in_its_usual_form),
		cmocka_unit_test(ipv4_is_read_in_the_short_forms_of_inet_aton),
		cmocka_unit_test(ipv4_with_a_number_too_large_is_refused),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(a_name_of_a_host_has_a_hint),
		cmocka_unit_test(ipv6_is_read_with_and_without_brackets),
		cmocka_unit_test(
		    ipv6_of_any_length_is_read_without_reading_past_it),
		cmocka_unit_test(a_scope_is_a_number_or_an_interface),
		cmocka_unit_test(addresses_are_equal_only_with_all_that_counts),
		cmocka_unit_test(
		    a_prefix_has_the_length_given_or_that_of_a_host),
		cmocka_unit_test(
		    a_prefix_with_bits_behind_its_length_is_refused),
		cmocka_unit_test(
		    a_prefix_with_a_length_that_is_none_is_refused),
		cmocka_unit_test(every_prefix_length_matches_what_it_should),
		cmocka_unit_test(a_prefix_matches_no_other_family),
		cmocka_unit_test(a_prefix_asks_for_a_scope_only_if_it_has_one),
		cmocka_unit_test(text_of_ipv6_is_that_of_the_system),
		cmocka_unit_test(
		    text_of_special_ipv6_addresses_is_that_of_the_system),
		cmocka_unit_test(text_of_ipv4_is_that_of_the_system),
		cmocka_unit_test(text_of_an_address_is_that_of_its_family),
		cmocka_unit_test(octets_of_ipv6_are_in_network_order),
		cmocka_unit_test(a_sockaddr_holds_all_of_an_address),
		cmocka_unit_test(no_address_has_no_sockaddr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
