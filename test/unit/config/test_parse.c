/*
 * Configurations become statements: lib/config/parse.c,
 * config_item.c, ast.c; lib/filter/item.c, macro.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "columns.h"
#include "conf_fixture.h"

/* The one statement of a text that is right. */
static const struct stmt *
stmt_of(const char *text)
{
	const struct stmt *stmt = stmt_first(text);

	assert_null(stmt->next);
	return stmt;
}

static void
paths_are_strings_joined_by_a_space(void **state)
{
	(void)state;
	assert_string_equal(
	    stmt_of("logfile \"/var/log/flowd\"\n")->logdir->path,
	    "/var/log/flowd");
	assert_string_equal(
	    stmt_of("logfile \"a\" b 'c d'\n")->logdir->path, "a b c d");
	assert_string_equal(stmt_of("pidfile p.pid\n")->text, "p.pid");
	assert_int_equal(conf.ast.first->kind, STMT_PIDFILE);
	conf_fails("logfile\n",
	    "1: expected the path of a file in quotes; the line ends here\n");
	conf_fails("logfile all\n",
	    "1: expected the path of a file in quotes, not \"all\"\n");
	conf_fails("logfile /tmp/x\n",
	    "1: expected the path of a file in quotes, not '/'\n");
	conf_fails("logfile tmp/x\n",
	    "1: expected the end of the line, not '/'; quote text that "
	    "has one in it\n");
	conf_fails("lan = 10/8\n",
	    "1: expected the end of the line, not '/'; quote text that "
	    "has one in it\n");
	conf_fails(
	    "logfile a = b\n", "1: expected the end of the line, not '='\n");
}

static void
a_string_has_a_longest(void **state)
{
	char text[2100] = "logfile \"";

	(void)state;
	memset(text + 9, 'x', 2046);
	memcpy(text + 9 + 2046, "\"\n", 3);
	assert_int_equal(strlen(stmt_of(text)->logdir->path), 2046);
	memset(text + 9, 'x', 2047);
	memcpy(text + 9 + 2047, "\"\n", 3);
	conf_fails(text, "1: more than 2046 octets\n");
}

static void
listen_takes_numeric_addresses_with_ports(void **state)
{
	const struct stmt *s = stmt_of("listen on 10.0.0.1:9995\n");

	(void)state;
	assert_int_equal(s->kind, STMT_LISTEN);
	assert_int_equal(s->endpoint.addr.v4, 0x0a000001);
	assert_int_equal(s->endpoint.port, 9995);
	assert_int_equal(s->endpoint.bufsize, 0);
	s = stmt_of("listen on [::1]:0x50 bufsize 65536\n");
	assert_int_equal(s->endpoint.addr.family, ADDR_V6);
	assert_int_equal(s->endpoint.port, 80);
	assert_int_equal(s->endpoint.bufsize, 65536);
	assert_int_equal(stmt_of("listen on ::1:010\n")->endpoint.port, 8);
	assert_int_equal(stmt_of("listen on 1:2\n")->endpoint.addr.v4, 1);
	conf_fails(
	    "listen 1.2.3.4:5\n", "1: expected \"on\", not \"1.2.3.4:5\"\n");
	conf_fails("listen on *:2055\n",
	    "1: \"*\" is not an address; 0.0.0.0 is any of IPv4, [::] any of "
	    "IPv6\n");
	conf_fails(
	    "listen on 10.0.0.1\n", "1: missing port: write 10.0.0.1:PORT\n");
	conf_fails("listen on 10.0.0.1:0\n", "1: invalid port number \"0\"\n");
	conf_fails(
	    "listen on 10.0.0.1:65536\n", "1: invalid port number \"65536\"\n");
	conf_fails(
	    "listen on 10.0.0.1:http\n", "1: invalid port number \"http\"\n");
	conf_fails("listen on localhost:9\n",
	    "1: could not parse address \"localhost\"; write 127.0.0.1 or "
	    "[::1]\n");
	conf_fails("listen on \":9\"\n", "1: could not parse address \"\"\n");
	conf_fails(
	    "listen on [::1:9\n", "1: could not parse address \"[::1\"\n");
}

