/* What a scan warned of; see notices.h. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "notices.h"

enum { TEXTS = 100 /* that are kept; others are counted */ };

struct notices {
	atomic_uint references;
	pthread_mutex_t lock;
	char *texts[TEXTS];
	size_t n;
	unsigned long long count, untold;
};

struct notices *
notices_new(void)
{
	struct notices *n = calloc(1, sizeof(*n));

	if (n != NULL) {
		atomic_init(&n->references, 1);
		(void)pthread_mutex_init(&n->lock, NULL);
	}
	return n;
}

struct notices *
notices_ref(struct notices *n)
{
	(void)atomic_fetch_add(&n->references, 1);
	return n;
}

void
notices_free(struct notices *n)
{
	if (n == NULL || atomic_fetch_sub(&n->references, 1) > 1)
		return;
	for (size_t i = 0; i < n->n; i++)
		free(n->texts[i]);
	(void)pthread_mutex_destroy(&n->lock);
	free(n);
}

void
notices_warn(void *arg, const char *text)
{
	struct notices *n = arg;
	char *copy = strdup(text);

	(void)pthread_mutex_lock(&n->lock);
	n->count++;
	if (copy != NULL && n->n < TEXTS) {
		n->texts[n->n++] = copy;
		copy = NULL;
	} else {
		n->untold++;
	}
	(void)pthread_mutex_unlock(&n->lock);
	free(copy);
}

unsigned long long
notices_count(struct notices *n)
{
	unsigned long long count;

	(void)pthread_mutex_lock(&n->lock);
	count = n->count;
	(void)pthread_mutex_unlock(&n->lock);
	return count;
}

/* Take them out. Returns how many texts there are. */
static size_t
notices_take(
    struct notices *n, char *texts[TEXTS], unsigned long long *untold)
{
	size_t count;

	(void)pthread_mutex_lock(&n->lock);
	count = n->n;
	memcpy(texts, n->texts, count * sizeof(*texts));
	*untold = n->untold;
	n->n = 0;
	n->untold = 0;
	(void)pthread_mutex_unlock(&n->lock);
	return count;
}

/* Names of files need not be UTF-8. */
static int
text_tell(const char *text, PyObject *category)
{
	PyObject *own = PyUnicode_DecodeLocale(text, "surrogateescape");
	int bad;

	if (own == NULL)
		return -1;
	bad = PyErr_WarnFormat(category, 2, "%U", own);
	Py_DECREF(own);
	return bad;
}

int
notices_tell(struct notices *n, PyObject *category)
{
	char *texts[TEXTS];
	unsigned long long untold;
	size_t count = notices_take(n, texts, &untold);
	int bad = 0;

	for (size_t i = 0; i < count; i++) {
		if (bad == 0)
			bad = text_tell(texts[i], category);
		free(texts[i]);
	}
	if (bad == 0 && untold > 0)
		bad = PyErr_WarnFormat(
		    category, 2, "and %llu more warnings", untold);
	return bad;
}

static int
tell_pending(void *arg)
{
	struct notices *n = arg;
	PyObject *module = PyImport_ImportModule("flowd"), *category = NULL;

	if (module != NULL)
		category = PyObject_GetAttrString(module, "FlowdWarning");
	if (category == NULL || notices_tell(n, category) != 0)
		/* Nobody waits for it. */
		PyErr_WriteUnraisable(NULL);
	Py_XDECREF(category);
	Py_XDECREF(module);
	notices_free(n);
	return 0;
}

void
notices_tell_later(struct notices *n)
{
	bool any;

	(void)pthread_mutex_lock(&n->lock);
	any = n->n > 0 || n->untold > 0;
	(void)pthread_mutex_unlock(&n->lock);
	if (any && Py_IsInitialized() &&
	    Py_AddPendingCall(tell_pending, notices_ref(n)) != 0)
		notices_free(n);
}
