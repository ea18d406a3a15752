/*
 * SIGBUS: a program cannot read a mapped log, because the file was truncated or
 * the disk failed.
 *
 * Called by flowd-reader, flowd-send and flowd-stats.
 * Test: test/program/reader/test_reader_damage.py.
 */
#ifndef FLOWD_SIGBUS_H
#define FLOWD_SIGBUS_H

/*
 * From now on SIGBUS ends the program with exit code 1 and a line on standard
 * error. The name of the program is borrowed.
 */
void sigbus_handle(const char *program);

#endif
