"""A chat client on slixmpp, driven by lines: see programs.py for the commands and events."""

import asyncio
import logging
import ssl
import sys

import slixmpp


class Chat(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        # The certificate is one that the server made for itself.
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.add_event_handler("session_start", self.start)
        self.add_event_handler("presence_available", self.present)
        self.add_event_handler("message", self.message)
        self.add_event_handler("message_error", lambda stanza: tell(f"error {stanza['from']}"))
        self.add_event_handler("failed_auth", lambda _: tell("failed not-authorized"))
        self.add_event_handler("disconnected", lambda _: tell("offline"))

    async def start(self, _):
        self.send_presence()

    def present(self, presence):
        if presence["from"] == self.boundjid:
            tell(f"online {self.boundjid.full}")

    def message(self, stanza):
        if stanza["body"]:
            tell(f"got {stanza['from']} {stanza['body']}")


def tell(line):
    print(line, flush=True)


async def main():
    host, port, jid, password, tls = sys.argv[1:]
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    chat = Chat(jid, password)
    chat.enable_direct_tls = tls == "direct"
    chat.enable_starttls = tls == "starttls"
    chat.enable_plaintext = False
    chat.connect(host, int(port))
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    while line := await commands.readline():
        command, _, rest = line.decode().rstrip("\n").partition(" ")
        if command == "say":
            to, _, body = rest.partition(" ")
            chat.send_message(mto=to, mbody=body, mtype="chat")
        elif command == "quit":
            break
    await chat.disconnect()


asyncio.run(main())
