// The only file that sees CLI11.
#include "server/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>

#include "base/log.h"
#include "server/commands.h"
#include "server/config_keys.h"

namespace hy::server {

std::string_view version() {
  return HY_VERSION;
}

namespace {

/// What the options say. One for all commands: each uses what is its own.
struct Options {
  Place place;
  std::string jid;
  std::string domain;
  std::string file;
  bool random = false;
  bool piped = false;
  bool admin = false;
  bool reference = false;

  Secret secret() const {
    if (random) return Secret::random;
    return piped ? Secret::piped : Secret::asked;
  }
};

using Command = std::function<Result<void>()>;

class CommandLine {
 public:
  explicit CommandLine(const Wiring& wiring) : wiring_(wiring) {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", fmt::format("hongyan {}", version()));
    app_.footer(
        "Every option has a default: `hongyan serve` in an empty folder is a complete server for localhost.");
    add_servers();
    add_users();
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? 0 : 2;
    }
    auto done = command_();
    if (done) return 0;
    if (!done.error().context.empty()) std::fprintf(stderr, "hongyan: %s\n", done.error().context.c_str());
    log::flush();
    return 1;
  }

 private:
  CLI::App* add(CLI::App& parent, std::string name, std::string text, Command command) {
    CLI::App* added = parent.add_subcommand(std::move(name), std::move(text));
    added->callback([this, command = std::move(command)] { command_ = command; });
    return added;
  }
  CLI::App* add_with_place(CLI::App& parent, std::string name, std::string text, Command command) {
    CLI::App* added = add(parent, std::move(name), std::move(text), std::move(command));
    added->add_option("--config", options_.place.config, "the configuration, a TOML file")->type_name("FILE");
    added->add_option("--data", options_.place.data, "the data directory, in place of data_dir")
        ->type_name("DIR");
    return added;
  }

  void add_servers() {
    add_with_place(app_, "serve",
                   "run the server in the foreground; SIGTERM stops it, SIGHUP reloads certificates",
                   [this] { return serve(wiring_, options_.place); });
    add(app_, "demo", "run a server with temporary data and free ports; prints how to log in",
        [this] { return demo(wiring_); });
    CLI::App* checked =
        add_with_place(app_, "check", "look at configuration, certificates, ports and permissions",
                       [this] { return run_check(); });
    checked->add_flag("--reference", options_.reference,
                      "print the reference page of all configuration keys instead");
  }

  void add_users() {
    CLI::App* user =
        app_.add_subcommand("user", "accounts: of the running server, or on disk when none runs");
    user->require_subcommand(1);
    const auto one = [this, user](std::string name, std::string text, Command command) {
      CLI::App* added = add_with_place(*user, std::move(name), std::move(text), std::move(command));
      added->add_option("JID", options_.jid, "the account, as juliet@example.com")->required();
      return added;
    };
    const auto secret = [this](CLI::App* command) {
      CLI::Option* random = command->add_flag("--random", options_.random, "make a password and print it");
      command
          ->add_flag("--password-stdin", options_.piped, "read it from standard input, also from a terminal")
          ->excludes(random);
    };
    CLI::App* added =
        one("add", "add an account; the password is asked for, or read from standard input", [this] {
          return add_user(wiring_, options_.place, options_.jid, options_.secret(),
                          options_.admin ? Role::admin : Role::user);
        });
    secret(added);
    added->add_flag("--admin", options_.admin, "make it an administrator");
    one("remove", "remove an account and all that is stored for it",
        [this] { return remove_user(wiring_, options_.place, options_.jid); });
    secret(one("password", "set an account's password; it is asked for, or read from standard input",
               [this] { return change_password(wiring_, options_.place, options_.jid, options_.secret()); }));
    one("show", "show an account", [this] { return show_user(wiring_, options_.place, options_.jid); });
    add_with_place(*user, "list", "list accounts", [this] {
      return list_users(wiring_, options_.place, options_.domain);
    })->add_option("DOMAIN", options_.domain, "only those of this domain");
    add_with_place(*user, "import", "add accounts from a file with lines \"JID PASSWORD\"",
                   [this] { return import_users(wiring_, options_.place, options_.file); })
        ->add_option("FILE", options_.file, "the file; - is standard input")
        ->required();
  }

  Result<void> run_check() {
    if (options_.reference) {
      std::fputs(config_reference().c_str(), stdout);
      return {};
    }
    HY_TRY(good, check(wiring_, options_.place));
    if (!good) return fail(Error::invalid, "");  // each problem has been told already
    return {};
  }

  const Wiring& wiring_;
  Options options_;
  Command command_;
  CLI::App app_{"Hongyan, an XMPP server", "hongyan"};
};

}  // namespace

int run_command_line(int argc, char** argv, const Wiring& wiring) {
  return CommandLine(wiring).run(argc, argv);
}

}  // namespace hy::server
