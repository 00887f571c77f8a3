#pragma once
// Many pictures that are much alike, in little memory.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "figure/color_map.h"

namespace tconv {

/// Pictures of one size, cut into pieces of a row: equal pieces are kept once, each as runs of a colour. A figure's
/// frames differ in a few places only, so hundreds of them take a few times the room of one.
class KeptFrames {
 public:
  static constexpr int piece_width = 64;  ///< pixels; the last of a row has the rest

  /// Throws std::runtime_error with one line when the picture has no pixels or another size than the first, and when
  /// all would take more than `max_bytes`.
  void add(std::shared_ptr<const Raster> picture);
  /// Only throws what `add` would throw for the picture's size.
  void check_size(const Raster& picture);
  /// The last picture that was added is not needed for comparing any more.
  void finish() { last_.reset(); }

  std::int64_t count() const { return static_cast<std::int64_t>(frames_.size()); }
  int width() const { return width_; }
  int height() const { return height_; }
  std::size_t pixel_count() const { return static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_); }

  /// All runs of all different pieces, one after another; a colour is the four bytes of a pixel, red first.
  std::span<const std::array<std::uint8_t, 4>> run_colors() const { return run_colors_; }
  std::span<const std::uint8_t> run_lengths() const { return run_lengths_; }
  std::size_t piece_count() const { return piece_ends_.size(); }
  std::size_t piece_begin(std::size_t piece) const { return piece == 0 ? 0 : piece_ends_[piece - 1]; }
  std::size_t piece_end(std::size_t piece) const { return piece_ends_[piece]; }
  /// The pieces of a picture, row by row from the top.
  std::span<const std::uint32_t> pieces(std::int64_t frame) const { return frames_[static_cast<std::size_t>(frame)]; }

  /// Picture `frame` with a value for each pixel: the one that `of_runs` has for the run it lies in.
  template <typename Value>
  void fill(std::int64_t frame, std::span<const Value> of_runs, std::span<Value> pixels) const {
    Value* out = pixels.data();
    for (const std::uint32_t piece : pieces(frame)) {
      for (std::size_t run = piece_begin(piece); run < piece_ends_[piece]; ++run) {
        out = std::fill_n(out, run_lengths_[run], of_runs[run]);
      }
    }
  }
  /// The picture as it was added, with a new id.
  std::shared_ptr<const Raster> picture(std::int64_t frame) const;

  static constexpr std::size_t max_bytes = std::size_t{2} << 30U;

 private:
  std::uint32_t piece_of(std::span<const std::uint8_t> pixels);
  bool is_piece(std::uint32_t piece, std::span<const std::uint8_t> pixels) const;

  int width_ = 0;
  int height_ = 0;
  std::vector<std::array<std::uint8_t, 4>> run_colors_;
  std::vector<std::uint8_t> run_lengths_;
  std::vector<std::size_t> piece_ends_;
  std::unordered_map<std::uint64_t, std::uint32_t> piece_by_hash_;
  std::vector<std::vector<std::uint32_t>> frames_;
  std::size_t frame_bytes_ = 0;
  std::shared_ptr<const Raster> last_;
};

}  // namespace tconv
