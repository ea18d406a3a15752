/*
 * "store" statements: what is stored of a flow; see conf.h. A logfile has
 * classic fields, a logdir has columns and elements. A statement that a logfile
 * cannot follow applies to logdirs only. Without any statement everything is
 * stored.
 *
 * Test: test/unit/flowd/conf/test_conf_logdir.c.
 */
#include "columns.h"
#include "conf_statements.h"
#include "element_name.h"

/* Columns of classic fields that version 3 stores differently. */
static const struct {
	uint32_t classic;
	unsigned col;
} more_columns[] = {
	{ CLASSIC_FLOW_TIMES, COL_flow_start },
	{ CLASSIC_FLOW_TIMES, COL_flow_end },
};

static struct colset
columns_of(uint32_t classic)
{
	struct colset set = { { 0, 0 } };

	for (unsigned i = 0; i < COL_COUNT; i++)
		if (classic == CLASSIC_ALL || column_info[i].classic & classic)
			colset_add(&set, i);
	for (size_t i = 0; i < sizeof(more_columns) / sizeof(more_columns[0]);
	     i++)
		if (classic & more_columns[i].classic)
			colset_add(&set, more_columns[i].col);
	return set;
}

bool
conf_store_begin(struct conf_builder *m)
{
	struct conf *conf = m->conf;

	conf->store = CLASSIC_ALL;
	conf->columns = columns_of(CLASSIC_ALL);
	conf->elements.all = true;
	m->elements = conf_alloc(conf, 2 * conf_count(conf, STMT_STORE) + 1,
	    sizeof(*m->elements));
	return m->elements != NULL;
}

static void
report_unknown_element(
    struct conf_builder *m, const struct stmt *stmt, const char *name)
{
	const char *near = element_suggest(name);

	if (near != NULL)
		diag_report(&m->sink, &stmt->at,
		    "unknown element \"%.64s\"; did you mean \"%s\"?", name,
		    near);
	else
		diag_report(&m->sink, &stmt->at,
		    "unknown element \"%.64s\"; write its name or PEN:ID",
		    name);
}

/*
 * Store an element: its column, if it has one, and "other", which has repeated
 * values of it.
 */
static void
store_element(struct conf_builder *m, const struct stmt *stmt)
{
	struct other_id id;
	const struct element *e;

	if (!element_parse(stmt->store.element, &id)) {
		report_unknown_element(m, stmt, stmt->store.element);
		return;
	}
	e = element_find(id.pen, id.id);
	if (e != NULL && e->column >= 0)
		colset_add(&m->conf->columns, (unsigned)e->column);
	colset_add(&m->conf->columns, COL_other);
	m->elements[m->nelements++] = id;
	if (e != NULL && element_v9(e, &id))
		m->elements[m->nelements++] = id;
}

static void
store_in_logdir(struct conf_builder *m, const struct stmt *stmt)
{
	const struct store_choice *s = &stmt->store;
	struct conf *conf = m->conf;
	struct colset set;

	if (!m->logdir_chosen) {
		conf->columns = (struct colset){ { 0, 0 } };
		conf->elements.all = false;
	}
	m->logdir_chosen = true;
	if (s->element != NULL) {
		store_element(m, stmt);
		return;
	}
	set = columns_of(s->column < 0 ? s->classic : CLASSIC_NONE);
	if (s->column >= 0)
		colset_add(&set, (unsigned)s->column);
	if (colset_has(&set, COL_other))
		conf->elements.all = true;
	for (unsigned i = 0; i < COL_COUNT; i++)
		if (colset_has(&set, i))
			colset_add(&conf->columns, i);
}

static void
store_in_logfile(struct conf_builder *m, const struct stmt *stmt)
{
	if (stmt->store.classic == CLASSIC_NONE)
		return;
	if (!m->logfile_chosen)
		m->conf->store = CLASSIC_NONE;
	m->logfile_chosen = true;
	m->conf->store |= stmt->store.classic;
}

void
conf_store(struct conf_builder *m, const struct stmt *stmt)
{
	store_in_logfile(m, stmt);
	store_in_logdir(m, stmt);
}

void
conf_store_check(struct conf_builder *m, const struct stmt *stmt)
{
	const struct store_choice *s = &stmt->store;

	if (m->conf->nlogdirs > 0 || s->classic != CLASSIC_NONE)
		return;
	diag_report(&m->sink, &stmt->at,
	    "\"%.64s\" can be stored in a logdir, but not in a logfile",
	    s->element != NULL ? s->element : column_info[s->column].name);
}

void
conf_store_end(struct conf_builder *m)
{
	m->conf->elements.ids = m->elements;
	m->conf->elements.n = other_filter_sort(m->elements, m->nelements);
}
