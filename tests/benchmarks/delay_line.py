"""Pass on one server's traffic a fixed time later, in both directions, as a network does.

Arguments: port of the server, delay of each direction in seconds. Prints the port it listens on. It is a
process of its own because an event loop's timers are too coarse for half a millisecond.
"""

from __future__ import annotations

import queue
import socket
import sys
import threading
import time

_BYTES = 1 << 16
_HOST = "127.0.0.1"


def main() -> None:
    """Serve until somebody ends the process."""
    port, delay = int(sys.argv[1]), float(sys.argv[2])
    with socket.create_server((_HOST, 0)) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            client, _ = listener.accept()
            server = socket.create_connection((_HOST, port))
            for one, other in ((client, server), (server, client)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _carry(one, other, delay)


def _carry(source: socket.socket, target: socket.socket, delay: float) -> None:
    """Start the two threads of one direction."""
    due: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(source, due, delay), daemon=True).start()
    threading.Thread(target=_send, args=(target, due), daemon=True).start()


def _receive(source: socket.socket, due: queue.SimpleQueue[tuple[float, bytes]], delay: float) -> None:
    data = b"begin"
    while data:
        try:
            data = source.recv(_BYTES)
        except OSError:
            data = b""
        due.put((time.monotonic() + delay, data))


def _send(target: socket.socket, due: queue.SimpleQueue[tuple[float, bytes]]) -> None:
    """Send what is due until the end of the stream, which is an empty piece."""
    while True:
        moment, data = due.get()
        time.sleep(max(0.0, moment - time.monotonic()))
        try:
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)
        except OSError:
            return


if __name__ == "__main__":
    main()
