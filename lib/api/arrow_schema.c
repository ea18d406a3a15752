/* Types of columns in Arrow; see flowd_arrow.h. */
#include <stdlib.h>
#include <string.h>

#include "flowd_arrow.h"
#include "options_check.h"

struct column_list
arrow_columns(const struct column_list *columns)
{
	struct column_list list = { .n = 0 };

	for (size_t i = 0; i < columns->n; i++)
		if (!columns->all ||
		    !(column_info[columns->col[i]].flags & COLUMN_RECORD))
			list.col[list.n++] = columns->col[i];
	return list;
}

int
arrow_options_check(
    const struct flowd_arrow_options *options, struct flowd_error *err)
{
	if (options == NULL)
		return 0;
	if (options->addresses >= FLOWD_ARROW_TEXT &&
	    options->addresses <= FLOWD_ARROW_IPV4)
		return OPTIONS_CHECK_RESERVED(options, err);
	return flowd_fail(err, FLOWD_EINVAL, "%d is no form of addresses",
	    options->addresses);
}

enum flowd_arrow_addresses
arrow_addresses(const struct flowd_arrow_options *options)
{
	return options != NULL
	    ? (enum flowd_arrow_addresses)options->addresses
	    : FLOWD_ARROW_TEXT;
}

const char *
arrow_format(
    unsigned col, enum flowd_arrow_addresses form, const char **dictionary)
{
	static const char *const formats[] = {
		[COLUMN_U8] = "C",
		[COLUMN_U16] = "S",
		[COLUMN_U32] = "I",
		[COLUMN_U64] = "L",
		[COLUMN_TIME] = "tsn:UTC",
		[COLUMN_BYTES] = "u",
	};
	static const char *const addresses[] = {
		[FLOWD_ARROW_TEXT] = "u",
		[FLOWD_ARROW_DICTIONARY] = "i",
		[FLOWD_ARROW_BINARY] = "w:16",
		[FLOWD_ARROW_IPV4] = "I",
	};
	const unsigned type = column_info[col].type;

	*dictionary = NULL;
	if (type == COLUMN_ADDR && form == FLOWD_ARROW_DICTIONARY)
		*dictionary = "u";
	if (type == COLUMN_ADDR)
		return addresses[form];
	if (type == COLUMN_MAC)
		return form == FLOWD_ARROW_BINARY ? "w:6" : "u";
	return formats[type];
}

/* A schema has its children and its dictionary in memory of its own. */
static void
schema_release(struct ArrowSchema *schema)
{
	for (int64_t i = 0; i < schema->n_children; i++) {
		struct ArrowSchema *child = schema->children[i];

		if (child->release != NULL)
			child->release(child);
		free(child);
	}
	if (schema->dictionary != NULL &&
	    schema->dictionary->release != NULL)
		schema->dictionary->release(schema->dictionary);
	free(schema->dictionary);
	free(schema->children);
	free(schema->private_data);
	schema->release = NULL;
}

struct ArrowSchema
arrow_field(const char *name, const char *format, int64_t flags)
{
	return (struct ArrowSchema) {
		.format = format,
		.name = name,
		.flags = flags,
		.release = schema_release,
	};
}

static struct ArrowSchema
field_of(const char *name, const char *format)
{
	return arrow_field(name, format, ARROW_FLAG_NULLABLE);
}

int
arrow_schema_add(struct ArrowSchema *schema, size_t most, const char *name,
    const char *format)
{
	struct ArrowSchema *child = calloc(1, sizeof(*child));
	char *own = strdup(name);

	if (schema->children == NULL)
		schema->children =
		    calloc(most + 1, sizeof(struct ArrowSchema *));
	if (child == NULL || own == NULL || schema->children == NULL) {
		free(child);
		free(own);
		return FLOWD_ENOMEM;
	}
	*child = field_of(own, format);
	child->private_data = own;
	schema->children[schema->n_children++] = child;
	return 0;
}

static int
column_make(
    unsigned col, enum flowd_arrow_addresses form, struct ArrowSchema *out)
{
	const char *dictionary;
	const char *format = arrow_format(col, form, &dictionary);

	*out = field_of(column_info[col].name, format);
	if (dictionary == NULL)
		return 0;
	out->dictionary = calloc(1, sizeof(*out->dictionary));
	if (out->dictionary == NULL)
		return FLOWD_ENOMEM;
	*out->dictionary = field_of("", dictionary);
	return 0;
}

int
arrow_schema_make(const struct column_list *columns,
    enum flowd_arrow_addresses form, struct ArrowSchema *out)
{
	const struct column_list list = arrow_columns(columns);
	int bad = 0;

	*out = (struct ArrowSchema) { .format = "+s",
		.name = "",
		.release = schema_release };
	out->children = calloc(list.n, sizeof(struct ArrowSchema *));
	for (size_t i = 0; bad == 0 && i < list.n; i++) {
		struct ArrowSchema *child = out->children != NULL
		    ? calloc(1, sizeof(*child))
		    : NULL;

		bad = child != NULL ? column_make(list.col[i], form, child)
				    : FLOWD_ENOMEM;
		if (child != NULL)
			out->children[out->n_children++] = child;
	}
	if (bad != 0)
		schema_release(out);
	return bad;
}
