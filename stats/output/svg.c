/* Charts; see svg.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "groups.h"
#include "human.h"
#include "series.h"
#include "svg.h"
#include "svg_page.h"

enum {
	WIDTH = 960,
	HEIGHT = 420,
	LEFT = 90, /* of the plot */
	TOP = 46,
	BOTTOM = 40,
	LEGEND_LEFT = 36, /* of names in it, behind the plot */
	MARGIN = 20,
	TICKS_Y = 6,
	TICKS_X = 8,
	BAR_HEIGHT = 24,
	VALUE_WIDTH = 90,
	BARS_MAX = 200,
	BINS_MAX = 1000,
	CHARACTER = 8, /* as wide as one is at most */
	LEGEND_NAME = 40, /* characters of a name that have room */
	LIST_NAME = 80
};

/* A chart over time. */
struct plot {
	const struct scan_options *scan;
	struct style *style;
	struct series_set set;
	struct buf *out;
	double right, bottom; /* edges */
	double top_value;
	int64_t from_ns, to_ns;
	size_t nbins; /* of the series */
	size_t merged; /* of which so many are drawn as one */
	bool stacked;
};

static const struct measure *
svg_measure(const struct aggregate_result *r, unsigned measure)
{
	return &r->output->measures.measure[measure];
}

static unsigned
svg_chart_measure(const struct aggregate_result *r)
{
	return r->output->order > 0 ? (unsigned)r->output->order : 0;
}

/* A value of the measure as people read it. */
static void
svg_value_text(
    struct style *style, enum form form, double value, struct buf *out)
{
	struct cell cell = { .v = { .kind = VALUE_REAL, .real = value } };

	if (form == FORM_SPAN)
		cell.v = (struct aggregate_value) { .kind = VALUE_NS,
			.ns = (int64_t)(value * 1e9) };
	cell_show(&cell, form, style, out);
	buf_append_char(out, '\0');
}

static double
plot_x(const struct plot *p, int64_t ns)
{
	return LEFT +
	    (p->right - LEFT) * (double)(ns - p->from_ns) /
	    (double)(p->to_ns - p->from_ns);
}

static double
plot_y(const struct plot *p, double value)
{
	return p->bottom - (p->bottom - TOP) * value / p->top_value;
}

static void
plot_draw_value_ticks(struct plot *p)
{
	enum form form =
	    measure_form(svg_measure(p->set.result, p->set.measure));
	double step = svg_step(p->top_value, TICKS_Y);
	struct buf text;

	buf_init(&text, 256);
	for (double v = 0; v <= p->top_value * 1.001; v += step) {
		double y = plot_y(p, v);

		buf_printf(p->out,
		    "<line class=\"grid\" x1=\"%d\" x2=\"%.1f\" y1=\"%.1f\" "
		    "y2=\"%.1f\"/>\n",
		    LEFT, p->right, y, y);
		buf_reset(&text);
		svg_value_text(p->style, form, v, &text);
		svg_text(
		    p->out, LEFT - 8, y + 4, "end", (const char *)text.ptr);
	}
	buf_fini(&text);
}

/* The time of day, or the date at midnight. */
static void
plot_draw_time_tick(struct plot *p, int64_t sec, int64_t step)
{
	double x = plot_x(p, sec * 1000000000);
	char text[TEXT_MAX], *end;
	const char *label = text + 11;

	end = text_time(text, &p->style->clock, sec);
	*end = '\0';
	if (end - text < 19)
		return;
	if (step >= 60)
		text[16] = '\0';
	if (step >= 86400 || strncmp(label, "00:00", 5) == 0) {
		text[10] = '\0';
		label = text;
	}
	buf_printf(p->out,
	    "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" "
	    "y2=\"%.1f\"/>\n",
	    x, x, p->bottom, p->bottom + 5);
	/* The last one ends at the edge of the page, and is whole. */
	if (x + (double)strlen(label) * CHARACTER / 2 > WIDTH)
		svg_text(p->out, WIDTH - 2, p->bottom + 20, "end", label);
	else
		svg_text(p->out, x, p->bottom + 20, "middle", label);
}

