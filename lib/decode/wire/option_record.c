/* Options records; see option_record.h. Test: test_option_record.c. */
#include <string.h>

#include "option_record.h"
#include "other.h"

const char *const name_kind_word[NAME_KINDS] = {
	[NAME_INTERFACE] = "interface",
	[NAME_INTERFACE_DESCRIPTION] = "interface_description",
	[NAME_VRF] = "vrf",
	[NAME_APPLICATION] = "application",
	[NAME_SAMPLER] = "sampler",
};

typedef void option_set(struct option_values *v, struct bytes value,
    unsigned arg);

static void
set_start_ms(struct option_values *v, struct bytes value, unsigned arg)
{
	const uint64_t ms_ns = 1000000;
	uint64_t ms = value.len <= 8 ? load_be(value.ptr, value.len) : 0;

	(void)arg;
	if (ms > INT64_MAX / ms_ns)
		return;
	v->has_start = true;
	v->start_ns = (int64_t)(ms * ms_ns);
}

static void
set_key(struct option_values *v, struct bytes value, unsigned arg)
{
	v->key[arg] = value;
}

static void
set_interface_key(struct option_values *v, struct bytes value, unsigned arg)
{
	(void)arg;
	set_key(v, value, NAME_INTERFACE);
	set_key(v, value, NAME_INTERFACE_DESCRIPTION);
}

static void
set_name(struct option_values *v, struct bytes value, unsigned arg)
{
	v->name[arg] = value;
}

static const struct option {
	uint32_t pen;
	uint16_t id;
	uint8_t arg;
	option_set *set;
} options[] = {
	{ PEN_IANA, 160, 0, set_start_ms }, /* systemInitTimeMilliseconds */
	{ PEN_IANA, 48, NAME_SAMPLER, set_key },	/* samplerId */
	{ PEN_IANA, 302, NAME_SAMPLER, set_key },	/* selectorId */
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

void
options_read(struct bytes other, size_t nscope, const struct addr *exporter,
    struct option_values *v)
{
	struct rate_parts parts = { 0 };
	struct wire w;
	struct other o;

	memset(v, 0, sizeof(*v));
	wire_init(&w, other);
	for (size_t i = 0; other_next(&w, &o); i++) {
		const struct option *option = option_find(&o);

		if (option != NULL)
			option->set(v, o.value, option->arg);
		scope_add_field(&v->scope, o.pen, o.id, o.value, i < nscope,
		    exporter);
		rate_parts_add(&parts, o.pen, o.id, o.value);
	}
	v->has_rate = rate_from_parts(&parts, &v->rate);
}
