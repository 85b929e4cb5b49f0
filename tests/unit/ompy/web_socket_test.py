"""The task's end of the bridge; the test is the bridge."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from unittest import mock

from ompy import _bridge_frames as frames
from ompy import _listening
from ompy._channel import connect_by_path
from ompy._web_socket import WebSocket
from ompy.appmanager import variables
from ompy.appmanager.communication import async_wait_for_socket_from_web, wait_for_socket_from_web
from ompy.errors import CallTimeout, OmpyError, SocketClosed, WrongMessageKind


def message(kind, payload):
    return b"".join(frames.message_frames(kind, payload))


class PairTest(unittest.TestCase):
    def setUp(self):
        self.bridge, own = socket.socketpair()
        self.soc = WebSocket(own, 1 << 20)
        self.addCleanup(self.bridge.close)
        self.addCleanup(self.soc.sync_close)

    def read_back(self):
        reader = frames.MessageReader(64 << 20)
        got = []
        while True:
            data = self.bridge.recv(1 << 20)
            if not data:
                return got
            reader.feed(data)
            while (each := reader.next()) is not None:
                got.append(each)

    def test_kinds_and_borders_of_messages_are_kept(self):
        self.bridge.sendall(message(frames.TEXT, "привет".encode()) + message(frames.BINARY, b"") +
                            message(frames.TEXT, b""))
        self.assertEqual(self.soc.sync_read_text_message(), "привет")
        self.assertEqual(self.soc.sync_read_binary_message(), b"")
        self.assertEqual(self.soc.sync_read_message(), "")

    def test_a_message_comes_whole_however_it_is_cut(self):
        for byte in message(frames.TEXT, "длинно".encode()):
            self.bridge.sendall(bytes([byte]))
        self.assertEqual(self.soc.sync_read_text_message(1), "длинно")
        data = os.urandom(500_000)
        thread = threading.Thread(target=self.bridge.sendall, args=(message(frames.BINARY, data),))
        thread.start()
        self.assertEqual(self.soc.sync_read_binary_message(), data)
        thread.join()

    def test_a_message_of_the_other_kind_waits_for_its_reader(self):
        self.bridge.sendall(message(frames.BINARY, b"x"))
        with self.assertRaises(WrongMessageKind):
            self.soc.sync_read_text_message()
        self.assertEqual(self.soc.sync_read_binary_message(), b"x")

    def test_a_read_that_was_given_up_loses_nothing(self):
        half = message(frames.TEXT, b"whole")
        self.bridge.sendall(half[:7])
        with self.assertRaises(CallTimeout):
            self.soc.sync_read_text_message(timeout=0.01)

        async def again():
            with self.assertRaises(CallTimeout):
                await self.soc.read_text_message(timeout=0.01)
            task = asyncio.ensure_future(self.soc.read_text_message())
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.bridge.sendall(half[7:])
            return await self.soc.read_text_message()

        self.assertEqual(asyncio.run(again()), "whole")

    def test_the_other_sides_close_comes_behind_its_messages(self):
        self.bridge.sendall(message(frames.TEXT, b"last") + frames.close_frame(4321, "genug"))
        self.assertEqual(self.soc.sync_read_text_message(), "last")
        for _ in range(2):
            with self.assertRaises(SocketClosed) as caught:
                self.soc.sync_read_text_message()
            self.assertEqual((caught.exception.code, caught.exception.text), (4321, "genug"))
        with self.assertRaises(SocketClosed):
            self.soc.sync_write_text_message("too late")

    def test_a_bridge_that_vanishes_is_a_close_without_a_word(self):
        self.bridge.close()
        with self.assertRaises(ConnectionError) as caught:
            self.soc.sync_read_message()
        self.assertEqual(caught.exception.code, 1006)

    def test_close_comes_behind_what_was_written_and_is_done_once(self):
        self.soc.sync_write_text_message("one")
        self.soc.sync_close(4000, "enough")
        self.soc.sync_close()
        self.assertEqual(self.read_back(), ["one", frames.Close(4000, "enough")])
        self.assertTrue(self.soc.closed)

    def test_a_slow_reader_holds_the_writer_back(self):
        data = os.urandom(2 << 20)
        done = threading.Event()

        def write():
            self.soc.sync_write_binary_message(data)
            done.set()
            self.soc.sync_close()

        thread = threading.Thread(target=write)
        thread.start()
        self.assertFalse(done.wait(0.05))
        self.assertEqual(self.read_back()[0], data)
        thread.join()

    def test_coroutines_write_whole_messages_side_by_side(self):
        pieces = [bytes([n]) * 200_000 for n in range(8)]

        async def write():
            reading = asyncio.get_running_loop().run_in_executor(None, self.read_back)
            await asyncio.gather(*(self.soc.write_binary_message(each) for each in pieces))
            await self.soc.write_text_message("end")
            await self.soc.close()
            return await reading

        got = asyncio.run(write())
        self.assertEqual(sorted(got[:8]), pieces)
        self.assertEqual(got[8:], ["end", frames.Close(1000, "")])

    def test_loops_end_with_the_other_sides_close(self):
        self.bridge.sendall(message(frames.TEXT, b"a") + message(frames.TEXT, b"b") + frames.close_frame(1000))
        self.assertEqual(list(self.soc), ["a", "b"])

    def test_a_message_that_is_too_long_closes_and_says_so(self):
        thread = threading.Thread(target=lambda: self.bridge.sendall(message(frames.BINARY, bytes((1 << 20) + 1))))
        with mock.patch.object(threading, "excepthook"):
            thread.start()
            with self.assertRaises(SocketClosed) as caught:
                self.soc.sync_read_message()
            thread.join()
        self.assertEqual(caught.exception.code, 1009)

    def test_bytes_that_are_no_frames_close(self):
        self.bridge.sendall(b"\xff" * 64)
        with self.assertRaises(SocketClosed) as caught:
            self.soc.sync_read_message()
        self.assertEqual(caught.exception.code, 1002)

    def test_a_text_that_is_not_utf8_closes(self):
        self.bridge.sendall(message(frames.TEXT, b"\xff"))
        with self.assertRaises(SocketClosed) as caught:
            self.soc.sync_read_message()
        self.assertEqual(caught.exception.code, 1007)


class ListeningTest(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.work = os.path.join(self._folder.name, *["long-name-of-a-folder"] * 10)
        os.makedirs(self.work)
        patch = mock.patch.dict(variables.TASK_PARAMS, {"outputPath": self.work})
        patch.start()
        self.addCleanup(patch.stop)
        self.addCleanup(self._forget)

    def _forget(self):
        if _listening._listener is not None:
            _listening._listener.close()
            _listening._listener = None

    def connect(self):
        connection = connect_by_path(os.path.join(self.work, ".bridge"))
        self.addCleanup(connection.close)
        return connection

    def test_clients_are_taken_in_turn(self):
        with self.assertRaises(CallTimeout):
            wait_for_socket_from_web(timeout=0.01)
        for n in range(3):
            self.connect().sendall(message(frames.TEXT, str(n).encode()))
        for n in range(3):
            with wait_for_socket_from_web(timeout=5) as soc:
                self.assertEqual(soc.sync_read_text_message(), str(n))

    def test_the_async_form_does_the_same(self):
        async def serve():
            with self.assertRaises(CallTimeout):
                await async_wait_for_socket_from_web(timeout=0.01)
            client = self.connect()
            client.sendall(message(frames.TEXT, b"hello") + frames.close_frame(1000))
            async with await async_wait_for_socket_from_web() as soc:
                return [each async for each in soc]

        self.assertEqual(asyncio.run(serve()), ["hello"])

    def test_a_socket_that_an_ended_process_left_is_replaced_and_a_live_one_is_not(self):
        program = ("import os, sys\nfrom ompy._listening import listening_socket\nlisten = listening_socket()\n"
                   "print('there', flush=True)\nsys.stdin.read()\nos._exit(0)\n")
        environment = {**os.environ, "TASK_PARAMS": '{"pid": "p", "outputPath": "%s"}' % self.work}
        with subprocess.Popen([sys.executable, "-B", "-c", program], env=environment, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as other:
            self.assertEqual(other.stdout.readline(), b"there\n")
            with self.assertRaises(OmpyError) as caught:
                wait_for_socket_from_web(timeout=0.01)
            self.assertEqual(caught.exception.name, "conflict")
        with self.assertRaises(CallTimeout):
            wait_for_socket_from_web(timeout=0.01)

    def test_a_script_that_ends_tells_those_who_are_connected(self):
        program = ("from ompy.appmanager.communication import wait_for_socket_from_web\n"
                   "print('there', flush=True)\nsoc = wait_for_socket_from_web()\nsoc.sync_read_text_message()\n")
        environment = {**os.environ, "TASK_PARAMS": '{"pid": "p", "outputPath": "%s"}' % self.work}
        with subprocess.Popen([sys.executable, "-B", "-c", program], env=environment, stdout=subprocess.PIPE) as script:
            script.stdout.readline()
            while True:
                try:
                    client = self.connect()
                    break
                except (FileNotFoundError, ConnectionRefusedError):
                    self.assertIsNone(script.poll())
            client.sendall(message(frames.TEXT, b"end"))
            reader = frames.MessageReader(1 << 20)
            while (close := reader.next()) is None:
                reader.feed(client.recv(4096))
            self.assertEqual(close, frames.Close(1001, "the script has ended"))
        self.assertFalse(os.path.exists(os.path.join(self.work, ".bridge")))


if __name__ == "__main__":
    unittest.main()
