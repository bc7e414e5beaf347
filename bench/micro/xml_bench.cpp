// One chat message of 351 bytes: read, copied, written.
#include <benchmark/benchmark.h>

#include "base/result.h"
#include "xml/scanner.h"
#include "xml/writer.h"

namespace hy::xml {
namespace {

constexpr std::string_view header =
    "<?xml version='1.0'?><stream:stream to='example.org' version='1.0' xml:lang='en' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";

constexpr std::string_view message =
    "<message from='romeo@montague.example/orchard' to='juliet@capulet.example' type='chat' id='ktx72v49' "
    "xml:lang='en'><body>Art thou not Romeo, and a Montague? fair saint &amp; love.</body>"
    "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>"
    "<origin-id xmlns='urn:xmpp:sid:0' id='de305d54-75b4-431b-adb2'/></message>";
static_assert(message.size() == 351);

constexpr std::string_view chinese =
    "<message from='romeo@montague.example/orchard' to='juliet@capulet.example' type='chat' id='ktx72v49' "
    "xml:lang='zh'><body>"
    "\xE9\xB8\xBF\xE9\x9B\x81\xE4\xBC\xA0\xE4\xB9\xA6\xEF\xBC\x8C\xE9\xB1\xBC\xE4\xBC\xA0\xE5\xB0\xBA"
    "\xE7\xB4\xA0\xEF\xBC\x8C\xE4\xB8\x80\xE8\xAF\xBA\xE5\x8D\x83\xE9\x87\x91\xE3\x80\x82\xE9\xB8\xBF\xE9\x9B"
    "\x81</body>"
    "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>"
    "<origin-id xmlns='urn:xmpp:sid:0' id='de305d54-75b4-431b-adb2'/></message>";

Scanner opened() {
  Scanner scanner;
  std::string_view input = header;
  HY_CHECK(scanner.next(input) == Event::opened);
  scanner.take();
  HY_CHECK(scanner.next(input) == Event::need_more);
  return scanner;
}

// One message a read: the scanner is at rest before and after.
void scan(benchmark::State& state, std::string_view text) {
  Scanner scanner = opened();
  for (auto _ : state) {
    std::string_view input = text;
    HY_CHECK(scanner.next(input) == Event::element);
    Element element = scanner.take();
    benchmark::DoNotOptimize(element);
    HY_CHECK(scanner.next(input) == Event::need_more);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void scan_message(benchmark::State& state) {
  scan(state, message);
}
void scan_message_in_chinese(benchmark::State& state) {
  scan(state, chinese);
}

// Sixteen messages a read.
void scan_burst(benchmark::State& state) {
  Scanner scanner = opened();
  std::string text;
  for (int i = 0; i < 16; ++i) text += message;
  while (state.KeepRunningBatch(16)) {
    std::string_view input = text;
    while (scanner.next(input) == Event::element) {
      Element element = scanner.take();
      benchmark::DoNotOptimize(element);
    }
  }
}

void scan_byte_by_byte(benchmark::State& state) {
  Scanner scanner = opened();
  for (auto _ : state) {
    for (const char& byte : message) {
      std::string_view input(&byte, 1);
      if (scanner.next(input) == Event::element) scanner.take();
    }
  }
}

void scan_long_text(benchmark::State& state) {
  Scanner scanner = opened();
  const std::string text = "<message><body>" + std::string(100'000, 'x') + "</body></message>";
  for (auto _ : state) {
    std::string_view input = text;
    HY_CHECK(scanner.next(input) == Event::element);
    Element element = scanner.take();
    benchmark::DoNotOptimize(element);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

Element one(std::string_view text) {
  Scanner scanner = opened();
  HY_CHECK(scanner.next(text) == Event::element);
  return scanner.take();
}

void copy_element(benchmark::State& state) {
  const Element element = one(message);
  state.counters["bytes"] = static_cast<double>(element.size());
  for (auto _ : state) {
    Element copy = element;
    benchmark::DoNotOptimize(copy);
  }
}

void write_message(benchmark::State& state) {
  const Element element = one(message);
  std::string out;
  for (auto _ : state) {
    out.clear();
    write(out, element, "jabber:client");
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["bytes"] = static_cast<double>(out.size());
}

void idle_memory(benchmark::State& state) {
  Scanner scanner = opened();
  for (auto _ : state) benchmark::DoNotOptimize(scanner.memory());
  state.counters["bytes"] = static_cast<double>(scanner.memory());
}

BENCHMARK(scan_message);
BENCHMARK(scan_message_in_chinese);
BENCHMARK(scan_burst);
BENCHMARK(scan_byte_by_byte);
BENCHMARK(scan_long_text);
BENCHMARK(copy_element);
BENCHMARK(write_message);
BENCHMARK(idle_memory);

}  // namespace
}  // namespace hy::xml
