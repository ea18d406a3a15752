"""The processes of a daemon, as /proc shows them."""
import mmap
import os


def started_by(parent):
    """(word, pid) of the processes that have this parent, in their order."""
    found = []
    if not os.path.isdir("/proc"):
        return found
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="latin-1") as f:
                ppid = int(f.read().rsplit(")", 1)[1].split()[1])
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                words = f.read().split(b"\0")
        except OSError:
            continue
        if ppid == parent and b"-P" in words:
            found.append((words[words.index(b"-P") + 1].decode(), int(pid)))
    return sorted(found)


def is_gone(pid):
    """Or has ended, and whoever should take notice of it is slow."""
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as f:
            return f.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True


def children(parent):
    """{"engine": pid, ...}; of several of a kind the last."""
    return dict(started_by(parent))


def engines(parent):
    return [pid for word, pid in started_by(parent) if word == "engine"]


def memories(pid, name):
    """What the parent shares with others by this name, mapped, in the order
    in which it was made."""
    found = []
    for fd in sorted(map(int, os.listdir(f"/proc/{pid}/fd"))):
        path = f"/proc/{pid}/fd/{fd}"
        try:
            if name not in os.readlink(path):
                continue
            with open(path, "r+b") as memory:
                found.append(mmap.mmap(memory.fileno(), 0))
        except OSError:
            pass
    return found
