"""Clients for people, not made to be driven: go-sendxmpp (one program listens, one is run per message) and profanity
(a terminal of its own, whose screen is read)."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import pexpect
import pyte

from programs import HOST, TIMEOUT_S, Client, Program, Transcript


class GoSendxmpp(Client):
    name = "gosendxmpp"

    def open(self):
        self.home = tempfile.mkdtemp(prefix="client-test-go-")
        title = f"go-sendxmpp -l as {self.jid} over {self.tls}"
        self.program = Program(title, [*self._command(), "-d", "-l"], {"HOME": self.home}, merged=True)

    def _command(self):
        direct = ["-t"] if self.tls == "direct" else []
        address = f"{HOST}:{self.server.port(self.tls)}"
        return ["go-sendxmpp", "-n", *direct, "-u", self.jid, "-p", self.password, "-j", address]

    def online(self):
        # It shows what it receives: its own presence is the sign that it is there.
        self.full_jid = self.program.expect(r".*<presence [^>]*from='([^']*)'.*|.*<presence [^>]*from=\"([^\"]*)\".*").group(1)
        return self.full_jid

    def refused(self):
        return self.program.expect(r".*auth failure.*")

    def say(self, to, body):
        done = subprocess.run(
            [*self._command(), to],
            input=body.encode(),
            capture_output=True,
            env={**os.environ, "HOME": self.home},
            timeout=TIMEOUT_S,
        )
        self.program.transcript.add(">", f"to {to}: {body}: status {done.returncode} {done.stderr!r}")
        assert done.returncode == 0, done.stderr

    def hear(self, sender, body):
        self.program.expect(rf".*Z {re.escape(sender)}: {re.escape(body)}.*")

    def close(self):
        self.program.end()
        shutil.rmtree(self.home, ignore_errors=True)


class Profanity(Client):
    name = "profanity"
    tls_kinds = ("starttls",)  # over direct TLS, version 0.13 does not let a script accept the certificate

    def open(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="client-test-profanity-"))
        for folder, file, text in (
            ("data", "accounts", self._account()),
            ("config", "profrc", "[connection]\naccount=me\n[ui]\nsplash=false\n"),
        ):
            (self.home / folder / "profanity").mkdir(parents=True)
            (self.home / folder / "profanity" / file).write_text(text)
        self.transcript = Transcript(f"profanity as {self.jid} over {self.tls}")
        self.screen = pyte.Screen(200, 50)
        self.stream = pyte.Stream(self.screen)
        self.log = self.home / "log"
        self.terminal = pexpect.spawn(
            "profanity",
            ["-a", "me", "-l", "DEBUG", "-f", str(self.log)],
            env={
                **os.environ,
                "HOME": str(self.home),
                "XDG_DATA_HOME": str(self.home / "data"),
                "XDG_CONFIG_HOME": str(self.home / "config"),
                "TERM": "xterm",
                "LC_ALL": "C.UTF-8",
            },
            dimensions=(50, 200),
            encoding="utf-8",
        )

    def _account(self):
        return (
            f"[me]\nenabled=true\njid={self.jid}\nresource={self.resource}\nserver={HOST}\n"
            f"port={self.server.port(self.tls)}\npassword={self.password}\ntls.policy=trust\n"
        )

    def _type(self, line):
        self.transcript.add(">", line)
        self.terminal.send(line + "\r")

    def _see(self, pattern, gaps=True):
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                self.stream.feed(self.terminal.read_nonblocking(65536, 0.05))
            except pexpect.TIMEOUT:
                pass
            except pexpect.EOF:
                break
            for line in self.screen.display:
                if match := re.search(pattern, line if gaps else line.replace(" ", "")):
                    self.transcript.add("<", line.rstrip())
                    return match
        for line in filter(str.strip, self.screen.display):
            self.transcript.add("screen", line.rstrip())
        raise AssertionError(f"{self.transcript.title}: no {pattern!r} on the screen")

    def online(self):
        self.full_jid = self._see(r" (\S+) logged in successfully").group(1)
        self._type("/ping")  # its presence went out before
        self._see(r"Ping response from server")
        return self.full_jid

    def refused(self):
        return self._see(r"Login failed")

    def say(self, to, body):
        self._type(f"/msg {to} {body}")

    def hear(self, sender, body):
        self._type(f"/msg {sender}")
        self._see(re.escape(body.replace(" ", "")), gaps=False)  # the screen puts gaps behind wide letters

    def close(self):
        self._type("/quit")
        try:
            self.terminal.expect(pexpect.EOF, timeout=3)
        except pexpect.TIMEOUT:
            pass
        self.terminal.close(force=True)
        if self.log.exists():
            for line in self.log.read_text(errors="replace").splitlines():
                self.transcript.add("|", line)
        shutil.rmtree(self.home, ignore_errors=True)
