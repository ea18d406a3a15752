/*
 * VECTORIZE before a function: its loops are compiled twice, for the vector
 * registers that each x86-64 processor has and for those of 256 bits that
 * nearly all of them have; which of the two is called is settled when the
 * program is loaded. Where compiler or system cannot do that there is one.
 *
 * For static functions, as clang links no others, that spend their time in
 * loops over arrays, and only where it was measured to pay. Both come of one
 * text; the tests run the wide ones, and with sanitizers, where there is one of
 * each, the others.
 */
#ifndef FLOWD_VECTORIZE_H
#define FLOWD_VECTORIZE_H

#ifdef FLOWD_HAVE_CLONES
#define VECTORIZE __attribute__((target_clones("avx2", "default")))
#else
#define VECTORIZE
#endif

#endif