static void
plot_draw_time_ticks(struct plot *p)
{
	const struct zone zone = { .local = !p->scan->utc };
	const int64_t second = 1000000000;
	int64_t from = p->from_ns / second, to = p->to_ns / second;
	int64_t step = svg_time_step(to - from, TICKS_X);

	for (int64_t sec = svg_time_first(zone, from, step); sec <= to;
	    sec += step)
		plot_draw_time_tick(p, sec, step);
	buf_printf(p->out,
	    "<line class=\"axis\" x1=\"%d\" x2=\"%.1f\" y1=\"%.1f\" "
	    "y2=\"%.1f\"/>\n",
	    LEFT, p->right, p->bottom, p->bottom);
}

/* "c0" to "c9", and again paler: no two lines of a legend are the same. */
static void
plot_put_class(const struct plot *p, size_t line)
{
	if (p->set.line[line].other)
		buf_printf(p->out, "class=\"c%d", SVG_COLOURS);
	else
		buf_printf(p->out, "class=\"c%zu%s", line % SVG_COLOURS,
		    line < SVG_COLOURS ? "" : " again");
}

/* When a step begins; the last one may be of fewer bins. */
static int64_t
plot_step_begin(const struct plot *p, size_t step)
{
	size_t place = step * p->merged;

	if (place > p->nbins)
		place = p->nbins;
	return time_bin_begin(
	    &p->set.range.bins, p->set.range.first + (uint32_t)place);
}

/* Steps, as each has one value for all of its time. */
static void
plot_draw_edge(struct plot *p, const double *value, const char *command)
{
	for (size_t i = 0; i < p->set.range.n; i++) {
		double y = plot_y(p, value[i]);

		buf_printf(p->out, "%s%.1f %.1fH%.1f", i == 0 ? command : "L",
		    plot_x(p, plot_step_begin(p, i)), y,
		    plot_x(p, plot_step_begin(p, i + 1)));
	}
}

/* The lower edge of an area, from its end back. */
static void
plot_draw_edge_back(struct plot *p, const double *value)
{
	for (size_t i = p->set.range.n; i > 0; i--) {
		double y = plot_y(p, value[i - 1]);

		buf_printf(p->out, "L%.1f %.1fH%.1f",
		    plot_x(p, plot_step_begin(p, i)), y,
		    plot_x(p, plot_step_begin(p, i - 1)));
	}
}

static void
plot_draw_areas(struct plot *p, double *below, double *above)
{
	size_t n = p->set.range.n;

	for (size_t i = 0; i < n; i++)
		below[i] = 0;
	for (size_t line = 0; line < p->set.n; line++) {
		for (size_t i = 0; i < n; i++)
			above[i] = below[i] + p->set.line[line].value[i];
		buf_append_text(p->out, "<path ");
		plot_put_class(p, line);
		buf_append_text(p->out, " area\" d=\"");
		plot_draw_edge(p, above, "M");
		plot_draw_edge_back(p, below);
		buf_append_text(p->out, "Z\"/>\n");
		for (size_t i = 0; i < n; i++)
			below[i] = above[i];
	}
}

static void
plot_draw_lines(struct plot *p)
{
	for (size_t line = 0; line < p->set.n; line++) {
		buf_append_text(p->out, "<path ");
		plot_put_class(p, line);
		buf_append_text(p->out, " line\" d=\"");
		plot_draw_edge(p, p->set.line[line].value, "M");
		buf_append_text(p->out, "\"/>\n");
	}
}

/*
 * "10.0.0.1 443": the keys of a row of a result, behind the first so many, cut
 * where there is room for no more.
 */
static void
svg_keys_text(struct style *style, const struct aggregate_result *r, size_t row,
    unsigned first, size_t room, struct buf *out)
{
	for (unsigned i = first; i < r->key.nparts; i++) {
		struct cell cell = { .text = NULL };
		size_t before = out->len;

		if (i > first)
			buf_append_char(out, ' ');
		aggregate_key(r, row, i, &cell.v);
		cell_show(&cell, key_form(&r->key.part[i]), style, out);
		if (out->len == before + (i > first))
			buf_append_char(out, '-');
	}
	buf_append_char(out, '\0');
	if (out->len > room + 1 && buf_ok(out))
		memcpy(out->ptr + room - 3, "...", 4);
}

/* How wide the name of a row is, at most. */
static double
svg_keys_width(struct style *style, const struct aggregate_result *r,
    size_t row, unsigned first, size_t room)
{
	struct buf text;
	double width;

	buf_init(&text, 8192);
	svg_keys_text(style, r, row, first, room, &text);
	width = (double)text.len * CHARACTER;
	buf_fini(&text);
	return width;
}

