"""The sockets that a server listens on. Standard library only."""

import errno
import socket
import threading

from cdk8s_django.errors import Failure

EVERYWHERE = ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))
IF_INET6 = "/proc/net/if_inet6"
# The sockets of the web server, as long as this process has them.
SERVING = []


def sockets(port):
    """Bound sockets for each family that the pod has: a kernel may have one of them switched off.

    One for each, so that an address over IPv4 is written as such and not as ::ffff:10.1.2.3.
    """
    found = []
    for family, host in EVERYWHERE:
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            continue
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((host, port))
        except OSError as error:
            sock.close()
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise Failure(f"port {port} cannot be listened on: {error.strerror}") from None
            continue
        found.append(sock)
    if not found:
        raise Failure(f"port {port} cannot be listened on: the pod has no address")
    return found


def host():
    """The one address for servers that take one alone: of IPv6 where the pod can be reached by it.

    A socket of IPv6 takes connections over IPv4 too.
    """
    try:
        with open(IF_INET6) as addresses:
            # Address, index, length of prefix, scope (00 is global), flags, interface.
            reachable = any(line.split()[3] == "00" for line in addresses)
    except OSError:
        reachable = False
    return "::" if reachable else "0.0.0.0"


def answer(port, respond):
    """Answers requests from now on, in threads: `respond(path)` gives status, type and body.

    A server of a few lines, because it runs in a process that forks: it has nothing that a fork
    could find locked. `respond` imports nothing either: a module has a lock while it is imported.
    """
    for sock in sockets(port):
        sock.listen(16)
        threading.Thread(target=answer_all, args=(sock, respond), daemon=True).start()


def answer_all(sock, respond):
    while True:
        try:
            connection, _ = sock.accept()
        except OSError:
            continue
        try:
            connection.settimeout(2)
            words = connection.recv(4096).split()
            status, kind, body = respond(words[1].decode("latin-1") if len(words) > 1 else "")
            body = body.encode()
            head = f"HTTP/1.0 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
            connection.sendall(f"{head}\r\n\r\n".encode() + body)
        except OSError:
            pass  # whoever asked has gone
        finally:
            connection.close()
