#include "xmpp/datetime.h"

#include <gtest/gtest.h>

namespace hy::xmpp {
namespace {

WallTime at(std::int64_t seconds, std::int64_t micros = 0) {
  return WallTime(std::chrono::seconds(seconds)) + Duration(micros);
}

std::string round_trip(std::string_view text) {
  const auto time = parse_utc(text);
  return time ? utc(*time) : "refused";
}

// XEP-0082 §3.2, its examples.
TEST(DateTime, reads_the_examples_of_xep_0082) {
  EXPECT_EQ(round_trip("1969-07-21T02:56:15Z"), "1969-07-21T02:56:15Z");
  EXPECT_EQ(round_trip("1969-07-20T21:56:15-05:00"), "1969-07-21T02:56:15Z");
}

TEST(DateTime, counts_from_1970) {
  EXPECT_EQ(parse_utc("1970-01-01T00:00:00Z"), at(0));
  EXPECT_EQ(parse_utc("1969-12-31T23:59:59Z"), at(-1));
  EXPECT_EQ(parse_utc("2001-09-09T01:46:40Z"), at(1'000'000'000));
  EXPECT_EQ(utc(at(1'000'000'000)), "2001-09-09T01:46:40Z");
}

TEST(DateTime, writes_microseconds_when_there_are_some) {
  EXPECT_EQ(utc(at(0, 1)), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(utc(at(0, 120'000)), "1970-01-01T00:00:00.120000Z");
  EXPECT_EQ(utc(at(0, -1)), "1969-12-31T23:59:59.999999Z");
}

TEST(DateTime, reads_fractions_to_the_microsecond) {
  EXPECT_EQ(parse_utc("1970-01-01T00:00:00.5Z"), at(0, 500'000));
  EXPECT_EQ(parse_utc("1970-01-01T00:00:00.000001Z"), at(0, 1));
  EXPECT_EQ(parse_utc("1970-01-01T00:00:00.0000019Z"), at(0, 1));
  EXPECT_EQ(parse_utc("1970-01-01T00:00:00.123456789+00:00"), at(0, 123'456));
  EXPECT_EQ(round_trip("1970-01-01T00:00:00.Z"), "refused");
  EXPECT_EQ(round_trip("1970-01-01T00:00:00,5Z"), "refused");
}

TEST(DateTime, leap_days) {
  EXPECT_EQ(round_trip("2024-02-29T12:00:00Z"), "2024-02-29T12:00:00Z");
  EXPECT_EQ(round_trip("2000-02-29T12:00:00Z"), "2000-02-29T12:00:00Z");
  EXPECT_EQ(round_trip("2023-02-29T12:00:00Z"), "refused");
  EXPECT_EQ(round_trip("1900-02-29T12:00:00Z"), "refused");
  EXPECT_EQ(round_trip("2023-04-31T12:00:00Z"), "refused");
  EXPECT_EQ(round_trip("2024-02-28T23:00:00-02:00"), "2024-02-29T01:00:00Z");
}

TEST(DateTime, every_field_has_its_range) {
  for (const std::string_view text :
       {"0000-01-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-00T00:00:00Z",
        "2024-01-32T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z",
        "2024-01-01T00:00:00+14:01", "2024-01-01T00:00:00-15:00", "2024-01-01T00:00:00+00:60"}) {
    EXPECT_EQ(round_trip(text), "refused") << text;
  }
  EXPECT_EQ(round_trip("2024-12-31T23:59:59+14:00"), "2024-12-31T09:59:59Z");
  EXPECT_EQ(round_trip("2024-12-31T23:59:59-14:00"), "2025-01-01T13:59:59Z");
}

TEST(DateTime, years_are_1_to_9999_after_the_offset_too) {
  EXPECT_EQ(round_trip("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(round_trip("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(round_trip("0001-01-01T00:00:00+00:01"), "refused");
  EXPECT_EQ(round_trip("9999-12-31T23:59:59-00:01"), "refused");
  EXPECT_EQ(utc(WallTime::max()), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(utc(WallTime::min()), "0001-01-01T00:00:00Z");
}

TEST(DateTime, nothing_else_is_a_date) {
  for (const std::string_view text : {"",
                                      "Z",
                                      "2024-01-01",
                                      "2024-01-01T00:00:00",
                                      "2024-01-01 00:00:00Z",
                                      "2024-01-01t00:00:00Z",
                                      "2024-01-01T00:00:00z",
                                      "20240101T00:00:00",
                                      "2024-1-01T00:00:00Z",
                                      "2024-01-01T00:00Z",
                                      " 2024-01-01T00:00:00Z",
                                      "2024-01-01T00:00:00Z ",
                                      "+2024-01-01T00:00:00Z",
                                      "-2024-01-01T00:00:00Z",
                                      "12024-01-01T00:00:00Z",
                                      "2024-01-01T00:00:00+0100",
                                      "2024-01-01T00:00:00+01",
                                      "2024-01-01T00:00:00ZZ",
                                      "2024-01-01T-1:00:00Z",
                                      "2024-01-01T00:00:00.-5Z"}) {
    EXPECT_EQ(round_trip(text), "refused") << text;
  }
}

TEST(DateTime, every_day_of_four_centuries_comes_back) {
  for (std::int64_t day = -70'000; day < 76'097; ++day) {
    const WallTime time = at(day * 86'400 + 43'201);
    ASSERT_EQ(parse_utc(utc(time)), time) << utc(time);
  }
}

}  // namespace
}  // namespace hy::xmpp
