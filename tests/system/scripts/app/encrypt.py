"""100 texts are encrypted by subprocesses, as many at once as there are cores."""

import asyncio
import os
import random
import string

PROGRAM = ["openssl", "enc", "-aes-256-cbc", "-pbkdf2", "-iter", "1", "-pass", "pass:3ncryptm3"]
running = most = 0


async def encrypt(limit, text):
    global running, most
    async with limit:
        running += 1
        most = max(most, running)
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        out, err = await process.communicate(text.encode())
        running -= 1
        assert process.returncode == 0, err
        return out


async def main():
    texts = ["".join(random.choice(string.ascii_letters) for _ in range(1000)) for _ in range(100)]
    limit = asyncio.Semaphore(os.cpu_count())
    done = await asyncio.gather(*(encrypt(limit, text) for text in texts))
    print(len(done), all(each.startswith(b"Salted__") for each in done), most <= os.cpu_count())


asyncio.run(main())
