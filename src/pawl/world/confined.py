"""Confine this process, prove it, and become the program that is to be confined.

Run as a script, by itself, with a plan in JSON and then the program's argv; it imports nothing of
ours, so that it starts in milliseconds. Linux only. What it makes, as far as the plan asks:

- a network namespace with nothing but loopback. Every address is routed to loopback, where nobody
  answers: an attempt fails at once, and is seen by a packet socket that is handed to the
  parent. Listeners at the model's address on loopback are handed over, too: they are the only
  way out, and nothing inside knows their other end;
- a mount namespace in which all is read-only but the named folders, and the sockets of other
  programs in the file system are covered, since a network namespace does not part those;
- no capabilities, none to be had, and limits of memory.

The report, what was done and how the probes ended, goes to the parent over an inherited socket,
which answers with one byte. Without that, and without all that the plan demands, nothing is
started and the exit status is 97.
"""

import array
import ctypes
import errno
import fcntl
import json
import os
import resource
import signal
import socket
import struct
import sys
from typing import Any

FAILED = 97
_NEWUSER, _NEWNET, _NEWNS = 0x10000000, 0x40000000, 0x00020000  # <linux/sched.h>
_MS_NOSUID, _MS_NODEV = 2, 4  # <linux/mount.h>, like all below
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_ATTR_RDONLY, _AT_RECURSIVE, _AT_FDCWD = 0x1, 0x8000, -100
_SYS_MOUNT_SETATTR = 442  # The same number on every architecture.
_SET_PDEATHSIG, _CAPBSET_DROP, _SET_NO_NEW_PRIVS, _CAP_AMBIENT = 1, 24, 38, 47
_SIOCSIFFLAGS, _IFF_UP_RUNNING = 0x8914, 0x41
_NEWROUTE, _REQUEST_ACK_CREATE = 24, 0x1 | 0x4 | 0x400 | 0x100
_TABLE_LOCAL, _PROTO_STATIC, _SCOPE_HOST, _TYPE_LOCAL, _ATTR_OIF = 255, 4, 254, 2, 4
_ETH_P_ALL, _SO_ATTACH_FILTER = 3, 26
_SHARED_MEMORY = "/dev/shm"  # noqa: S108
_TEMPORARY = "/tmp"  # noqa: S108
_KERNEL_SETTINGS = ("/proc/sys", "/proc/sysrq-trigger")
_PROBE_S = 2.0

_libc = ctypes.CDLL(None, use_errno=True)


class Attributes(ctypes.Structure):
    """`struct mount_attr`, see mount_setattr(2)."""

    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns", ctypes.c_uint64),
    )


def main(arguments: list[str]) -> None:
    """Confine this process as the plan says and become the program; return only on failure."""
    plan = json.loads(arguments[0])
    door = socket.socket(fileno=plan["door"])
    report: dict[str, Any] = {"network": False, "files": False, "memory": False, "probes": []}
    handed: list[int] = []
    try:
        _limit(plan, report)
        if plan["part"]:
            _part(plan, report, handed)
        report["probes"] = [[*probe, _reached(*probe)] for probe in plan["probes"]]
        if plan["network"] == "none" and any(probe[-1] == "yes" for probe in report["probes"]):
            raise OSError(errno.ENETUNREACH, "the network was reached from inside", "a probe")
        if plan["watch"] and report["network"]:
            handed.append(_packets())  # From now on, so that it does not hear the probes.
        _give_up_powers()
    except OSError as error:
        report["failed"] = f"{error.filename or 'the kernel'}: {error.strerror or error}"
    _hand_over(door, report, handed)
    if "failed" not in report and door.recv(1) == b"g":
        door.close()
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.environ.update(plan["late"])
        os.execv(plan["program"], arguments[1:])  # noqa: S606


