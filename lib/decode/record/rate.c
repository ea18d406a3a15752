/* Sampling rates; see rate.h. Test: test/unit/decode/test_rate.c. */
#include <string.h>

#include "other.h"
#include "rate.h"

/* RFC 3954, 8; RFC 5477, 8.2; RFC 7014, 7.1. All are IANA elements. */
static const struct {
	uint16_t id;
	uint8_t part;
} rate_elements[] = {
	{ 34, PART_INTERVAL },		/* samplingInterval */
	{ 50, PART_RANDOM_INTERVAL },	/* samplerRandomInterval */
	{ 305, PART_PACKETS },		/* samplingPacketInterval */
	{ 306, PART_PACKETS_BETWEEN },	/* samplingPacketSpace */
	{ 309, PART_SIZE },		/* samplingSize */
	{ 310, PART_POPULATION },	/* samplingPopulation */
	{ 311, PART_PROBABILITY },	/* samplingProbability */
	{ 396, PART_FLOWS },		/* samplingFlowInterval */
	{ 397, PART_FLOWS_BETWEEN },	/* samplingFlowSpacing */
	{ 35, PART_ALGORITHM },		/* samplingAlgorithm */
	{ 49, PART_ALGORITHM },		/* samplerMode */
	{ 304, PART_SELECTOR_ALGORITHM }, /* selectorAlgorithm */
	{ 390, PART_SELECTOR_ALGORITHM }, /* flowSelectorAlgorithm */
};

static int
rate_part_of(uint32_t pen, uint16_t id)
{
	const size_t n = sizeof(rate_elements) / sizeof(rate_elements[0]);

	for (size_t i = 0; pen == PEN_IANA && i < n; i++)
		if (rate_elements[i].id == id)
			return rate_elements[i].part;
	return -1;
}

bool
rate_is_element(uint32_t pen, uint16_t id)
{
	return rate_part_of(pen, id) >= 0;
}

/* The bits of a float64; a float32 is allowed in its place (RFC 7011, 6.2). */
static uint64_t
rate_float(struct bytes value)
{
	uint64_t v = load_be(value.ptr, value.len);
	uint32_t bits = (uint32_t)v;
	float narrow;
	double wide;

	if (value.len != 4)
		return v;
	memcpy(&narrow, &bits, sizeof(narrow));
	wide = narrow;
	memcpy(&v, &wide, sizeof(v));
	return v;
}

/* A zero does not replace the value of another element of the same part. */
void
rate_parts_add(struct rate_parts *parts, uint32_t pen, uint16_t id,
    struct bytes value)
{
	int part = rate_part_of(pen, id);
	bool real = part == PART_PROBABILITY;
	uint64_t v;

	if (part < 0 || value.len == 0 || value.len > 8 ||
	    (real && value.len != 4 && value.len != 8))
		return;
	v = real ? rate_float(value) : load_be(value.ptr, value.len);
	parts->there |= UINT32_C(1) << part;
	if (v != 0)
		parts->part[part] = v;
}

/* An interval by one group of elements; 0: not sampled. */
enum { RATE_UNKNOWN = -1 };

static bool
rate_has(const struct rate_parts *parts, enum rate_part part)
{
	return parts->there >> part & 1;
}

/* One in how many, rounded. Exporters send zeros as filler. */
static int64_t
rate_ratio(uint64_t all, uint64_t taken)
{
	uint64_t n;

	if (all == 0)
		return 0;
	if (taken == 0 || all < taken)
		return RATE_UNKNOWN;
	n = all / taken;
	n += all % taken >= taken - all % taken;
	return n <= UINT32_MAX ? (int64_t)n : RATE_UNKNOWN;
}

static int64_t
rate_number(const struct rate_parts *parts, enum rate_part part)
{
	if (!rate_has(parts, part) || parts->part[part] > UINT32_MAX)
		return RATE_UNKNOWN;
	return (int64_t)parts->part[part];
}

/* A run of packets or flows is taken, and a run after it is skipped. */
static int64_t
rate_from_intervals(const struct rate_parts *parts, enum rate_part taken,
    enum rate_part between)
{
	int64_t take = rate_number(parts, taken);
	int64_t skip = rate_number(parts, between);

	if (take < 0 || skip < 0)
		return RATE_UNKNOWN;
	return rate_ratio((uint64_t)(take + skip), (uint64_t)take);
}

static int64_t
rate_from_population(const struct rate_parts *parts)
{
	if (!rate_has(parts, PART_SIZE) || !rate_has(parts, PART_POPULATION))
		return RATE_UNKNOWN;
	return rate_ratio(parts->part[PART_POPULATION],
	    parts->part[PART_SIZE]);
}

static int64_t
rate_from_probability(const struct rate_parts *parts)
{
	double p;

	if (!rate_has(parts, PART_PROBABILITY))
		return RATE_UNKNOWN;
	memcpy(&p, &parts->part[PART_PROBABILITY], sizeof(p));
	if (p == 0)
		return 0;
	return p > 0 && p <= 1 && 1 / p < UINT32_MAX ? (int64_t)(1 / p + 0.5)
						     : RATE_UNKNOWN;
}

/* The sampling of packets: the first group with a non-zero interval. */
static int64_t
rate_of_packets(const struct rate_parts *parts)
{
	const int64_t ways[] = {
		rate_number(parts, PART_INTERVAL),
		rate_number(parts, PART_RANDOM_INTERVAL),
		rate_from_intervals(parts, PART_PACKETS, PART_PACKETS_BETWEEN),
		rate_from_population(parts),
		rate_from_probability(parts),
	};
	int64_t best = RATE_UNKNOWN;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (best <= 0 && ways[i] > best)
			best = ways[i];
	return best;
}

/* PSAMP and NetFlow number algorithms differently (RFC 5477, 8.2.1). */
static uint8_t
rate_algorithm(const struct rate_parts *parts)
{
	static const uint8_t of_selector[] = { 0, 1, 1, 2, 2 };
	uint64_t n = parts->part[PART_ALGORITHM];

	if (n > 0 && n <= UINT8_MAX)
		return (uint8_t)n;
	n = parts->part[PART_SELECTOR_ALGORITHM];
	return n < sizeof(of_selector) ? of_selector[n] : 0;
}

/* Sampling of packets and of flows multiply. */
bool
rate_from_parts(const struct rate_parts *parts, struct rate *rate)
{
	int64_t packets = rate_of_packets(parts);
	int64_t flows =
	    rate_from_intervals(parts, PART_FLOWS, PART_FLOWS_BETWEEN);
	uint64_t both;

	if (packets > 0 && flows > 0)
		both = (uint64_t)packets * (uint64_t)flows;
	else
		both = packets > 0 || flows > 0
		    ? (uint64_t)(packets > flows ? packets : flows)
		    : 0;
	*rate = (struct rate) {
		.interval = both < UINT32_MAX ? (uint32_t)both : UINT32_MAX,
		.algorithm = rate_algorithm(parts),
	};
	return packets >= 0 || flows >= 0;
}

uint32_t
rate_reversed(uint32_t interval)
{
	uint32_t reversed = __builtin_bswap32(interval);

	return interval >= UINT32_C(1) << 24 && reversed < 1 << 16 ? reversed
								   : 0;
}
