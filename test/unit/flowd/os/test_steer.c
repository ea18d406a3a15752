/*
 * Each exporter on one socket, whatever its port: flowd/os/steer_linux.c, and
 * listener_open_steered() in flowd/sockets/listener.c.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "listen.h"
#include "multicast.h"
#include "steer.h"

enum {
	WORKERS = 5, /* no power of two */
	EXPORTERS = 60,
	PORTS = 12, /* that each sends from */
	DATAGRAMS = 2 /* from each */
};

static struct {
	struct listener l[WORKERS];
	unsigned seen[EXPORTERS][WORKERS];
	unsigned n; /* sockets */
	const char *net; /* where exporters are */
	bool own_network;
} t;

static void
address_of(unsigned exporter, char text[ADDR_TEXT_MAX])
{
	(void)snprintf(text, ADDR_TEXT_MAX, "%s%u", t.net, exporter + 1);
}

static int
socket_from(const struct addr *a)
{
	struct sockaddr_storage ss;
	unsigned len = addr_to_sockaddr(a, 0, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM, 0);

	assert_int_not_equal(fd, -1);
	if (bind(fd, (struct sockaddr *)&ss, len) != 0)
		fail_msg("cannot send from an address of %s", t.net);
	return fd;
}

/* The number of the exporter is what is sent. */
static void
send_from(unsigned exporter)
{
	const struct endpoint *at = &t.l[0].at;
	struct sockaddr_storage ss;
	char text[ADDR_TEXT_MAX];
	uint8_t octets[64] = { (uint8_t)exporter };
	unsigned len = addr_to_sockaddr(&at->addr, at->port, &ss);
	struct addr a;
	int fd;

	address_of(exporter, text);
	assert_int_equal(addr_parse(text, &a), 0);
	for (unsigned port = 0; port < PORTS; port++) {
		fd = socket_from(&a);
		for (unsigned i = 0; i < DATAGRAMS; i++)
			assert_int_equal(sendto(fd, octets, sizeof(octets), 0,
					     (struct sockaddr *)&ss, len),
			    sizeof(octets));
		(void)close(fd);
	}
}

static void
receive_all(void)
{
	uint8_t octets[100];

	for (unsigned w = 0; w < t.n; w++)
		while (recv(t.l[w].fd, octets, sizeof(octets), 0) > 0)
			t.seen[octets[0]][w]++;
}

/* A port that is free now, as all of them must be bound to one. */
static uint16_t
free_port(const struct addr *a)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd = socket_from(a);
	uint16_t port;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	(void)addr_from_sockaddr((struct sockaddr *)&ss, &port);
	(void)close(fd);
	return port;
}

/* Returns how many sockets there are: one where it cannot be steered. */
static int
open_all(const char *to)
{
	struct endpoint at = { .bufsize = 1024 * 1024 };

	assert_int_equal(addr_parse(to, &at.addr), 0);
	at.port = free_port(&at.addr);
	memset(t.seen, 0, sizeof(t.seen));
	t.n = (unsigned)listener_open_steered(t.l, WORKERS, &at);
	return (int)t.n;
}

static void
close_all(void)
{
	for (unsigned w = 0; w < t.n; w++)
		(void)close(t.l[w].fd);
}

/* Which worker has all of it: the one that arithmetic names. */
static unsigned
worker_of(unsigned exporter)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;
	unsigned w = 0;

	while (w < WORKERS && t.seen[exporter][w] == 0)
		w++;
	assert_in_range(w, 0, WORKERS - 1);
	assert_int_equal(t.seen[exporter][w], PORTS * DATAGRAMS);
	address_of(exporter, text);
	assert_int_equal(addr_parse(text, &a), 0);
	assert_int_equal(w, steer_choose(&a, t.n));
	return w;
}

static bool
can_steer(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool can = steer_share(fd) == 0;

	(void)close(fd);
	return can;
}

static void
steer_check(const char *to)
{
	unsigned load[WORKERS] = { 0 };

	assert_int_equal(open_all(to), can_steer() ? WORKERS : 1);
	for (unsigned e = 0; e < EXPORTERS; e++)
		send_from(e);
	receive_all();
	for (unsigned e = 0; e < EXPORTERS; e++)
		load[worker_of(e)]++;
	/* Neighbours are spread: none has nothing or most of them. */
	for (unsigned w = 0; w < WORKERS; w++)
		if (t.n > 1)
			assert_in_range(load[w], 1, EXPORTERS / 2);
	close_all();
}

static void
an_ipv4_exporter_has_one_socket(void **state)
{
	(void)state;
	t.net = "127.0.0.";
	steer_check("127.0.0.1");
}

/* In a network of our own, where we may have many addresses. */
static bool
add_addresses(void)
{
	char command[200];

	if (unshare(CLONE_NEWNET) != 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return false;
	(void)snprintf(command, sizeof(command),
	    "ip link set lo up && for i in $(seq %d); do "
	    "ip addr add fd00::$i/128 dev lo nodad || exit 1; done 2>/dev/null",
	    EXPORTERS);
	/* NOLINTNEXTLINE: a command of our own */
	return system(command) == 0;
}

static void
an_ipv6_exporter_has_one_socket(void **state)
{
	(void)state;
	t.net = "fd00::";
	t.own_network = add_addresses();
	if (!t.own_network)
		skip();
	steer_check("fd00::1");
}

/* The first only is a member: no other socket gets a copy. */
static void
a_group_is_received_once(void **state)
{
	struct multicast_group g = { .on = "lo" };
	struct sockaddr_storage ss;
	struct flowd_error err;
	unsigned len, got = 0;
	int fd;

	(void)state;
	/* Still in the network of our own. */
	if (!t.own_network || t.n == 1 ||
	    system("ip route add 239.0.0.0/8 dev lo") != 0)
		skip();
	assert_int_equal(open_all("0.0.0.0"), WORKERS);
	assert_int_equal(addr_parse("239.1.1.1", &g.addr), 0);
	if (multicast_join(t.l[0].fd, &g, "", &err) != 0)
		fail_msg("%s", err.text);
	len = addr_to_sockaddr(&g.addr, t.l[0].at.port, &ss);
	fd = socket_from(&t.l[0].at.addr);
	assert_int_equal(
	    sendto(fd, "", 1, 0, (struct sockaddr *)&ss, len), 1);
	(void)close(fd);
	receive_all();
	for (unsigned w = 0; w < WORKERS; w++)
		got += t.seen[0][w];
	assert_int_equal(t.seen[0][0], 1);
	assert_int_equal(got, 1);
	close_all();
}

static void
a_wrong_number_of_sockets_is_an_error(void **state)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)state;
	assert_int_equal(steer_attach(fd, ADDR_V4, 0), -1);
	assert_int_equal(steer_attach(fd, ADDR_V4, STEER_MAX + 1), -1);
	assert_int_equal(steer_attach(-1, ADDR_V6, 2), -1);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_exporter_has_one_socket),
		cmocka_unit_test(an_ipv6_exporter_has_one_socket),
		cmocka_unit_test(a_group_is_received_once),
		cmocka_unit_test(a_wrong_number_of_sockets_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
