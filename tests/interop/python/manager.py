"""A python-socketio server whose manager speaks on the Redis of the test.

Usage: manager.py REDIS_URL

Listens on a free port of 127.0.0.1 and prints where. Its clients may `join` a room and,
with `emit-all`, have an event emitted to everybody by way of Redis.
"""

import asyncio
import sys

import socketio
from aiohttp import web


def make_server(url):
    server = socketio.AsyncServer(
        async_mode="aiohttp", client_manager=socketio.AsyncRedisManager(url))

    @server.event
    async def join(sid, room):
        server.enter_room(sid, room)
        return True

    @server.on("emit-all")
    async def emit_all(_, event, value):
        await server.emit(event, value)
        return True

    return server


async def main(url):
    app = web.Application()
    make_server(url).attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    print(f"listening http://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
