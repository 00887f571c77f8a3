#include "export/kept_frames.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace tconv {
namespace {

std::uint64_t hash_of(std::span<const std::uint8_t> pixels) {
  std::uint64_t hash = pixels.size();
  for (std::size_t i = 0; i < pixels.size(); i += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, pixels.data() + i, sizeof word);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 29U;
  }
  return hash;
}

/// How many pixels from `pixels` on have the same colour.
std::size_t run_length(std::span<const std::uint8_t> pixels) {
  std::size_t end = 4;
  while (end < pixels.size() && std::memcmp(pixels.data(), pixels.data() + end, 4) == 0) end += 4;
  return end / 4;
}

}  // namespace

void KeptFrames::check_size(const Raster& raster) {
  if (raster.width < 1 || raster.height < 1) throw std::runtime_error("a picture of the animation has no pixels");
  if (width_ == 0) {
    width_ = raster.width;
    height_ = raster.height;
  }
  if (raster.width != width_ || raster.height != height_) {
    throw std::runtime_error("the pictures of an animation must have one size: one has " +
                             std::to_string(raster.width) + " × " + std::to_string(raster.height) +
                             " pixels, the first " + std::to_string(width_) + " × " + std::to_string(height_));
  }
}

void KeptFrames::add(std::shared_ptr<const Raster> picture) {
  const Raster& raster = *picture;
  check_size(raster);
  const auto row_bytes = static_cast<std::size_t>(width_) * 4;
  constexpr std::size_t piece_bytes = piece_width * 4;
  std::vector<std::uint32_t> pieces;
  pieces.reserve(pixel_count() / piece_width + static_cast<std::size_t>(height_));
  const std::span<const std::uint32_t> before = frames_.empty() ? std::span<const std::uint32_t>() : frames_.back();
  for (std::size_t y = 0; y < static_cast<std::size_t>(height_); ++y) {
    for (std::size_t x = 0; x < row_bytes; x += piece_bytes) {
      const std::size_t at = y * row_bytes + x;
      const auto pixels = std::span(raster.rgba).subspan(at, std::min(piece_bytes, row_bytes - x));
      const bool same = last_ && std::memcmp(last_->rgba.data() + at, pixels.data(), pixels.size()) == 0;
      pieces.push_back(same ? before[pieces.size()] : piece_of(pixels));
    }
  }
  frame_bytes_ += pieces.size() * sizeof(std::uint32_t);
  frames_.push_back(std::move(pieces));
  last_ = std::move(picture);
  // A piece costs some forty bytes in the table besides its runs.
  if (frame_bytes_ + run_lengths_.size() * 5 + piece_ends_.size() * 48 > max_bytes) {
    throw std::runtime_error(
        "the pictures of the animation take more than 2 GiB of memory; choose fewer steps or a smaller size");
  }
}

bool KeptFrames::is_piece(std::uint32_t piece, std::span<const std::uint8_t> pixels) const {
  for (std::size_t run = piece_begin(piece); run < piece_ends_[piece]; ++run) {
    const std::size_t length = run_lengths_[run];
    if (pixels.size() < length * 4) return false;
    for (std::size_t i = 0; i < length; ++i) {
      if (std::memcmp(pixels.data() + i * 4, run_colors_[run].data(), 4) != 0) return false;
    }
    pixels = pixels.subspan(length * 4);
  }
  return pixels.empty();
}

std::uint32_t KeptFrames::piece_of(std::span<const std::uint8_t> pixels) {
  // Should two pieces have one hash, the second is found under the next.
  std::uint64_t hash = hash_of(pixels);
  for (;; ++hash) {
    const auto found = piece_by_hash_.find(hash);
    if (found == piece_by_hash_.end()) break;
    if (is_piece(found->second, pixels)) return found->second;
  }
  const auto piece = static_cast<std::uint32_t>(piece_ends_.size());
  piece_by_hash_.emplace(hash, piece);
  while (!pixels.empty()) {
    const std::size_t length = run_length(pixels);
    run_colors_.push_back({pixels[0], pixels[1], pixels[2], pixels[3]});
    run_lengths_.push_back(static_cast<std::uint8_t>(length));
    pixels = pixels.subspan(length * 4);
  }
  piece_ends_.push_back(run_lengths_.size());
  return piece;
}

std::shared_ptr<const Raster> KeptFrames::picture(std::int64_t frame) const {
  const std::shared_ptr<Raster> raster = blank_raster(width_, height_);
  std::uint8_t* out = raster->rgba.data();
  for (const std::uint32_t piece : pieces(frame)) {
    for (std::size_t run = piece_begin(piece); run < piece_ends_[piece]; ++run) {
      for (int i = run_lengths_[run]; i > 0; --i) out = std::ranges::copy(run_colors_[run], out).out;
    }
  }
  return raster;
}

}  // namespace tconv
