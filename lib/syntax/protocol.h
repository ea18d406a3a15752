/*
 * Names of IP protocols, as in /etc/protocols, which the parser cannot read
 * where it runs.
 *
 * Test: test/unit/syntax/test_protocol.c.
 */
#ifndef FLOWD_PROTOCOL_H
#define FLOWD_PROTOCOL_H

/* The number of a name in lower or in upper case, or -1: "tcp", "TCP". */
int protocol_by_name(const char *name);
/* The name of a number in lower case, or NULL. */
const char *protocol_name(unsigned number);
/* The nearest known name, or NULL. */
const char *protocol_suggest(const char *name);

#endif
