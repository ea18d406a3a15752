/* Names of elements; see element_name.h. */
#include <stdio.h>
#include <string.h>

#include "element_name.h"
#include "suggest.h"

static const char reverse_prefix[] = "reverse";

/* Parse PEN:ID, PEN.ID (as in outputs), or a plain IANA ID. */
static bool
parse_numbers(const char *text, struct other_id *id)
{
	unsigned long n[2] = { 0, 0 };
	unsigned i = 0;

	for (; *text != '\0'; text++) {
		if ((*text == ':' || *text == '.') && i == 0)
			i = 1;
		else if (*text >= '0' && *text <= '9' && n[i] < UINT32_MAX)
			n[i] = n[i] * 10 + (unsigned long)(*text - '0');
		else
			return false;
	}
	*id = (struct other_id){ i == 1 ? (uint32_t)n[0] : PEN_IANA,
		(uint16_t)n[i] };
	return n[0] <= UINT32_MAX && n[i] >= 1 && n[i] <= UINT16_MAX;
}

/* The forward element of a reverse one, which is named after it. */
static const struct element *
find_forward(const char *name)
{
	char forward[96];
	size_t skip = strlen(reverse_prefix);

	if (strncmp(name, reverse_prefix, skip) != 0 || name[skip] < 'A' ||
	    name[skip] > 'Z')
		return NULL;
	(void)snprintf(forward, sizeof(forward), "%c%s",
	    name[skip] - 'A' + 'a', name + skip + 1);
	return element_by_name(forward);
}

bool
element_parse(const char *text, struct other_id *id)
{
	const struct element *e = element_by_name(text);

	if (e != NULL) {
		*id = (struct other_id){ e->pen, e->id };
		return true;
	}
	e = find_forward(text);
	if (e != NULL && element_reverse(e, id))
		return true;
	return parse_numbers(text, id);
}

const char *
element_suggest(const char *name)
{
	const char *words[ELEMENT_COUNT];

	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		words[i] = elements[i].name;
	return suggest_word(name, words, ELEMENT_COUNT);
}
