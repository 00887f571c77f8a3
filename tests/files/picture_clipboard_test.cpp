#include "files/picture_clipboard.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "support/temp_dir.h"

namespace tconv {
namespace {

namespace fs = std::filesystem;

/// The environment's variables as they were, at the end of a test.
class Environment {
 public:
  void set(const char* name, const std::string& value) {
    remember(name);
    ::setenv(name, value.c_str(), 1);
  }
  void unset(const char* name) {
    remember(name);
    ::unsetenv(name);
  }
  ~Environment() {
    for (const auto& [name, value] : before_) {
      if (value) {
        ::setenv(name.c_str(), value->c_str(), 1);
      } else {
        ::unsetenv(name.c_str());
      }
    }
  }

 private:
  void remember(const char* name) {
    const char* value = ::getenv(name);
    before_.emplace_back(name, value != nullptr ? std::optional<std::string>(value) : std::nullopt);
  }
  std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

class PictureClipboard : public ::testing::Test {
 protected:
  TempDir dir;
  Environment environment;

  void SetUp() override {
    environment.set("PATH", dir.path().string() + ":/usr/bin:/bin");
    environment.set("DISPLAY", ":1234");
    environment.unset("WAYLAND_DISPLAY");
  }
  void stand_in(const std::string& name, const std::string& script) {
    const fs::path path = dir.write(name, "#!/bin/sh\n" + script + "\n");
    fs::permissions(path, fs::perms::owner_all);
  }
  std::string content(const std::string& name) {
    std::ifstream file(dir / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string failure() {
    try {
      copy_png("picture", {});
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(PictureClipboard, XclipGetsThePictureAndItsKind) {
  stand_in("xclip", "echo \"$@\" > " + (dir / "arguments").string() + "; cat > " + (dir / "taken").string());
  std::string png(300'000, 'x');
  png[5] = '\0';
  copy_png(png, {});
  EXPECT_TRUE(content("taken") == png);
  EXPECT_EQ(content("arguments"), "-selection clipboard -t image/png -i\n");
}

TEST_F(PictureClipboard, OnWaylandItIsWlCopy) {
  environment.set("WAYLAND_DISPLAY", "wayland-0");
  stand_in("xclip", "exit 1");
  stand_in("wl-copy", "echo \"$@\" > " + (dir / "arguments").string() + "; cat > " + (dir / "taken").string());
  copy_png("picture", {});
  EXPECT_EQ(content("taken"), "picture");
  EXPECT_EQ(content("arguments"), "--type image/png\n");
}

TEST_F(PictureClipboard, AToolThatStaysBehindIsNotWaitedFor) {
  stand_in("xclip", "cat > " + (dir / "taken").string() + "; sleep 20 &");
  copy_png("picture", {});
  EXPECT_EQ(content("taken"), "picture");
}

TEST_F(PictureClipboard, FailuresAreOneLine) {
  stand_in("xclip", "cat >/dev/null; echo 'Error: Can not open display' >&2; exit 1");
  EXPECT_EQ(failure(), "The picture was not copied: xclip: Error: Can not open display");
  environment.unset("DISPLAY");
  EXPECT_EQ(failure(), "There is no desktop whose clipboard could take a picture");
  environment.set("DISPLAY", ":1");
  environment.set("PATH", dir.path().string());
  fs::remove(dir / "xclip");
  EXPECT_EQ(failure(), "Copying pictures needs wl-copy (Wayland) or xclip (X11): install wl-clipboard or xclip");
}

TEST_F(PictureClipboard, CanBeCancelled) {
  stand_in("xclip", "sleep 20");
  EXPECT_THROW(copy_png("picture", Progress({}, [] { return true; })), Cancelled);
}

}  // namespace
}  // namespace tconv