/* What the legend leaves of the width. */
static double
plot_right(const struct plot *p)
{
	double width = sizeof("and 100 more") * CHARACTER;

	if (p->set.result->key.nparts < 2)
		return WIDTH - MARGIN;
	for (size_t i = 0; i < p->set.n; i++)
		if (!p->set.line[i].other)
			width = fmax(width,
			    svg_keys_width(p->style, p->set.result,
				p->set.line[i].row, 1, LEGEND_NAME));
	return WIDTH - LEGEND_LEFT - width;
}

static void
plot_draw_legend(struct plot *p)
{
	struct buf text;

	if (p->set.result->key.nparts < 2)
		return;
	buf_init(&text, 8192);
	for (size_t i = 0; i < p->set.n; i++) {
		double y = TOP + 10 + 20 * (double)i;

		if (y > HEIGHT - 30 && i + 1 < p->set.n) {
			buf_reset(&text);
			buf_printf(&text, "and %zu more", p->set.n - i);
			buf_append_char(&text, '\0');
			svg_text(p->out, p->right + LEGEND_LEFT, y + 1, "",
			    (const char *)text.ptr);
			break;
		}
		buf_append_text(p->out, "<rect ");
		plot_put_class(p, i);
		buf_printf(p->out,
		    "\" x=\"%.1f\" y=\"%.1f\" width=\"11\" "
		    "height=\"11\"/>\n",
		    p->right + 18, y - 9);
		buf_reset(&text);
		if (p->set.line[i].other)
			buf_append(&text, "other", 6);
		else
			svg_keys_text(p->style, p->set.result,
			    p->set.line[i].row, 1, LEGEND_NAME, &text);
		svg_text(p->out, p->right + LEGEND_LEFT, y + 1, "",
		    (const char *)text.ptr);
	}
	buf_fini(&text);
}

/* From when to when it is. */
static void
plot_draw_range(struct plot *p)
{
	char text[2 * TEXT_MAX + 8], *end;
	struct clock *clock = &p->style->clock;

	end = text_time(text, clock, p->from_ns / 1000000000);
	memcpy(end, " to ", 4);
	end = text_time(end + 4, clock, p->to_ns / 1000000000);
	*end = '\0';
	svg_text(p->out, WIDTH - MARGIN, 26, "end", text);
}

/* The greatest value that there is to draw. */
static double
plot_top(const struct plot *p)
{
	double top = 0;

	for (size_t i = 0; i < p->set.range.n; i++) {
		double edge = 0;

		for (size_t line = 0; line < p->set.n; line++) {
			double value = p->set.line[line].value[i];

			edge = p->stacked ? edge + value : fmax(edge, value);
		}
		top = fmax(top, edge);
	}
	return top > 0 ? top : 1;
}

/* More bins than there is room for: the average of some. */
static void
plot_merge_bins(struct plot *p)
{
	size_t n = p->set.range.n, by = (n + BINS_MAX - 1) / BINS_MAX;

	p->nbins = n;
	p->merged = by > 0 ? by : 1;
	if (by < 2)
		return;
	p->set.range.n = (n + by - 1) / by;
	for (size_t line = 0; line < p->set.n; line++) {
		double *value = p->set.line[line].value;

		for (size_t i = 0; i < p->set.range.n; i++) {
			size_t end = (i + 1) * by < n ? (i + 1) * by : n;
			double sum = 0;

			for (size_t k = i * by; k < end; k++)
				sum += value[k];
			value[i] = sum / (double)(end - i * by);
		}
	}
}

