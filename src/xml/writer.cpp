#include "xml/writer.h"

#include "xml/buffer.h"
#include "xml/chars.h"

namespace hy::xml {
namespace {

void put_text(std::string& out, std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  for (const char* p = begin; p != end;) {
    const char* const stop = find_in_text(p, end);
    out.append(p, stop);
    p = stop;
    if (p == end) break;
    switch (*p) {
      case '<':
        out += "&lt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        // XML 1.0 §2.4: "]]>" only. What stands before the first byte of a piece is not known here.
        if (p == begin || p[-1] == ']') {
          out += "&gt;";
        } else {
          out += '>';
        }
    }
    ++p;
  }
}

void put_value(std::string& out, std::string_view value) {
  const char* const end = value.data() + value.size();
  for (const char* p = value.data(); p != end;) {
    const char* const stop = find_in_value(p, end, '\'');
    out.append(p, stop);
    p = stop;
    if (p == end) break;
    switch (*p) {
      case '<':
        out += "&lt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\'':
        out += "&apos;";
        break;
      case '\t':
        out += "&#9;";
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:  // no other is in an Element, nor behind put_clean
        break;
    }
    ++p;
  }
}

// Calls `put` for the good stretches of `text`, with U+FFFD between them.
void put_clean(std::string& out, std::string_view text, void (*put)(std::string&, std::string_view)) {
  while (true) {
    Chars why = Chars::ok;
    const std::size_t good = find_bad_char(text, why);
    put(out, text.substr(0, good));
    text.remove_prefix(good);
    if (text.empty()) return;
    next_char(text);
    append_utf8(out, 0xFFFD);
  }
}

}  // namespace

class Writer {
 public:
  Writer(std::string& out, const Element& element, const Surroundings& around)
      : out_(out), element_(element), around_(around) {}

  // The nodes from `from` up to `end`, which lie side by side in one element or are one.
  void write(std::uint32_t from, std::uint32_t end) {
    std::string_view default_ns = around_.default_ns;
    std::uint32_t inside_until = end;
    for (std::uint32_t i = from;;) {
      while (i == inside_until) {
        if (open_.empty()) return;
        close(open_.back());
        default_ns = open_.back().outer_ns;
        inside_until = open_.back().outer_end;
        open_.pop();
      }
      const Node& node = element_.nodes_[i];
      if (node.kind == Element::Kind::text) {
        put_text(out_, element_.name_of(node));
        ++i;
        continue;
      }
      const Names names = start(node, default_ns);
      const std::uint32_t after = i + node.span;
      const std::uint32_t inside = attributes(i + 1);
      if (inside == after) {
        out_ += "/>";
      } else {
        out_ += '>';
        open_.push({.index = i, .outer_end = inside_until, .outer_ns = default_ns, .prefix = names.prefix});
        default_ns = names.default_ns;
        inside_until = after;
      }
      i = inside;
    }
  }

  static void write(std::string& out, View view, const Surroundings& around, bool only_inside) {
    if (!view) return;
    const Element& element = *view.owner_;
    const std::uint32_t end = view.index_ + element.nodes_[view.index_].span;
    std::uint32_t from = view.index_;
    if (only_inside) {
      for (++from; from < end && element.nodes_[from].kind == Element::Kind::attribute;) ++from;
    }
    Writer(out, element, around).write(from, end);
  }

 private:
  using Node = Element::Node;
  struct Open {
    std::uint32_t index;
    std::uint32_t outer_end;
    std::string_view outer_ns;
    std::string_view prefix;
  };

  // "xml" needs no declaration and its namespace can have no other prefix (Namespaces in XML §3).
  std::string_view prefix_of(std::string_view ns) const {
    if (ns == xml_ns) return "xml";
    return !ns.empty() && ns == around_.prefix_ns ? around_.prefix : std::string_view();
  }

  struct Names {
    std::string_view prefix;
    std::string_view default_ns;  // in force inside
  };

  // Opens the tag, with the default namespace where it changes.
  Names start(const Node& node, std::string_view default_ns) {
    std::string_view ns = element_.ns_of(node);
    out_ += '<';
    if (ns != default_ns && !ns.empty() && ns == around_.alias_ns) ns = around_.default_ns;
    if (ns == default_ns) {
      out_ += element_.name_of(node);
      return {{}, default_ns};
    }
    const std::string_view prefix = prefix_of(ns);
    put_name(prefix, node);
    if (!prefix.empty()) return {prefix, default_ns};
    out_ += " xmlns='";
    put_value(out_, ns);
    out_ += '\'';
    return {{}, ns};
  }

  void put_name(std::string_view prefix, const Node& node) {
    if (!prefix.empty()) out_.append(prefix).append(1, ':');
    out_ += element_.name_of(node);
  }

  std::uint32_t attributes(std::uint32_t first) {
    std::uint32_t i = first;
    for (; i < element_.nodes_.size() && element_.nodes_[i].kind == Element::Kind::attribute; ++i) {
      const Node& node = element_.nodes_[i];
      out_ += ' ';
      if (node.ns_size) attribute_prefix(first, i);
      out_ += element_.name_of(node);
      out_ += "='";
      put_value(out_, element_.value_of(node));
      out_ += '\'';
    }
    return i;
  }

  // A prefix for an attribute: that of the first one here with the same namespace, which declares it.
  void attribute_prefix(std::uint32_t first, std::uint32_t index) {
    const std::string_view ns = element_.ns_of(element_.nodes_[index]);
    if (const std::string_view prefix = prefix_of(ns); !prefix.empty()) {
      out_.append(prefix).append(1, ':');
      return;
    }
    std::uint32_t same = first;
    while (element_.ns_of(element_.nodes_[same]) != ns) ++same;
    const std::string prefix = "ns" + std::to_string(same - first);
    if (same == index) {
      out_.append("xmlns:").append(prefix).append("='");
      put_value(out_, ns);
      out_ += "' ";
    }
    out_.append(prefix).append(1, ':');
  }

  void close(const Open& open) {
    out_ += "</";
    put_name(open.prefix, element_.nodes_[open.index]);
    out_ += '>';
  }

  std::string& out_;
  const Element& element_;
  const Surroundings& around_;
  Buffer<Open, 8> open_;
};

void write(std::string& out, View element, const Surroundings& around) {
  Writer::write(out, element, around, false);
}

void write(std::string& out, View element, std::string_view default_ns) {
  write(out, element, Surroundings{.default_ns = default_ns});
}

std::string to_string(View element, std::string_view default_ns) {
  std::string out;
  write(out, element, default_ns);
  return out;
}

void write_inside(std::string& out, View element, const Surroundings& around) {
  Writer::write(out, element, around, true);
}

void write_inside(std::string& out, View element, std::string_view default_ns) {
  write_inside(out, element, Surroundings{.default_ns = default_ns});
}

void escape_text(std::string& out, std::string_view text) {
  put_clean(out, text, put_text);
}

void escape_attribute(std::string& out, std::string_view value) {
  put_clean(out, value, put_value);
}

}  // namespace hy::xml
