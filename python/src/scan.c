/*
 * flowd._flowd.Scan, which the class flowd.Scan stands on: the flows of paths,
 * in batches; see native.h.
 *
 * It reads by a scan of the library of its own. Streams of Arrow, and counts,
 * have one each, so that they begin with the first flow.
 */
#include <stdlib.h>
#include <unistd.h>

#include "arguments.h"
#include "notices.h"
#include "task.h"

struct scan_object {
	PyObject_HEAD
	struct arguments arguments;
	int addresses; /* enum flowd_arrow_addresses */
	struct notices *notices;
	struct flowd_scan *scan; /* NULL: not open, or at its end */
	struct flowd_scan *active; /* that a thread is in; NULL: none */
	bool busy, ended, closed;
	pid_t owner; /* the process that has its threads */
};

static struct scan_object *
scan_object(PyObject *self)
{
	return (struct scan_object *)self;
}

/* Another scan of the library. NULL with an exception. */
static struct flowd_scan *
scan_open(struct scan_object *self)
{
	struct flowd_scan_options options = self->arguments.options;
	struct flowd_error err = { .code = 0 };
	struct flowd_scan *scan;

	options.warn = notices_warn;
	options.arg = self->notices;
	self->busy = true;
	Py_BEGIN_ALLOW_THREADS
	scan = flowd_scan_open(&options, &err);
	Py_END_ALLOW_THREADS
	self->busy = false;
	if (scan == NULL)
		(void)native_fail(&err);
	return scan;
}

static PyObject *
scan_new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
	allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
	struct scan_object *self;
	PyObject *tuple;
	int addresses;

	(void)kw;
	if (!PyArg_ParseTuple(
		args, "O!i:Scan", &PyTuple_Type, &tuple, &addresses))
		return NULL;
	self = (struct scan_object *)alloc(type, 0);
	if (self == NULL)
		return NULL;
	self->addresses = addresses;
	self->owner = getpid();
	self->notices = notices_new();
	if (self->notices == NULL)
		(void)PyErr_NoMemory();
	else if (arguments_take(&self->arguments, tuple) == 0)
		self->scan = scan_open(self);
	if (self->scan != NULL)
		return (PyObject *)self;
	Py_DECREF(self);
	return NULL;
}

/*
 * After fork() the threads of a scan are not in the child, which would wait for
 * them: there it is left as it is.
 */
static void
scan_shut(struct scan_object *self)
{
	struct flowd_scan *scan = self->scan;

	self->scan = NULL;
	if (self->owner != getpid())
		return;
	Py_BEGIN_ALLOW_THREADS
	flowd_scan_close(scan);
	Py_END_ALLOW_THREADS
}

static void
scan_dealloc(PyObject *object)
{
	struct scan_object *self = scan_object(object);
	PyTypeObject *type = Py_TYPE(object);
	freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);

	scan_shut(self);
	notices_free(self->notices);
	arguments_free(&self->arguments);
	release(object);
	Py_DECREF(type);
}

/* May it be used now? */
static bool
scan_usable(const struct scan_object *self)
{
	if (self->closed)
		PyErr_SetString(PyExc_ValueError, "the scan is closed");
	else if (self->owner != getpid())
		PyErr_SetString(PyExc_RuntimeError,
		    "the scan belongs to another process");
	else if (self->busy)
		PyErr_SetString(PyExc_RuntimeError,
		    "another thread is using the scan");
	return PyErr_Occurred() == NULL;
}

/* --- Work of the library, by another thread --- */

/* On the heap, as it may outlive the object. */
struct work {
	struct flowd_scan *scan;
	struct scan_object *self; /* until it is cancelled */
	struct notices *notices; /* that the scan warns */
	bool counts;
	const struct flowd_batch *batch; /* a reference */
	uint64_t count;
	int got;
	struct flowd_error err;
};

static void
work_run(void *arg)
{
	struct work *w = arg;

	w->got = w->counts ? flowd_scan_count(w->scan, &w->count, &w->err)
			   : flowd_scan_next(w->scan, &w->batch, &w->err);
	/* Warnings run code of the program, which may close the scan. */
	w->batch = w->got > 0 && !w->counts ? flowd_batch_ref(w->batch) : NULL;
}

static void
work_cancel(void *arg)
{
	struct work *w = arg;

	flowd_scan_cancel(w->scan);
	w->self->active = NULL;
}

