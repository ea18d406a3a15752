/* The command line; see options.h. One row of settings[] is an option. */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "options.h"

enum {
	DEFAULT_PORT = 2055,	/* of captures; sending wants one */
	LONG_FIRST = 256 /* getopt_long(): row of settings[] + this */
};

struct setting {
	char letter;	/* 0: it has none */
	const char *name;
	const char *arg;	/* what it takes, or NULL: a switch */
	void (*set)(struct options *o, const struct setting *s,
	    const char *text);
	size_t offset;	/* of its member of struct options */
	uint64_t min, max;	/* of a number */
	const char *help;
};

static _Noreturn void
die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void
die(const char *fmt, ...)
{
	va_list ap;

	fputs("flowd-send: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void *
member(struct options *o, const struct setting *s)
{
	return (char *)o + s->offset;
}

static void
set_switch(struct options *o, const struct setting *s, const char *text)
{
	(void)text;
	*(bool *)member(o, s) = true;
}

static void
set_text(struct options *o, const struct setting *s, const char *text)
{
	*(const char **)member(o, s) = text;
}

static void
set_number(struct options *o, const struct setting *s, const char *text)
{
	uint64_t *number = member(o, s);

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
	/* Without brackets nobody knows where an IPv6 address ends. */
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

	if (!endpoint_parse(text, &o->to, &has_port) || o->to.port == 0)
		die("\"%s\" is not a destination: ADDRESS:PORT, numeric, "
		    "IPv6 in brackets",
		    text);
}

static void
show_help(struct options *o, const struct setting *s, const char *text);

static void
show_version(struct options *o, const struct setting *s, const char *text)
{
	(void)o;
	(void)s;
	(void)text;
	puts("flowd-send " FLOWD_VERSION);
	exit(0);
}

#define NUMBER(member, min, max) \
	set_number, offsetof(struct options, member), min, max
#define TEXT(member) set_text, offsetof(struct options, member), 0, 0
#define SWITCH(member) set_switch, offsetof(struct options, member), 0, 0

static const struct setting settings[] = {
	{ 'g', "generate", "N", NUMBER(generate, 1, INT64_MAX),
	    "send N flows of a model of traffic instead of files" },
	{ 'a', "as", "VERSION", set_version, 0, 0, 0,
	    "encode flows as NetFlow 5, 9 (the default) or 10 (IPFIX)" },
	{ 'n', "records", "N", NUMBER(records, 1, 65535),
	    "flows in a datagram (default: what fits into a packet)" },
	{ 0, "refresh", "N", NUMBER(refresh, 1, 1000000000),
	    "datagrams between templates (100)" },
	{ 0, "domain", "N", NUMBER(domain, 0, UINT32_MAX),
	    "source id, observation domain or engine (0)" },
	{ 0, "seed", "N", NUMBER(seed, 0, UINT64_MAX),
	    "of the model: the same seed, the same flows (1)" },
	{ 0, "ipv6", "PERCENT", NUMBER(ipv6_percent, 0, 100),
	    "of the model's connections (0)" },
	{ 0, "start", "SECONDS", NUMBER(start_sec, 1, UINT32_MAX),
	    "of the model's clock, since 1970 (now)" },
	{ 'r', "rate", "N", NUMBER(rate, 0, 1000000000),
	    "datagrams a second (10000); 0: as fast as possible" },
	{ 'R', "realtime", NULL, SWITCH(realtime),
	    "keep the gaps that a capture has between datagrams" },
	{ 'l', "loop", "N", NUMBER(loops, 0, INT64_MAX),
	    "send everything N times (1); 0: for ever" },
	{ 's', "source", "ADDRESS", set_source, 0, 0, 0,
	    "send from ADDRESS or ADDRESS:PORT" },
	{ 'w', "dump", "FILE", TEXT(dump),
	    "write a capture instead of sending" },
	{ 'q', "quiet", NULL, SWITCH(quiet), "no progress, no summary" },
	{ 'v', "verbose", NULL, SWITCH(verbose),
	    "a summary even when nobody watches" },
	{ 'h', "help", NULL, show_help, 0, 0, 0, "this text" },
	{ 0, "version", NULL, show_version, 0, 0, 0, "the version" },
};

enum {
	SETTINGS = sizeof(settings) / sizeof(settings[0])
};

static void
show_help(struct options *o, const struct setting *s, const char *text)
{
	char left[64];

	(void)o;
	(void)text;
	puts("Usage: flowd-send [options] ADDRESS:PORT file ...\n"
	     "       flowd-send [options] --generate N ADDRESS:PORT\n"
	     "       flowd-send [options] --dump FILE {file ... | "
	     "--generate N}\n"
	     "Sends flow logs, captures of export datagrams and single "
	     "payloads (.dat) as\nNetFlow or IPFIX.");
	for (s = settings; s < settings + SETTINGS; s++) {
		(void)snprintf(left, sizeof(left), "%c%c%s --%s %s",
		    s->letter != 0 ? '-' : ' ',
		    s->letter != 0 ? s->letter : ' ',
		    s->letter != 0 ? "," : " ", s->name,
		    s->arg != NULL ? s->arg : "");
		printf("  %-20s %s\n", left, s->help);
	}
	exit(0);
}

/* What getopt_long(3) wants, from the table. */
static void
describe(struct option longs[SETTINGS + 1], char letters[2 * SETTINGS + 1])
{
	for (int i = 0; i < SETTINGS; i++) {
		const struct setting *s = &settings[i];

		longs[i] = (struct option) { s->name,
			s->arg != NULL ? required_argument : no_argument, NULL,
			LONG_FIRST + i };
		if (s->letter == 0)
			continue;
		*letters++ = s->letter;
		if (s->arg != NULL)
			*letters++ = ':';
	}
	longs[SETTINGS] = (struct option) { NULL, 0, NULL, 0 };
	*letters = '\0';
}

static const struct setting *
setting_find(int opt)
{
	if (opt >= LONG_FIRST)
		return &settings[opt - LONG_FIRST];
	for (size_t i = 0; i < SETTINGS; i++)
		if (settings[i].letter == opt)
			return &settings[i];
	return NULL;
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

/* A capture has ends even where nothing is sent. */
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

void
options_parse(struct options *o, int argc, char **argv)
{
	struct option longs[SETTINGS + 1];
	char letters[2 * SETTINGS + 1];
	bool has_rate = false;
	int opt;

	*o = (struct options) { .version = 9,
		.refresh = 100,
		.seed = 1,
		.rate = 10000,
		.loops = 1 };
	describe(longs, letters);
	while ((opt = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct setting *s = setting_find(opt);

		if (s == NULL)
			die("see flowd-send --help");
		s->set(o, s, optarg);
		has_rate = has_rate || strcmp(s->name, "rate") == 0;
	}
	if (o->dump != NULL)
		dump_endpoints(o);
	else if (optind == argc)
		die("no destination: name ADDRESS:PORT, or --dump FILE");
	else
		set_destination(o, argv[optind++]);
	o->paths = argv + optind;
	o->npaths = (size_t)(argc - optind);
	check_together(o, has_rate);
}
