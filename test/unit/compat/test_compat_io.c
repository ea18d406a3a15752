/* Classic logs in files: lib/api/compat/compat_io.c, compat_v2.c. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <flowd/compat.h>

enum { TEXT = 256, FLOWS = 5 };

static FILE *file;
static char ebuf[TEXT];

static int
set_up(void **state)
{
	(void)state;
	file = tmpfile();
	return file == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	return fclose(file);
}

static struct store_flow_complete
flow_of(uint32_t tag)
{
	struct store_flow_complete f;

	memset(&f, 0, sizeof(f));
	f.hdr.fields = htonl(STORE_FIELD_TAG | STORE_FIELD_SRC_ADDR4 |
	    STORE_FIELD_OCTETS | STORE_FIELD_CRC32);
	f.tag.tag = htonl(tag);
	f.octets.flow_octets = store_htonll(tag * 100);
	assert_int_equal(addr_pton("10.0.0.1", &f.src_addr), 0);
	return f;
}

static void
flows_are_written_and_read(void **state)
{
	struct store_flow_complete f;
	int fd = fileno(file);

	(void)state;
	for (uint32_t i = 1; i <= FLOWS; i++) {
		f = flow_of(i);
		assert_int_equal(store_put_flow(
		    fd, &f, STORE_FIELD_ALL, ebuf, sizeof(ebuf)), 0);
	}
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	for (uint32_t i = 1; i <= FLOWS; i++) {
		assert_int_equal(
		    store_get_flow(fd, &f, ebuf, sizeof(ebuf)), 0);
		assert_int_equal(ntohl(f.tag.tag), i);
	}
	assert_int_equal(store_get_flow(fd, &f, ebuf, sizeof(ebuf)),
	    STORE_ERR_EOF);
	rewind(file);
	for (uint32_t i = 1; i <= FLOWS; i++)
		assert_int_equal(
		    store_read_flow(file, &f, ebuf, sizeof(ebuf)), 0);
	assert_int_equal(store_read_flow(file, &f, ebuf, sizeof(ebuf)),
	    STORE_ERR_EOF);
	f = flow_of(9);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	assert_int_equal(store_write_flow(
	    file, &f, STORE_FIELD_TAG, ebuf, sizeof(ebuf)), 0);
	assert_int_equal(fflush(file), 0);
	assert_int_equal(lseek(fd, -12, SEEK_END) > 0, 1);
	assert_int_equal(store_get_flow(fd, &f, ebuf, sizeof(ebuf)), 0);
	assert_int_equal(ntohl(f.hdr.fields), STORE_FIELD_TAG);
}

/* A record that is not all there yet is read when it is. */
static void
a_log_that_grows_is_read_on(void **state)
{
	struct store_flow_complete f = flow_of(1), g;
	uint8_t record[512];
	int fd = fileno(file), len;

	(void)state;
	assert_int_equal(store_flow_serialise(
	    &f, record, sizeof(record), &len, NULL, 0), 0);
	for (int n = 0; n < len; n++) {
		assert_int_equal(pwrite(fd, record, (size_t)n, 0), n);
		assert_int_equal(store_get_flow(fd, &g, ebuf, sizeof(ebuf)),
		    STORE_ERR_EOF);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	}
	assert_int_equal(pwrite(fd, record, (size_t)len, 0), len);
	assert_int_equal(store_get_flow(fd, &g, ebuf, sizeof(ebuf)), 0);
	assert_int_equal(ntohl(g.tag.tag), 1);
}

/* Records of a head alone do not end the log. */
static void
heads_alone_are_flows(void **state)
{
	struct store_flow_complete f = { .hdr = { .version = STORE_VERSION } };
	int fd = fileno(file);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(store_put_flow(
		    fd, &f, STORE_FIELD_ALL, ebuf, sizeof(ebuf)), 0);
	rewind(file);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    store_read_flow(file, &f, ebuf, sizeof(ebuf)), 0);
	assert_int_equal(store_read_flow(file, &f, ebuf, sizeof(ebuf)),
	    STORE_ERR_EOF);
}

static void
errors_have_a_text(void **state)
{
	struct store_flow_complete f = flow_of(1);
	uint8_t octets[600];
	int fd = fileno(file);

	(void)state;
	memset(octets, 0xff, sizeof(octets));
	assert_int_equal(write(fd, octets, sizeof(octets)), sizeof(octets));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(store_get_flow(fd, &f, ebuf, sizeof(ebuf)),
	    STORE_ERR_INTERNAL);
	rewind(file);
	assert_int_equal(store_read_flow(file, &f, NULL, 0),
	    STORE_ERR_INTERNAL);
	assert_int_equal(store_get_flow(-1, &f, ebuf, sizeof(ebuf)),
	    STORE_ERR_IO);
	assert_string_equal(ebuf, "read: Bad file descriptor");
	f = flow_of(1);
	assert_int_equal(store_put_flow(
	    -1, &f, STORE_FIELD_ALL, ebuf, sizeof(ebuf)), STORE_ERR_IO);
	assert_string_equal(ebuf, "write: Bad file descriptor");
}

