#include "xmpp/datetime.h"

namespace hy::xmpp {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// Years of four digits: what the wire can say.
constexpr WallTime first = sys_days(std::chrono::year(1) / 1 / 1);
constexpr WallTime last = sys_days(std::chrono::year(10000) / 1 / 1) - Duration(1);

void put_digits(char* out, unsigned value, int width) {
  for (char* at = out + width; at != out; value /= 10) *--at = static_cast<char>('0' + value % 10);
}

/// Reads from the front of the text; after a failure everything fails.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  int digits(int width, int low, int high) {
    int value = 0;
    for (int i = 0; i < width; ++i) value = value * 10 + digit();
    if (value < low || value > high) failed_ = true;
    return value;
  }
  void expect(char c) {
    if (!accept(c)) failed_ = true;
  }
  bool accept(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool at_digit() const { return !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; }
  int digit() {
    if (!at_digit()) {
      failed_ = true;
      return 0;
    }
    const int value = text_.front() - '0';
    text_.remove_prefix(1);
    return value;
  }
  void fail() { failed_ = true; }
  bool succeeded() const { return !failed_ && text_.empty(); }

 private:
  std::string_view text_;
  bool failed_ = false;
};

/// A point and at least one digit; what is finer than a microsecond is cut off.
Duration read_fraction(Reader& reader) {
  int value = reader.digit();
  for (int place = 1; place < 6; ++place) value = value * 10 + (reader.at_digit() ? reader.digit() : 0);
  while (reader.at_digit()) reader.digit();
  return Duration(value);
}

/// XML Schema's time zones: at most 14 hours either way.
minutes read_offset(Reader& reader) {
  if (reader.accept('Z')) return minutes(0);
  const bool west = reader.accept('-');
  if (!west) reader.expect('+');
  const hours whole(reader.digits(2, 0, 14));
  reader.expect(':');
  const minutes rest(reader.digits(2, 0, 59));
  const minutes offset = whole + rest;
  if (offset > hours(14)) reader.fail();
  return west ? -offset : offset;
}

}  // namespace

// XEP-0082 §3.2: CCYY-MM-DDThh:mm:ss[.ssssss]Z.
std::string utc(WallTime time) {
  time = std::clamp(time, first, last);
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const auto in_day = static_cast<std::uint64_t>((time - day).count());
  const auto second = static_cast<unsigned>(in_day / 1'000'000);
  const auto micros = static_cast<unsigned>(in_day % 1'000'000);
  char out[] = "0000-00-00T00:00:00.000000Z";
  put_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put_digits(out + 5, static_cast<unsigned>(date.month()), 2);
  put_digits(out + 8, static_cast<unsigned>(date.day()), 2);
  put_digits(out + 11, second / 3600, 2);
  put_digits(out + 14, second / 60 % 60, 2);
  put_digits(out + 17, second % 60, 2);
  if (micros == 0) {
    out[19] = 'Z';
    return {out, 20};
  }
  put_digits(out + 20, micros, 6);
  return {out, 27};
}

// XEP-0082 §3.2, with the ranges of XML Schema's dateTime; no leap second, no 24:00:00.
Result<WallTime> parse_utc(std::string_view text) {
  Reader reader(text);
  const int year = reader.digits(4, 1, 9999);
  reader.expect('-');
  const int month = reader.digits(2, 1, 12);
  reader.expect('-');
  const int day = reader.digits(2, 1, 31);
  reader.expect('T');
  const hours hour(reader.digits(2, 0, 23));
  reader.expect(':');
  const minutes minute(reader.digits(2, 0, 59));
  reader.expect(':');
  const seconds second(reader.digits(2, 0, 59));
  const Duration fraction = reader.accept('.') ? read_fraction(reader) : Duration(0);
  const minutes offset = read_offset(reader);
  const year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day)));
  if (!reader.succeeded() || !date.ok()) return fail(Error::invalid, "not a date and time of XEP-0082");
  const WallTime time = sys_days(date) + hour + minute + second + fraction - offset;
  if (time < first || time > last) return fail(Error::invalid, "a date outside the years 1 to 9999");
  return time;
}

}  // namespace hy::xmpp
