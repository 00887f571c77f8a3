#include "cli/data_output.h"

#include <algorithm>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/layer_flags.h"
#include "core/names.h"
#include "files/atomic_file.h"
#include "files/extension.h"
#include "files/file_error.h"

namespace tconv {

void DataOutput::add(CLI::App& app, const std::string& what) {
  std::string ids;
  for (const DataFormat& format : listed_data_formats()) ids += (ids.empty() ? "" : ", ") + std::string(format.id);
  path_option_ = app.add_option("--output", path_, what + "; - for standard output")->type_name("FILE");
  format_option_ = app.add_option("--format", format_, "the format whatever the extension: " + ids)->type_name("ID");
  bits_option_ = app.add_option("--bits", bits_, "16: a .png of raw values, 16 bits a cell")->type_name("N");
}

bool DataOutput::given() const { return path_option_->count() > 0; }

DataFormat DataOutput::format() const {
  if (path_.empty()) throw usage_error("--output: the file name is empty");
  if (bits_option_->count() > 0 && parse_number("--bits", bits_) != 16) {
    throw usage_error("--bits: must be 16, found " + tconv::quoted(bits_));
  }
  const auto formats = listed_data_formats();
  std::vector<std::string_view> names;
  if (format_option_->count() > 0) {
    const auto found = std::ranges::find(formats, format_, &DataFormat::id);
    if (found == formats.end()) {
      for (const DataFormat& format : formats) names.push_back(format.id);
      throw usage_error("--format: there is no format " + tconv::quoted(format_) + "; " + suggestion(format_, names));
    }
    if (bits_option_->count() > 0 && found->id != "png16") {
      throw usage_error("--bits: only a .png has bits, not " + std::string(found->id));
    }
    return *found;
  }
  const std::string extension = lower_extension(path_);
  const auto found = std::ranges::find(formats, extension, &DataFormat::extension);
  if (found == formats.end()) {
    for (const DataFormat& format : formats) names.push_back(format.extension);
    if (path_ == "-" || path_.starts_with("/dev/")) {
      throw usage_error("--format is required, since " + tconv::quoted(path_) + " has no extension");
    }
    throw usage_error("--output: no format has the extension of " + tconv::quoted(path_, 200) +
                      "; known: " + listed(names));
  }
  if (bits_option_->count() > 0 && found->id != "png16") {
    throw usage_error("--bits: only a .png has bits, not " + std::string(found->extension));
  }
  return *found;
}

bool DataOutput::chosen_by_name() const { return format_option_->count() + bits_option_->count() > 0; }

void DataOutput::write(const std::vector<NamedArray>& arrays, const DataHeader& header,
                       const Progress& progress) const {
  const DataFormat how = format();
  write([&](const ByteSink& sink) { how.write(arrays, header, sink, progress); });
}

void DataOutput::write(const std::function<void(const ByteSink&)>& make) const {
  try {
    AtomicFile file(path_ == "-" ? "/dev/stdout" : path_);
    make([&](std::span<const std::byte> bytes) { file.write(bytes); });
    file.finish();
    command_progress().check();
    file.commit();
  } catch (const FileError& error) {
    throw CliError(ExitCode::could_not, {error.what()});
  }
}

}  // namespace tconv
