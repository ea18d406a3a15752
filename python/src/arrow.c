/*
 * Arrow's PyCapsules; see native.h and
 * https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
 */
#include <stdlib.h>

#include "native.h"

const char *const arrow_address_words[] = {
	[FLOWD_ARROW_TEXT] = "text",
	[FLOWD_ARROW_DICTIONARY] = "dictionary",
	[FLOWD_ARROW_BINARY] = "binary",
	[FLOWD_ARROW_IPV4] = "ipv4",
	NULL,
};

/*
 * A capsule of a struct, which it takes over; who uses it moves the struct out.
 * Made for each of the three structs.
 */
#define CAPSULE(function, type, name) \
	static void function##_free(PyObject *capsule) \
	{ \
		struct type *own = PyCapsule_GetPointer(capsule, name); \
\
		if (own != NULL && own->release != NULL) \
			own->release(own); \
		free(own); \
	} \
\
	PyObject *function(struct type *from) \
	{ \
		struct type *own = malloc(sizeof(*own)); \
		PyObject *capsule; \
\
		if (own == NULL) { \
			from->release(from); \
			return PyErr_NoMemory(); \
		} \
		*own = *from; \
		capsule = PyCapsule_New(own, name, function##_free); \
		if (capsule == NULL) { \
			own->release(own); \
			free(own); \
		} \
		return capsule; \
	}

CAPSULE(arrow_schema_capsule, ArrowSchema, "arrow_schema")
CAPSULE(arrow_array_capsule, ArrowArray, "arrow_array")
CAPSULE(arrow_stream_capsule, ArrowArrayStream, "arrow_array_stream")
