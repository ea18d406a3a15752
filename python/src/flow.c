/*
 * flowd.Flow: a flow as the fields of a log of version 3, which the module of
 * the first flowd had; see native.h. Attributes are the members of a struct
 * flowd_classic, by a table.
 */
#include <sys/socket.h>
#include <stddef.h>
#include <string.h>

#include "native.h"

enum { BLOB_MAX = 8192 };

struct flow_object {
	PyObject_HEAD
	struct flowd_classic c;
	PyObject *data; /* NULL: nobody asked for it yet */
	uint8_t version; /* of the record */
	/* Counters are None where the flow does not have them. */
	bool has_packets, has_octets;
	/* A record gets a checksum, but there is none to print. */
	bool hides_crc;
};

static const char flow_doc[] =
    "Flow(blob=None)\n--\n\n"
    "A flow, of a record of a log of version 3, or without any field.\n\n"
    "All attributes can be set. Numbers are int, addresses str or None, and\n"
    "octets and packets int or None; sys_uptime_ms, flow_start and\n"
    "flow_finish are in milliseconds of the exporter's uptime, recv_sec and\n"
    "agent_sec in seconds since 1970-01-01 UTC, recv_usec in microseconds,\n"
    "and agent_usec, in spite of its name, in nanoseconds. data is a dict\n"
    "for whatever a program wants to keep with the flow. fields says which\n"
    "fields are present; those of addresses, octets and packets follow from\n"
    "whether they are None.\n\n"
    "ValueError: the record is damaged, too short, or too long.";

enum {
	FIELD_AGENT_ADDR = FLOWD_FIELD_AGENT_ADDR4 | FLOWD_FIELD_AGENT_ADDR6,
	FIELD_SRC_ADDR = FLOWD_FIELD_SRC_ADDR4 | FLOWD_FIELD_SRC_ADDR6,
	FIELD_DST_ADDR = FLOWD_FIELD_DST_ADDR4 | FLOWD_FIELD_DST_ADDR6,
	FIELD_GATEWAY_ADDR =
	    FLOWD_FIELD_GATEWAY_ADDR4 | FLOWD_FIELD_GATEWAY_ADDR6
};

static struct flow_object *
flow(PyObject *self)
{
	return (struct flow_object *)self;
}

/* --- Making --- */

/* Without fields. Not looked at by the collector until it has data. */
static struct flow_object *
flow_make(PyTypeObject *type)
{
	struct flow_object *self = PyObject_GC_New(struct flow_object, type);

	if (self == NULL)
		return NULL;
	memset(&self->c, 0, sizeof(self->c));
	self->data = NULL;
	self->version = FLOWD_RECORD_VERSION;
	self->has_packets = self->has_octets = false;
	self->hides_crc = false;
	return self;
}

/* c was loaded. */
static PyObject *
flow_loaded(struct flow_object *self)
{
	self->has_packets = self->c.fields & FLOWD_FIELD_PACKETS;
	self->has_octets = self->c.fields & FLOWD_FIELD_OCTETS;
	return (PyObject *)self;
}

static PyObject *
flow_of_row(PyTypeObject *type, const struct flowd_batch *b, size_t row)
{
	struct flow_object *self = flow_make(type);

	if (self == NULL)
		return NULL;
	(void)flowd_classic_load(b, row, &self->c);
	self->hides_crc = !flowd_batch_has(b, FLOWD_COL_crc32, row);
	return flow_loaded(self);
}

/* NULL, with used the result, when there is no whole, good record. */
static PyObject *
flow_of_record(PyTypeObject *type, const uint8_t *octets, size_t len,
    int *used, struct flowd_error *err)
{
	struct flow_object *self = flow_make(type);

	*used = FLOWD_ENOMEM;
	if (self == NULL)
		return NULL;
	*used = flowd_classic_decode(octets, len, &self->c, err);
	if (*used < 0) {
		Py_DECREF(self);
		return NULL;
	}
	self->version = octets[0];
	return flow_loaded(self);
}

