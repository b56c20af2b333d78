"""The program for `omni-ipc conform`: conform.py ADDRESS [asyncio | blocking]
Bytes that are sent back as they come: conform.py ADDRESS raw | little | big
"""

import asyncio
import sys
import threading

import omni_ipc

OPTIONS = {"retry": 0.03, "request_timeout": 1.0, "max_message_size": 2 * 1024 * 1024}


def fail(data):
    raise RuntimeError(data)


def told(error):
    return {"error": {"message": error.message, "code": error.code}}


async def main(address):
    client = omni_ipc.Client(address, **OPTIONS)

    async def ask(data):
        try:
            answer = {"data": await client.request(data["type"], data["data"])}
        except omni_ipc.IPCError as error:
            answer = told(error)
        client.emit("answered", answer)

    async def subscribe(topic):
        await client.subscribe(topic, lambda data, name: client.emit("heard", {"topic": name, "data": data}))
        client.emit("subscribed", topic)

    async def unsubscribe(topic):
        await client.unsubscribe(topic)
        client.emit("unsubscribed", topic)

    client.on("echo", lambda data: client.emit("echo", data))
    client.on("note", lambda data: client.emit("noted", data))
    client.on("ask", ask)
    client.on("subscribe", subscribe)
    client.on("unsubscribe", unsubscribe)
    client.on("publish", lambda data: client.publish(data["topic"], data["data"]))
    client.handle("echo", lambda data: data)
    client.handle("fail", fail)
    await client.connect()
    await asyncio.Event().wait()


def main_blocking(address):
    client = omni_ipc.BlockingClient(address, **OPTIONS)

    def ask(data):
        try:
            answer = {"data": client.request(data["type"], data["data"])}
        except omni_ipc.IPCError as error:
            answer = told(error)
        client.emit("answered", answer)

    def subscribe(topic):
        client.subscribe(topic, lambda data, name: client.emit("heard", {"topic": name, "data": data}))
        client.emit("subscribed", topic)

    def unsubscribe(topic):
        client.unsubscribe(topic)
        client.emit("unsubscribed", topic)

    client.on("echo", lambda data: client.emit("echo", data))
    client.on("note", lambda data: client.emit("noted", data))
    client.on("ask", ask)
    client.on("subscribe", subscribe)
    client.on("unsubscribe", unsubscribe)
    client.on("publish", lambda data: client.publish(data["topic"], data["data"]))
    client.handle("echo", lambda data: data)
    client.handle("fail", fail)
    client.connect()
    threading.Event().wait()


def send_back(address, kind):
    framing = "raw" if kind == "raw" else "length-prefixed"
    order = "big" if kind == "big" else "little"
    client = omni_ipc.BlockingClient(address, framing=framing, byteorder=order, **OPTIONS)
    client.on("data", client.send)
    client.connect()
    threading.Event().wait()


kind = sys.argv[2] if len(sys.argv) > 2 else "asyncio"
if kind == "asyncio":
    asyncio.run(main(sys.argv[1]))
elif kind == "blocking":
    main_blocking(sys.argv[1])
else:
    send_back(sys.argv[1], kind)
