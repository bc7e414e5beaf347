"""What only a client without a library can try: moves between shards with bytes behind, mechanisms, limits, rules of
the stream."""

import asyncio

import pytest

import raw
from raw import CLIENT, HEADER, LIMITS, STREAM, Refused, Stream, StreamEnded, bind_request, message
from server import Account

LOGINS = 1000
AT_ONCE = 20
SCRAM = ("SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512")


async def log_in_behind(server, account, number):
    """PLAIN and what follows it in one record: the stream's next header, for every other one also bind and presence."""
    stream = await Stream.connect(server, ("direct", "starttls")[number % 2])
    eager = number % 4 < 2
    behind = HEADER + (bind_request("raw") + "<presence/>" if eager else "")
    if server.kind == "hongyan":
        await stream.authenticate(account, behind=behind)
    else:  # others read what is behind as a part of the old stream
        await stream.authenticate(account)
        stream.send(behind)
    await stream.next(STREAM + "features")
    if not eager:
        stream.send(bind_request("raw") + "<presence/>")
    await stream.bound()
    echo = await stream.next(CLIENT + "presence")
    assert echo.get("from") == stream.full_jid == f"{account.jid}/raw"
    return stream


def test_no_login_is_lost_in_a_move(server):
    """An account's home is one of three shards, a connection is accepted by any: two of three move within SASL."""

    async def main():
        accounts = server.accounts(LOGINS, "mover")
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number):
            async with gate:
                return await log_in_behind(server, accounts[number], number)

        streams = await asyncio.gather(*(one(n) for n in range(LOGINS)))
        for stream, peer in zip(streams, streams[1:] + streams[:1]):
            stream.send(message(peer.full_jid, f"from {stream.full_jid}"))
        for stream, peer in zip(streams, streams[-1:] + streams[:-1]):
            arrived = await stream.next(CLIENT + "message")
            assert arrived.get("from") == peer.full_jid
            assert arrived.find(CLIENT + "body").text == f"from {peer.full_jid}"
        for stream in streams:
            stream.send("</stream:stream>")
        for stream in streams:
            with pytest.raises(StreamEnded):
                await stream.next()
            stream.cut()

    asyncio.run(main())


@pytest.mark.parametrize("tls", ("starttls", "direct"))
@pytest.mark.parametrize("mechanism", ("PLAIN", *SCRAM, *(m + "-PLUS" for m in SCRAM)))
def test_mechanism(server, mechanism, tls):
    async def main():
        account = server.account("scram")
        stream = await Stream.connect(server, tls)
        if server.kind != "hongyan" and mechanism not in stream.mechanisms():
            pytest.skip(f"{server.kind} does not offer it")
        await stream.authenticate(account, mechanism)
        await stream.open()
        await stream.bind()
        assert stream.full_jid == f"{account.jid}/raw"
        await stream.close()
        for wrong in (Account(account.user, "wrong"), Account(f"nobody-{mechanism.lower()}-{tls}", "wrong")):
            stream = await Stream.connect(server, tls)
            with pytest.raises(Refused, match="not-authorized"):
                await stream.authenticate(wrong, mechanism)
            stream.cut()

    asyncio.run(main())


def limit_of(stream):
    announced = stream.features.find(f"{LIMITS}limits/{LIMITS}max-bytes")
    return int(announced.text) if announced is not None else 256 * 1024


def padded(to, size):
    """A message of exactly so many bytes."""
    frame = len(message(to, ""))
    return message(to, "x" * (size - frame))


def test_stanza_at_the_limit_and_one_past(server):
    async def main():
        sender, receiver, other = [await Stream.login(server, a) for a in server.accounts(3)]
        limit = limit_of(sender)
        sender.send(padded(receiver.full_jid, limit))
        arrived = await receiver.next(CLIENT + "message")
        assert len(arrived.find(CLIENT + "body").text) == limit - len(message(receiver.full_jid, ""))
        if server.kind != "hongyan":
            limit += 65536  # it looks at its buffer's size, not the stanza's
        sender.send(padded(receiver.full_jid, limit + 1))
        with pytest.raises(StreamEnded, match="policy-violation"):
            await sender.next()
        other.send(message(receiver.full_jid, "nothing noticed"))
        arrived = await receiver.next(CLIENT + "message")
        assert arrived.get("from") == other.full_jid
        await receiver.close()
        await other.close()

    asyncio.run(main())


