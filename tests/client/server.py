"""Starts the server under test on free ports with data of its own, and makes accounts: all that is specific to one
server stands in this file. `hongyan` is what is tested; `prosody` tells whether a failing test is the test's fault."""

import dataclasses
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

DOMAIN = "localhost"
HOST = "127.0.0.1"
START_TIMEOUT_S = 20
STOP_TIMEOUT_S = 15


@dataclasses.dataclass(frozen=True)
class Account:
    user: str
    password: str

    @property
    def jid(self):
        return f"{self.user}@{DOMAIN}"


def free_ports(count):
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Server:
    """A running server. `starttls` and `direct` are ports. `limits` differ from the server's own."""

    def __init__(self, shards=3, tls_required=True, limits=None):
        self.shards = shards
        self.tls_required = tls_required
        self.limits = limits or {}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="client-test-"))
        self.starttls, self.direct = free_ports(2)
        self.log = self.folder / "server.log"
        self.process = None
        self._numbers = itertools.count(1)

    # What each server does its own way.

    def configure(self):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def add(self, accounts):
        raise NotImplementedError

    # What is the same for all.

    @property
    def pid(self):
        return self.process.pid

    def port(self, tls):
        return self.direct if tls == "direct" else self.starttls

    def start(self):
        self.configure()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        for port in (self.starttls, self.direct):
            while not self._answers(port):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the server did not start: {self.command()}\n{self.log.read_text()[-4000:]}")
                time.sleep(0.02)
        return self

    def _answers(self, port):
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self):
        """Politely, and returns the exit status; kills (status None) what does not go."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def account(self, stem="user"):
        return self.accounts(1, stem)[0]

    def accounts(self, count, stem="user"):
        made = [Account(f"{stem}{n}", f"pw-{stem}-{n}") for n in itertools.islice(self._numbers, count)]
        self.add(made)
        return made


class Hongyan(Server):
    kind = "hongyan"

    def __init__(self, build, **options):
        super().__init__(**options)
        self.binary = pathlib.Path(build) / "hongyan"
        self.config = self.folder / "hongyan.toml"

    def configure(self):
        self.config.write_text(
            f"""data_dir = "{self.folder}/data"
shards = {self.shards}

[[domain]]
name = "{DOMAIN}"

[listen]
c2s = ["{HOST}:{self.starttls}"]
c2s_tls = ["{HOST}:{self.direct}"]

[tls]
required = {str(self.tls_required).lower()}

[limits]
"""
            + "".join(f"{name} = {value}\n" for name, value in self.limits.items())
        )

    def command(self):
        return [str(self.binary), "serve", "--config", str(self.config)]

    def add(self, accounts):
        if len(accounts) == 1:
            self._user("add", accounts[0].jid, "--password-stdin", input=accounts[0].password + "\n")
            return
        listing = self.folder / "import.tsv"
        listing.write_text("".join(f"{a.jid}\t{a.password}\n" for a in accounts))
        self._user("import", str(listing))

    def _user(self, *words, input=None):
        command = [str(self.binary), "user", *words, "--config", str(self.config)]
        done = subprocess.run(command, input=input, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}")


class Prosody(Server):
    kind = "prosody"

    def __init__(self, build, **options):
        super().__init__(**options)
        self.config = self.folder / "prosody.cfg.lua"

    def configure(self):
        (self.folder / "data").mkdir(exist_ok=True)
        key, certificate = self.folder / "tls.key", self.folder / "tls.crt"
        if not key.exists():
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
                + ["-days", "30", "-subj", f"/CN={DOMAIN}", "-addext", f"subjectAltName=DNS:{DOMAIN}"]
                + ["-keyout", str(key), "-out", str(certificate)],
                check=True,
                capture_output=True,
            )
        self.config.write_text(
            f"""run_as_root = true
pidfile = "{self.folder}/prosody.pid"
data_path = "{self.folder}/data"
modules_enabled = {{ "disco", "saslauth", "tls", "roster", "private", "vcard", "ping", "time", "version", "register" }}
modules_disabled = {{ "s2s", "offline" }}
allow_registration = false
authentication = "internal_plain"
c2s_require_encryption = {str(self.tls_required).lower()}
allow_unencrypted_plain_auth = {str(not self.tls_required).lower()}
interfaces = {{ "{HOST}" }}
c2s_ports = {{ {self.starttls} }}
c2s_direct_tls_ports = {{ {self.direct} }}
network_backend = "epoll"
ssl = {{ key = "{key}"; certificate = "{certificate}" }}
log = {{ info = "*console" }}
VirtualHost "{DOMAIN}"
"""
        )

    def command(self):
        return ["prosody", "--config", str(self.config)]

    def add(self, accounts):
        folder = self.folder / "data" / DOMAIN / "accounts"
        folder.mkdir(parents=True, exist_ok=True)
        for account in accounts:
            name = "".join(chr(b) if chr(b).isalnum() and b < 128 else f"%{b:02x}" for b in account.user.encode())
            (folder / f"{name}.dat").write_text(f'return {{ ["password"] = "{account.password}" }};\n')


def make(kind=None, build=None, **options):
    kind = kind or os.environ.get("SERVER", "hongyan")
    build = build or os.environ.get("BUILD_DIR", "build/release")
    return {"hongyan": Hongyan, "prosody": Prosody}[kind](pathlib.Path(build).absolute(), **options)
