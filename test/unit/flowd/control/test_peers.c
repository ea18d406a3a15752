/* Who may say what to control: flowd/control/peers.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "child.h"
#include "peers.h"
#include "report.h"

static const uint32_t all[] = { PROC_ENGINE, PROC_WRITER, PROC_FORWARDER,
	PROC_CONTROL, PROC_METRICS, PROC_KINDS };

enum { ALL = sizeof(all) / sizeof(all[0]) };

static bool
peer_may(uint32_t who, enum frame_type type, uint32_t serial, struct bytes body)
{
	const struct peer p = { .id = { .kind = who } };
	const struct frame f = { type, serial, body };

	return peer_may_send(&p, &f);
}

static bool
may_report(uint32_t who, enum report_kind kind, uint32_t serial)
{
	struct report r;
	struct buf out;
	bool may_it;

	report_init(&r, kind, 4096);
	buf_init(&out, 4096);
	(void)report_encode(&r, 0, 4096, &out);
	assert_true(buf_ok(&out));
	may_it = peer_may(who, FRAME_REPORT, serial,
	    (struct bytes){ out.ptr, out.len });
	buf_fini(&out);
	report_fini(&r);
	return may_it;
}

static const struct bytes nothing = { NULL, 0 };

static void
only_the_parent_answers_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < ALL; i++) {
		bool parent = all[i] == PROC_KINDS;

		assert_int_equal(
		    peer_may(all[i], FRAME_END, PEER_ORDER | 1, nothing),
		    parent);
		assert_int_equal(
		    peer_may(all[i], FRAME_TEXT, PEER_ORDER | 1, nothing),
		    parent);
		assert_false(peer_may(all[i], FRAME_TEXT, 1, nothing));
		assert_false(
		    may_report(all[i], REPORT_OF_LOGS, PEER_ORDER | 1));
		assert_false(
		    peer_may(all[i], FRAME_FLOWS, PEER_ORDER | 1, nothing));
	}
}

static void
only_engines_show_flows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ALL; i++)
		assert_int_equal(peer_may(all[i], FRAME_FLOWS, 0, nothing),
		    all[i] == PROC_ENGINE);
}

static void
nobody_says_what_is_a_question(void **state)
{
	static const enum frame_type questions[] = { FRAME_ASK, FRAME_METRICS,
		FRAME_RELOAD, FRAME_ROTATE, FRAME_TAIL, FRAME_TAIL_END };

	(void)state;
	for (size_t i = 0; i < ALL; i++)
		for (size_t k = 0; k < sizeof(questions) / sizeof(questions[0]);
		     k++) {
			assert_false(
			    peer_may(all[i], questions[k], 1, nothing));
			assert_false(peer_may(
			    all[i], questions[k], PEER_ORDER | 1, nothing));
		}
}

static void
each_has_its_own_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < ALL; i++) {
		assert_int_equal(
		    may_report(all[i], REPORT_OF_PROCESSES, 1),
		    all[i] == PROC_KINDS);
		assert_int_equal(
		    may_report(all[i], REPORT_OF_EXPORTERS, 1),
		    all[i] == PROC_ENGINE);
		assert_int_equal(
		    may_report(all[i], REPORT_OF_COLLECTORS, 1),
		    all[i] == PROC_FORWARDER);
		assert_int_equal(may_report(all[i], REPORT_OF_LOGS, 1),
		    all[i] == PROC_ENGINE || all[i] == PROC_WRITER ||
			all[i] == PROC_KINDS);
		assert_false(peer_may(all[i], FRAME_REPORT, 1, nothing));
	}
}

/* Whatever a process tells somebody may hear. */
static void
every_report_is_for_somebody_to_tell(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < REPORT_KINDS; kind++) {
		bool some = false;

		for (size_t i = 0; i < ALL; i++)
			some |= may_report(all[i], (enum report_kind)kind, 1);
		assert_true(some);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_parent_answers_orders),
		cmocka_unit_test(only_engines_show_flows),
		cmocka_unit_test(nobody_says_what_is_a_question),
		cmocka_unit_test(each_has_its_own_reports),
		cmocka_unit_test(every_report_is_for_somebody_to_tell),
	};

	return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
