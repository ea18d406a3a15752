/* Hints for words of other tools; see hint.h. */
#include <string.h>

#include "hint.h"

struct hint {
	enum hint_place place;
	const char *theirs, *ours;
};

/* clang-format off */
static const struct hint hints[] = {
	/* Words between tests, and values without a test. */
	{ HINT_TEST, "&", "write \"and\"" },
	{ HINT_TEST, "|", "write \"or\"" },
	{ HINT_TEST, ",", "write the list in braces" },
	{ HINT_TEST, "[", "write the list in braces" },
	{ HINT_TEST, "{", "write a list after its test, as in "
	    "\"port { 80, 443 }\"" },
	{ HINT_TEST, "-", "names are written with _, as icmp_type" },
	{ HINT_TEST, "any", "write \"all\"" },
	{ HINT_TEST, "where", "write the tests alone" },
	{ HINT_TEST, "xor", "write \"and\", \"or\" and \"not\"" },
	{ HINT_TEST, "k", "a unit follows its number without a blank" },
	{ HINT_TEST, "K", "a unit follows its number without a blank" },
	{ HINT_TEST, "M", "a unit follows its number without a blank" },
	{ HINT_TEST, "G", "a unit follows its number without a blank" },
	{ HINT_TEST, "s", "a unit follows its number without a blank" },
	{ HINT_TEST, "ms", "a unit follows its number without a blank" },
	/* Families and protocols. */
	{ HINT_TEST, "arp", "flows are of IP" },
	{ HINT_TEST, "ether", "write \"src_mac\" or \"dst_mac\"" },
	{ HINT_TEST, "ip", "write \"host\" for an address" },
	{ HINT_TEST, "ip4", "write \"inet\"" },
	{ HINT_TEST, "ip6", "write \"inet6\"" },
	{ HINT_TEST, "ipv4", "write \"inet\"" },
	{ HINT_TEST, "ipv6", "write \"inet6\"; IPv6 in IPv4 is "
	    "\"proto ipv6\"" },
	{ HINT_TEST, "icmpv6", "write \"icmp6\"" },
	{ HINT_TEST, "pr", "write \"proto\"" },
	/* Addresses and ports. */
	{ HINT_TEST, "addr", "write \"host\" for an address" },
	{ HINT_TEST, "address", "write \"host\" for an address" },
	{ HINT_TEST, "aport", "write \"port\"" },
	{ HINT_TEST, "broadcast", "write \"dst 255.255.255.255\"" },
	{ HINT_TEST, "multicast", "write \"dst { 224.0.0.0/4, ff00::/8 }\"" },
	{ HINT_TEST, "cidr", "write \"net\"" },
	{ HINT_TEST, "network", "write \"net\"" },
	{ HINT_TEST, "subnet", "write \"net\"" },
	{ HINT_TEST, "da", "write \"dst\"" },
	{ HINT_TEST, "daddr", "write \"dst\"" },
	{ HINT_TEST, "daddress", "write \"dst\"" },
	{ HINT_TEST, "dcidr", "write \"dst\"" },
	{ HINT_TEST, "dest", "write \"dst\"" },
	{ HINT_TEST, "destination", "write \"dst\"" },
	{ HINT_TEST, "dip", "write \"dst\"" },
	{ HINT_TEST, "dst_ip", "write \"dst\"" },
	{ HINT_TEST, "dstaddr", "write \"dst\"" },
	{ HINT_TEST, "dstip", "write \"dst\"" },
	{ HINT_TEST, "to", "write \"dst\"" },
	{ HINT_TEST, "from", "write \"src\"" },
	{ HINT_TEST, "sa", "write \"src\"" },
	{ HINT_TEST, "saddr", "write \"src\"" },
	{ HINT_TEST, "saddress", "write \"src\"" },
	{ HINT_TEST, "scidr", "write \"src\"" },
	{ HINT_TEST, "sip", "write \"src\"" },
	{ HINT_TEST, "source", "write \"src\"" },
	{ HINT_TEST, "src_ip", "write \"src\"" },
	{ HINT_TEST, "srcaddr", "write \"src\"" },
	{ HINT_TEST, "srcip", "write \"src\"" },
	{ HINT_TEST, "dp", "write \"dst port\"" },
	{ HINT_TEST, "dport", "write \"dst port\"" },
	{ HINT_TEST, "dstport", "write \"dst port\"" },
	{ HINT_TEST, "sp", "write \"src port\"" },
	{ HINT_TEST, "sport", "write \"src port\"" },
	{ HINT_TEST, "srcport", "write \"src port\"" },
	{ HINT_TEST, "portrange", "write \"port\", as in "
	    "\"port 8000-8999\"" },
	{ HINT_TEST, "ports", "write \"port\"" },
	{ HINT_TEST, "ip.addr", "write \"host\"" },
	{ HINT_TEST, "ip.dst", "write \"dst\"" },
	{ HINT_TEST, "ip.proto", "write \"proto\"" },
	{ HINT_TEST, "ip.src", "write \"src\"" },
	{ HINT_TEST, "ipv6.addr", "write \"host\"" },
	{ HINT_TEST, "tcp.dstport", "write \"tcp dst port\"" },
	{ HINT_TEST, "tcp.flags", "write \"flags\"" },
	{ HINT_TEST, "tcp.port", "write \"tcp port\"" },
	{ HINT_TEST, "tcp.srcport", "write \"tcp src port\"" },
	{ HINT_TEST, "udp.port", "write \"udp port\"" },
	/* Exporters, interfaces, directions. */
	{ HINT_TEST, "as", "write \"src_as\" or \"dst_as\"" },
	{ HINT_TEST, "asn", "write \"src_as\" or \"dst_as\"" },
	{ HINT_TEST, "bgpnext", "write \"bgp_next_hop\"" },
	{ HINT_TEST, "engine", "write \"engine_type\" or \"engine_id\"" },
	{ HINT_TEST, "exporter", "write \"agent\"" },
	{ HINT_TEST, "gateway", "write \"next_hop\"" },
	{ HINT_TEST, "next", "write \"next_hop\"" },
	{ HINT_TEST, "nexthop", "write \"next_hop\"" },
	{ HINT_TEST, "nhip", "write \"next_hop\"" },
	{ HINT_TEST, "router", "write \"agent\"" },
	{ HINT_TEST, "sensor", "write \"agent\"" },
	{ HINT_TEST, "if", "write \"if_in\" or \"if_out\"" },
	{ HINT_TEST, "iface", "write \"if_in\" or \"if_out\"" },
	{ HINT_TEST, "ifindex", "write \"if_in\" or \"if_out\"" },
	{ HINT_TEST, "ifname", "write \"if_in\" or \"if_out\" and the number" },
	{ HINT_TEST, "in", "write \"if_in\", and the list in braces" },
	{ HINT_TEST, "in_if", "write \"if_in\"" },
	{ HINT_TEST, "inbound", "write \"direction 0\"" },
	{ HINT_TEST, "ingress", "write \"direction 0\" or \"if_in\"" },
	{ HINT_TEST, "input", "write \"if_in\"" },
	{ HINT_TEST, "interface", "write \"if_in\" or \"if_out\"" },
	{ HINT_TEST, "egress", "write \"direction 1\" or \"if_out\"" },
	{ HINT_TEST, "out", "write \"if_out\"" },
	{ HINT_TEST, "out_if", "write \"if_out\"" },
	{ HINT_TEST, "outbound", "write \"direction 1\"" },
	{ HINT_TEST, "output", "write \"if_out\"" },
	{ HINT_TEST, "mac", "write \"src_mac\" or \"dst_mac\"" },
	{ HINT_TEST, "mask", "write 10.0.0.0/8 for a net, \"src_mask\" or "
	    "\"dst_mask\" for a column" },
	/* Counters and times. */
	{ HINT_TEST, "byt", "write \"octets\"" },
	{ HINT_TEST, "bytes", "write \"octets\"" },
	{ HINT_TEST, "dOctets", "write \"octets\"" },
	{ HINT_TEST, "length", "write \"octets\"" },
	{ HINT_TEST, "len", "write \"octets\"" },
	{ HINT_TEST, "size", "write \"octets\"" },
	{ HINT_TEST, "greater", "write \"octets >=\"" },
	{ HINT_TEST, "less", "write \"octets <=\"" },
	{ HINT_TEST, "pckts", "write \"packets\"" },
	{ HINT_TEST, "pkt", "write \"packets\"" },
	{ HINT_TEST, "pkts", "write \"packets\"" },
	{ HINT_TEST, "date", "write \"recv_time\", or \"after date\"" },
	{ HINT_TEST, "dur", "write \"duration\"" },
	{ HINT_TEST, "end", "write \"flow_end\"" },
	{ HINT_TEST, "etime", "write \"flow_end\"" },
	{ HINT_TEST, "first", "write \"flow_start\"" },
	{ HINT_TEST, "last", "write \"flow_end\"" },
	{ HINT_TEST, "start", "write \"flow_start\"" },
	{ HINT_TEST, "stime", "write \"flow_start\"" },
	{ HINT_TEST, "time", "write \"recv_time\"" },
	{ HINT_TEST, "day", "write \"days\"" },
	/* Header fields. */
	{ HINT_TEST, "dscp", "write \"tos\", whose upper six bits it is" },
	{ HINT_TEST, "flag", "write \"flags\", as in \"flags S/SA\"" },
	{ HINT_TEST, "syn", "write \"flags S/S\"" },
	{ HINT_TEST, "tcpflags", "write \"flags\", as in \"flags S/SA\"" },
	{ HINT_TEST, "icmptype", "write \"icmp_type\"" },
	{ HINT_TEST, "icmpcode", "write \"icmp_code\"" },
	{ HINT_TEST, "tags", "write \"tag\"" },
	/* Words after "src" and "dst". */
	{ HINT_SRC, "addr", "write the address after \"src\"" },
	{ HINT_SRC, "address", "write the address after \"src\"" },
	{ HINT_SRC, "as", "write \"src_as\"" },
	{ HINT_SRC, "asn", "write \"src_as\"" },
	{ HINT_SRC, "ip", "write the address after \"src\" or \"host\"" },
	{ HINT_SRC, "ipv6", "write the address after \"src\" or \"host\"" },
	{ HINT_SRC, "mac", "write \"src_mac\"" },
	{ HINT_SRC, "mask", "write \"src_mask\"" },
	{ HINT_SRC, "portrange", "write \"src port 8000-8999\"" },
	{ HINT_SRC, "ports", "write \"src port\"" },
	{ HINT_SRC, "subnet", "write \"src net\"" },
	{ HINT_SRC, "network", "write \"src net\"" },
	{ HINT_SRC, "tos", "write \"tos\"" },
	{ HINT_SRC, "vlan", "write \"vlan\"" },
	{ HINT_DST, "addr", "write the address after \"dst\"" },
	{ HINT_DST, "address", "write the address after \"dst\"" },
	{ HINT_DST, "as", "write \"dst_as\"" },
	{ HINT_DST, "asn", "write \"dst_as\"" },
	{ HINT_DST, "ip", "write the address after \"dst\"" },
	{ HINT_DST, "ipv6", "write the address after \"dst\"" },
	{ HINT_DST, "mac", "write \"dst_mac\"" },
	{ HINT_DST, "mask", "write \"dst_mask\"" },
	{ HINT_DST, "portrange", "write \"dst port 8000-8999\"" },
	{ HINT_DST, "ports", "write \"dst port\"" },
	{ HINT_DST, "subnet", "write \"dst net\"" },
	{ HINT_DST, "network", "write \"dst net\"" },
	{ HINT_DST, "tos", "write \"tos\"" },
	{ HINT_DST, "vlan", "write \"dst_vlan\"" },
	/* Comparisons. */
	{ HINT_VALUE, "[", "write the list in braces" },
	{ HINT_VALUE, "(", "write the list in braces" },
	{ HINT_VALUE, "between", "a range has a hyphen, as in 80-90" },
	{ HINT_VALUE, "eq", "write =" },
	{ HINT_VALUE, "ge", "write >=" },
	{ HINT_VALUE, "gt", "write >" },
	{ HINT_VALUE, "in", "write the list in braces" },
	{ HINT_VALUE, "is", "write =" },
	{ HINT_VALUE, "le", "write <=" },
	{ HINT_VALUE, "lt", "write <" },
	{ HINT_VALUE, "ne", "write !=" },
	{ HINT_VALUE, "not", "write '!' in front of a value" },
};
/* clang-format on */

