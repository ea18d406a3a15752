/* The module flowd._flowd: its types, functions and errors; see native.h. */
#include <errno.h>
#include <string.h>

#include "native.h"

struct native_state *
native_state_of(PyObject *self)
{
	return PyType_GetModuleState(Py_TYPE(self));
}

PyTypeObject *
native_type(PyObject *module, PyType_Spec *spec)
{
	const char *name = strrchr(spec->name, '.') + 1;
	PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);

	if (type == NULL)
		return NULL;
#if PY_VERSION_HEX < 0x030a0000
	bool makes = false;

	for (const PyType_Slot *s = spec->slots; s->slot != 0; s++)
		makes = makes || s->slot == Py_tp_new;
	if (!makes)
		((PyTypeObject *)type)->tp_new = NULL;
#endif
	Py_INCREF(type);
	if (PyModule_AddObject(module, name, type) == 0)
		return (PyTypeObject *)type;
	Py_DECREF(type);
	Py_DECREF(type);
	return NULL;
}

/* --- Errors --- */

/* Arguments of OSError: with an errno it becomes one of its subclasses. */
static PyObject *
system_value(const struct flowd_error *err, PyObject *text)
{
	return err->system != 0 ? Py_BuildValue("(iO)", err->system, text)
				: Py_BuildValue("(O)", text);
}

/* flowd.Canceled, of whatever interpreter this is. */
static void
canceled_raise(PyObject *text)
{
	PyObject *module = PyImport_ImportModule("flowd._flowd"), *kind;

	if (module == NULL)
		return;
	if ((kind = PyObject_GetAttrString(module, "Canceled")) != NULL)
		PyErr_SetObject(kind, text);
	Py_XDECREF(kind);
	Py_DECREF(module);
}

static void
native_raise(const struct flowd_error *err, PyObject *text)
{
	PyObject *value;

	switch (err->code) {
	case FLOWD_ENOMEM:
		PyErr_SetObject(PyExc_MemoryError, text);
		break;
	case FLOWD_EIO:
		if ((value = system_value(err, text)) != NULL)
			PyErr_SetObject(PyExc_OSError, value);
		Py_XDECREF(value);
		break;
	case FLOWD_ECANCELED:
		canceled_raise(text);
		break;
	default:
		PyErr_SetObject(PyExc_ValueError, text);
		break;
	}
}

PyObject *
native_fail(const struct flowd_error *err)
{
	PyObject *text;

	if (PyErr_Occurred() != NULL)
		return NULL;
	/* Names of files need not be UTF-8. */
	text = PyUnicode_DecodeLocale(err->text, "surrogateescape");
	if (text == NULL)
		return NULL;
	native_raise(err, text);
	Py_DECREF(text);
	return NULL;
}

int
native_u64(PyObject *value, void *to)
{
	PyObject *number = PyNumber_Index(value);
	unsigned long long v = 0;

	if (number != NULL)
		v = PyLong_AsUnsignedLongLong(number);
	Py_XDECREF(number);
	*(uint64_t *)to = v;
	return PyErr_Occurred() == NULL;
}

PyObject *
native_fail_code(int code)
{
	struct flowd_error err = { .code = code };

	(void)strncat(
	    err.text, flowd_result_text(code), sizeof(err.text) - 1);
	return native_fail(&err);
}

/* --- Functions --- */

static PyObject *
columns_list(PyObject *module, PyObject *unused)
{
	static const char *const units[] = { "", "ms", "packets", "octets" };
	static const char *const types[] = { "", "u8", "u16", "u32", "u64",
		"time", "addr", "mac", "octets" };
	const struct flowd_column_info *info;
	PyObject *list = PyList_New(0);

	(void)module;
	(void)unused;
	for (size_t i = 0;
	     list != NULL && (info = flowd_column_at(i)) != NULL; i++) {
		PyObject *item = Py_BuildValue("(sissOs)", info->name,
		    info->column, types[info->type], units[info->unit],
		    info->flags & FLOWD_COLUMN_RECORD ? Py_True : Py_False,
		    info->text);

		if (item == NULL || PyList_Append(list, item) != 0)
			Py_CLEAR(list);
		Py_XDECREF(item);
	}
	return list;
}

static PyMethodDef functions[] = {
	{ "columns_list", columns_list, METH_NOARGS,
	    "columns_list($module)\n--\n\n"
	    "The columns that there are, as tuples." },
	{ NULL, NULL, 0, NULL },
};

/* --- The module --- */

/* An exception of the module. NULL with another one. */
static PyObject *
exception_add(
    PyObject *module, const char *name, const char *doc, PyObject *base)
{
	PyObject *kind = PyErr_NewExceptionWithDoc(name, doc, base, NULL);

	if (kind == NULL)
		return NULL;
	Py_INCREF(kind);
	if (PyModule_AddObject(module, strchr(name, '.') + 1, kind) == 0)
		return kind;
	Py_DECREF(kind);
	Py_DECREF(kind);
	return NULL;
}

static int
module_exec(PyObject *module)
{
	struct native_state *state = PyModule_GetState(module);

	state->warning = exception_add(module, "flowd.FlowdWarning",
	    "Something was passed over while flows were read: damage in a\n"
	    "log, flows that were missed.", PyExc_UserWarning);
	state->canceled = exception_add(module, "flowd.Canceled",
	    "A scan was canceled before it was at its end.", NULL);
	if (state->warning == NULL || state->canceled == NULL)
		return -1;
	return PyModule_AddStringConstant(
		   module, "version", flowd_version()) == 0 &&
		batch_add(module, state) == 0 &&
		column_add(module, state) == 0 &&
		scan_add(module, state) == 0 &&
		flow_add(module, state) == 0 &&
		groups_add(module, state) == 0 &&
		decoder_add(module, state) == 0 &&
		writer_add(module, state) == 0
	    ? 0
	    : -1;
}

/* All that the state has a reference to. */
#define OBJECTS(X) \
	X(batch) \
	X(column) \
	X(scan) \
	X(flow) \
	X(flow_iterator) \
	X(groups) \
	X(decoder) \
	X(writer) \
	X(warning) \
	X(canceled)

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
	struct native_state *state = PyModule_GetState(module);

#define VISIT(member) Py_VISIT(state->member);
	OBJECTS(VISIT)
#undef VISIT
	return 0;
}

static int
module_clear(PyObject *module)
{
	struct native_state *state = PyModule_GetState(module);

#define CLEAR(member) Py_CLEAR(state->member);
	OBJECTS(CLEAR)
#undef CLEAR
	return 0;
}

static void
module_free(void *module)
{
	struct native_state *state = PyModule_GetState(module);

	(void)module_clear(module);
	flowd_formatter_free(state->formatter);
	flowd_batch_free(state->one);
	state->formatter = NULL;
	state->one = NULL;
}

static PyModuleDef_Slot module_slots[] = {
	{ Py_mod_exec, module_exec },
	{ 0, NULL },
};

static struct PyModuleDef module_def = {
	PyModuleDef_HEAD_INIT,
	.m_name = "flowd._flowd",
	.m_doc = "libflowd for Python; see the package flowd.",
	.m_size = sizeof(struct native_state),
	.m_methods = functions,
	.m_slots = module_slots,
	.m_traverse = module_traverse,
	.m_clear = module_clear,
	.m_free = module_free,
};

PyMODINIT_FUNC PyInit__flowd(void);

PyMODINIT_FUNC
PyInit__flowd(void)
{
	return PyModuleDef_Init(&module_def);
}
