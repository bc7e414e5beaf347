// A chat client on libstrophe, driven by lines: see ../programs.py for the commands and events.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>
#include <unistd.h>

struct client {
  xmpp_ctx_t *ctx;
  xmpp_conn_t *conn;
  int online;
  int ended;
};

static int on_message(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *userdata) {
  (void)conn;
  struct client *me = userdata;
  const char *type = xmpp_stanza_get_type(stanza);
  const char *from = xmpp_stanza_get_from(stanza);
  if (type && strcmp(type, "error") == 0) {
    printf("error %s\n", from ? from : "-");
    return 1;
  }
  char *body = xmpp_message_get_body(stanza);
  if (body) {
    printf("got %s %s\n", from ? from : "-", body);
    xmpp_free(me->ctx, body);
  }
  return 1;
}

static int on_presence(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *userdata) {
  (void)userdata;
  const char *from = xmpp_stanza_get_from(stanza);
  const char *me = xmpp_conn_get_bound_jid(conn);
  if (!from || strcmp(from, me) != 0 || xmpp_stanza_get_type(stanza)) return 1;
  printf("online %s\n", me);
  return 1;
}

static void on_connection(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
                          xmpp_stream_error_t *stream_error, void *userdata) {
  struct client *me = userdata;
  if (event == XMPP_CONN_CONNECT) {
    me->online = 1;
    xmpp_handler_add(conn, on_message, NULL, "message", NULL, me);
    xmpp_handler_add(conn, on_presence, NULL, "presence", NULL, me);
    xmpp_stanza_t *presence = xmpp_presence_new(me->ctx);
    xmpp_send(conn, presence);
    xmpp_stanza_release(presence);
    printf("secured %d\n", xmpp_conn_is_secured(conn));
    return;
  }
  if (me->online) {
    printf("offline\n");
  } else {
    printf("failed error=%d stream_error=%d\n", error, stream_error ? (int)stream_error->type : -1);
  }
  me->ended = 1;
  xmpp_stop(me->ctx);
}

static void say(struct client *me, char *rest) {
  char *space = strchr(rest, ' ');
  if (!space) return;
  *space = '\0';
  char *id = xmpp_uuid_gen(me->ctx);
  xmpp_stanza_t *message = xmpp_message_new(me->ctx, "chat", rest, id);
  xmpp_message_set_body(message, space + 1);
  xmpp_send(me->conn, message);
  xmpp_stanza_release(message);
  xmpp_free(me->ctx, id);
}

static void obey(struct client *me, char *line) {
  if (strncmp(line, "say ", 4) == 0) {
    say(me, line + 4);
  } else if (strcmp(line, "quit") == 0) {
    xmpp_disconnect(me->conn);
  } else {
    printf("unknown-command %s\n", line);
  }
}

// Whole lines waiting on stdin, without ever blocking on it.
static void read_commands(struct client *me) {
  static char buffer[65536];
  static size_t used;
  ssize_t n = read(STDIN_FILENO, buffer + used, sizeof buffer - used - 1);
  if (n == 0) {
    xmpp_disconnect(me->conn);
    return;
  }
  if (n < 0) return;
  used += (size_t)n;
  buffer[used] = '\0';
  char *start = buffer;
  for (char *end; (end = strchr(start, '\n')); start = end + 1) {
    *end = '\0';
    obey(me, start);
  }
  used = strlen(start);
  memmove(buffer, start, used + 1);
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: chat HOST PORT JID PASSWORD starttls|direct\n");
    return 2;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  xmpp_initialize();
  struct client me = {0};
  me.ctx = xmpp_ctx_new(NULL, xmpp_get_default_logger(XMPP_LEVEL_DEBUG));
  me.conn = xmpp_conn_new(me.ctx);
  xmpp_conn_set_jid(me.conn, argv[3]);
  xmpp_conn_set_pass(me.conn, argv[4]);
  // The certificate is one that the server made for itself.
  long tls = strcmp(argv[5], "direct") == 0 ? XMPP_CONN_FLAG_LEGACY_SSL : XMPP_CONN_FLAG_MANDATORY_TLS;
  xmpp_conn_set_flags(me.conn, tls | XMPP_CONN_FLAG_TRUST_TLS);
  if (xmpp_connect_client(me.conn, argv[1], (unsigned short)atoi(argv[2]), on_connection, &me) != XMPP_EOK) {
    printf("failed connect\n");
    return 1;
  }
  while (!me.ended) {
    xmpp_run_once(me.ctx, 5);
    if (me.online && !me.ended) read_commands(&me);
  }
  xmpp_conn_release(me.conn);
  xmpp_ctx_free(me.ctx);
  xmpp_shutdown();
  return 0;
}
