#include "export/data_format.h"

#include <algorithm>

#include "document/embedded_document.h"
#include "document/pytorch_code.h"
#include "document/verdict.h"
#include "files/atomic_file.h"

namespace tconv {

DataHeader data_header(const View& view, const Document& document) {
  DataHeader header{std::string(view.label), {}, embedded_text(document)};
  header.words.push_back(pytorch_code(document.scenario.layer));
  const std::string text = describe(document.scenario, validate(document.scenario));
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) header.words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return header;
}

std::optional<DataFormat> find_data_format(std::string_view id) {
  const auto formats = listed_data_formats();
  const auto found = std::ranges::find(formats, id, &DataFormat::id);
  if (found == formats.end()) return std::nullopt;
  return *found;
}

void write_data(const DataFormat& format, const std::vector<NamedArray>& arrays, const DataHeader& header,
                const std::filesystem::path& path, const Progress& progress) {
  AtomicFile file(path);
  format.write(
      arrays, header, [&](std::span<const std::byte> bytes) { file.write(bytes); }, progress);
  file.finish();
  progress.check();
  file.commit();
}

std::string data_bytes(const DataFormat& format, const std::vector<NamedArray>& arrays, const DataHeader& header,
                       const Progress& progress) {
  std::string out;
  format.write(
      arrays, header,
      [&](std::span<const std::byte> bytes) { out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size()); },
      progress);
  return out;
}

}  // namespace tconv
