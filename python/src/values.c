/* Values of flows as Python objects, and back; see native.h. */
#include <string.h>

#include "native.h"

PyObject *
value_addr(const struct flowd_addr *a)
{
	char text[FLOWD_ADDR_TEXT];
	size_t len;

	if (a->family == FLOWD_ADDR_NONE)
		Py_RETURN_NONE;
	len = flowd_addr_format(a, text);
	return PyUnicode_FromStringAndSize(text, (Py_ssize_t)len);
}

bool
value_addr_take(PyObject *value, const char *name, struct flowd_addr *a)
{
	struct flowd_addr none = { .family = FLOWD_ADDR_NONE };
	PyObject *own;
	const char *text;
	Py_ssize_t len;
	bool good;

	*a = none;
	if (value == NULL || value == Py_None)
		return true;
	/* Objects of the module ipaddress are taken, too; 1.5 is no address. */
	if (!PyUnicode_Check(value) &&
	    !PyObject_HasAttrString(value, "packed")) {
		PyErr_Format(PyExc_TypeError,
		    "Invalid \"%s\": a str or an address is wanted", name);
		return false;
	}
	if ((own = PyObject_Str(value)) == NULL)
		return false;
	text = PyUnicode_AsUTF8AndSize(own, &len);
	good = text != NULL && strlen(text) == (size_t)len &&
	    (len == 0 || flowd_addr_parse(text, a) == 0);
	if (!good && (text != NULL || PyErr_ExceptionMatches(PyExc_ValueError)))
		PyErr_Format(PyExc_ValueError, "Invalid \"%s\"", name);
	Py_DECREF(own);
	return good;
}

PyObject *
value_mac(uint64_t mac)
{
	static const char digits[] = "0123456789abcdef";
	char text[17];

	for (unsigned i = 0; i < 6; i++) {
		unsigned octet = mac >> (40 - 8 * i) & 0xff;

		text[3 * i] = digits[octet >> 4];
		text[3 * i + 1] = digits[octet & 15];
		if (i < 5)
			text[3 * i + 2] = ':';
	}
	return PyUnicode_FromStringAndSize(text, sizeof(text));
}

