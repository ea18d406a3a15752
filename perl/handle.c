/* Objects of the library; see handle.h. */
#include <pthread.h>

#include "handle.h"

/* How often this process is a child; fork() counts, as asking for the process
 * id at every flow would take too long. */
static unsigned generation;

static void
handle_forked(void)
{
	generation++;
}

void
handle_boot(void)
{
	(void)pthread_atfork(NULL, NULL, handle_forked);
}

struct handle {
	const struct handle_type *type;
	void *object; /* NULL: it is closed */
	unsigned generation; /* of the process that made it */
	bool used; /* a call is going on that runs code of the script */
};

static int
handle_free(pTHX_ SV *sv, MAGIC *mg)
{
	struct handle *h = (struct handle *)mg->mg_ptr;

	PERL_UNUSED_ARG(sv);
	mg->mg_ptr = NULL;
	if (h != NULL && h->object != NULL && h->generation == generation)
		h->type->free(aTHX_ h->object);
	Safefree(h);
	return 0;
}

#ifdef USE_ITHREADS
/* The copy that another thread gets has nothing. */
static int
handle_dup(pTHX_ MAGIC *mg, CLONE_PARAMS *params)
{
	PERL_UNUSED_CONTEXT;
	PERL_UNUSED_ARG(params);
	mg->mg_ptr = NULL;
	return 0;
}
#endif

static const MGVTBL handle_magic = {
	.svt_free = handle_free,
#ifdef USE_ITHREADS
	.svt_dup = handle_dup,
#endif
};

SV *
handle_new(pTHX_ const struct handle_type *type, SV *class, void *object)
{
	HV *hv = newHV();
	SV *self = sv_2mortal(newRV_noinc((SV *)hv));
	struct handle *h;
	MAGIC *mg;

	Newx(h, 1, struct handle);
	h->type = type;
	h->object = object;
	h->generation = generation;
	h->used = false;
	mg = sv_magicext((SV *)hv, NULL, PERL_MAGIC_ext, &handle_magic,
	    (const char *)h, 0);
	mg->mg_flags |= MGf_DUP;
	return sv_bless(self, gv_stashsv(class, GV_ADD));
}

/* Its handle; NULL: it is in another thread. */
static struct handle *
handle_find(pTHX_ SV *self, const struct handle_type *type)
{
	MAGIC *mg = NULL;
	struct handle *h;

	if (SvROK(self) && SvTYPE(SvRV(self)) == SVt_PVHV)
		mg = mg_findext(SvRV(self), PERL_MAGIC_ext, &handle_magic);
	h = mg != NULL ? (struct handle *)mg->mg_ptr : NULL;
	if (mg == NULL || (h != NULL && h->type != type))
		croak("this is no object of %s", type->class);
	return h;
}

/* The handle of an object that can be used. */
static struct handle *
handle_check(pTHX_ SV *self, const struct handle_type *type)
{
	struct handle *h = handle_find(aTHX_ self, type);

	if (h == NULL)
		croak("the %s belongs to another thread", type->what);
	if (h->object == NULL)
		croak("the %s is closed", type->what);
	if (h->generation != generation)
		croak("the %s belongs to another process", type->what);
	if (h->used)
		croak("the %s is in use", type->what);
	return h;
}

void *
handle_get(pTHX_ SV *self, const struct handle_type *type)
{
	return handle_check(aTHX_ self, type)->object;
}

static void
handle_release(pTHX_ void *arg)
{
	struct handle *h = arg;

	PERL_UNUSED_CONTEXT;
	h->used = false;
}

void *
handle_use(pTHX_ SV *self, const struct handle_type *type)
{
	struct handle *h = handle_check(aTHX_ self, type);

	/* The last one that is saved is the first that is done. */
	SAVEFREESV(SvREFCNT_inc(SvRV(self)));
	SAVEDESTRUCTOR_X(handle_release, h);
	h->used = true;
	return h->object;
}

void *
handle_take(pTHX_ SV *self, const struct handle_type *type)
{
	struct handle *h = handle_find(aTHX_ self, type);
	void *object;

	if (h == NULL || h->generation != generation)
		return NULL;
	if (h->used)
		croak("the %s is in use", type->what);
	object = h->object;
	h->object = NULL;
	return object;
}
