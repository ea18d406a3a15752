/* Classic flows and times as text; see include/flowd/compat.h. */
#include <arpa/inet.h>
#include <string.h>

#include "compat_fields.h"
#include "format.h"
#include "record.h"
#include "v3.h"

/* Copy a text of so many octets, as much as fits, and end it. */
static void
text_copy(char *to, size_t size, const char *text, size_t len)
{
	if (size == 0)
		return;
	if (len >= size)
		len = size - 1;
	memcpy(to, text, len);
	to[len] = '\0';
}

/* The flow as a formatter knows it: by the fields of its record. */
static void
classic_of(const struct store_flow_complete *flow, int hostorder,
    struct classic *c)
{
	uint8_t record[V3_RECORD_MAX];
	struct store_flow_complete f = *flow;
	uint32_t fields;

	if (hostorder)
		store_swab_flow(&f, 1);
	/* Addresses that have no family are not there. */
	(void)compat_fields_choose(&compat_v3_layout, &f,
	    ntohl(f.hdr.fields), STORE_FIELD_ALL, &fields);
	(void)compat_fields_put(&compat_v3_layout, &f, fields, record);
	*c = (struct classic) { .fields = 0 };
	(void)record_get_v3(record, fields, c);
	c->crc32 = ntohl(f.crc32.crc32);
}

void
store_format_flow(const struct store_flow_complete *flow, char *buf,
    size_t len, int utc_flag, uint32_t display_mask, int hostorder)
{
	char line[FORMAT_LINE_MAX];
	struct clock clock;
	struct classic c;

	clock_init(&clock, utc_flag != 0);
	classic_of(flow, hostorder, &c);
	text_copy(buf, len, line,
	    (size_t)(format_text_line(
			 line, &c, c.fields & display_mask, &clock) - line));
}

void
store_format_flow_flowtools_csv(const struct store_flow_complete *flow,
    char *buf, size_t len, int utc_flag, uint32_t display_mask, int hostorder)
{
	char line[FORMAT_LINE_MAX];
	struct classic c;

	/* As the first flowd: neither changes a line. */
	(void)utc_flag;
	(void)display_mask;
	classic_of(flow, hostorder, &c);
	text_copy(buf, len, line,
	    (size_t)(format_flowtools_line(line, &c) - line));
}

const char *
iso_time(time_t t, int utc_flag)
{
	static _Thread_local char text[TEXT_MAX];
	struct clock clock;

	clock_init(&clock, utc_flag != 0);
	*text_time(text, &clock, (int64_t)t) = '\0';
	return text;
}

const char *
interval_time(time_t t)
{
	static _Thread_local char text[TEXT_MAX];

	*text_interval(text, t > 0 ? (uint32_t)t : 0) = '\0';
	return text;
}