/* "00:11:22:aa:bb:cc" or a number. */
static bool
value_mac_take(PyObject *value, uint64_t *mac)
{
	const char *text;
	unsigned at = 0;

	if (!PyUnicode_Check(value)) {
		*mac = PyLong_AsUnsignedLongLong(value);
		return PyErr_Occurred() == NULL;
	}
	if ((text = PyUnicode_AsUTF8AndSize(value, NULL)) == NULL)
		return false;
	*mac = 0;
	for (; at < 17; at++) {
		const char *found;
		char c = text[at];

		if (at % 3 == 2) {
			if (c != ':')
				break;
			continue;
		}
		c = c >= 'A' && c <= 'F' ? (char)(c + 32) : c;
		found = c != '\0' ? strchr("0123456789abcdef", c) : NULL;
		if (found == NULL)
			break;
		*mac = *mac << 4 |
		    (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	if (at == 17 && text[at] == '\0')
		return true;
	PyErr_Format(PyExc_ValueError, "%R is no MAC address", value);
	return false;
}

PyObject *
value_elements(const uint8_t *octets, size_t len)
{
	PyObject *list = PyList_New(0);
	struct flowd_element e;

	while (list != NULL && flowd_element_next(&octets, &len, &e) == 1) {
		PyObject *item = Py_BuildValue("(IHzy#)", e.pen, e.id, e.name,
		    (const char *)e.value, (Py_ssize_t)e.length);

		if (item == NULL || PyList_Append(list, item) != 0)
			Py_CLEAR(list);
		Py_XDECREF(item);
	}
	return list;
}

PyObject *
value_of_row(const struct flowd_batch *b, const struct flowd_column_info *info,
    size_t row)
{
	int column = info->column;
	struct flowd_addr a;
	const uint8_t *octets;
	size_t len;

	if (!flowd_batch_has(b, column, row))
		Py_RETURN_NONE;
	switch (info->type) {
	case FLOWD_TYPE_TIME:
		return PyLong_FromLongLong(flowd_batch_time(b, column, row));
	case FLOWD_TYPE_ADDR:
		a = flowd_batch_addr(b, column, row);
		return value_addr(&a);
	case FLOWD_TYPE_MAC:
		return value_mac(flowd_batch_uint(b, column, row));
	case FLOWD_TYPE_OCTETS:
		octets = flowd_batch_octets(b, column, row, &len);
		return value_elements(octets, len);
	default:
		return PyLong_FromUnsignedLongLong(
		    flowd_batch_uint(b, column, row));
	}
}

/* A list of (enterprise, id, name, bytes) as the octets of a value. */
static PyObject *
elements_take(PyObject *list)
{
	PyObject *out = PyByteArray_FromStringAndSize(NULL, 0), *more;
	Py_ssize_t n = PySequence_Size(list);

	for (Py_ssize_t i = 0; out != NULL && i < n; i++) {
		PyObject *item = PySequence_GetItem(list, i), *tuple;
		unsigned long pen, id;
		PyObject *name;
		const char *value;
		Py_ssize_t len;
		uint8_t head[8];

		tuple = item != NULL ? PySequence_Tuple(item) : NULL;
		Py_XDECREF(item);
		if (tuple == NULL ||
		    !PyArg_ParseTuple(tuple,
			"kkOy#:element", &pen, &id, &name, &value, &len)) {
			Py_XDECREF(tuple);
			Py_CLEAR(out);
			break;
		}
		if (pen > UINT32_MAX || id > UINT16_MAX || len > UINT16_MAX)
			PyErr_SetString(PyExc_OverflowError,
			    "an element is too large");
		for (unsigned k = 0; k < 4; k++)
			head[k] = (uint8_t)(pen >> (24 - 8 * k));
		head[4] = (uint8_t)(id >> 8);
		head[5] = (uint8_t)id;
		head[6] = (uint8_t)(len >> 8);
		head[7] = (uint8_t)len;
		more = PyErr_Occurred() == NULL
		    ? PyBytes_FromStringAndSize(NULL, 8 + len)
		    : NULL;
		if (more != NULL) {
			memcpy(PyBytes_AsString(more), head, 8);
			memcpy(PyBytes_AsString(more) + 8, value, (size_t)len);
			PyObject *longer = PySequence_InPlaceConcat(out, more);

			Py_DECREF(out);
			out = longer;
		} else {
			Py_CLEAR(out);
		}
		Py_XDECREF(more);
		Py_DECREF(tuple);
	}
	if (n < 0)
		Py_CLEAR(out);
	return out;
}

static int
octets_set(struct flowd_batch *b, int column, size_t row, PyObject *value)
{
	PyObject *octets = elements_take(value);
	int bad;

	if (octets == NULL)
		return -1;
	bad = flowd_batch_set_octets(b, column, row,
	    PyByteArray_AsString(octets), (size_t)PyByteArray_Size(octets));
	Py_DECREF(octets);
	return bad;
}

bool
value_set(struct flowd_batch *b, const struct flowd_column_info *info,
    size_t row, PyObject *value)
{
	struct flowd_addr a;
	uint64_t number = 0;
	int64_t ns;
	int bad = 0;

	if (value == Py_None)
		return true;
	switch (info->type) {
	case FLOWD_TYPE_TIME:
		ns = PyLong_AsLongLong(value);
		if (PyErr_Occurred() == NULL)
			bad = flowd_batch_set_time(b, info->column, row, ns);
		break;
	case FLOWD_TYPE_ADDR:
		if (value_addr_take(value, info->name, &a))
			bad = flowd_batch_set_addr(b, info->column, row, &a);
		break;
	case FLOWD_TYPE_OCTETS:
		bad = octets_set(b, info->column, row, value);
		break;
	case FLOWD_TYPE_MAC:
		if (value_mac_take(value, &number))
			bad = flowd_batch_set_uint(
			    b, info->column, row, number);
		break;
	default:
		number = PyLong_AsUnsignedLongLong(value);
		if (PyErr_Occurred() == NULL)
			bad = flowd_batch_set_uint(
			    b, info->column, row, number);
		break;
	}
	if (PyErr_Occurred() == NULL && bad != 0)
		PyErr_Format(bad == FLOWD_ENOMEM ? PyExc_MemoryError
						 : PyExc_ValueError,
		    "%s: %R: %s", info->name, value, flowd_result_text(bad));
	return PyErr_Occurred() == NULL;
}

int
value_word(const char *word, const char *const words[], const char *what)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	PyErr_Format(PyExc_ValueError, "%s: \"%s\" is none", what, word);
	return -1;
}
