"""slixmpp as an application would use it: features of the server, presence, conflict, order, unusual text."""

import asyncio
import contextlib
import logging
import ssl

import pytest
import slixmpp
from slixmpp.exceptions import IqError

import raw
from programs import Transcript
from server import DOMAIN, HOST, Account

TIMEOUT_S = 20
PLUGINS = ("xep_0030", "xep_0049", "xep_0054", "xep_0077", "xep_0092", "xep_0199", "xep_0202")


class Session(slixmpp.ClientXMPP):
    """One login; `seen` holds what arrived, in order."""

    def __init__(self, server, account, resource):
        super().__init__(f"{account.jid}/{resource}", account.password)
        self.port = server.starttls
        self.ssl_context = raw.trusting()
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.enable_direct_tls, self.enable_plaintext = False, False
        for plugin in PLUGINS:
            self.register_plugin(plugin)
        self.seen = asyncio.Queue()
        self.outcome = asyncio.get_running_loop().create_future()
        self.add_event_handler("session_start", lambda _: self._conclude(None))
        self.add_event_handler("failed_all_auth", lambda _: self._conclude(PermissionError("not-authorized")))
        self.add_event_handler("message", self.seen.put_nowait)
        self.add_event_handler("message_error", self.seen.put_nowait)
        self.add_event_handler("presence", self.seen.put_nowait)
        self.add_event_handler("stream_error", self.seen.put_nowait)
        transcript = Transcript(f"slixmpp as {account.jid}/{resource}")
        for direction, mark in (("in", "<"), ("out", ">")):
            self.add_filter(direction, lambda s, mark=mark: transcript.add(mark, str(s)) or s)

    def _conclude(self, failure):
        if self.outcome.done():
            return
        self.outcome.set_exception(failure) if failure else self.outcome.set_result(None)

    async def login(self, presence=True):
        self.connect(HOST, self.port)
        await asyncio.wait_for(self.outcome, TIMEOUT_S)
        if presence:
            self.send_presence()
            await self.until(lambda s: s.name == "presence" and s["from"] == self.boundjid)
        return self

    async def until(self, fits, timeout=TIMEOUT_S):
        """The first stanza that fits; those before it are dropped."""
        async with asyncio.timeout(timeout):
            while True:
                stanza = await self.seen.get()
                if fits(stanza):
                    return stanza

    async def leave(self):
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.disconnect(), 5)


@pytest.fixture
def login(server):
    """login(account, resource, …) for coroutines run by `play`; all sessions leave at the end."""
    sessions = []

    async def log_in(account, resource="slix", **options):
        session = Session(server, account, resource)
        sessions.append(session)
        return await session.login(**options)

    log_in.sessions = sessions
    logging.getLogger("slixmpp").setLevel(logging.CRITICAL)
    return log_in


def play(login, scene):
    async def whole():
        try:
            await scene
        finally:
            await asyncio.gather(*(s.leave() for s in login.sessions if s.is_connected()))

    asyncio.run(whole())


def test_server_answers_what_it_announces(server, login):
    async def scene():
        me = await login(server.account())
        disco = (await me.plugin["xep_0030"].get_info(DOMAIN))["disco_info"]
        assert ("server", "im") in {identity[:2] for identity in disco["identities"]}
        for feature in (
            "http://jabber.org/protocol/disco#info",
            "http://jabber.org/protocol/disco#items",
            "jabber:iq:version",
            "urn:xmpp:ping",
            "urn:xmpp:time",
            "vcard-temp",
            "jabber:iq:private",
        ):
            assert feature in disco["features"], feature
        await me.plugin["xep_0030"].get_items(DOMAIN)
        assert await me.plugin["xep_0199"].ping(DOMAIN) < 5
        version = (await me.plugin["xep_0092"].get_version(DOMAIN))["software_version"]
        assert version["name"].lower() == server.kind
        time = await me.plugin["xep_0202"].get_entity_time(DOMAIN)
        assert time.xml.find(".//{urn:xmpp:time}utc").text.endswith("Z")  # slixmpp's own reading of it is broken

    play(login, scene())


def test_one_clients_ping_to_another(server, login):
    async def scene():
        one, other = [await login(a) for a in server.accounts(2)]
        assert await one.plugin["xep_0199"].ping(other.boundjid) < 5

    play(login, scene())


def test_private_xml_outlives_the_session(server, login):
    async def scene():
        account = server.account()
        me = await login(account)
        notes = slixmpp.xmlstream.ET.fromstring("<exodus xmlns='exodus:prefs'><nick>Grüße &amp; 鸿雁</nick></exodus>")
        iq = me.make_iq_set()
        query = slixmpp.xmlstream.ET.SubElement(iq.xml, "{jabber:iq:private}query")
        query.append(notes)
        await iq.send(timeout=TIMEOUT_S)
        await me.leave()
        me = await login(account, "again")
        iq = me.make_iq_get()
        query = slixmpp.xmlstream.ET.SubElement(iq.xml, "{jabber:iq:private}query")
        slixmpp.xmlstream.ET.SubElement(query, "{exodus:prefs}exodus")
        answer = await iq.send(timeout=TIMEOUT_S)
        assert answer.xml.find(".//{exodus:prefs}nick").text == "Grüße & 鸿雁"

    play(login, scene())


