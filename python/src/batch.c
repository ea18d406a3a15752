/* flowd.Batch: flows as columns; see native.h. */
#include <string.h>

#include "native.h"

static const char batch_doc[] =
    "Flows as columns.\n\n"
    "len(batch) is the number of rows, batch[\"octets\"] a Column, and\n"
    "batch.rows() a list of tuples. It does not change, and its memory lives\n"
    "as long as something looks at it: a NumPy array, an Arrow array.";

static const struct flowd_batch *
own_batch(PyObject *self)
{
	return ((struct batch_object *)self)->batch;
}

const struct flowd_batch *
batch_of(struct native_state *state, PyObject *object)
{
	if (Py_TYPE(object) == state->batch)
		return own_batch(object);
	PyErr_SetString(PyExc_TypeError, "a Batch is wanted");
	return NULL;
}

PyObject *
batch_wrap(struct native_state *state, const struct flowd_batch *batch,
    int addresses)
{
	struct batch_object *self = PyObject_New(
	    struct batch_object, state->batch);

	if (self == NULL) {
		flowd_batch_free(batch);
		return NULL;
	}
	self->batch = batch;
	self->addresses = addresses;
	return (PyObject *)self;
}

static void
batch_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	flowd_batch_free(own_batch(self));
	PyObject_Free(self);
	Py_DECREF(type);
}

static Py_ssize_t
batch_length(PyObject *self)
{
	return (Py_ssize_t)flowd_batch_rows(own_batch(self));
}

/* The columns of a batch as what is known of them. */
static const struct flowd_column_info *
column_at(const struct flowd_batch *b, size_t i)
{
	size_t n;
	const int *columns = flowd_batch_columns(b, &n);

	return i < n ? flowd_column_info(columns[i]) : NULL;
}

static PyObject *
batch_columns(PyObject *self, void *closure)
{
	const struct flowd_column_info *info;
	PyObject *names = PyList_New(0), *tuple = NULL;

	(void)closure;
	for (size_t i = 0; names != NULL &&
	     (info = column_at(own_batch(self), i)) != NULL; i++) {
		PyObject *name = PyUnicode_FromString(info->name);

		if (name == NULL || PyList_Append(names, name) != 0)
			Py_CLEAR(names);
		Py_XDECREF(name);
	}
	if (names != NULL)
		tuple = PyList_AsTuple(names);
	Py_XDECREF(names);
	return tuple;
}

static PyObject *
batch_subscript(PyObject *self, PyObject *key)
{
	const struct flowd_batch *b = own_batch(self);
	const struct flowd_column_info *info;
	const char *name;

	if (!PyUnicode_Check(key)) {
		PyErr_SetString(PyExc_TypeError,
		    "a column of a batch is asked for by its name");
		return NULL;
	}
	if ((name = PyUnicode_AsUTF8AndSize(key, NULL)) == NULL)
		return NULL;
	for (size_t i = 0; (info = column_at(b, i)) != NULL; i++)
		if (strcmp(info->name, name) == 0)
			return column_wrap(native_state_of(self),
			    flowd_batch_ref(b), info);
	PyErr_SetObject(PyExc_KeyError, key);
	return NULL;
}

/* --- Rows --- */

static PyObject *
batch_row(const struct flowd_batch *b, size_t row)
{
	const struct flowd_column_info *info;
	PyObject *tuple;
	size_t n;

	(void)flowd_batch_columns(b, &n);
	tuple = PyTuple_New((Py_ssize_t)n);
	for (size_t i = 0; tuple != NULL && i < n; i++) {
		PyObject *value;

		info = column_at(b, i);
		value = value_of_row(b, info, row);
		if (value == NULL ||
		    PyTuple_SetItem(tuple, (Py_ssize_t)i, value) != 0)
			Py_CLEAR(tuple);
	}
	return tuple;
}

static PyObject *
batch_rows(PyObject *self, PyObject *unused)
{
	const struct flowd_batch *b = own_batch(self);
	size_t n = flowd_batch_rows(b);
	PyObject *list = PyList_New((Py_ssize_t)n);

	(void)unused;
	for (size_t row = 0; list != NULL && row < n; row++) {
		PyObject *tuple = batch_row(b, row);

		if (tuple == NULL ||
		    PyList_SetItem(list, (Py_ssize_t)row, tuple) != 0)
			Py_CLEAR(list);
	}
	return list;
}

static PyObject *
batch_flows(PyObject *self, PyObject *unused)
{
	(void)unused;
	return flow_iterate(
	    native_state_of(self), flowd_batch_ref(own_batch(self)));
}

