/* Classic addresses: lib/api/compat/compat_addr.c. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <flowd/compat.h>

static struct xaddr
addr(const char *text)
{
	struct xaddr a;

	assert_int_equal(addr_pton(text, &a), 0);
	return a;
}

#define IS(a, text) assert_string_equal(addr_ntop_buf(a), (text))

static void
texts_are_read_and_written(void **state)
{
	static const char *const good[] = { "0.0.0.0", "255.255.255.255",
		"10.1.2.3", "::", "::1", "2001:db8::1", "::ffff:192.0.2.1",
		"fe80::1%7" };
	static const char *const bad[] = { "", "host", "10.1.2.3.4",
		"256.0.0.1",
		"2001:db8:::", "10.1.2.3/8" };
	char text[64], small[8];
	struct xaddr a;
	unsigned len;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		a = addr(good[i]);
		IS(&a, good[i]);
		assert_int_equal(addr_ntop(&a, text, sizeof(text)), 0);
		assert_int_equal(addr_ntop(&a, text, strlen(good[i])), -1);
		assert_int_equal(addr_pton(good[i], NULL), 0);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(addr_pton(bad[i], &a), -1);
	assert_int_equal(addr_pton(NULL, &a), -1);
	a = (struct xaddr) { .af = AF_UNSPEC };
	assert_int_equal(addr_ntop(&a, small, sizeof(small)), -1);
	assert_null(addr_ntop_buf(&a));
	assert_int_equal(addr_pton_cidr("10.0.0.0/8", &a, &len), 0);
	assert_int_equal(len, 8);
	assert_int_equal(addr_pton_cidr("10.0.0.1/8", &a, &len), -2);
	assert_int_equal(addr_pton_cidr("10.0.0.1/33", &a, &len), -1);
	assert_int_equal(addr_pton_cidr("2001:db8::/32", &a, &len), 0);
	assert_int_equal(len, 32);
	assert_int_equal(addr_pton_cidr("10.0.0.1", NULL, &len), 0);
	assert_int_equal(len, 32);
}

static void
masks_are_made(void **state)
{
	struct xaddr m;

	(void)state;
	assert_int_equal(addr_unicast_masklen(AF_INET), 32);
	assert_int_equal(addr_unicast_masklen(AF_INET6), 128);
	assert_int_equal(addr_unicast_masklen(AF_UNIX), -1);
	assert_int_equal(addr_netmask(AF_INET, 19, &m), 0);
	IS(&m, "255.255.224.0");
	assert_int_equal(addr_hostmask(AF_INET, 19, &m), 0);
	IS(&m, "0.0.31.255");
	assert_int_equal(addr_netmask(AF_INET, 0, &m), 0);
	IS(&m, "0.0.0.0");
	assert_int_equal(addr_netmask(AF_INET, 32, &m), 0);
	IS(&m, "255.255.255.255");
	assert_int_equal(addr_netmask(AF_INET6, 33, &m), 0);
	IS(&m, "ffff:ffff:8000::");
	assert_int_equal(addr_netmask(AF_INET, 33, &m), -1);
	assert_int_equal(addr_netmask(AF_INET6, 129, &m), -1);
	assert_int_equal(addr_netmask(AF_UNIX, 8, &m), -1);
}

static void
bits_are_combined(void **state)
{
	struct xaddr a = addr("10.1.2.3"), b = addr("255.255.0.0"), r;
	struct xaddr six = addr("2001:db8::1");

	(void)state;
	assert_int_equal(addr_and(&r, &a, &b), 0);
	IS(&r, "10.1.0.0");
	assert_int_equal(addr_or(&r, &a, &b), 0);
	IS(&r, "255.255.2.3");
	assert_int_equal(addr_and(&r, &a, &six), -1);
	assert_int_equal(addr_or(&r, &six, &a), -1);
	assert_int_equal(addr_invert(&b), 0);
	IS(&b, "0.0.255.255");
	assert_int_equal(addr_host_to_all0s(&a, 8), 0);
	IS(&a, "10.0.0.0");
	assert_int_equal(addr_host_to_all1s(&a, 8), 0);
	IS(&a, "10.255.255.255");
	assert_int_equal(addr_host_to_all1s(&a, 33), -1);
}

static void
bits_are_compared(void **state)
{
	struct xaddr a = addr("10.1.0.0"), b = addr("10.1.255.255");
	struct xaddr zero = addr("0.0.0.0"), six = addr("::");
	struct xaddr one = addr("fe80::1%1"), two = addr("fe80::1%2");
	struct xaddr any = addr("fe80::");

	(void)state;
	assert_int_equal(addr_host_is_all0s(&a, 16), 0);
	assert_int_equal(addr_host_is_all0s(&a, 15), -1);
	assert_int_equal(addr_host_is_all1s(&b, 16), 0);
	assert_int_equal(addr_host_is_all1s(&b, 14), -1);
	assert_int_equal(addr_is_all0s(&zero), 0);
	assert_int_equal(addr_is_all0s(&six), 0);
	assert_int_equal(addr_is_all0s(&a), -1);
	assert_int_equal(addr_cmp(&a, &a), 0);
	assert_true(addr_cmp(&a, &b) < 0 && addr_cmp(&b, &a) > 0);
	assert_true(addr_cmp(&zero, &six) != 0);
	assert_true(addr_cmp(&one, &two) < 0);
	assert_int_equal(addr_netmatch(&b, &a, 16), 0);
	assert_int_equal(addr_netmatch(&b, &a, 17), -1);
	assert_int_equal(addr_netmatch(&b, &zero, 0), 0);
	assert_int_equal(addr_netmatch(&six, &zero, 0), -1);
	assert_int_equal(addr_netmatch(&one, &any, 64), 0);
	any.scope_id = 2;
	assert_int_equal(addr_netmatch(&one, &any, 64), -1);
	assert_int_equal(addr_netmatch(&two, &any, 64), 0);
}

static void
sockaddrs_come_back(void **state)
{
	static const char *const texts[] = { "10.1.2.3", "fe80::1%3" };
	struct sockaddr_storage ss;
	struct sockaddr *sa = (struct sockaddr *)&ss;
	char host[64], port[8];
	struct xaddr a, b;
	socklen_t len;

	(void)state;
	for (int i = 0; i < 2; i++) {
		a = addr(texts[i]);
		len = sizeof(ss);
		assert_int_equal(addr_xaddr_to_sa(&a, sa, &len, 2055), 0);
		assert_int_equal(addr_sa_to_xaddr(sa, len, &b), 0);
		assert_int_equal(addr_cmp(&a, &b), 0);
		assert_int_equal(addr_sa_ntop(sa, len, host, sizeof(host),
		    port, sizeof(port)), 0);
		assert_string_equal(host, texts[i]);
		assert_string_equal(port, "2055");
		assert_int_equal(addr_sa_to_xaddr(sa, len - 1, &b), -1);
		len--;
		assert_int_equal(addr_xaddr_to_sa(&a, sa, &len, 2055), -1);
	}
	assert_int_equal(
	    addr_sa_pton("192.0.2.1", "53", sa, sizeof(ss)), 0);
	assert_int_equal(((struct sockaddr_in *)sa)->sin_port, htons(53));
	assert_int_equal(addr_sa_pton("192.0.2.1", "65536", sa, 128), -1);
	assert_int_equal(addr_sa_pton("192.0.2.1", "53", sa, 4), -1);
	assert_int_equal(addr_sa_pton("192.0.2.1", NULL, NULL, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read_and_written),
		cmocka_unit_test(masks_are_made),
		cmocka_unit_test(bits_are_combined),
		cmocka_unit_test(bits_are_compared),
		cmocka_unit_test(sockaddrs_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
