/* Names of services; see service.h. */
#include <stddef.h>
#include <string.h>

#include "service.h"
#include "suggest.h"

static const struct {
	const char *name;
	uint16_t port;
} services[] = {
	{ "echo", 7 },
	{ "discard", 9 },
	{ "daytime", 13 },
	{ "chargen", 19 },
	{ "ftp-data", 20 },
	{ "ftp", 21 },
	{ "ssh", 22 },
	{ "telnet", 23 },
	{ "smtp", 25 },
	{ "time", 37 },
	{ "whois", 43 },
	{ "tacacs", 49 },
	{ "domain", 53 },
	{ "dns", 53 },
	{ "bootps", 67 },
	{ "bootpc", 68 },
	{ "dhcp", 67 },
	{ "tftp", 69 },
	{ "gopher", 70 },
	{ "finger", 79 },
	{ "http", 80 },
	{ "www", 80 },
	{ "kerberos", 88 },
	{ "pop3", 110 },
	{ "sunrpc", 111 },
	{ "ident", 113 },
	{ "nntp", 119 },
	{ "ntp", 123 },
	{ "epmap", 135 },
	{ "netbios-ns", 137 },
	{ "netbios-dgm", 138 },
	{ "netbios-ssn", 139 },
	{ "imap", 143 },
	{ "imap2", 143 },
	{ "snmp", 161 },
	{ "snmptrap", 162 },
	{ "bgp", 179 },
	{ "irc", 194 },
	{ "ldap", 389 },
	{ "https", 443 },
	{ "microsoft-ds", 445 },
	{ "submissions", 465 },
	{ "smtps", 465 },
	{ "isakmp", 500 },
	{ "exec", 512 },
	{ "login", 513 },
	{ "shell", 514 },
	{ "syslog", 514 },
	{ "printer", 515 },
	{ "rip", 520 },
	{ "ripng", 521 },
	{ "dhcpv6-client", 546 },
	{ "dhcpv6-server", 547 },
	{ "rtsp", 554 },
	{ "nntps", 563 },
	{ "submission", 587 },
	{ "ipp", 631 },
	{ "ldaps", 636 },
	{ "ldp", 646 },
	{ "rsync", 873 },
	{ "ftps", 990 },
	{ "telnets", 992 },
	{ "imaps", 993 },
	{ "pop3s", 995 },
	{ "socks", 1080 },
	{ "openvpn", 1194 },
	{ "ms-sql-s", 1433 },
	{ "l2tp", 1701 },
	{ "pptp", 1723 },
	{ "radius", 1812 },
	{ "radius-acct", 1813 },
	{ "ssdp", 1900 },
	{ "nfs", 2049 },
	{ "netflow", 2055 },
	{ "mysql", 3306 },
	{ "ms-wbt-server", 3389 },
	{ "rdp", 3389 },
	{ "stun", 3478 },
	{ "svn", 3690 },
	{ "bfd-control", 3784 },
	{ "ipsec-nat-t", 4500 },
	{ "ipfix", 4739 },
	{ "ipfixs", 4740 },
	{ "vxlan", 4789 },
	{ "sip", 5060 },
	{ "sips", 5061 },
	{ "xmpp-client", 5222 },
	{ "xmpp-server", 5269 },
	{ "mdns", 5353 },
	{ "llmnr", 5355 },
	{ "postgresql", 5432 },
	{ "amqps", 5671 },
	{ "amqp", 5672 },
	{ "vnc", 5900 },
	{ "coap", 5683 },
	{ "x11", 6000 },
	{ "geneve", 6081 },
	{ "sflow", 6343 },
	{ "redis", 6379 },
	{ "ircs-u", 6697 },
	{ "http-alt", 8080 },
	{ "git", 9418 },
	{ "wireguard", 51820 },
};

enum { NSERVICES = sizeof(services) / sizeof(services[0]) };

int
service_by_name(const char *name)
{
	for (size_t i = 0; i < NSERVICES; i++)
		if (strcmp(services[i].name, name) == 0)
			return services[i].port;
	return -1;
}

const char *
service_suggest(const char *name)
{
	return suggest_row(
	    name, &services[0].name, sizeof(services[0]), NSERVICES);
}
