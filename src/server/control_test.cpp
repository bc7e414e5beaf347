#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <thread>

#include "server/control_protocol.h"
#include "server/control_socket.h"
#include "server/testing/folder.h"
#include "server/testing/memory_users.h"

namespace hy::server {
namespace {

xmpp::Jid jid(std::string_view text) {
  return *xmpp::Jid::parse(text);
}

struct Direct {
  testing::MemoryUsers users;
  std::unique_ptr<Users> remote = users_by_control(
      [this](const std::string& line) -> Result<std::string> { return answer_control(line, users); });
};

TEST(ControlProtocol, carries_every_call_and_its_outcome) {
  Direct at;
  ASSERT_TRUE(at.remote->add({.jid = jid("juliet@localhost"), .password = "s \"ü\\", .role = Role::admin}));
  EXPECT_EQ(at.users.all["juliet@localhost"].password, "s \"ü\\");
  EXPECT_EQ(
      at.remote->add({.jid = jid("juliet@localhost"), .password = "x", .role = Role::user}).error().code,
      Error::conflict);
  auto shown = at.remote->show(jid("juliet@localhost"));
  ASSERT_TRUE(shown) << shown.error().context;
  EXPECT_EQ(shown->role, Role::admin);
  EXPECT_FALSE(shown->disabled);
  EXPECT_EQ(shown->created, WallTime(1706702400s));
  ASSERT_TRUE(at.remote->set_password(jid("juliet@localhost"), "new"));
  EXPECT_EQ(at.users.all["juliet@localhost"].password, "new");
  EXPECT_EQ(*at.remote->domains(), std::vector<std::string>{"localhost"});
  ASSERT_TRUE(at.remote->remove(jid("juliet@localhost")));
  EXPECT_TRUE(at.users.all.empty());
  for (auto outcome :
       {at.remote->remove(jid("juliet@localhost")), at.remote->set_password(jid("a@localhost"), "x")}) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Error::not_found);
  }
  EXPECT_EQ(at.remote->show(jid("a@localhost")).error().context, "there is no account a@localhost");
}

TEST(ControlProtocol, lists_in_pages) {
  Direct at;
  for (int i = 0; i < 25; ++i) {
    const auto account = jid(fmt::format("user{:02}@localhost", i));
    ASSERT_TRUE(at.remote->add({.jid = account, .password = "x", .role = Role::user}));
  }
  auto first = at.remote->list("localhost", {}, 10);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->size(), 10U);
  auto next = at.remote->list("localhost", first->back().jid, 100);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->size(), 15U);
  EXPECT_EQ(next->front().jid.str(), "user10@localhost");
}

TEST(ControlProtocol, what_is_no_question_is_refused_and_changes_nothing) {
  testing::MemoryUsers users;
  for (const char* line :
       {"", "x", "{}", "[]", "null", "{\"ask\":1}", R"({"ask":"user.add"})",
        R"({"ask":"user.fly","jid":"a@localhost"})", R"({"ask":"user.add","jid":"a@localhost"})",
        R"({"ask":"user.add","jid":"a@localhost","password":""})",
        R"({"ask":"user.add","jid":"a@localhost","password":"x","role":"king"})",
        R"({"ask":"user.add","jid":"localhost","password":"x"})",
        R"({"ask":"user.add","jid":"a@localhost/r","password":"x"})",
        R"({"ask":"user.add","jid":"a@elsewhere.example","password":"x"})",
        R"({"ask":"user.list","domain":"localhost","limit":"many"})"}) {
    EXPECT_TRUE(answer_control(line, users).contains("\"ok\":false")) << line;
  }
  EXPECT_TRUE(users.all.empty());
}

TEST(ControlProtocol, a_refusal_never_repeats_a_password) {
  testing::MemoryUsers users;
  for (const char* line : {R"({"ask":"user.add","jid":"a@localhost","password":"hunter2")",
                           R"({"ask":"user.add","jid":7,"password":"hunter2"})"}) {
    EXPECT_FALSE(answer_control(line, users).contains("hunter2")) << line;
  }
}

TEST(ControlProtocol, an_answer_that_does_not_fit_is_an_error) {
  for (const char* answer : {"", "x", "{}", R"({"ok":1})", R"({"ok":false})", R"({"ok":true,"users":7})",
                             R"({"ok":true,"users":[{"jid":"@@"}]})"}) {
    auto users = users_by_control([answer](const std::string&) -> Result<std::string> { return answer; });
    EXPECT_FALSE(users->show(jid("a@localhost"))) << answer;
  }
  auto users = users_by_control([](const std::string&) -> Result<std::string> {
    return R"({"ok":false,"error":"of-tomorrow","text":"t"})";
  });
  EXPECT_EQ(users->remove(jid("a@localhost")).error().code, Error::internal);
}

/// A control socket with a thread that serves it until the fixture goes.
struct ControlSocketTest : ::testing::Test {
  testing::Folder folder;
  testing::MemoryUsers users;
  SystemClock clock;
  std::unique_ptr<ControlSocket> socket;
  int pipe[2] = {-1, -1};
  std::thread server;

