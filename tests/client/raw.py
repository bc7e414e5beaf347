"""XMPP by hand: a stream over asyncio with no XMPP library, for what libraries never do (several steps in one record,
sizes to the byte, connections cut at will). Elements are those of xml.etree."""

import asyncio
import base64
import hashlib
import hmac
import secrets
import ssl
import xml.etree.ElementTree as ET

DOMAIN = "localhost"
CLIENT = "{jabber:client}"
STREAM = "{http://etherx.jabber.org/streams}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
TLS = "{urn:ietf:params:xml:ns:xmpp-tls}"
BIND = "{urn:ietf:params:xml:ns:xmpp-bind}"
STREAMS = "{urn:ietf:params:xml:ns:xmpp-streams}"
STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
LIMITS = "{urn:xmpp:stream-limits:0}"
TIMEOUT_S = 20

HEADER = (
    f"<?xml version='1.0'?><stream:stream to='{DOMAIN}' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>"
)


class Refused(Exception):
    """SASL failure; the argument is the condition."""


class StreamEnded(Exception):
    """The connection ended; the argument is the stream error's condition, or None."""


def trusting():
    """A context that takes the certificate that the server made for itself."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


CONTEXT = trusting()


def local(element):
    return element.tag.rpartition("}")[2]


class Stream:
    def __init__(self, reader, writer, tls):
        self.reader, self.writer, self.tls = reader, writer, tls
        self.pending = b""
        self.full_jid = None
        self.features = None
        self.restart()

    @classmethod
    async def connect(cls, server, tls="starttls"):
        """Ready for SASL: TLS is on, `features` are those after it. tls: starttls, direct or none."""
        context = CONTEXT if tls == "direct" else None
        name = DOMAIN if context else None
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", server.port(tls), ssl=context, server_hostname=name, limit=1 << 20
        )
        stream = cls(reader, writer, tls)
        await stream.open()
        if tls == "starttls":
            await stream.start_tls()
        return stream

    def restart(self):
        """What follows is a new document."""
        self.parser = ET.XMLPullParser(("start", "end"))
        self.depth = 0
        self.root = None

    def send(self, text):
        self.writer.write(text if isinstance(text, bytes) else text.encode())

    async def open(self):
        self.restart()
        self.send(HEADER)
        self.features = await self.next(STREAM + "features")
        return self.features

    async def start_tls(self):
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        await self.next(TLS + "proceed")
        assert not self.pending
        await self.writer.start_tls(CONTEXT, server_hostname=DOMAIN)
        return await self.open()

    def mechanisms(self):
        return [m.text for m in self.features.iter(SASL + "mechanism")]

    async def next(self, tag=None, timeout=TIMEOUT_S):
        """The next element of the stream; with `tag`, anything else is an error."""
        element = await asyncio.wait_for(self._element(), timeout)
        if element.tag == STREAM + "error":
            raise StreamEnded(next((local(e) for e in element if e.tag.startswith(STREAMS)), "none"))
        if element.tag == SASL + "failure":
            raise Refused(local(element[0]))
        if tag and element.tag != tag:
            raise AssertionError(f"expected {tag}, got {ET.tostring(element, 'unicode')}")
        return element

    async def _element(self):
        # Fed in pieces that end at a '>': so no byte behind an element is given to the parser before its end was seen,
        # and a restart can begin a new document at the right byte.
        while True:
            end = self.pending.find(b">")
            if end < 0:
                more = await self.reader.read(65536)
                if not more:
                    raise StreamEnded(None)
                self.pending += more
                continue
            self.parser.feed(self.pending[: end + 1])
            self.pending = self.pending[end + 1 :]
            for event, element in self.parser.read_events():
                if event == "start":
                    self.depth += 1
                    self.root = element if self.depth == 1 else self.root
                    continue
                self.depth -= 1
                if self.depth == 0:
                    raise StreamEnded(None)
                if self.depth == 1:
                    self.root.clear()
                    return element

    # Login.

    async def authenticate(self, account, mechanism="PLAIN", behind=""):
        """`behind` is sent in one record with a PLAIN attempt."""
        if mechanism == "PLAIN":
            initial = base64.b64encode(f"\0{account.user}\0{account.password}".encode()).decode()
            self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{initial}</auth>{behind}")
            await self.next(SASL + "success")
        else:
            await self._scram(account, mechanism)
        self.restart()

    async def _scram(self, account, mechanism):
        scram = Scram(account, mechanism, self.writer.get_extra_info("ssl_object"))
        self.send(
            f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{b64(scram.first())}</auth>"
        )
        challenge = await self.next(SASL + "challenge")
        self.send(
            f"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
            f"{b64(scram.final(base64.b64decode(challenge.text)))}</response>"
        )
        success = await self.next(SASL + "success")
        assert base64.b64decode(success.text or "") == scram.signature(), "the server's signature is wrong"

    async def bind(self, resource="raw"):
        self.send(bind_request(resource))
        await self.bound()

    async def bound(self):
        answer = await self.next(CLIENT + "iq")
        assert answer.get("type") == "result", ET.tostring(answer, "unicode")
        self.full_jid = answer.find(f"{BIND}bind/{BIND}jid").text

    @classmethod
    async def login(cls, server, account, tls="starttls", mechanism="PLAIN", resource="raw"):
        stream = await cls.connect(server, tls)
        await stream.authenticate(account, mechanism)
        await stream.open()
        await stream.bind(resource)
        return stream

    async def available(self):
        """Sends presence and waits for its echo: from then on messages to the bare JID arrive."""
        self.send("<presence/>")
        while True:
            stanza = await self.next()
            if stanza.tag == CLIENT + "presence" and stanza.get("from") == self.full_jid:
                return

    async def ask(self, payload, kind="get", to=None):
        """Sends an IQ and returns its answer, whatever else arrives before."""
        name = secrets.token_hex(4)
        address = f" to='{to}'" if to else ""
        self.send(f"<iq type='{kind}' id='{name}'{address}>{payload}</iq>")
        while True:
            stanza = await self.next()
            if stanza.tag == CLIENT + "iq" and stanza.get("id") == name:
                return stanza

    async def close(self):
        """Politely: waits for the server's closing tag."""
        self.send("</stream:stream>")
        try:
            while True:
                await self.next(timeout=5)
        except (StreamEnded, ConnectionError, asyncio.TimeoutError):
            pass
        self.cut()

    def cut(self):
        self.writer.transport.abort()


