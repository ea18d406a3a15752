/*
 * Objects of the library as objects of Perl: a blessed hash whose magic holds
 * the pointer, where no script can change it.
 *
 * An object belongs to the process and to the interpreter that made it. After
 * fork() its copy in the child is not closed: its threads are not there, and
 * what it has in memory is the parent's to write. In another thread of Perl
 * there is no object.
 *
 * Test: t/objects.t.
 */
#ifndef FLOWD_PERL_HANDLE_H
#define FLOWD_PERL_HANDLE_H

#include "perl_api.h"

struct handle_type {
	const char *class;
	const char *what;	/* for error texts: "log" */
	void (*free)(pTHX_ void *object);
};

/* Once, before all others. */
void handle_boot(void);

/* A new object of Perl, mortal, which owns the other one. */
SV *handle_new(
    pTHX_ const struct handle_type *type, SV *class, void *object);

/* The object; croaks when it is of another type, closed, or not ours. */
void *handle_get(pTHX_ SV *self, const struct handle_type *type);

/*
 * The same for a call that runs code of the script, such as the FETCH of a tied
 * hash: until the scope that the caller has entered is left, the object lives,
 * and all other calls of it croak.
 */
void *handle_use(pTHX_ SV *self, const struct handle_type *type);

/*
 * Take the object away from Perl, to close it; NULL when it is closed or not
 * ours. Croaks when it is of another type, or in use.
 */
void *handle_take(pTHX_ SV *self, const struct handle_type *type);

#endif