  void serve() {
    auto made = ControlSocket::make(folder.path(), users, clock);
    ASSERT_TRUE(made) << made.error().context;
    socket = std::move(*made);
    ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    server = std::thread([this] {
      while (!socket->step(pipe[0], 10s)) {
      }
    });
  }
  void TearDown() override {
    if (!server.joinable()) return;
    ::close(pipe[1]);
    server.join();
    ::close(pipe[0]);
  }
  Descriptor connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(folder.path() + "/control.sock", address.sun_path);
    Descriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return client;
  }
  static std::string read_lines(int from, std::size_t lines) {
    std::string text;
    char buffer[4096];
    while (static_cast<std::size_t>(std::ranges::count(text, '\n')) < lines) {
      const ssize_t got = ::recv(from, buffer, sizeof(buffer), 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }
  static void send_all(int to, std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(to, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
};

TEST_F(ControlSocketTest, answers_a_client_and_goes_away_with_its_server) {
  EXPECT_EQ(connect_control(folder.path()).error().code, Error::unavailable);
  serve();
  struct stat found{};
  ASSERT_EQ(::stat((folder.path() + "/control.sock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600U);
  {
    auto remote = connect_control(folder.path());
    ASSERT_TRUE(remote) << remote.error().context;
    EXPECT_TRUE((*remote)->add({.jid = jid("a@localhost"), .password = "x", .role = Role::user}));
    EXPECT_EQ((*remote)->list("localhost", {}, 10)->size(), 1U);
  }
  TearDown();
  socket.reset();
  EXPECT_EQ(connect_control(folder.path()).error().code, Error::unavailable);
}

TEST_F(ControlSocketTest, a_socket_left_by_a_crash_is_replaced) {
  const std::string path = folder.path() + "/control.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, address.sun_path);
  {
    const Descriptor left(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_GE(left.get(), 0);
    ASSERT_EQ(::bind(left.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  EXPECT_EQ(connect_control(folder.path()).error().code, Error::unavailable);
  serve();
  EXPECT_TRUE(connect_control(folder.path()));
}

TEST_F(ControlSocketTest, several_questions_in_one_write_get_their_answers_in_order) {
  serve();
  const Descriptor client = connect();
  send_all(client.get(), "{\"ask\":\"domains\"}\nx\n{\"ask\":\"domains\"}\n");
  EXPECT_EQ(read_lines(client.get(), 3),
            "{\"domains\":[\"localhost\"],\"ok\":true}\n"
            "{\"error\":\"invalid\",\"ok\":false,\"text\":\"not a question of the control protocol\"}\n"
            "{\"domains\":[\"localhost\"],\"ok\":true}\n");
}

TEST_F(ControlSocketTest, a_line_of_the_longest_length_is_answered_and_a_longer_one_ends_the_connection) {
  serve();
  std::string line = "{\"ask\":\"domains\"}";
  line.resize(max_control_line - 1, ' ');
  const Descriptor fits = connect();
  send_all(fits.get(), line + "\n");
  EXPECT_TRUE(read_lines(fits.get(), 1).contains("\"ok\":true"));
  const Descriptor longer = connect();
  send_all(longer.get(), line + " \n");
  EXPECT_EQ(read_lines(longer.get(), 1), "");
}

TEST_F(ControlSocketTest, half_a_question_does_not_hold_up_another_client) {
  serve();
  const Descriptor slow = connect();
  send_all(slow.get(), "{\"ask\":");
  auto remote = connect_control(folder.path());
  ASSERT_TRUE(remote);
  EXPECT_TRUE((*remote)->domains());
  send_all(slow.get(), "\"domains\"}\n");
  EXPECT_TRUE(read_lines(slow.get(), 1).contains("\"ok\":true"));
}

TEST_F(ControlSocketTest, works_below_a_path_too_long_for_a_socket) {
  const std::string deep = folder.path() + "/" + std::string(120, 'd');
  ASSERT_EQ(::mkdir(deep.c_str(), 0700), 0);
  auto made = ControlSocket::make(deep, users, clock);
  ASSERT_TRUE(made) << made.error().context;
  EXPECT_TRUE(std::filesystem::exists(deep + "/control.sock"));
  auto remote = connect_control(deep);
  EXPECT_TRUE(remote) << remote.error().context;
}

/// A clock that a test turns.
class HandClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  WallTime wall() const override { return {}; }
  void advance(Duration by) { now_ += by; }

 private:
  Instant now_;
};

TEST_F(ControlSocketTest, an_idle_connection_is_closed_and_no_more_than_the_most_are_open) {
  HandClock hand;
  auto made = ControlSocket::make(folder.path(), users, hand);
  ASSERT_TRUE(made);
  ControlSocket& control = **made;
  std::vector<Descriptor> clients;
  for (std::size_t i = 0; i <= ControlSocket::max_connections; ++i) clients.push_back(connect());
  const auto answered = [&](std::size_t client) {
    send_all(clients[client].get(), "{\"ask\":\"domains\"}\n");
    for (int turn = 0; turn < 3; ++turn) control.step(-1, 0s);
    char byte = 0;
    return ::recv(clients[client].get(), &byte, 1, MSG_DONTWAIT) == 1;
  };
  control.step(-1, 0s);
  EXPECT_TRUE(answered(ControlSocket::max_connections - 1));
  EXPECT_FALSE(answered(ControlSocket::max_connections));
  hand.advance(ControlSocket::idle);
  control.step(-1, 0s);  // closes the idle ones
  control.step(-1, 0s);  // lets the one that waited in
  control.step(-1, 0s);  // answers it
  char byte = 0;
  EXPECT_EQ(::recv(clients[ControlSocket::max_connections].get(), &byte, 1, MSG_DONTWAIT), 1);
  EXPECT_EQ(::recv(clients[0].get(), &byte, 1, MSG_DONTWAIT), 0) << "closed";
}

}  // namespace
}  // namespace hy::server
