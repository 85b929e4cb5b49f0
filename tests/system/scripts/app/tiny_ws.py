"""A websocket client of a few lines, for scripts that have no packages."""

import base64
import os
import socket
import struct


class TinyWs:
    def __init__(self, address):
        authority, path = address.split("//", 1)[1].split("/", 1)
        host, port = authority.rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall((f"GET /{path} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._socket.recv(1)
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionError(head.decode())

    def _frame(self, kind, payload):
        size = len(payload)
        head = bytes([0x80 | kind])
        head += (bytes([0x80 | size]) if size < 126 else
                 struct.pack("!BH", 0xFE, size) if size < 65536 else struct.pack("!BQ", 0xFF, size))
        self._socket.sendall(head + bytes(4) + payload)

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self._socket.recv(size - len(data))
            if not piece:
                raise ConnectionError("closed")
            data += piece
        return data

    def send(self, message):
        self._frame(1 if isinstance(message, str) else 2, message.encode() if isinstance(message, str) else message)

    def receive(self):
        """A text, bytes, or the number of a close."""
        kind, size = self._exactly(2)
        if size == 126:
            size, = struct.unpack("!H", self._exactly(2))
        elif size == 127:
            size, = struct.unpack("!Q", self._exactly(8))
        payload = self._exactly(size)
        if kind & 15 == 8:
            return struct.unpack("!H", payload[:2])[0]
        return payload.decode() if kind & 15 == 1 else payload

    def close(self):
        self._frame(8, struct.pack("!H", 1000))
        self._socket.close()
