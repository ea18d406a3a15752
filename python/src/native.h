/*
 * What the files of the module flowd._flowd share: its state, errors, values.
 *
 * The module is made of the public headers of libflowd alone. From Python 3.11
 * on it uses the limited API, so that one file serves all later versions.
 *
 * Tests: test/program/python/.
 */
#ifndef FLOWD_NATIVE_H
#define FLOWD_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#include <flowd/flowd.h>

/* Only the module makes objects of such a type. */
#if PY_VERSION_HEX >= 0x030a0000
#define NATIVE_NO_NEW Py_TPFLAGS_DISALLOW_INSTANTIATION
#else
#define NATIVE_NO_NEW 0
#endif

/* Of each interpreter. */
struct native_state {
	PyTypeObject *batch, *column, *scan;
	PyTypeObject *flow, *flow_iterator, *groups, *decoder, *writer;
	PyObject *warning; /* flowd.FlowdWarning */
	PyObject *canceled; /* flowd.Canceled */
	/* What Flow.format() prints with, until other options are asked for. */
	struct flowd_formatter *formatter;
	int formatter_utc;
	uint32_t formatter_fields;
	struct flowd_batch *one; /* a batch for one row */
};

/* The state, by an object of one of the types of the module. */
struct native_state *native_state_of(PyObject *self);

/* Each adds its types and constants. 0, or -1 with an exception. */
int batch_add(PyObject *module, struct native_state *state);
int column_add(PyObject *module, struct native_state *state);
int scan_add(PyObject *module, struct native_state *state);
int flow_add(PyObject *module, struct native_state *state);
int groups_add(PyObject *module, struct native_state *state);
int decoder_add(PyObject *module, struct native_state *state);
int writer_add(PyObject *module, struct native_state *state);

/*
 * A type of the module, under its name. NULL with an exception. Without a slot
 * Py_tp_new nobody else can make objects of it.
 */
PyTypeObject *native_type(PyObject *module, PyType_Spec *spec);

/* --- Errors --- */

/*
 * Raise what a failure of the library is: OSError, with its errno, MemoryError,
 * flowd.Canceled or ValueError, with its text. Returns NULL.
 */
PyObject *native_fail(const struct flowd_error *err);
/* The same by its code alone. */
PyObject *native_fail_code(int code);

/*
 * For "O&": an integer, also one of NumPy, to a uint64_t. OverflowError when it
 * is negative or greater.
 */
int native_u64(PyObject *value, void *to);

/* --- Values --- */

/* An address as text; None where there is none. */
PyObject *value_addr(const struct flowd_addr *a);
/* Takes text, None or "". False, with ValueError, when it is no address. */
bool value_addr_take(
    PyObject *value, const char *name, struct flowd_addr *a);
PyObject *value_mac(uint64_t mac);
/* Elements that have no column, as a list of (enterprise, id, name, bytes). */
PyObject *value_elements(const uint8_t *octets, size_t len);
/* The value of a row; None where there is none. */
PyObject *value_of_row(
    const struct flowd_batch *b, const struct flowd_column_info *info,
    size_t row);
/* Sets the value of a row; None is none. False with an exception. */
bool value_set(struct flowd_batch *b, const struct flowd_column_info *info,
    size_t row, PyObject *value);

/* An enum by the words of a table that ends in NULL; -1 with ValueError. */
int value_word(const char *word, const char *const words[], const char *what);

/* --- Batches --- */

struct batch_object {
	PyObject_HEAD
	const struct flowd_batch *batch;
	int addresses; /* enum flowd_arrow_addresses */
};

/* Takes the reference over, also on failure. */
PyObject *batch_wrap(struct native_state *state,
    const struct flowd_batch *batch, int addresses);
/* What a batch has, or NULL with TypeError. Borrowed. */
const struct flowd_batch *batch_of(
    struct native_state *state, PyObject *object);
/* A column of a batch. */
PyObject *column_wrap(struct native_state *state,
    const struct flowd_batch *batch, const struct flowd_column_info *info);

/* --- Flows --- */

/* An iterator over the flows of a batch. */
PyObject *flow_iterate(
    struct native_state *state, const struct flowd_batch *batch);
/* What a Flow has, with its fields up to date; NULL with TypeError. */
const struct flowd_classic *flow_classic(
    struct native_state *state, PyObject *object);

/* --- Arrow --- */

extern const char *const arrow_address_words[];

/* Capsules of a batch, of a scan, of groups; NULL with an exception. */
PyObject *arrow_schema_capsule(struct ArrowSchema *schema);
PyObject *arrow_array_capsule(struct ArrowArray *array);
PyObject *arrow_stream_capsule(struct ArrowArrayStream *stream);

#endif
