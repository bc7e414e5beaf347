// A chat client on Smack, driven by lines: see ../../../../../programs.py for the commands and events.
package hongyan;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jivesoftware.smack.AbstractXMPPConnection;
import org.jivesoftware.smack.ConnectionConfiguration.SecurityMode;
import org.jivesoftware.smack.ConnectionListener;
import org.jivesoftware.smack.SmackConfiguration;
import org.jivesoftware.smack.StanzaListener;
import org.jivesoftware.smack.filter.StanzaTypeFilter;
import org.jivesoftware.smack.packet.Message;
import org.jivesoftware.smack.packet.MessageBuilder;
import org.jivesoftware.smack.packet.Presence;
import org.jivesoftware.smack.packet.Stanza;
import org.jivesoftware.smack.packet.StanzaBuilder;
import org.jivesoftware.smack.tcp.XMPPTCPConnection;
import org.jivesoftware.smack.tcp.XMPPTCPConnectionConfiguration;
import org.jivesoftware.smackx.disco.ServiceDiscoveryManager;
import org.jivesoftware.smackx.disco.packet.DiscoverInfo;
import org.jivesoftware.smackx.iqversion.VersionManager;
import org.jivesoftware.smackx.ping.PingManager;
import org.jxmpp.jid.EntityFullJid;
import org.jxmpp.jid.Jid;
import org.jxmpp.jid.impl.JidCreate;

public final class Chat {
  private static final PrintStream events =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
  private final XMPPTCPConnection connection;

  private Chat(String host, int port, EntityFullJid jid, String password, boolean direct) throws Exception {
    // The certificate is one that the server made for itself.
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
    XMPPTCPConnectionConfiguration.Builder configuration =
        XMPPTCPConnectionConfiguration.builder()
            .setHost(host)
            .setPort(port)
            .setXmppDomain(jid.asDomainBareJid())
            .setUsernameAndPassword(jid.getLocalpart(), password)
            .setResource(jid.getResourcepart())
            .addEnabledSaslMechanism("SCRAM-SHA-1");
    if (direct) {
      // Smack knows direct TLS by SRV records only; a socket that is TLS from the start does the same.
      configuration.setSocketFactory(context.getSocketFactory()).setSecurityMode(SecurityMode.disabled);
    } else {
      configuration
          .setSecurityMode(SecurityMode.required)
          .setCustomX509TrustManager(new TrustAll())
          .setHostnameVerifier((name, session) -> true);
    }
    connection = new XMPPTCPConnection(configuration.build());
    connection.setReplyTimeout(10000);
    connection.addSyncStanzaListener(this::received, StanzaTypeFilter.MESSAGE);
    connection.addSyncStanzaListener(this::present, StanzaTypeFilter.PRESENCE);
    connection.addConnectionListener(
        new ConnectionListener() {
          @Override
          public void connectionClosed() {
            tell("offline");
          }

          @Override
          public void connectionClosedOnError(Exception e) {
            tell("offline " + e);
          }
        });
  }

  private void received(Stanza stanza) {
    Message message = (Message) stanza;
    if (message.getType() == Message.Type.error) tell("error " + message.getFrom());
    else if (message.getBody() != null) tell("got " + message.getFrom() + " " + message.getBody());
  }

  private void present(Stanza presence) {
    if (presence.getFrom() == null || !presence.getFrom().equals(connection.getUser())) return;
    if (((Presence) presence).isAvailable()) tell("online " + connection.getUser());
  }

  private void login() throws Exception {
    connection.connect();
    connection.login();
    tell("secured " + connection.isSecureConnection() + " sm " + connection.isSmEnabled());
  }

  private void obey(String command, String rest) throws Exception {
    switch (command) {
      case "say":
        int space = rest.indexOf(' ');
        Jid to = JidCreate.from(rest.substring(0, space));
        MessageBuilder message = StanzaBuilder.buildMessage().to(to).ofType(Message.Type.chat);
        connection.sendStanza(message.setBody(rest.substring(space + 1)).build());
        break;
      case "ping":
        tell("ping " + PingManager.getInstanceFor(connection).pingMyServer());
        break;
      case "disco":
        DiscoverInfo info =
            ServiceDiscoveryManager.getInstanceFor(connection).discoverInfo(connection.getXMPPServiceDomain());
        tell("disco " + info.getIdentities().size() + " " + info.containsFeature("urn:xmpp:ping"));
        break;
      case "version":
        tell("version " + VersionManager.getInstanceFor(connection)
                              .getVersion(connection.getXMPPServiceDomain()).getName());
        break;
      case "reconnect":
        ((AbstractXMPPConnection) connection).instantShutdown();
        login();
        break;
      case "relogin":
        connection.disconnect();
        login();
        break;
      default:
        tell("unknown-command " + command);
    }
  }

  private static synchronized void tell(String line) {
    events.println(line);
    events.flush();
  }

  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  public static void main(String[] args) throws Exception {
    System.setOut(System.err);  // Smack's debugger writes there
    SmackConfiguration.DEBUG = Boolean.getBoolean("smack.debug");
    EntityFullJid jid = JidCreate.entityFullFrom(args[2]);
    Chat chat = new Chat(args[0], Integer.parseInt(args[1]), jid, args[3], args[4].equals("direct"));
    try {
      chat.login();
    } catch (Exception e) {
      tell("failed " + e);
      chat.connection.instantShutdown();
      System.exit(1);
    }
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = commands.readLine()) != null && !line.equals("quit"); ) {
      String[] words = line.split(" ", 2);
      try {
        chat.obey(words[0], words.length > 1 ? words[1] : "");
      } catch (Exception e) {
        tell("exception " + e);
        e.printStackTrace();
      }
    }
    chat.connection.disconnect();
    System.exit(0);
  }
}
