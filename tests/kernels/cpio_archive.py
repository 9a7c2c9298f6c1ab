"""The guest's root file system: a cpio archive the kernel unpacks at boot.

Format: "newc", as the kernel reads it (Documentation/driver-api/early-userspace/buffer-format.rst).
Modification times are kept, so byte code in the archive stays valid for its sources.
"""

import os
import re
import stat
import subprocess
from pathlib import Path

MERGED_DIRECTORIES = ("bin", "sbin", "lib", "lib64")  # links into /usr on Debian since 12
ELF_MAGIC = b"\x7fELF"
LIBRARY_LINE = re.compile(r"^\s+(?:\S+ => )?(/\S+) \(0x[0-9a-f]+\)$")
LATE_LIBRARY = re.compile(rb"\0(lib(?:capstone|zip)\.so\.\d+)(?=\0)")
CACHE_LINE = re.compile(r"^\s+(\S+) \(libc6,x86-64\) => (\S+)$", re.MULTILINE)
MISSING_LINE = re.compile(r"^\s+(\S+) => not found$")


class MissingLibrary(Exception):
    """A shared library that an input needs is not on this machine."""


class Archive:
    """Files, links and directories by their path in the guest; the last added at a path wins."""

    def __init__(self):
        self._entries = {}  # guest path without leading slash -> (mode, mtime, host path or bytes)
        self._elf_files = []
        self._below_directories = set()  # host paths of files that came with their directory
        for name in MERGED_DIRECTORIES:
            self._entries[name] = (stat.S_IFLNK | 0o777, 0, f"usr/{name}".encode())
            self.add_directory(f"/usr/{name}")

    def __contains__(self, guest_path):
        return self._normal(guest_path) in self._entries

    def add_directory(self, guest_path, mode=0o755):
        self._put(guest_path, stat.S_IFDIR | mode, 0, b"")

    def add_link(self, guest_path, target):
        self._put(guest_path, stat.S_IFLNK | 0o777, 0, os.fsencode(target))

    def add_bytes(self, guest_path, data, mode=0o644):
        self._put(guest_path, stat.S_IFREG | mode, 0, data)

    def add_file(self, host_path, guest_path=None):
        """Adds one file; a link is followed. Its shared libraries come by add_libraries."""
        host_path = Path(host_path)
        status = host_path.stat()
        self._put(guest_path or host_path, stat.S_IFREG | stat.S_IMODE(status.st_mode),
                  status.st_mtime, host_path)
        with open(host_path, "rb") as file:
            if file.read(len(ELF_MAGIC)) == ELF_MAGIC:
                self._elf_files.append(host_path)

    def add(self, host_path, guest_path=None, exclude=frozenset()):
        """Adds a file, or a directory with all below it except entries whose name is in `exclude`.

        Links inside a directory stay links; what they name outside of it is added at its own path.
        """
        host_path = Path(os.path.abspath(host_path))
        guest_path = Path(guest_path or host_path)
        if not host_path.is_dir():
            self.add_file(host_path, guest_path)
            return
        self.add_directory(guest_path)
        for entry in sorted(os.scandir(host_path), key=lambda entry: entry.name):
            if entry.name in exclude:
                continue
            if entry.is_symlink():
                self._add_found_link(Path(entry.path), guest_path / entry.name, host_path)
            elif entry.is_dir() or entry.is_file():
                self.add(entry.path, guest_path / entry.name, exclude)
                self._below_directories.add(entry.path)

    def add_libraries(self):
        """Adds every shared library the ELF files so far need, and the loader, at their own paths.

        Those that came with a directory are where its other files expect them.
        """
        for library in sorted(map(os.path.normpath, shared_libraries(self._elf_files))):
            if library not in self and library not in self._below_directories:
                self.add_file(library)

    def write(self, path):
        """Writes the archive; returns its size in bytes."""
        with open(path, "wb") as file:
            for number, (name, entry) in enumerate(self._entries.items(), start=1):
                mode, mtime, source = entry
                data = source if isinstance(source, bytes) else source.read_bytes()
                file.write(record(number, name, mode, mtime, data))
            file.write(record(0, "TRAILER!!!", 0, 0, b""))
            return file.tell()

    def _add_found_link(self, link, guest_path, host_root):
        target = link.resolve()
        if target.is_relative_to(host_root) or not target.exists():
            self.add_link(guest_path, os.readlink(link))
            return
        self.add_link(guest_path, target)
        if target not in self:
            self.add(target)

    def _normal(self, guest_path):
        parts = Path(guest_path).parts
        if not parts or parts[0] != "/" or ".." in parts:
            raise ValueError(f"not an absolute path in the guest: {guest_path}")
        parts = parts[1:]
        if parts and parts[0] in MERGED_DIRECTORIES:
            parts = ("usr",) + parts
        return "/".join(parts)

    def _put(self, guest_path, mode, mtime, source):
        name = self._normal(guest_path)
        missing = []
        parent = os.path.dirname(name)
        while parent and parent not in self._entries:
            missing.append(parent)
            parent = os.path.dirname(parent)
        for directory in reversed(missing):
            self._entries[directory] = (stat.S_IFDIR | 0o755, 0, b"")
        if name:
            self._entries[name] = (mode, int(mtime), source)


def record(number, name, mode, mtime, data):
    """One archive member: header of 13 hexadecimal fields, name, data, both padded to 4 bytes."""
    name = os.fsencode(name) + b"\0"
    fields = (number, mode, 0, 0, 1, mtime & 0xFFFFFFFF, len(data), 0, 0, 0, 0, len(name), 0)
    header = b"070701" + b"".join(b"%08x" % field for field in fields) + name
    return header + bytes(-len(header) % 4) + data + bytes(-len(data) % 4)


def late_libraries(elf_files):
    """Paths of the libraries that thaw, if it is one of the files, loads when it needs them."""
    names = {name for file in elf_files if Path(file).name == "thaw"
             for name in LATE_LIBRARY.findall(Path(file).read_bytes())}
    if not names:
        return []
    told = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"}, check=True).stdout
    paths = dict(CACHE_LINE.findall(told))
    return [paths[name.decode()] for name in sorted(names)]


def shared_libraries(elf_files):
    """Paths of the libraries and loaders the given ELF files need here, asked from the loader."""
    late = late_libraries(elf_files)
    libraries = set(late)
    if not elf_files:
        return libraries
    elf_files = [*elf_files, *late]
    result = subprocess.run(["ldd", *map(str, elf_files)], capture_output=True, text=True,
                            env={**os.environ, "LC_ALL": "C"}, check=False)
    for line in result.stdout.splitlines():
        if match := MISSING_LINE.match(line):
            raise MissingLibrary(f"shared library {match[1]} is not on this machine; install it")
        if match := LIBRARY_LINE.match(line):
            libraries.add(match[1])
    return libraries
