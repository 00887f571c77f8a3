#include "files/byte_sink.h"

#include <algorithm>

namespace tconv {

void send(std::span<const std::byte> bytes, const ByteSink& sink, const Progress& progress) {
  constexpr std::size_t piece = std::size_t{1} << 20;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    progress.at(static_cast<double>(at) / static_cast<double>(bytes.size()));
    sink(bytes.subspan(at, std::min(piece, bytes.size() - at)));
  }
  progress.at(1);
}

void send(std::string_view text, const ByteSink& sink) { sink(std::as_bytes(std::span(text))); }

}  // namespace tconv
