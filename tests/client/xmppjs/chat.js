// A chat client on xmpp.js, driven by lines: see ../programs.py for the commands and events.
import { client, xml, jid } from "@xmpp/client";
import readline from "node:readline";

// The certificate is one that the server made for itself (the runner also sets NODE_TLS_REJECT_UNAUTHORIZED=0).
const [host, port, address, password, tls] = process.argv.slice(2);
const me = jid(address);
const tell = (line) => process.stdout.write(line + "\n");

const xmpp = client({
  service: `${tls === "direct" ? "xmpps" : "xmpp"}://${host}:${port}`,
  domain: me.domain,
  resource: me.resource,
  username: me.local,
  password,
});
xmpp.reconnect.stop();

let online = false;
xmpp.on("element", (element) => process.stderr.write(`RECV ${element}\n`));
xmpp.on("send", (element) => process.stderr.write(`SEND ${element}\n`));
xmpp.on("error", (error) => {
  if (!online) tell(`failed ${error.condition ?? error}`);
});
xmpp.on("online", async () => {
  online = true;
  await xmpp.send(xml("presence"));
});
xmpp.on("offline", () => tell("offline"));
xmpp.on("stanza", (stanza) => {
  if (stanza.is("presence") && stanza.attrs.from === String(xmpp.jid)) tell(`online ${xmpp.jid}`);
  if (!stanza.is("message")) return;
  if (stanza.attrs.type === "error") tell(`error ${stanza.attrs.from}`);
  else if (stanza.getChild("body")) tell(`got ${stanza.attrs.from} ${stanza.getChildText("body")}`);
});

xmpp.start().catch(() => {});

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [command, to, ...words] = line.split(" ");
  if (command === "say") await xmpp.send(xml("message", { to, type: "chat" }, xml("body", {}, words.join(" "))));
  else if (command === "quit") break;
}
await xmpp.stop();
process.exit(0);
