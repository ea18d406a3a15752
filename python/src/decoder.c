/* flowd.Decoder: NetFlow and IPFIX datagrams to flows; see native.h. */
#include "native.h"

struct decoder_object {
	PyObject_HEAD
	struct flowd_decoder *decoder;
	PyObject *columns; /* str; NULL: all */
	struct flowd_batch *batch; /* that is being filled; NULL: none */
	size_t rows; /* of a batch */
};

static const char decoder_doc[] =
    "Decoder(columns=None, rows=4096)\n--\n\n"
    "Decodes NetFlow 1, 5, 7, 9 and IPFIX datagrams, and keeps templates and\n"
    "counters of each exporter. columns is a text, \"src_addr,octets\"; by\n"
    "default all. A batch has at most rows rows. What cannot be decoded is\n"
    "no error, but counted; see report(). One thread at a time may use it.";

static struct decoder_object *
decoder(PyObject *self)
{
	return (struct decoder_object *)self;
}

static PyObject *
decoder_new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
	static char *names[] = { "columns", "rows", NULL };
	allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
	struct decoder_object *self;
	struct flowd_error err = { .code = 0 };
	PyObject *columns = Py_None;
	Py_ssize_t rows = 4096;

	if (!PyArg_ParseTupleAndKeywords(
		args, kw, "|On:Decoder", names, &columns, &rows))
		return NULL;
	if (columns != Py_None && !PyUnicode_Check(columns)) {
		PyErr_SetString(PyExc_TypeError, "columns: a text is wanted");
		return NULL;
	}
	if (rows < 1 || rows > FLOWD_BATCH_MAX) {
		PyErr_Format(PyExc_ValueError,
		    "rows: between 1 and %d", FLOWD_BATCH_MAX);
		return NULL;
	}
	if ((self = (struct decoder_object *)alloc(type, 0)) == NULL)
		return NULL;
	self->rows = (size_t)rows;
	if (columns != Py_None) {
		Py_INCREF(columns);
		self->columns = columns;
	}
	self->decoder = flowd_decoder_new(&err);
	if (self->decoder != NULL)
		return (PyObject *)self;
	Py_DECREF(self);
	return native_fail(&err);
}

static void
decoder_dealloc(PyObject *object)
{
	struct decoder_object *self = decoder(object);
	PyTypeObject *type = Py_TYPE(object);
	freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);

	flowd_decoder_free(self->decoder);
	flowd_batch_free(self->batch);
	Py_CLEAR(self->columns);
	release(object);
	Py_DECREF(type);
}

/* A batch to fill. NULL with an exception. */
static struct flowd_batch *
decoder_batch(struct decoder_object *self)
{
	const char *columns = NULL;
	struct flowd_error err = { .code = 0 };

	if (self->batch != NULL)
		return self->batch;
	if (self->columns != NULL) {
		columns = PyUnicode_AsUTF8AndSize(self->columns, NULL);
		if (columns == NULL)
			return NULL;
	}
	self->batch = flowd_batch_new(columns, self->rows, &err);
	if (self->batch == NULL)
		return (void *)native_fail(&err);
	return self->batch;
}

/* The batch that was filled, as an object. */
static PyObject *
batch_take(PyObject *object)
{
	struct flowd_batch *batch = decoder(object)->batch;

	decoder(object)->batch = NULL;
	return batch_wrap(native_state_of(object), batch, FLOWD_ARROW_TEXT);
}

/* Append full batches to list, until the datagram is done. */
static bool
decoder_run(PyObject *object, PyObject *list)
{
	struct decoder_object *self = decoder(object);
	int more = 1;

	while (more == 1) {
		struct flowd_batch *batch = decoder_batch(self);
		PyObject *full;
		bool good;

		if (batch == NULL)
			return false;
		more = flowd_decoder_next(self->decoder, batch);
		if (more != 1)
			break;
		if ((full = batch_take(object)) == NULL)
			return false;
		good = PyList_Append(list, full) == 0;
		Py_DECREF(full);
		if (!good)
			return false;
	}
	return true;
}

