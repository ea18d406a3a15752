/* Clock offsets; see clock_offset.h. Test: test_clock_offset.c. */
#include "clock_offset.h"

void
clock_offset_note(
    struct clock_offset *o, int64_t export_ns, bool whole, int64_t recv_ns)
{
	const int64_t second_ns = 1000000000;
	int64_t least = export_ns - recv_ns;
	int64_t most = whole ? least + second_ns : least;

	if (o->known && least <= o->most_ns && most >= o->least_ns) {
		if (o->least_ns > least)
			least = o->least_ns;
		if (o->most_ns < most)
			most = o->most_ns;
	}
	*o = (struct clock_offset) { true, least, most };
}

int64_t
clock_offset_certain(const struct clock_offset *o)
{
	if (o->least_ns > 0)
		return o->least_ns;
	return o->most_ns < 0 ? o->most_ns : 0;
}
