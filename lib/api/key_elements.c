/* Elements for keys; see key_elements.h. */
#include "element.h"
#include "element_name.h"
#include "key_elements.h"

static bool
find_element(const char *name, struct key_element *found, int *column)
{
	const struct element *e;
	struct element_text text;
	struct other_id id;

	if (!element_parse(name, &id))
		return false;
	e = element_find(id.pen, id.id);
	element_text(id.pen, id.id, &text);
	*column = e != NULL ? e->column : -1;
	*found = (struct key_element) { .id = { id }, .n = 1,
		.type = text.type };
	found->n += e != NULL && element_v9(e, &found->id[1]);
	return true;
}

void
key_elements_add(struct key_names *names)
{
	names->element = find_element;
	names->suggest_element = element_suggest;
}
