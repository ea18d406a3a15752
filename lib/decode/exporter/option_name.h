/*
 * Names that options data give: of interfaces, VRFs, applications, samplers.
 * An exporter has them by kind and key, which is a number in octets.
 * Called by options_data.c and state_load.c. Test: test_exporter.c.
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
	struct list sibling;	/* of the exporter's */
	const void *exporter;
	uint8_t kind;		/* enum name_kind */
	uint8_t key_len;
	uint8_t text_len;
	uint8_t key[NAME_KEY_MAX];
	char text[];
};

/* Remember a name; c counts what must go for it, or that it does. */
void name_set(struct exporters *all, struct exporter *x,
    struct decode_counters *c, enum name_kind kind, struct bytes key,
    struct bytes text);
void name_remove(struct exporters *all, struct exporter *x,
    struct name *name);
/* The name, or NULL. */
const struct name *name_get(const struct exporters *all,
    const struct exporter *x, enum name_kind kind, struct bytes key);

#endif
