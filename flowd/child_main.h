/*
 * Children: which function is the main of which. flowd executes itself with
 * -P and a word (parent/child.h, logs/sealer.h).
 *
 * Called by flowd.c. Test: test/program/test_privsep.py.
 */
#ifndef FLOWD_CHILD_MAIN_H
#define FLOWD_CHILD_MAIN_H

/* How many descriptors behind the standard ones the child of a word has. */
int child_main_fds(const char *word);

/*
 * Be the child of a word. Does not return, unless there is none of this word:
 * then the exit status.
 */
int child_main(const char *word);

#endif
