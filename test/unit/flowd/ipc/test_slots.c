/* Slots and kinds of logs: flowd/ipc/slots.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "slots.h"

static void
every_slot_is_of_one_kind(void **state)
{
	unsigned slot = 0;

	(void)state;
	for (unsigned d = 0; d < DESTINATIONS; d++) {
		assert_int_equal(destination_info[d].first, slot);
		for (; slot <= destination_info[d].last; slot++)
			assert_int_equal(slot_destination(slot), d);
	}
	assert_int_equal(slot, SLOTS);
}

static void
kinds_have_their_words_and_units(void **state)
{
	(void)state;
	assert_string_equal(slot_word(SLOT_LOGFILE), "logfile");
	assert_string_equal(slot_word(SLOT_LOGSOCK), "logsock");
	assert_string_equal(slot_word(SLOT_LOGDIR), "logdir");
	assert_string_equal(slot_word(SLOTS - 1), "logdir");
	assert_int_equal(slot_unit(SLOT_LOGFILE), UNIT_RECORDS);
	assert_int_equal(slot_unit(SLOT_LOGSOCK), UNIT_RECORDS);
	assert_int_equal(slot_unit(SLOT_LOGDIR), UNIT_BLOCKS);
}

/* Slots of two configurations, one of which is being ended. */
static void
there_are_logdirs_for_two_configurations(void **state)
{
	(void)state;
	assert_int_equal(SLOT_LOGDIR_LAST - SLOT_LOGDIR + 1, 2 * LOGDIRS_MAX);
}

static void
every_ring_has_its_intent(void **state)
{
	static bool seen[SLOT_INTENTS];

	(void)state;
	for (unsigned slot = 0; slot < SLOTS; slot++)
		for (unsigned i = 0; i < ENGINES_MAX; i++) {
			unsigned at = slot_intent(slot, i);

			assert_true(at < SLOT_INTENTS);
			assert_false(seen[at]);
			seen[at] = true;
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_slot_is_of_one_kind),
		cmocka_unit_test(kinds_have_their_words_and_units),
		cmocka_unit_test(there_are_logdirs_for_two_configurations),
		cmocka_unit_test(every_ring_has_its_intent),
	};

	return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
