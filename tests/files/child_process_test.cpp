#include "files/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "file_test_support.h"
#include "support/temp_dir.h"

namespace tconv {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

ChildProcess shell(const std::string& lines, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.begin(), {"-c", lines, "sh"});
  return {"/bin/sh", arguments};
}

TEST(ChildProcess, GetsItsBytesAndArgumentsAsTheyAre) {
  const TempDir dir;
  std::string bytes(1'000'000, 'x');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7919 >> 3);
  ChildProcess process = shell("cat > \"$1\"", {(dir / "a b;$(echo)'\"").string()});
  EXPECT_TRUE(process.write(bytes_of(bytes), {}));
  process.close_stdin();
  EXPECT_EQ(process.wait({}), 0);
  EXPECT_EQ(process.wait({}), 0) << "asked again";
  EXPECT_EQ(file_bytes(dir / "a b;$(echo)'\""), bytes);
  EXPECT_FALSE(process.write(bytes_of("x"), {}));
}

TEST(ChildProcess, KeepsWhatItSays) {
  ChildProcess process = shell("echo out; echo one >&2; printf 't\\033wo  \\n\\n' >&2; exit 7");
  EXPECT_EQ(process.wait({}), 7);
  EXPECT_EQ(process.errors(), "one\nt\033wo  \n\n");
  EXPECT_EQ(process.last_error_line(), "two");
  ChildProcess talkative = shell("i=0; while [ $i -lt 20000 ]; do echo $i >&2; i=$((i+1)); done");
  EXPECT_EQ(talkative.wait({}), 0);
  EXPECT_LE(talkative.errors().size(), 16U * 1024);
  EXPECT_EQ(talkative.last_error_line(), "19999");
  EXPECT_EQ(shell("exit 0").last_error_line(), "");
}

TEST(ChildProcess, AClosedPipeHarmsNobody) {
  ChildProcess process = shell("exec <&-; exit 3");
  const std::string bytes(1'000'000, 'x');
  EXPECT_FALSE(process.write(bytes_of(bytes), {}));
  EXPECT_EQ(process.wait({}), 3);
  sigset_t pending;
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  EXPECT_EQ(sigismember(&blocked, SIGPIPE), 0);
}

TEST(ChildProcess, EndsWhenNobodyWantsIt) {
  const TempDir dir;
  const auto start = steady_clock::now();
  const Progress progress({}, [&] { return steady_clock::now() - start > milliseconds(50); });
  {
    // A child of its own, too, that would say that it lived on.
    ChildProcess process = shell("(sleep 0.3; echo alive > \"$1\") & wait", {(dir / "alive").string()});
    const std::string bytes(1'000'000, 'x');
    EXPECT_THROW(process.write(bytes_of(bytes), progress), Cancelled);
    EXPECT_THROW(process.wait(progress), Cancelled);
    EXPECT_FALSE(process.wait_for(milliseconds(1)).has_value());
  }
  EXPECT_LT(steady_clock::now() - start, milliseconds(50 + 200)) << "with time for a busy machine";
  std::this_thread::sleep_for(milliseconds(350));
  EXPECT_EQ(dir.entries(), 0);
  ChildProcess process = shell("sleep 60");
  process.kill();
  EXPECT_EQ(process.wait_for(milliseconds(0)), 128 + SIGKILL);
}

TEST(ChildProcess, IsNotHeldUpByWhatItLeavesBehind) {
  const auto start = steady_clock::now();
  ChildProcess process = shell("sleep 1 & exit 0");
  EXPECT_EQ(process.wait({}), 0);
  EXPECT_LT(steady_clock::now() - start, milliseconds(500));
}

TEST(ChildProcess, ThatCannotBeStartedIsNamed) {
  const TempDir dir;
  for (const fs::path& program : {dir / "none", dir.write("no_program", "x")}) {
    try {
      ChildProcess(program, {});
      ADD_FAILURE() << "started";
    } catch (const std::runtime_error& error) {
      const std::string line = error.what();
      EXPECT_TRUE(line.starts_with(program.string() + " cannot be started: ")) << line;
    }
  }
}

TEST(FindProgram, LooksWhereAShellLooks) {
  const TempDir dir;
  fs::create_directories(dir / "one/tool");
  fs::create_directories(dir / "two");
  fs::create_directories(dir / "three");
  dir.write("two/tool", "#!/bin/sh\n");
  fs::permissions(dir / "two/tool", fs::perms::owner_read | fs::perms::owner_write);
  dir.write("three/tool", "#!/bin/sh\n");
  fs::permissions(dir / "three/tool", fs::perms::owner_all);
  const std::string before = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "";
  const std::string path =
      (dir / "one").string() + ":" + (dir / "two").string() + "::" + (dir / "three").string() + ":/none";
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(find_program("tool"), dir / "three/tool");
  EXPECT_FALSE(find_program("another").has_value());
  EXPECT_FALSE(find_program("").has_value());
  EXPECT_EQ(find_program((dir / "three/tool").string()), dir / "three/tool");
  EXPECT_FALSE(find_program((dir / "two/tool").string()).has_value());
  ::unsetenv("PATH");
  EXPECT_TRUE(find_program("sh").has_value());
  ::setenv("PATH", before.c_str(), 1);
}

}  // namespace
}  // namespace tconv
