#include "simulation/workload.h"

#include "base/log.h"

namespace hy::simulation {
namespace {

constexpr int people = 20;
constexpr int devices_each = 2;
/// A shard that is stalled, or whose mail is late, writes to a connection that was cut this many steps ago.
constexpr int slow_to_notice = 60;

struct Sent {
  std::size_t by;     // index of the sending connection
  xmpp::Jid account;  // of the recipient
  bool to_full;
  int at;  // step
};

class Workload {
 public:
  Workload(std::uint64_t seed, Faults faults)
      : faults_(faults), dice_(seed * 7919 + 1), late_(seed * 104729 + 5), scene_(options(seed)) {
    for (int i = 0; i < people; ++i) {
      accounts_.push_back(*xmpp::Jid::parse(fmt::format("user{}@localhost", i)));
      scene_.add_account(accounts_.back());
    }
    current_.resize(people * devices_each);
    last_cut_.resize(people, -1);
    scene_.world().network().options.split_reads = true;
    scene_.world().network().options.max_latency = 3ms;
  }

  Outcome run(int steps) {
    for (step_ = 0; step_ < steps; ++step_) {
      act();
      for (std::uint64_t n = dice_.below(30); n > 0 && scene_.world().step(); --n) {
      }
      if (dice_.below(8) == 0) scene_.advance(std::chrono::milliseconds(dice_.below(20)));
      read_all();
    }
    finish();
    return judge();
  }

 private:
  scenario::SceneOptions options(std::uint64_t seed) {
    scenario::SceneOptions options{.seed = seed, .shards = 3};
    options.config.limits.rate_bytes_per_s = 0;
    options.read_delay = [this] {
      return std::chrono::microseconds(late_.below(4) == 0 ? late_.below(5000) : 0);
    };
    options.trace = &witness_;
    return options;
  }

  std::size_t any_place() { return dice_.below(current_.size()); }
  std::size_t account_of(std::size_t place) const { return place / devices_each; }
  /// A place with a bound, living connection; nothing when the drawn one has none.
  std::optional<std::size_t> living() {
    const std::size_t place = any_place();
    if (!current_[place]) return std::nullopt;
    Device& device = *all_[*current_[place]];
    return device.bound() && !device.over() ? std::optional(place) : std::nullopt;
  }

  void act() {
    const std::uint64_t die = dice_.below(100);
    if (die < 12) return log_in();
    if (die < 14) return leave();
    if (die < 16 && faults_.stalls) {
      return scene_.world().stall(scene_.loop(dice_.below(3)), std::chrono::milliseconds(dice_.below(50)));
    }
    if (die < 18 && faults_.operations) {
      return scene_.world().fail_at(scene_.world().operations() + 1 + dice_.below(200));
    }
    const std::optional<std::size_t> place = living();
    if (!place) return;
    if (die < 70) return chat(*place);
    if (die < 95) return ask(*place);
    all_[*current_[*place]]->send(
        fmt::format("<presence><priority>{}</priority></presence>", dice_.below(5)));
  }

  void log_in() {
    const std::size_t place = any_place();
    if (current_[place] && !all_[*current_[place]]->over()) return;
    if (current_[place]) last_cut_[account_of(place)] = step_;
    all_.push_back(std::make_unique<Device>(scene_.world(), accounts_[account_of(place)],
                                            fmt::format("device{}", place % devices_each)));
    current_[place] = all_.size() - 1;
    all_.back()->log_in();
  }

  void leave() {
    const std::optional<std::size_t> place = living();
    if (!place || !faults_.resets) return;
    Device& device = *all_[*current_[*place]];
    if (dice_.below(2) == 0) {
      device.close();
    } else {
      device.reset();
    }
    last_cut_[account_of(*place)] = step_;
  }

  void chat(std::size_t place) {
    const std::size_t to = any_place();
    const bool full = dice_.below(2) == 0;
    const std::string id = fmt::format("m{}", sent_.size());
    const xmpp::Jid& account = accounts_[account_of(to)];
    all_[*current_[place]]->send(fmt::format(
        "<message to='{}{}' type='chat' id='{}'><body>{}</body></message>", account.str(),
        full ? fmt::format("/device{}", to % devices_each) : "", id, std::string(dice_.below(300), 'x')));
    sent_.emplace_back(*current_[place], account, full, step_);
  }

  void ask(std::size_t place) {
    static constexpr std::string_view questions[] = {
        "<iq type='get' id='{}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq type='get' id='{}'><query xmlns='jabber:iq:private'><a xmlns='urn:a'/></query></iq>",
        "<iq type='set' id='{}'><query xmlns='jabber:iq:private'><a xmlns='urn:a'>1</a></query></iq>",
        "<iq type='get' id='{}' to='user3@localhost'><vCard xmlns='vcard-temp'/></iq>",
        "<iq type='set' id='{}'><vCard xmlns='vcard-temp'><FN>x</FN></vCard></iq>",
        "<iq type='get' id='{}' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        "<iq type='get' id='{}' to='user5@localhost/device0'><query xmlns='jabber:iq:version'/></iq>",
        "<iq type='get' id='{}' to='nobody@localhost'><query xmlns='jabber:iq:version'/></iq>",
        "<iq type='get' id='{}' to='elsewhere.example'><query xmlns='jabber:iq:version'/></iq>",
    };
    const std::size_t by = *current_[place];
    const std::string id = fmt::format("q{}", asked_.size());
    all_[by]->send(fmt::format(fmt::runtime(questions[dice_.below(std::size(questions))]), id));
    asked_.emplace_back(by, id);
  }

