"""A device on the path, scripted: it takes connections that the router hands to it on port 2525, passes them on to the
server at port 25, and meddles with what it passes.

Usage: path-device.py SERVER HOW [WHAT …]

  behind BEGINNING TEXT   adds TEXT (\\r\\n are written so) behind the server's line that begins so, in the same segment
  once VERB               lets no command of this verb through
  one-a-packet            passes on the first command of each segment alone, until the message begins
"""

import socket
import sys
import threading

server, how, *what = sys.argv[1:]
text = [one.encode().decode("unicode_escape").encode("latin1") for one in what]


def from_client(octets, state):
    if state["message"]:
        return octets
    if how == "once":
        lines = octets.splitlines(keepends=True)
        octets = b"".join(line for line in lines if not line.upper().startswith(text[0]))
    if how == "one-a-packet":
        octets = octets[: octets.find(b"\n") + 1]
    state["message"] = octets.upper().startswith(b"DATA") or b"\nDATA\r\n" in octets.upper()
    return octets


def from_server(octets, _state):
    if how == "behind" and any(line.startswith(text[0]) for line in octets.splitlines()):
        return octets + text[1]
    return octets


def passing(source, sink, change, state):
    try:
        while octets := source.recv(65536):
            if changed := change(octets, state):
                sink.sendall(changed)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(client):
    upstream = socket.create_connection((server, 25))
    state = {"message": False}
    for ends in ((client, upstream, from_client), (upstream, client, from_server)):
        threading.Thread(target=passing, args=(*ends, state)).start()


door = socket.create_server(("", 2525), backlog=8)
while True:
    serve(door.accept()[0])
