#pragma once
// A window with a folder for documents and a state folder, which can be ended, killed and started again.

#include <gtest/gtest.h>

#include <optional>

#include "driver.h"
#include "support/temp_dir.h"

namespace tconv::test {

namespace fs = std::filesystem;

class DocumentsFixture : public testing::Test {
 protected:
  DocumentsFixture() { start(); }

  Driver& hands() { return *hands_; }
  Session& session() { return hands_->session(); }
  const std::string& message() { return session().message().text; }
  fs::path path(const std::string& name) const { return dir_ / name; }
  fs::path state() const { return dir_ / "state"; }

  void start() { hands_.emplace(Size{1440, 900}, true, state()); }
  /// The program ends as by kill -9: nothing is tidied up.
  void kill() { hands_.reset(); }
  void end() {
    hands().studio().end();
    hands_.reset();
  }
  std::ptrdiff_t kept() const {
    std::error_code none;
    const fs::directory_iterator items(state() / "autosave", none);
    return none ? 0 : std::distance(items, fs::directory_iterator());
  }

  void save_as(const std::string& name) {
    hands().key('S', true, true);
    ASSERT_TRUE(hands().state().dialog.is_open());
    hands().type(path(name).string());
    hands().key(key_enter);
  }
  void open(const std::string& name) {
    hands().key('O', true);
    hands().type(path(name).string());
    hands().key(key_enter);
  }

  const TempDir dir_;
  std::optional<Driver> hands_;
};

}  // namespace tconv::test
