/* flowd.Writer: logs of versions 3 and 4; see native.h. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "native.h"

enum { FLOWS = 4096 /* that are written at once */ };

struct writer_object {
	PyObject_HEAD
	struct flowd_writer *writer; /* NULL: closed */
	pid_t owner; /* the process that may write */
	struct flowd_batch *flows; /* of write_flow(); NULL: none were */
	bool busy;
};

static const char writer_doc[] =
    "Writer(file, *, version=4, compression='zstd', level=0, fields=0)\n"
    "--\n\n"
    "Writes a log to file, a path or an open descriptor. version is 3 or 4;\n"
    "compression, of version 4, \"zstd\", \"lz4\" or \"none\", level that of\n"
    "zstd, 1 to 19; fields, of version 3, a mask of FIELD_*, 0 for all. A\n"
    "context manager, which closes it. OSError: the file cannot be written.";

static struct writer_object *
writer(PyObject *self)
{
	return (struct writer_object *)self;
}

static struct flowd_writer *
writer_open(PyObject *file, const struct flowd_writer_options *options)
{
	struct flowd_error err = { .code = 0 };
	struct flowd_writer *w;
	PyObject *path;
	char name[32];
	long fd;

	if (PyLong_Check(file)) {
		fd = PyLong_AsLong(file);
		if (PyErr_Occurred() != NULL)
			return NULL;
		if (fd < 0 || fd > INT_MAX) {
			PyErr_SetString(
			    PyExc_ValueError, "file: no such descriptor");
			return NULL;
		}
		(void)snprintf(name, sizeof(name), "descriptor %ld", fd);
		w = flowd_writer_open_fd((int)fd, name, options, &err);
		if (w == NULL)
			(void)native_fail(&err);
		return w;
	}
	if (!PyUnicode_FSConverter(file, &path))
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	w = flowd_writer_open(PyBytes_AsString(path), options, &err);
	Py_END_ALLOW_THREADS
	Py_DECREF(path);
	if (w == NULL)
		(void)native_fail(&err);
	return w;
}

/* Options that the library refuses are no matter of the system. */
static bool
options_good(const struct flowd_writer_options *o)
{
	if (o->version == 3 || o->version == 4) {
		if (o->level >= 0 && o->level <= 19)
			return true;
		PyErr_SetString(PyExc_ValueError, "level: between 1 and 19");
	} else {
		PyErr_SetString(PyExc_ValueError, "version: 3 or 4");
	}
	return false;
}

static PyObject *
writer_new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
	static char *names[] = { "file", "version", "compression", "level",
		"fields", NULL };
	static const char *const compressions[] = { "zstd", "lz4", "none",
		NULL };
	allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
	struct flowd_writer_options options = { .version = 4 };
	const char *compression = "zstd";
	struct writer_object *self;
	unsigned long fields = 0;
	PyObject *file;

	if (!PyArg_ParseTupleAndKeywords(args, kw, "O|$isik:Writer", names,
		&file, &options.version, &compression, &options.level,
		&fields) ||
	    !options_good(&options))
		return NULL;
	options.fields = (uint32_t)fields;
	options.compression =
	    value_word(compression, compressions, "compression");
	if (options.compression < 0 ||
	    (self = (struct writer_object *)alloc(type, 0)) == NULL)
		return NULL;
	self->owner = getpid();
	self->writer = writer_open(file, &options);
	if (self->writer != NULL)
		return (PyObject *)self;
	Py_DECREF(self);
	return NULL;
}

static bool
writer_usable(const struct writer_object *self)
{
	if (self->owner != getpid())
		PyErr_SetString(PyExc_RuntimeError,
		    "the writer belongs to another process");
	else if (self->busy)
		PyErr_SetString(PyExc_RuntimeError,
		    "another thread is using the writer");
	else if (self->writer == NULL)
		PyErr_SetString(PyExc_ValueError, "the writer is closed");
	return PyErr_Occurred() == NULL;
}

/* Rows of a batch. How many were taken, or -1 with an exception. */
static int
rows_write(struct writer_object *self, const struct flowd_batch *b,
    size_t first, size_t n)
{
	struct flowd_error err = { .code = 0 };
	int taken;

	self->busy = true;
	Py_BEGIN_ALLOW_THREADS
	taken = flowd_writer_rows(self->writer, b, first, n, &err);
	Py_END_ALLOW_THREADS
	self->busy = false;
	if (taken >= 0)
		return taken;
	(void)native_fail(&err);
	return -1;
}

/* Flows that wait are written before others. */
static bool
flows_write(struct writer_object *self)
{
	if (self->flows == NULL || flowd_batch_rows(self->flows) == 0)
		return true;
	if (rows_write(self, self->flows, 0, SIZE_MAX) < 0)
		return false;
	(void)flowd_batch_clear(self->flows);
	return true;
}

static PyObject *
writer_write(PyObject *object, PyObject *args, PyObject *kw)
{
	static char *names[] = { "batch", "first", "n", NULL };
	struct writer_object *self = writer(object);
	const struct flowd_batch *b;
	Py_ssize_t first = 0, n = PY_SSIZE_T_MAX;
	PyObject *batch;
	int taken;

	if (!PyArg_ParseTupleAndKeywords(
		args, kw, "O|nn:write", names, &batch, &first, &n) ||
	    (b = batch_of(native_state_of(object), batch)) == NULL ||
	    !writer_usable(self))
		return NULL;
	if (first < 0 || n < 0) {
		PyErr_SetString(PyExc_ValueError, "first, n: not negative");
		return NULL;
	}
	if (!flows_write(self))
		return NULL;
	taken = rows_write(self, b, (size_t)first, (size_t)n);
	return taken >= 0 ? PyLong_FromLong(taken) : NULL;
}

