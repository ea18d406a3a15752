/*
 * The exporters of a test, and its clock: a test calls exporters_begin() with
 * its limits, and has exporters_end() as its teardown.
 */
#ifndef FLOWD_TEST_EXPORTERS_FIXTURE_H
#define FLOWD_TEST_EXPORTERS_FIXTURE_H

#include "exporters.h"
#include "stream.h"

static struct exporters all;
static int64_t now_ns;

static const int64_t second_ns = 1000000000;

/* limits may be NULL: the defaults. */
static inline void
exporters_begin(const struct decoder_limits *limits)
{
	assert_true(exporters_init(&all, limits, 1));
}

static inline int
exporters_end(void **unused)
{
	(void)unused;
	exporters_fini(&all);
	now_ns = 0;
	return 0;
}

/* The exporter with this IPv4 address. */
static inline struct exporter *
exporter_at(uint32_t v4)
{
	struct addr a = addr_from_v4(v4);

	return exporter_get(&all, &a, now_ns);
}

static inline struct message
message_of(uint16_t version, uint32_t domain, uint32_t sequence)
{
	return (struct message) {
		.version = &versions[version_find(version)],
		.domain = domain,
		.sequence = sequence,
		.recv_ns = now_ns,
	};
}

/* The stream of version 9 that sends from this port. */
static inline struct stream *
exporter_stream(struct exporter *x, uint32_t domain, uint16_t port)
{
	struct message m = message_of(9, domain, 77);

	return stream_get(&all, x, &m, (struct bytes) { NULL, 0 }, port);
}

/* A sender that continues for so many seconds, with a message a second. */
static inline struct exporter *
exporter_settle(uint32_t v4, int seconds)
{
	struct exporter *x = exporter_at(v4);

	x->valid = 1;
	for (int i = 0; i < seconds; i++) {
		now_ns += second_ns;
		x = exporter_at(v4);
		exporter_continued(&all, x, now_ns);
	}
	return x;
}

#endif
