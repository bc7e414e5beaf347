"""Client programs, each made with a library that is not ours, all driven alike by lines on stdin and stdout.

    arguments   HOST PORT JID PASSWORD starttls|direct
    commands    say TO BODY        a chat message           quit        leave politely
                some know more: ping, disco, version, reconnect
    events      online FULL_JID    logged in, and its own presence came back: messages reach it now
                failed WHY         could not log in
                got FROM BODY      a message arrived
                error FROM         a message came back
                offline            the stream ended
"""

import os
import pathlib
import queue
import re
import subprocess
import sys
import threading
import time

HOST = "127.0.0.1"
HERE = pathlib.Path(__file__).parent
OUT = pathlib.Path(os.environ.get("CLIENT_BUILD", HERE.parent.parent / "build" / "client"))
TIMEOUT_S = 15


class Transcript:
    """What a client said, did and logged, printed when a test fails."""

    everything = []

    def __init__(self, title):
        self.title = title
        self.lines = []
        self.started = time.monotonic()
        Transcript.everything.append(self)

    def add(self, mark, line):
        self.lines.append(f"{time.monotonic() - self.started:7.3f} {mark} {line}")

    def __str__(self):
        lines = self.lines if len(self.lines) <= 120 else self.lines[:20] + ["   …"] + self.lines[-100:]
        return f"--- {self.title}\n" + "\n".join(line[:600] for line in lines)


class Program:
    """One running client program."""

    def __init__(self, title, command, env=None, merged=False):
        self.transcript = Transcript(title)
        self.events = queue.Queue()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE,
            env={**os.environ, **(env or {})},
        )
        streams = [(self.process.stdout, "<", self.events.put)]
        if not merged:
            streams.append((self.process.stderr, "|", None))
        for arguments in streams:
            threading.Thread(target=self._read, args=arguments, daemon=True).start()

    def _read(self, stream, mark, sink):
        for raw in stream:
            line = raw.decode(errors="replace").rstrip("\n")
            self.transcript.add(mark, line)
            if sink:
                sink(line)
        if sink:
            sink(None)

    def command(self, line):
        self.transcript.add(">", line)
        try:
            self.process.stdin.write((line + "\n").encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            self.transcript.add("!", "the program has ended")

    def expect(self, pattern, timeout=TIMEOUT_S):
        """The match of the first event that fits; what comes before it is passed over."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self.events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{self.transcript.title}: no {pattern!r} within {timeout} s") from None
            if line is None:
                self.events.put(None)
                raise AssertionError(f"{self.transcript.title}: ended before {pattern!r}")
            if match := re.fullmatch(pattern, line):
                return match

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Client:
    """A client that can log in and chat. The four below speak the line language and need
    no more than their command; terminal.py has two that must be driven in ways of their own."""

    tls_kinds = ("starttls", "direct")

    def __init__(self, server, account, tls="starttls", password=None):
        self.server, self.account, self.tls = server, account, tls
        self.password = password or account.password
        self.resource = self.name
        self.jid = account.jid
        self.open()

    def open(self):
        arguments = [HOST, str(self.server.port(self.tls)), f"{self.jid}/{self.resource}"]
        title = f"{self.name} as {self.jid} over {self.tls}"
        self.program = Program(title, self.base() + arguments + [self.password, self.tls], self.env())

    def env(self):
        return {}

    def online(self):
        self.full_jid = self.program.expect(r"online (.*)").group(1)
        return self.full_jid

    def refused(self):
        return self.program.expect(r"failed .*")

    def say(self, to, body):
        self.program.command(f"say {to} {body}")

    def hear(self, sender, body):
        self.program.expect(rf"got {re.escape(sender)}(/\S+)? {re.escape(body)}")

    def close(self):
        self.program.command("quit")
        try:
            self.program.process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        self.program.end()


class Strophe(Client):
    name = "strophe"

    def base(self):
        return [str(OUT / "strophe_chat")]


class Slixmpp(Client):
    name = "slixmpp"

    def base(self):
        return [sys.executable, str(HERE / "slixmpp_chat.py")]


class Smack(Client):
    name = "smack"

    def base(self):
        classes = f"{OUT}/smack/classes:{OUT}/smack/lib/*"
        return ["java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Dsmack.debug=true"] + [
            "-Dsmack.debuggerClass=org.jivesoftware.smack.debugger.ConsoleDebugger",
            "-cp",
            classes,
            "hongyan.Chat",
        ]


class XmppJs(Client):
    name = "xmppjs"

    def base(self):
        return ["node", "--no-warnings", str(OUT / "xmppjs" / "chat.js")]

    def env(self):
        return {"NODE_TLS_REJECT_UNAUTHORIZED": "0"}
