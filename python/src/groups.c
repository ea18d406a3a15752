/*
 * flowd.Groups: what a query has found, and the query itself; see native.h.
 * The query is run when the object is made, and is not kept.
 */
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "notices.h"
#include "task.h"

struct groups_object {
	PyObject_HEAD
	struct flowd_query *query; /* of the groups */
	struct flowd_groups *groups;
};

static const char groups_doc[] =
    "Groups that flowd.query() has found.\n\n"
    "len(groups) is their number, groups[i] a tuple, in the order of\n"
    "columns: the bin if there is one, the keys, the measures. Integers are\n"
    "int, averages float, times and spans of time int in nanoseconds,\n"
    "addresses and networks str (\"192.0.2.0/24\"), names str, elements\n"
    "bytes, and None what there is not.";

static struct flowd_groups *
own_groups(PyObject *self)
{
	return ((struct groups_object *)self)->groups;
}

static void
groups_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	flowd_groups_free(own_groups(self));
	flowd_query_free(((struct groups_object *)self)->query);
	PyObject_Free(self);
	Py_DECREF(type);
}

/* --- Values --- */

static PyObject *
network(const struct flowd_value *v)
{
	char text[FLOWD_ADDR_TEXT];
	unsigned host = v->addr.family == FLOWD_ADDR_V4 ? 32 : 128;

	if (v->addr.family == FLOWD_ADDR_NONE)
		Py_RETURN_NONE;
	(void)flowd_addr_format(&v->addr, text);
	return v->prefix >= host
	    ? PyUnicode_FromString(text)
	    : PyUnicode_FromFormat("%s/%u", text, v->prefix);
}

static PyObject *
group_value(const struct flowd_value *v)
{
	switch (v->kind) {
	case FLOWD_VALUE_UINT:
		return PyLong_FromUnsignedLongLong(v->uint);
	case FLOWD_VALUE_REAL:
		return PyFloat_FromDouble(v->real);
	case FLOWD_VALUE_TIME:
	case FLOWD_VALUE_NS:
		return PyLong_FromLongLong(v->ns);
	case FLOWD_VALUE_ADDR:
		return network(v);
	case FLOWD_VALUE_TEXT:
		return PyUnicode_DecodeUTF8(
		    v->text, (Py_ssize_t)v->length, "surrogateescape");
	case FLOWD_VALUE_OCTETS:
		return PyBytes_FromStringAndSize(
		    (const char *)v->octets, (Py_ssize_t)v->length);
	default:
		Py_RETURN_NONE;
	}
}

static PyObject *
group_row(const struct flowd_groups *g, size_t row)
{
	size_t n = flowd_groups_columns(g);
	PyObject *tuple = PyTuple_New((Py_ssize_t)n);

	for (size_t i = 0; tuple != NULL && i < n; i++) {
		struct flowd_value v = { .kind = FLOWD_VALUE_NONE };
		PyObject *value;

		(void)flowd_groups_value(g, row, i, &v);
		value = group_value(&v);
		if (value == NULL ||
		    PyTuple_SetItem(tuple, (Py_ssize_t)i, value) != 0)
			Py_CLEAR(tuple);
	}
	return tuple;
}

static Py_ssize_t
groups_length(PyObject *self)
{
	return (Py_ssize_t)flowd_groups_rows(own_groups(self));
}

static PyObject *
groups_item(PyObject *self, Py_ssize_t i)
{
	if (i >= 0 && i < groups_length(self))
		return group_row(own_groups(self), (size_t)i);
	PyErr_SetString(PyExc_IndexError, "there is no such group");
	return NULL;
}

static PyObject *
groups_total(PyObject *self, void *closure)
{
	(void)closure;
	return group_row(own_groups(self), FLOWD_ROW_TOTAL);
}

static PyObject *
groups_other(PyObject *self, void *closure)
{
	(void)closure;
	return group_row(own_groups(self), FLOWD_ROW_OTHER);
}

static PyObject *
groups_columns(PyObject *self, void *closure)
{
	const struct flowd_groups *g = own_groups(self);
	size_t n = flowd_groups_columns(g);
	PyObject *tuple = PyTuple_New((Py_ssize_t)n);

	(void)closure;
	for (size_t i = 0; tuple != NULL && i < n; i++) {
		PyObject *name = PyUnicode_FromString(flowd_groups_name(g, i));

		if (name == NULL ||
		    PyTuple_SetItem(tuple, (Py_ssize_t)i, name) != 0)
			Py_CLEAR(tuple);
	}
	return tuple;
}

