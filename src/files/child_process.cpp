#include "files/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <utility>

extern "C" char** environ;

namespace tconv {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds moment{10};
constexpr std::size_t most_errors = 16 * 1024;

bool is_program(const fs::path& path) {
  std::error_code problem;
  return fs::is_regular_file(path, problem) && ::access(path.c_str(), X_OK) == 0;
}

// A descriptor that is closed.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return value_; }
  bool is_open() const { return value_ >= 0; }
  void close() {
    if (value_ >= 0) ::close(std::exchange(value_, -1));
  }

 private:
  int value_ = -1;
};

struct Pipe {
  Descriptor read;
  Descriptor write;

  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
  }
};

void make_nonblocking(const Descriptor& descriptor) {
  ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

// Writing to a program that reads no more raises SIGPIPE, which would end this one: it is held back on this thread, and
// taken away if it came from here.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    const int problem = errno;
    if (!was_pending_) {
      const timespec now{};
      while (sigtimedwait(&pipe_, nullptr, &now) == -1 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = problem;
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

// How the program is started: with these three descriptors and no others, no blocked signals, in a group of its own so
// that it can be ended with what it has started.
struct StartSettings {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};

  StartSettings(int in, int errors) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~StartSettings() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
  StartSettings(const StartSettings&) = delete;
  StartSettings& operator=(const StartSettings&) = delete;
};

}  // namespace

std::optional<fs::path> find_program(std::string_view name) {
  if (name.empty()) return std::nullopt;
  if (name.find('/') != std::string_view::npos) return is_program(name) ? std::optional(fs::path(name)) : std::nullopt;
  const char* const set = std::getenv("PATH");
  std::string_view rest = set != nullptr ? set : "/usr/local/bin:/usr/bin:/bin";
  while (true) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const fs::path folder = end == 0 ? "." : rest.substr(0, end);
    if (is_program(folder / name)) return folder / name;
    if (end == rest.size()) return std::nullopt;
    rest.remove_prefix(end + 1);
  }
}

class ChildProcess::Impl {
 public:
  Impl(const fs::path& program, const std::vector<std::string>& arguments) {
    Pipe in;
    Pipe errors;
    std::vector<std::string> words{program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const StartSettings settings(in.read.get(), errors.write.get());
    const int problem =
        ::posix_spawn(&id_, program.c_str(), &settings.actions, &settings.attributes, pointers.data(), environ);
    if (problem != 0) {
      throw std::runtime_error(program.string() + " cannot be started: " + std::generic_category().message(problem));
    }
    in_ = std::move(in.write);
    out_ = std::move(errors.read);
    make_nonblocking(in_);
    make_nonblocking(out_);
  }
  ~Impl() { kill(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  bool write(std::span<const std::byte> rest, const Progress& progress) {
    const NoPipeSignal guard;
    while (!rest.empty()) {
      if (!in_.is_open()) return false;
      const ssize_t count = ::write(in_.get(), rest.data(), rest.size());
      if (count > 0) {
        rest = rest.subspan(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN) {
        listen(moment, POLLOUT);
      } else if (errno != EINTR) {
        in_.close();
        return false;
      }
      progress.check();
    }
    return true;
  }

  void close_stdin() { in_.close(); }

  std::optional<int> wait_for(milliseconds time) {
    const auto end = Clock::now() + time;
    while (true) {
      if (ended()) return code_;
      const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
      if (left <= milliseconds{0}) return std::nullopt;
      listen(std::min(left, milliseconds{2}), 0);
    }
  }

  void kill() {
    if (ended()) return;
    ::kill(-id_, SIGKILL);
    ::kill(id_, SIGKILL);
    int status = 0;
    while (::waitpid(id_, &status, 0) == -1 && errno == EINTR) {
    }
    finish(status);
  }

  const std::string& errors() const { return errors_; }

 private:
  bool ended() {
    if (code_) return true;
    int status = 0;
    const pid_t found = ::waitpid(id_, &status, WNOHANG);
    if (found == 0 || (found == -1 && errno == EINTR)) return false;
    finish(status);
    return true;
  }

  void finish(int status) {
    code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    in_.close();
    read_errors();
  }

  /// Waits until there are words to read, or room to write if `room` is POLLOUT, or the time is over.
  void listen(milliseconds time, short room) {
    // Descriptors below 0 are left out.
    std::array<pollfd, 2> places{pollfd{out_.get(), POLLIN, 0}, pollfd{room != 0 ? in_.get() : -1, room, 0}};
    ::poll(places.data(), places.size(), static_cast<int>(time.count()));
    if (places[0].revents != 0) read_errors();
  }

  void read_errors() {
    std::array<char, 4096> buffer{};
    while (out_.is_open()) {
      const ssize_t count = ::read(out_.get(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return;
      if (count <= 0) {
        out_.close();
        return;
      }
      errors_.append(buffer.data(), static_cast<std::size_t>(count));
      if (errors_.size() > most_errors) errors_.erase(0, errors_.size() - most_errors);
    }
  }

  pid_t id_ = -1;
  Descriptor in_;   // its standard input
  Descriptor out_;  // its error output
  std::optional<int> code_;
  std::string errors_;
};

ChildProcess::ChildProcess(const fs::path& program, const std::vector<std::string>& arguments)
    : impl_(std::make_unique<Impl>(program, arguments)) {}
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;
ChildProcess& ChildProcess::operator=(ChildProcess&&) noexcept = default;
ChildProcess::~ChildProcess() = default;

bool ChildProcess::write(std::span<const std::byte> bytes, const Progress& progress) {
  return impl_->write(bytes, progress);
}
void ChildProcess::close_stdin() { impl_->close_stdin(); }
std::optional<int> ChildProcess::wait_for(milliseconds time) { return impl_->wait_for(time); }
void ChildProcess::kill() { impl_->kill(); }
const std::string& ChildProcess::errors() const { return impl_->errors(); }

int ChildProcess::wait(const Progress& progress) {
  while (true) {
    if (const auto code = impl_->wait_for(moment)) return *code;
    progress.check();
  }
}

std::string ChildProcess::last_error_line() const {
  std::string_view text = impl_->errors();
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos) return {};
  text = text.substr(0, last + 1);
  const std::size_t line_end = text.find_last_of("\r\n");
  std::string line(line_end == std::string_view::npos ? text : text.substr(line_end + 1));
  std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return line;
}

}  // namespace tconv