static PyObject *
flow_new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
	static char *names[] = { "blob", NULL };
	PyObject *blob = Py_None, *octets, *self;
	struct flowd_error err = { .code = 0 };
	Py_ssize_t len;
	char *at;
	int used;

	if (!PyArg_ParseTupleAndKeywords(args, kw, "|O:Flow", names, &blob))
		return NULL;
	if (blob == Py_None)
		return (PyObject *)flow_make(type);
	if (PyUnicode_Check(blob) || PyLong_Check(blob)) {
		PyErr_SetString(PyExc_TypeError, "blob: bytes are wanted");
		return NULL;
	}
	if ((octets = PyBytes_FromObject(blob)) == NULL)
		return NULL;
	(void)PyBytes_AsStringAndSize(octets, &at, &len);
	self = NULL;
	if (len > BLOB_MAX) {
		PyErr_Format(PyExc_ValueError,
		    "blob: more than %d octets", BLOB_MAX);
	} else {
		self = flow_of_record(
		    type, (uint8_t *)at, (size_t)len, &used, &err);
		if (self == NULL)
			(void)native_fail(&err);
	}
	Py_DECREF(octets);
	return self;
}

static int
flow_traverse(PyObject *self, visitproc visit, void *arg)
{
	Py_VISIT(Py_TYPE(self));
	Py_VISIT(flow(self)->data);
	return 0;
}

static int
flow_clear(PyObject *self)
{
	Py_CLEAR(flow(self)->data);
	return 0;
}

static void
flow_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	PyObject_GC_UnTrack(self);
	Py_CLEAR(flow(self)->data);
	PyObject_GC_Del(self);
	Py_DECREF(type);
}

/* --- Fields --- */

static uint32_t
flow_present(uint32_t fields, bool present, uint32_t bits)
{
	return present ? fields | bits : fields & ~bits;
}

/* The fields of what may be None; of an address both, whatever it is. */
static void
flow_derive(struct flow_object *self)
{
	struct flowd_classic *c = &self->c;
	uint32_t f = c->fields;

	f = flow_present(f, self->has_octets, FLOWD_FIELD_OCTETS);
	f = flow_present(f, self->has_packets, FLOWD_FIELD_PACKETS);
	f = flow_present(f, c->src_addr.family != 0, FIELD_SRC_ADDR);
	f = flow_present(f, c->dst_addr.family != 0, FIELD_DST_ADDR);
	f = flow_present(f, c->agent_addr.family != 0, FIELD_AGENT_ADDR);
	f = flow_present(f, c->gateway_addr.family != 0, FIELD_GATEWAY_ADDR);
	c->fields = f;
}

const struct flowd_classic *
flow_classic(struct native_state *state, PyObject *object)
{
	if (Py_TYPE(object) != state->flow) {
		PyErr_SetString(PyExc_TypeError, "a Flow is wanted");
		return NULL;
	}
	flow_derive(flow(object));
	return &flow(object)->c;
}

/* A mask of fields: 32 bits of an integer. */
static bool
fields_take(PyObject *value, uint32_t *fields)
{
	unsigned long long mask;

	if (!PyLong_Check(value)) {
		PyErr_SetString(
		    PyExc_TypeError, "a mask of fields is an integer");
		return false;
	}
	mask = PyLong_AsUnsignedLongLongMask(value);
	*fields = (uint32_t)mask;
	return PyErr_Occurred() == NULL;
}

static PyObject *
flow_has_field(PyObject *self, PyObject *args, PyObject *kw)
{
	static char *names[] = { "field", NULL };
	PyObject *value;
	uint32_t field;

	if (!PyArg_ParseTupleAndKeywords(
		args, kw, "O:has_field", names, &value) ||
	    !fields_take(value, &field))
		return NULL;
	if (field == 0) {
		PyErr_SetString(PyExc_ValueError, "no field is asked for");
		return NULL;
	}
	flow_derive(flow(self));
	return PyBool_FromLong((flow(self)->c.fields & field) == field);
}

/* --- Text and records --- */

/* The formatter of the module, for these options. NULL with an exception. */
static struct flowd_formatter *
formatter_of(struct native_state *state, int utc, uint32_t fields)
{
	struct flowd_format_options options = { .utc = utc };
	struct flowd_error err = { .code = 0 };

	/* Bits that no field has print nothing. */
	fields &= FLOWD_FIELDS_ALL;
	options.fields = fields != 0 ? fields : FLOWD_FIELDS_NONE;
	if (state->formatter == NULL || state->formatter_utc != utc ||
	    state->formatter_fields != fields) {
		flowd_formatter_free(state->formatter);
		state->formatter = flowd_formatter_new(&options, &err);
		state->formatter_utc = utc;
		state->formatter_fields = fields;
	}
	if (state->formatter == NULL)
		return (void *)native_fail(&err);
	return state->formatter;
}

