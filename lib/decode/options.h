/*
 * What options data say of an exporter: when it started, how it samples, what
 * its interfaces, VRFs and applications are called.
 *
 * Options records are decoded like flows, with all fields kept as entries of
 * "other"; options_apply() reads these entries. Sampling belongs to a stream,
 * names belong to the exporter.
 * Called by decode.c. Test: test/unit/decode/test_options.c.
 */
#ifndef FLOWD_OPTIONS_H
#define FLOWD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"
#include "map.h"
#include "wire.h"

enum {
	NAME_TEXT_MAX = 255,
	NAME_KEY_MAX = 16
};

struct sampler {
	uint64_t id;
	uint32_t interval;
	uint8_t algorithm;
};

/* Of one stream. */
struct sampling {
	bool has_init;
	int64_t init_ns;	/* systemInitTime: when the exporter started */
	uint32_t interval;	/* of all flows; 0: not known */
	uint8_t algorithm;
	uint16_t nsamplers;
	struct sampler *samplers;
};

enum name_kind {
	NAME_INTERFACE,
	NAME_INTERFACE_DESCRIPTION,
	NAME_VRF,
	NAME_APPLICATION,
	NAME_SAMPLER,
	NAME_KINDS
};

struct name {
	struct map_node node;	/* of the names of all exporters */
	struct list sibling;	/* of the exporter's */
	const void *exporter;
	uint8_t kind;		/* enum name_kind */
	uint8_t key_len;
	uint8_t text_len;
	uint8_t key[NAME_KEY_MAX];
	char text[];
};

extern const char *const name_kind_word[NAME_KINDS];

/* What one options record says, before it is applied. */
struct option_values {
	struct sampling sampling;	/* interval, algorithm, init time */
	bool has_sampler;
	uint64_t sampler_id;
	struct bytes key[NAME_KINDS];	/* number of the interface, ... */
	struct bytes name[NAME_KINDS];
};

/* Read the entries of one options record. */
void options_read(struct bytes other, struct option_values *v);

/*
 * Take over what is said of sampling and the start, of no more samplers than
 * most. Returns 1 when something changed, 0 when all was known, and
 * FLOWD_ENOMEM for a sampler that cannot be taken.
 */
int sampling_learn(struct sampling *s, const struct option_values *v,
    unsigned most);
void sampling_fini(struct sampling *s);

/* The sampler with this id, or NULL. */
const struct sampler *sampling_find(const struct sampling *s, uint64_t id);

#endif
