"""Files whose pages are not in memory: evicted, and looked at whether they are.

    cold.py FILE...    evicts the files and prints "PAGES of PAGES left" for each

A page that anybody maps, or that is not written yet, stays; hence private copies, synced first.
"""

import ctypes
import mmap
import os
import sys


def resident(path):
    """Pages of the file that are in memory, and all of them."""
    libc = ctypes.CDLL(None, use_errno=True)
    size = os.path.getsize(path)
    pages = (size + mmap.PAGESIZE - 1) // mmap.PAGESIZE
    with open(path, "rb") as file, mmap.mmap(file.fileno(), size, mmap.MAP_PRIVATE) as view:
        states = (ctypes.c_ubyte * pages)()
        start = ctypes.addressof(ctypes.c_char.from_buffer(view))
        code = libc.mincore(ctypes.c_void_p(start), ctypes.c_size_t(size), states)
        error = ctypes.get_errno()
    if code:
        raise OSError(error, os.strerror(error), path)
    return sum(state & 1 for state in states), pages


def evict(path):
    """Drops the file's pages; returns what resident() says afterwards."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return resident(path)


def main(paths):
    for path in paths:
        left, pages = evict(path)
        print(f"{left} of {pages} pages left: {path}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
