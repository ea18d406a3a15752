/* Files of other programs; see magic.h. */
#include <stdint.h>
#include <string.h>

#include "magic.h"

struct magic {
	const char *octets;
	uint8_t len;
	uint16_t at;
	const char *what;
	const char *unpack; /* command that makes of it what can be read */
	const char *hint; /* or what to do */
};

static const char nfcapd_hint[] = "nfreplay sends what is in it to a flowd";

/* clang-format off */
static const struct magic magics[] = {
	{ "\x1f\x8b", 2, 0, "compressed with gzip", "zcat", NULL },
	{ "\x1f\x9d", 2, 0, "compressed with compress", "zcat", NULL },
	{ "\x28\xb5\x2f\xfd", 4, 0, "compressed with zstd", "zstdcat", NULL },
	{ "\xfd" "7zXZ", 5, 0, "compressed with xz", "xzcat", NULL },
	{ "BZh", 3, 0, "compressed with bzip2", "bzcat", NULL },
	{ "\x04\x22\x4d\x18", 4, 0, "compressed with lz4", "lz4cat", NULL },
	{ "\x02\x21\x4c\x18", 4, 0, "compressed with lz4", "lz4cat", NULL },
	{ "\x5d\x00\x00", 3, 0, "compressed with lzma", "xzcat", NULL },
	{ "LZIP", 4, 0, "compressed with lzip", "lzip -dc", NULL },
	{ "\x89LZO", 4, 0, "compressed with lzop", "lzop -dc", NULL },
	{ "PK\3\4", 4, 0, "a zip archive", "unzip -p", NULL },
	{ "7z\xbc\xaf", 4, 0, "a 7-Zip archive", "7z x -so", NULL },
	{ "ustar", 5, 257, "a tar archive", "tar -xOf", NULL },
	{ "\x0c\xa5", 2, 0, "an nfcapd file of nfdump", NULL, nfcapd_hint },
	{ "\xa5\x0c", 2, 0, "an nfcapd file of nfdump", NULL, nfcapd_hint },
	{ "\xcf\x10", 2, 0, "a file of flow-tools", NULL,
	    "flow-send sends what is in it to a flowd" },
	{ "\xde\xad\xbe\xef", 4, 0, "a file of SiLK", NULL,
	    "rwsilk2ipfix makes IPFIX of it" },
	{ "snoop\0\0\0", 8, 0, "a capture of snoop", NULL,
	    "editcap -F pcap makes one of it that can be read" },
	{ "\0\x0a", 2, 0, "IPFIX without a capture around it", NULL,
	    "flowd-send FOLDER takes such messages, each in a file of its "
	    "own that ends in .dat" },
	{ "\0\x09\0", 3, 0, "NetFlow 9 without a capture around it", NULL,
	    "flowd-send FOLDER takes such datagrams, each in a file of its "
	    "own that ends in .dat" },
	{ "\0\x05\0", 3, 0, "NetFlow 5 without a capture around it", NULL,
	    "flowd-send FOLDER takes such datagrams, each in a file of its "
	    "own that ends in .dat" },
	{ "SQLite format 3\0", 16, 0, "an SQLite database", NULL, NULL },
	{ "PAR1", 4, 0, "a Parquet file", NULL, NULL },
	{ "\x7f" "ELF", 4, 0, "a program", NULL, NULL },
};
/* clang-format on */

static const struct magic *
magic_find(struct bytes head)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		const struct magic *m = &magics[i];

		if (head.len >= (size_t)m->at + m->len &&
		    memcmp(head.ptr + m->at, m->octets, m->len) == 0)
			return m;
	}
	return NULL;
}

static bool
is_control(uint8_t octet)
{
	return (octet < ' ' && (octet < '\t' || octet > '\r')) || octet == 0x7f;
}

bool
magic_is_known(struct bytes head)
{
	return magic_find(head) != NULL;
}

/*
 * The head of a version 3 record may start like a text, but has two zero octets
 * behind the second. Readers ignore these, so other octets that are no text are
 * accepted.
 */
bool
magic_is_text(struct bytes head)
{
	size_t n = head.len < MAGIC_FEW ? head.len : MAGIC_FEW;

	/* Nothing in UTF-8 begins with 0x80 to 0xbf. */
	if (n < 3 || (head.ptr[0] & 0xc0) == 0x80)
		return false;
	for (size_t i = 0; i < n; i++)
		if (is_control(head.ptr[i]))
			return false;
	return true;
}

int
magic_refuse(struct bytes head, const char *name, const char *program,
    struct flowd_error *err)
{
	const struct magic *m = magic_find(head);
	bool is_stdin = strcmp(name, "standard input") == 0;

	if (m == NULL && magic_is_text(head))
		return flowd_fail(err, FLOWD_EFORMAT,
		    "%s: is a text, neither a flow log nor a capture", name);
	if (m == NULL)
		return 0;
	if (m->unpack != NULL)
		return flowd_fail(err, FLOWD_EFORMAT, "%s: is %s: %s %s | %s -",
		    name, m->what, m->unpack, is_stdin ? "FILE" : name,
		    program);
	return flowd_fail(err, FLOWD_EFORMAT,
	    "%s: is %s, neither a flow log nor a capture%s%s", name, m->what,
	    m->hint != NULL ? ": " : "", m->hint != NULL ? m->hint : "");
}
