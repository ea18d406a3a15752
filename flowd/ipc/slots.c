/* Slots and the kinds of logs; see slots.h. */
#include "slots.h"

const struct destination_info destination_info[DESTINATIONS] = {
#define DESTINATION(name, word_, unit_, slots, verb_) \
	[DESTINATION_##name] = { .word = (word_), .unit = (unit_), \
	    .first = SLOT_##name, .last = SLOT_##name##_LAST, \
	    .verb = (verb_) },
#include "destinations.def"
#undef DESTINATION
};

enum destination
slot_destination(unsigned slot)
{
	unsigned d = 0;

	while (d + 1 < DESTINATIONS && slot > destination_info[d].last)
		d++;
	return (enum destination)d;
}
