/*
 * A predicate with tables of the hosts of random_flows.h, for keys that are
 * entries of tables.
 */
#ifndef FLOWD_TEST_AGGREGATE_TABLES_H
#define FLOWD_TEST_AGGREGATE_TABLES_H

#include <stdio.h>
#include <unistd.h>

#include "../folder.h"
#include "filter.h"
#include "key.h"
#include "other.h"
#include "predicate.h"
#include "prefix_map.h"

static inline struct filter_value
tables_prefix(const char *text)
{
	struct filter_value v = { .kind = VALUE_PREFIX };

	assert_int_equal(prefix_parse(text, &v.prefix), 0);
	return v;
}

/*
 * table <acme> { 10.0.0.0/26, 2001:db8::/56 }
 * table <customers> { <acme>, 10.0.1.0/24, 10.0.0.37/32, 2001:db8:0:100::/64 }
 */
static inline int
tables_parse(struct filter *filter, const struct source *src,
    struct diag_sink *sink, uint32_t *fields)
{
	static struct prefix_table acme, customers;
	static struct filter_value in_acme[2], in_customers[4];

	(void)src;
	(void)sink;
	(void)fields;
	in_acme[0] = tables_prefix("10.0.0.0/26");
	in_acme[1] = tables_prefix("2001:db8::/56");
	in_acme[0].next = &in_acme[1];
	in_customers[0] = (struct filter_value){ .kind = VALUE_TABLE,
		.table = &acme };
	in_customers[1] = tables_prefix("10.0.1.0/24");
	in_customers[2] = tables_prefix("10.0.0.37/32");
	in_customers[3] = tables_prefix("2001:db8:0:100::/64");
	for (unsigned i = 0; i < 3; i++)
		in_customers[i].next = &in_customers[i + 1];
	acme = (struct prefix_table){ .name = "acme",
		.entries = in_acme,
		.next = &customers };
	customers = (struct prefix_table){ .name = "customers",
		.entries = in_customers };
	filter->tables = &acme;
	return 0;
}

/* A text without a column, and a number of a vendor. */
static inline bool
tables_element(const char *name, struct key_element *e, int *column)
{
	*column = strcmp(name, "vlanId") == 0 ? COL_vlan : -1;
	*e = (struct key_element){ .n = 1, .type = ELEMENT_STRING };
	e->id[0].id = 96;
	if (strcmp(name, "6871:40") == 0)
		*e = (struct key_element){ .id = { { 6871, 40 }, { 0, 40000 } },
			.n = 2,
			.type = ELEMENT_UNSIGNED };
	return *column >= 0 || strcmp(name, "applicationName") == 0 ||
	    e->n == 2;
}

static inline const char *
tables_suggest_element(const char *name)
{
	return strncmp(name, "application", 11) == 0 ? "applicationName"
						     : NULL;
}

/* Names of keys, made once. */
static inline const struct key_names *
tables_names(void)
{
	char folder[FOLDER_PATH], path[FOLDER_PATH + 10];
	struct predicate_text text = { .rules = path,
		.parse_rules = tables_parse };
	static struct key_names names = { .element = tables_element,
		.suggest_element = tables_suggest_element };
	struct flowd_error err;
	FILE *f;

	if (names.predicate != NULL)
		return &names;
	assert_int_equal(folder_make(folder), 0);
	(void)snprintf(path, sizeof(path), "%s/tables", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fclose(f);
	names.predicate = predicate_new(&text, &err);
	(void)unlink(path);
	(void)rmdir(folder);
	if (names.predicate == NULL)
		fail_msg("%s", err.text);
	return &names;
}

#endif
