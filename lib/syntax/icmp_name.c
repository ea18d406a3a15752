/* Names of ICMP messages; see icmp_name.h. */
#include <stddef.h>
#include <string.h>

#include "icmp_name.h"
#include "suggest.h"

static const struct icmp_name icmp_names[] = {
	{ "echorep", 0, 129 },
	{ "unreach", 3, 1 },
	{ "toobig", -1, 2 },
	{ "squench", 4, -1 },
	{ "redir", 5, 137 },
	{ "echoreq", 8, 128 },
	{ "routeradv", 9, 134 },
	{ "routersol", 10, 133 },
	{ "timex", 11, 3 },
	{ "paramprob", 12, 4 },
	{ "timereq", 13, -1 },
	{ "timerep", 14, -1 },
	{ "inforeq", 15, -1 },
	{ "inforep", 16, -1 },
	{ "maskreq", 17, -1 },
	{ "maskrep", 18, -1 },
	{ "groupqry", -1, 130 },
	{ "grouprep", -1, 131 },
	{ "groupterm", -1, 132 },
	{ "neighbrsol", -1, 135 },
	{ "neighbradv", -1, 136 },
	{ "routrrenum", -1, 138 },
};

enum { NICMP = sizeof(icmp_names) / sizeof(icmp_names[0]) };

const struct icmp_name *
icmp_by_name(const char *name)
{
	for (size_t i = 0; i < NICMP; i++)
		if (strcmp(icmp_names[i].name, name) == 0)
			return &icmp_names[i];
	return NULL;
}

const char *
icmp_suggest(const char *name)
{
	return suggest_row(
	    name, &icmp_names[0].name, sizeof(icmp_names[0]), NICMP);
}
