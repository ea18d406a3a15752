/*
 * Packets with another's address: flowd/forward/spoof.c. They are read back by
 * lib/capture, which knows nothing of how they were made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "spoof.h"

enum { PAYLOAD_MAX = 65527, LINKTYPE_RAW = 101 };

static uint8_t payload[PAYLOAD_MAX];
static struct addr src, dst;

static struct spoof_datagram
datagram_of(const char *from, const char *to, size_t len)
{
	assert_int_equal(addr_parse(from, &src), 0);
	assert_int_equal(addr_parse(to, &dst), 0);
	for (size_t i = 0; i < len; i++)
		payload[i] = (uint8_t)(i * 7 + i / 255);
	return (struct spoof_datagram){
		.src = &src,
		.dst = &dst,
		.src_port = 40000,
		.dst_port = 2055,
		.payload = { payload, len },
		.ident = 0x12345678,
	};
}

/* The sum of RFC 1071, two octets at a time: 0xffff for what is right. */
static uint32_t
slow_sum(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return sum;
}

static void
check_v4(const uint8_t *p, size_t len, size_t mtu)
{
	assert_true(len <= mtu);
	assert_int_equal(load_be16(p + 2), len);
	assert_int_equal(slow_sum(0, p, 20), 0xffff);
	assert_int_equal(p[8], 64);
	assert_int_equal(load_be16(p + 6) & 0x4000, 0);
}

/* The whole UDP datagram of a packet that is not cut. */
static void
check_udp(const uint8_t *p, size_t len)
{
	bool v6 = p[0] >> 4 == 6;
	size_t head = v6 ? 40 : 20;
	uint8_t pseudo[4] = { 0, 17, (uint8_t)((len - head) >> 8),
		(uint8_t)(len - head) };
	uint32_t sum = slow_sum(0, v6 ? p + 8 : p + 12, v6 ? 32 : 8);

	sum = slow_sum(sum, pseudo, sizeof(pseudo));
	assert_int_equal(slow_sum(sum, p + head, len - head), 0xffff);
	assert_int_not_equal(load_be16(p + head + 6), 0);
}

/* All packets of a datagram as a capture. Returns their number. */
static unsigned
write_capture(FILE *f, const struct spoof_datagram *d, size_t mtu)
{
	const uint32_t file[6] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 262144,
		LINKTYPE_RAW };
	static uint8_t p[SPOOF_HEAD_MAX + PAYLOAD_MAX];
	uint8_t head[SPOOF_HEAD_MAX];
	struct bytes part;
	size_t at = 0, len;
	unsigned n = 0;

	assert_int_equal(fwrite(file, sizeof(file), 1, f), 1);
	while (at < SPOOF_UDP_HEAD + d->payload.len) {
		len = spoof_packet(d, mtu, &at, head, &part);
		memcpy(p, head, len);
		memcpy(p + len, part.ptr, part.len);
		len += part.len;
		const uint32_t packet[4] = { 1, n, (uint32_t)len,
			(uint32_t)len };
		assert_int_equal(fwrite(packet, sizeof(packet), 1, f), 1);
		assert_int_equal(fwrite(p, len, 1, f), 1);
		if (d->src->family == ADDR_V4)
			check_v4(p, len, mtu);
		assert_true(len <= mtu);
		n++;
	}
	if (n == 1)
		check_udp(p, len);
	return n;
}

static void
comes_back(const struct spoof_datagram *d, size_t mtu, unsigned packets)
{
	FILE *f = tmpfile();
	struct capture_datagram got;
	struct flowd_error err;
	struct capture *cap;

	assert_non_null(f);
	assert_int_equal(write_capture(f, d, mtu), packets);
	rewind(f);
	cap = capture_open(f, "packets", &err);
	if (cap == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(capture_next(cap, &got, &err), 1);
	assert_true(addr_equal(&got.src, d->src));
	assert_int_equal(got.src_port, d->src_port);
	assert_int_equal(got.payload.len, d->payload.len);
	assert_memory_equal(got.payload.ptr, d->payload.ptr, d->payload.len);
	assert_int_equal(capture_next(cap, &got, &err), 0);
	capture_close(cap);
}

static void
a_datagram_is_one_packet_where_it_fits(void **state)
{
	struct spoof_datagram d =
	    datagram_of("192.0.2.1", "198.51.100.2", 1464);

	(void)state;
	assert_int_equal(spoof_len(&d), 1492);
	comes_back(&d, 1500, 1);
	comes_back(&d, 1492, 1);
	d = datagram_of("2001:db8::1", "2001:db8:ffff::2", 1452);
	assert_int_equal(spoof_len(&d), 1500);
	comes_back(&d, 1500, 1);
	for (size_t len = 0; len < 20; len++) {
		d = datagram_of("192.0.2.1", "198.51.100.2", len);
		comes_back(&d, 1500, 1);
		d = datagram_of("fd00::1", "fd00::2", len);
		comes_back(&d, 1500, 1);
	}
}

static void
a_longer_one_is_cut(void **state)
{
	struct spoof_datagram d =
	    datagram_of("192.0.2.1", "198.51.100.2", 1464);

	(void)state;
	comes_back(&d, 1491, 2);
	comes_back(&d, 576, 3);
	comes_back(&d, 68, 31);
	d = datagram_of("192.0.2.1", "198.51.100.2", 65507);
	comes_back(&d, 65535, 1);
	comes_back(&d, 1500, 45);
	d = datagram_of("2001:db8::1", "2001:db8:ffff::2", 1453);
	comes_back(&d, 1500, 2);
	comes_back(&d, 1280, 2);
	d = datagram_of("2001:db8::1", "2001:db8:ffff::2", 65507);
	comes_back(&d, 1280, 54);
	for (size_t len = 1430; len < 1480; len++) {
		d = datagram_of("192.0.2.1", "198.51.100.2", len);
		comes_back(&d, 1480, len <= 1452 ? 1 : 2);
		d = datagram_of("fd00::1", "fd00::2", len);
		comes_back(&d, 1480, len <= 1432 ? 1 : 2);
	}
}

/* A sum of 0 would say that there is no checksum. */
static void
a_checksum_is_never_zero(void **state)
{
	struct spoof_datagram d = datagram_of("0.0.0.0", "0.0.0.0", 2);
	uint8_t head[SPOOF_HEAD_MAX];
	struct bytes part;
	size_t at;
	unsigned zeros = 0;

	(void)state;
	for (uint32_t v = 0; v <= UINT16_MAX; v++) {
		store_be16(payload, (uint16_t)v);
		at = 0;
		(void)spoof_packet(&d, 1500, &at, head, &part);
		zeros += load_be16(head + 26) == 0;
	}
	assert_int_equal(zeros, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_datagram_is_one_packet_where_it_fits),
		cmocka_unit_test(a_longer_one_is_cut),
		cmocka_unit_test(a_checksum_is_never_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
