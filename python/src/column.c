/*
 * flowd.Column: a column of a batch, by the buffer protocol; see native.h.
 *
 * What is exported is the memory of the batch, to which the column has a
 * reference; a buffer holds the column.
 */
#include <string.h>

#include "native.h"

enum { PARTS = 4 };

/* The arrays of a column: its values, and of addresses others. */
enum part {
	PART_VALUES,
	PART_VALID,
	PART_IS6,
	PART_V6
};

struct column_object {
	PyObject_HEAD
	const struct flowd_batch *batch;
	const struct flowd_column_info *info;
	struct flowd_vector values;
	enum part part; /* that the buffer is of */
	/* What a buffer points to. */
	Py_ssize_t shape[2], strides[2];
};

/* Of values, by enum flowd_type: the format of the module struct, octets. */
static const struct layout {
	const char *format;
	Py_ssize_t size;
	const char *name; /* of the type, for people */
} layouts[] = {
	[FLOWD_TYPE_U8] = { "B", 1, "u8" },
	[FLOWD_TYPE_U16] = { "H", 2, "u16" },
	[FLOWD_TYPE_U32] = { "I", 4, "u32" },
	[FLOWD_TYPE_U64] = { "Q", 8, "u64" },
	[FLOWD_TYPE_TIME] = { "q", 8, "time" },
	[FLOWD_TYPE_ADDR] = { "I", 4, "addr" },
	[FLOWD_TYPE_MAC] = { "Q", 8, "mac" },
	[FLOWD_TYPE_OCTETS] = { NULL, 0, "octets" },
};

static const char column_doc[] =
    "A column of a batch.\n\n"
    "It is a sequence of values, as those of Batch.rows(), and a read-only\n"
    "buffer of one dimension, len(column) long: numpy.asarray(column) and\n"
    "memoryview(column) do not copy. Integers are B, H, I or Q, times q in\n"
    "nanoseconds since 1970-01-01 UTC, MAC addresses Q with the first octet\n"
    " highest, and IPv4 addresses I, 0xc0000201; where a\n"
    "row has no value, or an IPv6 address, there is 0. The column \"other\"\n"
    "has no buffer.";

static struct column_object *
column(PyObject *self)
{
	return (struct column_object *)self;
}

PyObject *
column_wrap(struct native_state *state, const struct flowd_batch *batch,
    const struct flowd_column_info *info)
{
	struct column_object *self =
	    PyObject_New(struct column_object, state->column);

	if (self == NULL) {
		flowd_batch_free(batch);
		return NULL;
	}
	self->batch = batch;
	self->info = info;
	self->part = PART_VALUES;
	if (flowd_batch_vector(batch, info->column, &self->values) == 0)
		return (PyObject *)self;
	PyErr_Format(PyExc_KeyError, "%s", info->name);
	Py_DECREF(self);
	return NULL;
}

static void
column_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	flowd_batch_free(column(self)->batch);
	PyObject_Free(self);
	Py_DECREF(type);
}

static Py_ssize_t
column_length(PyObject *self)
{
	return (Py_ssize_t)column(self)->values.nrows;
}

static PyObject *
column_item(PyObject *self, Py_ssize_t i)
{
	const struct column_object *c = column(self);

	if (i >= 0 && (size_t)i < c->values.nrows)
		return value_of_row(c->batch, c->info, (size_t)i);
	PyErr_SetString(PyExc_IndexError, "there is no such row");
	return NULL;
}

static PyObject *
column_to_list(PyObject *self, PyObject *unused)
{
	Py_ssize_t n = column_length(self);
	PyObject *list = PyList_New(n);

	(void)unused;
	for (Py_ssize_t i = 0; list != NULL && i < n; i++) {
		PyObject *value = column_item(self, i);

		if (value == NULL || PyList_SetItem(list, i, value) != 0)
			Py_CLEAR(list);
	}
	return list;
}

/* --- Buffers --- */

static const void *
part_at(const struct column_object *c)
{
	switch (c->part) {
	case PART_VALID:
		return c->values.valid;
	case PART_IS6:
		return c->values.is6;
	case PART_V6:
		return c->values.v6;
	case PART_VALUES:
		break;
	}
	return c->values.values;
}

static struct layout
part_layout(const struct column_object *c)
{
	struct layout words = { "Q", 8, "" };

	return c->part == PART_VALUES ? layouts[c->values.type] : words;
}

/* Writes shape and strides; returns the number of dimensions. */
static int
part_shape(struct column_object *c, Py_ssize_t size)
{
	Py_ssize_t n = (Py_ssize_t)c->values.nrows;

	c->strides[0] = c->strides[1] = size;
	c->shape[0] = n;
	if (c->part == PART_V6) {
		c->shape[1] = 2;
		c->strides[0] = 2 * size;
		return 2;
	}
	if (c->part != PART_VALUES)
		c->shape[0] = (n + 63) / 64;
	return 1;
}

