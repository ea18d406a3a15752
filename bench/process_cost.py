"""What a process costs: its time, and its memory while it runs."""
import os
import re
import statistics
import sys
import time

RUNS = 5
SAMPLED = 3  # runs in which memory is sampled: it may be missed in a short one
SAMPLE_SECONDS = 0.0002
MEMORY = re.compile(r"^(VmHWM|RssAnon):\s*(\d+)", re.M)


def spawn(command):
    """Started with little of our own in its time; prints to nobody."""
    return os.posix_spawnp(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)])


def finish(command, pid):
    _, status = os.waitpid(pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")


def wall(command):
    """Wall seconds, the median of some runs after one."""
    finish(command, spawn(command))
    taken = []
    for _ in range(RUNS):
        begin = time.monotonic()
        finish(command, spawn(command))
        taken.append(time.monotonic() - begin)
    return statistics.median(taken)


def sample(pid, most):
    """Until the process has ended, or at once without the /proc of Linux."""
    try:
        while True:
            with open(f"/proc/{pid}/status", encoding="utf-8") as f:
                found = MEMORY.findall(f.read())
            if not found:
                return
            for name, kib in found:
                most[name] = max(most[name], int(kib) * 1024)
            time.sleep(SAMPLE_SECONDS)
    except OSError:
        return


def memory(command):
    """Most octets that were resident, and without files; 0 if not known."""
    most = {"VmHWM": 0, "RssAnon": 0}
    for _ in range(SAMPLED):
        pid = spawn(command)
        sample(pid, most)
        finish(command, pid)
    return most["VmHWM"], most["RssAnon"]
