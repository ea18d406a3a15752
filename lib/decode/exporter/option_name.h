/*
 * Names from options data: of interfaces, VRFs, applications and samplers. The
 * key is a number in octets. options_data.c and state_load.c use it.
 * Test: test/unit/decode/test_option_name.c.
 */
#ifndef FLOWD_OPTION_NAME_H
#define FLOWD_OPTION_NAME_H

#include "exporter.h"
#include "option_record.h"

enum {
	NAME_TEXT_MAX = 255,
	NAME_KEY_MAX = 16
};

struct name {
	struct map_node node;	/* of the names of all exporters */
	struct list sibling;	/* of the exporter */
	const void *exporter;
	uint8_t kind;		/* enum name_kind */
	uint8_t key_len;
	uint8_t text_len;
	uint8_t key[NAME_KEY_MAX];
	char text[];
};

/* Sets a name. c counts evictions and refusals. */
void name_set(struct exporters *all, struct exporter *x,
    struct decode_counters *c, enum name_kind kind, struct bytes key,
    struct bytes text);
void name_remove(struct exporters *all, struct exporter *x,
    struct name *name);
/* The name, or NULL. */
const struct name *name_get(const struct exporters *all,
    const struct exporter *x, enum name_kind kind, struct bytes key);

#endif
