/* Options data; see options.h. Test: test/unit/decode/test_options.c. */
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "other.h"
#include "result.h"

const char *const name_kind_word[NAME_KINDS] = {
	[NAME_INTERFACE] = "interface",
	[NAME_INTERFACE_DESCRIPTION] = "interface_description",
	[NAME_VRF] = "vrf",
	[NAME_APPLICATION] = "application",
	[NAME_SAMPLER] = "sampler",
};

/* Numbers an options record may bring that only make sense together. */
struct option_parts {
	uint64_t part[4];
};

enum option_part {
	PART_PACKET_INTERVAL,
	PART_PACKET_SPACE,
	PART_SIZE,
	PART_POPULATION
};

static uint64_t
value_uint(struct bytes v)
{
	return v.len <= 8 ? load_be(v.ptr, v.len) : 0;
}

static uint32_t
clamp_u32(uint64_t v)
{
	return v < UINT32_MAX ? (uint32_t)v : UINT32_MAX;
}

typedef void option_set(struct option_values *v, struct option_parts *parts,
    struct bytes value, unsigned arg);

static void
set_init_ms(struct option_values *v, struct option_parts *parts,
    struct bytes value, unsigned arg)
{
	uint64_t ms = value_uint(value);

	(void)parts;
	(void)arg;
	if (ms > INT64_MAX / 1000000)
		return;
	v->sampling.has_init = true;
	v->sampling.init_ns = (int64_t)ms * 1000000;
}

static void
set_interval(struct option_values *v, struct option_parts *parts,
    struct bytes value, unsigned arg)
{
	(void)parts;
	(void)arg;
	v->sampling.interval = clamp_u32(value_uint(value));
}

static void
set_algorithm(struct option_values *v, struct option_parts *parts,
    struct bytes value, unsigned arg)
{
	(void)parts;
	(void)arg;
	v->sampling.algorithm = (uint8_t)value_uint(value);
}

static void
set_sampler(struct option_values *v, struct option_parts *parts,
    struct bytes value, unsigned arg)
{
	(void)parts;
	(void)arg;
	v->has_sampler = true;
	v->sampler_id = value_uint(value);
	v->key[NAME_SAMPLER] = value;
}

/* samplingProbability, a float64 (RFC 5477, 8.2.7). */
static void
set_probability(struct option_values *v, struct option_parts *parts,
    struct bytes value, unsigned arg)
{
	uint64_t bits = value_uint(value);
	double p;

	(void)parts;
	(void)arg;
	memcpy(&p, &bits, sizeof(p));
	if (value.len == 8 && p > 0 && p <= 1 && 1 / p < UINT32_MAX)
		v->sampling.interval = (uint32_t)(1 / p + 0.5);
}

static void
set_part(struct option_values *v, struct option_parts *parts,
    struct bytes value, unsigned arg)
{
	(void)v;
	parts->part[arg] = value_uint(value);
}

static void
set_key(struct option_values *v, struct option_parts *parts,
    struct bytes value, unsigned arg)
{
	(void)parts;
	v->key[arg] = value;
}

static void
set_interface_key(struct option_values *v, struct option_parts *parts,
    struct bytes value, unsigned arg)
{
	(void)arg;
	set_key(v, parts, value, NAME_INTERFACE);
	set_key(v, parts, value, NAME_INTERFACE_DESCRIPTION);
}

static void
set_name(struct option_values *v, struct option_parts *parts,
    struct bytes value, unsigned arg)
{
	(void)parts;
	v->name[arg] = value;
}

