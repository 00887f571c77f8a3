#include "files/state_folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <optional>

#include "support/temp_dir.h"

namespace tconv {
namespace {

/// An environment variable with another value, or none, as long as this lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = ::getenv(name)) before_ = before;
    if (value == nullptr) {
      ::unsetenv(name);
    } else {
      ::setenv(name, value, 1);
    }
  }
  ~Variable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(StateFolder, FollowsTheEnvironment) {
  const Variable home("HOME", "/home/somebody");
  {
    const Variable state("XDG_STATE_HOME", "/state");
    EXPECT_EQ(user_state_folder(), "/state/tconv-studio");
  }
  for (const char* none : {"", "relative/state", static_cast<const char*>(nullptr)}) {
    const Variable state("XDG_STATE_HOME", none);
    EXPECT_EQ(user_state_folder(), "/home/somebody/.local/state/tconv-studio");
    const Variable homeless("HOME", nullptr);
    EXPECT_EQ(user_state_folder(), "");
  }
}

TEST(StateFolder, IsMadeForItsUserOnly) {
  const TempDir dir;
  EXPECT_TRUE(make_private_folder(dir / "a/b/c"));
  EXPECT_TRUE(make_private_folder(dir / "a/b/c"));
  struct stat status {};
  ASSERT_EQ(::stat((dir / "a/b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 077, 0u);
  dir.write("file", "x");
  EXPECT_FALSE(make_private_folder(dir / "file/below"));
}

}  // namespace
}  // namespace tconv
