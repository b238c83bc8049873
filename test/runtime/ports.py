"""Ports for servers of the tests: `ports.py FIRST` prints the first free one.

They are below the range from which the system gives ports to connections and to servers that ask
for any, and each process has its own thousand. Else another test's server could take a port
between its choice and its use.
"""

import socket
import sys


def free_ports(first):
    """Every free port of the thousand from FIRST on, each once, and then again from the start."""
    while True:
        for port in range(first, first + 1000):
            with socket.socket() as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    listener.bind(("", port))
                except OSError:
                    continue
            yield port


if __name__ == "__main__":
    print(next(free_ports(int(sys.argv[1]))))
