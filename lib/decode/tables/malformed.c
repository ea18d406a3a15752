/* The table of malformations; see malformed.h. */
#include "malformed.h"

const struct malformed_info malformed_info[MALFORMED_COUNT] = {
#define MALFORMED(name, word_, text_) \
	[MALFORMED_##name] = { .word = word_, .text = text_ },
#include "malformed.def"
#undef MALFORMED
};
