/* Series as a table with a sparkline each; see sparkline.h. */
#include <stdio.h>

#include "groups.h"
#include "series.h"
#include "sparkline.h"

enum {
	MARKS_LEAST = 10,
	KEY_WIDTH = 20, /* that is left for a key */
	VALUE_WIDTH = 11
};

static enum form
sparkline_form(const struct series_set *set)
{
	return measure_form(
	    &set->result->output->measures.measure[set->measure]);
}

static void
sparkline_add_columns(struct dataset *d, const struct series_set *set)
{
	static const char *const values[] = { "average", "max", "last" };
	const struct aggregate_result *r = set->result;
	char name[DATASET_NAME_MAX];

	for (unsigned i = 1; i < r->key.nparts; i++)
		(void)dataset_add(
		    d, r->key.part[i].name, key_form(&r->key.part[i]), true);
	for (unsigned i = 0; i < 3; i++) {
		(void)snprintf(name, sizeof(name), "%s%s%s",
		    i == 0 ? r->output->measures.measure[set->measure].name
			   : "",
		    i == 0 ? " " : "", values[i]);
		(void)dataset_add(d, name, sparkline_form(set), false);
	}
	(void)dataset_add(d, "chart", FORM_TEXT, true);
}

static void
sparkline_put_keys(struct grid *g, const struct series_set *set,
    const struct series_line *line)
{
	const struct aggregate_result *r = set->result;

	for (unsigned i = 1; i < r->key.nparts; i++) {
		struct aggregate_value v;

		aggregate_key(r, line->row, i, &v);
		if (line->other)
			grid_text(g, i == 1 ? "other" : " ");
		else
			grid_cell(g, &v);
	}
}

/* A value in the kind that its form wants. */
static void
sparkline_put_value(struct grid *g, const struct series_set *set, double value)
{
	if (sparkline_form(set) == FORM_SPAN)
		grid_span(g, (int64_t)(value * 1e9));
	else
		grid_real(g, value);
}

static void
sparkline_put_line(struct grid *g, const struct series_set *set,
    const struct series_line *line, const struct terminal *t, unsigned marks)
{
	size_t n = set->range.n;
	double sum = 0, most = 0;
	struct buf text;

	for (size_t i = 0; i < n; i++) {
		sum += line->value[i];
		most = line->value[i] > most ? line->value[i] : most;
	}
	sparkline_put_keys(g, set, line);
	sparkline_put_value(g, set, n > 0 ? sum / (double)n : 0);
	sparkline_put_value(g, set, most);
	sparkline_put_value(g, set, n > 0 ? line->value[n - 1] : 0);
	buf_init(&text, 16384);
	sparkline_put(t, line->value, n, most, marks, &text);
	buf_append_char(&text, '\0');
	grid_text(g, (const char *)text.ptr);
	buf_fini(&text);
}

/* What the other columns leave of the terminal, about. */
static unsigned
sparkline_width(const struct series_set *set, const struct terminal *t)
{
	unsigned used =
	    (set->result->key.nparts - 1) * KEY_WIDTH + 3 * VALUE_WIDTH;

	return t->width > used + MARKS_LEAST ? t->width - used : MARKS_LEAST;
}

int
sparkline_fill(struct grid *g, struct aggregate_result *r,
    const struct scan_options *scan, const struct terminal *t,
    struct flowd_error *err)
{
	unsigned measure =
	    r->output->order >= 0 ? (unsigned)r->output->order : 0;
	struct series_set set;
	int bad = series_set_init(&set, scan, r, measure, err);

	sparkline_add_columns(&g->dataset, &set);
	for (size_t i = 0; i < set.n && bad == 0; i++)
		sparkline_put_line(
		    g, &set, &set.line[i], t, sparkline_width(&set, t));
	grid_end(g, false);
	if (bad == 0 && !grid_ok(g))
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	series_set_fini(&set);
	return bad;
}
