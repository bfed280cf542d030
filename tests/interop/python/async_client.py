"""Drives python-socketio's asyncio client against the server under test; exits 0 when all is well.

Usage: async_client.py PORT polling|websocket|upgrade
"""

import asyncio
import faulthandler
import sys

import socketio

PATIENCE = 15
# When all threads are to say where they hang, and the process ends.
TOO_LONG = 100


class Waiter:
    """The arguments of an event, for the test to wait for."""

    def __init__(self, client, event, namespace="/"):
        self._queue = asyncio.Queue()
        client.on(event, self._take, namespace=namespace)

    async def _take(self, *args):
        await self._queue.put(args)

    async def take(self):
        return await asyncio.wait_for(self._queue.get(), PATIENCE)


def check(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


async def connect(client, port, transports, wait_timeout=PATIENCE, **options):
    await client.connect(f"http://127.0.0.1:{port}", transports=transports,
                         wait_timeout=wait_timeout, **options)


def new_client():
    return socketio.AsyncClient(reconnection=False)


async def check_events(client):
    back = Waiter(client, "message-back")
    await client.emit("message", (1, "two €🚢", {"three": [True, None]}))
    check(await back.take(), (1, "two €🚢", {"three": [True, None]}))
    await client.emit("message", (b"\x00\x01\xff", {"deep": [b"x" * 1000]}))
    check(await back.take(), (b"\x00\x01\xff", {"deep": [b"x" * 1000]}))
    for i in range(50):
        await client.emit("message", i)
        check(await back.take(), (i,))


async def check_acks(client):
    check(await client.call("message-with-ack", ("a", {"b": 1}), timeout=PATIENCE),
          ("a", {"b": 1}))
    check(await client.call("message-with-ack", b"bytes", timeout=PATIENCE), b"bytes")

    @client.on("question")
    async def question(value):
        return value + 1, b"\x05"

    answer = Waiter(client, "answer")
    await client.emit("ask-me", 41)
    check(await answer.take(), (42, b"\x05"))


async def check_namespaces(port, transports):
    client = new_client()
    greeting = Waiter(client, "auth", "/custom")
    await connect(client, port, transports, namespaces=["/custom"], auth={"for": "custom"})
    check(await greeting.take(), ({"for": "custom"},))
    await client.disconnect()

    for namespace, expected in (("/nowhere", "Invalid namespace"), ("/guarded", "not allowed")):
        refused = new_client()
        reason = Waiter(refused, "connect_error", namespace)
        try:
            # This version waits out its time even when it has been refused.
            await connect(refused, port, transports, wait_timeout=1, namespaces=[namespace])
            raise AssertionError(f"{namespace} let us in")
        except socketio.exceptions.ConnectionError:
            check((await reason.take())[0]["message"], expected)


async def check_kick(port, transports, kick):
    client = new_client()
    gone = Waiter(client, "disconnect")
    await connect(client, port, transports)
    await client.emit(kick)
    await gone.take()


async def main(port, way):
    transports = ["polling", "websocket"] if way == "upgrade" else [way]
    client = new_client()
    greeting = Waiter(client, "auth")
    await connect(client, port, transports, auth={"token": "abc"})
    check(await greeting.take(), ({"token": "abc"},))
    check(client.transport(), "polling" if way == "polling" else "websocket")
    await check_events(client)
    await check_acks(client)
    await check_namespaces(port, transports)
    await check_kick(port, transports, "kick")
    await check_kick(port, transports, "kick-close")
    check(await client.call("message-with-ack", "still here", timeout=PATIENCE), "still here")
    await client.disconnect()
    print(f"python-socketio by {way}: well", flush=True)


if __name__ == "__main__":
    faulthandler.dump_traceback_later(TOO_LONG, exit=True)
    asyncio.run(main(sys.argv[1], sys.argv[2]))