static const char *
hint_find(enum hint_place place, const char *word)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].place == place &&
		    strcmp(hints[i].theirs, word) == 0)
			return hints[i].ours;
	return NULL;
}

/* A value without a test: an address, or the second value of "80 or 443". */
static const char *
hint_of_value(const char *text)
{
	if (strspn(text, "0123456789abcdefABCDEF:.") != strlen(text))
		return NULL;
	if (strchr(text, ':') != NULL ||
	    (strchr(text, '.') != NULL && text[0] <= '9'))
		return "write \"host\", \"src\" or \"dst\" in front of an "
		       "address";
	return text[0] <= '9' ? "write a test before its value; a list "
				"of values is { 80, 443 }"
			      : NULL;
}

bool
hint_report(struct parser *p, enum hint_place place, const char *front)
{
	const struct token *tok = &p->lex.tok;
	const char *hint = NULL;

	if (tok->kind == TOKEN_WORD || tok->kind == TOKEN_CHAR)
		hint = hint_find(place, tok->text);
	if (hint == NULL && place == HINT_TEST && tok->kind == TOKEN_WORD)
		hint = hint_of_value(tok->text);
	if (hint == NULL)
		return false;
	(void)parser_fail(p, "\"%s%.64s\" is not a %s here; %s", front,
	    tok->text, place == HINT_VALUE ? "value" : "test", hint);
	return true;
}