/* One row of a sequence, of as many values as there are columns. */
static bool
row_append(struct flowd_batch *b, PyObject *values, size_t ncolumns)
{
	Py_ssize_t n = PySequence_Size(values);
	int row;

	if (n < 0)
		return false;
	if ((size_t)n != ncolumns) {
		PyErr_Format(PyExc_ValueError,
		    "a row has %zd values for %zu columns", n, ncolumns);
		return false;
	}
	row = flowd_batch_append(b);
	if (row < 0) {
		(void)native_fail_code(row);
		return false;
	}
	for (Py_ssize_t i = 0; i < n; i++) {
		PyObject *value = PySequence_GetItem(values, i);
		bool good = value != NULL &&
		    value_set(b, column_at(b, (size_t)i), (size_t)row, value);

		Py_XDECREF(value);
		if (!good)
			return false;
	}
	return true;
}

static PyObject *
batch_from_rows(PyObject *module, PyObject *args)
{
	struct native_state *state = PyModule_GetState(module);
	struct flowd_error err = { .code = 0 };
	const char *columns;
	PyObject *rows;
	struct flowd_batch *b;
	Py_ssize_t n;
	size_t ncolumns;

	if (!PyArg_ParseTuple(args, "sO:batch_from_rows", &columns, &rows) ||
	    (n = PySequence_Size(rows)) < 0)
		return NULL;
	b = flowd_batch_new(columns, n > 0 ? (size_t)n : 1, &err);
	if (b == NULL)
		return native_fail(&err);
	(void)flowd_batch_columns(b, &ncolumns);
	for (Py_ssize_t i = 0; i < n; i++) {
		PyObject *row = PySequence_GetItem(rows, i);
		bool good = row != NULL && row_append(b, row, ncolumns);

		Py_XDECREF(row);
		if (!good) {
			flowd_batch_free(b);
			return NULL;
		}
	}
	return batch_wrap(state, b, FLOWD_ARROW_TEXT);
}

/* --- Text --- */

static PyObject *
batch_format(PyObject *self, PyObject *args, PyObject *kw)
{
	static char *names[] = { "format", "utc", "columns", "fields", "head",
		NULL };
	static const char *const formats[] = { "text", "flowtools", "json",
		"csv", NULL };
	struct flowd_format_options options = { .utc = 0 };
	struct flowd_error err = { .code = 0 };
	struct flowd_formatter *f;
	const char *format = "text", *text;
	PyObject *out = NULL;
	unsigned long fields = 0;
	int head = 0, bad;
	size_t len;

	if (!PyArg_ParseTupleAndKeywords(args, kw, "|s$pzkp:format", names,
		&format, &options.utc, &options.columns, &fields, &head) ||
	    (options.format = value_word(format, formats, "format")) < 0)
		return NULL;
	options.fields = (uint32_t)fields;
	if ((f = flowd_formatter_new(&options, &err)) == NULL)
		return native_fail(&err);
	bad = head ? flowd_formatter_head(f, &text, &len, &err)
		   : flowd_formatter_rows(f, own_batch(self), 0, SIZE_MAX,
			 &text, &len, &err);
	out = bad == 0 ? PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "replace")
		       : native_fail(&err);
	flowd_formatter_free(f);
	return out;
}

/* --- Arrow --- */

static struct flowd_arrow_options
arrow_options(PyObject *self)
{
	return (struct flowd_arrow_options) {
		.addresses = ((struct batch_object *)self)->addresses
	};
}

static PyObject *
batch_arrow_schema(PyObject *self, PyObject *unused)
{
	struct flowd_arrow_options options = arrow_options(self);
	struct ArrowSchema schema;
	struct flowd_error err = { .code = 0 };
	int bad = flowd_batch_to_arrow(
	    own_batch(self), &options, NULL, &schema, &err);

	(void)unused;
	return bad == 0 ? arrow_schema_capsule(&schema)
			: native_fail(&err);
}

static PyObject *
batch_arrow_array(PyObject *self, PyObject *args, PyObject *kw)
{
	static char *names[] = { "requested_schema", NULL };
	struct flowd_arrow_options options = arrow_options(self);
	struct ArrowSchema schema;
	struct ArrowArray array;
	struct flowd_error err = { .code = 0 };
	PyObject *requested = NULL, *one, *other;
	int bad;

	if (!PyArg_ParseTupleAndKeywords(
		args, kw, "|O:__arrow_c_array__", names, &requested))
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	bad = flowd_batch_to_arrow(
	    own_batch(self), &options, &array, &schema, &err);
	Py_END_ALLOW_THREADS
	if (bad != 0)
		return native_fail(&err);
	one = arrow_schema_capsule(&schema);
	other = arrow_array_capsule(&array);
	if (one != NULL && other != NULL)
		return Py_BuildValue("(NN)", one, other);
	Py_XDECREF(one);
	Py_XDECREF(other);
	return NULL;
}