static PyObject *
groups_nkeys(PyObject *self, void *closure)
{
	(void)closure;
	return PyLong_FromSize_t(flowd_groups_keys(own_groups(self)));
}

static PyObject *
groups_notes(PyObject *self, void *closure)
{
	struct flowd_notes n;

	(void)closure;
	flowd_groups_notes(own_groups(self), &n);
	return Py_BuildValue("{sKsKsKsKsKsO}", "flows", n.flows, "groups",
	    n.groups, "unscaled", n.unscaled, "timeless", n.timeless,
	    "too_long", n.too_long, "saturated",
	    n.saturated ? Py_True : Py_False);
}

static bool
groups_index(PyObject *self, PyObject *args, Py_ssize_t *row)
{
	if (!PyArg_ParseTuple(args, "n", row))
		return false;
	if (*row >= 0 && *row < groups_length(self))
		return true;
	PyErr_SetString(PyExc_IndexError, "there is no such group");
	return false;
}

static PyObject *
groups_is_other(PyObject *self, PyObject *args)
{
	Py_ssize_t row;

	if (!groups_index(self, args, &row))
		return NULL;
	return PyBool_FromLong(
	    flowd_groups_is_other(own_groups(self), (size_t)row));
}

static PyObject *
groups_is_estimate(PyObject *self, PyObject *args)
{
	const struct flowd_groups *g = own_groups(self);
	bool estimate = false;
	Py_ssize_t row;

	if (!groups_index(self, args, &row))
		return NULL;
	for (size_t i = 0; i < flowd_groups_columns(g); i++) {
		struct flowd_value v = { .kind = FLOWD_VALUE_NONE };

		(void)flowd_groups_value(g, (size_t)row, i, &v);
		estimate = estimate || v.estimate;
	}
	return PyBool_FromLong(estimate);
}

static PyObject *
groups_repr(PyObject *self)
{
	return PyUnicode_FromFormat("<flowd.Groups: %zd, %zu columns>",
	    groups_length(self), flowd_groups_columns(own_groups(self)));
}

/* --- Running --- */

struct work {
	struct flowd_query *query;
	struct flowd_scan *scan;
	struct flowd_groups *groups;
	struct notices *notices;
	int result;
	struct flowd_error err;
};

static void
work_run(void *arg)
{
	struct work *w = arg;

	w->result = flowd_query_run(w->query, w->scan, &w->err);
	if (w->result != 0)
		return;
	w->groups = flowd_query_groups(w->query, &w->err);
	if (w->groups == NULL)
		w->result = FLOWD_ENOMEM;
}

static void
work_cancel(void *arg)
{
	flowd_scan_cancel(((struct work *)arg)->scan);
}

static void
work_free(void *arg)
{
	struct work *w = arg;

	flowd_scan_close(w->scan);
	flowd_groups_free(w->groups);
	flowd_query_free(w->query);
	notices_free(w->notices);
	free(w);
}

