// What it costs to prepare an address: the table's path for ASCII, ICU's for everything else.
#include <benchmark/benchmark.h>

#include "xmpp/jid.h"

namespace hy::xmpp {
namespace {

void parse(benchmark::State& state, std::string_view text) {
  for (auto _ : state) {
    auto jid = Jid::parse(text);
    if (!jid) state.SkipWithError("refused");
    benchmark::DoNotOptimize(jid);
  }
}

void domain(benchmark::State& state, std::string_view text) {
  for (auto _ : state) {
    auto prepared = prepare_domain(text);
    if (!prepared) state.SkipWithError("refused");
    benchmark::DoNotOptimize(prepared);
  }
}

BENCHMARK_CAPTURE(parse, ascii_domain, "example.com");
BENCHMARK_CAPTURE(parse, ascii_bare, "juliet@example.com");
BENCHMARK_CAPTURE(parse, ascii_full, "juliet@example.com/balcony");
BENCHMARK_CAPTURE(parse, ascii_upper_case, "Juliet@Example.COM/Balcony");
BENCHMARK_CAPTURE(parse, unicode_local, "\u0437\u0432\u0435\u0440\u044C@example.com");
BENCHMARK_CAPTURE(parse, unicode_local_upper_case, "\u0417\u0432\u0435\u0440\u044C@example.com");
BENCHMARK_CAPTURE(parse, unicode_local_and_resource, "\u9D3B\u96C1@example.com/\u624B\u673A");
BENCHMARK_CAPTURE(parse, unicode_resource, "juliet@example.com/\u265A");
BENCHMARK_CAPTURE(domain, unicode, "b\u00FCcher.example");

}  // namespace
}  // namespace hy::xmpp