def test_vcard_is_seen_by_others(server, login):
    async def scene():
        one, other = [await login(a) for a in server.accounts(2)]
        card = one.plugin["xep_0054"].make_vcard()
        card["FN"] = "Röschen O'Hara <rose>"
        await one.plugin["xep_0054"].publish_vcard(card)
        seen = await other.plugin["xep_0054"].get_vcard(one.boundjid.bare)
        assert seen["vcard_temp"]["FN"] == "Röschen O'Hara <rose>"
        with pytest.raises(IqError):
            await other.plugin["xep_0054"].get_vcard(f"nobody@{DOMAIN}")

    play(login, scene())


def test_password_change(server, login):
    async def scene():
        account = server.account()
        me = await login(account)
        await me.plugin["xep_0077"].change_password("another pässword", jid=DOMAIN)
        await me.leave()
        with pytest.raises(PermissionError):
            await login(account, "old")
        await login(Account(account.user, "another pässword"), "new")

    play(login, scene())


def test_account_removal(server, login):
    async def scene():
        account = server.account()
        me = await login(account)
        await me.plugin["xep_0077"].cancel_registration(jid=DOMAIN)
        await me.leave()
        with pytest.raises(PermissionError):
            await login(account, "ghost")

    play(login, scene())


def test_iq_errors(server, login):
    async def scene():
        me = await login(server.account())
        iq = me.make_iq_get(queryxmlns="urn:example:unknown", ito=DOMAIN)
        with pytest.raises(IqError) as refused:
            await iq.send(timeout=TIMEOUT_S)
        assert refused.value.condition == "service-unavailable"
        with pytest.raises(IqError) as refused:
            await me.plugin["xep_0199"].send_ping(f"nobody@{DOMAIN}/there")
        assert refused.value.condition == "service-unavailable"
        if server.kind == "hongyan":
            with pytest.raises(IqError) as refused:
                await me.plugin["xep_0030"].get_info("elsewhere.example")
            assert refused.value.condition == "remote-server-not-found"

    play(login, scene())


def test_presence_between_own_resources(server, login):
    def available(session, other):
        return session.until(lambda s: s.name == "presence" and s["from"] == other.boundjid and s["type"] == "available")

    def gone(session, other):
        return session.until(
            lambda s: s.name == "presence" and s["from"] == other.boundjid and s["type"] == "unavailable"
        )

    async def scene():
        account = server.account()
        phone = await login(account, "phone")
        desk = await login(account, "desk", presence=False)
        desk.send_presence()
        await asyncio.gather(available(phone, desk), available(desk, phone))
        desk.send_presence(pshow="away", pstatus="à table")
        seen = await phone.until(lambda s: s.name == "presence" and s["from"] == desk.boundjid and s["show"] == "away")
        assert seen["status"] == "à table"
        await desk.leave()
        await gone(phone, desk)
        lost = await login(account, "train")
        await available(phone, lost)
        lost.transport.abort()
        await gone(phone, lost)

    play(login, scene())


def test_the_older_of_two_equal_resources_ends_with_conflict(server, login):
    async def scene():
        account, friend = server.accounts(2)
        old = await login(account, "same")
        friend = await login(friend)
        new = await login(account, "same")
        error = await old.until(lambda s: s.name == "error")
        assert error["condition"] == "conflict"
        friend.send_message(mto=new.boundjid.full, mbody="to the new one")
        arrived = await new.until(lambda s: s.name == "message")
        assert arrived["body"] == "to the new one"

    play(login, scene())


def test_ten_thousand_messages_in_order(server, login):
    count = 10_000

    async def scene():
        one, other = [await login(a) for a in server.accounts(2)]
        for number in range(count):
            one.send_message(mto=other.boundjid.full, mbody=str(number))
            if number % 500 == 0:
                await asyncio.sleep(0)
        for number in range(count):
            arrived = await other.until(lambda s: s.name == "message")
            assert arrived["type"] in ("chat", "normal") and arrived["body"] == str(number)

    play(login, scene())


UNUSUAL = {
    "Chinese": "鸿雁在云鱼在水",
    "Arabic": "السلام عليكم",
    "beyond the first plane": "𝄞 🦢 𠀋 👩‍👩‍👧‍👦",
    "combining": "e\u0301 \u0928\u093f",
    "markup": "<body>&amp;</body> ]]> <![CDATA[ ]]>",
    "white space": " two  spaces,\ttab,\nline ",
    "edges of XML": "\u0085\ud7ff\ue000\ufffd\U00010000\U0010ffff",
    "long": "長" * 20_000,
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_text_arrives_unchanged(server, login, name):
    async def scene():
        one, other = [await login(a) for a in server.accounts(2)]
        one.send_message(mto=other.boundjid.full, mbody=UNUSUAL[name], mtype="chat")
        arrived = await other.until(lambda s: s.name == "message")
        assert arrived["body"] == UNUSUAL[name]

    play(login, scene())


def test_names_outside_ascii(server, login):
    async def scene():
        account = Account("鸿雁", "пароль")
        server.add([account])
        goose, other = await login(account, "Büro"), await login(server.account())
        assert goose.boundjid.full == f"鸿雁@{DOMAIN}/Büro"
        other.send_message(mto=f"鸿雁@{DOMAIN}", mbody="hello", mtype="chat")
        arrived = await goose.until(lambda s: s.name == "message")
        goose.send_message(mto=arrived["from"], mbody="re: hello", mtype="chat")
        assert (await other.until(lambda s: s.name == "message"))["from"] == goose.boundjid

    play(login, scene())
