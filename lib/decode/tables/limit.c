/* The table of limits; see limit.h. Test: test/unit/decode/test_limit.c. */
#include "limit.h"

const struct decoder_limit_info
    decoder_limit_info[DECODER_LIMIT_COUNT] = {
#define LIMIT(name_, value_, text_) \
	[DECODER_LIMIT_##name_] = { \
		.name = #name_, \
		.text = text_, \
		.value = value_, \
		.offset = offsetof(struct decoder_limits, name_), \
	},
#include "limits.def"
#undef LIMIT
};