/* A batch that has the flow, and nothing else. NULL with an exception. */
static struct flowd_batch *
one_row(struct native_state *state, const struct flowd_classic *c)
{
	struct flowd_error err = { .code = 0 };
	int row;

	if (state->one == NULL)
		state->one = flowd_batch_new(NULL, 1, &err);
	if (state->one == NULL)
		return (void *)native_fail(&err);
	(void)flowd_batch_clear(state->one);
	row = flowd_classic_append(state->one, c);
	return row == 0 ? state->one : (void *)native_fail_code(row);
}

static PyObject *
flow_format(PyObject *self, PyObject *args, PyObject *kw)
{
	static char *names[] = { "utc", "mask", NULL };
	struct native_state *state = native_state_of(self);
	struct flowd_formatter *f;
	struct flowd_error err = { .code = 0 };
	struct flowd_classic c;
	struct flowd_batch *b;
	PyObject *mask = NULL;
	uint32_t fields = FLOWD_FIELDS_BRIEF;
	const char *text;
	int utc = 0, bad;
	size_t len;

	if (!PyArg_ParseTupleAndKeywords(
		args, kw, "|pO:format", names, &utc, &mask) ||
	    (mask != NULL && !fields_take(mask, &fields)))
		return NULL;
	flow_derive(flow(self));
	c = flow(self)->c;
	if (flow(self)->hides_crc && c.crc32 == 0)
		c.fields &= ~(uint32_t)FLOWD_FIELD_CRC32;
	if ((f = formatter_of(state, utc, fields)) == NULL ||
	    (b = one_row(state, &c)) == NULL)
		return NULL;
	bad = flowd_formatter_rows(f, b, 0, 1, &text, &len, &err);
	if (bad != 0)
		return native_fail(&err);
	if (len > 0 && text[len - 1] == '\n')
		len--;
	return PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "replace");
}

static PyObject *
flow_serialise(PyObject *self, PyObject *args, PyObject *kw)
{
	static char *names[] = { "mask", NULL };
	uint8_t record[FLOWD_RECORD_MAX];
	uint32_t fields = FLOWD_FIELDS_ALL;
	PyObject *mask = NULL;
	int len;

	if (!PyArg_ParseTupleAndKeywords(
		args, kw, "|O:serialise", names, &mask) ||
	    (mask != NULL && !fields_take(mask, &fields)))
		return NULL;
	flow_derive(flow(self));
	len = flowd_classic_encode(&flow(self)->c, fields, record);
	return PyBytes_FromStringAndSize((char *)record, len);
}

static PyObject *
flow_repr(PyObject *self)
{
	PyObject *args = PyTuple_New(0), *text, *repr;

	text = args != NULL ? flow_format(self, args, NULL) : NULL;
	Py_XDECREF(args);
	if (text == NULL)
		return NULL;
	repr = PyUnicode_FromFormat("<flowd.Flow %U>", text);
	Py_DECREF(text);
	return repr;
}

/* --- Attributes --- */

struct number {
	const char *name;
	uint16_t offset; /* in struct flowd_classic */
	uint8_t size;
};

#define NUMBER(name, member) \
	{ name, offsetof(struct flowd_classic, member), \
		sizeof(((struct flowd_classic *)0)->member) }

static const struct number numbers[] = {
	NUMBER("fields", fields),
	NUMBER("tag", tag),
	NUMBER("recv_sec", recv_sec),
	NUMBER("recv_usec", recv_usec),
	NUMBER("tcp_flags", tcp_flags),
	NUMBER("protocol", protocol),
	NUMBER("tos", tos),
	NUMBER("src_port", src_port),
	NUMBER("dst_port", dst_port),
	NUMBER("if_ndx_in", if_index_in),
	NUMBER("if_ndx_out", if_index_out),
	NUMBER("sys_uptime_ms", sys_uptime_ms),
	NUMBER("agent_sec", time_sec),
	NUMBER("agent_usec", time_nanosec),
	NUMBER("netflow_ver", netflow_version),
	NUMBER("flow_start", flow_start),
	NUMBER("flow_finish", flow_finish),
	NUMBER("src_as", src_as),
	NUMBER("dst_as", dst_as),
	NUMBER("src_mask", src_mask),
	NUMBER("dst_mask", dst_mask),
	NUMBER("engine_type", engine_type),
	NUMBER("engine_id", engine_id),
	NUMBER("flow_sequence", flow_sequence),
	NUMBER("source_id", source_id),
	NUMBER("crc32", crc32),
};