static void
numbers_are_as_in_c_and_of_32_bits(void **state)
{
	(void)state;
	assert_int_equal(
	    stmt_of("listen on 1:2 bufsize 0x10\n")->endpoint.bufsize, 16);
	assert_int_equal(
	    stmt_of("listen on 1:2 bufsize 010\n")->endpoint.bufsize, 8);
	assert_int_equal(
	    stmt_of("listen on 1:2 bufsize \"7\"\n")->endpoint.bufsize, 7);
	assert_int_equal(
	    stmt_of("listen on 1:2 bufsize 4294967295\n")->endpoint.bufsize,
	    UINT32_MAX);
	conf_fails("listen on 1:2 bufsize 4294967296\n",
	    "1: 4294967296 is larger than 4294967295\n");
	conf_fails("listen on 1:2 bufsize 99999999999999999999999\n",
	    "1: 99999999999999999999999 is larger than 4294967295\n");
	conf_fails("listen on 1:2 bufsize 08\n", "1: \"08\" is not a number\n");
	conf_fails(
	    "listen on 1:2 bufsize \"-1\"\n", "1: \"-1\" is not a number\n");
	conf_fails("listen on 1:2 bufsize \"\"\n", "1: \"\" is not a number\n");
	conf_fails("listen on 1:2 bufsize\n",
	    "1: expected a number; the line ends here\n");
}

static void
sizes_have_units(void **state)
{
	(void)state;
	assert_int_equal(
	    stmt_of("listen on 1:2 bufsize 64k\n")->endpoint.bufsize, 65536);
	assert_int_equal(
	    stmt_of("listen on 1:2 bufsize 0x10M\n")->endpoint.bufsize,
	    1 << 24);
	assert_int_equal(
	    stmt_of("listen on 1:2 bufsize \"3G\"\n")->endpoint.bufsize,
	    UINT32_C(3) << 30);
	assert_int_equal(
	    stmt_of("logsock \"/s\" bufsize 1K\n")->socket.bufsize, 1024);
	conf_fails("listen on 1:2 bufsize 4G\n",
	    "1: 4G is larger than 4294967295\n");
	conf_fails("listen on 1:2 bufsize M\n", "1: \"M\" is not a number\n");
	conf_fails(
	    "listen on 1:2 bufsize 1Mk\n", "1: \"1Mk\" is not a number\n");
	conf_fails("listen on 1:2 bufsize 1T\n", "1: \"1T\" is not a number\n");
}

static void
words_that_came_later_may_name_macros(void **state)
{
	(void)state;
	assert_int_equal(stmt_of("backlog 16M\n")->number, 16 << 20);
	assert_int_equal(conf.ast.first->kind, STMT_BACKLOG);
	assert_int_equal(
	    stmt_of("backlog = 0x400000\nbacklog $backlog\n")->number, 4 << 20);
	conf_fails("backlog\n", "1: expected a number; the line ends here\n");
	conf_fails("backlog 1M\n", "1: 1048576 is less than 4194304, 4M\n");
	conf_fails(
	    "backlog 4194303\n", "1: 4194303 is less than 4194304, 4M\n");
	conf_fails("backlog 0\n", "1: 0 is less than 4194304, 4M\n");
	assert_int_equal(stmt_of("backlog 4294967295\n")->number, UINT32_MAX);
	conf_fails("backlog 4G\n", "1: 4G is larger than 4294967295\n");
	assert_int_equal(stmt_of("workers 64\n")->number, 64);
	assert_int_equal(conf.ast.first->kind, STMT_WORKERS);
	assert_int_equal(stmt_of("exporter 10.0.0.0/8 sampling 1000\n")
			     ->exporter.sampling, 1000);
	assert_int_equal(conf.ast.first->kind, STMT_EXPORTER);
	assert_int_equal(conf.ast.first->exporter.prefix.len, 8);
	assert_int_equal(
	    stmt_of("exporter = \"::1\"\nexporter $exporter sampling 1\n")
		->exporter.prefix.len, 128);
	conf_fails("exporter 10.0.0.1 sampling 0\n",
	    "1: 0 is no sampling rate; 1 says that nothing is left out\n");
	conf_fails("exporter 10.0.0.1 1000\n",
	    "1: expected \"sampling\", not \"1000\"\n");
	conf_fails("workers 0\n", "1: 0 is not from 1 to 64\n");
	conf_fails("workers 65\n", "1: 65 is not from 1 to 64\n");
	conf_fails("backlog = \n",
	    "1: expected the value of the macro; the line ends here\n");
}

