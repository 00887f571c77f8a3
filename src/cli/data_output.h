#pragma once
// Flags that say where arrays go and how they are written: what `data` and `coverage` share.

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "export/data_format.h"

namespace tconv {

class DataOutput {
 public:
  /// Adds --output, --format and --bits; `app` then points into this object, which must not move.
  void add(CLI::App& app, const std::string& what);

  bool given() const;
  const std::string& path() const { return path_; }
  /// Whether --format or --bits say what it is, and not the extension alone.
  bool chosen_by_name() const;
  /// By --format, --bits 16 or the extension. Throws CliError (usage) when they name none or do not agree.
  DataFormat format() const;
  /// Writes the file, "-" to standard output. Throws CliError (could not).
  void write(const std::vector<NamedArray>& arrays, const DataHeader& header, const Progress& progress) const;
  /// Likewise of bytes that come from elsewhere.
  void write(const std::function<void(const ByteSink&)>& make) const;

 private:
  std::string path_;
  std::string format_;
  std::string bits_;
  CLI::Option* path_option_ = nullptr;
  CLI::Option* format_option_ = nullptr;
  CLI::Option* bits_option_ = nullptr;
};

}  // namespace tconv