static PyObject *
number_get(PyObject *self, void *closure)
{
	const struct number *n = closure;
	const uint8_t *at = (const uint8_t *)&flow(self)->c + n->offset;
	uint32_t u32;
	uint16_t u16;

	switch (n->size) {
	case 1:
		return PyLong_FromLong(*at);
	case 2:
		memcpy(&u16, at, sizeof(u16));
		return PyLong_FromLong(u16);
	default:
		memcpy(&u32, at, sizeof(u32));
		return PyLong_FromUnsignedLong(u32);
	}
}

/* A number of at most so many octets. False with an exception. */
static bool
number_take(PyObject *value, const char *name, size_t size, uint64_t *number)
{
	if (value == NULL || !PyLong_Check(value)) {
		PyErr_Format(PyExc_TypeError,
		    value == NULL ? "%s cannot be deleted"
				  : "%s: an integer is wanted", name);
		return false;
	}
	*number = PyLong_AsUnsignedLongLong(value);
	if (PyErr_Occurred() != NULL)
		return false;
	if (size == 8 || *number >> (8 * size) == 0)
		return true;
	PyErr_Format(PyExc_OverflowError,
	    "%s: %R is more than %zu octets hold", name, value, size);
	return false;
}

static int
number_set(PyObject *self, PyObject *value, void *closure)
{
	const struct number *n = closure;
	uint8_t *at = (uint8_t *)&flow(self)->c + n->offset;
	uint64_t number;
	uint32_t u32;
	uint16_t u16;

	if (!number_take(value, n->name, n->size, &number))
		return -1;
	u32 = (uint32_t)number;
	u16 = (uint16_t)number;
	if (n->size == 1)
		*at = (uint8_t)number;
	else if (n->size == 2)
		memcpy(at, &u16, sizeof(u16));
	else
		memcpy(at, &u32, sizeof(u32));
	return 0;
}