static void
listen_takes_options_in_any_order(void **state)
{
	const struct stmt *s = stmt_of("listen on 1:2 on eth0 bufsize 9\n");

	(void)state;
	assert_string_equal(s->endpoint.iface, "eth0");
	assert_int_equal(s->endpoint.bufsize, 9);
	s = stmt_of("listen on 1:2 bufsize 9 on \"wg-home\"\n");
	assert_string_equal(s->endpoint.iface, "wg-home");
	assert_int_equal(s->endpoint.bufsize, 9);
	assert_string_equal(stmt_of("listen on 1:2\n")->endpoint.iface, "");
	conf_fails(
	    "listen on 1:2 on eth0 on eth1\n", "1: \"on\" is given twice\n");
	conf_fails("listen on 1:2 on\n",
	    "1: expected the name of an interface; the line ends here\n");
	conf_fails("listen on 1:2 on \"\"\n",
	    "1: \"\" is not the name of an interface\n");
	conf_fails("listen on 1:2 on a123456789012345\n",
	    "1: \"a123456789012345\" is not the name of an interface\n");
}

static void
flow_source_takes_prefixes_and_any(void **state)
{
	const struct stmt *s = stmt_of("flow source 10.0.0.0/8\n");

	(void)state;
	assert_false(s->source.any);
	assert_int_equal(s->source.prefix.len, 8);
	assert_int_equal(stmt_of("flow source 10.1\n")->source.prefix.len, 32);
	assert_int_equal(
	    stmt_of("flow source 10.0.0.0/0x8\n")->source.prefix.len, 8);
	assert_int_equal(
	    stmt_of("flow source [2001:db8::]/32\n")->source.prefix.len, 32);
	assert_int_equal(
	    stmt_of("flow source \"10.0.0.0/8\"\n")->source.prefix.len, 8);
	assert_true(stmt_of("flow source any\n")->source.any);
	conf_fails(
	    "flow source \"any\"\n", "1: could not parse address \"any\"\n");
	conf_fails("flow source 10.0.0.1/8\n",
	    "1: invalid address/masklength \"10.0.0.1/8\": bits behind the "
	    "mask are set\n");
	conf_fails("flow source \"10.0.0.1/8\"\n",
	    "1: invalid address/masklength \"10.0.0.1/8\": bits behind the "
	    "mask are set\n");
	conf_fails("flow source 10.0.0.0/33\n",
	    "1: could not parse address \"10.0.0.0/33\"\n");
	conf_fails(
	    "flow source ! 10.0.0.1\n", "1: expected a prefix, not '!'\n");
}

