"""Sends a message and a request to the server: hello.py ADDRESS"""

import sys

import omni_ipc

with omni_ipc.BlockingClient(sys.argv[1] if len(sys.argv) > 1 else "unix:/tmp/app.world") as client:
    client.emit("message", "hello from Python")
    print("2 + 40 =", client.request("add", [2, 40]))
