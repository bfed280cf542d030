"""Drives python-socketio against the server under test; exits 0 when all is well.

Usage: client.py PORT polling|websocket|upgrade
"""

import faulthandler
import os
import sys
import threading
import traceback

import socketio

PATIENCE = 15
# When all threads are to say where they hang, and the process ends.
TOO_LONG = 100


class Waiter:
    """Hands the arguments of an event from the client's threads to the test."""

    def __init__(self, client, event, namespace="/"):
        self._got = threading.Event()
        self._args = None
        client.on(event, self._take, namespace=namespace)

    def _take(self, *args):
        self._args = args
        self._got.set()

    def take(self):
        assert self._got.wait(PATIENCE), "an event did not come"
        self._got.clear()
        return self._args


def check(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def new_client():
    return socketio.Client(reconnection=False)


def connect(client, port, transports, wait_timeout=PATIENCE, **options):
    client.connect(f"http://127.0.0.1:{port}", transports=transports, wait_timeout=wait_timeout,
                   **options)


def check_events(client):
    back = Waiter(client, "message-back")
    client.emit("message", (1, "two €🚢", {"three": [True, None]}))
    check(back.take(), (1, "two €🚢", {"three": [True, None]}))
    client.emit("message", (b"\x00\x01\xff", {"deep": [b"x" * 1000]}))
    check(back.take(), (b"\x00\x01\xff", {"deep": [b"x" * 1000]}))
    for i in range(50):
        client.emit("message", i)
        check(back.take(), (i,))


def check_acks(client):
    check(client.call("message-with-ack", ("a", {"b": 1}), timeout=PATIENCE), ("a", {"b": 1}))
    check(client.call("message-with-ack", b"bytes", timeout=PATIENCE), b"bytes")

    @client.on("question")
    def question(value):
        return value + 1, b"\x05"

    answer = Waiter(client, "answer")
    client.emit("ask-me", 41)
    check(answer.take(), (42, b"\x05"))


def check_namespaces(port, transports):
    client = new_client()
    greeting = Waiter(client, "auth", "/custom")
    connect(client, port, transports, namespaces=["/custom"], auth={"for": "custom"})
    check(greeting.take(), ({"for": "custom"},))
    client.disconnect()

    for namespace, expected in (("/nowhere", "Invalid namespace"), ("/guarded", "not allowed")):
        refused = new_client()
        reason = Waiter(refused, "connect_error", namespace)
        try:
            # This version waits out its time even when it has been refused.
            connect(refused, port, transports, wait_timeout=1, namespaces=[namespace])
            raise AssertionError(f"{namespace} let us in")
        except socketio.exceptions.ConnectionError:
            check(reason.take()[0]["message"], expected)


def check_kick(port, transports, kick):
    client = new_client()
    gone = Waiter(client, "disconnect")
    connect(client, port, transports)
    client.emit(kick)
    gone.take()


def main():
    port, way = sys.argv[1], sys.argv[2]
    transports = ["polling", "websocket"] if way == "upgrade" else [way]
    client = new_client()
    greeting = Waiter(client, "auth")
    connect(client, port, transports, auth={"token": "abc"})
    check(greeting.take(), ({"token": "abc"},))
    check(client.transport(), "polling" if way == "polling" else "websocket")
    check_events(client)
    check_acks(client)
    check_namespaces(port, transports)
    check_kick(port, transports, "kick")
    check_kick(port, transports, "kick-close")
    check(client.call("message-with-ack", "still here", timeout=PATIENCE), "still here")
    client.disconnect()
    print(f"python-socketio by {way}: well")


if __name__ == "__main__":
    faulthandler.dump_traceback_later(TOO_LONG, exit=True)
    try:
        main()
    except BaseException:
        # The client's threads would keep the process, and nobody would hear why it failed.
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