  void read_all() {
    for (auto& device : all_) device->read();
  }

  /// Until everything has come to rest: what waits for time gets it.
  void finish() {
    scene_.world().fail_at(0);
    for (int i = 0; i < 20; ++i) {
      scene_.settle();
      read_all();
      scene_.advance(20ms);
    }
    scene_.settle();
    read_all();
  }

  Outcome judge() {
    witness_.judge(scene_);
    check_messages();
    check_answers();
    std::size_t alive = 0;
    for (auto& device : all_) alive += device->bound() && !device->over() ? 1 : 0;
    std::size_t sessions = 0;
    for (std::size_t i = 0; i < scene_.core().size(); ++i)
      sessions += scene_.core().shard(i).directory().sessions();
    if (sessions != alive) witness_.breaks(fmt::format("{} sessions for {} connections", sessions, alive));
    Outcome outcome{witness_.broken(), "", witness_.parts(), delivered_.size(), refused_.size()};
    for (auto& device : all_) outcome.transcript += device->transcript + "\n";
    outcome.transcript += fmt::format("world {:x}\n", scene_.world().transcript_hash());
    return outcome;
  }

  void check_messages() {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      std::set<std::string> seen;
      std::map<xmpp::Jid, int> last;
      for (const Device::Heard& heard : all_[i]->messages) hear(i, heard, seen, last);
    }
    for (std::size_t n = 0; n < sent_.size(); ++n) check_sent(n);
  }

  void hear(std::size_t by, const Device::Heard& heard, std::set<std::string>& seen,
            std::map<xmpp::Jid, int>& last) {
    const int n = std::atoi(heard.id.c_str() + 1);
    if (heard.id.empty() || heard.id[0] != 'm' || n < 0 || n >= static_cast<int>(sent_.size())) {
      return witness_.breaks("a message that nobody sent: " + heard.id);
    }
    if (!seen.insert(heard.id + (heard.error ? "!" : "")).second)
      return witness_.breaks(heard.id + " came twice");
    const Sent& sent = sent_[static_cast<std::size_t>(n)];
    if (heard.error) {
      // Or for one that the same device sent over its last connection.
      if (all_[by]->jid != all_[sent.by]->jid)
        witness_.breaks(heard.id + ": an error for somebody else's message");
      refused_.insert(n);
      return;
    }
    if (!all_[by]->jid.same_bare(sent.account)) witness_.breaks(heard.id + " went to the wrong account");
    if (heard.from != all_[sent.by]->jid) witness_.breaks(heard.id + " has a false sender");
    int& before = last.try_emplace(heard.from, -1).first->second;
    if (n < before) witness_.breaks(fmt::format("m{} was overtaken by m{}", n, before));
    before = std::max(before, n);
    delivered_.insert(n);
  }

  // Told or delivered, unless the sender's connection was cut, or one of the recipient's after it was sent.
  void check_sent(std::size_t n) {
    const Sent& sent = sent_[n];
    const int number = static_cast<int>(n);
    if (delivered_.contains(number) && refused_.contains(number)) {
      witness_.breaks(fmt::format("m{} was delivered and refused", n));
    }
    if (delivered_.contains(number) || refused_.contains(number)) return;
    if (all_[sent.by]->over()) return;
    for (std::size_t place = 0; place < current_.size(); ++place) {
      if (accounts_[account_of(place)] != sent.account) continue;
      if (last_cut_[account_of(place)] >= sent.at - slow_to_notice) return;
      if (current_[place] && all_[*current_[place]]->over()) return;
    }
    witness_.breaks(fmt::format("m{} is lost: sent by {} to {}{} in step {}", n, all_[sent.by]->jid.str(),
                                sent.account.str(), sent.to_full ? " (one device)" : "", sent.at));
  }

  void check_answers() {
    for (const auto& [by, id] : asked_) {
      const int times = all_[by]->answers[id];
      if (times > 1) witness_.breaks(fmt::format("{} was answered {} times", id, times));
      if (times == 1 || all_[by]->over()) continue;
      // What was asked of a client that went away meanwhile has no answer but the client's.
      if (peer_question_lost()) continue;
      witness_.breaks(id + " was not answered");
    }
  }
  // user5's first device may have been cut after it was asked.
  bool peer_question_lost() {
    const std::size_t place = 5 * devices_each;
    return last_cut_[5] >= 0 || (current_[place] && all_[*current_[place]]->over());
  }

  const Faults faults_;
  Witness witness_;
  sim::SeededRandom dice_;
  sim::SeededRandom late_;
  scenario::Scene scene_;
  std::vector<xmpp::Jid> accounts_;
  std::vector<std::unique_ptr<Device>> all_;         // every connection there was
  std::vector<std::optional<std::size_t>> current_;  // by place: account and device
  std::vector<int> last_cut_;                        // by account: step of the last cut that we know of
  std::vector<Sent> sent_;
  std::vector<std::pair<std::size_t, std::string>> asked_;
  std::set<int> delivered_, refused_;
  int step_ = 0;
};

}  // namespace

Outcome run_workload(std::uint64_t seed, int steps, Faults faults) {
  return Workload(seed, faults).run(steps);
}

}  // namespace hy::simulation
