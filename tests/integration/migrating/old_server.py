"""The kind of server that Trackwire takes the place of.

FastAPI and python-socketio: a thread hears the Redis channel, a queue takes what it hears, a task
emits it. Prints `listening PORT`. With SOCKETS=off only the application's own routes are served, as
after the move.
"""

import asyncio
import json
import os
import socket
import threading
from http.cookies import SimpleCookie

import jwt
import redis
import socketio
import uvicorn
from fastapi import FastAPI

CHANNEL = "socket:notifications"
SECRET = os.environ["JWT_SECRET"]

api = FastAPI()
server = socketio.AsyncServer(
    async_mode="asgi", cors_allowed_origins="*", ping_interval=25, ping_timeout=60
)


@api.get("/api/fleet")
def fleet():
    return {"vans": 3}


def user_of(environ):
    cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("access_token")
    try:
        return jwt.decode(cookie.value, SECRET, algorithms=["HS256"])["sub"] if cookie else None
    except jwt.InvalidTokenError:
        return None


@server.event
async def connect(sid, environ, auth):
    await server.emit("session", {"user": user_of(environ)}, to=sid)


def hear(loop, heard):
    subscription = redis.Redis.from_url(os.environ["REDIS_URL"]).pubsub()
    subscription.subscribe(CHANNEL)
    for message in subscription.listen():
        if message["type"] == "message":
            loop.call_soon_threadsafe(heard.put_nowait, message["data"])
        elif message["type"] == "subscribe":
            loop.call_soon_threadsafe(heard.put_nowait, None)


async def tell(heard, subscribed):
    while True:
        data = await heard.get()
        if data is None:
            subscribed.set()
            continue
        try:
            envelope = json.loads(data)
            target = envelope.get("socket_id")
            await server.emit(envelope["message_type"], envelope["notification"], to=target)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            print("not a notification:", error, flush=True)


async def main():
    listener = socket.create_server(("127.0.0.1", 0))
    application = api
    subscribed = asyncio.Event()
    tasks = []
    if os.environ.get("SOCKETS") == "off":
        subscribed.set()
    else:
        application = socketio.ASGIApp(server, other_asgi_app=api)
        heard = asyncio.Queue()
        tasks.append(asyncio.create_task(tell(heard, subscribed)))
        loop = asyncio.get_running_loop()
        threading.Thread(target=hear, args=(loop, heard), daemon=True).start()
    await subscribed.wait()
    print("listening", listener.getsockname()[1], flush=True)
    config = uvicorn.Config(application, log_level="warning", lifespan="off")
    await uvicorn.Server(config).serve(sockets=[listener])


asyncio.run(main())
