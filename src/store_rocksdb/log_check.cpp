#include "store_rocksdb/log_check.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <ranges>

#include "base/log.h"

namespace hy::store_rocksdb {
namespace {

constexpr std::size_t block_size = std::size_t{32} << 10;
constexpr std::size_t header_size = 7;
enum Type : std::uint8_t { zero = 0, whole = 1, first = 2, middle = 3, last = 4 };

// Eight tables: table n is what a byte does to the sum n bytes later, so that eight bytes go at once.
constexpr auto tables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> t{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t sum = i;
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78 : 0);
    t[0][i] = sum;
  }
  for (std::uint32_t i = 0; i < 256; ++i) {
    for (std::size_t n = 1; n < 8; ++n) t[n][i] = t[n - 1][i] >> 8 ^ t[0][t[n - 1][i] & 0xff];
  }
  return t;
}();

std::uint32_t little(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  while (size-- > 0) value = value << 8 | static_cast<unsigned char>(bytes[at + size]);
  return value;
}

struct Fragment {
  Type type;
  std::size_t end;
};

/// The fragment whose header is at `at`, if it is one.
std::optional<Fragment> fragment(std::string_view log, std::size_t at) {
  std::size_t room = std::min(block_size - at % block_size, log.size() - at);
  if (room < header_size) return std::nullopt;
  std::size_t size = little(log, at + 4, 2);
  auto type = static_cast<Type>(log[at + 6]);
  if (type == zero || size > room - header_size) return std::nullopt;
  std::uint32_t sum = crc32c(log.substr(at + 6, size + 1));
  std::uint32_t masked = (sum >> 15 | sum << 17) + 0xa282ead8;
  if (masked != little(log, at, 4)) return std::nullopt;
  return Fragment{type, at + header_size + size};
}

bool record_begins_behind(std::string_view log, std::size_t at) {
  for (; at + header_size <= log.size(); ++at) {
    auto type = static_cast<Type>(log[at + 6]);
    if ((type == whole || type == first) && fragment(log, at)) return true;
  }
  return false;
}

/// Ends that RocksDB writes itself: nothing, or the zeros of a block too full for a header.
bool is_end(std::string_view log, std::size_t at) {
  return std::ranges::all_of(log.substr(at), [](char c) { return c == '\0'; });
}

Error io(const rocksdb::Status& status, const std::string& doing) {
  return {Error::io, fmt::format("{}: {}", doing, status.ToString())};
}

/// Numbers of the logs in a folder, ascending.
Result<std::vector<std::uint64_t>> logs(rocksdb::Env& env, const std::string& folder) {
  std::vector<std::string> names;
  rocksdb::Status listed = env.GetChildren(folder, &names);
  if (!listed.ok()) return std::unexpected(io(listed, fmt::format("listing {}", folder)));
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : names) {
    std::uint64_t number = 0;
    auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (wrong == std::errc() && std::string_view(end) == ".log") numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

/// A copy without the end takes its place: a crash leaves one or the other.
Result<void> cut(rocksdb::Env& env, const std::string& folder, const std::string& log,
                 std::string_view kept) {
  std::string copy = folder + "/torn.dbtmp";  // RocksDB removes such names when it opens
  rocksdb::Status done = rocksdb::WriteStringToFile(&env, {kept.data(), kept.size()}, copy, true);
  if (done.ok()) done = env.RenameFile(copy, log);
  std::unique_ptr<rocksdb::Directory> names;
  if (done.ok()) done = env.NewDirectory(folder, &names);
  if (done.ok()) done = names->Fsync();
  if (!done.ok()) return std::unexpected(io(done, fmt::format("cutting the torn end off {}", log)));
  return {};
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t sum = 0xffffffff;
  while (bytes.size() >= 8) {
    std::uint32_t low = little(bytes, 0, 4) ^ sum, high = little(bytes, 4, 4);
    sum = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^
          tables[4][low >> 24] ^ tables[3][high & 0xff] ^ tables[2][high >> 8 & 0xff] ^
          tables[1][high >> 16 & 0xff] ^ tables[0][high >> 24];
    bytes.remove_prefix(8);
  }
  for (char c : bytes) sum = sum >> 8 ^ tables[0][(sum ^ static_cast<unsigned char>(c)) & 0xff];
  return ~sum;
}

LogCheck check_log(std::string_view log) {
  LogCheck found;
  bool inside = false;  // between the first and the last fragment of a record
  for (std::size_t at = 0;;) {
    if (block_size - at % block_size < header_size)
      at = std::min((at / block_size + 1) * block_size, log.size());
    std::optional<Fragment> next = at < log.size() ? fragment(log, at) : std::nullopt;
    if (next && next->type > last) {
      found.foreign = true;
      return found;
    }
    bool fits = next && (next->type == whole || next->type == first ? !inside : inside);
    if (!fits) {
      found.torn = inside || !is_end(log, at);
      found.followed = record_begins_behind(log, at);
      return found;
    }
    at = next->end;
    inside = next->type == first || next->type == middle;
    if (!inside) found.whole = at;
  }
}

Result<void> mend_log(rocksdb::Env& env, const std::string& folder) {
  HY_TRY(numbers, logs(env, folder));
  bool newest = true;  // that holds anything
  for (std::uint64_t number : std::views::reverse(numbers)) {
    std::string path = fmt::format("{}/{:06}.log", folder, number);
    std::string log;
    rocksdb::Status read = rocksdb::ReadFileToString(&env, path, &log);
    if (!read.ok()) return std::unexpected(io(read, fmt::format("reading {}", path)));
    LogCheck found = check_log(log);
    if (found.followed) {
      return fail(Error::corrupt,
                  fmt::format("{} is damaged behind byte {}, and what follows was acknowledged: "
                              "restore a backup",
                              path, found.whole));
    }
    if (newest && found.torn) {
      log::warn("torn end of the log cut", "path={} kept={} cut={}", log::value(path), found.whole,
                log.size() - found.whole);
      HY_TRY_VOID(cut(env, folder, path, std::string_view(log).substr(0, found.whole)));
    }
    newest = newest && found.whole == 0 && !found.torn && !found.foreign;
  }
  return {};
}

}  // namespace hy::store_rocksdb