static PyObject *
decoder_feed(PyObject *object, PyObject *args, PyObject *kw)
{
	static char *names[] = { "payload", "exporter", "port", "time_ns",
		NULL };
	struct decoder_object *self = decoder(object);
	PyObject *exporter, *list = NULL, *payload;
	struct flowd_addr a;
	long long time_ns = 0;
	uint64_t port = 0;
	Py_ssize_t len;
	char *octets;

	if (!PyArg_ParseTupleAndKeywords(args, kw, "OO|O&L:feed", names,
		&payload, &exporter, native_u64, &port, &time_ns) ||
	    !value_addr_take(exporter, "exporter", &a))
		return NULL;
	if (port > UINT16_MAX) {
		PyErr_SetString(PyExc_ValueError, "port: at most 65535");
		return NULL;
	}
	if (PyUnicode_Check(payload) || PyLong_Check(payload)) {
		PyErr_SetString(PyExc_TypeError, "payload: bytes are wanted");
		return NULL;
	}
	if ((payload = PyBytes_FromObject(payload)) == NULL)
		return NULL;
	(void)PyBytes_AsStringAndSize(payload, &octets, &len);
	if (flowd_decoder_begin(self->decoder, octets, (size_t)len, &a,
		(uint16_t)port, time_ns) != 0) {
		PyErr_SetString(PyExc_ValueError, "exporter: no address");
	} else if ((list = PyList_New(0)) != NULL &&
		   !decoder_run(object, list)) {
		Py_CLEAR(list);
	}
	Py_DECREF(payload);
	return list;
}

static PyObject *
decoder_take(PyObject *object, PyObject *unused)
{
	const struct flowd_batch *batch = decoder(object)->batch;

	(void)unused;
	if (batch == NULL || flowd_batch_rows(batch) == 0)
		Py_RETURN_NONE;
	return batch_take(object);
}

static PyObject *
decoder_report(PyObject *object, PyObject *args)
{
	static const char *const reports[] = { "totals", "exporters", "all",
		NULL };
	struct flowd_error err = { .code = 0 };
	const char *word = "totals", *text;
	int report, bad;
	size_t len;

	if (!PyArg_ParseTuple(args, "|s:report", &word) ||
	    (report = value_word(word, reports, "report")) < 0)
		return NULL;
	bad = flowd_decoder_report(
	    decoder(object)->decoder, report, &text, &len, &err);
	return bad == 0
	    ? PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "replace")
	    : native_fail(&err);
}

static PyObject *
decoder_save(PyObject *object, PyObject *unused)
{
	struct flowd_error err = { .code = 0 };
	const uint8_t *state;
	size_t len;
	int bad = flowd_decoder_save(
	    decoder(object)->decoder, &state, &len, &err);

	(void)unused;
	return bad == 0 ? PyBytes_FromStringAndSize(
			      (const char *)state, (Py_ssize_t)len)
			: native_fail(&err);
}

static PyObject *
decoder_load(PyObject *object, PyObject *args)
{
	struct flowd_error err = { .code = 0 };
	const char *state;
	Py_ssize_t len;
	int bad;

	if (!PyArg_ParseTuple(args, "y#:load", &state, &len))
		return NULL;
	bad = flowd_decoder_load(
	    decoder(object)->decoder, state, (size_t)len, &err);
	if (bad != 0)
		return native_fail(&err);
	Py_RETURN_NONE;
}

static PyMethodDef decoder_methods[] = {
	{ "feed", (PyCFunction)(void (*)(void))decoder_feed,
	    METH_VARARGS | METH_KEYWORDS,
	    "feed($self, payload, exporter, port=0, time_ns=0)\n--\n\n"
	    "Decode the payload of a UDP datagram, bytes, that exporter sent\n"
	    "from port and that was received at time_ns, in nanoseconds since\n"
	    "1970-01-01 UTC. Returns a list of batches that got full; other\n"
	    "flows wait for take(). ValueError: exporter is no address." },
	{ "take", decoder_take, METH_NOARGS,
	    "take($self)\n--\n\n"
	    "The flows that were decoded since, as a Batch, or\n"
	    "None." },
	{ "report", decoder_report, METH_VARARGS,
	    "report($self, what='totals', /)\n--\n\n"
	    "What is known of exporters, as\n"
	    "lines of JSON: \"totals\", \"exporters\" or \"all\"." },
	{ "save", decoder_save, METH_NOARGS,
	    "save($self)\n--\n\n"
	    "Templates and what else was learned, as bytes; see\n"
	    "flowd-state(5)." },
	{ "load", decoder_load, METH_VARARGS,
	    "load($self, state, /)\n--\n\n"
	    "Add what save() returned. ValueError: it is\n"
	    "damaged." },
	{ NULL, NULL, 0, NULL },
};

static PyType_Slot decoder_slots[] = {
	{ Py_tp_doc, (void *)(uintptr_t)decoder_doc },
	{ Py_tp_new, decoder_new },
	{ Py_tp_dealloc, decoder_dealloc },
	{ Py_tp_methods, decoder_methods },
	{ 0, NULL },
};

static PyType_Spec decoder_spec = {
	.name = "flowd.Decoder",
	.basicsize = sizeof(struct decoder_object),
	.flags = Py_TPFLAGS_DEFAULT,
	.slots = decoder_slots,
};

int
decoder_add(PyObject *module, struct native_state *state)
{
	state->decoder = native_type(module, &decoder_spec);
	return state->decoder != NULL ? 0 : -1;
}