BROKEN = {
    "not-well-formed": "<message><body></message>",
    "undeclared prefix": "<a:b/>",
    "comment": "<!-- hello -->",
    "processing instruction": "<?php hello ?>",
    "document type": "<!DOCTYPE a [<!ENTITY b 'c'>]>",
    "entity": "<message><body>&nbsp;</body></message>",
    "not UTF-8": b"<message><body>\xff\xfe</body></message>",
}
RESTRICTED = {"comment", "processing instruction", "document type"}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_xml_ends_its_stream_only(server, name):
    async def main():
        broken, other = [await Stream.login(server, a) for a in server.accounts(2)]
        broken.send(BROKEN[name])
        with pytest.raises(StreamEnded) as ended:
            await broken.next()
        if server.kind == "hongyan":
            wanted = {"restricted-xml"} if name in RESTRICTED else {"not-well-formed"}
            wanted |= {"bad-namespace-prefix"} if name == "undeclared prefix" else set()
            wanted |= {"unsupported-encoding"} if name == "not UTF-8" else set()
            wanted |= {"restricted-xml"} if name == "entity" else set()
            assert ended.value.args[0] in wanted
        await other.ask("<ping xmlns='urn:xmpp:ping'/>", to="localhost")
        await other.close()

    asyncio.run(main())


def test_bytes_behind_starttls_never_reach_the_stream(server):
    async def main():
        reader, writer = await asyncio.open_connection("127.0.0.1", server.starttls)
        stream = Stream(reader, writer, "none")
        await stream.open()
        stream.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + HEADER)
        with pytest.raises((StreamEnded, ConnectionError)):
            while True:
                await stream.next(timeout=5)
        stream.cut()

    if server.kind != "hongyan":
        pytest.skip("ours to keep (DESIGN §7)")
    asyncio.run(main())


def test_plain_is_not_offered_without_tls(server):
    async def main():
        reader, writer = await asyncio.open_connection("127.0.0.1", server.starttls)
        stream = Stream(reader, writer, "none")
        features = await stream.open()
        assert features.find(raw.TLS + "starttls") is not None
        assert "PLAIN" not in stream.mechanisms()
        with pytest.raises((Refused, StreamEnded)):
            await stream.authenticate(server.account())
        stream.cut()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("payload", "kind", "to", "wanted"),
    (
        ("<what xmlns='urn:example:unknown'/>", "get", None, "service-unavailable"),
        ("<what xmlns='urn:example:unknown'/>", "set", "localhost", "service-unavailable"),
        ("<ping xmlns='urn:xmpp:ping'/>", "get", "nobody@localhost/there", "service-unavailable"),
        ("<ping xmlns='urn:xmpp:ping'/>", "get", "elsewhere.example", "remote-server-not-found"),
        ("<ping xmlns='urn:xmpp:ping'/><ping xmlns='urn:xmpp:ping'/>", "get", "localhost", "bad-request"),
        ("", "get", "localhost", "bad-request"),
        ("<ping xmlns='urn:xmpp:ping'/>", "get", "not a jid@@", "jid-malformed"),
    ),
)
def test_iq_error(server, payload, kind, to, wanted):
    async def main():
        stream = await Stream.login(server, server.account())
        answer = await stream.ask(payload, kind, to)
        if server.kind == "hongyan":
            assert raw.condition(answer) == wanted
        else:
            raw.condition(answer)
        await stream.close()

    asyncio.run(main())


def test_from_is_the_servers(server):
    async def main():
        liar, receiver = [await Stream.login(server, a) for a in server.accounts(2)]
        forged = message(receiver.full_jid, "it is me").replace("<message ", f"<message from='{liar.full_jid}' ")
        liar.send(forged)
        arrived = await receiver.next(CLIENT + "message")
        assert arrived.get("from") == liar.full_jid
        liar.send(forged.replace(liar.full_jid, "king@localhost/throne"))
        try:
            arrived = await receiver.next(CLIENT + "message", timeout=2)
            assert arrived.get("from") == liar.full_jid
        except asyncio.TimeoutError:
            with pytest.raises(StreamEnded, match="invalid-from"):
                await liar.next()
        liar.cut()
        await receiver.close()

    asyncio.run(main())
