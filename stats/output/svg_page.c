/* Pieces of charts; see svg_page.h. */
#include <math.h>

#include "svg_page.h"

/*
 * Colours that are told apart also by those who see few, on light ground and,
 * below, on dark. The last one is that of others.
 */
static const char style[] =
    "<style>\n"
    ":root { color-scheme: light dark }\n"
    ".ground { fill: #ffffff }\n"
    "text { font-family: system-ui, sans-serif; font-size: 12px; "
    "fill: #333333 }\n"
    ".title { font-size: 15px; font-weight: 600; fill: #111111 }\n"
    ".end { text-anchor: end }\n"
    ".middle { text-anchor: middle }\n"
    ".grid { stroke: #dddddd; stroke-width: 1 }\n"
    ".axis { stroke: #888888; stroke-width: 1 }\n"
    ".line { fill: none; stroke-width: 1.5 }\n"
    ".c0 { fill: #0b6bb3; stroke: #0b6bb3 }\n"
    ".c1 { fill: #e08214; stroke: #e08214 }\n"
    ".c2 { fill: #1b8a5a; stroke: #1b8a5a }\n"
    ".c3 { fill: #b2386f; stroke: #b2386f }\n"
    ".c4 { fill: #56b4e9; stroke: #56b4e9 }\n"
    ".c5 { fill: #c9b200; stroke: #c9b200 }\n"
    ".c6 { fill: #6a51a3; stroke: #6a51a3 }\n"
    ".c7 { fill: #7f4a1f; stroke: #7f4a1f }\n"
    ".c8 { fill: #2ab7a9; stroke: #2ab7a9 }\n"
    ".c9 { fill: #d6604d; stroke: #d6604d }\n"
    ".c10 { fill: #b5b5b5; stroke: #b5b5b5 }\n"
    ".again { opacity: 0.5 }\n"
    ".area { stroke: none }\n"
    ".line { fill: none }\n"
    "@media (prefers-color-scheme: dark) {\n"
    ".ground { fill: #16191d }\n"
    "text { fill: #c8ccd2 }\n"
    ".title { fill: #f0f2f5 }\n"
    ".grid { stroke: #30363d }\n"
    ".axis { stroke: #7d8590 }\n"
    ".c0 { fill: #4aa3e8; stroke: #4aa3e8 }\n"
    ".c1 { fill: #f5a04a; stroke: #f5a04a }\n"
    ".c2 { fill: #3fbf86; stroke: #3fbf86 }\n"
    ".c3 { fill: #e06aa0; stroke: #e06aa0 }\n"
    ".c4 { fill: #8fd0f5; stroke: #8fd0f5 }\n"
    ".c5 { fill: #e6d34a; stroke: #e6d34a }\n"
    ".c6 { fill: #a08be0; stroke: #a08be0 }\n"
    ".c7 { fill: #b98457; stroke: #b98457 }\n"
    ".c8 { fill: #5fd6ca; stroke: #5fd6ca }\n"
    ".c9 { fill: #f08a78; stroke: #f08a78 }\n"
    ".c10 { fill: #6b7280; stroke: #6b7280 }\n"
    ".area { stroke: none }\n"
    ".line { fill: none }\n"
    "}\n"
    "</style>\n";

void
svg_escape(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '&':
			buf_append_text(out, "&amp;");
			break;
		case '<':
			buf_append_text(out, "&lt;");
			break;
		case '>':
			buf_append_text(out, "&gt;");
			break;
		case '"':
			buf_append_text(out, "&quot;");
			break;
		default:
			/* XML has no controls; texts are from DNS, too. */
			buf_append_char(out,
			    (unsigned char)*text < ' ' ||
				    (unsigned char)*text > '~'
				? '?'
				: *text);
			break;
		}
}

void
svg_text(
    struct buf *out, double x, double y, const char *class, const char *text)
{
	buf_printf(
	    out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
	svg_escape(out, text);
	buf_append_text(out, "</text>\n");
}

void
svg_begin(struct buf *out, unsigned width, unsigned height, const char *title)
{
	buf_printf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" "
	    "height=\"%u\" viewBox=\"0 0 %u %u\" role=\"img\">\n<title>",
	    width, height, width, height);
	svg_escape(out, title);
	buf_append_text(out, "</title>\n");
	buf_append_text(out, style);
	buf_printf(out, "<rect class=\"ground\" width=\"%u\" height=\"%u\"/>\n",
	    width, height);
	svg_text(out, 16, 26, "title", title);
}

void
svg_end(struct buf *out)
{
	buf_append_text(out, "</svg>\n");
}

double
svg_step(double top, unsigned n)
{
	double raw = top / n, zeros;

	if (!(top > 0))
		return 1;
	zeros = pow(10, floor(log10(raw)));
	raw /= zeros;
	return zeros * (raw <= 1 ? 1 : raw <= 2 ? 2 : raw <= 5 ? 5 : 10);
}

int64_t
svg_time_step(int64_t span_sec, unsigned n)
{
	static const int64_t steps[] = { 1, 2, 5, 10, 30, 60, 120, 300, 600,
		900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800,
		604800, 1209600, 2592000, 7776000, 31536000 };
	size_t last = sizeof(steps) / sizeof(steps[0]) - 1, i = 0;

	while (i < last && span_sec / steps[i] > (int64_t)n)
		i++;
	return steps[i];
}

int64_t
svg_time_first(struct zone zone, int64_t sec, int64_t step_sec)
{
	int64_t ahead = civil_at(zone, sec) - sec, civil = sec + ahead;
	int64_t past = civil % step_sec;

	if (past < 0)
		past += step_sec;
	return past == 0 ? sec : sec + step_sec - past;
}