static void
groups_and_collectors_are_kept(void **state)
{
	const struct stmt *s = stmt_of("join group [ff05::114]\n");

	(void)state;
	assert_int_equal(s->kind, STMT_JOIN_GROUP);
	assert_int_equal(s->group.addr.family, ADDR_V6);
	assert_string_equal(s->group.on, "");
	assert_string_equal(
	    stmt_of("join group 239.1.1.1 on eth0.7\n")->group.on, "eth0.7");
	assert_string_equal(
	    stmt_of("join group 239.1.1.1 on 10.0.0.1\n")->group.on,
	    "10.0.0.1");
	conf_fails("join group 239.1.1.1 on\n",
	    "1: expected an interface or its address; the line ends here\n");
	s = stmt_of("forward to [::1]:9996\n");
	assert_int_equal(s->kind, STMT_FORWARD);
	assert_int_equal(s->collector.port, 9996);
	assert_false(s->collector.spoof);
	assert_true(stmt_of("forward to 10.0.0.1:9 spoof\n")->collector.spoof);
	conf_fails("forward to 10.0.0.1:9 spoof spoof\n",
	    "1: expected the end of the line, not \"spoof\"\n");
	s = stmt_of("logsock \"/tmp/s\" bufsize 9\n");
	assert_int_equal(s->kind, STMT_LOGSOCK);
	assert_string_equal(s->socket.path, "/tmp/s");
	assert_int_equal(s->socket.bufsize, 9);
	s = stmt_of("control socket \"/s\"\n");
	assert_int_equal(s->kind, STMT_CONTROL);
	assert_string_equal(s->control.path, "/s");
	assert_null(s->control.group);
	assert_string_equal(
	    stmt_of("control socket \"/s\" group noc\n")->control.group, "noc");
	assert_null(stmt_of("control socket none\n")->control.path);
	assert_string_equal(
	    stmt_of("control socket \"none\"\n")->control.path, "none");
	conf_fails("control socket none group noc\n",
	    "1: expected the end of the line, not \"group\"\n");
	conf_fails("control socket\n",
	    "1: expected the path of a socket in quotes, or none; the line "
	    "ends here\n");
	s = stmt_of("metrics listen on [::1]:9995\n");
	assert_int_equal(s->kind, STMT_METRICS);
	assert_int_equal(s->endpoint.port, 9995);
	conf_fails("metrics listen 127.0.0.1:9995\n",
	    "1: expected \"on\", not \"127.0.0.1:9995\"\n");
	conf_fails("join group 224.0.1.20:99\n",
	    "1: could not parse address \"224.0.1.20:99\"\n");
	conf_fails("forward to 10.0.0.1:1 bufsize 9\n",
	    "1: expected the end of the line, not \"bufsize\"\n");
}

static void
store_takes_classic_fields_in_any_case_and_columns(void **state)
{
	const struct stmt *s = stmt_of("store recv_Time\n");

	(void)state;
	assert_int_equal(s->store.classic, CLASSIC_RECV_TIME);
	assert_int_equal(s->store.column, -1);
	assert_int_equal(stmt_of("store ALL\n")->store.classic, CLASSIC_ALL);
	assert_int_equal(stmt_of("store all\n")->store.classic, CLASSIC_ALL);
	assert_int_equal(
	    stmt_of("store \"tag\"\n")->store.classic, CLASSIC_TAG);
	s = stmt_of("store src_as\n");
	assert_int_equal(s->store.classic, CLASSIC_AS_INFO);
	assert_int_equal(s->store.column, COL_src_as);
	s = stmt_of("store vlan\n");
	assert_int_equal(s->store.classic, CLASSIC_NONE);
	assert_int_equal(s->store.column, COL_vlan);
	conf_fails("store SRC_ADR\n",
	    "1: unknown store field type \"SRC_ADR\"; did you mean "
	    "\"SRC_ADDR\"?\n");
	conf_fails("store recv_time_carry\n",
	    "1: unknown store field type \"recv_time_carry\"\n");
	conf_fails("store PACKETS OCTETS\n",
	    "1: expected the end of the line, not \"OCTETS\"\n");
	conf_fails(
	    "store\n", "1: expected a field to store; the line ends here\n");
}