def bind_request(resource):
    return (
        f"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
        f"<resource>{resource}</resource></bind></iq>"
    )


def message(to, body, kind="chat", name="m"):
    return f"<message to='{to}' type='{kind}' id='{name}'><body>{body}</body></message>"


def condition(stanza):
    """The condition of a stanza error."""
    error = stanza.find(CLIENT + "error")
    assert stanza.get("type") == "error" and error is not None, ET.tostring(stanza, "unicode")
    return next(local(e) for e in error if e.tag.startswith(STANZAS))


def b64(data):
    return base64.b64encode(data).decode()


class Scram:
    """RFC 5802, the client's side; with -PLUS bound to the server's certificate (RFC 5929 §4.1)."""

    def __init__(self, account, mechanism, tls):
        self.account = account
        self.hash = {"1": "sha1", "256": "sha256", "512": "sha512"}[mechanism.removesuffix("-PLUS").split("-")[2]]
        if mechanism.endswith("-PLUS"):
            self.header = b"p=tls-server-end-point,,"
            self.binding = hashlib.sha256(tls.getpeercert(binary_form=True)).digest()
        else:
            self.header, self.binding = b"n,,", b""
        self.nonce = secrets.token_urlsafe(18).encode()

    def first(self):
        self.first_bare = b"n=" + self.account.user.encode() + b",r=" + self.nonce
        return self.header + self.first_bare

    def final(self, challenge):
        parts = dict(part.split(b"=", 1) for part in challenge.split(b","))
        assert parts[b"r"].startswith(self.nonce) and len(parts[b"r"]) > len(self.nonce)
        salted = hashlib.pbkdf2_hmac(
            self.hash, self.account.password.encode(), base64.b64decode(parts[b"s"]), int(parts[b"i"])
        )
        without_proof = b"c=" + base64.b64encode(self.header + self.binding) + b",r=" + parts[b"r"]
        signed = self.first_bare + b"," + challenge + b"," + without_proof
        client_key = hmac.digest(salted, b"Client Key", self.hash)
        proof = hmac.digest(hashlib.new(self.hash, client_key).digest(), signed, self.hash)
        self.expected = hmac.digest(hmac.digest(salted, b"Server Key", self.hash), signed, self.hash)
        return without_proof + b",p=" + base64.b64encode(bytes(a ^ b for a, b in zip(client_key, proof)))

    def signature(self):
        return b"v=" + base64.b64encode(self.expected)