static const struct address {
	const char *name, *family_name;
	size_t offset;
} addresses[] = {
#define ADDRESS(member) \
	{ #member, #member "_af", offsetof(struct flowd_classic, member) },
	ADDRESS(src_addr)
	ADDRESS(dst_addr)
	ADDRESS(agent_addr)
	ADDRESS(gateway_addr)
#undef ADDRESS
};

static struct flowd_addr *
address_at(PyObject *self, const struct address *a)
{
	return (void *)((uint8_t *)&flow(self)->c + a->offset);
}

static PyObject *
address_get(PyObject *self, void *closure)
{
	return value_addr(address_at(self, closure));
}

static int
address_set(PyObject *self, PyObject *value, void *closure)
{
	const struct address *a = closure;
	struct flowd_addr parsed;

	if (!value_addr_take(value, a->name, &parsed))
		return -1;
	*address_at(self, a) = parsed;
	return 0;
}

static int
family_number(const struct flowd_addr *a)
{
	return a->family == FLOWD_ADDR_V4 ? AF_INET
	    : a->family == FLOWD_ADDR_V6  ? AF_INET6
					  : AF_UNSPEC;
}

static PyObject *
family_get(PyObject *self, void *closure)
{
	return PyLong_FromLong(family_number(address_at(self, closure)));
}

/* It follows from the address; 0 takes that away. */
static int
family_set(PyObject *self, PyObject *value, void *closure)
{
	const struct address *a = closure;
	struct flowd_addr *at = address_at(self, a);
	uint64_t number;

	if (!number_take(value, a->family_name, 1, &number))
		return -1;
	if (number == AF_UNSPEC) {
		*at = (struct flowd_addr) { .family = FLOWD_ADDR_NONE };
		return 0;
	}
	if (number == (uint64_t)family_number(at))
		return 0;
	PyErr_Format(PyExc_ValueError, "%s: %s is of another family",
	    a->family_name, a->name);
	return -1;
}

static PyObject *
octets_get(PyObject *self, void *closure)
{
	(void)closure;
	if (!flow(self)->has_octets)
		Py_RETURN_NONE;
	return PyLong_FromUnsignedLongLong(flow(self)->c.octets);
}

/* A counter, or None. */
static int
counter_set(PyObject *value, const char *name, uint64_t *counter, bool *has)
{
	uint64_t number = 0;

	if (value != NULL && value != Py_None &&
	    !number_take(value, name, 8, &number))
		return -1;
	*counter = number;
	*has = value != NULL && value != Py_None;
	return 0;
}

static int
octets_set(PyObject *self, PyObject *value, void *closure)
{
	(void)closure;
	return counter_set(value, "octets", &flow(self)->c.octets,
	    &flow(self)->has_octets);
}

static PyObject *
packets_get(PyObject *self, void *closure)
{
	(void)closure;
	if (!flow(self)->has_packets)
		Py_RETURN_NONE;
	return PyLong_FromUnsignedLongLong(flow(self)->c.packets);
}

static int
packets_set(PyObject *self, PyObject *value, void *closure)
{
	(void)closure;
	return counter_set(value, "packets", &flow(self)->c.packets,
	    &flow(self)->has_packets);
}

static PyObject *
version_get(PyObject *self, void *closure)
{
	(void)closure;
	return PyLong_FromLong(flow(self)->version);
}

static int
version_set(PyObject *self, PyObject *value, void *closure)
{
	uint64_t number;

	(void)closure;
	if (!number_take(value, "flow_ver", 1, &number))
		return -1;
	flow(self)->version = (uint8_t)number;
	return 0;
}

/* From now on it may be part of a circle. */
static void
data_track(PyObject *self)
{
	if (!PyObject_GC_IsTracked(self))
		PyObject_GC_Track(self);
}

static PyObject *
data_get(PyObject *object, void *closure)
{
	struct flow_object *self = flow(object);

	(void)closure;
	if (self->data == NULL) {
		if ((self->data = PyDict_New()) == NULL)
			return NULL;
		data_track(object);
	}
	Py_INCREF(self->data);
	return self->data;
}

static int
data_set(PyObject *object, PyObject *value, void *closure)
{
	struct flow_object *self = flow(object);
	PyObject *before = self->data;

	(void)closure;
	/* Nothing that holds flows in turn: freeing them would recurse. */
	if (value == NULL || !PyDict_Check(value)) {
		PyErr_SetString(PyExc_TypeError,
		    value == NULL ? "data cannot be deleted"
				  : "data: a dict is wanted");
		return -1;
	}
	Py_INCREF(value);
	self->data = value;
	data_track(object);
	Py_XDECREF(before);
	return 0;
}

enum {
	NUMBERS = sizeof(numbers) / sizeof(numbers[0]),
	ADDRESSES = sizeof(addresses) / sizeof(addresses[0]),
	OTHERS = 4
};

/* Filled from the tables, once. */
static PyGetSetDef flow_getset[NUMBERS + 2 * ADDRESSES + OTHERS + 1];

static void
getset_fill(void)
{
	static const PyGetSetDef others[OTHERS] = {
		{ "octets", octets_get, octets_set,
		    "Octets, as sent; None: not known.", NULL },
		{ "packets", packets_get, packets_set,
		    "Packets, as sent; None: not known.", NULL },
		{ "flow_ver", version_get, version_set,
		    "First octet of the record, STORE_VERSION.", NULL },
		{ "data", data_get, data_set,
		    "A dict for whatever a program keeps with it.", NULL },
	};
	PyGetSetDef *to = flow_getset;

	for (size_t i = 0; i < NUMBERS; i++)
		*to++ = (PyGetSetDef) { numbers[i].name, number_get,
			number_set, NULL, (void *)(uintptr_t)&numbers[i] };
	for (size_t i = 0; i < ADDRESSES; i++) {
		const struct address *a = &addresses[i];

		*to++ = (PyGetSetDef) { a->name, address_get, address_set,
			NULL, (void *)(uintptr_t)a };
		*to++ = (PyGetSetDef) { a->family_name, family_get,
			family_set, NULL, (void *)(uintptr_t)a };
	}
	memcpy(to, others, sizeof(others));
}

static PyMethodDef flow_methods[] = {
	{ "format", (PyCFunction)(void (*)(void))flow_format,
	    METH_VARARGS | METH_KEYWORDS,
	    "format($self, utc=0, mask=0x39ff)\n--\n\n"
	    "The line that flowd-reader prints, without a newline. Times are\n"
	    "in UTC or in local time; mask says which fields are shown." },
	{ "serialise", (PyCFunction)(void (*)(void))flow_serialise,
	    METH_VARARGS | METH_KEYWORDS,
	    "serialise($self, mask=0x4007ffff)\n--\n\n"
	    "The record of a log of version 3, as bytes. The checksum is\n"
	    "computed anew." },
	{ "has_field", (PyCFunction)(void (*)(void))flow_has_field,
	    METH_VARARGS | METH_KEYWORDS,
	    "has_field($self, field)\n--\n\n"
	    "Are all these fields present? An address\n"
	    "counts for both families. ValueError: none is asked for." },
	{ NULL, NULL, 0, NULL },
};

static PyType_Slot flow_slots[] = {
	{ Py_tp_doc, (void *)(uintptr_t)flow_doc },
	{ Py_tp_new, flow_new },
	{ Py_tp_dealloc, flow_dealloc },
	{ Py_tp_traverse, flow_traverse },
	{ Py_tp_clear, flow_clear },
	{ Py_tp_repr, flow_repr },
	{ Py_tp_methods, flow_methods },
	{ Py_tp_getset, flow_getset },
	{ 0, NULL },
};

static PyType_Spec flow_spec = {
	.name = "flowd.Flow",
	.basicsize = sizeof(struct flow_object),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
	.slots = flow_slots,
};

/* --- Flows of a batch --- */

struct flow_iterator {
	PyObject_HEAD
	const struct flowd_batch *batch;
	PyTypeObject *type; /* borrowed from the module */
	size_t row, nrows;
};

PyObject *
flow_iterate(struct native_state *state, const struct flowd_batch *batch)
{
	struct flow_iterator *self =
	    PyObject_New(struct flow_iterator, state->flow_iterator);

	if (self == NULL) {
		flowd_batch_free(batch);
		return NULL;
	}
	self->batch = batch;
	self->type = state->flow;
	self->row = 0;
	self->nrows = flowd_batch_rows(batch);
	return (PyObject *)self;
}

static void
iterator_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	flowd_batch_free(((struct flow_iterator *)self)->batch);
	PyObject_Free(self);
	Py_DECREF(type);
}