static int
plot_draw(struct plot *p, struct flowd_error *err)
{
	size_t n = p->set.range.n;
	double *edges = calloc(2 * n + 1, sizeof(*edges));

	if (edges == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (n > 0) {
		p->from_ns = plot_step_begin(p, 0);
		p->to_ns = plot_step_begin(p, n);
		p->top_value = plot_top(p);
		plot_draw_value_ticks(p);
		if (p->stacked)
			plot_draw_areas(p, edges, edges + n);
		else
			plot_draw_lines(p);
		plot_draw_time_ticks(p);
		plot_draw_legend(p);
		plot_draw_range(p);
	} else {
		svg_text(p->out, MARGIN, TOP + 20, "", "no flows");
	}
	free(edges);
	return 0;
}

/* "octets in bins of 5 min by src_addr"; a rate is the same in any bin. */
static void
svg_title_text(const struct aggregate_result *r, unsigned measure, char *title,
    size_t size)
{
	const struct measure *m = svg_measure(r, measure);
	unsigned first = r->output->bin_ns != 0;
	size_t len = (size_t)snprintf(title, size, "%s", m->name);
	char width[HUMAN_MAX];

	if (first > 0 && m->function != MEASURE_RATE)
		len += (size_t)snprintf(title + len, size - len,
		    " in bins of %s",
		    human_duration(width, (int64_t)r->output->bin_ns));
	for (unsigned i = first; i < r->key.nparts && len < size; i++)
		len += (size_t)snprintf(title + len, size - len, "%s%s",
		    i == first ? " by " : ", ", r->key.part[i].name);
}

static bool
svg_adds_up(const struct measure *m)
{
	return m->function == MEASURE_FLOWS || m->function == MEASURE_SUM ||
	    m->function == MEASURE_RATE;
}

static int
svg_draw_series(struct buf *out, struct aggregate_result *r,
    const struct scan_options *scan, struct style *style,
    struct flowd_error *err)
{
	unsigned measure = svg_chart_measure(r);
	struct plot p = { .scan = scan,
		.style = style,
		.out = out,
		.bottom = HEIGHT - BOTTOM,
		.stacked = svg_adds_up(svg_measure(r, measure)) };
	char title[256];
	int bad = series_set_init(&p.set, scan, r, measure, err);

	svg_title_text(r, measure, title, sizeof(title));
	svg_begin(out, WIDTH, HEIGHT, title);
	if (bad == 0) {
		p.right = plot_right(&p);
		plot_merge_bins(&p);
		bad = plot_draw(&p, err);
	}
	svg_end(out);
	series_set_fini(&p.set);
	return bad;
}

/* --- Top lists --- */

static double
svg_row_value(const struct aggregate_result *r, size_t row, unsigned measure)
{
	struct aggregate_value v;

	aggregate_measure(r, row, measure, &v);
	switch ((enum aggregate_kind)v.kind) {
	case VALUE_UINT:
		return (double)v.uint;
	case VALUE_REAL:
		return v.real;
	case VALUE_NS:
		return (double)v.ns / 1e9;
	default:
		return 0;
	}
}

static void
svg_draw_bar(struct style *style, const struct aggregate_result *r, size_t row,
    unsigned measure, double top, double left, struct buf *out)
{
	double y = TOP + BAR_HEIGHT * (double)row;
	double room = WIDTH - left - VALUE_WIDTH - MARGIN;
	double value = svg_row_value(r, row, measure);
	double width = top > 0 ? room * value / top : 0;
	struct buf text;

	buf_init(&text, 8192);
	svg_keys_text(style, r, row, 0, LIST_NAME, &text);
	svg_text(out, left - 8, y + 16, "end", (const char *)text.ptr);
	buf_printf(out,
	    "<rect class=\"c0\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
	    "height=\"%d\"/>\n",
	    left, y + 3, width, BAR_HEIGHT - 8);
	buf_reset(&text);
	svg_value_text(
	    style, measure_form(svg_measure(r, measure)), value, &text);
	svg_text(
	    out, left + width + 8, y + 16, "", (const char *)text.ptr);
	buf_fini(&text);
}

static void
svg_draw_list(
    struct buf *out, const struct aggregate_result *r, struct style *style)
{
	unsigned measure = svg_chart_measure(r);
	size_t n = r->nrows < BARS_MAX ? r->nrows : BARS_MAX;
	double top = 0, left = 0;
	char title[256];

	for (size_t row = 0; row < n; row++) {
		top = fmax(top, svg_row_value(r, row, measure));
		left = fmax(
		    left, svg_keys_width(style, r, row, 0, LIST_NAME));
	}
	svg_title_text(r, measure, title, sizeof(title));
	svg_begin(out, WIDTH,
	    (unsigned)(TOP + BAR_HEIGHT * (n > 0 ? n : 1) + MARGIN), title);
	if (n == 0)
		svg_text(out, MARGIN, TOP + 16, "", "no flows");
	for (size_t row = 0; row < n; row++)
		svg_draw_bar(
		    style, r, row, measure, top, MARGIN + left, out);
	svg_end(out);
}

int
svg_draw(struct buf *out, struct aggregate_result *r,
    const struct scan_options *scan, struct style *style,
    struct flowd_error *err)
{
	if (r->output->bin_ns != 0)
		return svg_draw_series(out, r, scan, style, err);
	svg_draw_list(out, r, style);
	return 0;
}
