/* The command line; see options.h. The table is options.def. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "num.h"
#include "option.h"
#include "options.h"
#include "cli.h"

enum {
	DEFAULT_PORT = 2055 /* for captures; sending requires a port */
};

#define die(...) cli_die("flowd-send", __VA_ARGS__)

/* What an option does. */
struct setting {
	const char *name;
	void (*set)(struct options *o, const struct setting *s,
	    const char *text);
	size_t offset; /* of its member of struct options */
	uint64_t min, max; /* of a number */
};

static void *
setting_member(struct options *o, const struct setting *s)
{
	return (char *)o + s->offset;
}

static void
set_switch(struct options *o, const struct setting *s, const char *text)
{
	(void)text;
	*(bool *)setting_member(o, s) = true;
}

static void
set_text(struct options *o, const struct setting *s, const char *text)
{
	*(const char **)setting_member(o, s) = text;
}

static void
set_number(struct options *o, const struct setting *s, const char *text)
{
	uint64_t *number = setting_member(o, s);

	if (num_parse(text, s->max, number) != 0 || *number < s->min)
		die("--%s: \"%s\" is not a number from %" PRIu64 " to %" PRIu64,
		    s->name, text, s->min, s->max);
}

static void
set_version(struct options *o, const struct setting *s, const char *text)
{
	if (num_parse(text, UINT16_MAX, &o->version) != 0 ||
	    !encode_knows_version((unsigned)o->version))
		die("--%s: \"%s\" is not 5, 9 or 10 (IPFIX)", s->name, text);
}

/* "192.0.2.1:2055", "[2001:db8::1]:2055"; the port may be missing. */
static bool
endpoint_parse(const char *text, struct endpoint *e, bool *has_port)
{
	const char *bracket = strchr(text, ']');
	const char *colon = strrchr(bracket != NULL ? bracket : text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
	char host[ADDR_TEXT_MAX + 2];
	uint64_t port = 0;

	if (len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	*has_port = colon != NULL;
	if (colon != NULL && num_parse(colon + 1, UINT16_MAX, &port) != 0)
		return false;
	e->port = (uint16_t)port;
	/* Without brackets the end of an IPv6 address is ambiguous. */
	return (bracket != NULL) == (strchr(host, ':') != NULL) &&
	    addr_parse(host, &e->addr) == 0;
}

static void
set_source(struct options *o, const struct setting *s, const char *text)
{
	bool has_port;

	if (!endpoint_parse(text, &o->from, &has_port))
		die("--%s: \"%s\" is not ADDRESS or ADDRESS:PORT, numeric, "
		    "IPv6 in brackets",
		    s->name, text);
}

static void
set_destination(struct options *o, const char *text)
{
	bool has_port;

	if (endpoint_parse(text, &o->to, &has_port) && o->to.port != 0)
		return;
	die("\"%s\" is not a destination: ADDRESS:PORT, numeric, IPv6 in "
	    "brackets%s",
	    text, access(text, F_OK) == 0 ? "; it stands in front of the files"
					  : "");
}

static void
show_help(struct options *o, const struct setting *s, const char *text);

static void
show_version(struct options *o, const struct setting *s, const char *text)
{
	(void)o;
	(void)s;
	(void)text;
	cli_print_version("flowd-send");
}

#define NUMBER(member, least, most) .set = set_number, \
	.offset = offsetof(struct options, member), .min = least, .max = most
#define TEXT(member) \
	.set = set_text, .offset = offsetof(struct options, member)
#define SWITCH(member) \
	.set = set_switch, .offset = offsetof(struct options, member)

static const struct option_info table[] = {
#define OPTION(letter, word, value, completion, help, ...) \
	{ letter, word, value, help },
#include "options.def"
#undef OPTION
};

static const struct setting settings[] = {
#define OPTION(letter, word, value, completion, help, ...) \
	{ .name = word, __VA_ARGS__ },
#include "options.def"
#undef OPTION
};

enum {
	OPTIONS = sizeof(table) / sizeof(table[0])
};

static void
show_help(struct options *o, const struct setting *s, const char *text)
{
	(void)o;
	(void)s;
	(void)text;
	cli_print_usage(
	    "Usage: flowd-send [options] ADDRESS:PORT file ...\n"
	    "       flowd-send [options] --generate N ADDRESS:PORT\n"
	    "       flowd-send [options] --dump FILE {file ... | "
	    "--generate N}\n"
	    "Sends flow logs, captures of export datagrams and single "
	    "payloads (.dat) as\nNetFlow or IPFIX.\n",
	    table, OPTIONS, stdout);
}

static void
check_together(struct options *o, bool has_rate)
{
	if (o->generate == 0 && o->npaths == 0)
		die("nothing to send: name a file, or --generate N");
	if (o->generate != 0 && o->npaths != 0)
		die("--generate takes the place of files");
	if (o->generate != 0 && o->realtime)
		die("--realtime is for captures; the model follows --rate");
	if (o->realtime && has_rate)
		die("--rate and --realtime exclude each other");
	if (o->generate != 0 && o->version == 5 && o->ipv6_percent != 0)
		die("--ipv6: NetFlow 5 has no IPv6; say --as 9 or --as 10");
	if (o->version == 5 && o->records > ENCODE_V5_RECORDS)
		die("--records: NetFlow 5 has at most %d in a datagram",
		    ENCODE_V5_RECORDS);
	if (o->dump == NULL && o->from.addr.family != ADDR_NONE &&
	    o->from.addr.family != o->to.addr.family)
		die("--source and the destination are not of one family");
	if (o->dump != NULL && o->loops == 0)
		die("--loop 0 would never finish the file of --dump");
}

/* Datagrams in a capture need addresses, too. */
static void
dump_endpoints(struct options *o)
{
	struct addr6 one = { 0, 1 };

	if (o->from.addr.family == ADDR_NONE)
		o->from.addr = addr_from_v4(UINT32_C(0x7f000001));
	if (o->from.port == 0)
		o->from.port = DEFAULT_PORT;
	o->to.addr = o->from.addr.family == ADDR_V6
	    ? addr_from_v6(one)
	    : addr_from_v4(UINT32_C(0x7f000001));
	o->to.port = DEFAULT_PORT;
}

/* Moves the operands to the front of argv. */
void
options_parse(struct options *o, char **argv)
{
	struct option_args args;
	bool has_rate = false;
	size_t n = 0;
	int got;

	*o = (struct options) { .version = 9,
		.refresh = 100,
		.seed = 1,
		.rate = 10000,
		.loops = 1,
		.paths = argv + (argv[0] != NULL) };
	option_begin(&args, table, OPTIONS, argv);
	while ((got = option_next(&args)) != OPTION_END) {
		if (got == OPTION_BAD)
			die("%s", args.err.text);
		if (got == OPTION_OPERAND) {
			o->paths[n++] = args.value;
			continue;
		}
		settings[got].set(o, &settings[got], args.value);
		has_rate |= strcmp(settings[got].name, "rate") == 0;
	}
	o->npaths = n;
	if (o->dump != NULL)
		dump_endpoints(o);
	else if (o->npaths == 0)
		die("no destination: name ADDRESS:PORT, or --dump FILE");
	else {
		o->npaths--;
		set_destination(o, *o->paths++);
	}
	check_together(o, has_rate);
}
