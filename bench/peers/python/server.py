"""The benchmark's contract on FastAPI and python-socketio, as such servers are commonly built.

Two stages: a thread hears the Redis channel and puts what it hears into a queue; a task takes it from
there and emits it to everybody, or to the one socket it names. WebSocket only, as the load generator
speaks it.

Usage: server.py --redis URL [--listen 127.0.0.1:PORT]
"""

import argparse
import asyncio
import json
import socket
import sys
import threading

import redis
import socketio
import uvicorn
from fastapi import FastAPI

CHANNEL = "socket:notifications"
ACCEPT_QUEUE = 4096


def loopback(text):
    host, _, port = text.rpartition(":")
    if not host.startswith("127.") or not port.isdigit():
        raise argparse.ArgumentTypeError("not a loopback address and port")
    return host, int(port)


def hear(url, loop, heard):
    """Runs on a thread of its own: the Redis client blocks."""
    subscription = redis.Redis.from_url(url).pubsub()
    subscription.subscribe(CHANNEL)
    for message in subscription.listen():
        if message["type"] == "message":
            loop.call_soon_threadsafe(heard.put_nowait, message["data"])
        elif message["type"] == "subscribe":
            loop.call_soon_threadsafe(heard.put_nowait, None)


async def tell(server, heard, subscribed):
    while True:
        data = await heard.get()
        if data is None:
            subscribed.set()
            continue
        try:
            envelope = json.loads(data)
            name, notification = envelope["message_type"], envelope["notification"]
        except (ValueError, KeyError, TypeError) as error:
            print("not a notification:", error, file=sys.stderr, flush=True)
            continue
        await server.emit(name, notification, to=envelope.get("socket_id"))


async def serve(options):
    listener = socket.create_server(options.listen, backlog=ACCEPT_QUEUE)
    server = socketio.AsyncServer(async_mode="asgi", transports=["websocket"])
    application = socketio.ASGIApp(server, other_asgi_app=FastAPI())
    heard = asyncio.Queue()
    subscribed = asyncio.Event()
    task = asyncio.create_task(tell(server, heard, subscribed))
    loop = asyncio.get_running_loop()
    threading.Thread(target=hear, args=(options.redis, loop, heard), daemon=True).start()
    await subscribed.wait()
    print("listening http://%s:%d" % listener.getsockname()[:2], flush=True)
    config = uvicorn.Config(application, log_level="warning", lifespan="off", backlog=ACCEPT_QUEUE)
    await uvicorn.Server(config).serve(sockets=[listener])
    task.cancel()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", type=loopback, default=("127.0.0.1", 0))
    parser.add_argument("--redis", required=True)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