static void
rules_say_what_cannot_be_meant(void **state)
{
	(void)state;
	conf_fails("accept tag 7 src $x\n", "1: macro \"x\" not defined\n");
	conf_fails("discard tag 7\n", "1: tag not allowed in discard\n");
	conf_fails("accept dst any port 80\n",
	    "1: port matching is only allowed for tcp or udp protocols: add "
	    "\"proto tcp\"\n");
	conf_fails("accept proto udp tcp_flags equals 2\n",
	    "1: tcp_flags matching is only allowed for the tcp protocol: add "
	    "\"proto tcp\"\n");
	conf_fails("accept src 10.0.0.0/8 dst ::1\n",
	    "1: src and dst address families do not match\n");
	conf_fails("accept inet6 src 10.0.0.0/8\n",
	    "1: inet or inet6 does not agree with the family of src or "
	    "dst\n");
	conf_fails("accept after 22:00 before 22:00\n",
	    "1: day start time is day finish time\n");
	conf_fails("accept tos 1 tos 2\n",
	    "1: \"tos\" is given twice; a list takes several values, and "
	    "\"and\" joins two tests of the same\n");
	conf_fails("accept srk 10.0.0.1\n",
	    "1: unknown clause \"srk\"; did you mean \"src\"?\n");
	conf_fails("accept in_ifndx 0\n", "1: 0 is not from 1 to 65535\n");
	conf_fails("accept proto 256\n", "1: 256 is not from 0 to 255\n");
	conf_fails("accept before date 1969\n",
	    "1: \"1969\" is out of range: a time is of the years 1970 to "
	    "2261\n");
	conf_fails("accept days someday\n",
	    "1: expected a day of the week, not \"someday\"\n");
}

static void
macros_count_from_the_next_line_on(void **state)
{
	(void)state;
	assert_string_equal(stmt_of("a=x\nlogfile $a\n")->logdir->path, "x");
	assert_string_equal(
	    stmt_of("a = b c\nlogfile $a\n")->logdir->path, "b c");
	assert_string_equal(
	    stmt_of("a=\"y\"\nb=$a\nlogfile $b\n")->logdir->path, "y");
	assert_string_equal(
	    stmt_of("a=x\na=z\nlogfile $a\n")->logdir->path, "z");
	assert_string_equal(
	    stmt_of("1a='q'\nlogfile $1a\n")->logdir->path, "q");
	assert_string_equal(
	    stmt_of("\"n\"=v\nlogfile $n\n")->logdir->path, "v");
	conf_fails(
	    "logfile $later\nlater=x\n", "1: macro \"later\" not defined\n");
	conf_fails("store=\"1\"\n", "1: expected a field to store, not '='\n");
	conf_fails("all=1\n", "1: \"all\" does not begin a statement\n");
	conf_fails("a=accept all\n",
	    "1: expected the value of the macro, not \"accept\"\n");
	conf_fails(
	    "a=\n", "1: expected the value of the macro; the line ends here\n");
}

static void
definitions_of_the_command_line_win(void **state)
{
	(void)state;
	assert_int_equal(filter_define(&conf.filter, "net=10.0.0.0/8"), 0);
	assert_int_equal(filter_define(&conf.filter, "a=b=c"), 0);
	assert_int_equal(filter_define(&conf.filter, "empty="), 0);
	assert_int_equal(filter_define(&conf.filter, "abc"), FLOWD_EINVAL);
	assert_int_equal(filter_define(&conf.filter, "=x"), FLOWD_EINVAL);
	assert_int_equal(filter_define(&conf.filter, ""), FLOWD_EINVAL);
	assert_int_equal(
	    conf_parse("net=\"1.2.3.4\"\nflow source $net\nlogfile $empty x\n"),
	    0);
	assert_int_equal(conf.ast.first->source.prefix.len, 8);
	assert_string_equal(conf.ast.first->next->logdir->path, "x");
}

