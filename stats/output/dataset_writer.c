/* The writers there are; see dataset_writer.h. */
#include <string.h>

#include "dataset_writer.h"

static const struct writer *const writers[] = { &writer_text, &writer_csv,
	&writer_json };

const struct writer *
writer_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++)
		if (strcmp(writers[i]->name, name) == 0)
			return writers[i];
	return NULL;
}
