"""The examples of docs/clients.md, taken from the page as they stand: each must log in and say hello to Romeo."""

import asyncio
import os
import re
import subprocess
import sys

import pytest

from programs import HERE, OUT, Transcript
from raw import CLIENT, Stream
from server import Account

PAGE = (HERE.parent.parent / "docs" / "clients.md").read_text()
JULIET, ROMEO = Account("juliet", "secret"), Account("romeo", "secret too")


def fenced(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL).group(1)


def from_port(text, port):
    return text.replace("5222", str(port))


def strophe(folder, port):
    (folder / "hello.c").write_text(from_port(fenced("c"), port))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libstrophe"], capture_output=True, text=True).stdout
    subprocess.run(["gcc", "-Wall", "-o", "hello", "hello.c", *flags.split()], cwd=folder, check=True)
    return ["./hello"]


def slixmpp(folder, port):
    (folder / "hello.py").write_text(from_port(fenced("python"), port))
    return [sys.executable, "hello.py"]


def smack(folder, port):
    (folder / "Hello.java").write_text(from_port(fenced("java"), port))
    return ["java", "-cp", f"{OUT}/smack/lib/*", "Hello.java"]


def xmppjs(folder, port):
    (folder / "node_modules").symlink_to(OUT / "xmppjs" / "node_modules")
    (folder / "hello.mjs").write_text(from_port(fenced("js"), port))
    return ["env", "NODE_TLS_REJECT_UNAUTHORIZED=0", "node", "hello.mjs"]


def gosendxmpp(folder, port):
    line = re.search(r"^ +(echo .*go-sendxmpp .*)$", PAGE, re.MULTILINE).group(1)
    return ["sh", "-c", from_port(line.replace("backup done", "hello"), port)]


@pytest.fixture(scope="module")
def lovers(server):
    for account in (JULIET, ROMEO):
        server.add([account])


@pytest.mark.parametrize("example", (strophe, slixmpp, smack, xmppjs, gosendxmpp))
def test_example_says_hello(server, lovers, tmp_path, example):
    command = example(tmp_path, server.starttls)

    async def main():
        romeo = await Stream.login(server, ROMEO)
        await romeo.available()
        with (tmp_path / "log").open("wb") as log:
            program = subprocess.Popen(
                command, cwd=tmp_path, stdout=log, stderr=log, env={**os.environ, "HOME": str(tmp_path)}
            )
        try:
            arrived = await romeo.next(CLIENT + "message")
            assert arrived.get("from").startswith(JULIET.jid)
            assert arrived.find(CLIENT + "body").text.strip() == "hello"
            await romeo.close()
        finally:
            program.kill()
            program.wait()
            transcript = Transcript(f"{example.__name__} of docs/clients.md")
            for line in (tmp_path / "log").read_text(errors="replace").splitlines():
                transcript.add("|", line)

    asyncio.run(main())
