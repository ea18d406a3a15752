/*
 * The bare loop: receives datagrams with recvmmsg(2) and drops them. No
 * collector takes less CPU than what the system takes to hand them over, so
 * this is what flowd is measured by.
 *
 *	bare PORT	called by bench_receive.py; ends at SIGTERM
 *
 * It prints how many datagrams it has received.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, OCTETS = 2048, BUFFER = 128 * 1024 * 1024 };

static volatile sig_atomic_t ended;

static void
bare_end(int number)
{
	(void)number;
	ended = 1;
}

static int
open_socket(unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = BUFFER;

	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 ? fd : -1;
}

int
main(int argc, char **argv)
{
	static uint8_t octets[BATCH][OCTETS];
	static struct sockaddr_storage from[BATCH];
	static struct iovec iov[BATCH];
	static struct mmsghdr msg[BATCH];
	/* Without SA_RESTART: it is to end the call. */
	struct sigaction action = { .sa_handler = bare_end };
	int fd = argc == 2 ? open_socket((unsigned)atoi(argv[1])) : -1;
	unsigned long long n = 0;

	if (fd == -1 || sigaction(SIGTERM, &action, NULL) != 0) {
		(void)fprintf(stderr, "bare: %s\n", strerror(errno));
		return 1;
	}
	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ octets[i], OCTETS };
		msg[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i],
			.msg_iovlen = 1, .msg_name = &from[i],
			.msg_namelen = sizeof(from[i]) };
	}
	while (!ended) {
		int got = recvmmsg(fd, msg, BATCH, MSG_WAITFORONE, NULL);

		n += got > 0 ? (unsigned)got : 0;
	}
	(void)printf("%llu\n", n);
	return 0;
}