static PyObject *
iterator_next(PyObject *object)
{
	struct flow_iterator *self = (struct flow_iterator *)object;

	return self->row < self->nrows
	    ? flow_of_row(self->type, self->batch, self->row++)
	    : NULL;
}

static PyType_Slot iterator_slots[] = {
	{ Py_tp_dealloc, iterator_dealloc },
	{ Py_tp_iter, PyObject_SelfIter },
	{ Py_tp_iternext, iterator_next },
	{ 0, NULL },
};

static PyType_Spec iterator_spec = {
	.name = "flowd._flowd.FlowIterator",
	.basicsize = sizeof(struct flow_iterator),
	.flags = Py_TPFLAGS_DEFAULT | NATIVE_NO_NEW,
	.slots = iterator_slots,
};

/* --- Flows of octets --- */

/*
 * Flows of the records in some octets, from a place on: the list, and where
 * what is left begins. The first record is bad: an exception; another one: the
 * list ends before it.
 */
static PyObject *
records(PyObject *module, PyObject *args)
{
	struct native_state *state = PyModule_GetState(module);
	struct flowd_error err = { .code = 0 };
	Py_ssize_t len, at;
	const char *octets;
	PyObject *list;
	int used = 0;

	if (!PyArg_ParseTuple(args, "y#n:records", &octets, &len, &at))
		return NULL;
	if (at < 0 || at > len) {
		PyErr_SetString(PyExc_ValueError, "past the octets");
		return NULL;
	}
	list = PyList_New(0);
	while (list != NULL) {
		PyObject *one = flow_of_record(state->flow,
		    (const uint8_t *)octets + at, (size_t)(len - at), &used,
		    &err);

		if (one == NULL)
			break;
		at += used;
		if (PyList_Append(list, one) != 0)
			Py_CLEAR(list);
		Py_DECREF(one);
	}
	if (list != NULL && used < 0 && used != FLOWD_EOF &&
	    PyList_Size(list) == 0) {
		Py_CLEAR(list);
		(void)native_fail(&err);
	}
	return list != NULL ? Py_BuildValue("(Nn)", list, at) : NULL;
}

static PyMethodDef functions[] = {
	{ "records", records, METH_VARARGS,
	    "records($module, octets, at, /)\n--\n\n"
	    "The flows of records of version 3,\n"
	    "and where what is left begins." },
	{ NULL, NULL, 0, NULL },
};

int
flow_add(PyObject *module, struct native_state *state)
{
	if (flow_getset[0].name == NULL)
		getset_fill();
	state->flow = native_type(module, &flow_spec);
	state->flow_iterator = native_type(module, &iterator_spec);
	return state->flow != NULL && state->flow_iterator != NULL &&
		PyModule_AddFunctions(module, functions) == 0
	    ? 0
	    : -1;
}