static void
statements_keep_their_order_and_place(void **state)
{
	const struct stmt *s;

	(void)state;
	assert_int_equal(conf_parse("# c\nlogfile a\n\n  pidfile b\n"), 0);
	s = conf.ast.first;
	assert_int_equal(s->kind, STMT_LOGFILE);
	assert_int_equal(s->at.line, 2);
	s = s->next;
	assert_int_equal(s->kind, STMT_PIDFILE);
	assert_int_equal(s->at.line, 4);
	assert_int_equal(s->at.column, 3);
	assert_null(s->next);
}

static void
words_of_packet_filters_are_known(void **state)
{
	(void)state;
	conf_fails("block all\n",
	    "1: unknown directive \"block\"; did you mean \"discard\"?\n");
	conf_fails("Pass all\n",
	    "1: unknown directive \"Pass\"; did you mean \"accept\"?\n");
}

static void
every_line_with_an_error_is_reported(void **state)
{
	(void)state;
	assert_int_equal(
	    conf_parse(
		"logfile x\nfrob 1\nlisen on 1:1\nlisten on 1\nstore FOO\n"
		"LOGFILE x\n\"logfile\" x\nlogfile y\n"),
	    FLOWD_EINVAL);
	assert_string_equal(conf.got.text,
	    "2: unknown directive \"frob\"\n"
	    "3: unknown directive \"lisen\"; did you mean \"listen\"?\n"
	    "4: missing port: write 1:PORT\n"
	    "5: unknown store field type \"FOO\"\n"
	    "6: unknown directive \"LOGFILE\"; did you mean \"logfile\"?\n"
	    "7: expected = behind the name of a macro, not \"x\"\n");
	assert_string_equal(conf.ast.first->next->logdir->path, "y");
}

static void
the_last_line_needs_its_newline(void **state)
{
	(void)state;
	conf_fails("logfile x", "1: the last line has no newline\n");
	assert_int_equal(conf_parse("logfile x\n# comment"), 0);
	assert_int_equal(conf_parse(""), 0);
	conf_fails(
	    "logfile",
	    "1: expected the path of a file in quotes; the text ends here\n");
}

static void
line_ends_of_dos_are_explained(void **state)
{
	(void)state;
	conf_fails("logfile x\r\n",
	    "1: a carriage return: are these DOS line ends?\n");
	conf_fails("\f\n", "1: stray octet 0x0c\n");
}

static void
a_flood_of_errors_is_cut(void **state)
{
	size_t n = 10 * (size_t)PARSE_ERRORS_MAX;
	char *text = malloc(2 * n + 1);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + 2 * i, "/\n", 3);
	assert_int_equal(conf_parse(text), FLOWD_EINVAL);
	assert_int_equal(conf.got.sink.count, PARSE_ERRORS_MAX);
	free(text);
}

static void
memory_has_a_maximum(void **state)
{
	(void)state;
	conf.filter.arena.max = 600;
	assert_int_equal(conf_parse("logfile a\nlogfile b\nlogfile c\n"
			       "logfile d\nlogfile e\n"),
	    FLOWD_ENOMEM);
}

#define T(f) cmocka_unit_test_setup_teardown(f, conf_setup, conf_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(paths_are_strings_joined_by_a_space),
		T(a_string_has_a_longest),
		T(listen_takes_numeric_addresses_with_ports),
		T(numbers_are_as_in_c_and_of_32_bits),
		T(sizes_have_units),
		T(words_that_came_later_may_name_macros),
		T(listen_takes_options_in_any_order),
		T(flow_source_takes_prefixes_and_any),
		T(groups_and_collectors_are_kept),
		T(store_takes_classic_fields_in_any_case_and_columns),
		T(rules_say_what_cannot_be_meant),
		T(macros_count_from_the_next_line_on),
		T(definitions_of_the_command_line_win),
		T(statements_keep_their_order_and_place),
		T(words_of_packet_filters_are_known),
		T(every_line_with_an_error_is_reported),
		T(the_last_line_needs_its_newline),
		T(line_ends_of_dos_are_explained),
		T(a_flood_of_errors_is_cut),
		T(memory_has_a_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