static PyObject *
batch_get_addresses(PyObject *self, void *closure)
{
	(void)closure;
	return PyUnicode_FromString(
	    arrow_address_words[((struct batch_object *)self)->addresses]);
}

static int
batch_set_addresses(PyObject *self, PyObject *value, void *closure)
{
	const char *word = value != NULL && PyUnicode_Check(value)
	    ? PyUnicode_AsUTF8AndSize(value, NULL)
	    : NULL;
	int form;

	(void)closure;
	if (word == NULL) {
		if (PyErr_Occurred() == NULL)
			PyErr_SetString(PyExc_TypeError,
			    "addresses: a word is wanted");
		return -1;
	}
	if ((form = value_word(word, arrow_address_words, "addresses")) < 0)
		return -1;
	((struct batch_object *)self)->addresses = form;
	return 0;
}

static PyObject *
batch_repr(PyObject *self)
{
	size_t n;

	(void)flowd_batch_columns(own_batch(self), &n);
	return PyUnicode_FromFormat("<flowd.Batch of %zd rows, %zu columns>",
	    batch_length(self), n);
}

static PyMethodDef batch_methods[] = {
	{ "rows", batch_rows, METH_NOARGS,
	    "rows($self)\n--\n\n"
	    "The rows as a list of tuples, in the order of\n"
	    "columns. Integers are int, times int in nanoseconds since\n"
	    "1970-01-01 UTC, addresses and MAC addresses str, \"other\" a\n"
	    "list of (enterprise, id, name, bytes); what a flow does not have\n"
	    "is None." },
	{ "flows", batch_flows, METH_NOARGS,
	    "flows($self)\n--\n\n"
	    "An iterator of Flow objects." },
	{ "format", (PyCFunction)(void (*)(void))batch_format,
	    METH_VARARGS | METH_KEYWORDS,
	    "format($self, format='text', *, utc=False, columns=None,\n"
	    "       fields=0, head=False)\n--\n\n"
	    "The rows as flowd-reader prints them: \"text\", \"flowtools\",\n"
	    "\"json\" or \"csv\", a line for each. utc and fields are for\n"
	    "text, columns (\"src_addr,octets\") for json and csv. With head\n"
	    "only "
	    "what stands before all flows, a line or nothing." },
	{ "__arrow_c_schema__", batch_arrow_schema, METH_NOARGS,
	    "__arrow_c_schema__($self)\n--\n\n"
	    "The type of the batch, as an Arrow PyCapsule." },
	{ "__arrow_c_array__",
	    (PyCFunction)(void (*)(void))batch_arrow_array,
	    METH_VARARGS | METH_KEYWORDS,
	    "__arrow_c_array__($self, requested_schema=None)\n--\n\n"
	    "The batch as Arrow PyCapsules; numbers are not copied. The\n"
	    "requested schema is a wish, and has no effect." },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef batch_getset[] = {
	{ "columns", batch_columns, NULL, "Names of the columns.", NULL },
	{ "addresses", batch_get_addresses, batch_set_addresses,
	    "What addresses are in Arrow: \"text\", \"dictionary\",\n"
	    "\"binary\" or \"ipv4\".", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static PyType_Slot batch_slots[] = {
	{ Py_tp_doc, (void *)(uintptr_t)batch_doc },
	{ Py_tp_dealloc, batch_dealloc },
	{ Py_tp_repr, batch_repr },
	{ Py_mp_length, batch_length },
	{ Py_mp_subscript, batch_subscript },
	{ Py_tp_methods, batch_methods },
	{ Py_tp_getset, batch_getset },
	{ 0, NULL },
};

static PyType_Spec batch_spec = {
	.name = "flowd.Batch",
	.basicsize = sizeof(struct batch_object),
	.flags = Py_TPFLAGS_DEFAULT | NATIVE_NO_NEW,
	.slots = batch_slots,
};

static PyMethodDef functions[] = {
	{ "batch_from_rows", batch_from_rows, METH_VARARGS,
	    "batch_from_rows($module, columns, rows, /)\n--\n\n"
	    "A Batch of these rows, as Batch.rows() gives them." },
	{ NULL, NULL, 0, NULL },
};

int
batch_add(PyObject *module, struct native_state *state)
{
	state->batch = native_type(module, &batch_spec);
	return state->batch != NULL &&
		PyModule_AddFunctions(module, functions) == 0
	    ? 0
	    : -1;
}