static const struct option {
	uint32_t pen;
	uint16_t id;
	uint8_t arg;
	option_set *set;
} options[] = {
	{ PEN_IANA, 160, 0, set_init_ms },	/* systemInitTimeMilliseconds */
	{ PEN_IANA, 34, 0, set_interval },	/* samplingInterval */
	{ PEN_IANA, 50, 0, set_interval },	/* samplerRandomInterval */
	{ PEN_IANA, 35, 0, set_algorithm },	/* samplingAlgorithm */
	{ PEN_IANA, 49, 0, set_algorithm },	/* samplerMode */
	{ PEN_IANA, 304, 0, set_algorithm },	/* selectorAlgorithm */
	{ PEN_IANA, 48, 0, set_sampler },	/* samplerId */
	{ PEN_IANA, 302, 0, set_sampler },	/* selectorId */
	{ PEN_IANA, 311, 0, set_probability },	/* samplingProbability */
	{ PEN_IANA, 305, PART_PACKET_INTERVAL, set_part },
	{ PEN_IANA, 306, PART_PACKET_SPACE, set_part },
	{ PEN_IANA, 309, PART_SIZE, set_part },	/* samplingSize */
	{ PEN_IANA, 310, PART_POPULATION, set_part },
	{ PEN_V9_SCOPE, 2, 0, set_interface_key },
	{ PEN_IANA, 10, 0, set_interface_key },	/* ingressInterface */
	{ PEN_IANA, 14, 0, set_interface_key },	/* egressInterface */
	{ PEN_IANA, 82, NAME_INTERFACE, set_name },
	{ PEN_IANA, 83, NAME_INTERFACE_DESCRIPTION, set_name },
	{ PEN_IANA, 234, NAME_VRF, set_key },	/* ingressVRFID */
	{ PEN_IANA, 235, NAME_VRF, set_key },	/* egressVRFID */
	{ PEN_IANA, 236, NAME_VRF, set_name },
	{ PEN_IANA, 95, NAME_APPLICATION, set_key },
	{ PEN_IANA, 96, NAME_APPLICATION, set_name },
	{ PEN_IANA, 84, NAME_SAMPLER, set_name },
};

static const struct option *
option_find(const struct other *o)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].pen == o->pen && options[i].id == o->id)
			return &options[i];
	return NULL;
}

/* RFC 5477, 8.2: intervals that are given as two numbers. */
static void
combine_parts(struct option_values *v, const struct option_parts *parts)
{
	uint64_t take = parts->part[PART_PACKET_INTERVAL];
	uint64_t skip = parts->part[PART_PACKET_SPACE];
	uint64_t size = parts->part[PART_SIZE];
	uint64_t population = parts->part[PART_POPULATION];

	if (take > 0 && skip <= UINT32_MAX && take <= UINT32_MAX)
		v->sampling.interval = clamp_u32((take + skip) / take);
	else if (size > 0 && population >= size)
		v->sampling.interval = clamp_u32(population / size);
}

void
options_read(struct bytes other, struct option_values *v)
{
	struct option_parts parts = { { 0 } };
	struct wire w;
	struct other o;

	memset(v, 0, sizeof(*v));
	wire_init(&w, other);
	while (other_next(&w, &o)) {
		const struct option *option = option_find(&o);

		if (option != NULL)
			option->set(v, &parts, o.value, option->arg);
	}
	if (v->sampling.interval == 0)
		combine_parts(v, &parts);
}

static struct sampler *
sampler_add(struct sampling *s, uint64_t id, unsigned most)
{
	struct sampler *more;

	for (unsigned i = 0; i < s->nsamplers; i++)
		if (s->samplers[i].id == id)
			return &s->samplers[i];
	if (s->nsamplers >= most || s->nsamplers == UINT16_MAX)
		return NULL;
	more = realloc(s->samplers, (s->nsamplers + 1U) * sizeof(*more));
	if (more == NULL)
		return NULL;
	s->samplers = more;
	s->samplers[s->nsamplers] = (struct sampler) { .id = id };
	return &s->samplers[s->nsamplers++];
}

static bool
learn_init(struct sampling *s, const struct sampling *said)
{
	if (!said->has_init || (s->has_init && s->init_ns == said->init_ns))
		return false;
	s->has_init = true;
	s->init_ns = said->init_ns;
	return true;
}

/* Take over the one interval; returns whether it is another. */
static bool
learn_interval(uint32_t *interval, uint8_t *algorithm,
    const struct sampling *said)
{
	if (*interval == said->interval && *algorithm == said->algorithm)
		return false;
	*interval = said->interval;
	*algorithm = said->algorithm;
	return true;
}

int
sampling_learn(struct sampling *s, const struct option_values *v,
    unsigned most)
{
	bool changed = learn_init(s, &v->sampling);
	struct sampler *sampler;

	if (v->sampling.interval == 0)
		return changed;
	if (!v->has_sampler)
		return learn_interval(&s->interval, &s->algorithm,
			   &v->sampling) || changed;
	sampler = sampler_add(s, v->sampler_id, most);
	if (sampler == NULL)
		return FLOWD_ENOMEM;
	return learn_interval(&sampler->interval, &sampler->algorithm,
		   &v->sampling) || changed;
}

void
sampling_fini(struct sampling *s)
{
	free(s->samplers);
	s->samplers = NULL;
	s->nsamplers = 0;
}

const struct sampler *
sampling_find(const struct sampling *s, uint64_t id)
{
	for (unsigned i = 0; i < s->nsamplers; i++)
		if (s->samplers[i].id == id)
			return &s->samplers[i];
	return NULL;
}
