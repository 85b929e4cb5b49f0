"""A subprocess writes more than a pipe holds; reading while waiting takes all of it."""

import asyncio
import sys

WRITER = "import sys\nfor _ in range(1_000_000): sys.stdout.buffer.write(b'HI!!\\n')\n"


async def main():
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    print(len(out), process.returncode)


asyncio.run(main())
