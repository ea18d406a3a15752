/*
 * Addresses with ports, and sizes, as text: flowd/ipc/endpoint.c; collectors:
 * flowd/ipc/collector.c; listeners by address: flowd/ipc/listener.c.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector.h"
#include "listener.h"

static struct endpoint
endpoint_of(const char *addr, uint16_t port, const char *iface)
{
	struct endpoint e = { .port = port };

	assert_int_equal(addr_parse(addr, &e.addr), 0);
	(void)snprintf(e.iface, sizeof(e.iface), "%s", iface);
	return e;
}

static void
endpoints_are_written_with_brackets_and_interface(void **state)
{
	static const struct {
		const char *addr, *iface, *text;
	} rows[] = {
		{ "192.0.2.1", "", "192.0.2.1:2055" },
		{ "0.0.0.0", "eth0", "0.0.0.0:2055 on eth0" },
		{ "2001:db8::1", "", "[2001:db8::1]:2055" },
		{ "::", "eth0", "[::]:2055 on eth0" },
	};
	char text[ENDPOINT_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct endpoint e =
		    endpoint_of(rows[i].addr, 2055, rows[i].iface);

		assert_string_equal(endpoint_format(&e, text), rows[i].text);
	}
}

static void
sizes_have_binary_units(void **state)
{
	static const struct {
		uint64_t octets;
		const char *text;
	} rows[] = {
		{ 0, "0 octets" },
		{ 10239, "10239 octets" },
		{ 10240, "10 KiB" },
		{ 212992, "208 KiB" },
		{ 64 * 1024 * 1024, "64 MiB" },
		{ UINT64_C(1) << 40, "1024 GiB" },
	};
	char text[SIZE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    size_format(rows[i].octets, text), rows[i].text);
}

static void
collectors_differ_in_address_port_and_spoof(void **state)
{
	struct collector a = { .port = 2055 }, b;
	char text[ENDPOINT_TEXT_MAX];

	(void)state;
	assert_int_equal(addr_parse("192.0.2.1", &a.addr), 0);
	assert_string_equal(collector_format(&a, text), "192.0.2.1:2055");
	b = a;
	assert_true(collector_equal(&a, &b));
	b.port = 2056;
	assert_false(collector_equal(&a, &b));
	b = a;
	b.spoof = true;
	assert_false(collector_equal(&a, &b));
	b = a;
	assert_int_equal(addr_parse("192.0.2.2", &b.addr), 0);
	assert_false(collector_equal(&a, &b));
}

static void
a_socket_is_connected_to_its_collector(void **state)
{
	struct collector to = { .port = 2055 };
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)state;
	assert_int_equal(addr_parse("127.0.0.1", &to.addr), 0);
	assert_int_equal(collector_connect(&to, fd), 0);
	assert_int_equal(
	    getpeername(fd, (struct sockaddr *)&sin, &len), 0);
	assert_int_equal(ntohs(sin.sin_port), 2055);
	assert_int_equal(ntohl(sin.sin_addr.s_addr), INADDR_LOOPBACK);
	(void)close(fd);
}

static void
a_listener_is_found_by_address_port_and_interface(void **state)
{
	struct listener list[3] = {
		{ .at = endpoint_of("192.0.2.1", 2055, ""), .rcvbuf = 300 },
		{ .at = endpoint_of("192.0.2.1", 2055, "eth0"),
		    .rcvbuf = 100 },
		{ .at = endpoint_of("::1", 2055, ""), .rcvbuf = 200 },
	};
	const struct listeners ls = { .list = list, .n = 3 };
	struct endpoint at = endpoint_of("192.0.2.1", 2055, "eth0");

	(void)state;
	assert_ptr_equal(listeners_find(&ls, &at), &list[1]);
	at = endpoint_of("::1", 2055, "");
	assert_ptr_equal(listeners_find(&ls, &at), &list[2]);
	at.port++;
	assert_null(listeners_find(&ls, &at));
	assert_int_equal(listeners_rcvbuf(&ls), 100);
	assert_int_equal(listeners_rcvbuf(&(struct listeners){ .n = 0 }), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    endpoints_are_written_with_brackets_and_interface),
		cmocka_unit_test(sizes_have_binary_units),
		cmocka_unit_test(collectors_differ_in_address_port_and_spoof),
		cmocka_unit_test(a_socket_is_connected_to_its_collector),
		cmocka_unit_test(
		    a_listener_is_found_by_address_port_and_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
