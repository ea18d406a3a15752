/*
 * What a program does when a log that it has mapped cannot be read any more:
 * it was made shorter, or the disk failed.
 *
 * Called by flowd-reader and flowd-send. Test: test/program/
 * test_reader_damage.py.
 */
#ifndef FLOWD_SIGBUS_H
#define FLOWD_SIGBUS_H

/*
 * From now on SIGBUS ends the program, with exit code 1 and a line on standard
 * error that says why. The name of the program is borrowed.
 */
void sigbus_handle(const char *program);

#endif