def _part(plan: dict[str, Any], report: dict[str, Any], handed: list[int]) -> None:
    covered, here = _sockets_in_files(plan["spare"]), os.getcwd()
    flags = _NEWUSER | _NEWNS | (_NEWNET if plan["network"] == "none" else 0)
    user, group = os.getuid(), os.getgid()
    _call(_libc.unshare(flags), "unshare")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    if plan["network"] == "none":
        _loopback_only()
        handed += _listeners(plan["ports"])
        report["interfaces"] = [name for _, name in socket.if_nameindex()]
        report["network"] = report["interfaces"] == ["lo"]
    report["files"] = _guard_files(plan, covered)
    os.chdir(here)  # Where we stood is the folder below what was mounted there since.


def _loopback_only() -> None:
    """Bring loopback up, and make every address one of its own: what is tried can be seen."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP_RUNNING))
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            _route_to_loopback(family)
        except OSError:
            if family == socket.AF_INET:
                raise


def _route_to_loopback(family: int) -> None:
    route = struct.pack(
        "8BI", family, 0, 0, 0, _TABLE_LOCAL, _PROTO_STATIC, _SCOPE_HOST, _TYPE_LOCAL, 0
    ) + struct.pack("HHI", 8, _ATTR_OIF, socket.if_nametoindex("lo"))
    header = struct.pack("IHHII", 16 + len(route), _NEWROUTE, _REQUEST_ACK_CREATE, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as link:
        link.bind((0, 0))
        link.send(header + route)
        (code,) = struct.unpack_from("i", link.recv(4096), 16)
    if code:
        raise OSError(-code, os.strerror(-code), "a route to loopback")


def _listeners(ports: list[int]) -> list[int]:
    """Return listening sockets, for each port one of IPv4 and, where there is IPv6, one of it."""
    found = []
    for port in ports:
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            try:
                listener = socket.socket(family, socket.SOCK_STREAM)
                listener.bind((host, port))
                listener.listen(128)
            except OSError:
                if family == socket.AF_INET:
                    raise
                continue
            found.append(listener.detach())
    return found


def _packets() -> int:
    """Return a socket that hears the first packet of every attempt over loopback, ours included."""
    heard = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
    # Of TCP only what opens a connection (SYN without ACK); everything of other protocols.
    program = [
        (0x30, 0, 0, 0), (0x74, 0, 0, 4), (0x15, 0, 6, 4),  # version; 4?
        (0x30, 0, 0, 9), (0x15, 0, 10, 6), (0xB1, 0, 0, 0), (0x50, 0, 0, 13),  # TCP? its flags
        (0x54, 0, 0, 0x12), (0x15, 6, 7, 2),
        (0x15, 0, 6, 6), (0x30, 0, 0, 6), (0x15, 0, 3, 6), (0x30, 0, 0, 53),  # 6? TCP? flags
        (0x54, 0, 0, 0x12), (0x15, 0, 1, 2),
        (0x06, 0, 0, 512), (0x06, 0, 0, 0),
    ]  # fmt: skip
    code = b"".join(struct.pack("HBBI", *each) for each in program)
    memory = ctypes.create_string_buffer(code)
    filter_ = struct.pack("HP", len(program), ctypes.addressof(memory))
    heard.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, filter_)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
    heard.bind(("lo", 0))
    heard.setblocking(False)
    return heard.detach()


def _guard_files(plan: dict[str, Any], covered: list[str]) -> bool:
    """Make all read-only but the named folders; False where the kernel cannot."""
    _call(_mount("none", "/", _MS_REC | _MS_PRIVATE), "/")
    for path in plan["writable"]:
        _call(_mount(path, path, _MS_BIND | _MS_REC), path)
    try:
        if os.getuid() == 0:  # Root without powers may still write what belongs to root.
            for path in _KERNEL_SETTINGS:
                if os.path.exists(path):
                    _call(_mount(path, path, _MS_BIND), path)
        _set_read_only("/", on=True)
        _set_read_only("/proc", on=False, below=False)  # A sandbox of the agent's own needs it.
        for path in plan["writable"]:
            _set_read_only(path, on=False)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EINVAL):
            return False
        raise
    _mount("tmpfs", _SHARED_MEMORY, _MS_NOSUID | _MS_NODEV, kind="tmpfs")
    if plan["tmp"]:
        _own_temporary(plan["tmp"], [*plan["writable"], *plan["kept"]])
    for path in plan["hidden"]:
        _call(_mount("tmpfs", path, _MS_NOSUID | _MS_NODEV, kind="tmpfs"), path)
        _set_read_only(path, on=True)
    for path in covered:
        _mount("/dev/null", path, _MS_BIND)
    return True


def _own_temporary(folder: str, kept: list[str]) -> None:
    """Put a folder in the place of /tmp; what is kept of it stays where it was."""
    below = sorted({path for path in kept if path.startswith(f"{_TEMPORARY}/")})
    opened = [(path, os.open(path, os.O_PATH | os.O_DIRECTORY)) for path in below]
    _call(_mount(folder, _TEMPORARY, _MS_BIND | _MS_REC), _TEMPORARY)
    for path, fd in opened:
        os.makedirs(path, exist_ok=True)
        _call(_mount(f"/proc/self/fd/{fd}", path, _MS_BIND | _MS_REC), path)
        os.close(fd)


def _sockets_in_files(spare: list[str]) -> list[str]:
    """Return the paths of all sockets in the file system but those to be spared."""
    with open("/proc/net/unix", encoding="utf-8", errors="surrogateescape") as table:
        lines = [line.rstrip("\n").split(maxsplit=7) for line in table]
    paths = {line[7] for line in lines[1:] if len(line) == 8 and line[7].startswith("/")}
    return sorted(path for path in paths - set(spare) if os.path.lexists(path))


def _mount(source: str, target: str, flags: int, kind: str | None = None) -> int:
    return int(
        _libc.mount(
            os.fsencode(source),
            os.fsencode(target),
            kind.encode() if kind else None,
            ctypes.c_ulong(flags),
            None,
        )
    )


def _set_read_only(path: str, *, on: bool, below: bool = True) -> None:
    told = Attributes(_ATTR_RDONLY if on else 0, 0 if on else _ATTR_RDONLY, 0, 0)
    code = _libc.syscall(
        ctypes.c_long(_SYS_MOUNT_SETATTR),
        ctypes.c_long(_AT_FDCWD),
        os.fsencode(path),
        ctypes.c_ulong(_AT_RECURSIVE if below else 0),
        ctypes.byref(told),
        ctypes.c_ulong(ctypes.sizeof(told)),
    )
    _call(int(code), path)


def _limit(plan: dict[str, Any], report: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if plan["memory"]:
        resource.setrlimit(resource.RLIMIT_DATA, (plan["memory"], plan["memory"]))
        report["memory"] = True


def _give_up_powers() -> None:
    """Leave no capability to be had, by a set-user-ID program either, and die with the parent."""
    _libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc.prctl(_CAP_AMBIENT, 4, 0, 0, 0)
    number = 0
    while number < 64 and _libc.prctl(_CAPBSET_DROP, number, 0, 0, 0) == 0:
        number += 1
    _libc.prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _reached(host: str, port: int) -> str:
    """Return how an attempt to reach an address ended: `yes`, or the error's name."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.settimeout(_PROBE_S)
        try:
            attempt.connect((host, port))
        except TimeoutError:
            return "ETIMEDOUT"
        except OSError as error:
            return errno.errorcode.get(error.errno or 0, str(error))
    return "yes"


def _hand_over(door: socket.socket, report: dict[str, Any], handed: list[int]) -> None:
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", handed))] if handed else []
    door.sendmsg([json.dumps(report).encode()], rights)
    for each in handed:
        os.close(each)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _call(code: int, what: str) -> None:
    if code != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


if __name__ == "__main__":
    main(sys.argv[1:])
    sys.exit(FAILED)