static PyObject *
writer_write_flow(PyObject *object, PyObject *value)
{
	struct writer_object *self = writer(object);
	const struct flowd_classic *c =
	    flow_classic(native_state_of(object), value);
	struct flowd_error err = { .code = 0 };
	int row;

	if (c == NULL || !writer_usable(self))
		return NULL;
	if (self->flows == NULL)
		self->flows = flowd_batch_new(NULL, FLOWS, &err);
	if (self->flows == NULL)
		return native_fail(&err);
	row = flowd_classic_append(self->flows, c);
	if (row == FLOWD_ERANGE) {
		if (!flows_write(self))
			return NULL;
		row = flowd_classic_append(self->flows, c);
	}
	if (row < 0)
		return native_fail_code(row);
	Py_RETURN_NONE;
}

static PyObject *
writer_flush(PyObject *object, PyObject *unused)
{
	struct writer_object *self = writer(object);
	struct flowd_error err = { .code = 0 };
	int bad;

	(void)unused;
	if (!writer_usable(self) || !flows_write(self))
		return NULL;
	self->busy = true;
	Py_BEGIN_ALLOW_THREADS
	bad = flowd_writer_flush(self->writer, &err);
	Py_END_ALLOW_THREADS
	self->busy = false;
	if (bad != 0)
		return native_fail(&err);
	Py_RETURN_NONE;
}

static PyObject *
writer_close(PyObject *object, PyObject *unused)
{
	struct writer_object *self = writer(object);
	struct flowd_error err = { .code = 0 };
	struct flowd_writer *w;
	bool written;
	int bad;

	(void)unused;
	if (self->writer == NULL)
		Py_RETURN_NONE;
	if (!writer_usable(self))
		return NULL;
	written = flows_write(self);
	w = self->writer;
	self->writer = NULL;
	Py_BEGIN_ALLOW_THREADS
	bad = flowd_writer_close(w, &err);
	Py_END_ALLOW_THREADS
	if (!written)
		return NULL;
	if (bad != 0)
		return native_fail(&err);
	Py_RETURN_NONE;
}

static void
writer_dealloc(PyObject *object)
{
	struct writer_object *self = writer(object);
	PyTypeObject *type = Py_TYPE(object);
	freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
	PyObject *done;

	/*
	 * Errors have nobody to go to, but must not pass unseen. After fork()
	 * what was not written is the parent's to write.
	 */
	if (self->writer != NULL && self->owner == getpid()) {
		PyObject *kind, *value, *trace;

		PyErr_Fetch(&kind, &value, &trace);
		if ((done = writer_close(object, NULL)) == NULL)
			PyErr_WriteUnraisable(NULL);
		Py_XDECREF(done);
		PyErr_Restore(kind, value, trace);
	}
	flowd_batch_free(self->flows);
	release(object);
	Py_DECREF(type);
}

static PyObject *
writer_enter(PyObject *object, PyObject *unused)
{
	(void)unused;
	if (!writer_usable(writer(object)))
		return NULL;
	Py_INCREF(object);
	return object;
}

static PyObject *
writer_exit(PyObject *object, PyObject *args)
{
	(void)args;
	return writer_close(object, NULL);
}

static PyObject *
writer_left_out(PyObject *object, void *closure)
{
	struct writer_object *self = writer(object);

	(void)closure;
	if (!writer_usable(self))
		return NULL;
	return PyLong_FromUnsignedLongLong(
	    flowd_writer_left_out(self->writer));
}

static PyMethodDef writer_methods[] = {
	{ "write", (PyCFunction)(void (*)(void))writer_write,
	    METH_VARARGS | METH_KEYWORDS,
	    "write($self, batch, first=0, n=0x7fffffffffffffff)\n--\n\n"
	    "Write rows of a Batch, and\n"
	    "return how many were taken. Version 3 cannot hold a flow that\n"
	    "has one address only, or those of two families: see left_out.\n"
	    "OSError: then nothing more can be written." },
	{ "write_flow", writer_write_flow, METH_O,
	    "write_flow($self, flow, /)\n--\n\n"
	    "Write a Flow." },
	{ "flush", writer_flush, METH_NOARGS,
	    "flush($self)\n--\n\n"
	    "Write all that was taken, so that others can read\n"
	    "it. Of version 4 this ends a block; there should be few." },
	{ "close", writer_close, METH_NOARGS,
	    "close($self)\n--\n\n"
	    "Write the rest and close the file. A descriptor\n"
	    "that was handed in stays open." },
	{ "__enter__", writer_enter, METH_NOARGS,
	    "__enter__($self)\n--\n\nThe writer." },
	{ "__exit__", writer_exit, METH_VARARGS,
	    "__exit__($self, /, *args)\n--\n\nclose()." },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef writer_getset[] = {
	{ "left_out", writer_left_out, NULL,
	    "How many rows version 3 could not hold.", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static PyType_Slot writer_slots[] = {
	{ Py_tp_doc, (void *)(uintptr_t)writer_doc },
	{ Py_tp_new, writer_new },
	{ Py_tp_dealloc, writer_dealloc },
	{ Py_tp_methods, writer_methods },
	{ Py_tp_getset, writer_getset },
	{ 0, NULL },
};

static PyType_Spec writer_spec = {
	.name = "flowd.Writer",
	.basicsize = sizeof(struct writer_object),
	.flags = Py_TPFLAGS_DEFAULT,
	.slots = writer_slots,
};

int
writer_add(PyObject *module, struct native_state *state)
{
	state->writer = native_type(module, &writer_spec);
	return state->writer != NULL ? 0 : -1;
}