static int
column_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
	/* A buffer of no octets must still have an address. */
	static const uint64_t nothing;
	struct column_object *c = column(self);
	struct layout layout = part_layout(c);
	const void *at = part_at(c);

	view->obj = NULL;
	if (layout.format == NULL ||
	    (flags & PyBUF_WRITABLE) == PyBUF_WRITABLE) {
		PyErr_Format(PyExc_BufferError, layout.format == NULL
			? "%s: values of any length have no buffer"
			: "%s: flows of a batch do not change",
		    c->info->name);
		return -1;
	}
	if (at == NULL)
		at = &nothing;
	view->ndim = part_shape(c, layout.size);
	view->buf = (void *)(uintptr_t)at;
	view->itemsize = layout.size;
	view->len = layout.size * c->shape[0];
	if (view->ndim == 2)
		view->len *= c->shape[1];
	view->readonly = 1;
	view->format = flags & PyBUF_FORMAT
	    ? (char *)(uintptr_t)layout.format
	    : NULL;
	view->shape = flags & PyBUF_ND ? c->shape : NULL;
	view->strides =
	    (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? c->strides : NULL;
	view->suboffsets = NULL;
	view->internal = NULL;
	Py_INCREF(self);
	view->obj = self;
	return 0;
}

/* A view of another part: a column that exports that. */
static PyObject *
column_part(PyObject *self, enum part part)
{
	const struct column_object *c = column(self);
	PyObject *other, *view;

	if ((part == PART_IS6 || part == PART_V6) &&
	    c->values.type != FLOWD_TYPE_ADDR) {
		PyErr_Format(PyExc_AttributeError,
		    "%s has no addresses", c->info->name);
		return NULL;
	}
	other = column_wrap(
	    native_state_of(self), flowd_batch_ref(c->batch), c->info);
	if (other == NULL)
		return NULL;
	column(other)->part = part;
	view = PyMemoryView_FromObject(other);
	Py_DECREF(other);
	return view;
}

static PyObject *
column_valid(PyObject *self, void *closure)
{
	(void)closure;
	return column_part(self, PART_VALID);
}

static PyObject *
column_is6(PyObject *self, void *closure)
{
	(void)closure;
	return column_part(self, PART_IS6);
}

static PyObject *
column_v6(PyObject *self, void *closure)
{
	(void)closure;
	return column_part(self, PART_V6);
}

static PyObject *
column_addr16(PyObject *self, PyObject *unused)
{
	const struct column_object *c = column(self);
	PyObject *out;
	int bad;

	(void)unused;
	out = PyBytes_FromStringAndSize(
	    NULL, (Py_ssize_t)(16 * c->values.nrows));
	if (out == NULL)
		return NULL;
	bad = flowd_batch_addr16(c->batch, c->info->column,
	    (uint8_t(*)[16])(void *)PyBytes_AsString(out));
	if (bad == 0)
		return out;
	Py_DECREF(out);
	PyErr_Format(PyExc_TypeError, "%s has no addresses", c->info->name);
	return NULL;
}

/* --- What it is --- */

static PyObject *
column_name(PyObject *self, void *closure)
{
	(void)closure;
	return PyUnicode_FromString(column(self)->info->name);
}

static PyObject *
column_type(PyObject *self, void *closure)
{
	(void)closure;
	return PyUnicode_FromString(layouts[column(self)->info->type].name);
}

static PyObject *
column_null_count(PyObject *self, void *closure)
{
	const struct flowd_vector *v = &column(self)->values;

	(void)closure;
	return PyLong_FromSize_t(v->nrows - v->nvalid);
}

static PyObject *
column_repr(PyObject *self)
{
	return PyUnicode_FromFormat("<flowd.Column %s of %zd rows>",
	    column(self)->info->name, column_length(self));
}

static PyMethodDef column_methods[] = {
	{ "to_list", column_to_list, METH_NOARGS,
	    "to_list($self)\n--\n\n"
	    "The values, None where there is none." },
	{ "addr16", column_addr16, METH_NOARGS,
	    "addr16($self)\n--\n\n"
	    "Addresses as 16 octets each in network order, a\n"
	    "copy: IPv4 as ::ffff:192.0.2.1, zeros where there is none. For\n"
	    "NumPy: numpy.frombuffer(c.addr16(), \"u1\").reshape(-1, 16)." },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef column_getset[] = {
	{ "name", column_name, NULL, "Its name.", NULL },
	{ "type", column_type, NULL,
	    "u8, u16, u32, u64, time, addr, mac or octets.", NULL },
	{ "null_count", column_null_count, NULL,
	    "How many rows have no value.", NULL },
	{ "valid", column_valid, NULL,
	    "Which rows have a value: bit row % 64 of word row / 64, a\n"
	    "memoryview of \"Q\".", NULL },
	{ "is6", column_is6, NULL,
	    "Which rows have an IPv6 address, bits as in valid.", NULL },
	{ "v6", column_v6, NULL,
	    "IPv6 addresses: a memoryview of \"Q\", rows times 2, the first\n"
	    "eight octets and the others. What is in rows that is6 does not\n"
	    "have means nothing.", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static PyType_Slot column_slots[] = {
	{ Py_tp_doc, (void *)(uintptr_t)column_doc },
	{ Py_tp_dealloc, column_dealloc },
	{ Py_tp_repr, column_repr },
	{ Py_sq_length, column_length },
	{ Py_sq_item, column_item },
	{ Py_tp_methods, column_methods },
	{ Py_tp_getset, column_getset },
#if !defined(Py_LIMITED_API) || Py_LIMITED_API + 0 >= 0x030b0000
	{ Py_bf_getbuffer, column_getbuffer },
#endif
	{ 0, NULL },
};

static PyType_Spec column_spec = {
	.name = "flowd.Column",
	.basicsize = sizeof(struct column_object),
	.flags = Py_TPFLAGS_DEFAULT | NATIVE_NO_NEW,
	.slots = column_slots,
};

int
column_add(PyObject *module, struct native_state *state)
{
	state->column = native_type(module, &column_spec);
	return state->column != NULL ? 0 : -1;
}