static void
work_free(void *arg)
{
	struct work *w = arg;

	flowd_batch_free(w->batch);
	notices_free(w->notices);
	free(w);
}

static void
work_abandon(void *arg)
{
	struct work *w = arg;

	flowd_scan_close(w->scan);
	work_free(w);
}

static struct work *
work_new(struct scan_object *self, struct flowd_scan *scan, bool counts)
{
	struct work *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		(void)PyErr_NoMemory();
		return NULL;
	}
	w->scan = scan;
	w->self = self;
	w->notices = notices_ref(self->notices);
	w->counts = counts;
	return w;
}

/*
 * Do it. False with an exception, when it was interrupted; then scan is NULL if
 * it is no more, and w is freed.
 */
static bool
work_do(struct scan_object *self, struct work *w, struct flowd_scan **scan)
{
	struct task task = { work_run, work_cancel, work_abandon, w };
	enum task_end end;

	self->busy = true;
	self->active = w->scan;
	end = task_run(&task);
	self->active = NULL;
	self->busy = false;
	if (end == TASK_DONE)
		return true;
	if (end == TASK_ABANDONED)
		*scan = NULL;
	else
		work_free(w);
	return false;
}

/* A batch, None at the end, or NULL with an exception. */
static PyObject *
scan_result(PyObject *object, struct work *w)
{
	struct scan_object *self = scan_object(object);

	if (notices_tell(self->notices, native_state_of(object)->warning) != 0)
		return NULL;
	if (w->got < 0)
		return native_fail(&w->err);
	if (w->got > 0)
		return batch_wrap(native_state_of(object),
		    flowd_batch_ref(w->batch), self->addresses);
	self->ended = true;
	scan_shut(self);
	Py_RETURN_NONE;
}

static PyObject *
scan_next(PyObject *object, PyObject *unused)
{
	struct scan_object *self = scan_object(object);
	PyObject *result;
	struct work *w;

	(void)unused;
	if (!scan_usable(self))
		return NULL;
	if (self->ended)
		Py_RETURN_NONE;
	if (self->scan == NULL) {
		PyErr_SetString(PyExc_ValueError, "the scan was interrupted");
		return NULL;
	}
	if ((w = work_new(self, self->scan, false)) == NULL)
		return NULL;
	if (!work_do(self, w, &self->scan)) {
		scan_shut(self);
		return NULL;
	}
	result = scan_result(object, w);
	work_free(w);
	return result;
}

static PyObject *
scan_count(PyObject *object, PyObject *unused)
{
	struct scan_object *self = scan_object(object);
	struct flowd_scan *scan;
	PyObject *result = NULL;
	struct work *w = NULL;

	(void)unused;
	if (!scan_usable(self) || (scan = scan_open(self)) == NULL)
		return NULL;
	if ((w = work_new(self, scan, true)) != NULL &&
	    work_do(self, w, &scan)) {
		if (w->got < 0)
			(void)native_fail(&w->err);
		else if (notices_tell(self->notices,
			     native_state_of(object)->warning) == 0)
			result = PyLong_FromUnsignedLongLong(w->count);
		work_free(w);
	}
	flowd_scan_close(scan);
	return result;
}

/* --- Ending --- */

static PyObject *
scan_cancel(PyObject *object, PyObject *unused)
{
	struct scan_object *self = scan_object(object);

	(void)unused;
	if (self->active != NULL)
		flowd_scan_cancel(self->active);
	else if (self->scan != NULL)
		flowd_scan_cancel(self->scan);
	Py_RETURN_NONE;
}

static PyObject *
scan_close(PyObject *object, PyObject *unused)
{
	struct scan_object *self = scan_object(object);

	(void)unused;
	if (!self->closed && !scan_usable(self))
		return NULL;
	self->closed = true;
	scan_shut(self);
	Py_RETURN_NONE;
}

static PyObject *
scan_warnings(PyObject *object, void *closure)
{
	(void)closure;
	return PyLong_FromUnsignedLongLong(
	    notices_count(scan_object(object)->notices));
}

static PyObject *
scan_closed(PyObject *object, void *closure)
{
	(void)closure;
	return PyBool_FromLong(scan_object(object)->closed);
}

/* --- Arrow --- */

/* A stream of the library, and what it warns. */
struct stream {
	struct ArrowArrayStream inner;
	struct notices *notices;
};

static int
stream_get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
	struct stream *s = stream->private_data;

	return s->inner.get_schema(&s->inner, out);
}