/* A query with its scan; NULL with an exception. */
static struct work *
work_new(const struct flowd_query_options *options, struct arguments *a)
{
	struct work *w = calloc(1, sizeof(*w));

	if (w == NULL || (w->notices = notices_new()) == NULL) {
		free(w);
		return (void *)PyErr_NoMemory();
	}
	a->options.warn = notices_warn;
	a->options.arg = w->notices;
	w->query = flowd_query_new(options, &w->err);
	if (w->query == NULL) {
		(void)native_fail(&w->err);
		work_free(w);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS
	w->scan = flowd_query_scan(w->query, &a->options, &w->err);
	Py_END_ALLOW_THREADS
	if (w->scan != NULL)
		return w;
	(void)native_fail(&w->err);
	work_free(w);
	return NULL;
}

/* Takes the groups, and the query that they are of. */
static PyObject *
groups_wrap(struct native_state *state, struct work *w)
{
	struct groups_object *self =
	    PyObject_New(struct groups_object, state->groups);

	if (self == NULL)
		return NULL;
	self->query = w->query;
	self->groups = w->groups;
	w->query = NULL;
	w->groups = NULL;
	return (PyObject *)self;
}

static PyObject *
query_run(struct native_state *state, struct work *w)
{
	struct task task = { work_run, work_cancel, work_free, w };
	PyObject *groups = NULL;
	enum task_end end = task_run(&task);

	if (end == TASK_ABANDONED)
		return NULL;
	if (end == TASK_DONE && w->result != 0)
		(void)native_fail(&w->err);
	else if (end == TASK_DONE &&
		 notices_tell(w->notices, state->warning) == 0)
		groups = groups_wrap(state, w);
	work_free(w);
	return groups;
}

static PyObject *
query(PyObject *module, PyObject *args, PyObject *kw)
{
	static char *names[] = { "scan", "keys", "measures", "order",
		"ascending", "limit", "bin_ns", "bin_by_end", "series",
		"scale", "utc", "memory", NULL };
	struct flowd_query_options o = { .keys = NULL };
	uint64_t limit = 0, bin_ns = 0, memory = 0;
	struct arguments a;
	PyObject *tuple, *groups = NULL;
	struct work *w;

	if (!PyArg_ParseTupleAndKeywords(args, kw, "O!|zzzpO&O&pippO&:query",
		names, &PyTuple_Type, &tuple, &o.keys, &o.measures, &o.order,
		&o.ascending, native_u64, &limit, native_u64, &bin_ns,
		&o.bin_by_end, &o.series, &o.scale, &o.utc, native_u64,
		&memory) ||
	    arguments_take(&a, tuple) != 0)
		return NULL;
	o.groups_max = limit;
	o.bin_ns = bin_ns;
	o.memory = memory;
	if ((w = work_new(&o, &a)) != NULL)
		groups = query_run(PyModule_GetState(module), w);
	arguments_free(&a);
	return groups;
}

static PyMethodDef groups_methods[] = {
	{ "is_other", groups_is_other, METH_VARARGS,
	    "is_other($self, row, /)\n--\n\n"
	    "Is a row what groups of its bin have that\n"
	    "are not shown?" },
	{ "is_estimate", groups_is_estimate, METH_VARARGS,
	    "is_estimate($self, row, /)\n--\n\n"
	    "Is a value of the row within a known\n"
	    "error only? See flowd-stats(1)." },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef groups_getset[] = {
	{ "columns", groups_columns, NULL,
	    "Names of the columns: \"bin\", keys, measures.", NULL },
	{ "nkeys", groups_nkeys, NULL,
	    "How many columns, the first ones, are of the key.", NULL },
	{ "total", groups_total, NULL,
	    "All groups together, as a tuple; keys are None.", NULL },
	{ "other", groups_other, NULL,
	    "Groups that are not shown, as a tuple; keys are None.", NULL },
	{ "notes", groups_notes, NULL,
	    "A dict: flows that passed, groups of which the first are shown,\n"
	    "flows whose sampling rate is unknown (unscaled), that are in no\n"
	    "bin (timeless) or in too many (too_long), and whether a sum is\n"
	    "greater than 2^64 - 1 (saturated).", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static PyType_Slot groups_slots[] = {
	{ Py_tp_doc, (void *)(uintptr_t)groups_doc },
	{ Py_tp_dealloc, groups_dealloc },
	{ Py_tp_repr, groups_repr },
	{ Py_sq_length, groups_length },
	{ Py_sq_item, groups_item },
	{ Py_tp_methods, groups_methods },
	{ Py_tp_getset, groups_getset },
	{ 0, NULL },
};

static PyType_Spec groups_spec = {
	.name = "flowd.Groups",
	.basicsize = sizeof(struct groups_object),
	.flags = Py_TPFLAGS_DEFAULT | NATIVE_NO_NEW,
	.slots = groups_slots,
};

static PyMethodDef functions[] = {
	{ "query", (PyCFunction)(void (*)(void))query,
	    METH_VARARGS | METH_KEYWORDS,
	    "Groups of a scan; see flowd.query()." },
	{ NULL, NULL, 0, NULL },
};

int
groups_add(PyObject *module, struct native_state *state)
{
	state->groups = native_type(module, &groups_spec);
	return state->groups != NULL &&
		PyModule_AddFunctions(module, functions) == 0
	    ? 0
	    : -1;
}
