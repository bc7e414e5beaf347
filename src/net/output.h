// Bytes on their way to a socket. Holds no memory when there are none.
#pragma once

#include <string>
#include <string_view>

namespace hy::net {

class Output {
 public:
  enum class Sent { all, some, broken };

  std::size_t size() const { return bytes_.size() - sent_; }
  bool empty() const { return bytes_.empty(); }
  /// Where to append. What was sent may still be in front.
  std::string& bytes() { return bytes_; }
  /// Writes what the kernel takes now.
  Sent send(int socket);
  void clear();

 private:
  std::string bytes_;
  std::size_t sent_ = 0;
};

}  // namespace hy::net
