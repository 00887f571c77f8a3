#include "files/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <thread>

#include "file_test_support.h"
#include "files/npy.h"
#include "support/temp_dir.h"

namespace tconv {
namespace {

namespace fs = std::filesystem;

TEST(AtomicFile, writes_new_and_existing_files) {
  const TempDir dir;
  write_file_atomically(dir / "a", "one");
  EXPECT_EQ(file_bytes(dir / "a"), "one");
  write_file_atomically(dir / "a", bytes_of("two, longer"));
  EXPECT_EQ(file_bytes(dir / "a"), "two, longer");
  write_file_atomically(dir / "a", "");
  EXPECT_EQ(file_bytes(dir / "a"), "");
  EXPECT_EQ(dir.entries(), 1);
}

TEST(AtomicFile, writes_to_the_longest_names_and_to_relative_ones) {
  const TempDir dir;
  const std::string longest(255, 'n');
  write_file_atomically(dir / longest, "x");
  EXPECT_EQ(file_bytes(dir / longest), "x");
  const fs::path before = fs::current_path();
  fs::current_path(dir.path());
  write_file_atomically("relative", "y");
  fs::current_path(before);
  EXPECT_EQ(file_bytes(dir / "relative"), "y");
  expect_file_error([&] { write_file_atomically(dir / std::string(256, 'n'), "x"); }, {"File name too long"});
}

TEST(AtomicFile, names_the_path_and_the_reason_when_it_cannot) {
  const TempDir dir;
  fs::create_directory(dir / "folder");
  dir.write("file", "kept");
  expect_file_error([&] { write_file_atomically(dir / "none/a", "x"); },
                    {(dir / "none/a").string(), "cannot be written", "No such file or directory"});
  expect_file_error([&] { write_file_atomically(dir / "folder", "x"); }, {"Is a directory", "name a file in it"});
  expect_file_error([&] { write_file_atomically(dir / "folder/", "x"); }, {"Is a directory"});
  expect_file_error([&] { write_file_atomically(dir / "new/", "x"); }, {"Is a directory"});
  expect_file_error([&] { write_file_atomically(dir / "file/a", "x"); }, {"Not a directory"});
  expect_file_error([] { write_file_atomically("", "x"); }, {"empty"});
  EXPECT_EQ(file_bytes(dir / "file"), "kept");
  EXPECT_EQ(dir.entries(), 2);
}

TEST(AtomicFile, leaves_read_only_things_alone) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const TempDir dir;
  fs::permissions(dir.write("kept", "old"), fs::perms::owner_read);
  expect_file_error([&] { write_file_atomically(dir / "kept", "new"); }, {"Permission denied"});
  EXPECT_EQ(file_bytes(dir / "kept"), "old");
  fs::create_directory(dir / "folder");
  fs::permissions(dir / "folder", fs::perms::owner_read | fs::perms::owner_exec);
  expect_file_error([&] { write_file_atomically(dir / "folder/a", "new"); }, {"Permission denied"});
  fs::permissions(dir / "folder", fs::perms::owner_all);
  EXPECT_TRUE(fs::is_empty(dir / "folder"));
  EXPECT_EQ(dir.entries(), 2);
}

TEST(AtomicFile, keeps_the_mode_of_an_existing_file) {
  const TempDir dir;
  const fs::path path = dir.write("a", "old");
  ::chmod(path.c_str(), 0640);
  write_file_atomically(path, "new");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
}

TEST(AtomicFile, follows_symbolic_links) {
  const TempDir dir;
  fs::create_directory(dir / "folder");
  dir.write("folder/target", "old");
  fs::create_symlink("folder/target", dir / "link");
  fs::create_symlink("link", dir / "link_to_link");
  write_file_atomically(dir / "link_to_link", "new");
  EXPECT_TRUE(fs::is_symlink(dir / "link"));
  EXPECT_TRUE(fs::is_symlink(dir / "link_to_link"));
  EXPECT_EQ(file_bytes(dir / "folder/target"), "new");
  fs::create_symlink("folder/later", dir / "dangling");
  write_file_atomically(dir / "dangling", "made");
  EXPECT_EQ(file_bytes(dir / "folder/later"), "made");
  fs::create_symlink("loop", dir / "loop");
  expect_file_error([&] { write_file_atomically(dir / "loop", "x"); }, {"symbolic links"});
  EXPECT_EQ(dir.entries(), 5);
}

TEST(AtomicFile, writes_straight_to_what_is_not_a_regular_file) {
  write_file_atomically("/dev/null", "x");
  if (fs::exists("/dev/full"))
    expect_file_error([] { write_file_atomically("/dev/full", "x"); }, {"/dev/full", "No space left"});
  const TempDir dir;
  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
  std::string received;
  std::thread reader([&] { received = file_bytes(dir / "pipe"); });
  write_file_atomically(dir / "pipe", "through");
  reader.join();
  EXPECT_EQ(received, "through");
  EXPECT_TRUE(fs::is_fifo(dir / "pipe"));
}

TEST(AtomicFile, writes_to_an_open_descriptor_without_replacing_its_file) {
  const TempDir dir;
  std::FILE* const file = std::fopen((dir / "log").c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fputs("before ", file);
  const std::string path = "/dev/fd/" + std::to_string(::fileno(file));
  write_file_atomically(path, "written ");
  std::fputs("after", file);
  std::fclose(file);
  EXPECT_EQ(file_bytes(dir / "log"), "before written after");
  EXPECT_EQ(dir.entries(), 1);
}

TEST(AtomicFile, leaves_nothing_behind_when_the_disk_is_full) {
  const TempDir dir;
  dir.write("a", "old");
  struct FileSizeLimit {
    FileSizeLimit() {
      ::getrlimit(RLIMIT_FSIZE, &before);
      previous = std::signal(SIGXFSZ, SIG_IGN);
      rlimit small = before;
      small.rlim_cur = 100;
      ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~FileSizeLimit() {
      ::setrlimit(RLIMIT_FSIZE, &before);
      std::signal(SIGXFSZ, previous);
    }
    rlimit before{};
    void (*previous)(int) = nullptr;
  };
  std::string message;
  {
    const FileSizeLimit guard;
    try {
      write_file_atomically(dir / "a", std::string(1000, 'n'));
    } catch (const FileError& error) {
      message = error.what();
    }
  }
  EXPECT_NE(message.find("File too large"), std::string::npos) << message;
  EXPECT_EQ(file_bytes(dir / "a"), "old");
  EXPECT_EQ(dir.entries(), 1);
}

TEST(AtomicFile, reads_arrays_from_pipes_without_believing_their_header) {
  const TempDir dir;
  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
  const auto send = [&](const std::string& bytes) {
    return std::thread([&dir, bytes] { std::ofstream(dir / "pipe", std::ios::binary) << bytes; });
  };
  std::thread whole = send(npy_file(npy_dict("|u1", "(2, 2)", true), "\1\2\3\4"));
  EXPECT_EQ(read_npy(dir / "pipe"), Tensor(Shape{2, 2}, {1, 3, 2, 4}));
  whole.join();
  std::thread claimed = send(npy_file(npy_dict("<f8", "(100000000000,)"), std::string(20, 'd')));
  expect_file_error([&] { read_npy(dir / "pipe"); }, {"need 800000000000 bytes, have 20"});
  claimed.join();
}

TEST(AtomicFile, reading_names_what_cannot_be_opened) {
  const TempDir dir;
  expect_file_error([&] { read_npy(dir / "none.npy"); },
                    {"none.npy", "cannot be opened", "No such file", "check the path"});
  expect_file_error([&] { read_npy(dir.path()); }, {"Is a directory"});
  expect_file_error([] { read_npy(""); }, {"empty"});
  expect_file_error([&] { read_npy(dir.write("empty.npy", "")); }, {"empty.npy", "the file is empty"});
  expect_file_error([&] { read_npy(dir / "two\nlines"); }, {"two\\x0alines"});
  if (::geteuid() == 0) return;
  fs::permissions(dir.write("closed.npy", "x"), fs::perms::none);
  expect_file_error([&] { read_npy(dir / "closed.npy"); }, {"Permission denied", "permissions"});
}

}  // namespace
}  // namespace tconv
