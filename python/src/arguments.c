/* What a scan reads, as Python hands it over; see arguments.h. */
#include <limits.h>
#include <string.h>

#include "arguments.h"

static int
paths_take(struct arguments *a, PyObject *paths)
{
	Py_ssize_t n = PyTuple_Size(paths);

	if (n < 0)
		return -1;
	a->paths = PyMem_Calloc((size_t)n + 1, sizeof(*a->paths));
	if (a->paths == NULL) {
		(void)PyErr_NoMemory();
		return -1;
	}
	for (Py_ssize_t i = 0; i < n; i++) {
		PyObject *path = PyTuple_GetItem(paths, i);
		char *text;

		/* Refuses a 0 within. */
		if (path == NULL ||
		    PyBytes_AsStringAndSize(path, &text, NULL) != 0)
			return -1;
		a->paths[i] = text;
	}
	a->options.paths = a->paths;
	return 0;
}

static int
fds_take(struct arguments *a, PyObject *fds)
{
	Py_ssize_t n = PyTuple_Size(fds);

	if (n < 0)
		return -1;
	a->fds = PyMem_Calloc((size_t)n + 1, sizeof(*a->fds));
	if (a->fds == NULL) {
		(void)PyErr_NoMemory();
		return -1;
	}
	for (Py_ssize_t i = 0; i < n; i++) {
		long fd = PyLong_AsLong(PyTuple_GetItem(fds, i));

		if (PyErr_Occurred() != NULL)
			return -1;
		a->fds[i] = fd >= 0 && fd <= INT_MAX ? (int)fd : -1;
	}
	a->options.fds = a->fds;
	a->options.nfds = (size_t)n;
	return 0;
}

int
arguments_take(struct arguments *a, PyObject *tuple)
{
	struct flowd_scan_options *o = &a->options;
	unsigned long long limit;
	long long start, end;
	Py_ssize_t rows;
	PyObject *paths, *fds;

	memset(a, 0, sizeof(*a));
	if (!PyArg_ParseTuple(tuple, "O!zzzzLLIIKnO!:scan", &PyTuple_Type,
		&paths, &o->where, &o->rules, &o->time, &o->columns, &start,
		&end, &o->flags, &o->threads, &limit, &rows,
		&PyTuple_Type, &fds))
		return -1;
	o->start_ns = start;
	o->end_ns = end;
	o->flows_max = limit;
	o->rows = (size_t)rows;
	Py_INCREF(tuple);
	a->tuple = tuple;
	if (paths_take(a, paths) == 0 && fds_take(a, fds) == 0)
		return 0;
	arguments_free(a);
	return -1;
}

void
arguments_free(struct arguments *a)
{
	PyMem_Free(a->paths);
	a->paths = NULL;
	PyMem_Free(a->fds);
	a->fds = NULL;
	Py_CLEAR(a->tuple);
}
