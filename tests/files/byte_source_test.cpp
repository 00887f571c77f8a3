#include "files/byte_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

namespace tconv {
namespace {

/// Lets what is written to `to()` arrive at standard input while it lives.
class PipedThrough {
 public:
  explicit PipedThrough(std::array<int, 2> ends) : before_(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)), to_(ends[1]) {
    EXPECT_EQ(::dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ::close(ends[0]);
  }
  ~PipedThrough() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }
  PipedThrough(const PipedThrough&) = delete;
  PipedThrough& operator=(const PipedThrough&) = delete;

  void write(const std::string& text) const {
    EXPECT_EQ(::write(to_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(to_);
  }

 private:
  int before_;
  int to_;
};

std::string all_of_standard_input() {
  ByteSource source = ByteSource::standard_input();
  EXPECT_EQ(source.name(), "standard input");
  EXPECT_FALSE(source.size().has_value());
  std::string text;
  for (const std::byte byte : read_all(source, 1000)) text += static_cast<char>(byte);
  return text;
}

TEST(ByteSource, ReadsStandardInputFromAPipeAndFromASocket) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  {
    const PipedThrough pipe(ends);
    pipe.write("through a pipe");
    EXPECT_EQ(all_of_standard_input(), "through a pipe");
  }
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const PipedThrough socket(ends);
  socket.write("through a socket");
  EXPECT_EQ(all_of_standard_input(), "through a socket");
}

}  // namespace
}  // namespace tconv
