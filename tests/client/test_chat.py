"""Two clients of one kind chat in both directions; a wrong password is refused. Then all kinds with one another."""

import itertools

import pytest

from programs import Slixmpp, Smack, Strophe, XmppJs
from terminal import GoSendxmpp, Profanity

KINDS = (Strophe, Slixmpp, Smack, XmppJs, GoSendxmpp, Profanity)
KINDS_AND_TLS = [pytest.param(k, t, id=f"{k.name}-{t}") for k in KINDS for t in k.tls_kinds]
BODIES = ("hello", "Grüße, 鸿雁 飞 🦢", "1 < 2 && 3 > 2 \"quoted\" 'and' &amp;")


@pytest.mark.parametrize(("kind", "tls"), KINDS_AND_TLS)
def test_chat_both_ways(server, opened, kind, tls):
    romeo, juliet = (kind(server, account, tls) for account in server.accounts(2))
    opened += [romeo, juliet]
    for client in (romeo, juliet):
        assert client.online().startswith(client.jid + "/")
    # Smack writes ]]> as it stands; other servers end its stream for that.
    for body in (*BODIES, "]]> and on"):
        romeo.say(juliet.jid, body)
        juliet.hear(romeo.jid, body)
        juliet.say(romeo.full_jid, "re: " + body)
        romeo.hear(juliet.jid, "re: " + body)


@pytest.mark.parametrize(("kind", "tls"), KINDS_AND_TLS)
def test_wrong_password_is_refused(server, opened, kind, tls):
    client = kind(server, server.account(), tls, password="not the password")
    opened.append(client)
    client.refused()


def test_every_kind_chats_with_every_other(server, opened):
    tls = itertools.cycle(("starttls", "direct"))
    clients = [kind(server, account, next(tls) if len(kind.tls_kinds) > 1 else kind.tls_kinds[0])
               for kind, account in zip(KINDS, server.accounts(len(KINDS)))]
    opened += clients
    for client in clients:
        client.online()
    for sender, receiver in itertools.permutations(clients, 2):
        body = f"from {sender.name} to {receiver.name}"
        sender.say(receiver.jid, body)
        receiver.hear(sender.jid, body)


def test_message_to_nobody_comes_back(server, opened):
    for kind in (Strophe, Slixmpp, Smack, XmppJs):
        client = kind(server, server.account())
        opened.append(client)
        client.online()
        client.say("nobody@localhost", "is anyone there?")
        client.program.expect("error nobody@localhost")


def test_smack_asks_and_comes_back(server, opened):
    """Ping, disco, version, a lost connection, a polite end and a new login on the same connection object."""
    smack, other = Smack(server, server.account()), Slixmpp(server, server.account())
    opened += [smack, other]
    smack.online(), other.online()
    for question, answer in (("ping", "ping true"), ("disco", "disco [1-9]+ true"), ("version", r"version .+")):
        smack.program.command(question)
        smack.program.expect(answer)
    for again in ("reconnect", "relogin"):
        smack.program.command(again)
        smack.online()
        other.say(smack.jid, f"after {again}")
        smack.hear(other.jid, f"after {again}")
        smack.say(other.jid, f"still here after {again}")
        other.hear(smack.jid, f"still here after {again}")
