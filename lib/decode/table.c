/* The tables of counters and limits as C; see decode.h. */
#include "decode.h"

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

const struct decode_counter_info
    decode_counter_info[DECODE_COUNTER_COUNT] = {
#define COUNTER(name_, text_) \
	[DECODE_COUNTER_##name_] = { \
		.name = #name_, \
		.text = text_, \
		.offset = offsetof(struct decode_counters, name_), \
	},
#include "counters.def"
#undef COUNTER
};

const struct malformed_info malformed_info[MALFORMED_COUNT] = {
#define MALFORMED(name, word_, text_) \
	[MALFORMED_##name] = { .word = word_, .text = text_ },
#include "malformed.def"
#undef MALFORMED
};
