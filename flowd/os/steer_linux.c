/*
 * Steering by a classic BPF program on an SO_REUSEPORT group, which computes
 * the same as steer.c; see steer.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "steer.h"

#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29 /* Linux 4.20; older C libraries lack it */
#endif

/* Offset of the source address from the IP header. */
#define SOURCE_V4 ((uint32_t)SKF_NET_OFF + 12)
#define SOURCE_V6 ((uint32_t)SKF_NET_OFF + 8)

#define LOAD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define MULTIPLY(k) BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, (k))
#define XOR_X BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0)
#define A_TO_X BPF_STMT(BPF_MISC | BPF_TAX, 0)

/* A = A ^ A >> n */
#define FOLD(n) A_TO_X, BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, (n)), XOR_X

/* A = (A * odd) ^ the word at an offset, as mix_in() in steer.c */
#define MIX_IN(at) MULTIPLY(STEER_GOLDEN), A_TO_X, LOAD(at), XOR_X

/*
 * Spread A over all of its bits, so that neighboring addresses go to different
 * sockets, and return the number of the socket.
 */
#define SPREAD(n)                                                        \
	FOLD(16), MULTIPLY(STEER_GOLDEN), FOLD(15), \
	MULTIPLY(STEER_GOLDEN), FOLD(16), \
	    BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, (n)),                    \
	    BPF_STMT(BPF_RET | BPF_A, 0)

int
steer_share(int fd)
{
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
}

static int
filter_attach(int fd, struct sock_filter *code, size_t len)
{
	struct sock_fprog program = { (unsigned short)len, code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
	    sizeof(program));
}

int
steer_attach(int fd, uint8_t family, unsigned n)
{
	struct sock_filter v4[] = { LOAD(SOURCE_V4), SPREAD(n) };
	struct sock_filter v6[] = {
		LOAD(SOURCE_V6),
		MIX_IN(SOURCE_V6 + 4),
		MIX_IN(SOURCE_V6 + 8),
		MIX_IN(SOURCE_V6 + 12),
		SPREAD(n),
	};

	if (n == 0 || n > STEER_MAX) {
		errno = EINVAL;
		return -1;
	}
	if (family == ADDR_V6)
		return filter_attach(fd, v6, sizeof(v6) / sizeof(v6[0]));
	return filter_attach(fd, v4, sizeof(v4) / sizeof(v4[0]));
}

int
steer_no_groups(int fd, uint8_t family)
{
	int off = 0;

	if (family == ADDR_V6)
		return setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off,
		    sizeof(off));
	return setsockopt(
	    fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof(off));
}