static int
stream_get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
	struct stream *s = stream->private_data;
	int bad = s->inner.get_next(&s->inner, out);

	if (bad != 0 || out->release == NULL)
		notices_tell_later(s->notices);
	return bad;
}

static const char *
stream_get_last_error(struct ArrowArrayStream *stream)
{
	struct stream *s = stream->private_data;

	return s->inner.get_last_error(&s->inner);
}

static void
stream_release(struct ArrowArrayStream *stream)
{
	struct stream *s = stream->private_data;

	s->inner.release(&s->inner);
	notices_tell_later(s->notices);
	notices_free(s->notices);
	free(s);
	stream->release = NULL;
}

/* Takes the scan over. */
static PyObject *
stream_new(struct scan_object *self, struct flowd_scan *scan)
{
	struct flowd_arrow_options options = { .addresses = self->addresses };
	struct ArrowArrayStream stream = {
		.get_schema = stream_get_schema,
		.get_next = stream_get_next,
		.get_last_error = stream_get_last_error,
		.release = stream_release,
	};
	struct stream *s = calloc(1, sizeof(*s));
	struct flowd_error err = { .code = 0 };
	int bad = FLOWD_ENOMEM;

	if (s != NULL)
		bad = flowd_scan_to_arrow(scan, &options, &s->inner, &err);
	if (bad != 0) {
		free(s);
		flowd_scan_close(scan);
		return native_fail(&err);
	}
	s->notices = notices_ref(self->notices);
	stream.private_data = s;
	return arrow_stream_capsule(&stream);
}

static PyObject *
scan_arrow_stream(PyObject *object, PyObject *unused)
{
	struct scan_object *self = scan_object(object);
	struct flowd_scan *scan;

	(void)unused;
	if (!scan_usable(self) || (scan = scan_open(self)) == NULL)
		return NULL;
	return stream_new(self, scan);
}

static PyObject *
scan_arrow_schema(PyObject *object, PyObject *unused)
{
	struct scan_object *self = scan_object(object);
	struct flowd_arrow_options options = { .addresses = self->addresses };
	struct flowd_error err = { .code = 0 };
	struct flowd_scan *scan;
	struct ArrowSchema schema;
	int bad;

	(void)unused;
	if (!scan_usable(self))
		return NULL;
	scan = self->scan != NULL ? self->scan : scan_open(self);
	if (scan == NULL)
		return NULL;
	bad = flowd_scan_to_schema(scan, &options, &schema, &err);
	if (scan != self->scan)
		flowd_scan_close(scan);
	return bad == 0 ? arrow_schema_capsule(&schema)
			: native_fail(&err);
}

static PyMethodDef scan_methods[] = {
	{ "next", scan_next, METH_NOARGS,
	    "next($self)\n--\n\nThe next Batch; None at the end." },
	{ "count", scan_count, METH_NOARGS,
	    "count($self)\n--\n\nHow many flows pass, of all." },
	{ "cancel", scan_cancel, METH_NOARGS,
	    "cancel($self)\n--\n\nEnd it soon." },
	{ "close", scan_close, METH_NOARGS,
	    "close($self)\n--\n\nGive all back." },
	{ "arrow_schema", scan_arrow_schema, METH_NOARGS,
	    "arrow_schema($self)\n--\n\n"
	    "The type of its batches, as a PyCapsule." },
	{ "arrow_stream", scan_arrow_stream, METH_NOARGS,
	    "arrow_stream($self)\n--\n\n"
	    "All its flows from the first one on, as a PyCapsule." },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef scan_getset[] = {
	{ "warnings", scan_warnings, NULL, "How many there were.", NULL },
	{ "closed", scan_closed, NULL, "Is it closed?", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static PyType_Slot scan_slots[] = {
	{ Py_tp_new, scan_new },
	{ Py_tp_dealloc, scan_dealloc },
	{ Py_tp_methods, scan_methods },
	{ Py_tp_getset, scan_getset },
	{ 0, NULL },
};

static PyType_Spec scan_spec = {
	.name = "flowd._flowd.Scan",
	.basicsize = sizeof(struct scan_object),
	.flags = Py_TPFLAGS_DEFAULT,
	.slots = scan_slots,
};

int
scan_add(PyObject *module, struct native_state *state)
{
	state->scan = native_type(module, &scan_spec);
	return state->scan != NULL ? 0 : -1;
}
