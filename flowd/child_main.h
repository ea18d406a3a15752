/*
 * The main functions of the children: flowd executes itself with -P and the
 * name of a child (parent/child.h, logs/sealer.h).
 *
 * Called by flowd.c. Test: test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_CHILD_MAIN_H
#define FLOWD_CHILD_MAIN_H

/* How many descriptors above standard error the child inherits. */
int child_main_fds(const char *word);

/* Run the child. Returns only when the word is unknown: the exit status. */
int child_main(const char *word);

#endif