/* --- Version 2 --- */

static struct store_v2_flow_complete
v2_flow(void)
{
	struct store_v2_flow_complete f;

	memset(&f, 0, sizeof(f));
	f.hdr.fields = htonl(STORE_FIELD_ALL & ~STORE_FIELD_GATEWAY_ADDR);
	f.tag.tag = htonl(5);
	f.recv_time.recv_secs = htonl(1100000000);
	f.ifndx.if_index_in = htons(7);
	f.asinf.src_as = htons(64500);
	f.finf.engine_type = 1;
	f.finf.engine_id = 2;
	f.finf.flow_sequence = htonl(99);
	assert_int_equal(addr_pton("192.0.2.1", &f.agent_addr), 0);
	assert_int_equal(addr_pton("2001:db8::1", &f.src_addr), 0);
	assert_int_equal(addr_pton("2001:db8::2", &f.dst_addr), 0);
	return f;
}

static void
version_2_is_read_and_written(void **state)
{
	struct store_v2_flow_complete f = v2_flow(), g;
	struct store_v2_header hdr;
	struct store_flow_complete v3;
	int fd = fileno(file);

	(void)state;
	assert_int_equal(store_v2_put_header(fd, ebuf, sizeof(ebuf)), 0);
	for (int i = 0; i < FLOWS; i++)
		assert_int_equal(store_v2_put_flow(
		    fd, &f, STORE_FIELD_ALL, ebuf, sizeof(ebuf)), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(
	    store_v2_get_header(fd, &hdr, ebuf, sizeof(ebuf)), 0);
	assert_int_equal(store_v2_validate_header(&hdr, NULL, 0), 0);
	for (int i = 0; i < FLOWS; i++) {
		assert_int_equal(
		    store_v2_get_flow(fd, &g, ebuf, sizeof(ebuf)), 0);
		assert_int_equal(addr_cmp(&g.src_addr, &f.src_addr), 0);
		assert_memory_equal(&g.ports, &f.ports,
		    offsetof(struct store_v2_flow_complete, crc32) -
		    offsetof(struct store_v2_flow_complete, ports));
	}
	assert_int_equal(store_v2_get_flow(fd, &g, ebuf, sizeof(ebuf)),
	    STORE_ERR_EOF);
	assert_int_equal(store_v2_flow_convert(&g, &v3), 0);
	assert_int_equal(ntohl(v3.recv_time.recv_sec), 1100000000);
	assert_int_equal(ntohl(v3.ifndx.if_index_in), 7);
	assert_int_equal(ntohl(v3.asinf.src_as), 64500);
	assert_int_equal(ntohs(v3.finf.engine_id), 2);
	assert_int_equal(v3.finf.source_id, 0);
	assert_int_equal(v3.crc32.crc32, g.crc32.crc32);
}

static void
bad_logs_of_version_2_are_refused(void **state)
{
	struct store_v2_header hdr = { .magic = htonl(STORE_V2_MAGIC),
		.version = htonl(3) };
	struct store_v2_flow_complete f = v2_flow(), g;
	uint8_t record[256];
	int fd = fileno(file), len;

	(void)state;
	assert_int_equal(store_v2_check_header(fd, ebuf, sizeof(ebuf)),
	    STORE_ERR_EOF);
	assert_string_equal(ebuf, "premature EOF");
	assert_int_equal(store_v2_validate_header(&hdr, ebuf, sizeof(ebuf)),
	    STORE_ERR_UNSUP_VERSION);
	hdr.magic = 0;
	assert_int_equal(store_v2_validate_header(&hdr, ebuf, sizeof(ebuf)),
	    STORE_ERR_BAD_MAGIC);
	assert_int_equal(store_v2_flow_serialise(
	    &f, record, sizeof(record), &len, ebuf, sizeof(ebuf)), 0);
	memcpy(&f.hdr, record, sizeof(f.hdr));
	assert_int_equal(store_v2_calc_flow_len(&f.hdr), len - 4);
	for (int n = 0; n < len; n++)
		assert_int_equal(store_v2_flow_deserialise(record, n, &g, ebuf,
		    sizeof(ebuf)), STORE_ERR_BUFFER_SIZE);
	record[len - 1] ^= 1;
	assert_int_equal(store_v2_flow_deserialise(record, len, &g, ebuf,
	    sizeof(ebuf)), STORE_ERR_CRC_MISMATCH);
	record[1] |= 0x80;
	assert_int_equal(store_v2_flow_deserialise(record, len, &g, ebuf,
	    sizeof(ebuf)), STORE_ERR_FLOW_INVALID);
	assert_string_equal(ebuf, "unsupported flow fields specified");
	assert_int_equal(write(fd, record, (size_t)len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(store_v2_get_flow(fd, &g, ebuf, sizeof(ebuf)),
	    STORE_ERR_FLOW_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(flows_are_written_and_read),
		TEST(a_log_that_grows_is_read_on),
		TEST(heads_alone_are_flows),
		TEST(errors_have_a_text),
		TEST(version_2_is_read_and_written),
		TEST(bad_logs_of_version_2_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
